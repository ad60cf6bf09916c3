"""Runware up to acceptance: the body that leaves, uploads before it, and every answer to it."""

from __future__ import annotations

from typing import Any

import pytest
from provider_moves import (
    CLIP,
    HTML,
    LARGE,
    LOST,
    NOW,
    OTHER,
    SMALL,
    TASK,
    action,
    at,
    date,
    json_of,
    picture,
    reply,
    sent,
    start,
    submitted,
)

from kinoform.ports import Accepted, Cursor, Fail, Insert, Reply, Send, Wait
from kinoform.providers.runware import Runware

RUNWARE = Runware()
ACK = {"taskType": "imageInference", "taskUUID": TASK}


def error(code: str, task: str | None = TASK, **more: Any) -> dict[str, Any]:
    scope = {} if task is None else {"taskUUID": task}
    return {"code": code, "message": f"it is {code}", **scope, **more}


def answered(what: Reply, cursor: Cursor | None = None) -> object:
    move = submitted(RUNWARE, picture(), cursor)
    return RUNWARE.advance(picture(), move.then, what)


def test_the_body_is_the_request_with_what_transport_needs() -> None:
    move = submitted(RUNWARE, picture(2, outputFormat="PNG"))
    assert json_of(move.request) == [
        {
            "taskType": "imageInference",
            "taskUUID": TASK,
            "positivePrompt": "a cat",
            "width": 1024,
            "height": 1024,
            "outputFormat": "PNG",
            "numberResults": 2,
            "model": "klingai:kling-image@o3",
            "deliveryMethod": "async",
            "includeCost": True,
            "outputType": "URL",
        }
    ]
    assert (move.request.method, move.request.url, move.request.fold) == ("POST", "", "submit")
    assert (move.repeatable, move.gate, move.then.stage) == (True, "", "submitted")


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        ("video/mp4", "videoInference"),
        ("audio/mpeg", "audioInference"),
        ("image/png", "imageInference"),
    ],
)
def test_what_is_expected_tells_the_type_of_task(media: str, kind: str) -> None:
    what = action("runware/x:y@1", {"positivePrompt": "x"}, media=media)
    assert json_of(submitted(RUNWARE, what).request)[0]["taskType"] == kind


def test_fewer_results_are_asked_for_where_some_are_held() -> None:
    move = submitted(RUNWARE, picture(4), start(count=1))
    assert json_of(move.request)[0]["numberResults"] == 1


def test_a_small_picture_travels_inside_the_submit() -> None:
    move = submitted(RUNWARE, picture(inputs={"referenceImages": [SMALL]}))
    assert Insert(SMALL.digest, "image/png", "data-uri") in move.request.body
    assert json_of(move.request)[0]["inputs"] == {"referenceImages": ["<data-uri aaaa>"]}


def test_what_stands_for_bytes_already_is_used() -> None:
    refs = {LARGE.digest: {"ref": OTHER, "until": NOW + 999}}
    move = submitted(RUNWARE, picture(inputs={"image": LARGE}), start(refs=refs))
    assert json_of(move.request)[0]["inputs"] == {"image": OTHER}


@pytest.mark.parametrize("blob", [LARGE, CLIP])
def test_large_pictures_and_all_clips_are_brought_there_first(blob: Any) -> None:
    what = picture(inputs={"video": blob})
    first = sent(RUNWARE.advance(what, start(), None))
    (task,) = json_of(first.request)
    assert (task["taskType"], task["operation"], first.spends) == ("mediaStorage", "upload", False)
    assert any(isinstance(p, Insert) and p.form == "base64" for p in first.request.body)
    done = {
        "data": [{"taskType": "mediaStorage", "taskUUID": task["taskUUID"], "mediaUUID": OTHER}]
    }
    move = sent(RUNWARE.advance(what, first.then, reply(done)))
    assert move.spends
    assert json_of(move.request)[0]["inputs"] == {"video": OTHER}
    assert move.then.data["refs"] == {blob.digest: {"ref": OTHER, "fresh": 86_400.0}}


