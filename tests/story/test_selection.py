"""What is made of a film is what was selected: by name, tag, model and state, alone or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from film import ENOUGH, FILM, Film, executed

from kinoform.api.project import Asked
from kinoform.core.errors import UsageError

if TYPE_CHECKING:
    from kinoform.core.report import RunReport

TAGGED = FILM.replace("    uses: retouch\n", "    uses: retouch\n    tags: [hero]\n")


def _ids(film: Film, *expressions: str) -> set[str]:
    """What these select in a plan of the whole film."""
    project = film.open()
    planned = project.plan()
    goals = project.named(planned, Asked(select=expressions)).goals
    assert goals is not None
    return {planned.graph.steps[number].id for number in goals}


def _run(film: Film, asked: Asked) -> RunReport:
    project = film.open()
    return project.run(project.plan(asked), ENOUGH)


def _only(film: Film, *targets: str) -> set[str]:
    return executed(_run(film, Asked(targets, only=True)))


def _refused(film: Film, asked: Asked) -> list[str]:
    with pytest.raises(UsageError) as caught:
        film.open().plan(asked)
    return [problem.message for problem in caught.value.problems]


# Models


def test_a_model_is_named_by_its_alias_its_full_id_or_a_glob(film: Film) -> None:
    stills = {f"still@s0{n}0" for n in range(1, 7)}
    assert _ids(film, "model:board") == stills
    assert _ids(film, "model:runware/klingai:kling-image@o3") == stills
    assert _ids(film, "model:*image@o3,s010") == {"still@s010"}
    assert _ids(film, "model:local/*") == {"reel", "sheet"}


def test_an_alias_is_its_own_steps_also_where_two_stand_for_one_model(film: Film) -> None:
    film.edit("kling-image@3", "kling-image@o3")
    assert _ids(film, "model:retouch") == {f"edit@s0{n}0" for n in range(1, 7)}


def test_a_draft_is_selected_by_the_model_that_it_stands_for(film: Film) -> None:
    project = film.open("all")
    planned = project.plan(Asked(select=["model:board,s010"]))
    assert [d.step for d in planned.plan.decisions] == ["still@s010"]
    assert planned.price_real == film.plan("still@s010").plan.price.expected > 0


# States


def test_a_new_film_is_missing(film: Film) -> None:
    whole = {step.id for step in film.plan().graph.steps if not step.hidden}
    assert _ids(film, "state:missing") == whole
    assert _ids(film, "state:stale") == _ids(film, "state:done") == set()
    assert "still@s010" not in _ids(film, "state:waiting")
    assert "edit@s010" in _ids(film, "state:waiting")


def test_an_edit_makes_a_step_stale_and_what_hangs_on_it(made: Film) -> None:
    assert _ids(made, "state:stale") == set()
    made.edit("a boat turns into the light", "a boat turns away")
    assert _ids(made, "state:stale") == {"still@s050", "edit@s050", "clip@s050", "reel", "sheet"}
    assert "still@s010" in _ids(made, "state:done")
    assert _ids(made, "state:missing") == set()


def test_states_names_and_tags_are_put_together(film: Film) -> None:
    film.write(TAGGED)
    film.run("s010", "s020")
    assert _ids(film, "tag:hero,state:missing clip@s010") == {
        "edit@s040",
        "edit@s050",
        "edit@s060",
        "clip@s010",
    }


def test_a_run_of_what_is_stale_makes_just_that(made: Film) -> None:
    made.edit("a boat turns into the light", "a boat turns away")
    asked = Asked(select=["state:stale,still state:stale,edit"])
    assert executed(_run(made, asked)) == {"still@s050", "edit@s050"}


def test_the_state_is_that_of_the_whole_film_and_not_of_the_selection(made: Film) -> None:
    made.edit("a boat turns into the light", "a boat turns away")
    planned = made.open().plan(Asked(["clip", "edit"], exclude=["state:done"]))
    verdicts = {d.step: d.verdict for d in planned.plan.decisions if d.verdict != "reuse"}
    assert verdicts == {"still@s050": "run", "edit@s050": "wait", "clip@s050": "run"}


def test_what_was_bought_and_is_gone_is_lost_and_not_missing(made: Film) -> None:
    made.delete("still@s060")
    assert _ids(made, "state:lost") == {"still@s060"}
    assert "still@s060" not in _ids(made, "state:missing") | _ids(made, "state:done")


def test_what_is_lost_can_be_bought_again_by_its_state(made: Film) -> None:
    made.delete("still@s060")
    assert executed(_run(made, Asked(rebuy=["state:lost"]))) == {"still@s060"}


def test_local_results_that_are_gone_are_missing(made: Film) -> None:
    made.delete("reel")
    assert _ids(made, "state:missing") == {"reel"}


def test_a_draft_has_states_of_its_own(made: Film) -> None:
    project = made.open("all")
    planned = project.plan()
    assert project.named(planned, Asked(select=["state:done"])).goals == frozenset()
    assert project.plan(Asked(select=["state:missing,sheet"])).nothing is None


def test_a_state_with_nothing_in_it_leaves_nothing_to_do(made: Film) -> None:
    planned = made.open().plan(Asked(select=["state:stale,clip"]))
    assert planned.plan.decisions == ()
    assert planned.nothing is not None
    assert planned.nothing.message == "state:stale selects no step"


# Only


def test_only_makes_what_was_named_and_nothing_else(made: Film) -> None:
    made.edit("a boat turns into the light", "a boat turns away")
    assert _only(made, "still@s050") == {"still@s050"}
    assert _only(made, "edit@s050", "clip@s050") == {"edit@s050", "clip@s050"}


def test_only_says_what_it_leaves_stale(made: Film) -> None:
    made.edit("a boat turns into the light", "a boat turns away")
    planned = made.open().plan(Asked(["still@s050"], only=True))
    (warning,) = planned.warnings
    assert warning.message == "--only leaves edit@s050 and 1 more stale"
    assert warning.severity == "warning"


def test_only_leaves_nothing_stale_that_was_never_made(film: Film) -> None:
    assert film.open().plan(Asked(["still"], only=True)).warnings == ()


def test_only_refuses_a_step_whose_inputs_are_not_made(film: Film) -> None:
    assert _refused(film, Asked(["clip@s020"], only=True)) == [
        "--only clip@s020 needs edit@s020, which is not made as it stands now",
        "--only clip@s020 needs edit@s030, which is not made as it stands now",
    ]
    assert film.bought() == 0
    assert _only(film, "+clip@s010") == {"still@s010", "edit@s010", "clip@s010"}


def test_only_takes_no_result_of_an_older_recipe_for_an_input(made: Film) -> None:
    made.edit("a boat turns into the light", "a boat turns away")
    (said,) = _refused(made, Asked(["edit@s050"], only=True))
    assert "needs still@s050" in said


def test_only_cuts_the_frames_that_a_step_begins_with(film: Film) -> None:
    film.run("clip@s030")
    made = _only(film, "+clip@s040,clip@s040")
    assert made == {"clip@s030.last_frame", "clip@s040"}


def test_only_looks_through_a_frame_to_the_clip_that_is_missing(film: Film) -> None:
    (said,) = _refused(film, Asked(["clip@s040"], only=True))
    assert "needs clip@s030" in said


def test_only_wants_a_name(film: Film) -> None:
    assert _refused(film, Asked(only=True)) == ["--only needs the name of a step"]
