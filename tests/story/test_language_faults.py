"""Wrong references, partials, aliases and files: each is told where it stands, with the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from film import FILM, Film
from language import HEAD, NOTE, faults_of, texts_of

from kinoform.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from pathlib import Path


def _reference(film: Film, expression: str) -> Problem:
    """What is wrong with a step that reads this of the film."""
    return faults_of(
        film,
        FILM
        + f'  t:\n    foreach: shots\n{NOTE}    with: {{text: x, inputs: ["${{{{ {expression} }}}}"]}}\n',
    )[0]


@pytest.mark.parametrize(
    ("expression", "code", "said"),
    [
        ("out.stil", "undefined-name", "there is no step 'stil'"),
        ("out.still['s099']", "undefined-name", "out.still has no 's099'"),
        ("out.still.takes[3]", "undefined-name", "the list has no item 3"),
        ("out.still.all.prev", "undefined-name", "a list has no 'prev'"),
        ("out.clip.frame(-1)", "bad-frame", "frame() takes the seconds"),
        ("out.clip.frame('x')", "bad-frame", "frame() takes the seconds"),
        ("out.clip.frame(1, 2)", "bad-frame", "frame() takes the seconds"),
        ("out.clip.frame", "not-a-value", "frame without its seconds"),
        ("out.still.duration", "no-such-fact", "has no seconds"),
        ("out", "not-a-value", "`out` by itself"),
        ("shots", "not-a-value", "a collection"),
        ("out()", "template-failed", "is no function"),
    ],
)
def test_a_wrong_reference_is_told_in_words(
    film: Film, expression: str, code: str, said: str
) -> None:
    problem = _reference(film, expression)
    assert (problem.code, said in problem.message) == (code, True)
    assert problem.hint


def test_an_omitted_shot_is_not_taken_for_a_wrong_name(film: Film) -> None:
    film.edit("does: Mara climbs", "omit: true, does: Mara climbs")
    text = (film.root / "pipeline.yaml").read_text(encoding="utf-8")
    found = faults_of(
        film,
        text
        + f"  t:\n{NOTE}    with: {{text: '{{{{ shots.s010.does }}}}', inputs: [\"${{{{ out.still['s010'] }}}}\"]}}\n",
    )
    assert all("left out" in problem.message for problem in found)
    assert len(found) == 2


def test_brackets_mean_an_item_whatever_its_key(film: Film) -> None:
    film.write(
        HEAD
        + f"""\
shots: {{prev: {{}}, all: {{}}}}
steps:
  a:
    foreach: shots
{NOTE}    with: {{text: "{{{{ shot.key }}}}"}}
  b:
{NOTE}    with: {{text: x, inputs: ["${{{{ out.a['prev'] }}}}", "${{{{ out.a['all'] }}}}"]}}
"""
    )
    assert [ref.step for ref in film.plan().step("b").inputs.values()] == ["a@prev", "a@all"]  # type: ignore[union-attr]  # sources, all of them references


def test_a_fault_in_a_partial_is_shown_there_and_says_who_took_it_in(film: Film) -> None:
    (film.root / "prompts").mkdir()
    (film.root / "prompts" / "look.j2").write_text("dusk,\n{{ vars.lihgt }}\n")
    (problem,) = faults_of(
        film,
        HEAD
        + f"vars: {{light: low}}\nsteps:\n  t:\n{NOTE}    with: {{text: \"{{% include 'look.j2' %}}\"}}\n",
    )
    assert str(problem.where) == "prompts/look.j2:2:1"
    assert "pipeline.yaml:7:18" in problem.message
    assert "light" in problem.hint


def test_partials_outside_prompts_are_not_read(film: Film) -> None:
    (film.root / "secret.txt").write_text("secret")
    (film.root / "prompts").mkdir()
    (problem,) = faults_of(
        film,
        HEAD + f"steps:\n  t:\n{NOTE}    with: {{text: \"{{% include '../secret.txt' %}}\"}}\n",
    )
    assert problem.code == "no-such-partial"


def test_every_candidate_of_every_alias_must_be_there_used_or_not(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + f"""\
models:
  board: {{any: [runware/klingai:kling-image@o3, runware/klingai:kling-imag@3]}}
  spare: nope/nope
