"""What a cursor carries along: the driver's entries, and ours until the next turn of the road.

Knows no provider. Everything here is plain small JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Accepted, Cursor
from kinoform.providers.replies import mapping, name_of, whole
from kinoform.providers.wire import blobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Action, Blob

# The driver's, and `uploaded` (digests that this very attempt brought there): kept at every turn.
_OF_ONE_ATTEMPT: Final = frozenset({"sent", "lost", "age", "resent", "pending", "uploaded"})
_KEPT: Final = _OF_ONE_ATTEMPT | {"task", "refs", "count", "offset", "known", "seen"}


def kept(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data at a turn of the road: without what we only needed on the way."""
    return {name: value for name, value in data.items() if name in _KEPT}


def anew(data: Mapping[str, Any]) -> Cursor:
    """Where another attempt begins, with all that stands for bytes."""
    return Cursor("new", {k: v for k, v in kept(data).items() if k not in _OF_ONE_ATTEMPT})


def accepted(task: str, data: Mapping[str, Any]) -> Accepted:
    """The provider has it."""
    return Accepted(task, Cursor("running", {**kept(data), "task": task}))


def ref_of(data: Mapping[str, Any], digest: str) -> str:
    """What stands for these bytes at the provider; empty when nothing does."""
    known = mapping(mapping(data.get("refs")).get(digest)).get("ref")
    return known if isinstance(known, str) else ""


def with_ref(data: Mapping[str, Any], digest: str, ref: str, fresh: float) -> dict[str, Any]:
    """The data once these bytes are there: `ref` stands for them for `fresh` seconds from now."""
    refs = {**mapping(data.get("refs")), digest: {"ref": ref, "fresh": fresh}}
    return {**kept(data), "refs": refs, "uploaded": [*data.get("uploaded", ()), digest]}


def remembered(action: Action, data: Mapping[str, Any]) -> list[str]:
    """Paths of the inputs for which something stood that an earlier attempt had brought there."""
    fresh = set(data.get("uploaded", ()))
    return [p for p, b in blobs(action.params) if ref_of(data, b.digest) and b.digest not in fresh]


def lacking(action: Action, data: Mapping[str, Any]) -> list[tuple[str, Blob]]:
    """The inputs, by path, for which nothing stands at the provider."""
    return [(path, b) for path, b in blobs(action.params) if not ref_of(data, b.digest)]


def asked(action: Action, data: Mapping[str, Any]) -> int:
    """How many results this attempt asks for."""
    for said in (data.get("count"), action.params.get("numberResults")):
        if said is not None and (number := whole(said)) and number > 0:
            return number
    return max(1, len(action.expects))


def task_of(data: Mapping[str, Any]) -> str:
    """The provider's id of the task."""
    return name_of(data.get("task"))
