"""The words that differ between two texts, and texts cut to a length that a line can hold."""

from __future__ import annotations

_CONTEXT = 2
_LIMIT = 90


def short(text: str, limit: int = _LIMIT) -> str:
    """The text on one line, cut in the middle of nothing: at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def changed_words(old: str, new: str) -> tuple[str, str]:
    """The differing middle of both texts, with two words of context on either side."""
    before, after = old.split(), new.split()
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    return _middle(before, head, tail), _middle(after, head, tail)


def differing(old: str, new: str) -> tuple[str, str]:
    """The words that only one of both texts has, without what stands around them."""
    before, after = old.split(), new.split()
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    return " ".join(before[head : len(before) - tail]), " ".join(after[head : len(after) - tail])


def _common(a: list[str], b: list[str]) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


def _middle(words: list[str], head: int, tail: int) -> str:
    start, end = max(head - _CONTEXT, 0), min(len(words) - tail + _CONTEXT, len(words))
    left, right = "… " if start else "", " …" if end < len(words) else ""
    return short(f"{left}{' '.join(words[start:end])}{right}")
