"""What is bought is bought once, goes on after every end of a run, and costs what was allowed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import ENOUGH, Film, executed, outcomes

from kinoform.api.consent import Consent
from kinoform.api.project import Asked
from kinoform.api.watch import Watch
from kinoform.core.errors import SpendError
from kinoform.stores.backup import NAME
from kinoform.stores.ledger import SqliteLedger

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.core.report import RunReport
    from kinoform.core.types import Event

TWO = """\
kinoform: 1
name: two
shots: {a: {does: a lamp}, b: {does: a stair}}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "{{ shot.does }}", size: "1K 16:9"}
"""


CHAIN = """\
kinoform: 1
name: chain
steps:
  still:
    uses: runware/klingai:kling-image@o3
    with: {prompt: a lamp, size: "1K 16:9"}
  edit:
    uses: runware/klingai:kling-image@3
    with: {prompt: in ink, image: "${{ out.still }}", size: "1K 16:9"}
"""


@pytest.fixture
def two(tmp_path: Path) -> Film:
    film = Film(tmp_path, TWO)
    film.provider.price = Decimal("0.028")
    return film


def _rebuy(film: Film, *words: str) -> RunReport:
    project = film.open()
    return project.run(project.plan(Asked(rebuy=words)), ENOUGH)


def _tasks(film: Film) -> list[str]:
    return [task.state for task in film.open().home.ledger.tasks()]


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_billed_twice(two: Film) -> None:
    two.provider.lose = 3
    assert two.run() == {"still@a", "still@b"}
    assert two.bought() == 5
    assert len(two.provider.billed) == 2
    assert _tasks(two) == ["done", "done"]


def test_a_run_that_pays_leaves_a_copy_of_the_ledger_which_holds_all_that_it_paid_for(
    two: Film,
) -> None:
    home = two.open().home
    two.run()
    with SqliteLedger(home.ledger.path.with_name(NAME), read_only=True) as copy:
        assert [task.state for task in copy.tasks()] == ["done", "done"]
        assert copy.tasks() == home.ledger.tasks()


def test_every_purchase_is_reserved_before_it_is_sent_and_settled_after(two: Film) -> None:
    two.run()
    kinds = [event.kind for event in two.open().home.ledger.events() if event.data.get("intent")]
    assert [kinds.count(kind) for kind in ("intent", "ack", "sample", "result")] == [2, 2, 2, 2]
    assert kinds[:2] == ["intent", "intent"]
    tasks = two.open().home.ledger.tasks()
    assert [(task.estimate, task.reserved, task.paid) for task in tasks] == [
        (Decimal("0.028"), Decimal(0), Decimal("0.028"))
    ] * 2


def test_a_refusal_is_remembered_and_sent_again_only_on_demand(two: Film) -> None:
    two.provider.refuses, two.provider.why = {"still@a"}, "moderation"
    assert outcomes(two.report()) == {"still@a": "failed", "still@b": "done"}
    again = two.report()
    assert outcomes(again)["still@a"] == "blocked"
    assert "refused this very request before" in again.problems()[0].message
    assert two.provider.submits["still@a"] == 1
    two.provider.refuses = set()
    assert executed(_rebuy(two, "still@a")) == {"still@a"}
    assert two.provider.submits["still@a"] == 2
    assert two.run() == set()


def test_a_refused_request_that_was_changed_is_another_one(two: Film) -> None:
    two.provider.refuses, two.provider.why = {"still@a"}, "moderation"
    two.report()
    two.provider.refuses = set()
    two.edit("a lamp", "a lantern")
    assert two.run() == {"still@a"}


def test_a_lost_result_is_bought_again_once_and_only_by_name(two: Film) -> None:
    two.run()
    two.delete("still@a")
    assert two.open().plan().lost == ("still@a",)
    two.report()
    assert two.bought() == 2
    two.provider.answer = lambda action: f"other {action.key}".encode()
    assert executed(_rebuy(two, "still@a")) == {"still@a"}
    assert two.bought() == 3
    assert executed(_rebuy(two, "still@a")) == set()
    assert two.bought() == 3


def test_a_model_that_takes_more_than_was_said_is_bought_no_more_in_this_run(two: Film) -> None:
    two.provider.price, two.provider.at_once = Decimal("0.05"), 1
    first = two.report()
    assert outcomes(first) == {"still@a": "done", "still@b": "blocked"}
    assert {problem.code for problem in first.problems()} == {"price-deviates"}
    planned = two.open().plan()
    assert planned.plan.price.expected == Decimal("0.028")
    assert planned.plan.price.worst == Decimal("0.05")
    assert {note.code for note in planned.plan.notes} == {"price-deviates"}
    assert two.run() == {"still@b"}


def test_a_total_holds_over_all_runs_of_the_project(two: Film) -> None:
    two.edit("name: two", "name: two\nbudget: {total: 0.05}")
    with pytest.raises(SpendError):
        two.report()
    first = two.report("still@a")
    assert outcomes(first) == {"still@a": "done"}
    second = two.report("still@b")
    assert outcomes(second) == {"still@b": "blocked"}
    assert {problem.code for problem in second.problems()} == {"above-budget"}
    assert two.bought() == 1


def test_nothing_is_spent_without_a_word(two: Film) -> None:
    with pytest.raises(SpendError):
        two.report(consent=Consent(yes=True))
    assert two.bought() == 0


def test_what_is_under_way_goes_on_and_costs_nothing_more(two: Film) -> None:
    """A run that ends between the answer and the result leaves the task running."""

    class Pulled(BaseException):
        """The plug."""

    def tell(event: Event) -> None:
        if event.kind == "ack":
            raise Pulled

    project = two.open()
    with pytest.raises(Pulled):
        project.run(project.plan(Asked(["still@a"])), ENOUGH, Watch(tell))
    planned = two.open().plan(Asked(["still@a"]))
    (decision,) = planned.plan.decisions
    assert (decision.verdict, decision.reasons[0].kind) == ("run", "under-way")
    assert planned.plan.price.worst == 0
    report = two.open().run(planned, Consent())
    assert executed(report) == {"still@a"}
    assert len(two.provider.billed) == 1


def test_what_is_bought_again_makes_stale_what_was_made_from_it_and_the_plan_says_so(
    tmp_path: Path,
) -> None:
    film = Film(tmp_path, CHAIN)
    film.run()
    film.delete("still")
    project = film.open()
    planned = project.plan(Asked(rebuy=["still"]))
    verdicts = {d.step: d.verdict for d in planned.plan.decisions}
    assert verdicts == {"still": "run", "edit": "wait"}
    assert planned.plan.price.worst == 2 * Decimal("0.028")
    film.provider.answer = lambda action: f"other {action.key}".encode()
    report = project.run(planned, ENOUGH)
    assert executed(report) == {"still", "edit"}
    assert not report.notes
    assert film.run() == set()
    (line,) = (film.root / "kinoform.lock/steps/still/_").read_text("utf-8").splitlines()
    digest = next(e for e in report.steps if e.step == "still").outputs[0].digest
    assert digest in line
