"""A pick is one line that says what, from which recipe, by whom, when and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core import picks
from kinoform.core.types import Bytes, Derived, Pick

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), max_size=20)


@given(HEX, HEX, st.integers(1, 999), WORDS, WORDS, st.sampled_from(["pick", "pin"]))
def test_a_line_comes_back_as_the_pick(
    digest: str, recipe: str, take: int, by: str, why: str, kind: str
) -> None:
    pick = Pick("clip@s020", f"sha256:{digest}", recipe, take, by, "2026-11-20", why, kind)  # type: ignore[arg-type]  # drawn from the two words
    assert picks.read("clip@s020", picks.line(pick) + "\n") == pick


def test_what_was_adopted_has_no_recipe() -> None:
    pick = Pick("clip@s020", f"sha256:{'a' * 64}", "", 0, "ana", "2026-11-20", "by hand", "adopt")
    line = picks.line(pick)
    assert line == f"adopt sha256:{'a' * 64} | ana | 2026-11-20 | by hand"
    assert picks.read("clip@s020", line) == pick


def test_what_a_local_step_made_says_which_action_made_it_and_stays_derived() -> None:
    made = "c" * 64
    pick = Pick("cut", f"sha256:{'a' * 64}", "", 0, "ana", "2026-11-20", "", "adopt", made)
    assert picks.line(pick) == f"adopt sha256:{'a' * 64} made by {made} | ana | 2026-11-20"
    assert picks.read("cut", picks.line(pick)) == pick
    assert picks.identity(pick, 1) == Derived(made, 1)


def test_what_was_made_by_hand_is_known_by_its_bytes() -> None:
    pick = Pick("cut", f"sha256:{'a' * 64}", "", 0, "ana", "2026-11-20", "", "adopt")
    assert picks.identity(pick) == Bytes(pick.digest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256:abc | ana | today",
        f"sha256:{'a' * 64} | ana | today",
        f"<<<<<<< ours\nsha256:{'a' * 64} of {'b' * 64} take 1 | a | b\n=======",
        f"adopt sha256:{'a' * 64} of {'b' * 64} take 1 | ana | today",
        f"sha256:{'a' * 64} made by {'b' * 64} | ana | today",
    ],
)
def test_what_is_no_pick_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pick"):
        picks.read("clip@s020", text)


def test_a_file_names_its_instance() -> None:
    assert [picks.place(name) for name in ("clip@s020", "reel")] == ["clip/s020", "reel/_"]
