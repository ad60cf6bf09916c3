"""Steps that are too small for a process are done many at a time, and each stands for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from film import Film

from kinoform.api.watch import Watch
from kinoform.core.canon import digest_of
from kinoform.core.errors import OpError, Problem
from kinoform.ops import text

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.core.types import Action
    from kinoform.ports import Small

COUNT = 150  # more than are done at a time
SHOTS = "".join(f"  s{n:03}: {{does: beat {n}}}\n" for n in range(COUNT))
STEPS = """\
steps:
  note: {uses: local/text, foreach: shots, with: {text: "{{ shot.does }}"}}
  copy: {uses: local/text, foreach: shots, with: {text: again, inputs: ["${{ out.note }}"]}}
"""
TEXT = f"kinoform: 1\nname: small\nshots:\n{SHOTS}{STEPS}"
WRONG = "s070"


def all_but_one(action: Action) -> tuple[Small, ...]:
    """`local/text` that cannot do one of the notes."""
    if action.step == f"note@{WRONG}":
        raise OpError(Problem("op-crashed", "the pencil broke"))
    return text.perform(action)


def broken(folder: Path) -> Film:
    """A film in which one of the notes cannot be made."""
    film = Film(folder, TEXT)
    film.ops["local/text"] = f"{__name__}:all_but_one"
    return film


def test_one_that_fails_stops_what_reads_it_and_nothing_else(tmp_path: Path) -> None:
    film = broken(tmp_path)
    report = film.report()
    ways = {ended.step: ended.outcome for ended in report.ended}
    assert ways.pop(f"note@{WRONG}") == "failed"
    assert ways.pop(f"copy@{WRONG}") == "blocked"
    assert len(ways) == 2 * COUNT - 2
    assert {*ways.values()} == {"done"}
    assert len([*film.root.glob("out/note/*.txt")]) == COUNT - 1
    film.ops["local/text"] = "kinoform.ops.text:perform"
    assert film.run() == {f"note@{WRONG}", f"copy@{WRONG}"}


def test_after_the_first_failure_none_begins_where_that_is_wanted(tmp_path: Path) -> None:
    film = broken(tmp_path)
    project = film.open()
    report = project.run(project.plan(), None, Watch(fail_fast=True))
    ways = [ended.outcome for ended in report.ended if ended.step.startswith("note")]
    before = int(WRONG[1:])
    assert ways == ["done"] * before + ["failed"] + ["waiting"] * (COUNT - before - 1)


def test_each_is_recorded_and_shown_as_it_was_made(tmp_path: Path) -> None:
    film = Film(tmp_path, TEXT)
    report = film.report()
    for ended in report.ended:
        (blob,) = ended.outputs
        shown = film.root / f"out/{ended.step.replace('@', '/')}.txt"
        assert digest_of(shown.read_bytes()) == blob.digest
    home = film.open().home
    records = home.ledger.results({ended.key for ended in report.ended})
    assert {key: result.outputs for key, result in records.items()} == {
        ended.key: ended.outputs for ended in report.ended
    }
    assert home.ledger.rebuild()
    assert film.run() == set()


def test_what_a_person_put_into_out_is_left_alone(tmp_path: Path) -> None:
    film = Film(tmp_path, TEXT)
    mine, link = (film.root / f"out/note/{name}.txt" for name in ("s003", "s004"))
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    link.symlink_to(tmp_path / "elsewhere")
    report = film.report()
    assert {problem.code for problem in report.notes} == {"view-file-changed", "view-is-a-link"}
    assert mine.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_torn_object_is_made_whole_by_who_makes_it_again(tmp_path: Path) -> None:
    film = Film(tmp_path, TEXT)
    store = film.open().home.store
    torn = store.path(store.add_bytes(b"beat 5", durable=False))
    torn.chmod(0o600)
    torn.write_bytes(b"be")
    film.run()
    assert torn.read_bytes() == b"beat 5"