steps:
  t:
{NOTE}    with: {{text: x}}
""",
    )
    assert [(p.code, str(p.where)) for p in found] == [
        ("unknown-model", "pipeline.yaml:4:10"),
        ("unknown-model", "pipeline.yaml:5:10"),
    ]
    assert "kling-image@3" in found[0].hint


def test_a_frame_of_a_picture_is_refused_where_it_is_asked_for(film: Film) -> None:
    problem = _reference(film, "out.still.last_frame")
    assert problem.code == "wrong-media"
    assert str(problem.where) == "pipeline.yaml:40:30"
    assert problem.path == "steps.t.with.inputs.0"


@pytest.mark.parametrize("link", ["pipeline.yaml", "more.yaml", "shots.csv"])
def test_a_text_file_that_is_a_link_out_of_the_project_is_refused(
    film: Film, tmp_path: Path, link: str
) -> None:
    (tmp_path / "elsewhere").write_text(HEAD)
    film.write(HEAD + "include: more.yaml\nshots: {from: shots.csv, key: id}\n")
    (film.root / "more.yaml").write_text("vars: {a: 1}\n")
    (film.root / "shots.csv").write_text("id\na\n")
    (film.root / link).unlink()
    (film.root / link).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpecError) as caught:
        film.open().check()
    assert [p.code for p in caught.value.problems] == ["bad-path"]
    assert "link" in caught.value.problems[0].message


def test_missing_files_and_wrong_parameters_are_said_together(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + """\
steps:
  a:
    uses: local/resize
    with: {image: gone.png, size: 8x8}
  b:
    uses: local/resize
    with: {image: gone.png, size: 8x8, colour: red}
  c:
    uses: local/text
    with: {text: "{{ nope }}"}
""",
    )
    assert [(p.code, p.where and p.where.line) for p in found] == [
        ("no-such-file", 6),
        ("no-such-file", 9),
        ("unknown-parameter", 9),
        ("undefined-name", 12),
    ]


def test_media_of_a_faulty_request_are_judged_by_themselves(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + """\
steps:
  still:
    uses: runware/klingai:kling-image@o3
    with: {prompt: a lamp, size: "1K 16:9"}
  small:
    uses: local/resize
    with: {image: "${{ out.still }}", size: 320x180}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: it is lit, first_frame: "${{ out.small }}", duration: 99}
""",
    )
    assert [(p.code, p.where and p.where.line) for p in found] == [
        ("side-out-of-range", 12),
        ("too-large", 12),
    ]


def test_a_collection_that_is_not_there_is_told_to_be_declared(film: Film) -> None:
    (problem,) = faults_of(film, HEAD + f"steps:\n  a:\n    foreach: shots\n{NOTE}")
    assert (problem.code, problem.hint) == ("unknown-collection", "declare `shots` in this file")


def test_one_loop_name_over_two_collections_matches_nothing(film: Film) -> None:
    found = faults_of(
        film,
        HEAD
        + f"""\
data: {{a: {{x: {{}}}}, b: {{y: {{}}}}}}
steps:
  one:
    foreach: {{m: data.a}}
{NOTE}    with: {{text: x}}
  two:
    foreach: {{m: data.b}}
{NOTE}    with: {{text: x, inputs: ["${{{{ out.one }}}}", "${{{{ out.one.prev }}}}"]}}
""",
    )
    assert [p.code for p in found] == ["which-one", "which-one"]
    assert "has no 'y'" in found[0].message


def test_what_is_left_out_is_not_waited_for(film: Film) -> None:
    film.write(
        HEAD
        + f"""\
shots: {{a: {{omit: true}}, b: {{}}}}
steps:
  one:
    foreach: shots
{NOTE}    with: {{text: x}}
  two:
    needs: [one@a, one@b]
{NOTE}    with: {{text: x}}
"""
    )
    assert film.plan().step("two").needs == ("one@b",)


def test_a_parameter_that_is_none_is_missing_with_its_reason(film: Film) -> None:
    film.edit("  edit:\n", "  edit:\n    when: ${{ shot.key != 's060' }}\n")
    found = faults_of(
        film,
        (film.root / "pipeline.yaml").read_text(encoding="utf-8")
        + "  small:\n    foreach: shots\n    uses: local/resize\n    with: {image: '${{ out.edit }}', size: 8x8}\n",
    )
    small = next(p for p in found if p.message.startswith("small@s060"))
    assert (small.code, "is none here" in small.hint) == ("missing", True)
    assert str(small.where).endswith(":19")


def test_an_item_without_fields_is_there(film: Film) -> None:
    text = HEAD + "shots: {a: {}, b: {}}\nsteps:\n  t:\n    foreach: shots\n" + NOTE
    assert texts_of(
        film, text + "    with: {text: \"{{ 'more' if shot.next else 'end' }}\"}\n"
    ) == {
        "t@a": "more",
        "t@b": "end",
    }


@pytest.mark.parametrize("address", ["https://", "https:///a.png", "https://me:pw@x.org/a.png"])
def test_an_address_without_host_or_with_a_password_is_refused(film: Film, address: str) -> None:
    (problem,) = faults_of(
        film,
        HEAD
        + f"steps:\n  a:\n    uses: local/resize\n    with: {{image: '{address}', size: 8x8}}\n",
    )
    assert problem.code == "bad-address"


def test_a_damaged_file_is_not_called_missing(film: Film) -> None:
    (film.root / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    (problem,) = faults_of(
        film,
        HEAD + "steps:\n  a:\n    uses: local/resize\n    with: {image: a.png, size: 8x8}\n",
    )
    assert problem.code == "unreadable-file"
