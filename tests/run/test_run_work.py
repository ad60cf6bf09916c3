"""Whatever an operation meets, people get a sentence and no traceback."""

from __future__ import annotations

import io
from errno import ENOSPC
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError, OpError
from kinoform.core.types import Action, Blob, Expect, Facts, Op
from kinoform.run.work import Job, perform, taken_in
from kinoform.stores.localdir import LocalStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kinoform.ports import Made

ACTION = Action("0" * 64, "note", 1, Op("local/text", 1, "local", "inline"), {}, {}, (), {})


def full(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """An op on a full disk."""
    del action, files, out
    raise OSError(ENOSPC, "No space left on device")


def wrong(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """An op with a fault of its own."""
    raise ValueError(f"{action.step} {len(files)} {out.name}")


def spelt(files: Sequence[tuple[Path, Expect]]) -> list[tuple[str, Facts] | str]:
    """A check that wants the letters of a file to be small."""
    small = [path.is_dir() or path.read_bytes().islower() for path, _ in files]
    return [("text/plain", Facts()) if one else "it is large" for one in small]


def test_of_many_files_each_is_told_for_itself_and_in_its_place(tmp_path: Path) -> None:
    words = (b"mara", b"MARA", b"lamp", b"LAMP", b"sea")
    files = [(tmp_path / str(n), Expect("text/plain"), word) for n, word in enumerate(words)]
    (tmp_path / "folder").mkdir()
    files.insert(3, (tmp_path / "folder", Expect("text/plain"), b""))
    store = LocalStore(tmp_path / "store")
    kept = taken_in(f"{__name__}:spelt", store, files)
    assert [each.digest if isinstance(each, Blob) else type(each) for each in kept] == [
        digest_of(b"mara"),
        str,
        digest_of(b"lamp"),
        EnvError,
        str,
        digest_of(b"sea"),
    ]
    assert [each.size for each in kept if isinstance(each, Blob)] == [4, 4, 3]
    assert not (tmp_path / "0").exists()
    assert (tmp_path / "1").exists()


def test_a_picture_at_hand_gets_no_file_before_it_is_kept(tmp_path: Path) -> None:
    body = io.BytesIO()
    Image.new("L", (3, 2)).save(body, "PNG")
    right, wrong = body.getvalue(), body.getvalue()[:-1]
    files = [(tmp_path / data.hex(), Expect("image/png"), data) for data in (wrong, right)]
    store = LocalStore(tmp_path / "store")
    damaged, kept = taken_in("kinoform.ops.verify:check", store, files)
    assert isinstance(damaged, str)
    assert kept == Blob(digest_of(right), len(right), "image/png", Facts(3, 2))
    assert store.read(digest_of(right)) == right
    assert [entry.name for entry in tmp_path.iterdir()] == ["store"]
    assert list((tmp_path / "store" / "tmp").iterdir()) == []


def test_a_full_disk_is_no_fault_of_the_op(tmp_path: Path) -> None:
    with pytest.raises(EnvError, match="local/text was refused by the system: No space left"):
        perform(Job(f"{__name__}:full", ACTION, {}, tmp_path))


def test_an_unforeseen_fault_is_said_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(OpError, match="ValueError: note 0"):
        perform(Job(f"{__name__}:wrong", ACTION, {}, tmp_path))
