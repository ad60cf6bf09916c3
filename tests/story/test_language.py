"""The pipeline language, through compile and plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from film import FILM, Film
from language import HEAD, NOTE, faults_of, texts_of

from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path


def test_every_fault_is_reported_at_once_where_it_stands(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + """\
steps:
  a:
    uses: runware/klingai:kling-image@o3
    with: {prompt: "{{ vars.x }}", width: 1920, height: 1081}
  b:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: ok, width: 1920, height: 1080, duration: 2}
  c:
    uses: local/text
    with: {text: "5", colour: red}
  d:
    uses: runware/klingai:kling-imag@o3
    with: {}
""",
    )
    places = {(str(p.where), p.code) for p in found}
    assert ("pipeline.yaml:6:20", "undefined-name") in places
    assert any(p.code == "too-small" and "duration 2" in p.message for p in found)
    assert any(p.code == "unknown-parameter" and p.where and p.where.line == 12 for p in found)
    assert any(p.code == "unknown-model" and "kling-image@o3" in p.hint for p in found)


def test_a_text_where_a_number_is_wanted_says_how_to_write_it(film: Film) -> None:
    (problem,) = faults_of(
        film,
        HEAD
        + """\
steps:
  a:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: ok, size: 1920x1080, duration: "5"}
""",
    )
    assert problem.code == "wrong-type"
    assert str(problem.where) == "pipeline.yaml:6:51"
    assert "quotes" in problem.hint


def test_a_template_error_in_a_block_points_at_its_own_line(film: Film) -> None:
    (problem,) = faults_of(
        film,
        HEAD
        + """\
steps:
  a:
    uses: local/text
    with:
      text: |
        one
        two {{ nope }}
""",
    )
    assert str(problem.where).startswith("pipeline.yaml:9:")


def test_a_fault_that_a_thousand_shots_share_is_said_a_few_times(film: Film) -> None:
    shots = "".join(f"  s{n}: {{a: 1}}\n" for n in range(200))
    found = faults_of(
        film,
        f"{HEAD}shots:\n{shots}steps:\n  a:\n    foreach: shots\n{NOTE}    with: {{text: '{{{{ shot.b }}}}'}}\n",
    )
    assert len(found) == 3
    assert "197 more" in found[-1].message


def test_values_may_use_each_other_in_any_order_and_circles_are_refused(film: Film) -> None:
    assert texts_of(
        film,
        HEAD
        + f"vars: {{a: 'x {{{{ vars.b }}}}', b: 'y {{{{ styles.s }}}}'}}\nstyles: {{s: z}}\nsteps:\n  t:\n{NOTE}    with: {{text: '{{{{ vars.a }}}}'}}\n",
    ) == {"t": "x y z"}
    found = faults_of(
        film,
        HEAD
        + f"styles: {{s: 'a {{{{ styles.s }}}}'}}\nsteps:\n  t:\n{NOTE}    with: {{text: x}}\n",
    )
    assert {p.code for p in found} == {"circular-value"}


def test_cells_of_a_table_are_never_templates(film: Film) -> None:
    (film.root / "shots.csv").write_text('id,does\ns010,"{{ vars.secret }}"\n')
    assert texts_of(
        film,
        HEAD
        + f"shots: {{from: shots.csv, key: id}}\nsteps:\n  t:\n    foreach: shots\n{NOTE}    with: {{text: '{{{{ shot.does }}}}'}}\n",
    ) == {"t@s010": "{{ vars.secret }}"}


def test_edges_of_the_cut_are_none_and_so_are_their_attributes(film: Film) -> None:
    text = (
        HEAD
        + f"shots:\n  a: {{n: one}}\n  b: {{n: two}}\nsteps:\n  t:\n    foreach: shots\n{NOTE}    with: {{text: \"{{{{ shot.index }}}} {{{{ shot.prev.n or 'start' }}}} {{{{ shot.next.n or 'end' }}}}\"}}\n"
    )
    assert texts_of(film, text) == {"t@a": "1 start two", "t@b": "2 one end"}


def test_text_is_normalised_at_its_ends_and_in_its_form_only(film: Film) -> None:
    one = texts_of(
        film, HEAD + f"steps:\n  t:\n{NOTE}    with:\n      text: |\n        cafe\u0301  two\n\n"
    )
    two = texts_of(
        film,
        HEAD
        + f"steps:\n  t:\n{NOTE}    with: {{text: '  caf\u00e9  two '}}\n".replace("\n", "\r\n"),
    )
    assert one == two == {"t": "caf\u00e9  two"}


@pytest.mark.parametrize("value", ["16:9", "010", "NO", "1:30", "2026-11-20"])
def test_what_yaml_once_read_otherwise_stays_text(film: Film, value: str) -> None:
    assert texts_of(
        film,
        HEAD
        + f"vars: {{v: {value}}}\nsteps:\n  t:\n{NOTE}    with: {{text: '{{{{ vars.v }}}}'}}\n",
    ) == {"t": value}


def test_a_step_whose_when_is_false_is_skipped_and_is_none_to_others(film: Film) -> None:
    film.write(
        FILM.replace("  edit:\n", "  edit:\n    when: ${{ shot.key != 's060' }}\n").replace(
            "else out.edit }}", "else (out.edit or out.still) }}"
        )
    )
    decisions = {d.step: d.verdict for d in film.plan().plan.decisions}
    assert decisions["edit@s060"] == "skip"
    step = film.plan().step("sheet")
    assert len(step.inputs) == 5
    assert film.plan().step("clip@s060").inputs["inputs.frameImages.0.image"].step == "still@s060"  # type: ignore[union-attr]  # sources, all of them references


def test_a_product_matches_by_the_names_that_two_steps_share(film: Film) -> None:
    film.write(
        HEAD
        + f"""\
