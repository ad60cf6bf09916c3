"""Recordings: what was answered is answered again, and no secret and no medium lies in them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from loopback import Asked, FakeWorld, answer, serving

from kinoform.core.errors import EnvError
from kinoform.core.secret import Secret
from kinoform.net.carrier import HttpCarrier
from kinoform.net.cassette import CassettePlayer, CassetteRecorder
from kinoform.net.line import Line
from kinoform.net.link import Effects
from kinoform.ports import Fetched, FetchError, Insert, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kinoform.ports import Carrier

KEYS = ["rw-canary/7Qx+9f3~zz?", "wave_canary_0123456789", "b64/canary+==~~~~~", "päss wörd & more"]
PICTURE = bytes(range(256)) * 8
ASK = Request("POST", "v1?key=no", (b'[{"taskUUID": "u1", "seedImage": "', Insert("sha256:aa", "image/png", "data-uri"), b'"}]'))  # fmt: skip
POLL = Request("POST", "v1", (b'[{"taskUUID":"u1","taskType":"getResponse"}]',))


def bytes_of(_part: Insert) -> bytes:
    return PICTURE


def put(path: Path) -> Fetched:
    path.write_bytes(PICTURE)
    return Fetched(path, f"sha256:{hashlib.sha256(PICTURE).hexdigest()}", len(PICTURE))


class Canned:
    """A carrier that answers from a list, and downloads one picture."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        return self.replies.pop(0)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        if "gone" in url:
            raise FetchError("gone", "it answers 410")
        return put(path)

    async def close(self) -> None:
        pass


def ran(carrier: Carrier, *requests: Request) -> list[Reply]:
    async def work() -> list[Reply]:
        return [await carrier.send(request, bytes_of) for request in requests]

    return asyncio.run(work())


def reply(data: object, **more: object) -> Reply:
    headers = {"date": "Mon, 02 Nov 2026 10:00:00 GMT", "set-cookie": "x=y"}
    return Reply(200, json.dumps(data).encode(), headers, at=12.5)


def test_a_recording_answers_as_the_provider_did(tmp_path: Path) -> None:
    inner = Canned(
        reply({"data": [{"taskUUID": "u1", "cost": 0.0281}]}),
        reply({"data": []}),
        reply({"data": [{"imageURL": "https://im.example/a.jpg?sig=canary"}]}),
        Reply(502, b"<html>bad", {}, at=3.0),
        Reply(fault="lost", said="ReadTimeout", at=4.0),
    )
    recorded = ran(CassetteRecorder(inner, tmp_path), ASK, POLL, POLL, POLL, POLL)
    replayed = ran(CassettePlayer(tmp_path), ASK, POLL, POLL, POLL, POLL)
    for old, new in zip(recorded, replayed, strict=True):
        assert (old.status, old.fault, old.said, old.at) == (
            new.status,
            new.fault,
            new.said,
            new.at,
        )
    assert json.loads(replayed[0].body) == json.loads(recorded[0].body)
    assert json.loads(replayed[2].body) == {"data": [{"imageURL": "https://im.example/a.jpg"}]}
    assert replayed[3].body == b"<html>bad"
    assert replayed[0].headers == {"date": "Mon, 02 Nov 2026 10:00:00 GMT"}


def test_a_request_is_met_whatever_the_order_of_its_keys_and_its_query(tmp_path: Path) -> None:
    ran(CassetteRecorder(Canned(reply({"data": [1]})), tmp_path), POLL)
    same = Request("POST", "v1?page=3", (b'[{ "taskType":"getResponse", "taskUUID":"u1" }]',))
    assert ran(CassettePlayer(tmp_path), same)[0].status == 200


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", POLL.url, POLL.body),
        Request("POST", "v2", POLL.body),
        Request("POST", "v1", (b'[{"taskUUID":"u2","taskType":"getResponse"}]',)),
        Request("POST", "v1", (b"\xff\xfe",)),
    ],
)
def test_a_request_that_was_not_recorded_is_refused(tmp_path: Path, request_: Request) -> None:
    ran(CassetteRecorder(Canned(reply({})), tmp_path), POLL)
    with pytest.raises(EnvError, match="not-recorded"):
        ran(CassettePlayer(tmp_path), request_)


def test_an_answer_is_given_as_often_as_it_was_recorded(tmp_path: Path) -> None:
    ran(CassetteRecorder(Canned(reply({})), tmp_path), POLL)
    player = CassettePlayer(tmp_path)
    assert [r.fault for r in ran(player, POLL)] == [""]
    with pytest.raises(EnvError, match="not-recorded"):
        ran(player, POLL)


def test_a_recording_goes_on_where_it_ended(tmp_path: Path) -> None:
    for number in range(2):
        ran(CassetteRecorder(Canned(reply({"n": number})), tmp_path), POLL)
    bodies = [json.loads(r.body) for r in ran(CassettePlayer(tmp_path), POLL, POLL)]
    assert bodies == [{"n": 0}, {"n": 1}]


