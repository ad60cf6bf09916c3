"""Results to and from a shared folder: bytes first, then the record; nothing is bought or run.

What comes in is filed as `result` events of origin `pulled`: planning finds it by key, as it finds
what was made here.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Final, Literal

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem
from kinoform.core.grades import own
from kinoform.core.ledger import RecordError
from kinoform.core.sharing import believed, written
from kinoform.core.words import short
from kinoform.ports import Absent
from kinoform.stores.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kinoform.api.home import Home
    from kinoform.api.planning import Planned
    from kinoform.core.types import Blob, Result
    from kinoform.ports import Index, Store
    from kinoform.stores.shared import SharedFolder

_FOLDERS: Final = "shared"  # the index's list of the folders that were used
_NAMED: Final = 4
_PUSHED: Final = "kinoform status says what is lost; the rest is made by the next run"
_PULLED: Final = "push it again from where it was made, before a run buys it"


@dataclass(slots=True)
class Carried:
    """What one push or pull came to.

    `results` are whole on both sides now, `filed` of them were new there. `copied` and `there` count
    objects, `size` the bytes copied. The others name steps: `absent` lack bytes, `differ` have another
    record on the other side, `busy` are at work, `damaged` say what proved false and why.
    """

    way: Literal["push", "pull"]
    folder: Path
    results: int = 0
    filed: int = 0
    copied: int = 0
    there: int = 0
    size: int = 0
    absent: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def problems(self) -> tuple[Problem, ...]:
        """What a person should know; only damage is an error."""
        here = "is not in this store" if self.way == "push" else f"is not in {self.folder}"
        again = _PUSHED if self.way == "push" else _PULLED
        said = (
            ("bytes-not-here", self.absent, f"what it made {here}, or not whole", again),
            ("shared-differs", self.differ, "the other side has another result; both stay", ""),
            ("key-busy", self.busy, "a run works on it", "pull again when it has ended"),
        )
        warnings = [
            Problem(code, f"{_listed(steps)}: {text}", hint=hint, severity="warning")
            for code, steps, text, hint in said
            if steps
        ]
        damaged = [
            Problem("shared-damaged", f"{short(who)}: {short(why)}", path=str(self.folder))
            for who, why in self.damaged
        ]
        return (*warnings, *damaged)


def _listed(steps: Iterable[str]) -> str:
    names = list(dict.fromkeys(short(step) for step in steps))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def of_project(planned: Planned) -> list[Result]:
    """What the steps of a plan have now: under its keys, and what each had last."""
    survey, steps = planned.survey, _steps(planned)
    now = [found for node in survey.keys if (found := survey.result(node))]
    heads = {key for (step, _), key in survey.world.heads.items() if step in steps}
    last = survey.world.results(heads - {result.key for result in now})
    return [*now, *last.values()]


def chosen(planned: Planned) -> list[Blob]:
    """The bytes that people chose for steps of a plan, whatever recipe they are from."""
    found, steps = planned.survey.world.chosen, _steps(planned)
    return [blob for step, blob in found.items() if step in steps]


def _steps(planned: Planned) -> set[str]:
    """Ids of the steps that a plan covers: what was named, and all it is made from."""
    return {planned.graph.steps[number].id for number in planned.survey.scope}


def every(_result: Result) -> bool:
    """Leave out nothing."""
    return True


def among(blobs: Iterable[Blob]) -> Callable[[Result], bool]:
    """Leave out what made none of these bytes."""
    digests = {blob.digest for blob in blobs}
    return lambda result: any(blob.digest in digests for blob in result.outputs)


def of_home(home: Home) -> list[Result]:
    """Everything that was ever recorded here."""
    keys = {event.key for event in home.ledger.events() if event.kind == "result"}
    return list(home.ledger.results(keys).values())


def push(
    home: Home,
    folder: SharedFolder,
    results: Iterable[Result],
    loose: Iterable[Blob] = (),
    *,
    only: Callable[[Result], bool] = every,
    total: Callable[[int], None] = lambda _size: None,
) -> Carried:
    """Copy these results out, as far as `only` lets them, and `loose` bytes. Raises EnvError.

    What is there by name and size is not copied again, so that a push that was cut goes on. `total`
    is told how many bytes are to be copied.
    """
    folder.begin()
    wanted = {result.key: result for result in results if only(result)}
    spare = {blob.digest: blob for blob in loose}
    blobs = spare | {blob.digest: blob for result in wanted.values() for blob in result.outputs}
    there = {digest for digest, blob in blobs.items() if folder.size(digest) == blob.size}
    total(sum(blob.size for digest, blob in blobs.items() if digest not in there))
    carried = Carried("push", folder.root, there=len(there))
    try:
        for blob in spare.values():
            _give(home.store, folder, blob, there, carried)
        for result in wanted.values():
            whole = [_give(home.store, folder, blob, there, carried) for blob in result.outputs]
            if all(whole):
                _file(folder, result, carried)
            else:
                carried.absent.append(result.step)
    finally:
        remember(home.index, folder.root, there)
    return carried


def _give(
    store: Store, folder: SharedFolder, blob: Blob, there: set[str], carried: Carried
) -> bool:
    if blob.digest in there:
        return True
    try:
        folder.give(blob.digest, store.path(blob.digest))
    except Absent:
        return False
    there.add(blob.digest)
    carried.copied += 1
    carried.size += blob.size
    return True


def _file(folder: SharedFolder, result: Result, carried: Carried) -> None:
    """Put the record there; another one that proves itself is left as it is.

    A result that only a lock tells of proves nothing: its bytes are enough for whoever has that lock.
    """
    if not result.manifest:
        carried.results += 1
        return
    try:
        text = folder.record(result.key)
        known = believed(result.key, text) if text is not None else None
    except (Absent, RecordError):
        known = None
    if known is None:
        folder.file(result.key, written(result))
        carried.filed += 1
    if known is None or same(known, result):
        carried.results += 1
    else:
        carried.differ.append(result.step)


def same(one: Result, other: Result) -> bool:
    """Whether two results have the same bytes."""
    return [blob.digest for blob in one.outputs] == [blob.digest for blob in other.outputs]


def remember(index: Index, folder: Path, digests: Iterable[str]) -> None:
    """Note where bytes lie also: as far as the index keeps it, which costs a warning at most."""
    sheet = Sheet(index, f"{_FOLDERS}:{folder}")
    sheet.put(dict.fromkeys(digests, "1"))
    sheet.save()
    index.put({_FOLDERS: json.dumps(sorted({*folders(index), str(folder)}))})


def folders(index: Index) -> list[str]:
    """The shared folders that were used."""
    try:
        found = json.loads(index.get(_FOLDERS) or "[]")
    except ValueError:
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def alone(home: Home, results: Iterable[Result]) -> list[Result]:
    """Those that cannot be made again and lie in this store only; none before a folder was used."""
    known = [Sheet(home.index, f"{_FOLDERS}:{name}") for name in folders(home.index)]
    if not known:
        return []
    archived = [result for result in results if own(result) == "archived"]
    digests = {blob.digest for result in archived for blob in result.outputs}
    single = {d for d in home.store.has(digests) if not any(sheet.get(d) for sheet in known)}
    return [r for r in archived if any(blob.digest in single for blob in r.outputs)]