data:
  markets: {{fr: {{}}, jp: {{}}}}
  ratios: {{wide: {{}}, tall: {{}}}}
steps:
  line:
    foreach: {{market: data.markets}}
{NOTE}    with: {{text: "{{{{ market.key }}}}"}}
  card:
    foreach: {{market: data.markets, ratio: data.ratios}}
{NOTE}    with: {{text: "{{{{ market.key }}}} {{{{ ratio.key }}}}", inputs: ["${{{{ out.line }}}}"]}}
"""
    )
    step = film.plan().step("card@jp.tall")
    assert step.inputs["inputs.0"].step == "line@jp"  # type: ignore[union-attr]  # sources, all of them references


def test_a_reference_that_does_not_say_which_is_refused_with_the_way(film: Film) -> None:
    found = faults_of(film, FILM.replace("${{ out.clip.all }}", "${{ out.clip }}"))
    assert {p.code for p in found} == {"which-one"}
    assert "out.clip.all" in found[0].hint


def test_an_artifact_in_text_is_refused(film: Film) -> None:
    found = faults_of(film, FILM.replace("Ink and gouache,", '"Ink {{ out.still }}",'))
    assert {p.code for p in found} == {"not-text"}


def test_steps_that_wait_on_each_other_are_named(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + f"steps:\n  a:\n{NOTE}    with: {{text: x, inputs: ['${{{{ out.b }}}}']}}\n  b:\n{NOTE}    with: {{text: x, inputs: ['${{{{ out.a }}}}']}}\n",
    )
    assert {p.code for p in found} == {"cycle"}
    assert "a needs b needs a" in found[0].message


def test_facts_that_follow_from_a_request_are_known_while_planning(film: Film) -> None:
    assert texts_of(
        film,
        FILM
        + f"  note:\n{NOTE}    with: {{text: \"{{{{ out.still['s010'].width }}}} {{{{ out.reel.duration }}}}\"}}\n",
    ) == {"note": "1360 29"}


def test_a_fact_known_after_run_makes_its_reader_wait_and_then_run(film: Film) -> None:
    film.write(
        HEAD
        + f"""\
