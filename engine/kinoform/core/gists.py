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
# is matched as a whole.
_END: Final = re.compile(
    rf',"model_digest":"([^"]*)","op":{_TEXT},"origin":{_TEXT},'
    r'"outputs":\[\{"digest":"(sha256:[0-9a-f]{64})","facts":(\{[^}]*\}),'
    r'"media":"([^"]*)","size":(\d+)\}\],'
    rf'"paid":{_TEXT},"schema":1,"seconds":[^,]*,"seed":[^,]*,"step":{_TEXT},'
    rf'"take":[^,]*,"task":{_TEXT},"tool":{_TEXT}\}}$|^.*$',
    re.MULTILINE,
)
_gist: Final = partial(tuple.__new__, Gist)  # without a call of Python's for each


def gists(rows: Sequence[tuple[str, str]]) -> dict[str, Gist]:
    """The gist of each (key, text of a record), by key. Raises RecordError."""
    ends = "\n".join([text[text.rfind(_BEGINS) :] for _, text in rows])
    told = _END.findall(ends)
    is_plain = "\\" not in ends and ends.count("\n") == len(rows) - 1
    if not is_plain or len(told) != len(rows):
        return {key: _read(text) for key, text in rows}
    facts = _KnownFacts()
    return {
        key: _gist(((Blob(digest, int(size), media, facts[said]),), model))
        if digest
        else _read(text)
        for (key, text), (model, digest, said, media, size) in zip(rows, told, strict=True)
    }


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
