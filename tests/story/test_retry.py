"""Retry runs what failed in the last run and what that blocked, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from film import ENOUGH, Film, executed, outcomes

from kinoform.api.project import Asked

if TYPE_CHECKING:
    from kinoform.api.planning import Planned
    from kinoform.core.report import RunReport

BROKEN = {"still@s060"}
BEHIND = {"edit@s060", "clip@s060", "reel", "sheet"}


def _plan(film: Film, *targets: str, **more: object) -> Planned:
    return film.open().plan(Asked(targets, retry=True, **more))  # type: ignore[arg-type]  # fields by name


def _retry(film: Film, *targets: str, **more: object) -> RunReport:
    project = film.open()
    asked = Asked(targets, retry=True, **more)  # type: ignore[arg-type]  # fields by name
    return project.run(project.plan(asked), ENOUGH)


def _failed(film: Film, *targets: str) -> None:
    """A run in which one still fails; afterwards the provider is well again."""
    film.provider.refuses = set(BROKEN)
    film.report(*targets)
    film.provider.refuses = set()


def _said(film: Film, *targets: str) -> str:
    nothing = _plan(film, *targets).nothing
    return nothing.message if nothing else ""


def test_what_failed_is_run_again_with_what_it_blocked(film: Film) -> None:
    _failed(film)
    bought = film.bought()
    assert executed(_retry(film)) == BROKEN | BEHIND
    assert film.bought() == bought + 3
    assert film.run() == set()


def test_what_was_never_begun_is_left_alone(film: Film) -> None:
    _failed(film, "s060")
    assert executed(_retry(film)) == {"still@s060", "edit@s060", "clip@s060"}


def test_what_was_edited_since_is_left_alone_unless_it_is_needed(film: Film) -> None:
    _failed(film)
    film.edit("climbs the stair", "runs up the stair")
    assert executed(_retry(film, "edit@s060")) == {"still@s060", "edit@s060"}


def test_nothing_failed_is_said_and_nothing_is_planned(made: Film) -> None:
    assert _said(made) == "nothing failed in the last run"
    assert _plan(made).plan.decisions == ()


def test_there_may_be_no_last_run(film: Film) -> None:
    assert _said(film) == "nothing failed in the last run"


def test_only_the_last_run_counts(film: Film) -> None:
    _failed(film)
    film.edit("Mara climbs", "Mara runs up")
    film.report("s010")
    assert _said(film) == "nothing failed in the last run"


def test_a_run_that_finds_nothing_to_do_is_none_and_the_last_one_stays_the_last(film: Film) -> None:
    _failed(film)
    film.report("s010")
    assert executed(_retry(film)) == BROKEN | BEHIND


def test_a_retry_that_fails_again_can_be_retried(film: Film) -> None:
    _failed(film)
    film.provider.refuses = {"edit@s060"}
    assert outcomes(_retry(film))["edit@s060"] == "failed"
    film.provider.refuses = set()
    assert executed(_retry(film)) == {"edit@s060", "clip@s060", "reel", "sheet"}


def test_targets_and_exclusions_narrow_it(film: Film) -> None:
    _failed(film)
    assert executed(_retry(film, "s060", exclude=["clip"])) == {"still@s060", "edit@s060"}


def test_that_others_failed_is_said_where_none_of_the_named_did(film: Film) -> None:
    _failed(film)
    assert _said(film, "s010") == "none of these failed in the last run (5 others did)"


def test_what_was_turned_down_for_its_content_is_not_sent_again(film: Film) -> None:
    film.provider.why = "moderation"
    _failed(film)
    sent = film.provider.submits["still@s060"]
    report = _retry(film)
    assert outcomes(report)["still@s060"] == "blocked"
    assert film.provider.submits["still@s060"] == sent
    assert executed(_retry(film, rebuy=["still@s060"])) == BROKEN | BEHIND


def test_a_run_of_a_draft_and_one_in_earnest_do_not_mix(film: Film) -> None:
    _failed(film)
    nothing = film.open("all").plan(Asked(retry=True)).nothing
    assert nothing is not None
    film.run(draft="all")
    assert executed(_retry(film)) == BROKEN | BEHIND


def test_a_step_that_is_gone_from_the_film_is_passed_over(film: Film) -> None:
    _failed(film)
    film.edit("  sheet:\n", "  table:\n")
    assert executed(_retry(film)) == BROKEN | BEHIND - {"sheet"}


def test_what_failed_is_a_state_to_select_by_until_it_is_made(film: Film) -> None:
    _failed(film)
    project = film.open()
    planned = project.plan()
    goals = project.named(planned, Asked(select=["state:failed"])).goals
    assert goals == frozenset([planned.graph.index["still@s060"]])
    film.run("still@s060")
    again = project.plan()
    assert project.named(again, Asked(select=["state:failed"])).goals == frozenset()


def test_with_only_the_failed_ones_are_made_from_what_is_there(film: Film) -> None:
    _failed(film)
    assert executed(_retry(film, only=True)) == BROKEN | BEHIND
