"""Redirects: each hop is judged like the first URL, three are followed, and nothing is carried on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from loopback import FakeWorld, Server, answer, by_path, serving

from kinoform.net.download import Downloader
from kinoform.net.link import Effects, Wire
from kinoform.ports import FetchError

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.net.addresses import Place

BODY = b"film" * 1000
PUBLIC = {
    "a.example": ["93.184.216.34"],
    "b.example": ["93.184.216.35"],
    "in.example": ["10.0.0.9"],
}


def to(aim: str, status: int = 302) -> bytes:
    return answer(b"moved", status, location=aim)


def fetch(table: dict[str, bytes], folder: Path, url: str) -> tuple[str, FakeWorld, Server]:
    """The kind of fault ("" for none), who was looked up and dialled, and what was asked."""
    world = FakeWorld(dict(PUBLIC))

    async def work() -> tuple[str, Server]:
        async with serving(by_path(table)) as server:
            world.port = server.port
            downloads = Downloader(effects=Effects(world.resolve, world.dial, world.sleep))
            try:
                await downloads.fetch(url, folder / "a", 100_000)
            except FetchError as error:
                return error.kind, server
            finally:
                await downloads.close()
            return "", server

    kind, server = asyncio.run(work())
    return kind, world, server


# The chain of redirects behind https://a.example/0, and what comes of it.
CHAINS: dict[str, tuple[dict[str, bytes], str]] = {
    "one hop": ({"/0": to("/1"), "/1": answer(BODY)}, ""),
    "three hops over two hosts": (
        {"/0": to("https://b.example/1", 301), "/1": to("2", 307),
         "/2": to("https://a.example/3?q=1", 308), "/3?q=1": answer(BODY)},
        "",
    ),
    "four hops": (
        {"/0": to("/1"), "/1": to("/2"), "/2": to("/3"), "/3": to("/4"), "/4": answer(BODY)},
        "refused",
    ),
    "a circle": ({"/0": to("/0")}, "refused"),
    "to plain http": ({"/0": to("http://a.example/1"), "/1": answer(BODY)}, "refused"),
    "to a private name": ({"/0": to("https://in.example/1"), "/1": answer(BODY)}, "refused"),
    "to the metadata service": ({"/0": to("https://169.254.169.254/1")}, "refused"),
    "to this machine": ({"/0": to("http://127.0.0.1:1/1")}, "refused"),
    "to another port": ({"/0": to("https://a.example:6379/1")}, "refused"),
    "to a file": ({"/0": to("file:///etc/passwd")}, "refused"),
    "with a user name": ({"/0": to("https://x:y@b.example/1")}, "refused"),
    "to a private name at last": (
        {"/0": to("/1"), "/1": to("//b.example/2"), "/2": to("//in.example/3")}, "refused",
    ),
    "to what is no URL": ({"/0": to("https://[::1")}, "refused"),
    "to one that is gone": ({"/0": to("https://b.example/1"), "/1": answer(b"", 410)}, "gone"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "kind"), CHAINS.values(), ids=CHAINS)
def test_each_hop_is_judged_like_the_first(
    table: dict[str, bytes], kind: str, tmp_path: Path
) -> None:
    came, world, server = fetch(table, tmp_path, "https://a.example/0")
    assert came == kind
    assert {address for _, address in world.dialled} <= {"93.184.216.34", "93.184.216.35"}
    sent = {name for asked in server.asked for name in asked.headers}
    assert sent == {"host", "user-agent", "accept-encoding"}
    if not kind:
        assert (tmp_path / "a").read_bytes() == BODY


def test_the_address_that_was_checked_is_the_one_that_is_dialled(tmp_path: Path) -> None:
    _, world, server = fetch({"/0": answer(BODY)}, tmp_path, "https://a.example/0")
    assert world.looked_up == ["a.example"]
    assert world.dialled == [("a.example", "93.184.216.34")]
    assert server.asked[0].headers["host"] == "a.example"


def test_a_name_that_changes_between_two_downloads_is_judged_again(tmp_path: Path) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    world = FakeWorld()

    async def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    async def work() -> None:
        async with serving(by_path({"/0": answer(BODY, connection="close")})) as server:
            world.port = server.port
            downloads = Downloader(effects=Effects(resolve, world.dial, world.sleep))
            await downloads.fetch("https://a.example/0", tmp_path / "a", 100_000)
            with pytest.raises(FetchError, match="only public addresses"):
                await downloads.fetch("https://a.example/0", tmp_path / "b", 100_000)

    asyncio.run(work())
    assert len(world.dialled) == 1


def test_the_next_address_is_dialled_where_one_is_dead(tmp_path: Path) -> None:
    world = FakeWorld({"a.example": ["2606:4700::1", "93.184.216.34"]})

    async def dial(place: Place, address: str) -> Wire:
        if ":" in address:
            raise OSError("network unreachable")
        return await world.dial(place, address)

    async def work() -> None:
        async with serving(by_path({"/0": answer(BODY)})) as server:
            world.port = server.port
            downloads = Downloader(effects=Effects(world.resolve, dial, world.sleep))
            await downloads.fetch("https://a.example/0", tmp_path / "a", 100_000)
            await downloads.close()

    asyncio.run(work())
    assert world.dialled == [("a.example", "93.184.216.34")]


def test_only_this_machine_may_lead_to_this_machine(tmp_path: Path) -> None:
    world = FakeWorld(dict(PUBLIC))

    async def work() -> Server:
        async with serving(by_path({"/1": answer(BODY)})) as inner:
            aim = to(f"{inner.url}/1")
            async with serving(by_path({"/0": aim})) as server:
                world.port = server.port
                effects = Effects(world.resolve, world.dial, world.sleep)
                downloads = Downloader(loopback=True, effects=effects)
                with pytest.raises(FetchError):
                    await downloads.fetch("https://a.example/0", tmp_path / "a", 100_000)
                near = Downloader(loopback=True)
                await near.fetch(f"{server.url}/0", tmp_path / "b", 100_000)
                await near.close()
            return inner

    assert len(asyncio.run(work()).asked) == 1
