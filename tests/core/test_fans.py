"""Steps of one shape are kept together, and one is made when somebody looks at it."""

from __future__ import annotations

from build_steps import LOCAL, step

from kinoform.core.fans import Steps
from kinoform.core.graph import build
from kinoform.core.stencil import cut
from kinoform.core.types import Fan, Ref, Step

NAMES = ("a", "b", "c")


def posters(looked: list[int]) -> Fan:
    """A poster from each still; `looked` gets the rows that were made."""

    def made(row: int) -> Step:
        looked.append(row)
        return step(f"poster@{NAMES[row]}", LOCAL, image=Ref(f"still@{NAMES[row]}"))

    pattern = step("poster@a", LOCAL, image=Ref("still@a"))
    stencil = cut(pattern.params, [], [*pattern.inputs.values()])
    assert stencil is not None
    ids = [f"poster@{name}" for name in NAMES]
    return Fan([3, 4, 5], ids, pattern, stencil, [], [[Ref(f"still@{n}") for n in NAMES]], made)


def test_a_graph_knows_all_of_a_fan_before_any_step_of_it_is_made() -> None:
    looked: list[int] = []
    stills = [step(f"still@{name}", LOCAL) for name in NAMES]
    graph = build([*stills, None, None, None], [posters(looked)])
    assert graph.ids[3:] == ("poster@a", "poster@b", "poster@c")
    assert graph.needs[3:] == ((0,), (1,), (2,))
    assert graph.users[:3] == ((3,), (4,), (5,))
    assert [pattern.op for pattern in graph.patterns] == [LOCAL] * 6
    assert looked == []


def test_a_step_is_made_by_the_first_look_at_it() -> None:
    looked: list[int] = []
    steps = Steps(
        [step("still@a"), step("still@b"), step("still@c"), *[None] * 3], [posters(looked)]
    )
    assert steps[4].id == "poster@b"
    assert steps[4] is steps[-2]
    assert looked == [1]
    assert [each.id for each in steps[3:]] == ["poster@a", "poster@b", "poster@c"]
    assert sorted(looked) == [0, 1, 2]
    assert steps == tuple(steps)
