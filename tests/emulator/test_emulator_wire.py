"""Planned faults on the wire, seen from a raw socket: what really arrives, and what does not."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from emulator import KEY, Emulator, picture, poll, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with running() as found:
        yield found


@pytest.fixture(autouse=True)
def peace(server: Emulator) -> None:
    server.faults()


@contextmanager
def dialled(server: Emulator) -> Iterator[socket.socket]:
    port = int(server.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as found:
        yield found


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(tasks: Any) -> bytes:
    body = json.dumps(tasks).encode()
    head = f"POST /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def until_closed(wire: socket.socket, most: int = 1 << 22) -> bytes:
    """What arrives before the other side closes, or until it is enough."""
    parts, size = [], 0
    while size < most and (part := wire.recv(1 << 16)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def exchange(server: Emulator, request: bytes) -> bytes:
    with dialled(server) as wire:
        wire.sendall(request)
        return until_closed(wire)


def parted(raw: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    rows = (line.partition(": ") for line in rest)
    return int(first.split()[1]), {name.lower(): text for name, _, text in rows}, body


def result(server: Emulator) -> str:
    """The path of a finished picture."""
    task = picture()
    exchange_open(server, post([task]))
    _status, _headers, body = exchange_open(server, post(poll(task["taskUUID"])))
    return str(json.loads(body)["data"][0]["imageURL"]).removeprefix(server.base)


def exchange_open(server: Emulator, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The same where the connection stays open: as much as was announced."""
    with dialled(server) as wire:
        wire.sendall(request)
        raw = b""
        while True:
            raw += wire.recv(1 << 16)
            if b"\r\n\r\n" in raw:
                status, headers, body = parted(raw)
                if len(body) >= int(headers["content-length"]):
                    return status, headers, body


def test_a_dropped_connection_gives_not_one_byte(server: Emulator) -> None:
    server.faults({"point": "connect", "fault": "drop"})
    assert exchange(server, post([picture()])) == b""


def test_a_refused_connection_is_cut_before_anything_is_read(server: Emulator) -> None:
    server.faults({"point": "accept", "fault": "refuse", "times": 1})
    with dialled(server) as wire, suppress(ConnectionResetError):
        assert wire.recv(1) == b""
    assert server.fired() == [1]


def test_a_closed_listener_refuses_and_comes_back(server: Emulator) -> None:
    with server.unreachable(), pytest.raises(ConnectionRefusedError), dialled(server):
        pass
    with dialled(server):
        pass


def test_a_gateway_page_is_html_with_its_status(server: Emulator) -> None:
    server.faults({"point": "poll", "fault": {"html": {"status": 504}}})
    status, headers, body = exchange_open(server, post(poll(picture()["taskUUID"])))
    assert (status, headers["content-type"]) == (504, "text/html")
    assert b"504 Gateway Time" in body


@pytest.mark.parametrize(
    ("after", "said"), [(30, "30"), (0.5, "0.5"), ("soon", "soon"), (-1, "-1")]
)
def test_a_status_comes_with_any_retry_after(server: Emulator, after: Any, said: str) -> None:
    server.faults({"point": "connect", "fault": {"status": {"status": 429, "retry-after": after}}})
    status, headers, _ = exchange_open(server, post([picture()]))
    assert (status, headers["retry-after"]) == (429, said)


def test_retry_after_may_be_a_date_of_the_servers_own_clock(server: Emulator) -> None:
    after = {"date": 30}
    server.faults({"point": "connect", "fault": {"status": {"status": 503, "retry-after": after}}})
    _, headers, _ = exchange_open(server, post([picture()]))
    dates = [parsedate_to_datetime(headers[name]) for name in ("date", "retry-after")]
    assert 29 <= (dates[1] - dates[0]).total_seconds() <= 31


def test_the_date_follows_the_virtual_clock() -> None:
    with running() as server:
        _, before, _ = exchange_open(server, get("/_emulator/clock"))
        server.jump(86400)
        _, after, _ = exchange_open(server, get("/_emulator/clock"))
    dates = [parsedate_to_datetime(each["date"]) for each in (before, after)]
    assert 86399 <= (dates[1] - dates[0]).total_seconds() <= 86410


