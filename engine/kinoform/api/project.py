"""`Project`: a pipeline folder opened for one user. The product; every command is a reader of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.api import inputs, lock
from kinoform.api.alone import alone
from kinoform.api.drafts import blend, draft, earnest, held, with_inputs
from kinoform.api.faults import further
from kinoform.api.files import ProjectFiles
from kinoform.api.home import Home, open_home
from kinoform.api.lockbook import LockBook
from kinoform.api.models import catalog, pipeline_schema
from kinoform.api.pickbook import PickBook
from kinoform.api.planning import Asked, Planned, chosen, named, wanted
from kinoform.api.records import Records
from kinoform.api.retaking import retaken
from kinoform.api.selecting import Lookup, ended, models
from kinoform.api.setting import Hosted, Mode, Setting, located
from kinoform.api.worlds import chosen_blobs, dearer, reads
from kinoform.core.canon import hexdigest
from kinoform.core.errors import SpecError, in_order
from kinoform.core.graph import build
from kinoform.core.moves import Moves
from kinoform.core.plan import plan, wish
from kinoform.core.select import select
from kinoform.core.survey import Survey
from kinoform.core.types import Blob, Expect
from kinoform.core.world import World, several
from kinoform.ops.table import VERSIONS
from kinoform.spec.aliases import open_aliases
from kinoform.spec.compile import Compiled, compile_document
from kinoform.spec.document import Document, survey
from kinoform.spec.source import collector_paused
from kinoform.spec.terms import Terms
from kinoform.spec.verdicts import Verdicts, at_sight

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from kinoform.api.consent import Consent
    from kinoform.api.planning import Chosen
    from kinoform.api.running import Ground
    from kinoform.api.watch import Watch
    from kinoform.core.choice import Choice
    from kinoform.core.decisions import Plan
    from kinoform.core.errors import Problem
    from kinoform.core.plan import Wish
    from kinoform.core.report import Ended, RunReport
    from kinoform.core.tasks import Task
    from kinoform.core.types import Graph, Step

__all__ = ["Asked", "Mode", "Planned", "Project", "Setting"]


class Project:
    """One pipeline, compiled when first needed and planned as often as asked."""

    def __init__(self, root: Path, spec: str, home: Home, setting: Setting) -> None:
        self.root, self._spec, self.home = root, spec, home
        self._setting = replace(setting, hosted=Hosted()) if setting.frozen else setting
        self._files = ProjectFiles(root, home)
        self._verdicts = Verdicts(home.index)

    @classmethod
    def open(
        cls, path: Path | str = ".", setting: Setting | None = None, home: Path | None = None
    ) -> Project:
        """Open a pipeline file or folder. Raises UsageError, EnvError; reads no pipeline yet."""
        root, spec = located(Path(path))
        return cls(root, spec, open_home(home), setting or Setting())

    @cached_property
    def document(self) -> Document:
        """The pipeline as written, checked. Raises SpecError with all faults, of requests too."""
        setting = self._setting
        document, problems = survey(
            self._files,
            self._spec,
            schema=pipeline_schema(),
            profile=setting.profile,
            variables=setting.variables,
        )
        if problems:
            raise SpecError(in_order((*problems, *further(document, problems, self._compile))))
        self._files.ahead(partial(inputs.files, document))
        return document

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """What each alias with several candidates stands for. Raises SpecError."""
        aliases = tuple(open_aliases(self.document))
        if not aliases:
            return ()
        from kinoform.api.choices import Market, settle, standing_records  # noqa: PLC0415  (most films leave no model open)

        recorded = standing_records(self.document, lock.chosen(self.root, aliases))
        compile_with = partial(self._compile, self.document)
        return settle(Market(self.document, compile_with, self._holds, recorded))

    @cached_property
    def compiled(self) -> Compiled:
        """Every step with its judged request. Raises SpecError with all faults."""
        made = self._compile(self.document, self._models, self._adopted)
        self._files.flush()
        self._verdicts.flush()
        return made

    @cached_property
    def _adopted(self) -> dict[str, Expect]:
        every = self.picks.all.items()
        mine = {step: pick for step, pick in every if pick.kind == "adopt" and not pick.made}
        blobs = chosen_blobs(mine, self.lock, self._files.look, self.home.store)
        return {step: Expect(b.media, b.facts) for step, b in blobs.items() if b.media}

    def with_file(self, step: str, blob: Blob) -> Compiled:
        """The pipeline as if these bytes stood for a step. Raises SpecError."""
        made = self._adopted | {step: Expect(blob.media, blob.facts)}
        return self._compile(self.document, self._models, made)

    @property
    def _models(self) -> dict[str, str]:
        return {choice.alias: choice.model for choice in self.choices}

    def _compile(
        self,
        document: Document,
        choices: Mapping[str, str],
        made: Mapping[str, Expect] | None = None,
    ) -> Compiled:
        terms = Terms(self._setting.max_steps, choices, at_sight(self._verdicts), made=made or {})
        return compile_document(document, catalog(self.root), self._files, self._files.text, terms)

    @cached_property
    def moves(self) -> Moves:
        """What was renamed."""
        return Moves({move.old: move.new for move in self.document.moved})

    @cached_property
    def lock(self) -> LockBook:
        """What the lock says, read once."""
        return LockBook(self.root, self.moves)

    @property
    def name(self) -> str:
        """The project's name; that of its folder where the file gives none."""
        return self.document.name or self.root.resolve().name

    def under_way(self) -> list[Task]:
        """What its provider may still have of this project."""
        scope = self._scope("")
        return [task for task in self.home.ledger.open_tasks() if task.project == scope]

    @property
    def pipeline(self) -> Path:
        """The pipeline file."""
        return self.root / self._spec

    def check(self) -> tuple[Problem, ...]:
        """The whole offline check; the warnings. Raises SpecError with everything wrong."""
        return self.compiled.warnings

    # planning

    @property
    def is_draft(self) -> bool:
        """Whether it was opened to be drafted."""
        return bool(self._setting.draft)

    @property
    def scope(self) -> str:
        """The name under which the ledger records what is made here."""
        return self._scope(self._setting.draft)

    @property
    def picks(self) -> PickBook:
        """What people chose, read anew each time."""
        return self._picks(self._setting.draft)

    @property
    def verify(self) -> str:
        """Where the check of files that come from outside is: "module:function"."""
        return self._setting.verify

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._setting.clock.now()

    def _scope(self, mode: Mode) -> str:
        return f"{self.root.resolve()}{'#draft' if mode else ''}"

    def _world(
        self, compiled: Compiled, mode: Mode, real: Collection[str] = (), *, locked: bool = False
    ) -> World:
        """What a plan reads. `real` are the steps that are no drafts although the film is drafted."""
        home = self.home
        book, heads = self._picks(mode), self._heads(mode)
        picks, equates = book.all, book.equates
        if real:
            film = self._picks("")
            picks = blend(picks, film.all, real.__contains__)
            said = [e for e in film.equates if e.step in real]
            equates = (*(e for e in equates if e.step not in real), *said)
            heads = blend(heads, self._heads(""), lambda head: head[0] in real)
        # A fresh clone knows of takes from its lock only.
        look = not mode and (locked or not heads)
        return World(
            results=self.records.results,
            gists=self.records.gists,
            present=home.store.has,
            blobs=compiled.blobs,
            heads=heads,
            picks=picks,
            chosen=chosen_blobs(picks, self.lock, self._files.look, home.store),
            tasks=home.ledger.tasks,
            dearer=dearer(compiled, home.index),
            more=several([*heads, *(self.lock.takes if look else ())]),
            equates=equates,
        )

    def _heads(self, mode: Mode) -> Mapping[tuple[str, int], str]:
        return self.moves.renamed_takes(self.home.ledger.heads(self._scope(mode)))

    @cached_property
    def records(self) -> Records:
        """What is on record."""
        return Records(self.home.ledger, self.lock, self._setting.frozen)

    def _picks(self, mode: Mode) -> PickBook:
        """What people chose: for the film itself in the project, for its drafts in the home."""
        if not mode:
            return PickBook(self.root, self.moves)
        folder = self.home.root / "drafts" / hexdigest(str(self.root.resolve()))[:16]
        return PickBook(folder, self.moves)

    def _planned(self, graph: Graph, mode: Mode, want: Wish, *, locked: bool = False) -> Planned:
        own = earnest(graph) if mode else ()
        world = self._world(self.compiled, mode, own, locked=locked)
        read = reads(self.compiled, self.document.reads, self._files.seen)
        found, survey = plan(graph, world, want, read)
        real = found.price.expected
        return Planned(found, graph, survey, want, real, self.compiled.warnings, self.choices)

    def plan(self, asked: Asked | None = None) -> Planned:
        """What would happen. Raises SpecError, UsageError; writes nothing."""
        with collector_paused():
            return self._plan(asked or Asked())

    def _plan(self, asked: Asked) -> Planned:
        mode, film = self._setting.draft, self.compiled.graph
        graph = build(self._drafted(asked)) if mode else film
        choice = self._chosen(graph, mode, asked)
        want, locked = wanted(graph, asked, choice), asked.lock or asked.retake
        planned = self._planned(graph, mode, want, locked=locked)
        if asked.retake:
            return retaken(planned)
        if mode:  # the same steps in earnest: drafting changes no step's number
            price = self._planned(film, "", wanted(film, asked, choice)).price_real
            planned = replace(planned, price_real=price)
        if asked.only:
            planned = replace(planned, warnings=(*planned.warnings, *alone(planned)))
        return replace(planned, nothing=choice.nothing)

    def _drafted(self, asked: Asked) -> tuple[Step, ...]:
        keep = self._held(self.compiled) if self._setting.draft == "missing" else set[str]()
        if asked.final:
            film = self.compiled.graph
            known = self._lookup("", partial(self._whole, film, "")).known(asked.final)
            keep |= with_inputs(film, select(film, asked.final, known, "--final"))
        return draft(self.compiled.steps, VERSIONS["draft/sketch"], keep)

    def _whole(self, graph: Graph, mode: Mode) -> tuple[Plan, Survey]:
        world = self._world(self.compiled, mode, earnest(graph) if mode else ())
        return plan(graph, world, wish(graph))

    def _chosen(self, graph: Graph, mode: Mode, asked: Asked) -> Chosen:
        lookup = self._lookup(mode, partial(self._whole, graph, mode))
        last = lookup.ended() if asked.retry else {}
        return chosen(graph, asked, lookup.known(asked.expressions()), last)

    def _lookup(self, mode: Mode, whole: Callable[[], tuple[Plan, Survey]]) -> Lookup:
        return Lookup(
            whole,
            lambda: models(self.document, self.compiled),
            lambda: self.moves.renamed(ended(self.home.ledger, self._scope(mode))),
        )

    def named(self, planned: Planned, asked: Asked) -> Chosen:
        """What targets, selections and exclusions name in a plan of the whole film.

        Raises UsageError for names that are not there, and for a selection that nothing can be in.
        """
        lookup = self._lookup(self._setting.draft, lambda: (planned.plan, planned.survey))
        return named(planned.graph, asked, lookup.known(asked.expressions()))

    def _holds(self, compiled: Compiled, steps: frozenset[str]) -> int:
        return sum(name.partition("@")[0] in steps for name in self._held(compiled))

    def _held(self, compiled: Compiled) -> set[str]:
        numbers = range(len(compiled.graph.ids))
        survey = Survey(compiled.graph, self._world(compiled, ""), numbers).walk()
        digests = {
            blob.digest for gist in survey.gists(survey.keys).values() for blob in gist.outputs
        }
        return held(survey, self.home.store.has(digests))

    # running

    def bring_back(self, keys: Collection[str]) -> bool:
        """Try to have the lost bytes of these results once more, for nothing; whether all came."""
        return self._recovered(keys) >= set(keys)

    def _recovered(self, keys: Collection[str], idle: Collection[str] = ()) -> frozenset[str]:
        from kinoform.api.resume import recover  # noqa: PLC0415  (loaded where something is lost)

        results = self.records.results(keys)
        return recover(self.home, self._setting, results, self.root, idle)

    def recover(self, planned: Planned) -> bool:
        """Try to have lost bytes once more, for nothing: a provider forgets what nobody needs today, too.

        From `out/`, from shared folders, from their providers: a frozen build knows the first only.
        True when some came back: plan again. Raises EnvError.
        """
        needed, gone = set(planned.lost), {decision.key for decision in planned.gone}
        wanted = {decision.key for decision in planned.gone if decision.step in needed}
        return bool(gone and self._recovered(gone, idle=gone - wanted))

    def run(
        self, planned: Planned, consent: Consent | None = None, watch: Watch | None = None
    ) -> RunReport:
        """Do what the plan says. Raises SpendError before anything starts, EnvError.

        A file of `out/` that cannot be written is said in the end: what was made is recorded.
        """
        from kinoform.api.running import run  # noqa: PLC0415  (a plan executes nothing)

        return run(self._ground, planned, consent, watch)

    @property
    def _ground(self) -> Ground:
        from kinoform.api.running import Ground  # noqa: PLC0415  (a plan executes nothing)

        return Ground(
            self.root,
            self.home,
            self._setting,
            self.document,
            self.lock,
            self.records,
            self.moves,
            self.scope,
            self._scope(""),
            self._files.supply,
        )

    def show(self, ended: Ended, before: Sequence[Blob]) -> tuple[Problem, ...]:
        """Show in out/ what stands for a step by now, in place of `before`; what kept it from that."""
        from kinoform.api.running import outlet_of  # noqa: PLC0415  (a plan shows nothing)

        planned = self.plan()
        outlet, save = outlet_of(self._ground, planned, lambda _step, _ended: before)
        outlet.publish(planned.step(ended.step), ended)
        save()
        return outlet.said()
