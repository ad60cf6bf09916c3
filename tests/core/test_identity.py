"""Accounts and task ids: they follow from the key alone, and look as their readers need them."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.identity import fingerprint, hkdf, task_id, task_secret
from kinoform.core.secret import Secret

KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)
ACTIONS = st.text("0123456789abcdef", min_size=64, max_size=64)
EPOCHS = st.integers(0, 10_000)


def of(api_key: str, action: str, epoch: int = 0) -> str:
    return task_id(task_secret(Secret(api_key)), action, epoch)


@given(KEYS, ACTIONS, EPOCHS)
def test_a_task_id_is_a_uuid_of_version_4(api_key: str, action: str, epoch: int) -> None:
    made = uuid.UUID(of(api_key, action, epoch))
    assert made.version == 4
    assert made.variant == uuid.RFC_4122
    assert str(made) == of(api_key, action, epoch)


@given(st.sets(st.tuples(KEYS, ACTIONS, EPOCHS), min_size=2, max_size=20))
def test_another_key_action_or_epoch_gives_another_id(tasks: set[tuple[str, str, int]]) -> None:
    assert len({of(*task) for task in tasks}) == len(tasks)


def test_the_derivations_never_change() -> None:
    assert of("an example key", "a" * 64) == "50255189-320e-4fa2-ba71-4464381ba3ce"
    assert of("an example key", "a" * 64, 1) == "007e6527-e3dd-48cc-8594-9085476dfcf9"
    assert fingerprint(Secret("an example key")) == "44fbc351eaa0"


@given(st.sets(KEYS, min_size=2, max_size=20))
def test_accounts_are_told_apart_by_twelve_hex_digits(keys: set[str]) -> None:
    made = {fingerprint(Secret(key)) for key in keys}
    assert len(made) == len(keys)
    assert all(len(each) == 12 and int(each, 16) >= 0 for each in made)


def test_the_derivation_is_that_of_rfc_5869() -> None:
    expected = (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
    assert hkdf(b"\x0b" * 22, b"", 42).hex() == expected