def test_a_truncated_file_says_its_whole_length(server: Emulator) -> None:
    path = result(server)
    whole = exchange_open(server, get(path))[2]
    server.faults({"point": "download", "fault": {"truncate": {"share": 0.25}}})
    _, headers, body = parted(exchange(server, get(path)))
    assert int(headers["content-length"]) == len(whole)
    assert body == whole[: len(whole) // 4]


def test_a_truncated_file_may_say_no_length_at_all(server: Emulator) -> None:
    path = result(server)
    server.faults({"point": "download", "fault": {"truncate": {"length": False}}})
    status, headers, body = parted(exchange(server, get(path)))
    assert status == 200
    assert not {"content-length", "transfer-encoding"} & set(headers)
    assert headers["connection"] == "close"
    assert body


def test_an_endless_body_goes_on(server: Emulator) -> None:
    path = result(server)
    server.faults({"point": "download", "fault": "endless"})
    assert len(exchange(server, get(path))) >= 1 << 22


def test_wrong_bytes_have_the_right_length(server: Emulator) -> None:
    path = result(server)
    whole = exchange_open(server, get(path))[2]
    server.faults({"point": "download", "fault": "wrong-bytes"})
    _, headers, body = parted(exchange(server, get(path)))
    assert len(body) == len(whole) == int(headers["content-length"])
    assert body != whole
    assert body[: len(body) // 2] == whole[: len(body) // 2]


def test_a_page_may_stand_where_a_file_should_be(server: Emulator) -> None:
    path = result(server)
    server.faults({"point": "download", "fault": {"wrong-type": {"media": "image/jpeg"}}})
    status, headers, body = parted(exchange(server, get(path)))
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert b"<html>" in body


def test_a_dripping_body_comes_in_small_parts() -> None:
    with running(speed=1e-6) as server:
        path = result(server)
        server.faults({"point": "download", "fault": {"drip": {"rate": 100}}})
        with dialled(server) as wire:
            wire.sendall(get(path))
            raw, come = b"", 0
            for seconds in range(6):
                while come <= 100 * seconds:
                    raw += wire.recv(1 << 16)
                    come = len(parted(raw)[2])
                assert come == 100 * (seconds + 1)
                server.jump(1)


def test_an_expired_file_stays_gone(server: Emulator) -> None:
    path = result(server)
    server.faults({"point": "download", "fault": {"expire": {"status": 410}}, "times": 1})
    assert exchange_open(server, get(path))[0] == 410
    assert exchange_open(server, get(path))[0] == 410


def test_a_delay_is_one_of_the_virtual_clock() -> None:
    with running(speed=1000) as server:
        server.faults(
            {"point": "connect", "provider": "runware", "fault": {"delay": {"seconds": 90}}}
        )
        before = server.world.time.now()
        assert exchange_open(server, post([picture()]))[0] == 200
        assert server.world.time.now() - before >= 90


def test_a_page_of_another_host_name_is_not_served(server: Emulator) -> None:
    request = get("/_emulator/ledger").replace(b"127.0.0.1", b"evil.example")
    assert exchange_open(server, request)[0] == 400


def test_a_plan_that_is_none_is_refused_with_reasons(server: Emulator) -> None:
    body = b"rules: [{point: nowhere, fault: drop}]"
    head = b"POST /_emulator/faults HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    request = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    status, _, said = exchange_open(server, request)
    assert status == 400
    assert "nowhere" in json.loads(said)["problems"][0]


def test_an_echo_quotes_the_key_in_every_way(server: Emulator) -> None:
    server.faults({"point": "poll", "fault": {"echo": {"status": 403}}})
    status, headers, body = exchange_open(server, post(poll(picture()["taskUUID"])))
    coded = b64encode(KEY.encode())
    assert (status, headers["x-key"]) == (403, coded.decode())
    assert body.count(KEY.encode()) >= 3
    assert coded in body
