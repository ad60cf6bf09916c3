"""The key: only to its own host over its own line, and in no message, log, repr or traceback."""

from __future__ import annotations

import asyncio
import logging
import traceback
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from loopback import FakeWorld, Handler, Server, answer, says, serving

from kinoform.core.secret import Secret
from kinoform.net.carrier import HttpCarrier
from kinoform.net.line import Line
from kinoform.net.link import Effects
from kinoform.ports import FetchError, Insert, Reply, Request

if TYPE_CHECKING:
    from pathlib import Path

KEY = "rw-canary/7Qx+9f3~zz?"
POST = Request("POST", "tasks", (b"[]",))
HEAD = b"HTTP/1.1 200 OK\r\n"


def bytes_of(part: Insert) -> bytes:
    return f"bytes of {part.digest}".encode()


def send(handler: Handler, *requests: Request) -> tuple[list[Reply], Server]:
    """Send these to this server, one after another, by one carrier."""

    async def work() -> tuple[list[Reply], Server]:
        async with serving(handler) as server:
            carrier = HttpCarrier(Line(server.url, Secret(KEY)))
            replies = [await carrier.send(request, bytes_of) for request in requests]
            await carrier.close()
            return replies, server

    return asyncio.run(work())


def test_a_secret_that_comes_back_is_masked_in_every_form() -> None:
    forms = [KEY, b64encode(KEY.encode()).decode(), quote(KEY, safe="")]
    raw = answer(" ".join(forms).encode(), 401, x_echo=forms[0], www_authenticate=forms[1])
    (reply,), _ = send(says(raw), POST)
    assert reply.body == b"*** *** ***"
    assert reply.headers["x-echo"] == reply.headers["www-authenticate"] == "***"


def test_a_cookie_is_not_kept() -> None:
    _, server = send(says(answer(set_cookie="a=b; Path=/"), keep=True), POST, POST)
    assert [asked.headers.get("cookie") for asked in server.asked] == [None, None]


