"""`out/`: copies of artifacts under names that people read. The store is the truth, this a view.

A file there that the store does not know was made or retouched by a person: it is left alone and
reported. Nothing is written through a link, so that a project cannot point the view elsewhere.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.core.errors import EnvError, Problem
from kinoform.ports import Absent
from kinoform.stores.disk import write_new
from kinoform.stores.scratch import new_name, replace, sweep

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kinoform.core.types import Blob
    from kinoform.ports import Store
    from kinoform.stores.digests import FileDigests
    from kinoform.stores.members import Members

_SMALL = 1 << 20  # bytes that are verified and copied in one reading
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "text/plain": "txt",
}


@cache
def extension(media: str) -> str:
    """The file extension for a media type; the subtype where we have no better word."""
    return EXTENSIONS.get(media) or media.rpartition("/")[2] or "bin"


class View:
    """Publishes artifacts below one project folder. Names are relative, with slashes.

    Paths are texts here: ten thousand results are shown in one run. `members` is where `digests` keeps
    what it learns.
    """

    def __init__(self, project: Path, store: Store, digests: FileDigests, members: Members) -> None:
        self._project, self._store = str(project), store
        self._digests, self._members = digests, members
        self._swept: set[str] = set()
        self._safe: set[str] = set()  # folders that no link leads to

    def ready(self, name: str) -> None:
        """Raise EnvError unless files can be made in the folder `name`: asked before any work."""
        probe = Path(self._project, name, f".{new_name()}")
        try:
            self._refuse_links(f"{name}/{probe.name}")
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.touch(exist_ok=False)
            probe.unlink()
        except OSError as error:
            raise _refused(name, error) from error

    def publish(self, name: str, blob: Blob, mine: Collection[str] = ()) -> Problem | None:
        """Make `name` show this artifact; a problem when it may not.

        `mine` are digests that were shown there before, though the store has lost them. Raises
        EnvError when the folder cannot be written, Absent when the bytes are damaged.
        """
        try:
            if self._is_there(name):
                there = self._digest(name)
                if there == blob.digest:
                    return None
                if there not in mine and not self._store.has({there}):
                    return _theirs(name)
            self._replace(name, blob)
        except OSError as error:
            raise _refused(name, error) from error
        return None

    def add(self, name: str, blob: Blob, data: bytes) -> bool:
        """Let `name` show this artifact if nothing stands there yet and nothing is in the way.

        `data` are its bytes, or empty where they are to be read. `publish` has the words for all else.
        """
        try:
            if self._is_there(name):
                return False
            self._replace(name, blob, data)
        except (OSError, EnvError, Absent):
            return False
        return True

    def unseen(self, wanted: Mapping[str, str]) -> list[str]:
        """Which of these names are not known to show the artifact of this digest, by one look each.

        `publish` reads those, and says what is wrong with them.
        """
        folders: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for name, digest in wanted.items():
            folder, _, member = name.rpartition("/")
            folders[folder][member] = digest
        self._digests.flush()
        unseen: list[str] = []
        for folder, members in folders.items():
            start = f"{folder}/" if folder else ""
            unseen += [f"{start}{member}" for member in self._differ(folder, members)]
        return unseen

    def _differ(self, folder: str, members: Mapping[str, str]) -> Collection[str]:
        try:
            self._refuse_links(f"{folder}/")
        except EnvError:
            return members
        return self._members.differ(f"{self._project}/{folder}".rstrip("/"), members)

    def retire(self, name: str, blob: Blob) -> None:
        """Remove `name` if it still shows this artifact and the store holds it whole."""
        try:
            if self._is_there(name) and self._digest(name) == blob.digest:
                self._store.path(blob.digest)
                os.unlink(f"{self._project}/{name}")
        except Absent:
            return  # this may be the last copy
        except OSError as error:
            raise _refused(name, error) from error

    def _digest(self, name: str) -> str:
        return self._digests.digest(Path(self._project, name)).digest

    def _is_there(self, name: str) -> bool:
        """Whether a file stands there; no link may, nor lead there."""
        self._refuse_links(name)
        target = f"{self._project}/{name}"
        try:
            status = os.lstat(target)
        except (FileNotFoundError, NotADirectoryError):
            return False
        if stat.S_ISLNK(status.st_mode):
            raise _linked(target)
        return True

    def _refuse_links(self, name: str) -> None:
        """Asked once for each folder: thousands of results lie in one."""
        folder = name.rpartition("/")[0]
        if folder not in self._safe:
            for place in accumulate(folder.split("/"), "{}/{}".format):
                if os.path.islink(f"{self._project}/{place}"):
                    raise _linked(f"{self._project}/{place}")
            self._safe.add(folder)

    def _replace(self, name: str, blob: Blob, data: bytes = b"") -> None:
        """Copy beside the target, then rename: a reader sees the old file or the new one."""
        target = f"{self._project}/{name}"
        self._digests.forget(target)
        folder = target.rpartition("/")[0]
        if folder not in self._swept:  # of copies that a killed run left unfinished
            os.makedirs(folder, exist_ok=True)
            sweep(Path(folder))
            self._swept.add(folder)
        replace(target, partial(self._copy, blob, data))

    def _copy(self, blob: Blob, data: bytes, target: str) -> None:
        if data:
            write_new(target, data)
        elif blob.size > _SMALL:
            from shutil import copyfile  # noqa: PLC0415  (brings three packers along)

            copyfile(self._store.path(blob.digest), target)
        else:
            write_new(target, self._store.read(blob.digest))


def _linked(place: str) -> EnvError:
    return EnvError(Problem("view-is-a-link", f"{place} is a link: nothing is written there"))


def _refused(name: str, error: OSError) -> EnvError:
    said = f"{name} cannot be written: {error.strerror}"
    return EnvError(Problem("view-not-written", said))


def _theirs(name: str) -> Problem:
    said = f"{name} is nothing that was made here, and is left alone"
    hint = "move it away to see the new one; nothing here overwrites what a person made"
    return Problem("view-file-changed", said, hint=hint, severity="warning")
