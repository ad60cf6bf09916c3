"""The small parts that both providers share: untrusted text, amounts, pauses, bodies, crashes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from provider_moves import LARGE, SMALL, at, picture, reply, sent, wave

from kinoform.ports import Insert, Reply, Request, Unknown
from kinoform.providers import pace, replies, wire
from kinoform.providers.runware import Runware
from kinoform.providers.runware_answers import split
from kinoform.providers.wavespeed import WaveSpeed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("two\nlines\tof \x00text", "two lines of text"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("left \u202eright", "left right"),
        ("half \ud800 pair", "half pair"),
        (None, ""),
        (["x"], ""),
    ],
)
def test_text_of_others_is_one_clean_line(value: Any, expected: str) -> None:
    assert replies.said(value) == expected


@pytest.mark.parametrize("value", ["../x", "a b", "", "x" * 129, "é", 5, None, "-x"])
def test_what_is_no_id_is_not_kept(value: Any) -> None:
    assert replies.name_of(value) == ""


@pytest.mark.parametrize(
    "value", ["file:///x", "https://", "https://a b", "javascript:x", "https://\x00", 7]
)
def test_what_is_no_address_is_not_kept(value: Any) -> None:
    assert replies.address(value) == ""


def test_amounts_keep_their_digits() -> None:
    read = replies.read(reply(b'{"cost": 0.1000000000000000055511151231257827}'))
    assert replies.dollars(read["cost"]) == Decimal("0.1000000000000000055511151231257827")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN1", b"\xff", b"1" * 9000, b"[" * 10**6, b"1e" + b"9" * 30]
)
def test_bodies_that_cannot_be_read_are_nothing(body: bytes) -> None:
    assert replies.read(Reply(200, body)) in (None, replies.dollars(None))


def test_pauses_double_and_are_spread() -> None:
    first = {round(pace.backoff(1, str(n)), 6) for n in range(50)}
    assert len(first) > 20
    assert all(1.0 <= pause <= 2.0 for pause in first)
    assert all(30.0 <= pace.backoff(tries, "x") <= 60.0 for tries in (6, 7, 100, 10**9))
    assert pace.backoff(3, "x") == pace.backoff(3, "x")


@pytest.mark.parametrize("text", ["", "x", "Thu, 99 Jan 1970 00:00:00 GMT", "1 Jan 99999999 00:00"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert pace.date_of(text) is None


def test_a_body_is_json_with_places_for_bytes() -> None:
    value = {"a": [1, 2.5, "ä\n\ud800", None, True], "b": Insert("d", "image/png", "raw"), "c": {}}
    first, place, rest = wire.body(value)
    assert isinstance(first, bytes)
    assert isinstance(rest, bytes)
    assert place == Insert("d", "image/png", "raw")
    assert json.loads(first + b"x" + rest) == {"a": value["a"], "b": "x", "c": {}}
    assert (first + rest).isascii()


def test_a_number_that_is_none_is_not_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        wire.body({"x": float("nan")})


@pytest.mark.parametrize(
    ("stage", "reason"), [("uploading", LARGE), ("ticket", SMALL), ("put", SMALL)]
)
def test_an_upload_that_was_interrupted_begins_anew(stage: str, reason: Any) -> None:
    provider = Runware() if stage == "uploading" else WaveSpeed()
    buy = picture(image=reason) if stage == "uploading" else wave(image=reason)
    move = sent(provider.advance(buy, at(stage, up=reason.digest), None))
    assert not move.spends
    assert "upload" in (move.request.url + str(move.request.body))


@pytest.mark.parametrize("provider", [Runware(), WaveSpeed()])
def test_a_poll_that_was_interrupted_is_made_again(provider: Any) -> None:
    move = sent(provider.advance(picture(), at("polled", waited=1.0), None))
    assert move.request.fold == "poll"


@pytest.mark.parametrize("provider", [Runware(), WaveSpeed()])
def test_a_stage_of_another_version_is_not_guessed_at(provider: Any) -> None:
    cursor = at("teleported")
    assert provider.advance(picture(), cursor, None) == Unknown(
        "there is no stage teleported in this version", cursor
    )


def test_one_submit_at_a_time_is_wanted_by_one_of_them_only() -> None:
    assert Runware().gate(picture()) == ""
    assert WaveSpeed().gate(wave()) == "wavespeed/kwaivgi/kling-image-o3"


def test_an_entry_too_deep_to_write_again_is_no_answer() -> None:
    deep = b"[" * 900 + b"]" * 900
    body = b'{"data":[{"taskUUID":"%s","x":%s}]}' % (b"770a8400-e29b-41d4-a716-446655440000", deep)
    one = Request(
        "POST", "", (b'[{"taskUUID":"770a8400-e29b-41d4-a716-446655440000"}]',), fold="poll"
    )
    for share in split([one, one], Reply(200, body)):
        assert share.fault in ("", "lost")
