"""`check --lock`: whether the lock can be read, belongs to this pipeline, and has its bytes here.

Reads only. What cannot be read is a fault; everything else is told, and stands in nobody's way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import field
from typing import TYPE_CHECKING, Final

from kinoform.api.lock import FOLDER as MODELS
from kinoform.api.lock import chosen
from kinoform.api.lockbook import FOLDER
from kinoform.api.orphans import Orphan, orphans
from kinoform.core import lock
from kinoform.core.address import named, place
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, Where
from kinoform.core.types import Url
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.api.project import Project
    from kinoform.core.types import Result, Step

_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class LockCheck:
    """What was found. `missing` names steps by how many artifacts of theirs are not in this store.

    `older` counts the records made under another model file than today's, by model.
    """

    records: int = 0
    inputs: int = 0
    steps: int = 0
    artifacts: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)
    older: Mapping[str, int] = field(default_factory=dict)
    orphans: Sequence[Orphan] = ()
    problems: Sequence[Problem] = ()

    @property
    def valid(self) -> bool:
        """Whether every record can be read."""
        return all(problem.severity != "error" for problem in self.problems)


def check_lock(project: Project) -> LockCheck:
    """Check the lock of a project whose pipeline is sound. Raises SpecError for its pipeline."""
    results, wrong = project.lock.read()
    pins, bad = project.lock.inputs()
    decided = [*bad, *_models(project), *_picks(project)]
    steps = _steps(project, decided)
    wrong += decided
    digests = {blob.digest for result in results for blob in result.outputs}
    gone = digests - project.home.store.has(digests)
    missing = Counter(r.step for r in results for blob in r.outputs if blob.digest in gone)
    older = _older(steps, results)
    found = orphans(project, lambda: None if wrong else project.plan())  # nobody plans with damage
    told = (
        *(orphan.problem() for orphan in found),
        *_twice(results),
        *_missing(missing, len(gone), len(digests)),
        *_changed(older),
        *_unread(steps, pins if steps else ()),
    )
    return LockCheck(
        records=len(results),
        inputs=len(pins),
        steps=len({result.step for result in results}),
        artifacts=len(digests),
        missing=missing,
        older=older,
        orphans=found,
        problems=(*wrong, *told),
    )


def _steps(project: Project, decided: Iterable[Problem]) -> Sequence[Step]:
    """The steps of today; none while a decision that they follow from cannot be read."""
    damaged = any(problem.severity == "error" for problem in decided)
    return () if damaged else project.compiled.steps


def _unread(steps: Iterable[Step], pins: Collection[str]) -> Iterator[Problem]:
    """Pinned addresses that no step reads any more."""
    inputs = (source for step in steps for source in step.inputs.values())
    read = {named(source.url) for source in inputs if isinstance(source, Url)}
    for name in sorted(set(pins) - read):
        where = Where(f"{FOLDER}/{place(name)}", 1, 1)
        said = f"no step reads {short(name)}"
        yield Problem("lock-orphan", said, where, "delete the file", severity="warning")


def _models(project: Project) -> Iterator[Problem]:
    """Records of aliases that are none, or whose alias is not there any more."""
    aliases = project.document.models
    for path in sorted((project.root / MODELS).glob("[!.]*")):
        try:
            chosen(project.root, (path.name,))
        except SpecError as error:
            yield from error.problems
        if path.name not in aliases:
            said, place = (
                f"there is no alias {short(path.name)}",
                Where(f"{MODELS}/{path.name}", 1, 1),
            )
            yield Problem("lock-orphan", said, place, "delete the file", severity="warning")


def _picks(project: Project) -> Iterable[Problem]:
    try:
        _ = project.picks.all
    except SpecError as error:
        return error.problems
    return ()


def _older(steps: Iterable[Step], results: Iterable[Result]) -> dict[str, int]:
    now = {step.op.name: step.op.model_digest for step in steps}
    counts = Counter(r.op for r in results if now.get(r.op, r.model_digest) != r.model_digest)
    return dict(sorted(counts.items()))


def _twice(results: Iterable[Result]) -> Iterator[Problem]:
    found: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        found[result.key].append(result)
    for same in found.values():
        if len({result.outputs for result in same}) > 1:
            step = same[-1].step
            said = f"two branches bought the same request of {short(step)}: the last record stands"
            hint = "to have the other, delete the last line and run again"
            place = Where(f"{FOLDER}/{lock.place(step)}", 1, 1)
            yield Problem("lock-twice", said, place, hint, severity="warning")


def _missing(missing: Mapping[str, int], gone: int, known: int) -> Iterator[Problem]:
    if gone:
        said = f"{gone:,} of {known:,} artifacts are not in this store: {_listed(missing)}"
        yield Problem("lock-bytes-missing", said, hint="kinoform pull DIR", severity="warning")


def _changed(older: Mapping[str, int]) -> Iterator[Problem]:
    for model, count in older.items():
        said = f"{count:,} records were made under another model file of {short(model)}"
        hint = "they are kept: a model file is not part of what makes two requests the same"
        yield Problem("lock-model-changed", said, hint=hint, severity="warning")


def _listed(steps: Iterable[str]) -> str:
    names = [short(step) for step in steps]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
