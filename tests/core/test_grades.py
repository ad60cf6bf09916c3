"""Grades: of a result by itself, and of a build, which is its weakest link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from build_steps import Shelf, answer, film, step, still
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core import grades
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Pick, Ref

if TYPE_CHECKING:
    from kinoform.core.survey import Survey
    from kinoform.core.types import Grade, Graph


def made(graph: Graph, shelf: Shelf) -> Survey:
    """The survey once every key is answered."""
    while True:
        survey = plan(graph, shelf.world(), wish(graph))[1]
        fresh = {n: k for n, k in survey.keys.items() if k not in shelf.results}
        if not fresh:
            return survey
        for (number, take), key in fresh.items():
            kind = graph.steps[number].op.kind
            shelf.results[key] = answer(key, survey.manifests[number, take], kind)


def builds(survey: Survey) -> tuple[grades.Build, ...]:
    return grades.builds(survey, wish(survey.graph).final)


def test_a_reel_is_as_weak_as_the_first_still_that_was_bought() -> None:
    (found,) = builds(made(film(3), Shelf()))
    assert found == grades.Build("reel", "archived", "still@s001", links=6, hosted=6)


def test_what_is_made_here_from_what_is_made_here_is_exact() -> None:
    graph = build([step("a", x=1), step("b", of=Ref("a"))])
    (found,) = builds(made(graph, Shelf()))
    assert (found.step, found.grade) == ("b", "exact")


def test_what_is_not_made_yet_has_no_grade() -> None:
    graph = film(2)
    assert builds(plan(graph, Shelf().world(), wish(graph))[1]) == ()


def test_final_steps_of_one_name_are_one_build() -> None:
    graph = build([still("still@a", x=1), still("still@b", x=2), step("note", x=3)])
    found = builds(made(graph, Shelf()))
    assert [(b.step, b.grade, b.links) for b in found] == [
        ("still", "archived", 2),
        ("note", "exact", 1),
    ]


def test_order_alone_makes_nothing_weaker() -> None:
    graph = build([still("a", x=1), replace(step("b", x=2), needs=("a",))])
    assert [b.grade for b in builds(made(graph, Shelf())) if b.step == "b"] == ["exact"]


def test_bytes_that_were_chosen_end_the_chain() -> None:
    graph, shelf = build([step("a", x=1), step("b", of=Ref("a"))]), Shelf()
    pick = Pick("a", f"sha256:{'7' * 64}", "", 0, "ana", "2026-11-20", kind="adopt")

    def look() -> Survey:
        return plan(graph, shelf.world(picks={"a": pick}), wish(graph))[1]

    for (number, take), key in look().keys.items():
        shelf.results[key] = answer(key, look().manifests[number, take], "local")
    (found,) = builds(look())
    assert (found.grade, found.weakest, found.links) == ("archived", "a", 1)


def test_a_seed_counts_only_where_the_model_honours_it() -> None:
    result = answer("k", {}, "hosted")
    assert grades.own(replace(result, seed=7)) == "archived"
    assert grades.own(replace(result, seed=7, grade="seeded")) == "seeded"
    assert grades.own(replace(result, grade="seeded")) == "archived"
    assert grades.own(replace(result, grade="exact")) == "archived"
    assert grades.own(replace(result, kind="local")) == "exact"
    assert grades.own(replace(result, kind="local", origin="adopted")) == "archived"


@given(st.lists(st.sampled_from(grades.ORDER)))
def test_nothing_makes_a_build_better_than_its_parts(parts: list[Grade]) -> None:
    rank = grades.ORDER.index
    assert rank(grades.weakest(parts)) == max(map(rank, parts), default=0)


@given(st.data())
def test_a_link_is_never_better_than_any_input(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 9))
    steps = []
    for number in range(count):
        before = [f"s{n}" for n in range(number) if data.draw(st.booleans())]
        kind = still if data.draw(st.booleans()) else step
        steps.append(kind(f"s{number}", n=number, of=[Ref(name) for name in before]))
    survey = made(build(steps), Shelf())
    links, rank = grades.links(survey), grades.ORDER.index
    for node, link in links.items():
        inputs = [
            survey.node(ref)
            for ref in survey.graph.steps[node[0]].inputs.values()
            if isinstance(ref, Ref)
        ]
        hosted = survey.graph.steps[node[0]].op.kind == "hosted"
        own = "archived" if hosted else "exact"
        assert rank(link.grade) == max([rank(own), *(rank(links[n].grade) for n in inputs)])
        assert rank(links[link.weakest].grade) == rank(link.grade)
