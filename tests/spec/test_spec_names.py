"""Which names are allowed, and which one was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.spec.names import (
    FORBIDDEN,
    ITEM_WORDS,
    MAX_NAME,
    STEP_WORDS,
    all_sound,
    did_you_mean,
    folded,
    identifier_fault,
    name_fault,
    near,
)
from kinoform.spec.paths import export_fault, path_fault, tidy


@pytest.mark.parametrize(
    "name", ["s010", "010", "16-9", "café", "шот", "镜头", "🎬", "_", "a(b)", "prev", "key", "con1"]
)
def test_ordinary_names_are_allowed(name: str) -> None:
    assert not name_fault(name, ITEM_WORDS)


@pytest.mark.parametrize("name", [*(f"a{sign}b" for sign in FORBIDDEN), "a b", "a\tb", "a\u00a0b", "a\nb", "a\x00b",
                                  "a\u202eb", "a\u200bb", "\ufeffa", "", "x" * 61, "é" * 31, "con", "NUL", "Com1", "lpt¹"])  # fmt: skip
def test_names_that_no_file_system_or_address_takes_are_refused(name: str) -> None:
    assert name_fault(name)


@pytest.mark.parametrize("name", ["first_frame", "last_frame", "frame", "Frame"])
def test_words_with_a_meaning_of_their_own_are_refused(name: str) -> None:
    assert name_fault(name, ITEM_WORDS)
    assert name_fault(name, STEP_WORDS)


def test_a_step_is_not_called_draft_but_a_shot_may_be() -> None:
    assert name_fault("draft", STEP_WORDS)
    assert not name_fault("draft", ITEM_WORDS)


@pytest.mark.parametrize("name", ["a", "_x", "fps2", "größe"])
def test_variables_are_plain_words(name: str) -> None:
    assert not identifier_fault(name)


@pytest.mark.parametrize(
    "name", ["", "2a", "a-b", "a b", "none", "loop", "in", "class", "__x", "a.b"]
)
def test_other_variables_are_refused(name: str) -> None:
    assert identifier_fault(name)


@given(st.text(max_size=80))
def test_a_good_name_is_short_and_folds_to_one_text(name: str) -> None:
    if not name_fault(name):
        assert len(name.encode()) <= MAX_NAME
        assert not set(name) & set(FORBIDDEN)
        assert name.split() == [name]
    assert folded(folded(name)) == folded(name) or not name.isascii()


@given(
    st.lists(st.text(alphabet="aB-_ 1.é", max_size=3) | st.sampled_from(["draft", "NUL", "x" * 61]))
)
def test_names_that_are_sound_at_once_are_sound_one_by_one(names: list[str]) -> None:
    one_by_one = not any(name_fault(name, STEP_WORDS) for name in names)
    apart = len({folded(name) for name in names}) == len(names)
    if all_sound(names, STEP_WORDS):
        assert one_by_one
        assert apart
    elif one_by_one and apart and "".join(names).replace("-", "").replace("_", "").isalnum():
        assert not "".join(names).isascii()  # in doubt only where names are of other scripts


def test_names_that_one_file_system_takes_for_one_fold_together() -> None:
    assert folded("S010") == folded("s010")
    assert folded("STRASSE") == folded("straße")
    assert folded("cafe\u0301") == folded("CAF\u00c9")


def test_the_near_name_is_found() -> None:
    assert near("promt", ["size", "prompt"]) == "prompt"
    assert near("PROMPT", ["size", "prompt"]) == "prompt"
    assert near("zzz", ["size", "prompt"]) == ""
    assert did_you_mean("zzz", ["size", "prompt"]) == "there is size, prompt"
    assert did_you_mean("zzz", []) == ""


@pytest.mark.parametrize("path", ["", " ", "/etc/passwd", "../x", "a/../../x", "C:x", "c:/x", "a\\b", "\\\\srv\\x",
                                  "a\0b", "a\nb", "https://x/y", "x:stream", "a/.."])  # fmt: skip
def test_paths_that_leave_the_project_are_refused(path: str) -> None:
    assert path_fault(path)


@pytest.mark.parametrize("path", ["a", "a/b.yaml", "./a", "shots/*.yaml", "..a", "a..b", "ä/ö"])
def test_paths_inside_the_project_are_allowed(path: str) -> None:
    assert not path_fault(path)


@given(st.text(st.sampled_from("ab./\\:~ *\0"), max_size=12))
def test_a_path_without_fault_stays_inside(path: str) -> None:
    if not path_fault(path):
        assert not tidy(path).startswith("/")
        assert ".." not in tidy(path).split("/")


@pytest.mark.parametrize(
    "path", ["picks/x", "./Picks/x", "kinoform.lock/x", ".git/hooks/x", "a/.hidden", "a/"]
)
def test_exports_do_not_write_over_records_or_into_hidden_folders(path: str) -> None:
    assert export_fault(path)


def test_exports_may_write_elsewhere() -> None:
    assert not export_fault("deliver/lamp.mp4")


def test_one_slip_is_found_among_however_many_names() -> None:
    names = dict.fromkeys(f"s{n}" for n in range(20_000))
    assert near("s19980x", names) == "s19980"
    assert near("s199800", [*names]) == "s19980"
