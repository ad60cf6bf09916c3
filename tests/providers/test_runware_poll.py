"""Runware after acceptance: polls, results that come one by one, and every way a task can end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from provider_moves import HTML, LOST, NOW, OTHER, TASK, action, at, json_of, picture, reply, sent

from kinoform.ports import Cursor, Done, Fail, Move, Reply, Send, Wait
from kinoform.providers.runware import Runware

RUNWARE = Runware()
A, B, C = (letter * 8 + "-0000-4000-8000-000000000000" for letter in "abc")


def result(name: str, **more: Any) -> dict[str, Any]:
    """A finished picture."""
    return {
        "taskType": "imageInference",
        "taskUUID": TASK,
        "status": "success",
        "imageUUID": name,
        "imageURL": f"https://im.example/{name}.jpg",
        "seed": 7,
        "cost": 0.028,
        **more,
    }


def working(name: str = "") -> dict[str, Any]:
    task = {"taskType": "imageInference", "taskUUID": TASK, "status": "processing"}
    return {**task, "imageUUID": name} if name else task


def failure(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": f"it is {code}", "taskUUID": TASK, "status": "error", **more}


def polls(count: int, *replies: Reply) -> Move:
    """The move after these answers to polls, or the one that ended it before the last."""
    cursor, what = at("running", waited=1.0), picture(count)
    move: Move = Wait(0.0, cursor)
    for each in replies:
        if not isinstance(move, Wait):
            break
        poll = sent(RUNWARE.advance(what, move.then, None))
        assert not poll.spends
        move = RUNWARE.advance(what, poll.then, each)
    return move


def data(
    *items: dict[str, Any], errors: tuple[dict[str, Any], ...] = (), status: int = 200
) -> Reply:
    return reply({"data": list(items)} | ({"errors": list(errors)} if errors else {}), status)


def done(move: Move) -> Done:
    assert isinstance(move, Done), move
    return move


def test_the_first_look_comes_after_a_second() -> None:
    wait = RUNWARE.advance(picture(), at("running"), None)
    assert isinstance(wait, Wait)
    assert wait.seconds == 1.0
    poll = sent(RUNWARE.advance(picture(), wait.then, None))
    assert json_of(poll.request) == [{"taskType": "getResponse", "taskUUID": TASK}]
    assert (poll.request.fold, poll.spends) == ("poll", False)


def test_after_a_crash_the_first_look_comes_at_once() -> None:
    assert isinstance(RUNWARE.advance(picture(), at("running", age=9.0), None), Send)


def test_pauses_grow_with_the_time_waited_and_stay_between_1_and_15_seconds() -> None:
    cursor, pauses = at("running", waited=1.0), list[float]()
    for _ in range(40):
        poll = sent(RUNWARE.advance(picture(), cursor, None))
        wait = RUNWARE.advance(picture(), poll.then, data())
        assert isinstance(wait, Wait)
        pauses.append(wait.seconds)
        cursor = wait.then
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1.0, 15.0)


def test_a_result_is_its_address_its_id_its_seed_and_its_exact_cost() -> None:
    (output,) = done(polls(1, data(result(A, NSFWContent=True)))).outputs
    assert (output.url, output.id, output.seed) == (f"https://im.example/{A}.jpg", A, 7)
    assert (output.cost, output.media) == (Decimal("0.028"), "image/png")
    assert (output.ref, output.fresh) == (A, 3600.0)


def test_a_clip_comes_as_one() -> None:
    what = action("runware/klingai:kling-video@o3-pro", {"positivePrompt": "x"}, media="video/mp4")
    clip = {"taskUUID": TASK, "videoUUID": B, "videoURL": "https://vm.example/b.mp4", "cost": 1.12}
    move = RUNWARE.advance(what, at("polled", waited=1.0), data(clip))
    assert done(move).outputs[0].media == "video/mp4"
    assert done(move).outputs[0].cost == Decimal("1.12")


PENDING = [
    ("F10 nothing known", data()),
    ("processing", data(working())),
    ("processing with its id", data(working(A))),
    ("an old word for it", data({**working(), "status": "pending"})),
    ("an address before its time", data({**result(A), "status": "processing"})),
    ("F06 another's result", data({**result(A), "taskUUID": OTHER})),
    ("F06 another's failure", data(errors=({**failure("invalidX"), "taskUUID": OTHER},))),
    ("F11 lost", LOST),
    ("F11 html", HTML),
    ("F11 no JSON", reply(b"\xff\xfe{")),
    ("F11 a list", reply([])),
    ("F11 500", data(errors=(failure("internalServerError", status=""),), status=500)),
    ("the key is refused", reply({"errors": [{"code": "invalidApiKey", "message": "no"}]}, 401)),
    ("no balance to ask", reply({}, 402)),
    ("the task is not found yet", data(errors=(failure("taskNotFound"),), status=404)),
    (
        "the id is said to be wrong",
        data(errors=(failure("invalidTaskUUID", parameter="taskUUID"),)),
    ),
    ("gone or not there", data(errors=(failure("taskFailedOrNotFound"),))),
    (
        "the poll itself is wrong",
        data(errors=(failure("invalidX", status="", taskType="getResponse"),)),
    ),
]


@pytest.mark.parametrize("what", [p[1] for p in PENDING], ids=[p[0] for p in PENDING])
def test_what_does_not_end_the_task_is_waited_out(what: Reply) -> None:
    move = polls(1, *[what] * 30)
    assert isinstance(move, Wait)
    assert done(polls(1, *[what] * 3, data(result(A)))).missing == 0


def test_a_poll_that_comes_too_often_says_so_to_all() -> None:
    move = polls(1, reply({}, 429, retry_after="9"))
    assert isinstance(move, Wait)
    assert (move.why, move.seconds) == ("rate", 9.0)


def test_a_task_that_is_not_found_for_ten_minutes_has_failed() -> None:
    move = polls(1, *[data(errors=(failure("taskFailedOrNotFound"),))] * 80)
    assert isinstance(move, Fail)
    assert move.kind == "broken"


FAILED = [
    ("F09 moderation", data(errors=(failure("providerContentPolicyViolation"),)), "moderation"),
    (
        "F09 with HTTP 400",
        data(errors=(failure("sensitiveContentDetected"),), status=400),
        "moderation",
    ),
    ("F09 an empty success", data({**result(A), "imageURL": None}), "empty"),
    ("an address that is none", data({**result(A), "imageURL": "file:///etc/passwd"}), "empty"),
    (
        "inside an item",
        data({**working(A), "status": "error", "error": {"code": "inferenceError"}}),
        "broken",
    ),
    ("upstream", data(errors=(failure("providerError"),)), "broken"),
    ("time-out", data(errors=(failure("timeoutProvider"),)), "broken"),
    (
        "bad input seen late",
        data(errors=(failure("invalidFrameImage", parameter="inputs.frameImages"),)),
        "bad-input",
    ),
    ("unheard of", data(errors=(failure("someNewCode"),)), "broken"),
    ("their quota", data(errors=(failure("providerInsufficientCredits"),)), "broken"),
]


@pytest.mark.parametrize(("what", "kind"), [f[1:] for f in FAILED], ids=[f[0] for f in FAILED])
def test_a_failed_task_ends_with_the_class_of_its_error(what: Reply, kind: str) -> None:
    move = polls(1, data(working()), what)
    assert isinstance(move, Fail)
    assert move.kind == kind
    assert move.message


def test_results_that_come_one_by_one_keep_the_order_in_which_they_were_seen() -> None:
    move = polls(
        3,
        data(result(C), working(A)),
        data(result(A), working(B)),
        data(result(B), result(A), result(C)),
    )
    assert [output.id for output in done(move).outputs] == [C, A, B]


def test_another_poll_for_fresh_addresses_keeps_the_order_that_is_given() -> None:
    cursor = at("polled", waited=1.0, seen=[C, A])
    move = RUNWARE.advance(picture(3), cursor, data(result(A), result(B), result(C)))
    assert [output.id for output in done(move).outputs] == [C, A, B]


def test_states_that_go_backwards_take_nothing_away() -> None:
    move = polls(
        2, data(result(A), working(B)), data(working(A), working(B)), data(), data(result(B))
    )
    assert [output.id for output in done(move).outputs] == [A, B]


def test_duplicates_are_one_and_what_was_not_asked_for_is_left() -> None:
    assert isinstance(polls(2, data(result(A), result(A), working(B))), Wait)
    assert [o.id for o in done(polls(2, data(result(A), result(B), result(C)))).outputs] == [A, B]


def test_some_failed_and_the_rest_is_there() -> None:
    move = done(polls(3, data(result(A), result(B), errors=(failure("inferenceError"),))))
    assert ([o.id for o in move.outputs], move.missing) == ([A, B], 1)
    assert move.said == "it is inferenceError"


def test_a_failure_does_not_end_what_still_runs() -> None:
    failed = failure("inferenceError", imageUUID=C)
    move = polls(
        3,
        data(result(A), working(B), errors=(failed,)),
        data(result(A), result(B), errors=(failed,)),
    )
    assert (len(done(move).outputs), done(move).missing) == (2, 1)


def test_an_error_beside_work_under_way_does_not_end_it_yet() -> None:
    both = data(working(A), errors=(failure("inferenceError"),))
    assert isinstance(polls(1, both), Wait)
    assert done(polls(1, both, data(result(A)))).missing == 0
    assert isinstance(polls(1, *[both] * 100), Fail)


def test_a_result_that_came_after_all_did_not_fail() -> None:
    failed = data(result(B), errors=(failure("inferenceError", imageUUID=A),))
    assert isinstance(polls(3, failed, data(result(A), result(B))), Wait)


def test_one_failure_told_twice_is_one() -> None:
    twice = (failure("inferenceError", imageUUID=C), failure("inferenceError"))
    assert isinstance(polls(3, data(result(A), errors=twice)), Wait)


def test_one_error_for_a_task_of_several_results_ends_it_after_a_while() -> None:
    one = data(errors=(failure("contentPolicyViolation"),))
    assert isinstance(polls(4, one), Wait)
    move = polls(4, *[one] * 20)
    assert isinstance(move, Fail)
    assert move.kind == "moderation"


def test_a_rest_that_nothing_is_said_of_is_waited_for_half_an_hour() -> None:
    some = data(result(A), result(B))
    assert isinstance(polls(4, *[some] * 60), Wait)
    move = done(polls(4, *[some] * 160))
    assert (len(move.outputs), move.missing) == (2, 2)


def test_a_task_that_is_said_to_run_is_waited_for_without_end() -> None:
    assert isinstance(polls(2, *[data(result(A), working(B))] * 300), Wait)


@pytest.mark.parametrize("cost", [True, "0.028", -1, 10**9, None, [1]])
def test_a_cost_that_can_be_none_is_none(cost: Any) -> None:
    assert done(polls(1, data(result(A, cost=cost)))).outputs[0].cost is None


def test_a_result_without_an_id_goes_by_its_address_and_is_no_input() -> None:
    (output,) = done(polls(1, data({"taskUUID": TASK, "imageURL": "https://x/y.jpg"}))).outputs
    assert (output.id, output.ref, output.fresh) == ("https://x/y.jpg", "", 0.0)


def test_the_cursor_stays_small() -> None:
    cursor: Cursor = at("polled", waited=1.0)
    many = [result(f"{n:08d}-0000-4000-8000-000000000000") for n in range(5000)]
    errors = tuple(failure("x" * 9999, imageUUID=f"e{n}", message="m" * 99999) for n in range(3000))
    move = RUNWARE.advance(picture(20), cursor, data(*many[:19], working(), errors=errors))
    assert isinstance(move, Done | Wait)
    assert len(str(move)) < 30_000


def test_time_is_not_read_from_anywhere() -> None:
    one = polls(1, data(working()))
    assert one == polls(1, Reply(200, data(working()).body, at=NOW + 10**6))
