"""Runware submits that nobody can judge: what the archive and the state of the task prove."""

from __future__ import annotations

from typing import Any

import pytest
from provider_moves import HTML, LOST, OTHER, TASK, at, json_of, picture, reply, sent

from kinoform.ports import Accepted, Fail, Move, Reply, Send, Unknown, Wait
from kinoform.providers.runware import Runware

RUNWARE = Runware()
OURS = {
    "taskType": "imageInference",
    "taskUUID": TASK,
    "model": "klingai:kling-image@o3",
    "positivePrompt": "a cat",
    "width": 1024,
    "height": 1024,
    "includeCost": True,
}
ACK = {"taskType": "imageInference", "taskUUID": TASK}
NOTHING = reply({"data": []})


def error(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": f"it is {code}", "taskUUID": TASK, **more}


def details(request: Any, **response: Any) -> Reply:
    return reply({"request": request, "response": response})


def judged(first: Move, *answers: Reply) -> Move:
    """The verdict after answers to the questions, the waits between them passed over."""
    move = first
    for each in answers:
        while isinstance(move, Wait):
            move = RUNWARE.advance(picture(), move.then, None)
        question = sent(move)
        assert not question.spends
        move = RUNWARE.advance(picture(), question.then, each)
    return move


def old() -> Move:
    return RUNWARE.advance(picture(), at("submitted", age=99_999.0), None)


def conflict() -> Move:
    refused = reply({"data": [], "errors": [error("conflictTaskUUID")]}, 400)
    return RUNWARE.advance(picture(), at("submitted"), refused)


def refused(code: str, status: int = 400) -> Move:
    """A refusal of a second send, after the first went unanswered."""
    answer = reply({"errors": [error(code)]}, status)
    return RUNWARE.advance(picture(), at("submitted", doubt=True, resent=True), answer)


def test_the_questions_cost_nothing() -> None:
    first = sent(old())
    assert json_of(first.request) == [{"taskType": "getTaskDetails", "taskUUID": TASK}]
    second = sent(RUNWARE.advance(picture(), first.then, NOTHING))
    assert json_of(second.request) == [{"taskType": "getResponse", "taskUUID": TASK}]


OLD: list[tuple[str, list[Reply], type]] = [
    ("archived and ours", [details([OURS], data=[ACK])], Accepted),
    ("without an answer yet", [details([OURS])], Accepted),
    ("as the one item of data", [reply({"data": [{"request": [OURS], "response": {}}]})], Accepted),
    ("one request alone", [details(OURS)], Accepted),
    ("among others", [details([{**OURS, "taskUUID": OTHER, "width": 1}, OURS])], Accepted),
    ("a replay was refused as known", [details([OURS], errors=[error("conflictTaskUUID")])], Accepted),
    ("fields that only they have", [details([{**OURS, "steps": 4}])], Accepted),
    ("another prompt", [details([{**OURS, "positivePrompt": "a dog"}])], Unknown),
    ("nothing known", [NOTHING, NOTHING], Unknown),
    ("not found", [reply({"errors": [error("taskNotFound")]}, 404), NOTHING], Unknown),
    ("nothing archived, and yet it runs", [NOTHING, reply({"data": [ACK]})], Accepted),
    ("only of others", [details([{**OURS, "taskUUID": OTHER}]), NOTHING], Unknown),
    ("refused for good", [details([OURS], errors=[error("invalidX")]), NOTHING], Fail),
    ("refused for now", [details([OURS], errors=[error("insufficientCredits")]), NOTHING], Unknown),
    ("refused, and yet it runs", [details([OURS], errors=[error("invalidX")]), reply({"data": [ACK]})], Accepted),
    ("failed since", [NOTHING, reply({"errors": [error("inferenceError", status="error")]})], Accepted),
    ("not yet read", [LOST, HTML, reply(b"?"), reply({}, 429), details([OURS])], Accepted),
    ("the key is refused", [reply({"errors": [{"code": "invalidApiKey", "message": "no"}]}, 401)], Unknown),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), [o[1:] for o in OLD], ids=[o[0] for o in OLD])
