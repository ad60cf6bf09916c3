"""What an edit costs: exactly what depends on it."""

from __future__ import annotations

from film import FILM, Film

SHOTS = ("s010", "s020", "s030", "s040", "s050", "s060")


def test_the_first_run_makes_everything_and_the_second_nothing(film: Film) -> None:
    first = film.run()
    assert {f"{step}@{shot}" for step in ("still", "edit", "clip") for shot in SHOTS} <= first
    assert {"reel", "sheet"} <= first
    bought = film.bought()
    assert bought == 18
    assert film.run() == set()
    assert film.bought() == bought


def test_editing_a_shot_remakes_it_and_the_clips_that_use_its_frames(made: Film) -> None:
    made.edit("the wick takes the flame", "the wick refuses the flame")
    assert made.run() == {
        "still@s030",
        "edit@s030",
        "clip@s030",
        "clip@s020",
        "clip@s040",
        "clip@s050",
        "clip@s030.last_frame",
        "clip@s040.last_frame",
        "reel",
        "sheet",
    }


def test_editing_the_first_shot_of_a_cut_touches_no_neighbour(made: Film) -> None:
    made.edit("the harbour wakes", "the harbour sleeps")
    assert made.run() == {"still@s060", "edit@s060", "clip@s060", "reel", "sheet"}


def test_going_back_costs_nothing(made: Film) -> None:
    made.edit("the wick takes the flame", "the wick refuses the flame")
    made.run()
    made.edit("the wick refuses the flame", "the wick takes the flame")
    assert made.run() == set()


def _swap(made: Film, first: str, second: str) -> None:
    lines = FILM.splitlines(keepends=True)
    rows = {
        key: next(n for n, line in enumerate(lines) if f"  {key}:" in line)
        for key in (first, second)
    }
    lines[rows[first]], lines[rows[second]] = lines[rows[second]], lines[rows[first]]
    made.write("".join(lines))


def test_reordering_shots_whose_frames_nobody_else_uses_recuts_only(made: Film) -> None:
    made.edit("ends: bridge", "ends: hold")
    made.run()
    text = (made.root / "pipeline.yaml").read_text()
    lines = text.splitlines(keepends=True)
    a = next(n for n, line in enumerate(lines) if "  s010:" in line)
    lines[a], lines[a + 1] = lines[a + 1], lines[a]
    made.write("".join(lines))
    assert made.run() == {"reel", "sheet"}


def test_reordering_bridged_and_chained_shots_remakes_the_clips_whose_frames_changed(
    made: Film,
) -> None:
    _swap(made, "s030", "s060")
    # s020 now ends on s060; s040 chains from s060, and s050 from s040
    assert made.run() == {
        "clip@s020",
        "clip@s040",
        "clip@s050",
        "clip@s060.last_frame",
        "clip@s040.last_frame",
        "reel",
        "sheet",
    }


def test_renaming_a_step_runs_nothing(made: Film) -> None:
    made.write(FILM.replace("  edit:\n", "  retouched:\n").replace("out.edit", "out.retouched"))
    assert made.run() == set()


def test_comments_quotes_and_the_order_of_keys_run_nothing(made: Film) -> None:
    text = FILM.replace(
        '    with: {prompt: Ink and gouache, image: "${{ out.still }}", size: "1K 16:9"}',
        "    # the look\n    with:\n      size: '1K 16:9'\n      image: ${{ out.still }}\n      prompt: 'Ink and gouache'",
    )
    made.write(
        text.replace(
            "    uses: retouch\n    foreach: shots\n", "    foreach: shots\n    uses: 'retouch'\n"
        )
    )
    assert made.run() == set()


def test_both_spellings_of_a_request_are_one_recipe(made: Film) -> None:
    made.edit(
        'prompt: "Wide frame, {{ shot.does }}", size: "1K 16:9"',
        'positivePrompt: "  Wide frame, {{ shot.does }}", width: 1360, height: 768',
    )
    assert made.run() == set()


def test_inserting_a_shot_makes_its_own_steps_and_what_it_moved_apart(made: Film) -> None:
    made.edit("  s030: {", "  s025: {does: smoke, dur: 3, starts: cut, ends: hold}\n  s030: {")
    assert made.run() == {"still@s025", "edit@s025", "clip@s025", "clip@s020", "reel", "sheet"}


def test_an_omitted_shot_keeps_its_key_and_leaves_the_cut(made: Film) -> None:
    made.edit("s060: {does: the harbour wakes,", "s060: {omit: true, does: the harbour wakes,")
    assert made.run() == {"reel", "sheet"}


def test_a_variable_on_the_command_line_is_an_edit_like_any_other(film: Film) -> None:
    film.write(
        FILM.replace("models:", "vars: {look: Ink and gouache}\nmodels:").replace(
            "prompt: Ink and gouache", 'prompt: "{{ vars.look }}"'
        )
    )
    film.run()
    project = film.open(variables={"look": "Charcoal"})
    planned = project.plan()
    edits = {d.step for d in planned.plan.decisions if d.verdict == "run"}
    assert edits == {f"edit@{shot}" for shot in SHOTS}


def test_the_reason_of_an_edit_is_its_changed_words(made: Film) -> None:
    made.edit("the harbour wakes", "the harbour sleeps")
    planned = made.plan("still@s060")
    (reason,) = planned.plan.decisions[0].reasons
    assert (reason.path, reason.old, reason.new) == (
        "positivePrompt",
        "… the harbour wakes",
        "… the harbour sleeps",
    )
