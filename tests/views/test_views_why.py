"""Why a step is not what it was: words, and the chain of causes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from build_steps import Shelf, answer, film, step, still

from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Graph, Ref
from kinoform.views import why as views

Heads = dict[tuple[str, int], str]


def make(graph: Graph, shelf: Shelf) -> Heads:
    """Answer every key until all are known; what each step was last."""
    while True:
        survey = plan(graph, shelf.world(), wish(graph))[1]
        fresh = {n: k for n, k in survey.keys.items() if k not in shelf.results}
        if not fresh:
            return {(graph.steps[n].id, t): key for (n, t), key in survey.keys.items()}
        for (number, take), key in fresh.items():
            kind = graph.steps[number].op.kind
            shelf.results[key] = answer(key, survey.manifests[number, take], kind)


def inquiry(graph: Graph, shelf: Shelf, heads: Heads) -> views.Inquiry:
    return views.Inquiry(*plan(graph, shelf.world(heads=heads), wish(graph)))


def ask(graph: Graph, shelf: Shelf, heads: Heads, name: str) -> views.Cause:
    return inquiry(graph, shelf, heads).ask(graph.index[name], 1)


def notes(words: str = "climbs", **more: Any) -> Graph:
    return build(
        [
            step("note", text=f"Mara {words} the stair"),
            step("page", of=Ref("note"), **more),
            step("book", of=Ref("page")),
        ]
    )


def test_a_step_without_a_past_was_never_made() -> None:
    assert ask(notes(), Shelf(), {}, "note").note == "never made before"


def test_a_step_that_is_as_it_was_says_so() -> None:
    shelf = Shelf()
    heads = make(notes(), shelf)
    found = ask(notes(), shelf, heads, "book")
    assert (found.verdict, found.note) == ("reuse", "nothing changed since it was made")


def test_a_changed_input_leads_to_the_words_that_changed() -> None:
    shelf = Shelf()
    heads = make(notes(), shelf)
    found = ask(notes("descends"), shelf, heads, "book")
    assert list(views.lines(found)) == [
        "book  run",
        "  of changed: page",
        "    page  run",
        "      of changed: note",
        "        note  run",
        "          text: Mara climbs the stair → Mara descends the stair",
    ]


def test_an_edit_of_its_own_is_told_beside_that_of_an_input() -> None:
    shelf = Shelf()
    heads = make(notes(), shelf)
    found = ask(notes("descends", size=2), shelf, heads, "page")
    assert [(c.reason.path, bool(c.because)) for c in found.changes] == [
        ("of", True),
        ("size", False),
    ]


def test_behind_a_purchase_that_will_run_the_cause_is_told_already() -> None:
    shelf = Shelf()

    def lamp(prompt: str) -> Graph:
        return build([still("still", prompt=prompt), still("clip", first=Ref("still"), dur=5)])

    heads = make(lamp("a lamp"), shelf)
    found = ask(lamp("two lamps"), shelf, heads, "clip")
    assert list(views.lines(found)) == [
        "clip  wait",
        "  first changed: still",
        "    still  run",
        "      prompt: a lamp → two lamps",
    ]


def test_an_earlier_recipe_is_recognised() -> None:
    shelf = Shelf()
    make(notes(), shelf)
    heads = make(notes("descends"), shelf)
    found = ask(notes(), shelf, heads, "note")
    assert (found.verdict, found.note) == ("reuse", "an earlier recipe again")


def test_bytes_that_are_gone_are_the_reason() -> None:
    shelf = Shelf()
    heads = make(notes(), shelf)
    shelf.gone = {b.digest for r in shelf.results.values() for b in r.outputs}
    assert ask(notes(), shelf, heads, "book").note == "its bytes are not in this store"


def test_each_step_is_explained_once() -> None:
    def fan(text: str) -> Graph:
        return build(
            [
                step("a", text=text),
                *(step(f"b@s{n}", of=Ref("a"), n=n) for n in range(3)),
                step("c", all=[Ref(f"b@s{n}") for n in range(3)]),
            ]
        )

    shelf = Shelf()
    heads = make(fan("x"), shelf)
    told = list(views.lines(ask(fan("y"), shelf, heads, "c")))
    assert sum("text: x → y" in line for line in told) == 1


def test_a_thousand_changes_are_counted_for_people_and_kept_as_data() -> None:
    def fan(text: str) -> Graph:
        notes = [step(f"a@s{n}", text=f"{text} {n}") for n in range(1000)]
        return build([*notes, step("b", all=[Ref(note.id) for note in notes])])

    shelf = Shelf()
    heads = make(fan("x"), shelf)
    found = ask(fan("y"), shelf, heads, "b")
    assert list(views.lines(found))[-1] == f"  and {1000 - views.EACH} more"
    assert len(views.row(found)["changes"]) == 1000


def test_a_very_long_chain_ends_without_a_fault() -> None:
    def chain(text: str) -> Graph:
        links = [step(f"s{n}", of=Ref(f"s{n - 1}")) for n in range(1, 2000)]
        return build([step("s0", text=text), *links])

    shelf = Shelf()
    heads = make(chain("x"), shelf)
    assert len(list(views.lines(ask(chain("y"), shelf, heads, "s1999")))) == 2 * views.DEPTH + 2


def test_the_bill_is_that_of_the_step_and_of_all_made_from_it() -> None:
    bill = inquiry(film(2), Shelf(), {}).bill(0)
    assert (bill.own.expected, bill.runs) == (Decimal("0.03"), 1)
    assert (bill.whole.expected, bill.whole_runs) == (Decimal("1.03"), 3)


def test_a_cause_is_plain_data() -> None:
    shelf = Shelf()
    heads = make(notes(), shelf)
    row = views.row(ask(notes("descends"), shelf, heads, "page"))
    assert row["changes"][0]["source"] == "note"
    assert row["changes"][0]["because"]["changes"][0]["new"] == "Mara descends the stair"
