"""What one person's records are worth to another: how a result is written for others, and believed.

Pure. A record that comes from elsewhere is data of a stranger: it is believed only as far as it proves
itself, and it may say nothing that a record of ours could not say.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.core import canon
from kinoform.core.grades import own
from kinoform.core.ledger import RECORD, RecordError, from_record, schema_of, to_record
from kinoform.core.manifest import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Blob, Kind, Result

PULLED: Final = "pulled"
_MEDIA: Final = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+\-]{0,60}")
_DEAREST: Final = Decimal(1_000_000)  # USD
_LONGEST: Final = 400  # characters of a name
_NUMBERS: Final[Mapping[str, tuple[type, ...]]] = {
    "width": (int,),
    "height": (int,),
    "seconds": (int, float),
    "fps": (int, float),
}


def written(result: Result) -> str:
    """The text of a result for others: canonical JSON, without who made or pulled it."""
    return canon.dumps(to_record(replace(result, origin="made")))


def believed(key: str, text: str) -> Result:
    """The result that a text tells, marked as pulled. Raises RecordError.

    Its manifest must have this key, and everything that can be derived must agree with it.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"no JSON: {str(error)[:80]}") from None
    if isinstance(record, dict) and schema_of(record) > RECORD:
        raise RecordError("a newer kinoform wrote it: update this one")
    result = from_record(record)
    _prove(key, result)
    believed = replace(result, origin=PULLED, grade=own(result))
    try:  # what cannot be written down here is no record
        canon.dumps(to_record(believed))
    except (ValueError, TypeError) as error:
        raise RecordError(str(error)[:80]) from None
    return believed


def _prove(key: str, result: Result) -> None:
    if result.key != key or _key(result.manifest) != key:
        raise RecordError("its manifest has another key")
    op = result.manifest.get("op")
    name = op.get("name") if isinstance(op, dict) else None
    if result.op != name or result.kind != kind_of(str(name)):
        raise RecordError(f"op: {result.op[:80]!r} is not what the manifest says")
    if result.take != result.manifest.get("take"):
        raise RecordError("take: is not that of the manifest")
    if not 0 <= result.paid <= _DEAREST:
        raise RecordError("paid: is no price")
    names = (result.step, result.tool, result.task, result.model_digest)
    if any(len(name) > _LONGEST or not name.isprintable() for name in names):
        raise RecordError("a name is too long, or cannot be printed")
    for blob in result.outputs:
        _sane(blob)


def _key(manifest: Mapping[str, Any]) -> str:
    try:
        return key_of(manifest)
    except (ValueError, TypeError, RecursionError):
        return ""


def kind_of(op: str) -> Kind:
    """What kind of work an op of this name is."""
    room = op.partition("/")[0]
    if room == "draft":
        return "draft"
    return "local" if room == "local" else "hosted"


def _sane(blob: Blob) -> None:
    if blob.size < 0 or not _MEDIA.fullmatch(blob.media):
        raise RecordError("outputs: a size or a media type is none")
    for name, kinds in _NUMBERS.items():
        value = getattr(blob.facts, name)
        good = value is None or (type(value) in kinds and 0 <= value < float("inf"))
        if not good:
            raise RecordError(f"outputs: {name} is no number")
    if blob.facts.audio not in (None, True, False):
        raise RecordError("outputs: audio is neither true nor false")
