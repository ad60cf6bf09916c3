"""Everything that was ever made for a step, as rows and as plain data. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kinoform.core.adopted import OP
from kinoform.core.money import dollars, text
from kinoform.views.fields import NAMED
from kinoform.views.picks import brief
from kinoform.views.words import length, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kinoform.core.candidates import Candidate
    from kinoform.core.types import Blob
    from kinoform.views.fields import Fields

    # paths(candidate) is where each of its artifacts is shown, or None
    Paths = Callable[[Candidate], Sequence[str | None]]

VERSION = 1
HEAD = ("step", "made (UTC)", "name", "digest", "makes", "by", "paid", "stands", "file")
RIGHT = ("paid",)
_MINUTE = 16


def in_time(candidates: Iterable[Candidate]) -> list[Candidate]:
    """By step, and the oldest first; what only the lock tells of was made elsewhere, before."""
    found = list(candidates)
    steps = list(dict.fromkeys(each.step for each in found))
    return sorted(found, key=lambda each: (steps.index(each.step), each.at, each.take))


def rows(candidates: Iterable[Candidate], paths: Paths) -> Iterator[tuple[str, ...]]:
    """One row for each artifact."""
    for each in candidates:
        shown = paths(each) if each.present else [None] * len(each.outputs)
        for number, (blob, path) in enumerate(zip(each.outputs, shown, strict=True), 1):
            yield (
                each.step,
                (_iso(each.at) or "")[:_MINUTE].replace("T", " "),
                _name(each, number),
                brief(blob.digest),
                " ".join(filter(None, (size(blob.facts), length(blob.facts)))),
                "by hand" if each.op == OP else each.op,
                dollars(each.paid) if each.paid and number == 1 else "",
                each.stands,
                (path or "") if each.present else "its bytes are not here",
            )


def _name(each: Candidate, number: int) -> str:
    return f"{each.name}_{number}" if each.name and len(each.outputs) > 1 else each.name


def entries(each: Candidate, paths: Sequence[str | None]) -> list[dict[str, Any]]:
    """The artifacts of one result, as plain data."""
    pairs = enumerate(zip(each.outputs, paths, strict=True), 1)
    return [_entry(each, number, blob, path) for number, (blob, path) in pairs]


def _entry(each: Candidate, number: int, blob: Blob, path: str | None) -> dict[str, Any]:
    return {
        "step": each.step,
        "name": each.name or None,
        "recipe": each.recipe or None,
        "take": each.take or None,
        "result": number,
        "digest": blob.digest,
        "media": blob.media,
        "width": blob.facts.width,
        "height": blob.facts.height,
        "seconds": blob.facts.seconds,
        "made": _iso(each.at),
        "by": each.op,
        "seed": each.seed,
        "paid": text(each.paid if number == 1 else each.paid * 0),
        "current": each.current,
        "present": each.present,
        "stands": each.stands or None,
        "path": path,
    }


FIELDS: Fields = {
    **NAMED,
    "artifacts": "list: everything that was made for these steps, by step, the oldest first",
    "artifacts[].step": "string: id of the instance, as it is called today",
    "artifacts[].name": "string or null: recipe and take, as in 3f9a_t02; null for a file",
    "artifacts[].recipe": "string or null: digest of the recipe; null for a file",
    "artifacts[].take": "integer or null: from 1, within that recipe",
    "artifacts[].result": "integer: from 1; above it, where one request gave several",
    "artifacts[].digest": "string: sha256 of the bytes",
    "artifacts[].media": "string: type, such as image/png",
    "artifacts[].width": "integer or null: pixels",
    "artifacts[].height": "integer or null: pixels",
    "artifacts[].seconds": "number or null: how long it plays",
    "artifacts[].made": "string or null: when it came here; null where only the lock tells of it",
    "artifacts[].by": "string: the model or local operation, or `adopted`",
    "artifacts[].seed": "integer or null: as the provider told it",
    "artifacts[].paid": "money: for this result, at the first of its artifacts",
    "artifacts[].current": "boolean: made from the recipe of today",
    "artifacts[].present": "boolean: its bytes are here",
    "artifacts[].stands": "string or null: first, chosen, pinned or adopted, if it stands",
    "artifacts[].path": "string or null: where it is shown in the project folder",
}


def _iso(at: float) -> str | None:
    """UTC to the second; None for a time that nobody knows."""
    if not at:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
