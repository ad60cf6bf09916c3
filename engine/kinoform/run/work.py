"""A piece of local work: one op on one action, in a folder of its own. Picklable.

Knows ops by name only ("module:function", handed in), so that this room imports none.
"""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, KinoformError, OpError, Problem
from kinoform.core.types import Blob
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from kinoform.core.types import Action, Expect, Facts
    from kinoform.ports import LocalOp, Made, Small, SmallOp, Store

# A file that came; or its bytes, and the path that it gets where it has to have one.
Arrival: TypeAlias = "tuple[Path, Expect, bytes]"
T = TypeVar("T")
# What became of a file: kept, wrong (in words), or refused by this machine.
Taken: TypeAlias = Blob | str | EnvError


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs: the op's address, the action, its files by digest, an empty folder."""

    target: str
    action: Action
    files: Mapping[str, Path]
    out: Path


@cache
def load(target: str) -> Any:
    """The function at "module:function". Raises ImportError or AttributeError for a wrong table."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def refused(name: str, error: OSError) -> EnvError:
    """What the system said to somebody at work, for people."""
    said = short(f"{name} was refused by the system: {error.strerror or error}")
    return EnvError(Problem("work-refused", said, hint="kinoform doctor looks at this machine"))


def crashed(name: str, error: Exception) -> OpError:
    """What nobody foresaw, for people: it stops one step, never its siblings."""
    said = short(f"{name} stopped: {type(error).__name__}: {error}")
    return OpError(Problem("op-crashed", said, hint="this is a fault of the op"))


def perform(job: Job) -> tuple[Made, ...]:
    """Do it. Raises OpError, also for what the op did not expect: a worker shows no traceback.

    EnvError for what the system refuses: a full disk is no fault of the op.
    """
    op: Callable[[], LocalOp] = partial(load, job.target)
    return _told(job.action, op, job.files, job.out)


def perform_small(target: str, action: Action) -> tuple[Small, ...] | KinoformError:
    """The same for an op that is too small for a worker and a folder: what it gives, or its fault."""
    op: Callable[[], SmallOp] = partial(load, target)
    try:
        return _told(action, op)
    except KinoformError as error:
        return error


def _told(action: Action, op: Callable[[], Callable[..., T]], *args: object) -> T:
    """What an op gives, its faults and those of its table told for people. Raises OpError, EnvError."""
    try:
        return op()(action, *args)
    except KinoformError:
        raise
    except OSError as error:
        raise refused(action.op.name, error) from error
    except Exception as error:
        raise crashed(action.op.name, error) from error


def taken_in(target: str, store: Store, files: Sequence[Arrival]) -> list[Taken]:
    """Check downloads, and keep those that are right: moved or written into the store, and synced.

    Nothing is moved before every file was looked at. Raises what the check raises of this machine,
    and OSError for bytes that cannot be written.
    """
    check = load(target)
    sources = [_source(*each) for each in files]
    wanted = [(source, expect) for source, (_, expect, _) in zip(sources, files, strict=True)]
    seen: list[tuple[str, Facts] | str] = check(wanted)
    right = [each for each, one in zip(sources, seen, strict=True) if not isinstance(one, str)]
    sizes = [len(each) if isinstance(each, bytes) else each.stat().st_size for each in right]
    kept = zip(store.add_all(right, durable=True), sizes, strict=True)
    return [one if isinstance(one, str) else _taken(*next(kept), *one) for one in seen]


def _source(path: Path, expect: Expect, data: bytes) -> Path | bytes:
    """Where the bytes are when they are looked at: only a picture needs no file for that."""
    if data and expect.media.startswith("image/"):
        return data
    if data:
        path.write_bytes(data)
    return path


def _taken(kept: str | EnvError, size: int, media: str, facts: Facts) -> Taken:
    return kept if isinstance(kept, EnvError) else Blob(kept, size, media, facts)
