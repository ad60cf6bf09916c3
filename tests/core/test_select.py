"""The selection grammar."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_steps import film, step

from kinoform.core.errors import UsageError
from kinoform.core.graph import build
from kinoform.core.select import select
from kinoform.core.types import Graph, Ref


def _ids(graph: Graph, *expressions: str) -> list[str]:
    return [graph.steps[n].id for n in sorted(select(graph, expressions))]


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("reel", ["reel"]),
        ("clip@s002", ["clip@s002"]),
        ("clip", ["clip@s001", "clip@s002", "clip@s003"]),
        ("s002", ["still@s002", "clip@s002"]),
        ("clip@s00[12]", ["clip@s001", "clip@s002"]),
        ("+clip@s001", ["still@s001", "clip@s001"]),
        ("still@s001+", ["still@s001", "clip@s001", "reel"]),
        ("still@s001+1", ["still@s001", "clip@s001"]),
        ("1+reel", ["clip@s001", "clip@s002", "clip@s003", "reel"]),
        ("clip,s002", ["clip@s002"]),
        ("still@s001 reel", ["still@s001", "reel"]),
    ],
)
def test_an_expression_means(expression: str, ids: list[str]) -> None:
    assert _ids(film(3), expression) == ids


def test_tags_select_their_steps() -> None:
    graph = build([replace(step("a"), tags=("hero", "final")), step("b")])
    assert _ids(graph, "tag:hero") == ["a"]
    assert _ids(graph, "tag:fin*") == ["a"]


def test_inserted_steps_answer_to_their_full_id_only() -> None:
    graph = build([step("a@x"), replace(step("a@x.last_frame", v=Ref("a@x")), hidden=True)])
    assert _ids(graph, "a*") == ["a@x"]
    assert _ids(graph, "a@x.last_frame") == ["a@x.last_frame"]


def test_a_name_that_is_not_there_gets_the_near_one() -> None:
    with pytest.raises(UsageError) as caught:
        select(film(1), ["clpi@s001"])
    assert caught.value.problems[0].code == "no-such-step"
    assert "clip@s001" in caught.value.problems[0].hint


@pytest.mark.parametrize("expression", ["+", "++", "a++b"])
def test_what_is_no_selection_is_refused(expression: str) -> None:
    with pytest.raises(UsageError):
        select(film(1), [expression])