UPLOADS: list[tuple[str, Reply, type, dict[str, Any]]] = [
    ("lost", LOST, Wait, {"why": ""}),
    ("html", HTML, Wait, {"why": ""}),
    ("garbage", reply(b"{"), Wait, {"why": ""}),
    ("rate", reply({}, 429), Wait, {"why": "rate"}),
    ("known id", reply({"errors": [error("conflictTaskUUID", None)]}, 400), Wait, {"why": ""}),
    ("key", reply({"errors": [error("invalidApiKey", None)]}, 401), Fail, {"kind": "auth"}),
    ("too large", reply(b"<html>", 413), Fail, {"kind": "bad-input", "field": "inputs.image"}),
    ("balance", reply({}, 402), Fail, {"kind": "quota"}),
]


@pytest.mark.parametrize(
    ("what", "expected", "fields"), [u[1:] for u in UPLOADS], ids=[u[0] for u in UPLOADS]
)
def test_answers_to_an_upload(what: Reply, expected: type, fields: dict[str, Any]) -> None:
    buy = picture(inputs={"image": LARGE})
    first = sent(RUNWARE.advance(buy, start(), None))
    move = RUNWARE.advance(buy, first.then, what)
    assert isinstance(move, expected)
    assert {name: getattr(move, name) for name in fields} == fields
    if isinstance(move, Wait):
        again = sent(RUNWARE.advance(buy, move.then, None))
        assert not again.spends
        assert again.request.body != first.request.body  # an id is never used for two tries


def test_an_upload_that_always_fails_ends_the_step() -> None:
    buy = picture(inputs={"image": LARGE})
    cursor = start()
    for _ in range(5):
        move = RUNWARE.advance(buy, sent(RUNWARE.advance(buy, cursor, None)).then, HTML)
        assert isinstance(move, Wait)
        cursor = move.then
    end = RUNWARE.advance(buy, sent(RUNWARE.advance(buy, cursor, None)).then, HTML)
    assert isinstance(end, Fail)
    assert end.kind == "busy"


ACCEPTED = [
    ("ack", reply({"data": [ACK]})),
    (
        "a whole result at once",
        reply({"data": [{**ACK, "imageUUID": OTHER, "imageURL": "https://x/y"}]}),
    ),
    ("beside errors of others", reply({"data": [ACK], "errors": [error("invalidX", OTHER)]}, 400)),
    ("in another case", reply({"data": [{"taskUUID": TASK.upper()}]})),
]


@pytest.mark.parametrize("what", [a[1] for a in ACCEPTED], ids=[a[0] for a in ACCEPTED])
def test_an_entry_of_the_task_is_acceptance(what: Reply) -> None:
    move = answered(what)
    assert isinstance(move, Accepted)
    assert (move.task, move.then.stage) == (TASK, "running")


REFUSED: list[tuple[str, Reply, str, str]] = [
    (
        "F07 400",
        reply({"errors": [error("unsupportedDimensions", parameter=["width", "height"])]}, 400),
        "bad-input",
        "width, height",
    ),
    ("F07 400 without task", reply({"errors": [error("invalidJson", None)]}, 400), "bad-input", ""),
    (
        "F07 401",
        reply({"errors": [error("invalidApiKey", None, parameter="apiKey")]}, 401),
        "auth",
        "apiKey",
    ),
    ("F07 401 html", reply(b"<html>", 401), "auth", ""),
    (
        "F07 402",
        reply({"error": {"code": "insufficientCredits", "message": "no"}}, 402),
        "quota",
        "",
    ),
    ("F07 403", reply(b"", 403), "auth", ""),
    ("F07 404", reply({}, 404), "bad-input", ""),
    ("F07 413", reply(b"", 413), "bad-input", ""),
    ("F07 422", reply({"data": []}, 422), "bad-input", ""),
    ("in 200", reply({"errors": [error("missingPositivePrompt")]}), "bad-input", ""),
    (
        "inside an item",
        reply(
            {
                "data": [
                    {
                        **ACK,
                        "status": "error",
                        "error": {"code": "unknownParameter", "message": "no"},
                    }
                ]
            }
        ),
        "bad-input",
        "",
    ),
    (
        "F09 moderation",
        reply({"errors": [error("contentPolicyViolation", parameter="positivePrompt")]}, 400),
        "moderation",
        "positivePrompt",
    ),
    (
        "quota of theirs",
        reply({"errors": [error("providerInsufficientCredits")]}, 400),
        "quota",
        "",
    ),
    ("unheard of", reply({"errors": [error("someNewCode")]}, 400), "bad-input", ""),
]


