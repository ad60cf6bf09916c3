"""What may be dialled: sixty URLs that lead inside are refused before any connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import FakeWorld

from kinoform.net.addresses import Place, addresses, is_public, place
from kinoform.net.download import Downloader
from kinoform.net.link import Effects
from kinoform.ports import FetchError

if TYPE_CHECKING:
    from pathlib import Path

# Each name resolves to what its test is about.
NAMES = {
    "private.example": ["10.0.0.7"],
    "mixed.example": ["93.184.216.34", "127.0.0.1"],
    "six.example": ["fd00::1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "nat64.example": ["64:ff9b::a00:1"],
    "zone.example": ["fe80::1%eth0"],
    "odd.example": ["not an address"],
    "public.example": ["93.184.216.34"],
    "metadata.google.internal": ["169.254.169.254"],
    "localtest.example": ["127.0.0.1"],
    "3com.example": ["0.0.0.9"],
}

REFUSED = ["http://public.example/", "ftp://public.example/", "file:///etc/passwd", "gopher://public.example/", "data:text/plain,x", "//public.example/", "public.example/x", "https:///x", "https://", "https://127.0.0.1/", "https://127.1/", "https://127.0.0.1.:443/", "https://0/", "https://0.0.0.0/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://017700000001/", "https://127.0.1/", "https://0X7F.1/", "https://134744072/", "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://a.localhost/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:a00:1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::1]/", "https://[2002:7f00:1::]/", "https://[2001::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fec0::1]/", "https://[ff02::1]/", "https://10.0.0.1/", "https://172.16.5.4/", "https://192.168.1.1/", "https://169.254.169.254/latest/", "https://100.64.0.1/", "https://198.18.0.1/", "https://192.0.0.192/", "https://224.0.0.1/", "https://255.255.255.255/", "https://192.88.99.1/", "https://private.example/", "https://mixed.example/", "https://six.example/", "https://mapped.example/", "https://nat64.example/", "https://zone.example/", "https://odd.example/", "https://metadata.google.internal/", "https://3com.example/", "https://localtest.example/", "https://user@public.example/", "https://user:pw@public.example/", "https://public.example@127.0.0.1/", "https://public.example:22/", "https://public.example:80/", "https://public.example:99999/", "https://public.example:x/", "https://public.example\\@127.0.0.1/", "https://127.0.0.1\\.public.example/", "https://public.example%00.evil.example/", "https://ⓛocalhost/", "https://①②⑦.0.0.1/", "https://127。0。0。1/", "https://pub_lic..example/", "https://-.-/"]  # fmt: skip


def test_no_url_that_leads_inside_is_dialled(tmp_path: Path) -> None:
    world = FakeWorld(dict(NAMES))
    effects = Effects(world.resolve, world.dial, world.sleep)

    async def work() -> dict[str, str]:
        downloads = Downloader(effects=effects)
        kinds: dict[str, str] = {}
        for url in REFUSED:
            with pytest.raises(FetchError) as caught:
                await downloads.fetch(url, tmp_path / "x", 1000)
            kinds[url] = caught.value.kind
        return kinds

    kinds = asyncio.run(work())
    assert len(kinds) >= 60
    assert set(kinds.values()) == {"refused"}, [u for u, kind in kinds.items() if kind != "refused"]
    assert world.dialled == []


@pytest.mark.parametrize(
    "url", ["https://public.example/a\nb", "https://public.example/\r\nX: y", "https://\x00/"]
)
def test_a_url_of_several_lines_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        place(url)


SITES = ["public.example", "a..b", "-a.b", "a.b:", "a.b:99", "a.b:99999", "localhost:80", "127.1", "::1", "1.1.1.1"]  # fmt: skip


@given(
    scheme=st.sampled_from(["https", "http", "ftp"]),
    site=st.sampled_from(SITES),
    rest=st.text('aZ0/?#&;=%@:.[]\\ "<é', max_size=12),
    loopback=st.booleans(),
)
def test_a_url_is_judged_alike_however_much_of_it_must_be_taken_apart(
    *, scheme: str, site: str, rest: str, loopback: bool
) -> None:
    def judged(url: str) -> Place | str:
        try:
            return place(url, loopback=loopback)
        except FetchError as error:
            return error.kind

    url = f"{scheme}://{site}/{rest}"
    assert judged(url) == judged(url + "#")  # a mark that is not sent, and that no plain URL has


@pytest.mark.parametrize(
    ("url", "again"),
    [
        ("https://CDN.example.COM/a%20b?x=1#frag", "https://cdn.example.com/a%20b?x=1"),
        ("https://cdn.example.com:443", "https://cdn.example.com/"),
        ("https://cdn.example.com:8443/a b/ä", "https://cdn.example.com:8443/a%20b/%C3%A4"),
        ("https://93.184.216.34/x", "https://93.184.216.34/x"),
        ("https://[2606:4700::1]:8443/", "https://[2606:4700::1]:8443/"),
        ("https://my_bucket.s3.example/x|y", "https://my_bucket.s3.example/x|y"),
    ],
)
def test_a_public_url_is_sent_in_one_spelling(url: str, again: str) -> None:
    assert place(url).url == again


def test_this_machine_is_allowed_only_where_it_is_said_and_by_its_own_names() -> None:
    assert place("http://127.0.0.1:8080/x", loopback=True).port == 8080
    assert place("http://localhost:1/x", loopback=True).loopback
    assert place("http://[::1]:1/x", loopback=True).site == "[::1]:1"
    for url in ("http://localtest.example:80/", "http://10.0.0.1/", "http://127.1/"):
        with pytest.raises(FetchError):
            place(url, loopback=True)


def test_a_name_that_leads_to_this_machine_is_refused_even_where_this_machine_is_allowed() -> None:
    world = FakeWorld(dict(NAMES))
    with pytest.raises(FetchError):
        asyncio.run(addresses(place("https://localtest.example/", loopback=True), world.resolve))


def test_localhost_that_leads_elsewhere_is_refused() -> None:
    world = FakeWorld({"localhost": ["93.184.216.34"]})
    with pytest.raises(FetchError):
        asyncio.run(addresses(place("http://localhost:1/", loopback=True), world.resolve))


def test_an_unknown_name_is_a_broken_download_and_not_a_refused_one() -> None:
    with pytest.raises(FetchError) as caught:
        asyncio.run(addresses(place("https://unknown.example/"), FakeWorld().resolve))
    assert caught.value.kind == "broken"


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_each_wrapping(address: object) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert is_public(f"64:ff9b::{address}") == is_public(str(address))


@given(st.text(max_size=40))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        try:
            spot = place(url)
        except FetchError as error:
            said = str(error)
        else:
            said = spot.url
            assert spot.scheme == "https"
            assert said.isascii()
        assert said.isprintable()
