"""Downloads against servers that misbehave byte by byte: what is taken, refused, gone or broken."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import time
from base64 import b64encode
from pathlib import PosixPath
from typing import TYPE_CHECKING, Any

import pytest
from loopback import FakeWorld, Handler, Server, answer, by_path, drips, says, serving

from kinoform.net.download import PAUSES, Downloader
from kinoform.net.link import Effects, Patience
from kinoform.ports import Fetched, FetchError

if TYPE_CHECKING:
    from pathlib import Path

BODY = bytes(range(256)) * 80
OTHER = b"x" * len(BODY)
QUICK = Patience(connect=20.0, stall=0.1, pace=64)
CALM = Patience(connect=20.0, stall=20.0, pace=64)  # a busy machine is no silent server


def get(
    handler: Handler,
    folder: Path,
    *,
    target: str = "/a.png",
    most: int = 1_000_000,
    held: int = 0,
    patience: Patience = CALM,
) -> tuple[Fetched | FetchError, Server, FakeWorld]:
    """Fetch once from this server: what came of it."""
    world = FakeWorld()

    async def work() -> tuple[Fetched | FetchError, Server]:
        async with serving(handler) as server:
            effects = Effects(sleep=world.sleep)
            downloads = Downloader(loopback=True, effects=effects, patience=patience)
            try:
                url = server.url + target
                return await downloads.fetch(url, folder / "a", most, held), server
            except FetchError as error:
                return error, server
            finally:
                await downloads.close()

    done, server = asyncio.run(work())
    return done, server, world


def kind(done: Fetched | FetchError) -> str:
    return done.kind if isinstance(done, FetchError) else "taken"


def sha256(data: bytes) -> str:
    return b64encode(hashlib.sha256(data).digest()).decode()


def md5(data: bytes) -> str:
    return b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LOOSE = b"HTTP/1.1 200 OK\r\n\r\n"  # ends where the connection does

TAKEN = {
    "with its length": answer(BODY),
    "in chunks": CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY),
    "until the connection closes": LOOSE + BODY,
    "after an interim answer": b"HTTP/1.1 103 Early\r\n\r\n" + answer(BODY),
    "identity named": answer(BODY, content_encoding="identity"),
    "Content-MD5": answer(BODY, content_md5=md5(BODY)),
    "S3 checksum": answer(BODY, x_amz_checksum_sha256=sha256(BODY)),
    "checksum of parts": answer(BODY, x_amz_checksum_sha256=sha256(OTHER) + "-3"),
    "composite": answer(BODY, x_amz_checksum_sha256=sha256(OTHER), x_amz_checksum_type="COMPOSITE"),
    "Digest": answer(BODY, digest=f"crc32c=AAAA, SHA-256={sha256(BODY)}"),
    "Repr-Digest": answer(BODY, repr_digest=f"sha-256=:{sha256(BODY)}:, x=:AA==:"),
    "Google's": answer(BODY, x_goog_hash=f"crc32c=n03x6A==,md5={md5(BODY)}"),
    "ETag of something else": answer(BODY, etag='"d41d8cd98f00b204e9800998ecf8427e"'),
    "unreadable checksum": answer(BODY, content_md5="?"),
}


@pytest.mark.parametrize("raw", TAKEN.values(), ids=TAKEN)
def test_a_whole_body_is_taken_and_hashed_on_the_way(raw: bytes, tmp_path: Path) -> None:
    done, server, world = get(says(raw), tmp_path)
    digest = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    assert done == Fetched(tmp_path / "a", digest, len(BODY))
    assert (tmp_path / "a").read_bytes() == BODY
    assert (len(server.asked), world.slept) == (1, [])


@pytest.mark.parametrize("raw", TAKEN.values(), ids=TAKEN)
def test_a_body_that_is_small_enough_is_handed_over_without_a_file(
    raw: bytes, tmp_path: Path
) -> None:
    done, _, _ = get(says(raw), tmp_path, held=len(BODY))
    digest = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    assert done == Fetched(tmp_path / "a", digest, len(BODY), BODY)
    assert list(tmp_path.iterdir()) == []


def test_a_body_of_a_byte_more_goes_to_its_file(tmp_path: Path) -> None:
    done, _, _ = get(says(answer(BODY)), tmp_path, held=len(BODY) - 1)
    assert isinstance(done, Fetched)
    assert done.data == b""
    assert (tmp_path / "a").read_bytes() == BODY


BROKEN = {
    "cut off before its length": answer(BODY)[:-1],
    "cut off between chunks": CHUNKED + b"%x\r\n%b\r\n" % (len(BODY), BODY),
    "cut off in a chunk": CHUNKED + b"ffff\r\n" + BODY,
    "bad chunk size": CHUNKED + b"zz\r\n" + BODY,
    "cut off in the head": b"HTTP/1.1 200 OK\r\nContent-",
    "nothing at all": b"",
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a head without end": b"HTTP/1.1 200 OK\r\n" + b"x: yyyyyyyyyyyyyyy\r\n" * 9_000,
    "wrong Content-MD5": answer(BODY, content_md5=md5(OTHER)),
    "wrong S3 checksum": answer(BODY, x_amz_checksum_sha256=sha256(OTHER)),
    "wrong Digest": answer(BODY, digest=f"sha-256={sha256(OTHER)}"),
    "wrong Repr-Digest": answer(BODY, repr_digest=f"sha-256=:{sha256(OTHER)}:"),
    "wrong Google hash": answer(BODY, x_goog_hash=f"md5={md5(OTHER)}"),
    "429": answer(b"", 429, retry_after="1"),
    "500": answer(b"", 500),
    "503": answer(b"", 503),
    "204": b"HTTP/1.1 204 No\r\n\r\n",
    "206": answer(BODY, 206),
    "redirect to nowhere": answer(b"", 302),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_a_broken_download_is_tried_again_and_then_said(raw: bytes, tmp_path: Path) -> None:
    done, server, world = get(says(raw), tmp_path)
    assert kind(done) == "broken"
    assert str(done).isprintable()
    assert server.connections == 1 + len(PAUSES)
    assert world.slept == list(PAUSES)


REFUSED = {
    "longer than allowed": answer(BODY * 60),
    "longer than allowed, unsaid": LOOSE + BODY * 60,
    "longer than allowed, in chunks": CHUNKED + (b"%x\r\n%b\r\n" % (len(BODY), BODY)) * 60,
    "a length beyond all sizes": answer(b"", content_length="9" * 19),
    "gzip": answer(gzip.compress(BODY), content_encoding="gzip"),
    "a gzip bomb": answer(gzip.compress(b"\0" * 50_000_000), content_encoding="gzip"),
    "brotli": answer(BODY, content_encoding="br"),
    "gzip twice": answer(BODY, content_encoding="gzip, gzip"),
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_taken_is_refused_at_once(raw: bytes, tmp_path: Path) -> None:
    done, server, world = get(says(raw), tmp_path)
    assert (kind(done), len(server.asked), world.slept) == ("refused", 1, [])


def test_a_body_that_is_too_long_by_its_own_word_is_not_even_begun(tmp_path: Path) -> None:
    done, _, _ = get(says(answer(BODY * 60)), tmp_path)
    assert kind(done) == "refused"
    assert not (tmp_path / "a").exists()


def test_a_body_of_exactly_the_most_is_taken(tmp_path: Path) -> None:
    assert kind(get(says(answer(BODY)), tmp_path, most=len(BODY))[0]) == "taken"
    assert kind(get(says(LOOSE + BODY), tmp_path, most=len(BODY) - 1)[0]) == "refused"


@pytest.mark.parametrize("status", [403, 404, 410])
def test_an_address_that_has_expired_is_gone_and_not_tried_again(
    status: int, tmp_path: Path
) -> None:
    done, server, _ = get(says(answer(b"<Error/>", status)), tmp_path)
    assert (kind(done), len(server.asked)) == ("gone", 1)


@pytest.mark.parametrize("head", [LOOSE, answer(content_length="2000"), CHUNKED + b"fff\r\n"])
def test_a_byte_now_and_then_is_not_waited_for(head: bytes, tmp_path: Path) -> None:
    done, server, _ = get(drips(head, b"x", 0.02), tmp_path, patience=QUICK)
    assert kind(done) == "broken"
    assert len(server.asked) == 3


class SlowPath(PosixPath):
    """A file that is opened more slowly than a server may answer."""

    def open(self, *args: Any, **named: Any) -> Any:
        time.sleep(4 * QUICK.stall)
        return super().open(*args, **named)


def test_a_disk_that_is_slow_is_no_fault_of_the_server(tmp_path: Path) -> None:
    body = os.urandom(1_000_000)
    done, server, _ = get(says(answer(body)), SlowPath(tmp_path), patience=QUICK)
    assert (kind(done), len(server.asked)) == ("taken", 1)
    assert (tmp_path / "a").read_bytes() == body


def test_an_endless_body_ends_at_the_most(tmp_path: Path) -> None:
    done, _, _ = get(drips(LOOSE, BODY, 0), tmp_path)
    assert kind(done) == "refused"
    assert (tmp_path / "a").stat().st_size <= 1_000_000


def test_endless_interim_answers_end(tmp_path: Path) -> None:
    done, _, _ = get(drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0), tmp_path)
    assert kind(done) == "broken"


def test_the_file_is_begun_anew_after_a_broken_attempt(tmp_path: Path) -> None:
    answers = iter([answer(OTHER + b"more")[:-9], answer(BODY)])

    async def handler(_asked: object, writer: asyncio.StreamWriter) -> bool:
        writer.write(next(answers))
        return False

    done, _, world = get(handler, tmp_path)
    assert kind(done) == "taken"
    assert (tmp_path / "a").read_bytes() == BODY
    assert world.slept == [PAUSES[0]]


def test_nobody_listening_is_broken(tmp_path: Path) -> None:
    async def work() -> None:
        async with serving(says(b"")) as server:
            url = server.url
        await Downloader(loopback=True, effects=Effects(sleep=FakeWorld().sleep)).fetch(
            url, tmp_path / "a", 9
        )

    with pytest.raises(FetchError, match="no connection") as caught:
        asyncio.run(work())
    assert caught.value.kind == "broken"


def test_a_fault_of_the_disk_is_not_one_of_the_network(tmp_path: Path) -> None:
    world = FakeWorld()

    async def work() -> None:
        async with serving(says(answer(BODY))) as server:
            downloads = Downloader(loopback=True, effects=Effects(sleep=world.sleep))
            await downloads.fetch(server.url, tmp_path / "none" / "a", 1_000_000)

    with pytest.raises(FileNotFoundError):
        asyncio.run(work())
    assert world.slept == []


def test_one_connection_serves_many_and_no_credential_is_sent(tmp_path: Path) -> None:
    async def work() -> Server:
        async with serving(says(answer(BODY, set_cookie="a=b; Path=/"), keep=True)) as server:
            downloads = Downloader(loopback=True)
            for number in range(20):
                await downloads.fetch(f"{server.url}/{number}", tmp_path / str(number), 100_000)
            await downloads.close()
            return server

    server = asyncio.run(work())
    assert (len(server.asked), server.connections) == (20, 1)
    sent = {name for asked in server.asked for name in asked.headers}
    assert sent == {"host", "user-agent", "accept-encoding"}
    assert {asked.headers["accept-encoding"] for asked in server.asked} == {"identity"}


def test_a_connection_that_closed_while_it_lay_idle_costs_no_attempt(tmp_path: Path) -> None:
    world = FakeWorld()

    async def work() -> Server:
        async with serving(says(answer(BODY))) as server:  # says nothing of closing, and closes
            downloads = Downloader(loopback=True, effects=Effects(sleep=world.sleep))
            for number in range(5):
                await downloads.fetch(server.url, tmp_path / str(number), 100_000)
            await downloads.close()
            return server

    assert asyncio.run(work()).connections == 5
    assert world.slept == []


def test_no_more_than_so_many_run_at_once(tmp_path: Path) -> None:
    running, peak, met = 0, 0, asyncio.Event()

    async def handler(_asked: object, writer: asyncio.StreamWriter) -> bool:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        if peak == 3:
            met.set()
        await asyncio.wait_for(met.wait(), 60)
        await asyncio.sleep(0.01)  # for a fourth to come
        running -= 1
        writer.write(answer(BODY))
        return True

    async def work() -> int:
        async with serving(handler) as server:
            downloads = Downloader(loopback=True, at_once=3)
            paths = [tmp_path / str(number) for number in range(12)]
            await asyncio.gather(*(downloads.fetch(server.url, p, 100_000) for p in paths))
            await downloads.close()
            return server.connections

    assert asyncio.run(work()) == 3
    assert peak == 3


def test_a_cancelled_download_leaves_a_downloader_that_works(tmp_path: Path) -> None:
    async def work() -> Fetched:
        near = serving(by_path({"/a": answer(BODY)}))
        async with near as server, serving(drips(LOOSE, b"x", 0.001)) as endless:
            downloads = Downloader(loopback=True, at_once=1)
            task = asyncio.create_task(downloads.fetch(endless.url, tmp_path / "b", 10**9))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            done = await downloads.fetch(f"{server.url}/a", tmp_path / "a", 100_000)
            await downloads.close()
            return done

    assert asyncio.run(work()).size == len(BODY)
