"""What `out/` is known to show costs one look at each file; all else is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.core.types import Blob
from kinoform.stores.digests import FileDigests
from kinoform.stores.localdir import LocalStore
from kinoform.stores.members import Members
from kinoform.stores.memory import MemoryIndex
from kinoform.stores.sheet import Sheet
from kinoform.stores.view import View

if TYPE_CHECKING:
    from pathlib import Path

LATER = 1 << 62  # nanoseconds: long after any write of a test


@pytest.mark.parametrize("name", ["out/still/s010.txt", "out/reel.txt", "export.txt"])
def test_what_was_seen_once_is_known_until_it_changes(name: str, tmp_path: Path) -> None:
    store, project = LocalStore(tmp_path / "store"), tmp_path / "film"
    members = Members(Sheet(MemoryIndex(), "out"))
    view = View(project, store, FileDigests(members, now=lambda: LATER), members)
    blob = Blob(store.add_bytes(b"words", durable=False), 5, "text/plain")
    wanted = {name: blob.digest}
    view.publish(name, blob)
    assert view.unseen(wanted) == [name]
    view.publish(name, blob)
    assert view.unseen(wanted) == []
    (project / name).write_bytes(b"other")
    assert view.unseen(wanted) == [name]
    (project / name).unlink()
    assert view.unseen(wanted) == [name]
