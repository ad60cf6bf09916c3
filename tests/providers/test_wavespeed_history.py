"""Reconciliation: what the account's list proves of a submit that was never answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import provider_moves as moves
import pytest
from provider_moves import (
    HTML,
    LOST,
    NOW,
    SMALL,
    TASK,
    date,
    envelope,
    json_of,
    reply,
    sent,
    wave,
)

from kinoform.ports import Accepted, Cursor, Fail, Move, Reply, Send, Unknown, Void, Wait
from kinoform.providers.wavespeed import WaveSpeed
from kinoform.providers.wavespeed_history import made_at

WAVE = WaveSpeed()
MODEL = "kwaivgi/kling-image-o3"
KNOWN = "e" * 32


def at(stage: str, **more: Any) -> Cursor:
    """Somewhere on the road, where both clocks are known to show the same."""
    return moves.at(stage, **{"offset": 0.0, **more})


def item(second: float, name: str = "", model: Any = MODEL, **more: Any) -> dict[str, Any]:
    """A task of the list, made so many seconds after the submit."""
    made = datetime.fromtimestamp(NOW + second, UTC).isoformat(timespec="milliseconds")
    name = name or f"{int(second) + 5000:032x}"
    return {"id": name, "model": model, "status": "completed", "created_at": made, **more}


def page(*items: dict[str, Any], total: int | None = None, date: str = "") -> Reply:
    data = {"page": 1, "items": list(items)} | ({} if total is None else {"total": total})
    return envelope(data, date=date)


EMPTY = page()
OLD = item(-5000.0, "0" * 32)


def judged(*pages: Reply, cursor: Cursor | None = None) -> Move:
    """The verdict after these pages; every move between costs nothing."""
    lost = at("submitted", sent=NOW, known=[KNOWN])
    move: Move = Wait(0.0, cursor) if cursor else WAVE.advance(wave(), lost, LOST)
    for each in pages:
        while isinstance(move, Wait):
            assert not move.why
            move = WAVE.advance(wave(), move.then, None)
        ask = sent(move)
        assert not ask.spends
        move = WAVE.advance(wave(), ask.then, each)
    return move


def test_the_whole_list_is_asked_for_page_by_page() -> None:
    full = [item(50 - n / 10, KNOWN) for n in range(100)]
    first = judged(page(*full))
    assert json_of(sent(first).request) == {"page": 2, "page_size": 100}
    assert isinstance(judged(page(*full), page(OLD)), Void)


VOID: list[tuple[str, list[Reply]]] = [
    ("nothing at all", [EMPTY]),
    ("only what is older", [page(OLD)]),
    ("only what we know", [page(item(1, KNOWN), OLD)]),
    ("only another model", [page(item(1, model="other/model"), OLD)]),
    ("ours, but long before", [page(item(-300), OLD)]),
    ("ours, but long after", [page(item(200), OLD)]),
    ("the list ends by its total", [page(item(1, KNOWN), total=1)]),
    ("the list ends with an empty page", [page(item(1, KNOWN)), EMPTY]),
    ("bare items", [reply({"data": [OLD]})]),
    (
        "after it could not be read",
        [LOST, HTML, reply(b"{"), reply({}, 429), reply({"code": 500}), EMPTY],
    ),
]


@pytest.mark.parametrize("pages", [v[1] for v in VOID], ids=[v[0] for v in VOID])
def test_a_list_without_it_is_proof_that_nothing_was_accepted(pages: list[Reply]) -> None:
    move = judged(*pages)
    assert isinstance(move, Void), move
    assert move.proof
    assert (move.then.stage, move.then.data["task"]) == ("new", TASK)
    assert not {"sent", "age", "near", "page"} & set(move.then.data)
    assert sent(WAVE.advance(wave(), move.then, None)).spends


def test_what_stands_for_bytes_is_kept_for_the_next_attempt() -> None:
    refs = {SMALL.digest: {"ref": "https://x", "until": NOW}}
    move = judged(EMPTY, cursor=at("history", sent=NOW, refs=refs, count=2))
    assert isinstance(move, Void)
    assert (move.then.data["refs"], move.then.data["count"]) == (refs, 2)


OURS = item(1, "a" * 32)
ADOPTED: list[tuple[str, list[Reply]]] = [
    ("one", [page(OURS, OLD)]),
    ("at the edges", [page(item(119, "a" * 32), OLD)]),
    ("while we waited for the answer", [page(item(-100, "a" * 32), OLD)]),
    ("beside those we know", [page(item(2, KNOWN), OURS, OLD)]),
    ("on the second page", [page(*[item(50, KNOWN)] * 100), page(OURS, OLD)]),
    ("on two pages, as the list moved on", [page(*[item(50, KNOWN)] * 99, OURS), page(OURS, OLD)]),
    ("strangers long before", [page(OURS, item(-1000, model="x/y"), OLD)]),
    ("with its time in milliseconds", [page({**OURS, "created_at": int(NOW * 1000)}, OLD)]),
]


@pytest.mark.parametrize("pages", [a[1] for a in ADOPTED], ids=[a[0] for a in ADOPTED])
def test_the_one_task_that_nobody_else_can_have_made_is_ours(pages: list[Reply]) -> None:
    move = judged(*pages)
    assert isinstance(move, Accepted), move
    assert (move.task, move.then.stage, move.then.data["task"]) == ("a" * 32, "running", "a" * 32)


UNKNOWN: list[tuple[str, list[Reply], int]] = [
    ("two of the model", [page(OURS, item(2), OLD)], 2),
    ("a stranger of another model beside it", [page(item(300, model="x/y"), OURS, OLD)], 1),
    ("a stranger of the model before it", [page(OURS, item(-400), OLD)], 1),
    ("a model that is spelled otherwise", [page(item(1, model=f"{MODEL}/text-to-image"), OLD)], 1),
    ("a task without a time", [page({**OURS, "created_at": "soon"}), EMPTY], 1),
    ("a task without an id", [page({**OURS, "id": None}, OLD)], 0),
    ("the list is refused", [reply({"message": "bad key"}, 401)], 0),
    ("the list does not turn pages", [page(*[item(5, KNOWN)] * 100)] * 2, 0),
    ("a stranger without a time", [page(OURS, {"id": "b" * 32, "model": "x/y"}), EMPTY], 1),
]


@pytest.mark.parametrize(("pages", "count"), [u[1:] for u in UNKNOWN], ids=[u[0] for u in UNKNOWN])
def test_anything_else_stays_unknown_with_its_candidates(pages: list[Reply], count: int) -> None:
    move = judged(*pages)
    assert isinstance(move, Unknown), move
    assert len(move.candidates) == count
    again = sent(WAVE.advance(wave(), move.then, None))
    assert not again.spends
    assert json_of(again.request)["page"] == 1


def test_a_page_that_is_not_sorted_is_no_end() -> None:
    assert isinstance(judged(page(OLD, item(50, KNOWN), OLD)), Send)
    assert isinstance(judged(page(item(50, KNOWN), OLD, OURS, OLD), EMPTY), Accepted)


def test_a_full_page_is_no_end_whatever_total_it_names() -> None:
    assert isinstance(judged(page(*[item(5, KNOWN)] * 100, total=100)), Send)


def test_a_list_without_end_is_given_up() -> None:
    move: Move = judged()
    for number in range(400):
        while isinstance(move, Wait):
            move = WAVE.advance(wave(), move.then, None)
        if not isinstance(move, Send):
            break
        move = WAVE.advance(wave(), move.then, page(*[item(5, f"{number:032x}")] * 100))
    assert isinstance(move, Unknown)
    assert len(move.candidates) <= 100


def test_the_providers_clock_counts() -> None:
    ahead = at("history", sent=NOW - 900, offset=900.0)
    assert isinstance(judged(page(OURS, item(-9000)), cursor=ahead), Accepted)
    without = at("history", sent=NOW - 900)
    assert isinstance(judged(page(OURS, item(-9000)), cursor=without), Void)


def test_where_the_driver_does_not_know_it_the_date_of_the_answer_tells() -> None:
    cursor = moves.at("history", sent=NOW - 900)
    told = page(OURS, item(-9000), date=date(NOW + 900))
    assert isinstance(judged(told, cursor=cursor), Accepted)


@pytest.mark.parametrize(
    ("pages", "kind"),
    [
        ([page(OURS), EMPTY], Unknown),
        ([page(item(-90_000)), EMPTY], Unknown),
        (
            [page(item(3, KNOWN), item(4, model="x/y"), OLD), page(item(-9e4, model="x/y")), EMPTY],
            Unknown,
        ),
        ([page(item(3, KNOWN), item(4, model="x/y")), page(item(-9e4, model="x/y")), EMPTY], Void),
        ([EMPTY], Void),
    ],
)
def test_without_the_providers_clock_only_a_list_without_such_a_task_is_proof(
    pages: list[Reply], kind: type[Move]
) -> None:
    cursor = moves.at("history", sent=NOW, known=[KNOWN])
    assert isinstance(judged(*pages, cursor=cursor), kind)


# after a crash


@pytest.mark.parametrize(
    ("age", "seconds"), [(0.0, 120.0), (500.0, 120.0), (3601.0, 0.0), (-9.0, 120.0)]
)
def test_the_list_is_read_when_the_submit_can_no_longer_arrive(age: float, seconds: float) -> None:
    wait = WAVE.advance(wave(), at("submitted", sent=NOW, age=age, resent=True), None)
    assert isinstance(wait, Wait)
    assert (wait.seconds, wait.why) == (seconds, "")


def crashed(age: float, *pages: Reply) -> Move:
    return judged(*pages, cursor=at("history", sent=NOW, age=age))


def test_a_task_that_was_made_right_after_the_intent_is_ours() -> None:
    assert isinstance(crashed(5000.0, page(OURS, OLD)), Accepted)


def test_a_task_made_later_than_that_may_still_be_ours() -> None:
    move = crashed(5000.0, page(item(3000, "a" * 32), OLD))
    assert isinstance(move, Unknown)  # the submit may have waited for its turn before it left
    assert move.candidates == ("a" * 32,)


def test_a_list_that_forgets_proves_nothing() -> None:
    assert isinstance(
        WAVE.advance(wave(), at("history", sent=NOW, age=7 * 86_400.0), None), Unknown
    )
    old = at("listed", sent=NOW - 7 * 86_400.0)
    assert isinstance(WAVE.advance(wave(), old, EMPTY), Unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00.000Z", 1_767_225_600.0),
        ("2026-01-01T00:00:00.123456789Z", 1_767_225_600.123456),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600.0),
        ("2026-01-01T00:00:00", 1_767_225_600.0),
        (1_767_225_600, 1_767_225_600.0),
        (1_767_225_600_000, 1_767_225_600.0),
        ("yesterday", None),
        (None, None),
        (True, None),
        (10**400, None),
        ([], None),
    ],
)
def test_times_are_read_as_providers_write_them(text: Any, expected: float | None) -> None:
    assert made_at(text) == expected


def test_a_refused_key_while_reading_is_not_taken_for_a_refused_submit() -> None:
    assert not isinstance(judged(reply({}, 401)), Fail)


@pytest.mark.parametrize(("took", "kind"), [(0.5, Unknown), (12.0, Void), (900.0, Void)])
def test_a_list_that_came_late_tells_less_of_the_clock(took: float, kind: type[Move]) -> None:
    then = Cursor("history", dict(at("submitted", sent=NOW, known=[KNOWN], offset=0.0).data))
    told = page(date=date(NOW + 155.0))
    assert isinstance(judged(replace(told, at=NOW + 125.0, took=took), cursor=then), kind)


def test_a_clock_that_moved_since_the_submit_proves_nothing() -> None:
    then = Cursor("history", dict(at("submitted", sent=NOW, known=[KNOWN], offset=0.0).data))
    told = page(date=date(NOW + 300.0))
    move = judged(replace(told, at=NOW + 125.0), cursor=then)
    assert isinstance(move, Unknown)
    assert "clock moved" in move.why


OTHER = "wavespeed/x/y"  # a model of which a submit of ours is in doubt, too
TWIN = f"wavespeed/{MODEL}/edit"  # and one whose name begins as ours
IN_DOUBT: list[tuple[str, list[list[Any]], list[dict[str, Any]], type[Accepted | Unknown]]] = [
    ("one that it may have made", [[OTHER, NOW]], [item(3, model="x/y")], Accepted),
    ("one of each of two", [[OTHER, NOW]] * 2, [item(n, model="x/y") for n in (3, 4)], Accepted),
    (
        "one more than they can make",
        [[OTHER, NOW]],
        [item(n, model="x/y") for n in (3, 4)],
        Unknown,
    ),
    ("one from before it", [[OTHER, NOW]], [item(-200, model="x/y")], Unknown),
    ("one of a third model", [[OTHER, NOW]], [item(3, model="x/z")], Unknown),
    ("one of a model named much alike", [[TWIN, NOW]], [item(3, model=f"{MODEL}/edit")], Accepted),
    (
        "one more than that can make",
        [[TWIN, NOW]],
        [item(n, model=f"{MODEL}/edit") for n in (3, 4)],
        Unknown,
    ),
]


@pytest.mark.parametrize(
    ("pending", "items", "kind"), [row[1:] for row in IN_DOUBT], ids=[row[0] for row in IN_DOUBT]
)
def test_what_another_submit_of_ours_may_have_made_is_no_strangers(
    pending: list[list[Any]], items: list[dict[str, Any]], kind: type[Accepted | Unknown]
) -> None:
    cursor = at("history", sent=NOW, known=[KNOWN], pending=pending)
    assert isinstance(judged(page(OURS, *items, OLD), cursor=cursor), kind)


def test_a_task_of_a_model_named_much_alike_may_be_ours_by_a_shorter_name() -> None:
    cursor = at("history", sent=NOW, known=[KNOWN], pending=[[TWIN, NOW]])
    move = judged(page(item(3, "a" * 32, model=f"{MODEL}/edit"), OLD), cursor=cursor)
    assert isinstance(move, Unknown)
    assert move.candidates == ("a" * 32,)
