"""Collecting garbage: what was paid for stays, what is in use stays, the rest goes when it is old."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from paid_work import Work
from sharing import objects

from kinoform.api import garbage
from kinoform.api.fsck import fsck
from kinoform.api.garbage import Root, collect, look
from kinoform.api.home import open_home
from kinoform.core.garbage import DAY, Policy
from kinoform.ports import Absent
from kinoform.stores import inventory
from kinoform.stores.localdir import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from film import Film

    from kinoform.api.garbage import Collected
    from kinoform.api.home import Home
    from kinoform.core.garbage import History

ALL_AGES = Policy(days=0)
PAID = Policy(days=0, paid=True)


def now(home: Path, days: float = 40) -> float:
    """So many days after the youngest object was written."""
    return max((p.stat().st_mtime for p in objects(home)), default=0.0) + days * DAY


def seen(film: Film, policy: Policy | None = None, days: float = 40) -> Collected:
    return look(film.open().home, policy or Policy(), now(film.home, days))


def collected(film: Film, policy: Policy | None = None, days: float = 40) -> Collected:
    at = now(film.home, days)
    return collect(film.open().home, policy or Policy(), lambda: at)


def going(found: Collected) -> set[tuple[str, str]]:
    """(sort, step) of what goes."""
    return {(fate.sort, step) for fate in found.fates if fate.goes for step in fate.steps[:1]}


def whys(found: Collected) -> set[str]:
    return {fate.why for fate in found.fates if not fate.goes}


def edit(film: Film) -> None:
    """Leave a clip and two reels behind."""
    film.edit("the harbour wakes", "the harbour sleeps")
    film.run()


def unlock(film: Film) -> None:
    """Let the lock name nothing any more."""
    shutil.rmtree(film.root / "kinoform.lock")


def test_what_a_project_has_now_stays_however_old(made: Film) -> None:
    assert going(seen(made, PAID, days=4_000)) == set()


def test_of_an_edited_film_the_old_local_results_go_and_the_paid_ones_stay(made: Film) -> None:
    edit(made)
    assert going(seen(made)) == {("local", "reel"), ("local", "sheet")}
    unlock(made)
    assert going(seen(made)) == {("local", "reel"), ("local", "sheet")}
    assert "paid for" in whys(seen(made))


def test_what_a_lock_or_a_pick_names_stays_even_where_it_is_asked_for(made: Film) -> None:
    edit(made)
    assert {sort for sort, _ in going(seen(made, PAID))} == {"local"}
    unlock(made)
    (old,) = [f.thing.digest for f in seen(made, PAID).fates if f.goes and "clip@s060" in f.steps]
    (made.root / "picks/clip").mkdir(parents=True)
    (made.root / "picks/clip/s060").write_text(f"{old} of {'0' * 64} take 1 | ana | today")
    found = seen(made, PAID)
    assert "clip@s060" not in {step for _, step in going(found)}


def test_looking_removes_nothing(made: Film) -> None:
    edit(made)
    before = objects(made.home)
    seen(made, PAID)
    assert objects(made.home) == before


def test_what_is_collected_is_gone_and_the_film_stands(made: Film) -> None:
    edit(made)
    before = len(objects(made.home))
    found = collected(made)
    assert (found.removed, len(objects(made.home))) == (2, before - 2)
    assert found.free > 0
    assert made.run() == set()
    assert made.bought() == 21
    made.edit("the harbour sleeps", "the harbour wakes")
    assert made.run() == {"reel", "sheet"}  # made again; nothing is bought
    assert made.bought() == 21


def test_the_ledger_is_never_touched(made: Film) -> None:
    edit(made)
    events = list(made.open().home.ledger.events())
    collected(made, PAID)
    assert list(made.open().home.ledger.events()) == events


def test_paid_bytes_go_only_when_they_are_named_and_are_not_missed_afterwards(made: Film) -> None:
    edit(made)
    unlock(made)
    found = collected(made, PAID)
    paid = {step for sort, step in going(found) if sort == "paid"}
    assert paid == {"still@s060", "edit@s060", "clip@s060"}
    checked = fsck(made.home)
    assert checked.clean
    assert checked.let_go == 3
    assert made.run() == set()


def test_nothing_that_was_in_use_lately_goes(made: Film) -> None:
    edit(made)
    assert going(seen(made, days=29)) == set()
    assert going(seen(made, Policy(days=7), days=8)) != set()


def test_age_counts_from_the_day_that_something_was_replaced(made: Film) -> None:
    for path in objects(made.home):
        os.utime(path, (0, 0))
    edit(made)
    assert going(seen(made, days=1)) == set()


def test_nothing_younger_than_an_hour_goes(made: Film) -> None:
    edit(made)
    assert going(seen(made, PAID, days=0.03)) == set()
    assert "younger than an hour" in whys(seen(made, PAID, days=0.03))


def test_drafts_go_when_their_project_has_newer_ones(made: Film) -> None:
    made.run(draft="all")
    made.edit("the harbour wakes", "the harbour sleeps")
    made.run(draft="all")
    sorts = {fate.sort for fate in seen(made).fates if fate.goes}
    assert sorts == {"draft", "local"}
    collected(made)
    assert made.run(draft="all") == set()


def test_a_pipeline_that_cannot_be_read_keeps_all_that_it_ever_made(made: Film) -> None:
    edit(made)
    made.write("this: [is no pipeline")
    found = seen(made, PAID)
    assert going(found) == set()
    assert [problem.code for problem in found.problems] == ["project-unread"]


def test_of_a_project_that_is_gone_only_what_was_paid_for_is_kept(made: Film) -> None:
    shutil.rmtree(made.root)
    home = open_home(made.home)
    found = look(home, Policy(), now(made.home))
    assert {fate.sort for fate in found.fates if fate.goes} == {"local"}
    assert [problem.code for problem in found.problems] == ["project-gone"]


def test_what_an_open_task_names_stays(made: Film) -> None:
    home = made.open().home
    sent = home.store.add_bytes(b"the body of a request", durable=False)
    work = Work()
    open_task = work.begin("clip@s990", request=sent)
    home.ledger.append(work.events)
    assert "of an open task" in whys(seen(made, PAID))
    over = Work(at=work.at)
    over.events = [*work.events]
    over.then(open_task, "void")
    home.ledger.append(over.events[len(work.events) :])
    assert ("input", "clip@s990") in going(seen(made, PAID))


def test_what_came_of_a_purchase_in_part_counts_as_paid(made: Film) -> None:
    home = made.open().home
    digest = home.store.add_bytes(b"one of two pictures", durable=True)
    row = {"digest": digest, "size": 19, "media": "image/png"}
    work = Work()
    work.then(work.begin("still@s990"), "ack", "sample", "partial", stored=[row], paid="0.03")
    home.ledger.append(work.events)
    (fate,) = [fate for fate in seen(made).fates if fate.thing.digest == digest]
    assert (fate.sort, fate.goes) == ("paid", False)


def test_what_no_record_names_may_have_been_paid_for(made: Film) -> None:
    digest = made.open().home.store.add_bytes(b"of a ledger that was lost", durable=True)
    (fate,) = [fate for fate in seen(made).fates if fate.thing.digest == digest]
    assert (fate.sort, fate.goes) == ("unknown", False)
    assert digest in {fate.thing.digest for fate in seen(made, PAID).fates if fate.goes}


def test_whoever_gives_bytes_a_meaning_adds_a_root(made: Film) -> None:
    edit(made)
    (reel,) = [f for f in seen(made).fates if f.goes and f.steps[0] == "reel"]

    def picked(_home: Home, _history: History) -> Iterator[Root]:
        yield Root("picked", digests=frozenset({reel.thing.digest}))

    found = look(made.open().home, Policy(), now(made.home), (*garbage.ROOTS, picked))
    assert going(found) == {("local", "sheet")}
    assert "picked" in whys(found)


def test_the_index_forgets_what_it_knew_of_the_bytes(made: Film) -> None:
    edit(made)
    (reel,) = [f for f in seen(made).fates if f.goes and f.steps[0] == "reel"]
    made.open().home.index.put({f"facts:{reel.thing.digest}": "[]"})
    collected(made)
    assert made.open().home.index.get(f"facts:{reel.thing.digest}") is None


def test_an_object_that_is_added_again_meanwhile_is_put_back(made: Film) -> None:
    edit(made)
    home = made.open().home
    fates = [fate for fate in seen(made).fates if fate.goes]
    data = {f.thing.digest: home.store.path(f.thing.digest).read_bytes() for f in fates}
    for each in data.values():  # between the look and the removal
        home.store.add_bytes(each, durable=False)
    for fate in fates:
        assert not inventory.discard(made.home / "store", fate.thing)
        assert home.store.path(fate.thing.digest).read_bytes() == data[fate.thing.digest]
    assert list((made.home / "store/tmp").iterdir()) == []


def test_two_collections_wait_for_each_other(made: Film) -> None:
    waited: list[str] = []

    class Enough(Exception):  # noqa: N818  (ends the waiting)
        """Seen."""

    def on_wait(holder: str) -> None:
        waited.append(holder)
        raise Enough

    home = made.open().home
    with home.locks.hold(garbage.LOCK, lambda _who: None):
        try:
            collect(home, Policy(), on_wait=on_wait)
        except Enough:
            waited.append("ended")
    assert len(waited) == 2


def found(store: LocalStore, digest: str) -> Path:
    """Where it lies; while it is being put back, a moment later."""
    for _ in range(1_000):
        with suppress(Absent):
            return store.path(digest)
    raise Absent(digest)


def test_whoever_adds_an_object_while_it_is_collected_finds_it_there(tmp_path: Path) -> None:
    store, root, stop = LocalStore(tmp_path / "store"), tmp_path / "store", threading.Event()
    data = [b"%d" % number * 5_000 for number in range(20)]
    for each in data:
        store.add_bytes(each, durable=False)

    def collecting() -> None:
        while not stop.is_set():
            for thing in [*inventory.objects(root)]:
                if thing.at < 1_000:  # as old as this test makes them
                    inventory.discard(root, thing)

    thread = threading.Thread(target=collecting)
    thread.start()
    try:
        for number in range(600):
            each = data[number % len(data)]
            digest = store.add_bytes(each, durable=number % 2 == 0)
            place = found(store, digest)
            assert place.read_bytes() == each
            os.utime(place, (0, 0))
    finally:
        stop.set()
        thread.join()
    assert list((root / "tmp").iterdir()) == []
