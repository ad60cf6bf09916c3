"""`check --lock`: whether the lock can be read, belongs to this pipeline, and has its bytes here.

Reads only. What cannot be read is a fault; everything else is told, and stands in nobody's way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kinoform.api.lock import FOLDER as MODELS
from kinoform.api.lock import chosen
from kinoform.api.lockbook import FOLDER, LockBook
from kinoform.core import lock
from kinoform.core.address import named, place
from kinoform.core.errors import Problem, SpecError, Where
from kinoform.core.types import Url
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.api.project import Project
    from kinoform.core.types import Result
    from kinoform.spec.document import Document

_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Orphan:
    """Records of a step or item that the pipeline does not have.

    `now` is the step that has their request today: what it was renamed to. Empty where none has.
    """

    step: str
    now: str = ""

    def problem(self) -> Problem:
        """What a person may do about it."""
        place = Where(f"{FOLDER}/{lock.place(self.step)}", 1, 1)
        said = f"{short(self.step)} is not in the pipeline"
        line = f"- {{from: {short(self.step)}, to: {short(self.now) or 'NEW'}}}"
        hint = f"if it was renamed, add to moved: {line}"
        return Problem("lock-orphan", said, place, hint, severity="warning")


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
    results, wrong = LockBook(project.root).read()
    pins, bad = LockBook(project.root).inputs()
    wrong += [*bad, *_models(project), *_picks(project)]
    digests = {blob.digest for result in results for blob in result.outputs}
    gone = digests - project.home.store.has(digests)
    missing = Counter(r.step for r in results for blob in r.outputs if blob.digest in gone)
    older = _older(project, results)
    orphans = _orphans(project, results, plain=not wrong)
    told = (
        *(orphan.problem() for orphan in orphans),
        *_twice(results),
        *_missing(missing, len(gone), len(digests)),
        *_changed(older),
        *_unread(project, pins),
    )
    steps = len({result.step for result in results})
    return LockCheck(
        records=len(results),
        inputs=len(pins),
        steps=steps,
        artifacts=len(digests),
        missing=missing,
        older=older,
        orphans=orphans,
        problems=(*wrong, *told),
    )


def _unread(project: Project, pins: Collection[str]) -> Iterator[Problem]:
    """Pinned addresses that no step reads any more."""
    inputs = (source for step in project.compiled.steps for source in step.inputs.values())
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


def _orphans(project: Project, results: Iterable[Result], *, plain: bool) -> list[Orphan]:
    keys: dict[str, list[str]] = defaultdict(list)
    for result in results:
        keys[result.step].append(result.key)
    there = _there(project.document)
    lost = [step for step in keys if not there(step)]
    if not (lost and plain):  # a lock that cannot be read is planned with by nobody
        return [Orphan(step) for step in lost]
    planned = project.plan()
    steps = planned.graph.steps
    now = {key: steps[number].id for (number, _), key in planned.survey.keys.items()}
    return [Orphan(s, next((now[key] for key in keys[s] if key in now), "")) for s in lost]


def _there(document: Document) -> Callable[[str], bool]:
    """Whether a step id is known: declared, with items that were left out, or said to have moved."""
    cast = (document.shots, document.characters, document.styles)
    homes = {home.name: set(home.order) for home in (*cast, *document.data.values())}
    moved = {move.old for move in document.moved}

    def there(step: str) -> bool:
        name, _, item = step.partition("@")
        if step in moved or name in moved:
            return True
        loops = list(document.steps[name].foreach.values()) if name in document.steps else None
        parts = item.split(".") if item else []
        if loops is None or len(parts) != len(loops):
            return False
        return all(part in homes[home] for part, home in zip(parts, loops, strict=True))

    return there


def _older(project: Project, results: Iterable[Result]) -> dict[str, int]:
    now = {step.op.name: step.op.model_digest for step in project.compiled.steps}
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
