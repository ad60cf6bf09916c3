"""Laws of both providers under any answer: nothing raises, nothing is bought twice, cursors are JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from provider_moves import (
    LARGE,
    NOW,
    OTHER,
    SMALL,
    TASK,
    WID,
    action,
    at,
    json_of,
    picture,
    start,
    submitted,
    wave,
)

from kinoform.core.remedies import REMEDIES
from kinoform.ports import (
    Accepted,
    Cursor,
    Done,
    Fail,
    Move,
    Provider,
    Reply,
    Request,
    Send,
    Unknown,
    Void,
    Wait,
)
from kinoform.providers.runware import Runware
from kinoform.providers.wavespeed import WaveSpeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.core.types import Action

# More examples: PROVIDER_EXAMPLES=50000 pytest tests/providers/test_provider_laws.py
EXAMPLES = int(os.environ.get("PROVIDER_EXAMPLES", "150"))
laws = settings(max_examples=EXAMPLES, deadline=None)

# Words that answers of both are made of, so that what is drawn is close to what may come.
KEYS = st.sampled_from(
    [
        "data", "errors", "error", "code", "message", "parameter", "taskUUID", "taskType", "status",
        "imageUUID", "imageURL", "videoURL", "mediaUUID", "cost", "seed", "request", "response",
        "id", "model", "outputs", "items", "total", "page", "created_at", "upload", "download_url",
        "url", "headers", "method",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    [
        TASK, OTHER, WID, "success", "error", "processing", "completed", "failed", "created",
        "alone", "cancelled", "conflictTaskUUID", "invalidApiKey", "rateLimitExceeded",
        "contentPolicyViolation", "insufficientCredits", "internalServerError", "taskNotFound",
        "taskFailedOrNotFound", "invalidX", "getResponse", "imageInference",
        "https://x.example/1.png", "2026-11-18T09:43:20Z", "kwaivgi/kling-image-o3", "\ud800\x00",
    ]
)  # fmt: skip
LEAVES = (
    WORDS
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.sampled_from([200, 400, 401, 429, 500, 1200, 1402, NOW, 0.028, 10**400, -1])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
ITEMS = st.lists(st.dictionaries(KEYS, LEAVES, max_size=6), max_size=4)
ENVELOPES = (
    st.fixed_dictionaries({}, optional={"data": ITEMS | TREES, "errors": ITEMS})
    | st.fixed_dictionaries({"code": LEAVES, "data": st.dictionaries(KEYS, TREES, max_size=6)})
    | st.fixed_dictionaries({"code": st.just(200), "data": st.fixed_dictionaries({"items": ITEMS})})
)
BODIES = (
    (ENVELOPES | TREES).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=30)
    | st.sampled_from(
        [b"", b"<html>", b"[" * 100_000, b'{"data":' * 50_000, b"1" * 9000, b"1e" + b"9" * 30]
    )
)
STATUSES = st.sampled_from(
    [200, 200, 200, 201, 204, 302, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503]
) | st.integers(0, 999)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "content-type"]),
    st.sampled_from(["5", "0", "-1", "1e9", "nan", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Jan"])
    | st.text(max_size=9),
)
REPLIES = st.builds(Reply, STATUSES, BODIES, HEADERS, at=st.just(NOW)) | st.just(
    Reply(fault="lost", at=NOW)
)

RUNWARE, WAVE = Runware(), WaveSpeed()
ROAD = {
    "runware": ["new", "uploading", "resend", "submitted", "look", "looked", "glance", "glanced", "running", "polled"],
    "wavespeed": ["new", "ticket", "put", "submitted", "resend", "history", "listed", "running", "polled"],
}  # fmt: skip
PROVIDERS: dict[str, tuple[Provider, Callable[..., Action]]] = {
    "runware": (RUNWARE, picture),
    "wavespeed": (WAVE, wave),
}


def stages(name: str) -> st.SearchStrategy[Cursor]:
    """Any place on a provider's road, with what the driver and earlier moves may have left there."""
    left = st.fixed_dictionaries(
        {},
        optional={
            "age": st.floats(0, 10**6),
            "waited": st.floats(1, 10**4),
            "sent": st.just(NOW),
            "resent": st.booleans(),
            "doubt": st.booleans(),
            "alone": st.booleans(),
            "known": st.just([OTHER]),
            "count": st.integers(1, 3),
            "why": st.sampled_from(["old", "conflict", "refused"]),
            "refusal": st.just(["quota", "no", "", "insufficientCredits"]),
        },
    )
    upload = {"up": LARGE.digest, "media": "image/png", "path": "image", "address": "https://x/y"}
    build = lambda stage, data: at(stage, **{"task": TASK} | upload | data)  # noqa: E731  (a strategy's own)
    return st.builds(build, st.sampled_from(ROAD[name]), left)


