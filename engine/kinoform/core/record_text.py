"""The canonical text of a result's record, put together around that of its manifest, for `core.ledger`.

Nearly all of a record is the manifest, whose text is known since its key was worked out; nearly all of
the rest is as in the record before.
"""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring as quoted
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.canon import Written, dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OWN: Final = ("key", "manifest", "outputs", "seconds", "step")  # sorted, as they stand in the text
_SHARED: Final = (
    *("grade", "kind", "model_digest", "op", "origin", "paid", "schema", "seed"),
    *("take", "task", "tool"),
)
_COMMON: Final = itemgetter(*_SHARED)
_HOLE: Final = "\0"


def with_text(record: Mapping[str, Any], manifest: str) -> Written:
    """The record with its canonical text; `manifest` is the canonical text of its manifest."""
    told = Written(record)
    outputs, seconds = dumps(record["outputs"]), dumps(record["seconds"])
    key, step = quoted(record["key"]), quoted(record["step"])
    told.text = _frame(_COMMON(record)) % (key, manifest, outputs, seconds, step)
    return told


@lru_cache(maxsize=256)
def _frame(common: Sequence[Any]) -> str:
    """The text of records that have these members, with places for those of their own."""
    shared = dict(zip(_SHARED, common, strict=True))
    text = dumps(shared | dict.fromkeys(_OWN, _HOLE)).replace("%", "%%")
    for member in map(
        quoted, _OWN
    ):  # with its name, as another member may hold what marks the place
        text = text.replace(f"{member}:{quoted(_HOLE)}", f"{member}:%s")
    return text
