"""Uploads to places that a provider named: public ones only, without any credential."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from loopback import FakeWorld, Handler, Server, answer, by_path, drips, says, serving

from kinoform.core.secret import Secret
from kinoform.net.carrier import HttpCarrier
from kinoform.net.line import Line
from kinoform.net.link import Effects, Patience
from kinoform.ports import Insert, Reply, Request

if TYPE_CHECKING:
    from pathlib import Path

KEY = "rw-canary/7Qx+9f3~zz?"
POST = Request("POST", "tasks", (b"[]",))
HEAD = b"HTTP/1.1 200 OK\r\n"


def bytes_of(part: Insert) -> bytes:
    return f"bytes of {part.digest}".encode()


def upload(
    url: str, world: FakeWorld, *, base: str = "https://api.example", method: str = "PUT"
) -> Reply:
    ticket = {
        "Authorization": "Bearer other", "Cookie": "a=b", "Host": "evil.example", "X-Amz-Acl": "private",
        "Content-Length": "3", "Transfer-Encoding": "chunked", "Content-Type": "image/png",
        "X-Bad": "a\r\nInjected: yes", "Bad Name": "x",
    }  # fmt: skip
    request = Request(method, url, (Insert("d", "image/png", "raw"),), headers=ticket)

    async def work() -> Reply:
        effects = Effects(world.resolve, world.dial, world.sleep)
        patience = Patience(stall=0.1)
        carrier = HttpCarrier(Line(base, Secret(KEY)), effects=effects, patience=patience)
        reply = await carrier.send(request, bytes_of)
        await carrier.close()
        return reply

    return asyncio.run(work())


def uploaded(handler: Handler, url: str = "https://cdn.example/put?sig=1") -> tuple[Reply, Server]:
    async def work() -> tuple[Reply, Server]:
        async with serving(handler) as server:
            world = FakeWorld({"cdn.example": ["93.184.216.34"]}, server.port)
            return await asyncio.to_thread(upload, url, world), server

    return asyncio.run(work())


def test_an_upload_carries_no_credential_and_only_harmless_headers() -> None:
    reply, server = uploaded(says(answer(b"", 200, etag="x")))
    (asked,) = server.asked
    assert (reply.status, reply.headers["etag"]) == (200, "x")
    assert (asked.method, asked.target, asked.body) == ("PUT", "/put?sig=1", b"bytes of d")
    assert set(asked.headers) == {
        "host", "user-agent", "accept-encoding", "content-type", "content-length", "x-amz-acl",
    }  # fmt: skip
    assert asked.headers["host"] == "cdn.example"
    assert asked.headers["content-length"] == "10"
    assert KEY.encode() not in asked.raw


@pytest.mark.parametrize("status", [204, 302, 403, 500])
def test_every_whole_answer_to_an_upload_is_a_reply(status: int) -> None:
    raw = answer(b"", status, location="https://b.example/")
    reply, server = uploaded(says(raw))
    assert (reply.status, reply.fault, len(server.asked)) == (status, "", 1)


@pytest.mark.parametrize(
    "handler",
    [
        says(b""),
        says(answer(b"12")[:-1]),
        drips(b"", b"", 0.05),
        drips(HEAD + b"\r\n", b"x" * 99_999, 0),
    ],
)
def test_an_upload_without_a_whole_answer_is_lost(handler: Handler) -> None:
    reply, server = uploaded(handler)
    assert (reply.fault, len(server.asked)) == ("lost", 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/put", "https://127.0.0.1/put", "http://localhost/put", "https://10.0.0.1/x",
        "https://in.example/put", "https://unknown.example/put", "https://cdn.example:22/x",
    ],
)  # fmt: skip
def test_an_upload_to_what_is_not_public_is_not_sent(url: str) -> None:
    world = FakeWorld({"cdn.example": ["93.184.216.34"], "in.example": ["10.0.0.1"]})
    assert upload(url, world).fault == "not-sent"
    assert world.dialled == []


def test_only_put_goes_to_other_hosts() -> None:
    world = FakeWorld({"cdn.example": ["93.184.216.34"]})
    assert upload("https://cdn.example/x", world, method="POST").fault == "not-sent"
    assert world.dialled == []


def test_a_provider_on_this_machine_takes_uploads_and_gives_results_here(tmp_path: Path) -> None:
    async def work() -> tuple[Reply, int, Server]:
        table = {"/put": answer(b"", 200), "/a.png": answer(b"picture")}
        async with serving(by_path(table)) as server:
            carrier = HttpCarrier(Line(server.url, Secret(KEY)))
            request = Request("PUT", f"{server.url}/put", (b"x",))
            reply = await carrier.send(request, bytes_of)
            fetched = await carrier.fetch(f"{server.url}/a.png", tmp_path / "a", 100)
            await carrier.close()
            return reply, fetched.size, server

    reply, size, server = asyncio.run(work())
    assert (reply.status, size) == (200, 7)
    assert KEY.encode() not in server.raw
