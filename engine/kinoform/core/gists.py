"""What plans read of results, out of the text of their records and without reading all of it."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from kinoform.core.ledger import RecordError, blob_of, facts_of
from kinoform.core.types import Blob, Gist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.types import Facts

_BEGINS: Final = ',"model_digest":'
_TEXT: Final = '"[^"]*"'
# How a record of one output ends, as `canon` writes it, where no text needs a backslash. That it is the
# record itself which says this, and nothing that it holds, follows from its last brace. Any other line
# is matched as a whole. That a digest is one is asked of all together, in a third of the time.
_END: Final = re.compile(
    rf',"model_digest":"([^"]*)","op":{_TEXT},"origin":{_TEXT},'
    r'"outputs":\[\{"digest":"(sha256:[^"]{64})","facts":(\{[^}]*\}),'
    r'"media":"([^"]*)","size":(\d+)\}\],'
    rf'"paid":{_TEXT},"schema":1,"seconds":[^,]*,"seed":[^,]*,"step":{_TEXT},'
    rf'"take":[^,]*,"task":{_TEXT},"tool":{_TEXT}\}}$|^.*$',
    re.MULTILINE,
)
_DIGITS: Final = 64
_HEX: Final = b"0123456789abcdef"
_gist: Final = partial(tuple.__new__, Gist)  # without a call of Python's for each


def gists(rows: Sequence[tuple[str, str]]) -> dict[str, Gist]:
    """The gist of each (key, text of a record), by key. Raises RecordError."""
    ends = "\n".join([text[text.rfind(_BEGINS) :] for _, text in rows])
    told = _END.findall(ends)
    is_plain = "\\" not in ends and ends.count("\n") == len(rows) - 1
    if not is_plain or len(told) != len(rows):
        return {key: _read(text) for key, text in rows}
    models, digests, facts, media, sizes = zip(*told, strict=True)
    if not all(digests):
        others = {row[0]: _read(row[1]) for row, d in zip(rows, digests, strict=True) if not d}
        return others | gists([row for row in rows if row[0] not in others])
    if not _are_digests(digests):
        return {key: _read(text) for key, text in rows}
    known = map(_KnownFacts().__getitem__, facts)
    blobs = map(Blob, digests, map(int, sizes), media, known)
    found = map(_gist, zip(zip(blobs), models, strict=True))  # each of one artifact
    return dict(zip([key for key, _ in rows], found, strict=True))


def _are_digests(texts: Sequence[str]) -> bool:
    """Whether each of these ends in 64 hex digits, told by all of them as one text."""
    digits = "".join(texts).replace("sha256:", "")
    return len(digits) == _DIGITS * len(texts) and not digits.encode().translate(None, _HEX)


def _read(text: str) -> Gist:
    """The same of a record that is read as a whole."""
    try:
        record = json.loads(text)
    except ValueError as error:
        raise RecordError(str(error)) from error
    outputs = record.get("outputs") if isinstance(record, dict) else None
    if not isinstance(outputs, list):
        raise RecordError("outputs: must be list")
    return Gist(tuple(map(blob_of, outputs)), str(record.get("model_digest") or ""))


class _KnownFacts(dict[str, "Facts"]):
    """Facts by their text: most results share a few."""

    def __missing__(self, text: str) -> Facts:
        try:
            said = json.loads(text)
        except ValueError as error:
            raise RecordError(str(error)) from error
        return self.setdefault(text, facts_of(said))
