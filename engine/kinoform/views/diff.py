"""Two states of one film as text and as one document. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, get_args

from kinoform.core.compare import Kind
from kinoform.core.money import dollars, text
from kinoform.views import plan as plans
from kinoform.views.fields import NAMED, within
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from kinoform.core.commits import Commit
    from kinoform.core.compare import Change, Side
    from kinoform.core.types import Blob
    from kinoform.views.fields import Fields

VERSION = 1
SHOWN = 12  # digits of a digest that people are shown
_WORDS: Final = {
    "added": "new",
    "removed": "gone",
    "moved": "moved",
    "changed": "changed",
    "remade": "another result",
    "stale": "to be made again",
}
_NAME: Final[Fields] = {
    "name": "string: a revision, or a folder",
    "commit": "string or null: its id in git",
    "day": "string or null: of the commit, YYYY-MM-DD",
    "author": "string or null: of the commit",
    "subject": "string or null: the first line of its message",
    "paid": "money: for all that it has",
    **plans.priced("price", "to bring it up to date"),
    "seconds": "number: of the cut",
}
_BLOB: Final[Fields] = {
    "digest": "string: of the artifact that stands",
    "media": "string: its type",
    "width": "integer or null: pixels",
    "height": "integer or null: pixels",
    "seconds": "number or null: of a clip",
}
FIELDS: Final[Fields] = {
    **NAMED,
    "old": "map: the first state",
    **within("old", _NAME),
    "new": "map: the second state",
    **within("new", _NAME),
    "counts": "map: how many steps of each kind of change",
    "steps": "list: each step that differs, in the order of the second state; what is gone comes last",
    **within(
        "steps[]",
        {
            "id": "string: of the step",
            "was": "string or null: its id in the first state, where it moved",
            "kind": "string: added, removed, moved, changed (its request), remade"
            " (its result) or stale (what it is made from, so that it will be made again)",
            "reasons": "list: what its request says otherwise",
            **within("reasons[]", plans.REASON),
            "old": "map or null: the artifact that stood for it",
            **within("old", _BLOB),
            "new": "map or null: the artifact that stands for it",
            **within("new", _BLOB),
            **plans.priced("price", "to bring it up to date"),
        },
    ),
}


def title(name: str, commit: Commit | None) -> str:
    """A side in words: `main, 3f2a1b9 (2026-11-20, ana: brighter flame)`."""
    return f"{name}, {commit}" if commit else name


def kind(change: Change) -> str:
    """The kind of a change in a word or two."""
    return f"{_WORDS[change.kind]}: was {change.was}" if change.was else _WORDS[change.kind]


def said(change: Change) -> list[str]:
    """What differs, one sentence each."""
    return [*map(plans.words, change.reasons), *_stands(change), *money(change)]


def _stands(change: Change) -> Iterator[str]:
    old, new = change.old, change.new
    if change.kind not in ("added", "removed", "stale") and old != new:
        yield f"result: {digest(old) if old else 'none'} → {digest(new) if new else 'none'}"


def money(change: Change) -> Iterator[str]:
    """What it will cost, where that is anything."""
    if change.price.worst:
        yield f"to spend: {plans.price_text(change.price)}"


def digest(blob: Blob) -> str:
    """The digits of a digest that people are shown."""
    return blob.digest.removeprefix("sha256:")[:SHOWN]


def lines(changes: Sequence[Change]) -> Iterator[str]:
    """One line for each step that differs, and what differs below it."""
    wide = max((len(change.step) for change in changes), default=0)
    for change in changes:
        yield f"{change.step:{wide}}  {kind(change)}"
        yield from (f"  {sentence}" for sentence in said(change))


def summary(changes: Sequence[Change], sides: tuple[Side, Side]) -> Iterator[str]:
    """How many steps differ, the length of the cut, and money, in three or four lines."""
    counts = Counter(change.kind for change in changes)
    parts = [f"{counts[name]} {_WORDS[name]}" for name in get_args(Kind) if counts[name]]
    yield f"{many(len(changes), 'step differs', 'steps differ')}{': ' if parts else ''}{', '.join(parts)}"
    old, new = sides
    if old.cut or new.cut:
        yield f"cut: {_moved(f'{old.cut:g} s', f'{new.cut:g} s', f'{new.cut - old.cut:+g} s')}"
    yield f"spent: {_moved(dollars(old.paid), dollars(new.paid), _plus(new.paid - old.paid))}"
    spend = dict.fromkeys((_spend(old), _spend(new)))
    yield f"to spend: {' → '.join(spend)}"


def _moved(old: str, new: str, by: str) -> str:
    return old if old == new else f"{old} → {new} ({by})"


def _plus(amount: Decimal) -> str:
    return f"-{dollars(-amount)}" if amount < 0 else f"+{dollars(amount)}"


def _spend(side: Side) -> str:
    return plans.cost(side.plan).removeprefix("price: ")


def document(
    name: str,
    names: Sequence[tuple[str, Commit | None]],
    sides: Sequence[Side],
    changes: Sequence[Change],
) -> dict[str, Any]:
    """The comparison as `diff --json` prints it."""
    old, new = (_named(*each, side) for each, side in zip(names, sides, strict=True))
    counts = Counter(change.kind for change in changes)
    return {
        "version": VERSION,
        "name": name,
        "old": old,
        "new": new,
        "counts": {each: counts[each] for each in get_args(Kind)},
        "steps": [_entry(change) for change in changes],
    }


def _named(name: str, commit: Commit | None, side: Side) -> dict[str, Any]:
    return {
        "name": name,
        "commit": commit.id if commit else None,
        "day": commit.day if commit else None,
        "author": commit.author if commit else None,
        "subject": commit.subject if commit else None,
        "paid": text(side.paid),
        "price": plans.money(side.plan.price),
        "seconds": side.cut,
    }


def _entry(change: Change) -> dict[str, Any]:
    return {
        "id": change.step,
        "was": change.was or None,
        "kind": change.kind,
        "reasons": plans.reasons(change.reasons),
        "old": _blob(change.old),
        "new": _blob(change.new),
        "price": plans.money(change.price),
    }


def _blob(blob: Blob | None) -> dict[str, Any] | None:
    if blob is None:
        return None
    return {
        "digest": blob.digest,
        "media": blob.media,
        "width": blob.facts.width,
        "height": blob.facts.height,
        "seconds": blob.facts.seconds,
    }
