"""The carrier: the key goes to its own host only, nothing is sent twice, every fault has a class."""

from __future__ import annotations

import asyncio
import gzip
from base64 import b64encode
from itertools import count

import pytest
from loopback import Asked, Handler, Server, answer, drips, says, serving

from kinoform.core.secret import Secret
from kinoform.net.carrier import Bounds, HttpCarrier
from kinoform.net.line import Line
from kinoform.ports import Insert, Reply, Request

KEY = "rw-canary/7Qx+9f3~zz?"
QUICK = Bounds(read=0.5, write=0.5, whole=1.0, most=100_000)
CALM = Bounds(most=100_000)  # a busy machine is no silent server
POST = Request("POST", "tasks", (b"[]",))
HEAD = b"HTTP/1.1 200 OK\r\n"


def bytes_of(part: Insert) -> bytes:
    return f"bytes of {part.digest}".encode()


def send(
    handler: Handler, *requests: Request, path: str = "/v1", bounds: Bounds = CALM
) -> tuple[list[Reply], Server]:
    """Send these to this server, one after another, by one carrier."""

    async def work() -> tuple[list[Reply], Server]:
        async with serving(handler) as server:
            line = Line(server.url + path, Secret(KEY))
            clock = count(1)
            carrier = HttpCarrier(line, now=lambda: float(next(clock)), bounds=bounds)
            replies = [await carrier.send(request, bytes_of) for request in requests]
            await carrier.close()
            return replies, server

    return asyncio.run(work())


def test_a_request_goes_below_the_base_with_the_key_and_little_else() -> None:
    request = Request("POST", "api/v3/a?x=1", (b"{}",), headers={"X-Trace": "t", "Cookie": "no"})
    (reply,), server = send(says(answer(b"{}", x_Y="Z")), request)
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/v1/api/v3/a?x=1", b"{}")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["user-agent"].startswith("kinoform/")
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["x-trace"] == "t"
    assert "cookie" not in asked.headers
    assert (reply.status, reply.body, reply.headers["x-y"], reply.fault) == (200, b"{}", "Z", "")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("", "/v1"),
        ("a", "/v1/a"),
        ("/a/b", "/v1/a/b"),
        ("?page=2", "/v1?page=2"),
        ("a%20b", "/v1/a%20b"),
    ],
)
def test_a_path_is_joined_below_the_base(url: str, target: str) -> None:
    _, server = send(says(answer()), Request("GET", url))
    assert server.asked[0].target == target