@pytest.mark.parametrize(
    ("what", "kind", "field"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_refusal_ends_the_step_and_names_field_and_code(
    what: Reply, kind: str, field: str
) -> None:
    move = answered(what)
    assert isinstance(move, Fail)
    assert (move.kind, move.field) == (kind, field)
    assert move.code
    assert move.message


UNANSWERED = [
    ("F02 lost", LOST),
    ("F04 html 502", HTML),
    ("F04 503", reply({}, 503)),
    ("F04 504", reply(b"", 504)),
    ("500 with an error of ours", reply({"errors": [error("internalServerError")]}, 500)),
    ("F05 unparsable", reply(b'{"data": [')),
    ("F05 no JSON of ours", reply([1, 2])),
    ("F05 empty", reply(b"")),
    ("F05 deep", reply(b"[" * 200_000)),
    ("F06 our id is not there", reply({"data": [{**ACK, "taskUUID": OTHER}]})),
    ("F06 another task's error", reply({"errors": [error("invalidX", OTHER)]}, 400)),
    ("empty data", reply({"data": []})),
    ("a redirect", reply(b"", 302)),
    ("a time-out of theirs", reply({}, 408)),
]


@pytest.mark.parametrize("what", [u[1] for u in UNANSWERED], ids=[u[0] for u in UNANSWERED])
def test_without_an_answer_the_recorded_bytes_are_sent_again(what: Reply) -> None:
    wait = answered(what)
    assert isinstance(wait, Wait)
    assert wait.why == ""
    again = sent(RUNWARE.advance(picture(), wait.then, None))
    assert (again.spends, again.repeatable, again.request.body) == (True, True, ())
    assert (again.request.method, again.request.url, again.request.fold) == ("POST", "", "submit")


def test_a_conflict_after_doubt_is_acceptance() -> None:
    wait = answered(LOST)
    assert isinstance(wait, Wait)
    again = sent(RUNWARE.advance(picture(), wait.then, None))
    conflict = reply({"data": [], "errors": [error("conflictTaskUUID")]}, 400)
    assert isinstance(RUNWARE.advance(picture(), again.then, conflict), Accepted)


def test_a_conflict_is_acceptance_where_the_driver_sent_this_very_intent_before() -> None:
    conflict = reply({"errors": [error("conflictTaskUUID")]}, 400)
    assert isinstance(RUNWARE.advance(picture(), at("submitted", resent=True), conflict), Accepted)


WAITS = [
    ("seconds", reply({}, 429, retry_after="7"), "rate", 7.0),
    ("a fraction", reply({}, 429, retry_after="1.5"), "rate", 1.5),
    ("zero", reply({}, 429, retry_after="0"), "rate", 1.0),
    ("absurd", reply({}, 429, retry_after="9" * 400), "rate", 120.0),
    ("a date", reply({}, 429, retry_after=date(NOW + 30)), "rate", 30.0),
    ("a date by their clock", reply({}, 429, retry_after=date(NOW + 530), date=date(NOW + 500)), "rate", 30.0),
    ("a date long ago", reply({}, 429, retry_after=date(0)), "rate", 1.0),
    ("a date far off", reply({}, 429, retry_after=date(NOW + 10**8)), "rate", 120.0),
    ("negative", reply({}, 429, retry_after="-5"), "rate", None),
    ("nonsense", reply({}, 429, retry_after="soon"), "rate", None),
    ("none", reply({"errors": [error("rateLimitExceeded")]}, 429), "rate", None),
    ("busy", reply({"errors": [error("noAvailableServer")]}, 400), "busy", None),
    ("theirs timed out", reply({"errors": [error("providerTimeout")]}, 400), "busy", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "why", "seconds"), [w[1:] for w in WAITS], ids=[w[0] for w in WAITS]
)
def test_a_provider_that_wants_less_is_obeyed(what: Reply, why: str, seconds: float | None) -> None:
    wait = answered(what)
    assert isinstance(wait, Wait)
    assert wait.why == why
    assert 1.0 <= wait.seconds <= 120.0
    assert seconds is None or wait.seconds == seconds
    assert sent(RUNWARE.advance(picture(), wait.then, None)).request.body == ()


def test_a_provider_that_is_always_busy_ends_the_step() -> None:
    busy = reply({"errors": [error("modelDisabled")]}, 400)
    move: object = answered(busy)
    for _ in range(20):
        if isinstance(move, Fail):
            break
        assert isinstance(move, Wait)
        move = RUNWARE.advance(
            picture(), sent(RUNWARE.advance(picture(), move.then, None)).then, busy
        )
    assert isinstance(move, Fail)
    assert move.kind == "busy"


def stale(code: str, field: str, **data: Any) -> str:
    what = picture(inputs={"frameImages": [{"image": LARGE, "frame": "first"}]})
    refs = {LARGE.digest: {"ref": OTHER, "until": NOW}}
    refused = reply({"errors": [error(code, parameter=field)]}, 400)
    move = RUNWARE.advance(what, at("submitted", **({"refs": refs} | data)), refused)
    assert isinstance(move, Fail)
    return move.kind


@pytest.mark.parametrize(
    "field", ["inputs.frameImages[0].image", "frameImages", "inputs.frameImages", "image"]
)
@pytest.mark.parametrize("code", ["invalidImage", "mediaNotFound", "imageExpired"])
def test_an_input_that_an_earlier_attempt_brought_there_may_be_gone(code: str, field: str) -> None:
    assert stale(code, field) == "stale-input"


def test_what_was_brought_there_now_is_not_stale_and_nor_is_another_field() -> None:
    assert stale("invalidImage", "image", uploaded=[LARGE.digest]) == "bad-input"
    assert stale("invalidImage", "image", refs={}) == "bad-input"
    assert stale("invalidWidth", "width") == "bad-input"
    assert stale("unsupportedDimensions", "image") == "bad-input"


def test_texts_of_the_provider_are_short_and_clean() -> None:
    said = "\x1b]0;owned\x07 first\nsecond \u202eevil " + "x" * 5000
    move = answered(
        reply({"errors": [{"code": "invalid\x00X", "message": said, "taskUUID": TASK}]}, 400)
    )
    assert isinstance(move, Fail)
    assert move.message.isprintable()
    assert len(move.message) <= 200
    assert move.code.isprintable()


# after a crash


def test_a_fresh_intent_without_an_answer_is_sent_again() -> None:
    again = sent(RUNWARE.advance(picture(), at("submitted", age=3299.0, sent=NOW), None))
    assert (again.spends, again.repeatable, again.request.body) == (True, True, ())
    assert (again.request.method, again.request.url, again.request.fold) == ("POST", "", "submit")


def test_an_old_one_is_looked_up_instead() -> None:
    look = sent(RUNWARE.advance(picture(), at("submitted", age=3601.0, sent=NOW), None))
    assert not look.spends
    assert json_of(look.request) == [{"taskType": "getTaskDetails", "taskUUID": TASK}]


def test_resending_stops_when_the_provider_may_have_forgotten_the_id() -> None:
    cursor, sends = at("submitted", age=0.0), 0
    move: object = RUNWARE.advance(picture(), cursor, None)
    while isinstance(move, Send | Wait):
        if isinstance(move, Send) and not move.spends:
            break
        sends += isinstance(move, Send)
        move = RUNWARE.advance(picture(), move.then, LOST if isinstance(move, Send) else None)
    assert isinstance(move, Send)
    assert "getTaskDetails" in str(move.request.body)
    assert 50 < sends < 200


def test_a_cursor_of_another_version_is_not_guessed_at() -> None:
    assert type(RUNWARE.advance(picture(), at("teleported"), None)).__name__ == "Unknown"
