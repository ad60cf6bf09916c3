"""Collecting what nobody needs from the store of one user. The ledger is never touched.

What must stay comes from a list of functions, so that whoever gives bytes a meaning says so there.
"""

from __future__ import annotations

import time
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from kinoform.api import lockbook, pickbook, sharing, tasks
from kinoform.api.project import Project
from kinoform.core.classes import dataclass
from kinoform.core.errors import KinoformError, Problem
from kinoform.core.garbage import (
    COSTLY,
    Fate,
    History,
    Names,
    Policy,
    judge,
    mentioned,
)
from kinoform.core.words import short
from kinoform.stores import inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kinoform.api.home import Home
    from kinoform.core.types import Result

    Roots: TypeAlias = "Callable[[Home, History], Iterator[Root]]"

LOCK: Final = "gc"
_DRAFT: Final = "#draft"


@dataclass(frozen=True, slots=True)
class Root:
    """What must stay and why: the outputs and inputs of these keys, and these digests.

    `problem` is what a person should know of how it was found.
    """

    why: str
    keys: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection: the fate of every object; after it was done, how many bytes are `free`."""

    fates: tuple[Fate, ...]
    problems: tuple[Problem, ...] = ()
    done: bool = False
    removed: int = 0
    free: int = 0
    policy: Policy = field(default_factory=Policy)


def of_projects(home: Home, history: History) -> Iterator[Root]:
    """What each project has: its present plan, and what each of its steps had last."""
    heads: dict[str, set[str]] = {}
    for (project, _, _), key in history.heads.items():
        heads.setdefault(project, set()).add(key)
    for project in sorted(filter(None, heads)):
        folder = Path(project.removesuffix(_DRAFT))
        if folder.is_dir():
            yield Root("in use", frozenset(heads[project]))
            if not project.endswith(_DRAFT):
                yield _planned(home, project, history)
        else:
            said = f"the folder {short(project)} is not there: nothing is kept for it"
            yield Root("", problem=Problem("project-gone", said, severity="warning"))


def _planned(home: Home, project: str, history: History) -> Root:
    """What the present plan names. One that cannot be read keeps all that it ever had."""
    try:
        planned = Project.open(project, home=home.root).plan()
    except (KinoformError, OSError, RecursionError):
        said = f"the pipeline in {short(project)} cannot be read: all of its results are kept"
        problem = Problem("project-unread", said, severity="warning")
        return Root(
            "of a project that cannot be read",
            frozenset(history.projects.get(project, ())),
            problem=problem,
        )
    inputs = [blob.digest for blob in planned.survey.world.blobs.values()]
    results = sharing.of_project(planned)
    outputs = [blob.digest for result in results for blob in result.outputs]
    return Root("in use", frozenset(result.key for result in results), frozenset(inputs + outputs))


def of_decisions(home: Home, history: History) -> Iterator[Root]:
    """What people chose, for films and for drafts, and what a lock in git names.

    Every digest that stands in such a file counts, so that a line which cannot be read keeps its bytes.
    """
    folders = sorted({project.removesuffix(_DRAFT) for project, _, _ in history.heads if project})
    for name in folders:
        yield Root("locked", digests=_written(Path(name, lockbook.FOLDER)))
        yield Root("picked", digests=_written(Path(name, pickbook.FOLDER)))
    yield Root("picked", digests=_written(home.root / "drafts"))


def _written(folder: Path) -> frozenset[str]:
    """Every digest in the files below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return frozenset(d for path in files for d in mentioned(path.read_text("utf-8", "replace")))


def of_tasks(home: Home, _: History) -> Iterator[Root]:
    """Whatever a task names that is under way, in doubt, or whose results are lost."""
    for task in tasks.pending(home):
        yield Root("of an open task", frozenset({task.key}), frozenset(mentioned(task.data)))


ROOTS: Final[tuple[Roots, ...]] = (of_projects, of_decisions, of_tasks)


def look(home: Home, policy: Policy, now: float, roots: Sequence[Roots] = ROOTS) -> Collected:
    """What a collection would do; writes nothing. Raises EnvError."""
    # The objects first: what comes later is not on the list, whatever is recorded of it.
    held = list(inventory.objects(home.root / "store"))
    history = History()
    for event in home.ledger.events():
        history.hear(event)
    results = home.ledger.results(history.keys)
    found = [root for provider in roots for root in provider(home, history)]
    kept = _kept(found, results.values())
    fates = judge(held, _names(home, history, results.values()), kept, policy, now)
    problems = dict.fromkeys(root.problem for root in found if root.problem)
    return Collected(tuple(fates), tuple(problems), policy=policy)


def _names(home: Home, history: History, results: Iterable[Result]) -> Names:
    names = Names()
    for result in results:
        names.result(result, history.used.get(result.key, 0.0))
    for task in home.ledger.tasks():
        names.task(task)
    return names


def _kept(roots: Iterable[Root], results: Iterable[Result]) -> dict[str, str]:
    """Digest to why it must stay; the first reason counts."""
    by_key = {result.key: result for result in results}
    kept: dict[str, str] = {}
    for root in roots:
        named = [by_key[key] for key in root.keys if key in by_key]
        own = [blob.digest for result in named for blob in result.outputs]
        for digest in (*root.digests, *own):
            kept.setdefault(digest, root.why)
        for result in named:
            for digest in mentioned(result.manifest):
                kept.setdefault(digest, f"read by what is {root.why}")
    return kept


def collect(
    home: Home,
    policy: Policy,
    now: Callable[[], float] = time.time,
    *,
    roots: Sequence[Roots] = ROOTS,
    on_wait: Callable[[str], None] = lambda _holder: None,
) -> Collected:
    """Remove what `look` would. Raises EnvError; what was removed by then is gone.

    Two collections exclude each other by one key's lock, and no writer needs it. That is enough:
    bytes come into the store before anything names them, an object that is written or added again is
    young from then on, what is younger than an hour stays, and an object that becomes young while it
    is being removed is put back (`stores.inventory.discard`). So nothing that is recorded after the
    look can have lost its bytes to it, as long as a record follows its bytes within the hour. A run
    that reads an object just when it goes finds it absent, which is always a legal answer: what
    cost money is not removed unless a person named it, and the rest is made again.
    """
    with home.locks.hold(LOCK, on_wait):
        seen = look(home, policy, now(), roots)
        gone: list[Fate] = []
        try:
            gone.extend(
                fate
                for fate in seen.fates
                if fate.goes and inventory.discard(home.root / "store", fate.thing)
            )
        finally:
            _after(home, gone, now())
    size = sum(fate.thing.size for fate in gone)
    return Collected(seen.fates, seen.problems, True, len(gone), size, policy)


def _after(home: Home, gone: Sequence[Fate], now: float) -> None:
    """What was paid for is noted as let go; the index forgets what it knew of the bytes."""
    costly = [fate.thing.digest for fate in gone if fate.sort in COSTLY]
    inventory.note_collected(home.root / "store", costly, now)
    home.index.forget([f"facts:{fate.thing.digest}" for fate in gone])