def test_media_are_kept_as_their_digests(tmp_path: Path) -> None:
    text = b64encode(PICTURE).decode()
    inner = Canned(
        reply({"data": [{"imageBase64Data": text, "uri": f"data:image/png;base64,{text}"}]})
    )
    ran(CassetteRecorder(inner, tmp_path), ASK)
    (file,) = tmp_path.glob("*.json")
    written = file.read_text()
    assert text[:300] not in written
    assert "<image/png sha256:aa>" in written
    assert "data:image/png;base64,<base64 sha256:" in written


def test_the_headers_of_a_ticket_are_not_kept_but_for_what_the_bytes_are(tmp_path: Path) -> None:
    headers = {"Content-Type": "image/png", "x-amz-security-token": "hunter2", "Key": ["hunter2"]}
    ticket = {"upload": {"method": "PUT", "url": "https://up.example/px", "headers": headers}}
    inner = Canned(reply({"data": ticket}), reply({"headers": "Authorization: hunter2"}))
    ran(CassetteRecorder(inner, tmp_path), POLL, POLL)
    first, second = sorted(tmp_path.glob("*.json"))
    assert "hunter2" not in first.read_text() + second.read_text()
    kept = json.loads(first.read_text())["reply"]["body"]["json"]["data"]["upload"]
    assert kept["headers"] == {"Content-Type": "image/png"} | dict.fromkeys(
        ("x-amz-security-token", "Key"), "<redacted>"
    )
    assert kept["url"] == "https://up.example/px"


def test_downloads_are_kept_by_digest_and_given_again(tmp_path: Path) -> None:
    tapes, out = tmp_path / "tapes", tmp_path / "out"
    url = "https://im.example/a.png?signature=canary-signature"

    async def work() -> tuple[Fetched, Fetched]:
        recorder = CassetteRecorder(Canned(), tapes)
        first = await recorder.fetch(url, tmp_path / "first", 10_000)
        with pytest.raises(FetchError):
            await recorder.fetch("https://im.example/gone.png", out, 10_000)
        player = CassettePlayer(tapes)
        second = await player.fetch("https://im.example/a.png?signature=other", out, 10_000)
        for other in ("https://im.example/gone.png", url):
            with pytest.raises(FetchError):
                await player.fetch(other, out, 10_000)
        return first, second

    first, second = asyncio.run(work())
    assert (first.digest, first.size) == (second.digest, second.size)
    assert out.read_bytes() == PICTURE
    assert not any("canary" in file.read_text() for file in tapes.glob("*.json"))


def test_a_recorded_download_obeys_the_most(tmp_path: Path) -> None:
    async def work() -> None:
        await CassetteRecorder(Canned(), tmp_path / "t").fetch("https://x/a", tmp_path / "a", 9999)
        with pytest.raises(FetchError) as caught:
            await CassettePlayer(tmp_path / "t").fetch("https://x/a", tmp_path / "b", 10)
        assert caught.value.kind == "refused"

    asyncio.run(work())


def forms(key: str) -> list[bytes]:
    raw = key.encode()
    plain, safe = b64encode(raw).decode(), urlsafe_b64encode(raw).decode()
    texts = [
        key,
        plain,
        plain.rstrip("="),
        safe,
        quote(key, safe=""),
        quote_plus(key),
        json.dumps(key)[1:-1],
    ]
    return [text.encode() for text in texts]


@pytest.mark.parametrize("key", KEYS)
def test_no_canary_key_is_written_in_any_form(tmp_path: Path, key: str) -> None:
    sent = key if key.isascii() and " " not in key else KEYS[0]
    echo = b" ".join(forms(key))

    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> bool:
        body = json.dumps({"echo": echo.decode(), key: [asked.headers["authorization"]]}).encode()
        writer.write(answer(body if asked.method == "POST" else echo, 401))
        return False

    async def work() -> None:
        async with serving(handler) as server:
            secrets = (Secret(key), Secret(sent))
            effects = Effects(FakeWorld().resolve, sleep=FakeWorld().sleep)
            inner = HttpCarrier(Line(server.url, Secret(sent)), effects=effects)
            recorder = CassetteRecorder(inner, tmp_path, secrets)
            body = json.dumps([{"apiKey": key, "echo": echo.decode()}]).encode()
            quoted = quote(key, safe="")
            await recorder.send(Request("POST", f"v1/{quoted}", (body,)), bytes_of)
            await recorder.send(Request("PUT", f"v1?k={quoted}", (echo,)), bytes_of)
            with pytest.raises(FetchError):
                await recorder.fetch(f"https://{quoted}.example/x", tmp_path / "x", 10)
            await recorder.close()

    asyncio.run(work())
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert len(list(tmp_path.glob("*.json"))) == 3
    assert [form for form in {*forms(key), *forms(sent)} if form in written] == []


def test_a_download_that_quotes_a_key_is_not_kept(tmp_path: Path) -> None:
    async def work() -> None:
        recorder = CassetteRecorder(Canned(), tmp_path / "t", [Secret("\x10\x11\x12\x13\x14\x15")])
        await recorder.fetch("https://x.example/a", tmp_path / "a", 9999)
        with pytest.raises(FetchError) as caught:
            await CassettePlayer(tmp_path / "t").fetch("https://x.example/a", tmp_path / "b", 9999)
        assert caught.value.kind == "gone"

    asyncio.run(work())
