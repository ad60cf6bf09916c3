"""WaveSpeed up to acceptance and its polls: bodies, tickets, refusals, doubts, ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from provider_moves import (
    CLIP,
    HTML,
    LARGE,
    LOST,
    NOW,
    SMALL,
    WID,
    at,
    envelope,
    json_of,
    picture,
    reply,
    sent,
    start,
    submitted,
    wave,
)

from kinoform.ports import Accepted, Done, Fail, Insert, Move, Reply, Send, Wait
from kinoform.providers.wavespeed import WaveSpeed

if TYPE_CHECKING:
    from kinoform.core.types import Action

WAVE = WaveSpeed()
CREATED = {"id": WID, "model": "kwaivgi/kling-image-o3", "status": "created", "outputs": []}


def answered(what: Reply) -> Move:
    return WAVE.advance(wave(), submitted(WAVE, wave()).then, what)


def test_the_body_is_the_request_as_it_is() -> None:
    move = submitted(WAVE, wave(2, resolution="2k"))
    assert json_of(move.request) == {"prompt": "a cat", "num_images": 2, "resolution": "2k"}
    assert (move.request.method, move.request.url) == ("POST", "api/v3/kwaivgi/kling-image-o3")
    assert (move.request.fold, move.repeatable) == ("", False)
    assert move.gate == WAVE.gate(wave()) == "wavespeed/kwaivgi/kling-image-o3"


def test_fewer_results_are_asked_for_where_some_are_held() -> None:
    assert json_of(submitted(WAVE, wave(4), start(count=1)).request)["num_images"] == 1
    assert "num_images" not in json_of(submitted(WAVE, wave(), start(count=1)).request)


# uploads

TICKET = {
    "download_url": "https://cdn.example/in/px.png",
    "upload": {
        "method": "PUT",
        "url": "https://up.example/px?sig=1",
        "headers": {
            "Content-Type": "image/webp",
            "x-amz-acl": "private",
            "Host": "evil",
            "n\n": "x",
        },
    },
}


@pytest.mark.parametrize("blob", [SMALL, LARGE, CLIP])
def test_every_input_goes_by_ticket(blob: Any) -> None:
    what = wave(images=[blob])
    ask = sent(WAVE.advance(what, start(), None))
    assert (ask.request.url, ask.spends) == ("api/v3/media/uploads", False)
    asked = json_of(ask.request)
    assert (asked["size"], asked["content_type"]) == (blob.size, blob.media)
    put = sent(WAVE.advance(what, ask.then, envelope(TICKET)))
    assert (put.request.method, put.request.url) == ("PUT", "https://up.example/px?sig=1")
    assert put.request.body == (Insert(blob.digest, blob.media, "raw"),)
    assert (put.request.media, dict(put.request.headers)) == (
        "image/webp",
        {"x-amz-acl": "private"},
    )
    move = sent(WAVE.advance(what, put.then, reply(b"", 204)))
    assert move.spends
    assert json_of(move.request)["images"] == ["https://cdn.example/in/px.png"]
    ref = {"ref": "https://cdn.example/in/px.png", "fresh": 518_400.0}
    assert move.then.data["refs"] == {blob.digest: ref}


def test_the_same_bytes_twice_are_brought_there_once() -> None:
    what = wave(images=[SMALL, SMALL])
    put = sent(WAVE.advance(what, sent(WAVE.advance(what, start(), None)).then, envelope(TICKET)))
    move = sent(WAVE.advance(what, put.then, reply(b"")))
    assert json_of(move.request)["images"] == ["https://cdn.example/in/px.png"] * 2


TICKETS: list[tuple[str, Reply, type, dict[str, Any]]] = [
    ("lost", LOST, Wait, {"why": ""}),
    ("html", HTML, Wait, {"why": ""}),
    ("no address", envelope({"download_url": "x", "upload": {"url": "file:///x"}}), Wait, {"why": ""}),
    ("rate", reply({}, 429, retry_after="3"), Wait, {"why": "rate", "seconds": 3.0}),
    ("key", reply({"code": 401, "message": "bad key"}, 401), Fail, {"kind": "auth"}),
    ("key in 200", reply({"code": 401, "message": "bad key"}), Fail, {"kind": "auth"}),
    ("too large", reply({"code": 400, "message": "too large"}, 400), Fail, {"kind": "bad-input", "field": "images.0"}),
    ("balance", reply({"message": "Insufficient balance"}, 403), Fail, {"kind": "quota"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "expected", "fields"), [t[1:] for t in TICKETS], ids=[t[0] for t in TICKETS]
)
def test_answers_to_the_wish_for_a_ticket(
    what: Reply, expected: type, fields: dict[str, Any]
) -> None:
    buy = wave(images=[SMALL])
    move = WAVE.advance(buy, sent(WAVE.advance(buy, start(), None)).then, what)
    assert isinstance(move, expected)
    assert {name: getattr(move, name) for name in fields} == fields


def test_bytes_that_do_not_arrive_get_another_ticket_and_then_end_the_step() -> None:
    buy, cursor = wave(images=[SMALL]), start()
    for _ in range(6):
        put = sent(WAVE.advance(buy, sent(WAVE.advance(buy, cursor, None)).then, envelope(TICKET)))
        move = WAVE.advance(buy, put.then, reply(b"", 403))
        if isinstance(move, Fail):
            break
        assert isinstance(move, Wait)
        cursor = move.then
    assert isinstance(move, Fail)
    assert move.kind == "busy"


# the submit


def test_the_id_of_the_answer_is_the_task() -> None:
    move = answered(envelope(CREATED))
    assert isinstance(move, Accepted)
    assert (move.task, move.then.stage, move.then.data["task"]) == (WID, "running", WID)


@pytest.mark.parametrize("state", ["failed", "processing", "completed"])
def test_an_id_is_acceptance_whatever_became_of_the_task(state: str) -> None:
    assert isinstance(answered(envelope({**CREATED, "status": state})), Accepted)


REFUSED = [
    ("F07 400", reply({"code": 400, "message": "prompt is required"}, 400), "bad-input", "400"),
    ("F09 400", reply({"code": 400, "message": "Content policy"}, 400), "moderation", "400"),
    ("F09 not yet", reply({"code": 400, "message": "no such safety"}, 400), "bad-input", "400"),
    ("F09 by error_code", reply({"message": "no", "error_code": 1200}, 400), "moderation", "1200"),
    ("F07 401", reply({"code": 401, "message": "invalid key"}, 401), "auth", "401"),
    ("F07 401 html", reply(b"<html>", 401), "auth", "401"),
    ("F07 402", reply({"message": "pay"}, 402), "quota", "402"),
    ("F07 403", reply({"message": "forbidden"}, 403), "auth", "403"),
    ("F07 403 balance", reply({"message": "Insufficient balance, top up"}, 403), "quota", "403"),
    ("F07 404", reply({"message": "no such model"}, 404), "bad-input", "404"),
    ("F07 413", reply(b"", 413), "bad-input", "413"),
    ("F07 422", reply({}, 422), "bad-input", "422"),
    ("400 in 200", reply({"code": 400, "message": "bad"}), "bad-input", "400"),
]


@pytest.mark.parametrize(
    ("what", "kind", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_refusal_ends_the_step(what: Reply, kind: str, code: str) -> None:
    move = answered(what)
    assert isinstance(move, Fail)
    assert (move.kind, move.code) == (kind, code)
    assert move.message


DOUBTS = [
    ("F02 lost", LOST),
    ("F04 html 502", HTML),
    ("F04 504", reply({"code": 504, "message": "timeout"}, 504)),
    ("500 in 200", reply({"code": 500, "message": "oops"})),
    ("F05 unparsable", reply(b'{"code":200,"da')),
    ("F05 empty", reply(b"")),
    ("F05 deep", reply(b'{"a":' * 100_000)),
    ("F05 no id", envelope({"status": "created"})),
    ("F05 an id that is none", envelope({**CREATED, "id": "../../x"})),
    ("F05 a list", reply([CREATED])),
    ("F06 another model", envelope({**CREATED, "model": "kwaivgi/kling-video"})),
    ("a refusal with an id", reply({"code": 400, "data": CREATED}, 400)),
    ("a redirect", reply(b"", 302)),
    ("a time-out", reply({}, 408)),
    ("a conflict", reply({}, 409)),
]


@pytest.mark.parametrize("what", [d[1] for d in DOUBTS], ids=[d[0] for d in DOUBTS])
def test_without_an_answer_nothing_is_sent_and_the_list_is_read_two_minutes_later(
    what: Reply,
) -> None:
    wait = answered(what)
    assert isinstance(wait, Wait)
    assert (wait.seconds, wait.why) == (120.0, "")
    ask = sent(WAVE.advance(wave(), wait.then, None))
    assert (ask.request.url, ask.spends) == ("api/v3/predictions", False)


def test_the_id_of_a_task_that_is_accounted_for_is_not_this_one() -> None:
    assert isinstance(WAVE.advance(wave(), at("submitted", known=[WID]), envelope(CREATED)), Wait)


def test_too_many_requests_are_sent_again_when_the_provider_likes() -> None:
    wait = answered(reply({"message": "slow down"}, 429, retry_after="11"))
    assert isinstance(wait, Wait)
    assert (wait.why, wait.seconds) == ("rate", 11.0)
    again = sent(WAVE.advance(wave(), wait.then, None))
    assert (again.spends, again.request.body) == (True, ())
    assert (again.request.url, again.gate) == ("api/v3/kwaivgi/kling-image-o3", WAVE.gate(wave()))


# polls


def polled(what: Reply, buy: Action | None = None, **more: Any) -> Move:
    cursor = at("polled", **{"task": WID, "waited": 1.0} | more)
    return WAVE.advance(buy or wave(), cursor, what)


def state(name: str, **more: Any) -> Reply:
    return envelope({**CREATED, "status": name, **more})


def test_a_task_is_asked_for_by_its_id() -> None:
    wait = WAVE.advance(wave(), at("running", task=WID), None)
    assert isinstance(wait, Wait)
    poll = sent(WAVE.advance(wave(), wait.then, None))
    assert poll.request.url == f"api/v3/predictions/{WID}/result"
    assert (poll.request.method, poll.request.fold) == ("GET", "poll")


def test_results_are_numbered_and_have_no_price() -> None:
    move = polled(state("completed", outputs=["https://x/1.png", "https://x/2.png"]), wave(2))
    assert isinstance(move, Done)
    assert [(o.id, o.url, o.cost) for o in move.outputs] == [
        (f"{WID}#1", "https://x/1.png", None),
        (f"{WID}#2", "https://x/2.png", None),
    ]
    assert {(o.ref == o.url, o.fresh, o.media) for o in move.outputs} == {
        (True, 3600.0, "image/png")
    }


OUTPUTS: list[tuple[Any, int, int]] = [
    (["https://x/1"], 1, 1),
    (["https://x/1", "https://x/1"], 1, 1),
    (["https://x/1", "https://x/2", "https://x/3"], 2, 0),
    ("https://x/1", 1, 1),
    ([{"url": "https://x/1"}, None, 3, "ftp://x"], 1, 1),
]


@pytest.mark.parametrize(("outputs", "came", "missing"), OUTPUTS)
def test_what_came_is_counted_against_what_was_asked(outputs: Any, came: int, missing: int) -> None:
    move = polled(state("completed", outputs=outputs, has_nsfw_contents=[True]), wave(2))
    assert isinstance(move, Done)
    assert (len(move.outputs), move.missing) == (came, missing)


ENDS: list[tuple[str, Reply, str]] = [
    ("F09 moderation", state("failed", code=1200, error="blocked"), "moderation"),
    ("F09 in words only", state("failed", error="Content flagged as sensitive"), "moderation"),
    ("F09 empty", state("completed", outputs=[]), "empty"),
    ("missing parameter", state("failed", code=1400, error="x"), "bad-input"),
    ("bad parameter", state("failed", code=1401, error="x"), "bad-input"),
    ("media not reachable", state("failed", code=1402, error="x"), "bad-input"),
    ("execution", state("failed", code=1403, error="x"), "broken"),
    ("task", state("failed", code=1405, error="x"), "broken"),
    ("internal", state("failed", code=5000, error="x"), "broken"),
    ("unavailable", state("failed", code=5003, error="x"), "broken"),
    ("time-out", state("failed", code=5004, error="x"), "broken"),
    ("no reason", state("failed"), "broken"),
    ("cancelled", state("cancelled"), "broken"),
    ("timeout", state("timeout"), "broken"),
    ("deleted", state("deleted"), "broken"),
]


@pytest.mark.parametrize(("what", "kind"), [e[1:] for e in ENDS], ids=[e[0] for e in ENDS])
def test_a_task_that_failed_inside_200_ends_with_its_class(what: Reply, kind: str) -> None:
    move = polled(what)
    assert isinstance(move, Fail)
    assert move.kind == kind
    assert move.message


def test_media_that_cannot_be_reached_are_stale_where_an_earlier_attempt_brought_them() -> None:
    refs, gone = {SMALL.digest: {"ref": "https://x", "until": NOW}}, state("failed", code=1402)
    buy = wave(images=[SMALL])
    old = polled(gone, buy, refs=refs)
    assert isinstance(old, Fail)
    assert (old.kind, old.field) == ("stale-input", "images.0")
    new = polled(gone, buy, refs=refs, uploaded=[SMALL.digest])
    assert isinstance(new, Fail)
    assert new.kind == "broken"


PENDING = [
    ("created", state("created")),
    ("processing", state("processing")),
    ("unheard of", state("pondering")),
    ("sync time-out", state("processing", code=5004)),
    ("F06 another task", envelope({**CREATED, "id": "f" * 32, "status": "failed"})),
    ("F10 404", reply({"code": 404, "message": "not found"}, 404)),
    ("F11 lost", LOST),
    ("F11 html", HTML),
    ("F11 no JSON", reply(b"{")),
    ("F11 503", reply({}, 503)),
    (
        "F11 error in 200",
        reply({"code": 500, "message": "x", "data": {**CREATED, "status": "failed"}}),
    ),
    ("a failure in 500", envelope({**CREATED, "status": "failed"}, status=500)),
    ("the key is refused", reply({}, 401)),
    ("no data", reply({"code": 200, "message": "success"})),
]


@pytest.mark.parametrize("what", [p[1] for p in PENDING], ids=[p[0] for p in PENDING])
def test_what_does_not_end_the_task_is_waited_out(what: Reply) -> None:
    move = polled(what)
    assert isinstance(move, Wait)
    poll = sent(WAVE.advance(wave(), move.then, None))
    assert not poll.spends
    done = WAVE.advance(wave(), poll.then, state("completed", outputs=["https://x/1"]))
    assert isinstance(done, Done)


def test_a_poll_that_comes_too_often_says_so() -> None:
    move = polled(reply({}, 429, retry_after="4"))
    assert isinstance(move, Wait)
    assert (move.why, move.seconds) == ("rate", 4.0)


# polls of many


IDS = [f"{n:032x}" for n in range(4)]


def test_polls_of_many_are_one_page_of_the_list() -> None:
    polls = [
        sent(WAVE.advance(wave(), at("running", task=t, waited=1.0), None)).request for t in IDS
    ]
    assert WAVE.fold(polls[:1]) == polls[0]
    folded = WAVE.fold(polls)
    assert (folded.method, folded.url) == ("POST", "api/v3/predictions")
    assert json_of(folded) == {"page": 1, "page_size": 100}
    items = [
        {"id": IDS[1], "status": "completed", "outputs": ["https://x/1"]},
        {"id": IDS[0], "status": "processing"},
        {"id": IDS[2], "status": "failed"},
        {"id": "f" * 32, "status": "failed", "error": "of somebody else"},
    ]
    shares = WAVE.split(polls, envelope({"page": 1, "total": 4, "items": items}))
    moves = [
        WAVE.advance(wave(), at("polled", task=task, waited=1.0), share)
        for task, share in zip(IDS, shares, strict=True)
    ]
    assert isinstance(moves[0], Wait)
    assert isinstance(moves[1], Done)
    for move, task in zip(moves[2:], IDS[2:], strict=True):  # failed without a reason, not listed
        alone = sent(move)
        assert (alone.request.fold, alone.request.url) == ("", f"api/v3/predictions/{task}/result")


@pytest.mark.parametrize(
    "what", [HTML, reply(b"{"), reply({"code": 500}), reply({"data": 3}), LOST]
)
def test_a_list_that_cannot_be_read_is_no_news_for_any(what: Reply) -> None:
    polls = [
        sent(WAVE.advance(wave(), at("running", task=t, waited=1.0), None)).request for t in IDS
    ]
    for task, share in zip(IDS, WAVE.split(polls, what), strict=True):
        assert isinstance(WAVE.advance(wave(), at("polled", task=task, waited=1.0), share), Wait)


def test_a_provider_that_always_says_alone_is_not_asked_at_once_again() -> None:
    assert isinstance(polled(state("alone")), Send)
    assert isinstance(polled(state("alone"), alone=True), Wait)


def test_a_list_that_is_refused_makes_each_ask_alone() -> None:
    move = polled(reply({}, 405))
    assert isinstance(move, Wait)
    assert sent(WAVE.advance(wave(), move.then, None)).request.fold == ""


def test_both_say_how_many_fit() -> None:
    assert WAVE.fold_most == 100
    assert WAVE.name == "wavespeed"
    assert picture().op.pool == "runware"
