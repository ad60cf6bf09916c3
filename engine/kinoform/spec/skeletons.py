"""What entries of YAML that are written alike have in common: their text without what may differ.

May differ: the name before the first colon, and texts and numbers that end with their line or stand in
quotes. Only such are let differ as YAML reads in one way, whichever of them it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kinoform.spec.scalars import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NO = r"\n\t"  # besides all that cannot be printed: see `is_plain`
# Characters that Python calls unprintable, and which are letters like any other to YAML.
_ASCII = bytes(range(0x20, 0x7F)) + b"\n\t"
_HARMLESS = ("\n", "\t", "\xa0", "\xad", "\u200d", "\u3000")
_MORE = rf"[^{_NO}:#]*(?:(?::(?=[^ \n])|(?<! )#)[^{_NO}:#]*)*(?<! )"
_PLAIN = rf"[^{_NO}:#]*(?<! )"
_WORDS = "null|Null|NULL|true|True|TRUE|false|False|FALSE"
_SWITCHES = "yes|Yes|no|No|on|On|off|Off"  # of which the parser has something to say
_TEXT = rf"(?!(?=[nNtTfFyYoO])(?:{_WORDS}|{_SWITCHES})\n)[A-Za-z_$(/]"
_ESCAPE = r"""\\(?:["\\/nt]|u(?!00[0-9]|[dD][89a-fA-F]|[fF]{3})[0-9a-fA-F]{4})"""
# By a letter each: what may stand in a hole, and what makes its value, where that is not the text.
_HOLES: Final[dict[str, tuple[str, Callable[[str], Any] | None]]] = {
    "k": (rf"(?!(?:{_WORDS}):)[A-Za-z_][A-Za-z0-9_.-]{{0,99}}", None),
    "d": (rf'[^{_NO}"\\]*', None),
    "e": (rf'(?:[^{_NO}"\\]|{_ESCAPE})*', lambda text: json.loads(f'"{text}"')),
    "s": (rf"[^{_NO}']*", None),
    "q": (rf"(?:[^{_NO}']|'')*", lambda text: text.replace("''", "'")),
    "t": (rf"{_TEXT}{_PLAIN}", None),
    "u": (rf"{_TEXT}{_MORE}", None),
    "n": (rf"(?:{_WORDS})(?=\n)|[-+]?[0-9]{_MORE}", plain),
}


def _quoted(kinds: str) -> str:
    quotes = {"d": '"', "e": '"', "s": "'", "q": "'"}
    return "|".join(f"{quotes[k]}(?P<{k}>{_HOLES[k][0]}){quotes[k]}" for k in kinds)


# Each line is tried once, and each quote up to the next: what takes longer the longer a line is, a
# hostile file would make take hours.
_KEY = "[A-Za-z0-9_.-]+"
_BARE = "|".join(f"(?P<{kind}>{_HOLES[kind][0]})" for kind in "tun")
_ENDS = re.compile(
    rf"^(?P<before> *(?:(?:- )+(?:{_KEY}: )?|{_KEY}: ))(?:{_quoted('desq')}|{_BARE})$",
    re.MULTILINE,
)
_INSIDE = re.compile(rf"(?P<before>(?<=[\[{{, ]))(?:{_quoted('des')})(?=[\]}},])")
_NAME = re.compile(rf"( +){_HOLES['k'][0]}(?=:)")
_REST = rf"(?: *(?:#[^{_NO}]*)?\n)*"
_HOLE = re.compile("\0(.)")
_FILLED = re.compile("\"\0[de]\"|'\0[sq]'")
_BRACKETS = re.compile(r"[\[\]{}]")
_COMMON = re.compile(r"[A-Za-z0-9_ \n.,:/()\[\]{}\"'$-]*")


def is_plain(data: bytes, text: str) -> bool:
    """Whether a file holds nothing by which YAML could end a line, or that it refuses anywhere."""
    if data.isascii():
        return not data.translate(None, _ASCII)
    for sign in _HARMLESS:
        text = text.replace(sign, "")
    return text.isprintable()


def skeleton(entry: str) -> str:
    """An entry of a map without what may differ, and without blank lines and comments after it."""
    lines = entry.split("\n")
    while lines and lines[-1].lstrip(" ")[:1] in ("", "#"):
        lines.pop()
    name = _NAME.match(entry)
    if not name or not lines:
        return ""
    bare = f"{name[1]}\0k{entry[name.end() : len(chr(10).join(lines)) + 1]}"
    found = _INSIDE.sub(_hole, _ENDS.sub(_hole, bare))
    # Inside of brackets bare text ends at signs that it may hold elsewhere.
    return found if _level(found) else _INSIDE.sub(_hole, bare)


def pattern(found: str, indent: int) -> re.Pattern[str] | None:
    """What finds the entries of a skeleton, a group for each hole; None if YAML may mean more by it."""
    pieces = _HOLE.split(found)
    if not all(map(_COMMON.fullmatch, pieces[::2])) or "\0k" not in found:
        return None
    made = [f"({_HOLES[x][0]})" if n % 2 else re.escape(x) for n, x in enumerate(pieces)]
    return re.compile(rf"{''.join(made)}{_REST}(?= {{{indent}}}[^ \n#]|[^ \n#]|\Z)")


def readers(found: str) -> Sequence[tuple[int, Callable[[str], Any]]]:
    """The numbers of holes whose text is not yet their value, and what makes it. May raise ValueError."""
    kinds = enumerate(_HOLE.findall(found))
    return [(number, read) for number, kind in kinds if (read := _HOLES[kind][1])]


def quoted(found: str) -> Sequence[bool]:
    """Of each hole whether a quote stands before it, with which the value begins."""
    return [kind in "desq" for kind in _HOLE.findall(found)]


def typed(found: str) -> frozenset[int]:
    """The numbers of holes whose values are not all texts."""
    return frozenset(number for number, kind in enumerate(_HOLE.findall(found)) if kind == "n")


class Entry(NamedTuple):
    """One entry of a map: where it stands, and what stands in the holes of its kind, if it has one."""

    start: int
    stop: int
    kind: Kind | None = None
    texts: Sequence[Any] = ()


class Kind:
    """Entries of one map that differ in what stands in their holes alone; the first hole is the name.

    `find` finds one in the text, with a group for each hole.
    """

    __slots__ = ("_find", "_readers", "_text", "quoted", "typed")

    def __init__(self, skeleton: str, find: re.Pattern[str], text: str) -> None:
        self._find, self._text = find.match, text
        self._readers, self.quoted = readers(skeleton), quoted(skeleton)
        self.typed = typed(skeleton)

    def entry(self, at: int, end: int) -> Entry | None:
        """The entry that begins at an offset, if it is of this kind; its map ends at `end`."""
        found = self._find(self._text, at, end)
        if found is None:
            return None
        texts: Sequence[Any] = found.groups()
        if self._readers:
            texts = [*texts]
            try:
                for number, read in self._readers:
                    texts[number] = read(texts[number])
            except ValueError:
                return None
        return Entry(at, found.end(), self, texts)

    def holes(self, at: int) -> Sequence[tuple[int, int]]:
        """Where the holes of such an entry begin and end."""
        found = self._find(self._text, at)
        return found.regs[1:] if found else ()


def kind_of(skeleton: str, text: str, indent: int) -> Kind | None:
    """The kind of the entries with that skeleton; None if YAML may mean more by one."""
    find = pattern(skeleton, indent)
    return find and Kind(skeleton, find, text)


def _hole(match: re.Match[str]) -> str:
    before, kind = match["before"], match.lastgroup
    quote = "" if kind in ("t", "u", "n") else match.group()[-1]
    return f"{before}{quote}\0{kind}{quote}"


def _level(found: str) -> bool:
    """Whether each line closes what brackets it opens."""
    if not _BRACKETS.search(found):
        return True
    lines = (_FILLED.sub("", line) for line in found.split("\n") if _BRACKETS.search(line))
    return all(
        line.count("[") == line.count("]")
        and line.count("{") == line.count("}")
        and '"' not in line
        and "'" not in line
        for line in lines
    )
