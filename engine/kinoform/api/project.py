"""`Project`: a pipeline folder opened for one user. The product; every command is a reader of it."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from kinoform.api import outlets
from kinoform.api.consent import Consent, confirm
from kinoform.api.drafts import draft, held
from kinoform.api.files import ProjectFiles
from kinoform.api.home import Home, open_home
from kinoform.api.models import catalog
from kinoform.core.errors import Problem, UsageError
from kinoform.core.graph import build
from kinoform.core.plan import Wish, lost, plan, wish
from kinoform.core.select import select
from kinoform.core.survey import Survey, World
from kinoform.ops.table import OPS, VERSIONS
from kinoform.run.bench import Shop
from kinoform.run.loop import Loop, Order, Stop
from kinoform.run.workers import Processes
from kinoform.spec.compile import Compiled, compile_document
from kinoform.spec.document import Document, load
from kinoform.spec.fan import MAX_INSTANCES
from kinoform.stores.view import View

if TYPE_CHECKING:
    from decimal import Decimal

    from kinoform.core.report import RunReport
    from kinoform.core.types import Event, Graph, Plan, Step
    from kinoform.ports import Clock, Executor, Provider

Mode: TypeAlias = Literal["", "all", "missing"]
Signals: TypeAlias = Callable[[Callable[[], None]], AbstractContextManager[None]]
SPEC = "pipeline.yaml"
_HOSTED_AT_ONCE = 4


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is to cover: targets and selections, none for everything.

    `force` makes local steps in the selection again.
    """

    targets: Sequence[str] = ()
    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    force: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it rests on. `price_real` is what a draft would cost in earnest."""

    plan: Plan
    graph: Graph
    survey: Survey
    want: Wish
    price_real: Decimal
    warnings: tuple[Problem, ...] = ()

    @property
    def lost(self) -> tuple[str, ...]:
        """Ids of lost results that somebody needs."""
        return lost(self.graph, self.plan, self.want)

    def step(self, name: str) -> Step:
        """The step of this id. Raises KeyError."""
        return self.graph.steps[self.graph.index[name]]


def _processes() -> Executor:
    return Processes(preload=[target.partition(":")[0] for target in OPS.values()])


@dataclass(frozen=True, slots=True)
class Setting:
    """How a project is opened: profile, variables as typed, draft mode; and its effects.

    `ops` leads from an op's name to "module:function"; `workers()` gives where local work happens.
    """

    profile: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    draft: Mode = ""
    providers: Mapping[str, Provider] = field(default_factory=dict)
    clock: Clock = field(default_factory=WallClock)
    max_steps: int = MAX_INSTANCES
    ops: Mapping[str, str] = field(default_factory=lambda: OPS)
    workers: Callable[[], Executor] = _processes


def located(path: Path) -> tuple[Path, str]:
    """Folder and file name of a pipeline. Raises UsageError (`no-pipeline`)."""
    full = path.expanduser().absolute()
    if full.is_file():
        return full.parent, full.name
    if (full / SPEC).is_file():
        return full, SPEC
    said = f"there is no {SPEC} in {path}" if full.is_dir() else f"{path} does not exist"
    hint = "kinoform init FOLDER --from lighthouse makes one"
    raise UsageError(Problem("no-pipeline", said, hint=hint))


class Project:
    """One pipeline, compiled when first needed and planned as often as asked."""

    def __init__(self, root: Path, spec: str, home: Home, setting: Setting) -> None:
        self.root, self._spec, self.home, self._setting = root, spec, home, setting
        self._files = ProjectFiles(root, home)

    @classmethod
    def open(
        cls, path: Path | str = ".", setting: Setting | None = None, home: Path | None = None
    ) -> Project:
        """Open a pipeline file or folder. Raises UsageError, EnvError; reads no pipeline yet."""
        root, spec = located(Path(path))
        return cls(root, spec, open_home(home), setting or Setting())

    @cached_property
    def document(self) -> Document:
        """The pipeline as written, checked. Raises SpecError with all faults."""
        setting = self._setting
        return load(self._files, self._spec, profile=setting.profile, variables=setting.variables)

    @cached_property
    def compiled(self) -> Compiled:
        """Every step with its judged request. Raises SpecError with all faults."""
        document, models = self.document, catalog(self.root)
        made = compile_document(
            document, models, self._files, self._files.text, self._setting.max_steps
        )
        self.home.digests.flush()
        return made

    @property
    def name(self) -> str:
        """The project's name."""
        return self.document.name

    def check(self) -> tuple[Problem, ...]:
        """The whole offline check; the warnings. Raises SpecError with everything wrong."""
        build(self.compiled.steps)
        return self.compiled.warnings

    # planning

    def _scope(self, mode: Mode) -> str:
        return f"{self.root.resolve()}{'#draft' if mode else ''}"

    def _world(self, mode: Mode) -> World:
        home = self.home
        return World(
            results=home.ledger.results,
            present=home.store.has,
            blobs=self.compiled.blobs,
            heads=home.ledger.heads(self._scope(mode)),
        )

    def _reads(self) -> dict[str, str]:
        return dict(sorted((dict(self.document.reads) | self._files.seen).items()))

    def _planned(self, steps: Sequence[Step], mode: Mode, asked: Asked) -> Planned:
        graph, world = build(steps), self._world(mode)
        named = select(graph, (*asked.targets, *asked.select))
        chosen = named or set(range(len(steps))) if asked.exclude else named
        if asked.exclude:
            chosen -= select(graph, asked.exclude)
            chosen = {n for n in chosen if not steps[n].hidden}
        force = (named or range(len(steps))) if asked.force else ()
        want = wish(graph, chosen, (n for n in force if steps[n].op.kind != "hosted"))
        found, survey = plan(graph, world, want, self._reads())
        return Planned(found, graph, survey, want, found.price.expected, self.compiled.warnings)

    def plan(self, asked: Asked | None = None) -> Planned:
        """What would happen. Raises SpecError, UsageError; writes nothing."""
        wanted, mode = asked or Asked(), self._setting.draft
        real = self._planned(self.compiled.steps, "", wanted)
        if not mode:
            return real
        keep = self._held() if mode == "missing" else set[str]()
        steps = draft(self.compiled.steps, VERSIONS["draft/sketch"], keep)
        return replace(self._planned(steps, mode, wanted), price_real=real.price_real)

    def _held(self) -> set[str]:
        graph = build(self.compiled.steps)
        survey = Survey(graph, self._world(""), range(len(graph.steps))).walk()
        results = (survey.result(node) for node in survey.keys)
        digests = {blob.digest for result in results if result for blob in result.outputs}
        return held(survey, self.home.store.has(digests))

    # running

    def run(
        self,
        planned: Planned,
        consent: Consent | None = None,
        *,
        tell: Callable[[Event], None] = lambda _event: None,
        signals: Signals = lambda _press: nullcontext(),
        fail_fast: bool = False,
    ) -> RunReport:
        """Do what the plan says. Raises SpendError before anything starts, EnvError.

        `tell` hears every event; `signals(press)` routes a request to stop to `press`.
        """
        confirm(planned, consent or Consent(), self.document.budget, self._setting.providers)
        executor = self._setting.workers()
        shop = Shop(
            self.home.store,
            self.home.ledger,
            executor,
            self._setting.clock,
            self._setting.ops,
            self._setting.providers,
        )
        outlet = outlets.Outlet(
            View(self.root, self.home.store, self.home.digests),
            bool(self._setting.draft),
            self.document.exports,
        )
        order = Order(
            run=uuid.uuid4().hex[:12],
            project=self._scope(self._setting.draft),
            plan=planned.plan,
            survey=planned.survey,
            supply=self._files.supply,
            check=self._check_late,
            publish=outlet.publish,
            tell=tell,
            limits=_limits(self._setting.providers),
            fail_fast=fail_fast,
        )
        try:
            report = asyncio.run(_run(order, shop, signals))
        finally:
            executor.close(now=True)
            self.home.digests.flush()
        return replace(report, notes=tuple(outlet.problems))

    def _check_late(self, step: Step) -> None:
        outlets.check_late(catalog(self.root), step)


def _limits(providers: Mapping[str, Provider]) -> dict[str, int]:
    return {"cpu": os.cpu_count() or 1} | dict.fromkeys(providers, _HOSTED_AT_ONCE)


async def _run(order: Order, shop: Shop, signals: Signals) -> RunReport:
    stop = Stop()
    with signals(stop.press):
        return await Loop(order, shop, stop).run()
