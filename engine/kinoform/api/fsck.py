"""Verifying everything that one user keeps: objects, ledger, and what is recorded but gone.

Repairs what can be repaired for nothing: derived tables here, bytes from a shared folder.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Final

from kinoform.api.home import open_home
from kinoform.api.pulling import fetch
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem
from kinoform.core.garbage import History, Names
from kinoform.core.ledger import RecordError, blob_of
from kinoform.ports import Absent
from kinoform.stores import inventory, ledger_check
from kinoform.stores.localdir import LocalStore
from kinoform.views.words import many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kinoform.api.home import Home
    from kinoform.core.garbage import Thing
    from kinoform.core.tasks import Task
    from kinoform.core.types import Blob
    from kinoform.stores.shared import SharedFolder

_THREADS: Final = 4  # hashing lets other threads work; more than a disk feeds are of no use


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` of `of`, by digest: the parts of the same number hold the same objects."""

    number: int = 1
    of: int = 1

    def has(self, digest: str) -> bool:
        """Whether an object belongs to it."""
        return int(digest[7:23], 16) % self.of == self.number - 1


@dataclass(slots=True)
class Checked:
    """What was found.

    `objects` and `size` were read. `damaged` were set aside, `lost` are results that were paid for and
    whose bytes are not here, both digest -> steps; `repaired` of them came back. `let_go` were
    collected on purpose, `again` counts local results and drafts that are made again when needed.
    `derived` tells whether the ledger's tables agreed with its events; they do now. `faults` are those
    of the ledger itself.
    """

    objects: int = 0
    size: int = 0
    damaged: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lost: dict[str, tuple[str, ...]] = field(default_factory=dict)
    repaired: dict[str, tuple[str, ...]] = field(default_factory=dict)
    let_go: int = 0
    again: int = 0
    derived: bool = True
    faults: list[Problem] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything was whole, and everything that was paid for is here."""
        return not (self.faults or self.damaged or self.lost) and self.derived

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, one for each kind."""
        found = list(self.faults)
        if self.damaged:
            said = f"{many(len(self.damaged), 'damaged object')} set aside: never served"
            found.append(Problem("object-damaged", said))
        if not self.derived:
            said = "tables that follow from the ledger's events did not agree, and were made anew"
            found.append(Problem("derived-stale", said, severity="warning"))
        if self.lost:
            said = f"the bytes of {many(len(self.lost), 'paid result')} are gone"
            found.append(Problem("results-lost", said, hint=_HINT))
        return tuple(found)


_HINT: Final = (
    "kinoform fsck --from DIR takes them from a shared folder; a run asks the provider, for nothing"
)


def fsck(
    root: Path,
    part: Part | None = None,
    source: SharedFolder | None = None,
    tell: Callable[[int], None] = lambda _size: None,
) -> Checked:
    """Check the home in `root`; `tell` hears of the bytes of each object that was read.

    A ledger that cannot be opened is a finding: the objects are verified all the same. Raises
    EnvError when the disk fails or the folder `source` cannot be used.
    """
    if source is not None:
        source.look()
    checked = Checked()
    store = LocalStore(root / "store")
    _verify(store, root / "store", part or Part(), checked, tell)
    home = _open(root, checked)
    if home is not None:
        blobs = _records(home, checked)
        if source is not None:
            _repair(home, source, blobs, checked)
    return checked


def size_of(root: Path, part: Part) -> int:
    """How many bytes a check of this part reads. Raises EnvError."""
    return sum(o.size for o in inventory.objects(root / "store") if part.has(o.digest))


def _verify(
    store: LocalStore, root: Path, part: Part, checked: Checked, tell: Callable[[int], None]
) -> None:
    """Read and hash every object; `path` sets aside what is damaged, after a second look."""
    things = [thing for thing in inventory.objects(root) if part.has(thing.digest)]

    def whole(thing: Thing) -> bool:
        try:
            store.path(thing.digest)
        except Absent:
            return False
        return True

    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        for thing, good in zip(things, pool.map(whole, things), strict=True):
            checked.objects += 1
            checked.size += thing.size
            tell(thing.size)
            if not good:
                checked.damaged[thing.digest] = ()


def _open(root: Path, checked: Checked) -> Home | None:
    """The home with a ledger that was looked through; None, and said, if it cannot be used."""
    try:
        said = ledger_check.damage(root / "ledger.sqlite")
        if said:
            hint = "keep the file: it is the record of what was paid; restore its backup"
            checked.faults += [
                Problem("ledger-damaged", f"the ledger is damaged: {text}", hint=hint)
                for text in said
            ]
            return None
        home = open_home(root)
        checked.derived = home.ledger.rebuild()
    except EnvError as error:
        checked.faults += error.problems
        return None
    return home


def _records(home: Home, checked: Checked) -> dict[str, Blob]:
    """Compare what the ledger says should be here with what is; every artifact by its digest."""
    names, history = Names(), History()
    made: list[Blob] = []
    for event in home.ledger.events():
        history.hear(event)
    for result in home.ledger.results(history.keys).values():
        names.result(result, 0.0)
        made += result.outputs
    for task in home.ledger.tasks():
        names.task(task)
        made += _part_of(task)
    blobs = {blob.digest: blob for blob in made}
    checked.damaged = {digest: names.steps(digest) for digest in checked.damaged}
    gone = blobs.keys() - home.store.has(blobs.keys())
    paid = {digest for digest in gone if names.sorts[digest] == "paid"}
    let_go = paid & inventory.collected(home.root / "store")
    checked.lost = {digest: names.steps(digest) for digest in sorted(paid - let_go)}
    checked.let_go, checked.again = len(let_go), len(gone - paid)
    return blobs


def _part_of(task: Task) -> Iterator[Blob]:
    """What came of a purchase that ended in part."""
    for row in (*task.data.get("stored", ()), *task.data.get("held", ())):
        with suppress(RecordError):
            yield blob_of(row)


def _repair(home: Home, source: SharedFolder, blobs: Mapping[str, Blob], checked: Checked) -> None:
    """Take from the shared folder what is damaged or lost, as far as it is there."""
    wanted = [digest for digest in {**checked.damaged, **checked.lost} if digest in blobs]
    for digest in wanted:
        if fetch(home.store, source, blobs[digest]):
            steps = {**checked.damaged, **checked.lost}[digest]
            checked.repaired[digest] = steps
            checked.lost.pop(digest, None)
