"""`pending`, `settle` and `cost` on a ledger with paid work in it."""

from __future__ import annotations

from contextlib import chdir
from typing import TYPE_CHECKING

import pytest
from desk import Typed, at_home
from paid_work import Work

from kinoform.api.home import open_home
from kinoform.cli.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kinoform.core.tasks import Task


class Owner(Typed):
    """Somebody with two projects."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(capsys)
        self.root = root
        self.film, self.other = root / "film", root / "other"
        for folder in (self.film, self.other):
            folder.mkdir()
            (folder / "pipeline.yaml").write_text("this: [is no pipeline", "utf-8")
        self.work = Work(project=str(self.film.resolve()))

    def record(self, work: Work | None = None) -> None:
        """Write the attempts so far into the ledger."""
        open_home().ledger.append((work or self.work).events)

    def task(self, intent: str) -> Task:
        """As the ledger has it now."""
        (found,) = (t for t in open_home().ledger.tasks() if t.id.startswith(intent))
        return found


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Owner]:
    with at_home(tmp_path / "home"), chdir(tmp_path):
        yield Owner(tmp_path, capsys)


@pytest.fixture
def doubtful(desk: Owner) -> Owner:
    """One task that nobody can tell the outcome of."""
    intent = desk.work.begin("clip@s020", intent="3f9a21bc00000001")
    desk.work.then(intent, "unknown", candidates=["p-1", "p-2"], why="the line went dead")
    desk.record()
    return desk


@pytest.fixture
def lost(desk: Owner) -> Owner:
    """One task whose results nobody can get any more."""
    intent = desk.work.begin("clip@s020", intent="3f9a21bc00000001")
    desk.work.then(intent, "ack", "gone", paid="0.56")
    desk.record()
    return desk


# Pending


def test_nothing_is_pending_at_first(desk: Owner) -> None:
    assert desk("pending") == Exit.DONE
    assert desk.out == "nothing is pending\n"
    assert desk.json("pending")["tasks"] == []


def test_what_goes_on_by_itself_is_listed_with_the_command_to_go_on(desk: Owner) -> None:
    desk.work.then(desk.work.begin("clip@s010"), "ack")
    desk.work.bought("clip@s020")
    desk.record()
    assert desk("pending", "film") == Exit.DONE
    assert "running at wavespeed" in desk.out
    assert "clip@s020" not in desk.out
    assert desk.out.splitlines()[-1] == "go on with: kinoform resume film"


def test_status_says_that_paid_work_is_under_way(desk: Owner) -> None:
    (desk.film / "pipeline.yaml").write_text("kinoform: 1\nname: film\nsteps: {}\n", "utf-8")
    assert desk("status", "film") == Exit.DONE
    assert "pending" not in desk.out
    desk.work.then(desk.work.begin("clip@s010"), "ack")
    desk.record()
    assert desk("status", "film") == Exit.DONE
    assert "pending: 1 task, $0.56 reserved: kinoform pending film" in desk.out


def test_doubt_and_loss_end_with_four_and_say_how_to_decide(doubtful: Owner) -> None:
    assert doubtful("pending", "film") == Exit.SPEND
    assert "it may be one of 2 tasks" in doubtful.out
    assert "\n  kinoform settle 3f9a21bc --adopt p-2\n" in doubtful.out
    assert "\n  kinoform settle 3f9a21bc --never-happened\n" in doubtful.out


def test_without_a_project_all_work_is_listed_with_its_project(doubtful: Owner) -> None:
    more = Work(project=str(doubtful.other.resolve()))
    more.then(more.begin("still"), "ack")
    doubtful.record(more)
    doubtful("pending")
    assert str(doubtful.film.resolve()) in doubtful.out
    assert len(doubtful.json("pending")["tasks"]) == 2
    assert doubtful.json("pending")["project"] is None
    assert [task["step"] for task in doubtful.json("pending", "other")["tasks"]] == ["still"]
    with chdir(doubtful.other):
        assert [task["step"] for task in doubtful.json("pending")["tasks"]] == ["still"]


@pytest.mark.parametrize(
    ("word", "count"),
    [("clip", 1), ("clip@s020", 1), ("s020", 1), ("clip@*", 1), ("3f9a", 1), ("still", 0)],
)
def test_targets_are_names_items_globs_and_ids(doubtful: Owner, word: str, count: int) -> None:
    assert len(doubtful.json("pending", "film", word)["tasks"]) == count


def test_a_deleted_pipeline_hides_nothing(doubtful: Owner) -> None:
    (doubtful.film / "pipeline.yaml").unlink()
    assert doubtful("pending", "film") == Exit.SPEND
    (doubtful.other / "pipeline.yaml").unlink()
    assert doubtful("pending", "other") == Exit.USAGE
    assert "no-pipeline" in doubtful.err


# Settle


def test_a_task_is_adopted_and_goes_on_from_there(doubtful: Owner) -> None:
    assert doubtful("settle", "3f9a", "--adopt", "p-1", "--by", "ana") == Exit.DONE
    assert "adopted p-1, said by ana" in doubtful.out
    task = doubtful.task("3f9a")
    assert (task.state, task.task, task.data["how"]) == ("running", "p-1", "adopted")
    assert doubtful("pending") == Exit.DONE


def test_what_never_happened_holds_no_money_any_more(doubtful: Owner) -> None:
    found = doubtful.json("settle", "3f9a21bc", "--never-happened", "--by", "ana")
    assert found == {
        "version": 1, "intent": "3f9a21bc00000001", "step": "clip@s020", "take": 1,
        "project": str(doubtful.film.resolve()), "how": "never-happened", "state": "void",
        "task": None, "by": "ana", "estimate": "0.56",
    }  # fmt: skip
    assert doubtful.task("3f9a").reserved == 0


def test_buying_again_is_said_with_its_price_and_needs_a_word(doubtful: Owner) -> None:
    assert doubtful("settle", "3f9a", "--resubmit") == Exit.SPEND
    assert "$0.56 is paid twice" in doubtful.err
    assert doubtful.task("3f9a").state == "unknown"
    assert doubtful("settle", "3f9a", "--resubmit", "--yes") == Exit.DONE
    assert doubtful.task("3f9a").state == "settled"


def test_what_is_lost_can_be_let_go_of(lost: Owner) -> None:
    assert lost("pending") == Exit.SPEND
    assert lost("settle", "3f9a", "--forget") == Exit.DONE
    assert lost("pending") == Exit.DONE
    assert lost.json("cost", "film")["wasted"] == {"settled: forgotten": "0.56"}


def test_letting_go_of_what_may_still_come_needs_a_word(desk: Owner) -> None:
    desk.work.then(desk.work.begin("clip@s020", intent="3f9a21bc00000001"), "ack", "parked")
    desk.record()
    assert desk("settle", "3f9a", "--forget") == Exit.SPEND
    assert desk("settle", "3f9a", "--forget", "--yes") == Exit.DONE


@pytest.mark.parametrize("words", [
    ("--forget",), ("--adopt", "two words"), ("--adopt", "x" * 201), ("--adopt", "a\x1bb"), (),
    ("--resubmit", "--forget"),
])  # fmt: skip
def test_what_cannot_be_said_changes_nothing(doubtful: Owner, words: tuple[str, ...]) -> None:
    assert doubtful("settle", "3f9a", *words) == Exit.USAGE
    assert "\x1b" not in doubtful.err
    assert doubtful.task("3f9a").state == "unknown"


def test_a_state_that_leaves_nothing_to_decide_says_what_goes_on(desk: Owner) -> None:
    desk.work.begin("clip@s020", intent="3f9a21bc00000001")
    desk.work.bought("clip@s030", intent="77aa000000000001")
    desk.record()
    assert desk("settle", "3f9a", "--never-happened") == Exit.USAGE
    assert "is not for --never-happened: submit begun, no answer yet" in desk.err
    assert "kinoform resume goes on with it" in desk.err
    assert desk("settle", "77aa", "--forget") == Exit.USAGE
    assert "there is nothing left to decide" in desk.err


def test_a_task_that_another_attempt_has_is_not_adopted_twice(doubtful: Owner) -> None:
    more = Work(project=str(doubtful.film.resolve()))
    more.then(more.begin("clip@s010"), "ack", task="p-1")
    doubtful.record(more)
    assert doubtful("settle", "3f9a", "--adopt", "p-1") == Exit.USAGE
    assert "error[task-taken]" in doubtful.err


def test_a_wrong_or_short_id_names_those_that_are_meant(doubtful: Owner) -> None:
    more = Work(project=str(doubtful.film.resolve()))
    more.then(more.begin("still@s010", intent="3f9a21bc00000002"), "unknown")
    doubtful.record(more)
    assert doubtful("settle", "3f9a", "--never-happened") == Exit.USAGE
    assert "3f9a21bc00000001 (clip@s020), 3f9a21bc00000002 (still@s010)" in doubtful.err
    assert doubtful("settle", "3f9a21bc00000002", "--never-happened") == Exit.DONE
    assert doubtful("settle", "3f9b21bc", "--never-happened") == Exit.USAGE
    assert "did you mean 3f9a21bc" in doubtful.err
    assert doubtful("settle", "zzzz", "--never-happened") == Exit.USAGE
    assert "kinoform pending lists them" in doubtful.err


# Cost


def test_costs_are_summed_by_what_was_asked(desk: Owner) -> None:
    desk.work.bought("still@s010", "0.028")
    desk.work.bought("clip@s010", "0.56")
    desk.work.then(desk.work.begin("clip@s020"), "refused", code="moderated")
    desk.work.old("still@s020", "0.028")
    desk.record()
    drafts = Work(project=f"{desk.film.resolve()}#draft")
    drafts.old("still@s010", "9")
    desk.record(drafts)
    found = desk.json("cost", "film", "--by", "shot")
    assert [(row["name"], row["paid"]) for row in found["rows"]] == [
        ("s010", "0.588"), ("s020", "0.028"),
    ]  # fmt: skip
    assert found["total"]["paid"] == desk.json("cost")["total"]["paid"] == "0.616"
    assert desk("cost", "film", "clip") == Exit.DONE
    assert "$0.56 paid for 1 task, 1 task refused, free as far as the provider said" in desk.out


def test_costs_begin_on_the_day_that_was_said(desk: Owner) -> None:
    desk.work.bought("still@s010", "0.028")
    desk.work.at += 3 * 86_400
    desk.work.bought("still@s020", "0.056")
    desk.record()
    found = desk.json("cost", "--since", "2026-11-29", "--by", "day")
    assert found["since"] == "2026-11-29"
    assert [row["paid"] for row in found["rows"]] == ["0.056"]
    assert desk("cost", "--since", "2099-01-01") == Exit.DONE
    assert desk.out == "nothing was bought\n"


def test_costs_go_into_a_sheet(desk: Owner) -> None:
    desk.work.bought("still@s010", "0.028")
    desk.record()
    assert desk("cost", "--csv") == Exit.DONE
    assert desk.out.splitlines() == [
        "step,tasks,estimate,reserved,paid,assumed,refused,wasted",
        "still,1,0.028,0,0.028,0,0,0",
    ]
    assert desk("cost", "--csv", "--json") == Exit.USAGE