def check(move: Move) -> None:
    """What holds for every move: a kind that is known, a cursor that can be written down."""
    if isinstance(move, Send | Wait | Accepted | Void | Unknown):
        text = json.dumps(dict(move.then.data), allow_nan=False)
        text.encode("utf-8")
        assert json.loads(text) == dict(move.then.data)
        assert len(text) < 20_000
    if isinstance(move, Wait):
        assert 0 <= move.seconds <= 120
        assert move.why in ("", "rate", "busy")
    if isinstance(move, Fail):
        assert move.kind in REMEDIES
        assert (move.message + move.code + move.field).isprintable()
        assert len(move.message) < 400
    if isinstance(move, Done):
        assert move.outputs
        assert move.missing >= 0
        for output in move.outputs:
            assert output.url.startswith("http")
            assert output.url.isprintable()


@laws
@given(
    st.sampled_from(["runware", "wavespeed"]).flatmap(lambda n: st.tuples(st.just(n), stages(n))),
    REPLIES | st.none(),
)
def test_no_answer_at_any_stage_raises(place: tuple[str, Cursor], what: Reply | None) -> None:
    name, cursor = place
    provider, buy = PROVIDERS[name]
    check(provider.advance(buy(2, image=LARGE), cursor, what))


def walk(name: str, replies: list[Reply]) -> tuple[list[Move], list[Send]]:
    """All moves from the beginning under these answers, as the driver makes them."""
    provider, buy = PROVIDERS[name]
    what, cursor, moves = buy(2, image=SMALL), start(), list[Move]()
    pending, spent = list(replies), list[Send]()
    reply: Reply | None = None
    for _ in range(len(replies) * 3 + 3):
        move = provider.advance(what, cursor, reply)
        moves.append(move)
        check(move)
        if isinstance(move, Done | Fail | Unknown):
            break
        reply, cursor = None, move.then
        if isinstance(move, Send):
            if not pending:
                break
            reply = pending.pop(0)
            if move.spends:
                spent.append(move)
                cursor = Cursor(cursor.stage, {**cursor.data, "sent": NOW})
    return moves, spent


@laws
@given(st.lists(REPLIES, max_size=12))
def test_wavespeed_never_sends_twice_what_may_have_been_accepted(replies: list[Reply]) -> None:
    moves, _ = walk("wavespeed", replies)
    clean = True
    for move in moves:
        if isinstance(move, Send) and move.spends:
            assert clean
            assert not move.repeatable
            assert move.gate
            clean = False
        clean = clean or isinstance(move, Void) or (isinstance(move, Wait) and bool(move.why))
    accepted = [n for n, move in enumerate(moves) if isinstance(move, Accepted)]
    assert not any(isinstance(m, Send) and m.spends for n in accepted[:1] for m in moves[n:])


