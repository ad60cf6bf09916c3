"""The selection grammar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_steps import film, step

from kinoform.core.errors import Problem, UsageError
from kinoform.core.graph import build
from kinoform.core.select import NOTHING, Known, barren, methods, select, words
from kinoform.core.types import Graph, Ref


def _ids(graph: Graph, *expressions: str, known: Known = NOTHING) -> list[str]:
    return [graph.steps[n].id for n in sorted(select(graph, expressions, known))]


def _wrong(graph: Graph, *expressions: str, known: Known = NOTHING) -> tuple[Problem, ...]:
    with pytest.raises(UsageError) as caught:
        select(graph, expressions, known, "--select")
    return caught.value.problems


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("reel", ["reel"]),
        ("clip@s002", ["clip@s002"]),
        ("clip", ["clip@s001", "clip@s002", "clip@s003"]),
        ("s002", ["still@s002", "clip@s002"]),
        ("clip@s00[12]", ["clip@s001", "clip@s002"]),
        ("s00[!1]", ["still@s002", "still@s003", "clip@s002", "clip@s003"]),
        ("+clip@s001", ["still@s001", "clip@s001"]),
        ("still@s001+", ["still@s001", "clip@s001", "reel"]),
        ("+clip@s001+", ["still@s001", "clip@s001", "reel"]),
        ("still@s001+1", ["still@s001", "clip@s001"]),
        ("1+reel", ["clip@s001", "clip@s002", "clip@s003", "reel"]),
        ("0+reel", ["reel"]),
        ("1+clip@s001+1", ["still@s001", "clip@s001", "reel"]),
        ("clip,s002", ["clip@s002"]),
        ("+clip@s001,still@s001+1", ["still@s001", "clip@s001"]),
        ("still@s001 reel", ["still@s001", "reel"]),
        ("clip,s001 still,s002", ["still@s002", "clip@s001"]),
    ],
)
def test_an_expression_means(expression: str, ids: list[str]) -> None:
    assert _ids(film(3), expression) == ids


def test_no_expression_selects_nothing() -> None:
    assert _ids(film(1)) == _ids(film(1), "") == _ids(film(1), "  ") == []


def test_tags_select_their_steps() -> None:
    graph = build([replace(step("a"), tags=("hero", "final")), step("b")])
    assert _ids(graph, "tag:hero") == ["a"]
    assert _ids(graph, "tag:fin*") == ["a"]


def test_models_are_named_by_alias_by_full_id_and_by_glob() -> None:
    known = Known(models={"still": {"board", "acme/brush:1@o3"}, "clip": {"motion", "acme/reel"}})
    for name in ("model:board", "model:acme/brush:1@o3", "model:*brush*", "model:boa?d"):
        assert _ids(film(1), name, known=known) == ["still@s001"]
    assert _ids(film(1), "model:acme/*,s001", known=known) == ["still@s001", "clip@s001"]


def test_states_are_those_that_were_given() -> None:
    known = Known(states={"still@s001": {"done"}, "clip@s001": {"stale", "failed"}})
    assert _ids(film(1), "state:stale", known=known) == ["clip@s001"]
    assert _ids(film(1), "state:*e", known=known) == ["still@s001", "clip@s001"]
    assert _ids(film(1), "state:done+1", known=known) == ["still@s001", "clip@s001"]


def test_a_state_that_no_step_is_in_selects_nothing_and_is_no_mistake() -> None:
    assert _ids(film(1), "state:pinned") == []
    assert _ids(film(1), "state:pinned reel") == ["reel"]
    assert _ids(film(1), "reel,state:pinned") == []


def test_inserted_steps_answer_to_their_full_id_only() -> None:
    graph = build([step("a@x"), replace(step("a@x.last_frame", v=Ref("a@x")), hidden=True)])
    assert _ids(graph, "a*") == ["a@x"]
    assert _ids(graph, "a@x.last_frame") == ["a@x.last_frame"]
    assert _ids(graph, "a@x+") == ["a@x", "a@x.last_frame"]


def test_an_inserted_step_is_no_level_of_its_own() -> None:
    frame = replace(step("a@x.last_frame", v=Ref("a@x")), hidden=True)
    graph = build([step("a@x"), frame, step("b", v=Ref("a@x.last_frame")), step("c", v=Ref("b"))])
    assert _ids(graph, "1+b") == ["a@x", "a@x.last_frame", "b"]
    assert _ids(graph, "a@x+1") == ["a@x", "a@x.last_frame", "b"]
    assert _ids(graph, "0+b") == ["b"]


def test_names_are_compared_in_one_normal_form() -> None:
    assert _ids(build([step("caf\u00e9")]), "cafe\u0301") == ["caf\u00e9"]


# Numbers


def test_a_number_between_two_names_is_read_as_the_one_that_there_is() -> None:
    graph = build([step("a@010"), step("b@010", v=Ref("a@010")), step("c", v=Ref("b@010"))])
    assert _ids(graph, "010+1") == ["a@010", "b@010", "c"]
    assert _ids(graph, "1+010") == ["a@010", "b@010"]
    assert _ids(graph, "010+") == ["a@010", "b@010", "c"]


def test_two_readings_are_refused() -> None:
    (problem,) = _wrong(build([step("a@1"), step("a@2")]), "2+1")
    assert problem.code == "bad-selection"
    assert "2 levels above 1, or 2 below 1" not in problem.message
    assert "2 levels above 1, or 1 below 2" in problem.message


def test_more_levels_than_a_film_can_have_are_refused() -> None:
    assert _wrong(film(1), f"{'9' * 5000}+reel")[0].code == "bad-selection"


# Mistakes


def test_a_name_that_is_not_there_gets_the_near_one_and_its_place() -> None:
    (problem,) = _wrong(film(1), "clpi@s001")
    assert (problem.code, problem.path) == ("no-such-step", "--select")
    assert "clip@s001" in problem.hint


def test_everything_that_is_wrong_is_said_at_once() -> None:
    tagged = build([replace(step("a"), tags=("hero",))])
    problems = _wrong(tagged, "b", "tag:her,a", "state:stail model:a stat:done")
    assert [p.code for p in problems] == [
        "no-such-step",
        "no-such-tag",
        "no-such-state",
        "no-such-model",
        "bad-selection",
    ]
    assert problems[1].message == "no step has the tag 'her' (in 'tag:her,a')"
    assert [p.hint for p in problems[1:3]] == ["did you mean hero?", "did you mean stale?"]
    assert problems[4].hint == "did you mean state:done?"


def test_where_nothing_is_near_the_names_there_are_are_said() -> None:
    tagged = build([replace(step("a"), tags=("hero", "final"))])
    assert _wrong(tagged, "tag:x")[0].hint == "there are final, hero"
    assert _wrong(film(1), "tag:x")[0].hint == "no step has a tag"


@pytest.mark.parametrize("expression", ["+", "++", "a++b", ":", "tag:", ":x", "x:y", "+tag:+"])
def test_what_is_no_selection_is_refused(expression: str) -> None:
    assert _wrong(film(1), expression)[0].code == "bad-selection"


@pytest.mark.parametrize("expression", ["clip, s001", "clip ,s001", ",", "clip,,s001"])
def test_a_blank_beside_a_comma_is_refused_because_it_would_select_more(expression: str) -> None:
    assert {p.code for p in _wrong(film(1), expression)} == {"bad-selection"}


def test_an_empty_word_says_which_part_is_empty() -> None:
    (lost,) = words(film(2), ["clip,state:lost"])
    assert barren(lost) == "state:lost selects no step"
    (apart,) = words(film(2), ["clip,still"])
    assert barren(apart) == "no step is in all parts of clip,still (clip 2, still 2)"


def test_what_has_to_be_looked_up_is_known_from_the_words() -> None:
    assert methods(["clip", "+s010", "tag:x"]) == {"tag"}
    assert methods(["clip,state:done", "2+model:x"]) == {"state", "model"}
    assert methods([]) == frozenset()
