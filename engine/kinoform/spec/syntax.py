"""Says in plain words why a file is no YAML: one located problem with the fix.

Knows both of PyYAML's parsers (the C one and its own), whose sentences differ.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem
from kinoform.spec.tree import shown

if TYPE_CHECKING:
    from kinoform.spec.tree import Source

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
QUOTE_IT = 'put the whole value in quotes: "${{ ... }}" or "{{ ... }}"'
QUOTES = 'put the whole text in quotes, or in a block after "|"'

_PIECE = 1 << 20
_TEMPLATE = r"(?:^|[\s:,\[{-])(\$?\{\{)"
_QUOTED = r"\"[^\"]*\"|'[^']*'"
# (the parser's words, the code, what is wrong, the fix); the first row that fits is taken.
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    (r"tab character", "tab", "a tab stands where YAML wants blanks", "indent with blanks"),
    (
        r"while (scanning|parsing) (a|an) (tag|directive|%TAG)|undefined tag|tag handle|duplicate %",
        "tag",
        "tags and directives are not part of a pipeline file",
        f"for text that begins with ! or %: {QUOTES}",
    ),
    (
        r"scanning an (alias|anchor)",
        "syntax",
        "bare text cannot begin with * or &",
        QUOTES,
    ),
    (
        r"quoted scalar.*(end of stream|document separator)",
        "syntax",
        "a quote that opens here is not closed",
        "close it, or double a quote that belongs to the text",
    ),
    (
        r"quoted scalar",
        "syntax",
        "in double quotes \\ begins an escape, and this one does not exist",
        "use single quotes, or write \\\\ for a backslash",
    ),
    (
        r"mapping values are not allowed",
        "syntax",
        "a second `: ` in this line, or a line that is indented too far",
        f"for text that holds `: `: {QUOTES}",
    ),
    (
        r"sequence entries are not allowed",
        "syntax",
        "bare text cannot begin with `- `",
        QUOTES,
    ),
    (
        r"flow (mapping|sequence)",
        "syntax",
        "a bracket that opens here is not closed, or a comma is missing",
        'close it; put text that holds , [ ] { } or ": " in quotes',
    ),
    (
        r"simple key|expected ':'",
        "syntax",
        "this line is neither `key: value` nor a list item",
        "write `key: value` with a blank after the colon, or `- item`",
    ),
    (
        r"block scalar",
        "syntax",
        "after | or > the text begins in the next line, indented evenly",
        "move the text into the lines below",
    ),
    (
        r"node content",
        "syntax",
        "a value is missing here",
        "write one, or remove what is left over",
    ),
    (
        r"expected key|block end|'-' indicator",
        "syntax",
        "this line does not fit the indentation above it, or text follows a closing quote",
        "line it up with its neighbours; quote the whole text, not a part of it",
    ),
)


def explain(error: Exception, source: Source) -> Problem:
    """The one problem for whatever a YAML parser raised on this file."""
    if not hasattr(error, "problem"):
        return _unreadable(source)
    words = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    template = _template_near(source, _offset(error, ""))
    if template is not None:
        return unquoted_template(source, template)
    return _first_fit(source, words, _offset(error, words))


def unquoted_template(source: Source, offset: int) -> Problem:
    """A template where YAML reads a map."""
    message = "YAML reads { here as a map, so a bare template cannot stand in this place"
    return Problem("unquoted-template", message, source.place(offset), QUOTE_IT)


def _offset(error: Any, words: str) -> int:
    """Where to point: at what was opened for things left open, else at what was met."""
    opened = re.search(
        r"flow (mapping|sequence)|quoted scalar.*(end of|separator)|scanning an", words
    )
    first, second = error.problem_mark, error.context_mark
    mark = second if opened and second else first or second
    return int(mark.index) if mark else 0


def _template_near(source: Source, offset: int) -> int | None:
    """The offset of a bare template in the line of `offset`, if it has one."""
    place = source.place(offset)
    line = source.line(place.line)
    bare = re.sub(_QUOTED, lambda match: "x" * len(match.group()), line)
    found = re.search(_TEMPLATE, bare)
    if not found or "#" in bare[: found.start()]:
        return None
    return offset - place.col + 1 + found.start(1)


def _first_fit(source: Source, words: str, offset: int) -> Problem:
    where = source.place(offset)
    char = source.at(offset)
    if char == "\t":
        return Problem("tab", _ROWS[0][2], where, _ROWS[0][3])
    if "cannot start any token" in words:
        return Problem("syntax", f"bare text cannot begin with {shown(char)}", where, QUOTES)
    for pattern, code, message, hint in _ROWS:
        if re.search(pattern, words):
            return Problem(code, message, where, hint)
    return Problem("syntax", f"this is no valid YAML: {shown(words.strip())}", where)


def _unreadable(source: Source) -> Problem:
    bad = bad_bytes(source)
    if bad:
        return bad
    hint = "look for an escape that is too large"
    return Problem("syntax", "this is no valid YAML", source.place(0), hint)


def bad_bytes(source: Source) -> Problem | None:
    """The first bytes that are no text, or the first character that no text holds.

    Works in pieces: one emoji makes the text of a file four times its size in memory.
    """
    decoder = getincrementaldecoder("utf-8")()
    before = 0
    for start in range(0, len(source.data) + 1, _PIECE):
        piece = source.data[start : start + _PIECE]
        try:
            text = decoder.decode(piece, final=start + _PIECE > len(source.data))
        except UnicodeDecodeError as error:
            offset = before + len(error.object[: error.start].decode())
            byte = f"byte 0x{error.object[error.start]:02x}"
            hint = "save it as UTF-8"
            return Problem("encoding", f"{byte} is no UTF-8", source.place(offset), hint)
        # What can be printed needs no second look, which takes twenty times as long.
        found = None if text.replace("\n", "").isprintable() else CONTROL.search(text)
        if found:
            return control(source, before + found.start(), found.group())
        before += len(text)
    return None


def control(source: Source, offset: int, char: str) -> Problem:
    """A control character at an offset."""
    message = f"the control character U+{ord(char):04X} is not text"
    return Problem("control-character", message, source.place(offset), "remove it")
