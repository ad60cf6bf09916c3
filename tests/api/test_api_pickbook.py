"""The files of `picks/`: a choice and what was equated, a line each, written and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.api.pickbook import PickBook
from kinoform.core.equates import Equate, Side
from kinoform.core.errors import SpecError
from kinoform.core.moves import Moves
from kinoform.core.types import Pick

if TYPE_CHECKING:
    from pathlib import Path

STEPS = ("still@s010", "still@s020", "reel")
DIGESTS = [f"sha256:{digit * 64}" for digit in "abc"]


def _pick(step: str, digest: str) -> Pick:
    return Pick(step, digest, "d" * 64, 1, "ana", "2026-11-20", "steadier")


def _equate(step: str, new: str, old: str) -> Equate:
    return Equate(step, Side(new), Side(old), "ben", "2026-11-21", "same framing")


CHANGES = st.one_of(
    st.builds(_pick, st.sampled_from(STEPS), st.sampled_from(DIGESTS)),
    st.builds(_equate, st.sampled_from(STEPS), st.sampled_from(DIGESTS), st.sampled_from(DIGESTS)),
)


def _files(root: Path) -> dict[str, str]:
    paths = (path for path in (root / "picks").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}


def _do(root: Path, change: Pick | Equate) -> None:
    book = PickBook(root)
    if isinstance(change, Pick):
        book.write(change)
    elif change not in book.equates:
        book.equate(change)


@settings(max_examples=40)
@given(st.lists(CHANGES, max_size=8), CHANGES)
def test_equate_then_undo_is_identity(
    tmp_path_factory: pytest.TempPathFactory, before: list[Pick | Equate], last: Pick | Equate
) -> None:
    root = tmp_path_factory.mktemp("film")
    for change in before:
        _do(root, change)
    stood = _files(root)
    book = PickBook(root)
    if isinstance(last, Equate) and last not in book.equates:
        book.equate(last)
        assert last in PickBook(root).equates
        PickBook(root).part(last)
        assert _files(root) == stood
    elif isinstance(last, Pick) and last.step not in book.all:
        book.write(last)
        assert PickBook(root).all[last.step] == last
        assert PickBook(root).remove(last.step)
        assert _files(root) == stood


@settings(max_examples=40)
@given(st.lists(CHANGES, max_size=8))
def test_what_is_read_is_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, changes: list[Pick | Equate]
) -> None:
    root = tmp_path_factory.mktemp("film")
    for change in changes:
        _do(root, change)
    book = PickBook(root)
    assert book.all == {each.step: each for each in changes if isinstance(each, Pick)}
    assert set(book.equates) == {each for each in changes if isinstance(each, Equate)}


def test_what_was_renamed_comes_along_and_leaves_its_old_file(tmp_path: Path) -> None:
    said = _equate("still@s010", DIGESTS[0], DIGESTS[1])
    PickBook(tmp_path).write(_pick("still@s010", DIGESTS[0]))
    PickBook(tmp_path).equate(said)
    moved = Moves({"still@s010": "still@s015"})
    (there,) = PickBook(tmp_path, moved).equates
    assert there.step == "still@s015"
    PickBook(tmp_path, moved).write(_pick("still@s015", DIGESTS[2]))
    assert list(_files(tmp_path)) == ["picks/still/s015"]
    (there,) = PickBook(tmp_path, moved).equates
    PickBook(tmp_path, moved).part(there)
    assert PickBook(tmp_path).all.keys() == {"still@s015"}
    assert PickBook(tmp_path).equates == ()


def test_a_line_that_is_neither_is_said(tmp_path: Path) -> None:
    (tmp_path / "picks/still").mkdir(parents=True)
    (tmp_path / "picks/still/_").write_text("equate this for that\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        _ = PickBook(tmp_path).all
    assert [problem.code for problem in caught.value.problems] == ["pick-damaged"]