@laws
@given(st.lists(REPLIES, max_size=12))
def test_runware_sends_again_only_the_recorded_bytes(replies: list[Reply]) -> None:
    moves, spent = walk("runware", replies)
    assert all(send.repeatable and send.request.fold == "submit" for send in spent)
    assert all(send.request.body == () for send in spent[1:])
    assert not any(isinstance(move, Void) for move in moves)
    accepted = [n for n, move in enumerate(moves) if isinstance(move, Accepted)]
    assert not any(isinstance(m, Send) and m.spends for n in accepted[:1] for m in moves[n:])


@laws
@given(REPLIES)
def test_after_doubt_no_answer_of_the_moment_ends_a_runware_task_by_itself(what: Reply) -> None:
    move = RUNWARE.advance(picture(), at("submitted", resent=True), what)
    assert isinstance(move, Accepted | Wait | Send)


TASKS = [f"{n:08x}-e29b-41d4-a716-446655440000" for n in range(3)]


def stamped(value: Any, task: str) -> Any:
    """The tree with marks of one task on all its texts."""
    if isinstance(value, dict):
        return {key: stamped(each, task) for key, each in value.items()}
    if isinstance(value, list):
        return [stamped(each, task) for each in value]
    return f"of {task}" if isinstance(value, str) else value


ENTRIES = st.lists(
    st.builds(
        lambda entry, task: {**stamped(entry, task), "taskUUID": task},
        st.dictionaries(KEYS, LEAVES, max_size=4),
        st.sampled_from([*TASKS, OTHER]),
    ),
    max_size=6,
)


def requests(name: str, stage: str) -> list[Request]:
    """One request of each task, as they are folded."""
    provider, buy = PROVIDERS[name]
    if stage == "submit":
        return [submitted(provider, buy(), start(task=task)).request for task in TASKS]
    moves = [provider.advance(buy(), at("running", task=task, waited=1.0), None) for task in TASKS]
    return [move.request for move in moves if isinstance(move, Send)]


@laws
@given(ENTRIES, ENTRIES, STATUSES, st.sampled_from(["submit", "poll"]))
def test_parts_of_a_runware_answer_hold_nothing_of_others(
    data: list[Any], errors: list[Any], status: int, stage: str
) -> None:
    body = json.dumps({"data": data, "errors": errors}).encode()
    shares = RUNWARE.split(requests("runware", stage), Reply(status, body, at=NOW))
    if data or errors:
        for task, share in zip(TASKS, shares, strict=True):
            strangers = {*TASKS, OTHER} - {task}
            assert share.fault or not any(one.encode() in share.body for one in strangers)


@laws
@given(
    st.lists(
        st.builds(
            lambda item, task: {**stamped(item, task), "id": task},
            st.dictionaries(KEYS, LEAVES, max_size=4),
            st.sampled_from([*TASKS, OTHER]),
        ),
        max_size=6,
    )
)
def test_parts_of_a_wavespeed_list_hold_nothing_of_others(items: list[Any]) -> None:
    body = json.dumps({"code": 200, "data": {"items": items}}).encode()
    shares = WAVE.split(requests("wavespeed", "poll"), Reply(200, body, at=NOW))
    for task, share in zip(TASKS, shares, strict=True):
        assert not any(one.encode() in share.body for one in {*TASKS, OTHER} - {task})


@laws
@given(REPLIES, st.sampled_from(["runware", "wavespeed"]), st.sampled_from(["submit", "poll"]))
def test_any_answer_can_be_parted(what: Reply, name: str, stage: str) -> None:
    provider, buy = PROVIDERS[name]
    asked = requests(name, stage)
    shares = provider.split(asked, what)
    assert len(shares) == len(asked)
    for task, share in zip(TASKS, shares, strict=True):
        check(provider.advance(buy(), at("polled", task=task, waited=1.0), share))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@laws
@given(st.dictionaries(st.text(max_size=6), PLAIN, max_size=5))
def test_a_request_arrives_as_it_was_written(params: dict[str, Any]) -> None:
    told = json_of(submitted(WAVE, action("wavespeed/x/y", params)).request)
    assert told == params
