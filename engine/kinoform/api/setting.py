"""How a project is opened: what a person chose, and the effects that tests replace."""

from __future__ import annotations

import time
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from kinoform.api.services import Services, downloads
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.ops.table import OPS
from kinoform.spec.document import Budget
from kinoform.spec.fan import MAX_INSTANCES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kinoform.ports import Clock, Executor, Fetcher

Mode: TypeAlias = Literal["", "all", "missing"]
SPEC = "pipeline.yaml"
_SUFFIXES = (".yaml", ".yml")


class WallClock:
    """The machine's time."""

    now = staticmethod(time.time)  # seconds since the epoch; asked several times for each record

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio  # noqa: PLC0415  (loaded by then; a plan never waits)

        await asyncio.sleep(seconds)


VERIFY = "kinoform.ops.verify:check"
# What a job loads beside its op: in a server that has it already, a process costs a third.
_WARM = (
    "multiprocessing.popen_forkserver",
    "pkgutil",  # with it a process finds again what its parent was started as, and that is
    "kinoform.__main__",
    "concurrent.futures.thread",
    "kinoform.run.work",
    "kinoform.run.workers",
    "kinoform.stores.localdir",
    *(f"PIL.{name}ImagePlugin" for name in ("Bmp", "Gif", "Jpeg", "Png", "Ppm", "WebP")),
)


def _processes() -> Executor:
    from kinoform.run.workers import Processes  # noqa: PLC0415  (a plan starts none)

    targets = (target.partition(":")[0] for target in (*OPS.values(), VERIFY))
    return Processes(preload=[*targets, *_WARM])


@dataclass(frozen=True, slots=True)
class Hosted:
    """The providers of one user: names of those with a key, and how to reach them.

    `open(names)` reads their keys, and is called by a run only. `absent` says of the others what
    is missing.
    """

    known: frozenset[str] = frozenset()
    open: Callable[[Collection[str]], Services] = lambda _names: Services()
    absent: Mapping[str, Problem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a project is opened: profile, variables as typed, draft mode; and its effects.

    `ops` leads from an op's name to "module:function"; `workers()` gives where local work happens.
    `verify` is that of the check of downloads, and `downloads()` fetches what addresses give. `budget`
    is the user's own. `frozen` builds from lock and store: no provider is reached, and nothing of the
    project but `out/` is written.
    """

    profile: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    draft: Mode = ""
    hosted: Hosted = field(default_factory=Hosted)
    budget: Budget = field(default_factory=Budget)
    clock: Clock = field(default_factory=WallClock)
    max_steps: int = MAX_INSTANCES
    ops: Mapping[str, str] = field(default_factory=lambda: OPS)
    workers: Callable[[], Executor] = _processes
    verify: str = VERIFY
    frozen: bool = False
    downloads: Callable[[], Fetcher] = downloads


def located(path: Path) -> tuple[Path, str]:
    """Folder and file name of a pipeline. Raises UsageError (`no-pipeline`)."""
    full = path.expanduser().absolute()
    if full.is_file():
        if full.suffix not in _SUFFIXES:  # not even opened: messages quote what a pipeline says
            said = f"{path} is no pipeline file: its name ends in neither .yaml nor .yml"
            raise UsageError(Problem("no-pipeline", said))
        return full.parent, full.name
    if (full / SPEC).is_file():
        return full, SPEC
    said = f"there is no {SPEC} in {path}" if full.is_dir() else f"{path} does not exist"
    hint = "kinoform init FOLDER --from lighthouse makes one"
    raise UsageError(Problem("no-pipeline", said, hint=hint))
