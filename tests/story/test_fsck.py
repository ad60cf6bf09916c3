"""Damage in a store is found, named and never served; what can be repaired for nothing, is."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sharing import Team, empty, flip, objects, swap, truncate

from kinoform.api.fsck import Part, fsck, size_of
from kinoform.core.canon import digest_of
from kinoform.core.errors import EnvError
from kinoform.ports import Absent
from kinoform.stores.localdir import LocalStore
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from film import Film


def named(path: Path) -> str:
    return f"sha256:{path.parent.name}{path.name}"


def bytes_of(home: Path, film: Film, step: str) -> Path:
    result = film.open().home.ledger.results({head(film, step)})[head(film, step)]
    digest = result.outputs[0].digest
    return home / "store" / "objects" / digest[7:9] / digest[9:]


def head(film: Film, step: str) -> str:
    return film.open().home.ledger.heads(str(film.root.resolve()))[step, 1]


def test_a_whole_home_is_clean_and_every_byte_was_read(made: Film) -> None:
    heard: list[int] = []
    checked = fsck(made.home, tell=heard.append)
    assert checked.clean
    assert checked.problems() == ()
    assert checked.objects == len(objects(made.home)) == len(heard)
    assert checked.size == sum(heard) == size_of(made.home, Part())


def test_an_empty_home_is_clean(tmp_path: Path) -> None:
    assert fsck(tmp_path / "home").clean


def test_of_800_damaged_objects_none_is_served_and_all_are_named(tmp_path: Path) -> None:
    store, dice = LocalStore(tmp_path / "store"), random.Random(12)
    for number in range(1000):
        store.add_bytes(dice.randbytes(2_000) + b"%d" % number, durable=False)
    every = objects(tmp_path)
    dice.shuffle(every)
    spoil: list[tuple[int, Callable[[Path, random.Random], None]]] = [
        (500, flip), (100, truncate), (100, empty)
    ]  # fmt: skip
    spoiled: list[Path] = []
    for count, way in spoil:
        for path in every[len(spoiled) : len(spoiled) + count]:
            way(path, dice)
            spoiled.append(path)
    swap(every[700:800])
    spoiled = every[:800]
    served = 0
    for path in spoiled[::7]:  # some are read before anybody checks
        try:
            store.path(named(path))
            served += 1
        except Absent:
            continue
    read_before = {named(path) for path in spoiled[::7]}
    checked = fsck(tmp_path)
    for path in spoiled:
        with pytest.raises(Absent):
            store.path(named(path))
    aside = {f"sha256:{p.name[:64]}" for p in (tmp_path / "store/quarantine").iterdir()}
    assert served == 0
    assert set(checked.damaged) | read_before == {named(path) for path in spoiled}
    assert aside == {named(path) for path in spoiled}
    assert all(store.path(named(path)) for path in every[800:])


def test_parts_cover_everything_once(made: Film) -> None:
    parts = [fsck(made.home, Part(number, 3)) for number in (1, 2, 3)]
    assert sum(part.objects for part in parts) == len(objects(made.home))
    assert fsck(made.home, Part(2, 3)).objects == parts[1].objects


def test_damage_is_told_with_the_steps_that_it_hit(made: Film) -> None:
    flip(bytes_of(made.home, made, "still@s010"), random.Random(1))
    flip(bytes_of(made.home, made, "reel"), random.Random(1))
    checked = fsck(made.home)
    assert {steps[0] for steps in checked.damaged.values()} == {"still@s010", "reel"}
    assert [steps[0] for steps in checked.lost.values()] == ["still@s010"]
    assert checked.again == 1
    assert [problem.code for problem in checked.problems()] == ["object-damaged", "results-lost"]


def test_what_was_made_here_and_is_gone_is_no_damage(made: Film) -> None:
    made.delete("reel")
    checked = fsck(made.home)
    assert checked.clean
    assert checked.again == 1


def test_a_shared_folder_repairs_what_is_damaged_or_gone(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ana.run()
    team.push(team.ana)
    home = team.ana.home
    flip(bytes_of(home, team.ana, "still@s010"), random.Random(1))
    empty(bytes_of(home, team.ana, "reel"), random.Random(1))
    team.ana.delete("still@s020")
    checked = fsck(home, source=SharedFolder(team.folder))
    assert len(checked.damaged) == 2
    assert len(checked.repaired) == 3
    assert checked.lost == {}
    assert not checked.clean  # it was damaged: somebody should look at that disk
    assert fsck(home).clean
    assert team.ana.run() == set()


def test_a_repair_takes_no_damaged_bytes(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ana.run()
    team.push(team.ana)
    place = bytes_of(team.ana.home, team.ana, "still@s010")
    flip(team.folder / "objects" / place.parent.name / place.name, random.Random(2))
    flip(place, random.Random(1))
    checked = fsck(team.ana.home, source=SharedFolder(team.folder))
    assert checked.repaired == {}
    assert len(checked.lost) == 1


def test_a_repair_needs_a_shared_folder(made: Film, tmp_path: Path) -> None:
    with pytest.raises(EnvError):
        fsck(made.home, source=SharedFolder(tmp_path / "nowhere"))


def test_derived_tables_that_do_not_agree_are_made_anew(made: Film) -> None:
    with closing(sqlite3.connect(made.home / "ledger.sqlite")) as db, db:
        db.execute("DELETE FROM result WHERE key = (SELECT min(key) FROM result)")
    checked = fsck(made.home)
    assert not checked.clean
    assert not checked.derived
    assert fsck(made.home).clean
    assert made.run() == set()


def test_a_damaged_ledger_is_told_and_the_objects_are_verified_all_the_same(made: Film) -> None:
    count = len(objects(made.home))
    made.open().home.ledger.close()
    (made.home / "ledger.sqlite").write_bytes(b"no ledger" * 1_000)
    for log in ("-wal", "-shm"):
        (made.home / f"ledger.sqlite{log}").unlink(missing_ok=True)
    checked = fsck(made.home)
    assert checked.objects == count
    assert {problem.code for problem in checked.problems()} == {"ledger-damaged"}
    assert not checked.clean


def test_a_foreign_file_in_the_store_is_no_object(made: Film) -> None:
    (made.home / "store/objects/notes.txt").write_text("mine")
    (made.home / "store/objects/00").mkdir(exist_ok=True)
    (made.home / "store/objects/00/notes.txt").write_text("mine")
    assert fsck(made.home).clean
    assert digest_of(b"mine") not in fsck(made.home).damaged