steps:
  a:
    uses: wavespeed/kwaivgi/kling-image-o3
    with: {{prompt: a lamp, aspect_ratio: auto}}
  t:
{NOTE}    with: {{text: "{{{{ out.a.width }}}} wide"}}
"""
    )
    found = {d.step: (d.verdict, d.reasons[0].kind) for d in film.plan().plan.decisions}
    assert found["t"] == ("wait", "known-after-run")


def test_an_https_input_is_known_after_run_and_drafted_offline(film: Film) -> None:
    film.write(
        HEAD
        + 'steps:\n  a:\n    uses: runware/klingai:kling-image@3\n    with: {prompt: x, image: "https://example.com/a.jpg", size: "1K 1:1"}\n'
    )
    assert {d.step: d.verdict for d in film.plan().plan.decisions} == {"a": "wait"}
    assert film.run(draft="all") == {"a"}


def test_a_file_outside_the_project_is_refused(film: Film, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"x")
    (film.root / "link.png").symlink_to(tmp_path / "secret.png")
    (film.root / "loop.png").symlink_to("loop.png")
    for path in ("../secret.png", "/etc/passwd", "link.png", "loop.png", "gone.png"):
        found = faults_of(
            film,
            HEAD
            + f'steps:\n  a:\n    uses: local/resize\n    with: {{image: "{path}", size: 8x8}}\n',
        )
        assert len(found) == 1


def test_a_file_counts_by_its_bytes(film: Film) -> None:
    from PIL import Image  # noqa: PLC0415  (only this story draws)

    picture = film.root / "a.png"
    Image.new("RGB", (32, 32), "teal").save(picture)
    film.write(HEAD + "steps:\n  a:\n    uses: local/resize\n    with: {image: a.png, size: 8x8}\n")
    assert film.run() == {"a"}
    picture.touch()
    assert film.run() == set()
    Image.new("RGB", (32, 32), "red").save(picture)
    assert film.run() == {"a"}


def test_a_number_of_the_cut_in_a_prompt_is_a_warning(film: Film) -> None:
    film.write(
        FILM.replace("Wide frame, {{ shot.does }}", "Shot {{ shot.index }}, {{ shot.does }}")
    )
    (warning,) = film.open().check()
    assert warning.code == "index-in-request"


def test_needs_order_without_entering_the_recipe(film: Film) -> None:
    text = (
        HEAD
        + f"steps:\n  b:\n    needs: [a]\n{NOTE}    with: {{text: two}}\n  a:\n{NOTE}    with: {{text: one}}\n"
    )
    film.write(text)
    film.run()
    film.write(text.replace("    needs: [a]\n", ""))
    assert film.run() == set()


def test_too_many_instances_are_refused_before_they_are_made(film: Film) -> None:
    rows = "".join(f"    k{n}: {{}}\n" for n in range(500))
    found = f"{HEAD}data:\n  a:\n{rows}steps:\n  t:\n    foreach: {{x: data.a, y: data.a}}\n{NOTE}    with: {{text: x}}\n"
    film.write(found)
    with pytest.raises(SpecError) as caught:
        film.open().check()
    assert caught.value.problems[0].code == "too-many-steps"


def test_takes_count_as_steps_of_a_plan_so_that_a_typing_error_in_them_stops_early(
    film: Film,
) -> None:
    film.write(f"{HEAD}steps:\n  t:\n    takes: 100000000\n{NOTE}    with: {{text: x}}\n")
    with pytest.raises(SpecError) as caught:
        film.open().check()
    (problem,) = caught.value.problems
    assert problem.code == "too-many-steps"
    assert problem.message.startswith("100000000 steps")


def test_a_typing_error_in_one_step_hides_nothing_in_another_and_echoes_nowhere(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + """\
steps:
  a:
    uses: local/text
    wiht: {text: x}
  b:
    uses: local/text
    with: {text: "{{ nope }}", inputs: ["${{ out.a }}"]}
  c:
    uses: runware/klingai:kling-image@o3
    with: {prompt: x, size: 3K 16:9}
""",
    )
    assert [p.code for p in found] == ["unknown-key", "undefined-name", "bad-size"]