class Failing(httpx.AsyncBaseTransport):
    """A transport that fails as it is told to, or answers."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.error:
            raise self.error
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))


def through(error: Exception | None, base: str = "https://api.example/v1") -> tuple[Reply, Failing]:
    transport = Failing(error)

    async def work() -> Reply:
        carrier = HttpCarrier(Line(base, Secret(KEY)), transport=transport)
        reply = await carrier.send(POST, bytes_of)
        await carrier.close()
        return reply

    return asyncio.run(work()), transport


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (httpx.ConnectError("refused"), "not-sent"),
        (httpx.ConnectTimeout("slow"), "not-sent"),
        (httpx.PoolTimeout("full"), "not-sent"),
        (httpx.ProxyError("403"), "not-sent"),
        (httpx.ReadTimeout("slow"), "lost"),
        (httpx.WriteTimeout("slow"), "lost"),
        (httpx.ReadError(""), "lost"),
        (httpx.WriteError(f"with {KEY}"), "lost"),
        (httpx.CloseError(""), "lost"),
        (httpx.RemoteProtocolError("cut"), "lost"),
        (httpx.LocalProtocolError("state"), "lost"),
        (httpx.DecodingError("gzip"), "lost"),
        (OSError("reset"), "lost"),
        (RuntimeError("whatever\x1b[2J"), "lost"),
    ],
)
def test_a_fault_is_not_sent_only_where_nothing_can_have_been_written(
    error: Exception, fault: str
) -> None:
    reply, transport = through(error)
    assert (reply.fault, len(transport.asked)) == (fault, 1)
    assert KEY not in reply.said
    assert reply.said.isprintable()


def test_the_key_is_sent_over_https_to_the_base() -> None:
    reply, transport = through(None)
    (asked,) = transport.asked
    assert reply.status == 200
    assert str(asked.url) == "https://api.example/v1/tasks"
    assert asked.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "base",
    [
        "http://api.example/v1", "ftp://api.example", "api.example", "", "https://", "https://[::1",
        "https://user:pw@api.example/", "https://api.example/?x=1", "https://api.example/#x",
        "https://api.example/../x", "https://api.example:99999/", "https://api.example\\@evil.example",
        "https://api.example/\r\nX: y", "http://127.1/", "http://127.0.0.1.evil.example/",
    ],
)  # fmt: skip
def test_a_line_that_is_not_safe_is_not_used(base: str) -> None:
    reply, transport = through(None, base)
    assert (reply.fault, transport.asked) == ("not-sent", [])
    assert reply.said


@pytest.mark.parametrize(
    ("key", "proxy"),
    [
        ("two\nlines", ""),
        ("a blank", ""),
        ("ä", ""),
        ("k", "socks5://127.0.0.1:1"),
        ("k", "proxy:8080"),
    ],
)
def test_a_key_or_proxy_that_cannot_be_one_is_said_without_showing_it(key: str, proxy: str) -> None:
    said = Line("https://api.example", Secret(key), proxy).fault()
    assert said
    assert key not in said.split()


def test_a_failed_handshake_is_not_sent_and_shows_the_server_no_key() -> None:
    seen: list[bytes] = []

    async def work() -> Reply:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await reader.read(5000))
            writer.write(b"HTTP/1.1 400 No TLS here\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        carrier = HttpCarrier(Line(f"https://127.0.0.1:{port}", Secret(KEY)))
        reply = await carrier.send(POST, bytes_of)
        await carrier.close()
        server.close()
        return reply

    assert asyncio.run(work()).fault == "not-sent"
    assert seen
    assert KEY.encode() not in b"".join(seen)


def test_a_proxy_that_opens_no_tunnel_means_not_sent() -> None:
    async def work() -> tuple[Reply, Server]:
        async with serving(says(answer(b"", 407))) as proxy:
            line = Line(
                "https://api.example", Secret(KEY), f"http://u:pass-word@127.0.0.1:{proxy.port}"
            )
            carrier = HttpCarrier(line)
            assert "pass-word" not in repr(carrier)
            reply = await carrier.send(POST, bytes_of)
            await carrier.close()
            return reply, proxy

    reply, proxy = asyncio.run(work())
    assert reply.fault == "not-sent"
    assert [asked.method for asked in proxy.asked] == ["CONNECT"]
    assert KEY.encode() not in proxy.raw


def test_a_download_through_a_proxy_asks_it_for_the_address_that_was_checked(
    tmp_path: Path,
) -> None:
    world = FakeWorld({"cdn.example": ["93.184.216.34"]})

    async def work() -> Server:
        async with serving(says(answer(b"", 403))) as proxy:
            line = Line("https://api.example", Secret(KEY), f"http://u:p@127.0.0.1:{proxy.port}")
            carrier = HttpCarrier(line, effects=Effects(world.resolve, world.dial, world.sleep))
            with pytest.raises(FetchError, match="the proxy answers 403"):
                await carrier.fetch("https://cdn.example/a", tmp_path / "a", 1000)
            await carrier.close()
            return proxy

    proxy = asyncio.run(work())
    assert {asked.target for asked in proxy.asked} == {"93.184.216.34:443"}
    assert proxy.asked[0].headers["proxy-authorization"] == "Basic dTpw"
    assert world.dialled == []


def test_an_exception_of_the_artifacts_passes_and_shows_no_key() -> None:
    def missing(part: Insert) -> bytes:
        raise LookupError(part.digest)

    request = Request("POST", "a", (Insert("d", "image/png", "raw"),))

    async def work() -> None:
        await HttpCarrier(Line("https://api.example", Secret(KEY))).send(request, missing)

    with pytest.raises(LookupError) as caught:
        asyncio.run(work())
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(told.format())


def test_the_http_libraries_log_nothing_of_ours_and_still_talk_for_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    send(says(answer(b"{}")), POST, Request("GET", "secret-path"))
    ours = [r for r in caplog.records if r.name.startswith(("httpx", "httpcore"))]
    assert ours == []

    async def others() -> None:
        async with (
            serving(says(answer(b"{}"))) as server,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            await client.get(server.url)

    asyncio.run(others())
    assert [r for r in caplog.records if r.name == "httpx"]


def test_a_fault_of_a_download_shows_no_key(tmp_path: Path) -> None:
    async def work() -> FetchError:
        carrier = HttpCarrier(Line("https://api.example", Secret(KEY)))
        with pytest.raises(FetchError) as caught:
            await carrier.fetch(f"http://{quote(KEY, safe='')}.example/", tmp_path / "a", 100)
        await carrier.close()
        return caught.value

    error = asyncio.run(work())
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert error.kind == "refused"
    assert KEY not in "".join(told.format())
    assert quote(KEY, safe="") not in str(error)