def test_an_old_intent_without_an_answer(answers: list[Reply], expected: type) -> None:
    move = judged(old(), *answers)
    assert isinstance(move, expected), move
    if isinstance(move, Unknown):
        assert move.candidates == (TASK,)
        again = RUNWARE.advance(picture(), move.then, None)
        assert isinstance(again, Send)
        assert not again.spends  # looked up again, never sent again


CONFLICTS: list[tuple[str, list[Reply], type, str]] = [
    ("ours", [details([OURS], data=[ACK])], Accepted, ""),
    (
        "overwritten by the refused replay",
        [details([OURS], errors=[error("conflictTaskUUID")])],
        Accepted,
        "",
    ),
    ("nothing archived", [NOTHING], Accepted, ""),
    ("not found", [reply({}, 404)], Wait, ""),
    ("another request", [details([{**OURS, "width": 512}])], Fail, "task-collision"),
    ("another model", [details([{**OURS, "model": "x:y@1"}])], Fail, "task-collision"),
]


@pytest.mark.parametrize(
    ("answers", "expected", "code"), [c[1:] for c in CONFLICTS], ids=[c[0] for c in CONFLICTS]
)
def test_a_task_of_our_id_that_we_never_sent(
    answers: list[Reply], expected: type, code: str
) -> None:
    move = judged(conflict(), *answers)
    assert isinstance(move, expected | Accepted)
    assert getattr(move, "code", "") == code


REFUSED: list[tuple[str, str, list[Reply], type]] = [
    ("the balance may be gone because of the first", "insufficientCredits", [NOTHING, NOTHING], Unknown),
    ("and it was accepted", "insufficientCredits", [NOTHING, reply({"data": [ACK]})], Accepted),
    ("and the archive has it", "insufficientCredits", [details([OURS], data=[ACK])], Accepted),
    ("the key was withdrawn", "invalidApiKey", [reply({}, 401)], Unknown),
    ("the request itself is wrong", "unsupportedDimensions", [NOTHING, NOTHING], Fail),
    ("moderation", "contentPolicyViolation", [details([OURS], errors=[error("contentPolicyViolation")]), NOTHING], Fail),
    ("wrong, and yet it was accepted", "invalidX", [NOTHING, reply({"data": [ACK]})], Accepted),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "answers", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_refusal_after_doubt_proves_nothing_by_itself(
    code: str, answers: list[Reply], expected: type
) -> None:
    assert isinstance(judged(refused(code), *answers), expected)


def test_the_driver_may_say_that_the_intent_was_sent_before() -> None:
    answer = reply({"errors": [error("insufficientCredits")]}, 402)
    move = RUNWARE.advance(picture(), at("submitted", resent=True), answer)
    assert not sent(move).spends


def test_questions_that_are_never_answered_end_in_not_knowing() -> None:
    move = old()
    for _ in range(200):
        if isinstance(move, Unknown):
            break
        move = RUNWARE.advance(picture(), sent(move).then, LOST)
        while isinstance(move, Wait):
            move = RUNWARE.advance(picture(), move.then, None)
    assert isinstance(move, Unknown)


@pytest.mark.parametrize("stage", ["looked", "glanced"])
def test_a_question_without_its_answer_is_asked_again(stage: str) -> None:
    move = RUNWARE.advance(picture(), at(stage), None)
    assert isinstance(move, Send)
    assert not move.spends


def burnt(*answers: Reply) -> Move:
    """A conflict although every send under this id was refused."""
    cursor = at("submitted")
    for answer in (reply({"errors": [error("noAvailableServer")]}, 400), reply({}, 429)):
        wait = RUNWARE.advance(picture(), cursor, answer)
        assert isinstance(wait, Wait)
        cursor = sent(RUNWARE.advance(picture(), wait.then, None)).then
    known = reply({"errors": [error("conflictTaskUUID")]}, 400)
    return judged(RUNWARE.advance(picture(), cursor, known), *answers)


def test_an_id_may_be_known_from_its_refusals_alone() -> None:
    move = burnt(NOTHING)
    assert isinstance(move, Fail)
    assert (move.kind, move.code) == ("busy", "conflictTaskUUID")


def test_and_if_it_runs_after_all_it_is_ours() -> None:
    assert isinstance(burnt(reply({"data": [ACK]})), Accepted)
    assert isinstance(burnt(LOST, reply({}, 503), reply({"data": [ACK]})), Accepted)
