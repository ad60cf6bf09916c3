"""A secret is never shown, and what quotes it is masked in every usual form."""

from __future__ import annotations

import copy
import json
import pickle
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.secret import Secret, masked, masked_text

KEY = "rw-live/7Qx+canary~?9f3=zz"
KEYS = st.text(min_size=12, max_size=60, alphabet=st.characters(codec="utf-8"))


def test_a_secret_shows_itself_nowhere_but_where_it_is_revealed() -> None:
    secret = Secret(KEY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>9}", f"{[secret]}"]
    assert not any(KEY in text for text in shown)
    assert secret.reveal() == KEY


def test_a_secret_is_not_pickled_or_copied() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(KEY))
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(KEY))


def test_two_secrets_of_one_value_are_equal_and_nothing_else_is() -> None:
    assert Secret("ä") == Secret("ä")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


def test_the_empty_secret_masks_nothing() -> None:
    assert masked(b"abc", [Secret("")]) == b"abc"


@given(KEYS)
def test_every_usual_form_of_a_secret_is_masked(key: str) -> None:
    raw = key.encode()
    forms = [
        key, b64encode(raw).decode(), b64encode(raw).decode().rstrip("="),
        urlsafe_b64encode(raw).decode(), quote(key, safe=""), quote_plus(key),
        json.dumps(key)[1:-1], quote(b64encode(raw), safe=""),
    ]  # fmt: skip
    for form in forms:
        assert masked_text(f"<{form}>", [Secret(key)]).strip("<>=").startswith("***")
        assert form.encode() not in masked(b"<" + form.encode() + b">", [Secret(key)])


@given(KEYS, st.binary(max_size=9), st.binary(max_size=9))
def test_base64_that_quotes_a_secret_is_masked_at_each_alignment(
    key: str, before: bytes, after: bytes
) -> None:
    text = b64encode(before + key.encode() + after)
    assert b"***" in masked(text, [Secret(key)])


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert masked_text("abcdef-1 abcdef", [Secret("abcdef"), Secret("abcdef-1")]) == "*** ***"
