"""Which addresses a key may be sent to, by their spelling alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.api.urls import base_fault, is_near, proxy_fault

GOOD = [
    "https://api.example.com/v1",
    "https://api.example.com",
    "https://api.example.com:8443/x/",
    "https://[2001:db8::1]/v1",
    "http://127.0.0.1:8080/v1",
    "http://127.9.8.7/v1",
    "http://[::1]:8080",
    "http://localhost:8080/v1",
]
BAD = [
    "",
    "api.example.com",
    "//api.example.com",
    "http://api.example.com/v1",
    "http://10.0.0.1",
    "http://169.254.1.1",
    "http://0.0.0.0:80",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://127.1",
    "http://2130706433",
    "http://[::ffff:10.0.0.1]",
    "http://[::1",
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1@example.com/",
    "http://localhost@example.com",
    "http://localhost#@example.com/",
    "https://user:secret@api.example.com",
    "https://:secret@api.example.com",
    "https://@api.example.com",
    "https://api.example.com?key=1",
    "https://api.example.com/?",
    "https://api.example.com/#",
    "https://api.example.com:99999",
    "https://api.example.com:0",
    "https://api.example.com:x",
    "https://",
    "https:///v1",
    "https://api.exa mple.com",
    "https://api.example.com\n",
    "\thttps://api.example.com",
    "https://ex%61mple.com",
    "https://api.example.com/v1/../x",
    "https://api.example.com/%2e%2e/x",
    "https://exämple.com",
    "ftp://api.example.com",
    "file:///etc/passwd",
    "ws://localhost",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", GOOD)
def test_https_or_this_machine_is_sound(url: str) -> None:
    assert not base_fault(url)


@pytest.mark.parametrize("url", BAD)
def test_anything_else_is_refused(url: str) -> None:
    assert base_fault(url)


@given(st.text())
def test_no_text_makes_the_rules_fail_or_repeats_itself(url: str) -> None:
    for said in (base_fault(url), proxy_fault(url)):
        assert len(said) < 100
        assert len(url) < 12 or url not in said


@pytest.mark.parametrize("url", ["http://proxy:3128", "https://ana:pw@proxy.example:1/"])
def test_a_proxy_may_be_plain_and_have_a_password(url: str) -> None:
    assert not proxy_fault(url)


@pytest.mark.parametrize(
    "url", ["proxy:3128", "socks5://x:1", "http://x/y", "http://x?y", "http://"]
)
def test_a_proxy_is_a_host_and_a_port(url: str) -> None:
    assert proxy_fault(url)


def test_this_machine_is_told_by_its_spelling() -> None:
    near = ("http://127.0.0.1:1/v1", "http://[::1]", "https://localhost")
    assert all(is_near(url) for url in near)
    assert not is_near("https://api.example.com/127.0.0.1")
