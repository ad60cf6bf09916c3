"""What a person made by hand, as a result: so that it is kept, shared and found like any other. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinoform.core.manifest import key_of
from kinoform.core.types import Result

if TYPE_CHECKING:
    from kinoform.core.types import Blob

OP: Final = "adopted"


def result(step: str, blob: Blob) -> Result:
    """The result that an adopted file is; no request made it, and nobody can make it again."""
    params = {"file": {"$bytes": blob.digest}, "step": step}
    manifest = {"kind": "adopted/1", "op": {"name": OP}, "params": params, "take": 0}
    return Result(
        key=key_of(manifest),
        step=step,
        take=0,
        op=OP,
        kind="hosted",  # of all that is kept, what nobody can make again
        outputs=(blob,),
        manifest=manifest,
        origin=OP,
        grade="archived",
    )