@pytest.mark.parametrize(
    "url",
    [
        "../x", "a/../../x", "..", "%2e%2e/x", "%252e%252e/x", "a%2f..%2fx", "//evil.example/x",
        "a//b", "\\\\evil.example", "a\nb", "a b", "ä", "a#b", ".", "javascript:x", "file:///etc/x",
        "mailto:a@b", "http:evil.example", "https://[::1",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_not_sent(url: str) -> None:
    (reply,), server = send(says(answer()), Request("PUT", url))
    assert (reply.fault, server.connections) == ("not-sent", 0)
    assert reply.said.isprintable()


def test_artifacts_are_put_in_as_the_request_wants_them() -> None:
    parts = (
        b"[", Insert("d1", "image/png", "raw"), b",", Insert("d2", "image/png", "base64"),
        b",", Insert("d3", "image/png", "data-uri"), b"]",
    )  # fmt: skip
    _, server = send(says(answer()), Request("POST", "a", parts, media="text/x"))
    second, third = b64encode(b"bytes of d2"), b64encode(b"bytes of d3")
    assert server.asked[0].body == (
        b"[bytes of d1," + second + b",data:image/png;base64," + third + b"]"
    )
    assert server.asked[0].headers["content-type"] == "text/x"


def test_a_long_body_arrives_whole_and_with_its_length() -> None:
    body = bytes(range(256)) * 4096
    _, server = send(says(answer()), Request("POST", "a", (body,)))
    assert server.asked[0].body == body
    assert "transfer-encoding" not in server.asked[0].headers


@pytest.mark.parametrize(
    "status", [200, 201, 301, 302, 400, 401, 402, 404, 422, 429, 500, 502, 504]
)
def test_every_whole_answer_is_a_reply_and_is_asked_for_once(status: int) -> None:
    raw = answer(b"<html>", status, location="http://127.0.0.1:9/elsewhere", retry_after="7")
    (reply,), server = send(says(raw), POST)
    assert (reply.status, reply.body, reply.fault) == (status, b"<html>", "")
    assert reply.headers["retry-after"] == "7"
    assert len(server.asked) == 1


LOST = {
    "closed without an answer": says(b""),
    "cut in the head": says(HEAD + b"Content-"),
    "cut in the body": says(answer(b"12345")[:-1]),
    "cut between chunks": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"),
    "bad chunk": says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n"),
    "not HTTP": says(b"SSH-2.0-x\r\n"),
    "two lengths": says(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "silence": drips(b"", b"", 0.05),
    "silence after the head": drips(HEAD + b"Content-Length: 9\r\n\r\n", b"", 0.05),
    "a byte now and then": drips(HEAD + b"Content-Length: 999\r\n\r\n", b"x", 0.05),
    "endless": drips(HEAD + b"\r\n", b"x" * 50_000, 0),
    "too long": says(answer(b"x" * 100_001)),
    "a gzip bomb": says(answer(gzip.compress(b"\0" * 9_000_000), content_encoding="gzip")),
    "cut gzip": says(answer(gzip.compress(b"{}")[:-3], content_encoding="gzip")),
    "no gzip": says(answer(b"{}", content_encoding="gzip")),
    "brotli": says(answer(b"{}", content_encoding="br")),
}


@pytest.mark.parametrize("handler", LOST.values(), ids=LOST)
def test_what_is_no_whole_answer_is_lost_and_not_sent_again(handler: Handler) -> None:
    (reply,), server = send(handler, POST, bounds=QUICK)
    assert (reply.fault, reply.status, reply.body) == ("lost", 0, b"")
    assert reply.said.isprintable()
    assert reply.said
    assert len(server.asked) == 1


def test_a_kept_connection_that_the_server_cuts_is_lost_and_not_sent_again() -> None:
    answers = iter([answer(b"1"), b"", answer(b"3")])

    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> bool:
        raw = next(answers)
        writer.write(raw)
        return bool(raw)

    replies, server = send(handler, POST, POST, POST)
    assert [reply.fault for reply in replies] == ["", "lost", ""]
    assert (len(server.asked), server.connections) == (3, 2)


def test_a_server_that_closed_before_the_next_request_is_dialled_anew() -> None:
    async def work() -> tuple[list[str], Server]:
        async with serving(says(answer(b"1"))) as server:  # keeps nothing, and does not say so
            carrier = HttpCarrier(Line(server.url, Secret(KEY)))
            faults: list[str] = []
            for _ in range(3):
                faults.append((await carrier.send(POST, bytes_of)).fault)
                for _ in range(
                    20
                ):  # rounds of the loop, in which the end of the connection is seen
                    await asyncio.sleep(0.001)
            await carrier.close()
            return faults, server

    faults, server = asyncio.run(work())
    assert faults == ["", "", ""]
    assert server.connections == 3


def test_an_answer_that_a_gateway_compressed_is_read() -> None:
    (reply,), _ = send(says(answer(gzip.compress(b'{"data":[]}'), content_encoding="gzip")), POST)
    assert reply.body == b'{"data":[]}'


def test_nobody_listening_is_not_sent() -> None:
    async def work() -> Reply:
        async with serving(says(b"")) as server:
            base = server.url
        carrier = HttpCarrier(Line(base, Secret(KEY)))
        reply = await carrier.send(POST, bytes_of)
        await carrier.close()
        return reply

    assert asyncio.run(work()).fault == "not-sent"


def test_the_time_of_a_reply_is_that_of_its_request() -> None:
    (first, second), _ = send(says(answer(), keep=True), POST, POST)
    assert (first.at, first.took) == (1.0, 1.0)  # a clock that moves on with each look
    assert (second.at, second.took) == (3.0, 1.0)


def test_no_more_connections_than_allowed_and_every_request_is_answered() -> None:
    async def handler(_asked: Asked, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(0.005)
        writer.write(answer(b"{}"))
        return True

    async def work() -> tuple[set[str], int]:
        async with serving(handler) as server:
            carrier = HttpCarrier(Line(server.url, Secret(KEY)), bounds=Bounds(at_once=4))
            replies = await asyncio.gather(*(carrier.send(POST, bytes_of) for _ in range(60)))
            await carrier.close()
            return {reply.fault for reply in replies}, server.connections

    assert asyncio.run(work()) == ({""}, 4)


def test_a_cancelled_request_leaves_a_carrier_that_works() -> None:
    async def handler(asked: Asked, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(5 if asked.target == "/slow" else 0)
        writer.write(answer(b"{}"))
        return True

    async def work() -> Reply:
        async with serving(handler) as server:
            carrier = HttpCarrier(Line(server.url, Secret(KEY)), bounds=Bounds(at_once=1))
            task = asyncio.create_task(carrier.send(Request("GET", "slow"), bytes_of))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            reply = await carrier.send(POST, bytes_of)
            await carrier.close()
            return reply

    assert asyncio.run(work()).status == 200
