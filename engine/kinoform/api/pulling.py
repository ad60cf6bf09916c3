"""Results from a shared folder: believed only with proof, filed beside what was made here.

Planning finds them by key; nothing is bought or run.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from kinoform.api.sharing import Carried, chosen, every, folders, of_project, remember, same
from kinoform.core.errors import EnvError
from kinoform.core.ledger import RecordError, to_record
from kinoform.core.sharing import believed
from kinoform.core.survey import Survey
from kinoform.core.types import Event
from kinoform.core.words import short
from kinoform.ports import Absent
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from kinoform.api.home import Home
    from kinoform.api.planning import Planned
    from kinoform.core.types import Blob, Gist, Result
    from kinoform.ports import Store

Known: TypeAlias = "Callable[[Collection[str]], Mapping[str, Result]]"

_RUN: Final = "pull"


class _Busy(Exception):  # noqa: N818  (not a fault: a run is at work)
    """A run holds the key."""


def _refuse(_holder: str) -> None:
    raise _Busy


class Pull:
    """Brings results in as they are asked for by key, each once; `carried` is what came of it."""

    def __init__(
        self,
        home: Home,
        folder: SharedFolder,
        now: Callable[[], float],
        *,
        only: Callable[[Result], bool] = every,
    ) -> None:
        self._home, self._folder, self._now, self._only = home, folder, now, only
        self._tried: set[str] = set()
        self._known: Known = home.ledger.results
        self._there: set[str] = set()
        self.carried = Carried("pull", folder.root)

    def results(self, keys: Collection[str]) -> Mapping[str, Result]:
        """The recorded results among these keys, brought in where they are missing. Raises EnvError."""
        ours = self._known(keys)
        held = self._home.store.has({b.digest for r in ours.values() for b in r.outputs})
        for key in sorted(set(keys) - self._tried):
            mine = ours.get(key)
            # What only a lock tells has no manifest: it is brought although its bytes are here.
            if mine and mine.manifest and {b.digest for b in mine.outputs} <= held:
                self._read(key, mine)  # a person should know of another result there
            else:
                self._bring(key)
        self._tried.update(keys)
        return self._known(keys)

    def project(self, planned: Planned, loose: Iterable[Blob] = ()) -> Carried:
        """Everything that a plan names, also what its keys follow from only once it is here.

        `loose` are further bytes.
        """
        self._known = planned.survey.world.results  # what a lock in git tells, too
        world = replace(planned.survey.world, results=self.results, gists=self._gists)
        for blob in (*chosen(planned), *loose):
            self._loose(blob)
        survey = Survey(planned.graph, world, planned.survey.scope).walk()
        of_project(replace(planned, survey=survey))
        return self.end()

    def everything(self) -> Carried:
        """All that the folder holds."""
        self.results(self._folder.keys())
        return self.end()

    def end(self) -> Carried:
        """What came of it; where bytes lie is remembered."""
        remember(self._home.index, self._folder.root, self._there)
        return self.carried

    def _gists(self, keys: Collection[str]) -> dict[str, Gist]:
        return {key: result.gist for key, result in self.results(keys).items()}

    def _bring(self, key: str) -> None:
        # Held, so that no run buys it meanwhile, and none records another result in between.
        try:
            with self._home.locks.hold(key, _refuse):
                self._take(key, self._known({key}).get(key))
        except _Busy:
            self.carried.busy.append(f"recipe {key[:12]}")

    def _take(self, key: str, ours: Result | None) -> None:
        theirs = self._read(key, ours)
        wanted = ours or theirs
        if wanted is None or not self._only(wanted):
            return
        whole = [self._blob(blob) for blob in wanted.outputs]
        if not all(whole):
            self.carried.absent.append(wanted.step)
            return
        self.carried.results += 1
        if theirs and (ours is None or (not ours.manifest and same(ours, theirs))):
            self._home.ledger.append([self._event(theirs)])
            self.carried.filed += 1

    def _loose(self, blob: Blob) -> None:
        """Bytes that were chosen; only the folder may know how many they are."""
        size = blob.size or self._folder.size(blob.digest)
        if size is not None and not self._blob(replace(blob, size=size)):
            self.carried.absent.append(short(blob.digest))

    def _read(self, key: str, ours: Result | None) -> Result | None:
        """Their result of this key, if there is one that proves itself."""
        try:
            text = self._folder.record(key)
            theirs = None if text is None else believed(key, text)
        except (Absent, RecordError) as error:
            why = "its record is damaged" if isinstance(error, Absent) else str(error)
            self.carried.damaged.append((ours.step if ours else f"recipe {key[:12]}", why))
            return None
        if ours and theirs and not same(ours, theirs):
            self.carried.differ.append(ours.step)
        return theirs

    def _blob(self, blob: Blob) -> bool:
        """Whether these bytes are in our store now, verified, and as many as was said."""
        store = self._home.store
        if blob.digest in store.has({blob.digest}):
            try:
                whole = store.path(blob.digest).stat().st_size == blob.size
            except Absent:
                whole = False
            if whole:
                self.carried.there += 1
                return True
        if not fetch(store, self._folder, blob):
            return False
        self._there.add(blob.digest)
        self.carried.copied += 1
        self.carried.size += blob.size
        return True

    def _event(self, result: Result) -> Event:
        data = to_record(result)
        return Event(self._now(), _RUN, "", "result", result.step, result.take, result.key, data)


def fetch(store: Store, folder: SharedFolder, blob: Blob) -> bool:
    """Copy one object into the store, synced; False if it is not there, or not whole."""
    out = store.scratch()
    try:
        folder.take(blob.digest, blob.size, out / "object")
        store.add(out / "object", durable=True)
    except Absent:
        return False
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return True


def regain(home: Home, blobs: Mapping[str, Blob]) -> set[str]:
    """Bring what is not here from the shared folders that were used; the digests still missing.

    A folder that is not there just now is passed over.
    """
    lost = blobs.keys() - home.store.has(blobs)
    for name in folders(home.index) if lost else ():
        folder = SharedFolder(Path(name))
        with suppress(EnvError):
            lost = {digest for digest in lost if not fetch(home.store, folder, blobs[digest])}
    return lost


def restore(home: Home, results: Iterable[Result]) -> frozenset[str]:
    """The keys of those whose lost bytes came back from the shared folders that were used."""
    wanted = {result.key: result for result in results}
    blobs = {blob.digest: blob for result in wanted.values() for blob in result.outputs}
    lost = regain(home, blobs)
    whole = (k for k, r in wanted.items() if not any(b.digest in lost for b in r.outputs))
    return frozenset(whole) if blobs else frozenset()
