"""Traps of the trade: values and names that other tools read wrongly, each with its answer."""

from __future__ import annotations

import pytest
from project_in_memory import document, faults, refused


def value(text: str) -> object:
    """The value of one field of a shot, written like this."""
    return document(f"shots:\n  s1:\n    field: {text}\n").shots.items["s1"]["field"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", 5), ('"5"', "5"), ("16:9", "16:9"), ("9:16", "9:16"), ("1:30", "1:30"), ("12:30:45", "12:30:45"),
        ("010", "010"), ("08", "08"), ("1e5", 1e5), ("1_000", "1_000"), ("2026-11-20", "2026-11-20"), ("NO", "NO"),
        ("off", "off"), ("1920x1080", "1920x1080"), ("a:b", "a:b"), ("a#b", "a#b"), ("it's", "it's"),
    ],
)  # fmt: skip
def test_a_bare_value_is_what_it_looks_like(text: str, expected: object) -> None:
    read = value(text)
    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize("sign", ["*", "&", "!", "%", "@", "- ", "`"])
def test_a_prompt_line_that_begins_with_a_sign_needs_quotes_and_is_told_so(sign: str) -> None:
    line = f"{sign} wide shot"
    problems = faults(lambda: value(line))
    assert any("quotes" in problem.hint for problem in problems)
    assert value(f'"{line}"') == line
    assert value(f"|\n      {line}") == f"{line}\n"
    assert value(f">-\n      {line}") == line


def test_a_sign_that_yaml_swallows_is_refused_or_remarked() -> None:
    assert refused("does: !wow she climbs\n") == [("tag", "1:7")]
    assert refused("does: *wow\n") == [("unknown-anchor", "1:7")]
    made = document("shots: {s1: {does: &hero climbs}}\n")
    assert [(p.code, p.hint[:11]) for p in made.warnings] == [("unused-anchor", "if the & be")]


def test_a_colon_or_a_hash_in_a_prompt_is_text_in_quotes_and_blocks() -> None:
    assert [p.code for p in faults(lambda: value("wide: she climbs"))] == ["syntax"]
    assert value("'wide: she climbs'") == "wide: she climbs"
    assert value("|-\n      wide: take #2 # yes") == "wide: take #2 # yes"
    assert value("wide take # a comment") == "wide take"


def test_the_ways_to_end_a_block_differ_in_outer_line_ends_only() -> None:
    blocks = [f"{sign}\n      one\n      two\n" for sign in ("|", "|-", "|+", "|2")]
    texts = [str(value(block)).strip() for block in blocks[:3]]
    assert texts == ["one\ntwo"] * 3


def test_windows_line_ends_change_nothing() -> None:
    text = "kinoform: 1\nshots:\n  s1:\n    does: |\n      one\n      two\n"
    unix, windows = document(text.encode()), document(text.replace("\n", "\r\n").encode())
    assert windows.shots.items == unix.shots.items
    assert windows.shots.where("s1") == unix.shots.where("s1")


def test_accents_in_two_forms_are_one_key_and_two_texts() -> None:
    assert (
        document("shots: {caf\u00e9: {}}").shots.order
        == document("shots: {cafe\u0301: {}}").shots.order
    )
    assert value("cafe\u0301") == "cafe\u0301"


def test_emoji_are_text_and_may_be_keys() -> None:
    made = document("shots: {🎬: {does: 🌊 rises}}\n")
    assert made.shots.items == {"🎬": {"does": "🌊 rises"}}


def test_duplicate_keys_are_refused_with_both_places() -> None:
    (problem,) = faults(lambda: document("shots:\n  s1: {}\n  s1: {}\n"))
    assert (problem.code, str(problem.where)) == ("duplicate-key", "pipeline.yaml:4:3")
    assert "line 3, column 3" in problem.message


def test_an_anchor_may_be_reused_across_shots() -> None:
    made = document("""
        shots:
          s1: &wide {scale: wide, dur: 5}
          s2: {<<: *wide, dur: 8}
          s3: *wide
    """)
    assert made.shots.items == {
        "s1": {"scale": "wide", "dur": 5},
        "s2": {"dur": 8, "scale": "wide"},
        "s3": {"scale": "wide", "dur": 5},
    }


def test_a_shot_named_prev_is_a_shot() -> None:
    assert document("shots: {prev: {}, next: {}}").shots.order == ("prev", "next")


def test_two_shots_that_differ_in_case_only_are_refused() -> None:
    (problem,) = faults(lambda: document("shots: {S010: {}, s010: {}}"))
    assert problem.code == "same-name"


def test_a_list_of_shots_is_told_to_be_a_map() -> None:
    (problem,) = faults(lambda: document("shots:\n  - {dur: 5}\n"))
    assert problem.hint == "use a map: the key is the identity, and the order stays"


def test_shots_are_not_known_by_numbers() -> None:
    (problem,) = faults(lambda: document("shots: {10: {}}"))
    assert (problem.code, problem.hint) == ("key-not-text", 'put it in quotes: "10"')
    assert document('shots: {"10": {}, 010: {}}').shots.order == ("10", "010")


@pytest.mark.parametrize("field", ["uses", "foreach", "pick", "takes", "timeout"])
def test_the_structure_of_a_step_is_no_template(field: str) -> None:
    body = {"uses": "p/m"} | {field: '"${{ vars.x }}"'}
    text = ", ".join(f"{key}: {item}" for key, item in body.items())
    (problem,) = faults(lambda: document(f"steps: {{a: {{{text}}}}}\n"))
    assert (problem.code, problem.path) == ("template-in-structure", f"steps.a.{field}")
