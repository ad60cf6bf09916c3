"""The commands on a film of notes: what they print, what they write, how they end."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest
from desk import Desk, at_home
from PIL import Image

from kinoform.cli.exits import Exit
from kinoform.cli.main import COMMANDS, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTES = """\
kinoform: 1
name: notes
shots:
  s010: {does: climbs the stair}
  s020: {does: lights the lamp}
steps:
  note:
    uses: local/text
    foreach: shots
    tags: [words]
    with: {text: "Mara {{ shot.does }}"}
  book:
    uses: local/text
    with: {text: the whole story, inputs: "${{ out.note.all }}"}
"""
HURRIED = """\
  small:
    uses: local/resize
    timeout: 0.00001
    with: {image: a.png, size: 32x32}
"""
HOSTED = """\
kinoform: 1
name: lamp
models: {board: "runware/klingai:kling-image@o3", motion: "runware/klingai:kling-video@o3-pro"}
steps:
  still:
    uses: board
    with: {prompt: a brass lamp, size: "1K 16:9"}
  clip:
    uses: motion
    with: {prompt: it is lit, first_frame: "${{ out.still }}", duration: 8, sound: true}
"""


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    root = tmp_path / "film"
    root.mkdir()
    (root / "pipeline.yaml").write_text(NOTES, "utf-8")
    with at_home(tmp_path / "home"):
        yield Desk(root, capsys)


@pytest.fixture
def hosted(shell: Desk) -> Desk:
    (shell.root / "pipeline.yaml").write_text(HOSTED, "utf-8")
    return shell


# Check


def test_a_plan_as_data_carries_its_warnings(hosted: Desk) -> None:
    found = hosted.json("plan")
    assert [each["code"] for each in found["problems"]] == ["no-key"]
    assert hosted.json("plan", "--draft")["problems"] == []


def test_a_good_pipeline_is_all_well(shell: Desk) -> None:
    assert shell("check") == Exit.DONE
    assert shell.out == "notes: 3 steps (3 local), all well\n"
    assert shell.json("check") == {"version": 1, "name": "notes", "steps": 3, "problems": []}


def test_a_bad_pipeline_is_said_at_its_place_with_json_too(shell: Desk) -> None:
    shell.edit("uses: local/text\n    with", "uses: local/txt\n    with")
    assert shell("check") == Exit.INVALID
    assert "pipeline.yaml:13:" in shell.err
    found = shell.json("check")
    assert (found["name"], found["problems"][0]["code"]) == (None, "unknown-model")
    assert found["problems"][0]["where"]["line"] == 13


# Plan


def test_a_plan_lists_what_to_do_and_exits_with_ten_when_asked(shell: Desk) -> None:
    assert shell("plan") == Exit.DONE
    assert shell.out.splitlines()[1].split() == ["note@s010", "run", "never", "made", "before"]
    assert "notes: 3 steps: 3 to run" in shell.out
    assert shell("plan", "--detailed-exitcode") == Exit.WORK
    shell("run")
    assert shell("plan", "--detailed-exitcode") == Exit.DONE


def test_a_plan_of_a_target_covers_what_it_needs(shell: Desk) -> None:
    assert [step["id"] for step in shell.json("plan", "note@s020")["steps"]] == ["note@s020"]
    found = shell.json("plan", "--exclude", "book")
    assert [step["id"] for step in found["steps"]] == ["note@s010", "note@s020"]


def test_more_steps_than_allowed_are_refused(shell: Desk) -> None:
    assert shell("plan", "--max-steps", "2") == Exit.INVALID


def test_hosted_steps_are_priced_and_a_draft_says_what_it_would_cost(hosted: Desk) -> None:
    hosted("plan")
    assert "at most $1.148" in hosted.out
    assert "no key for runware" in hosted.err
    hosted("plan", "--draft")
    assert "this draft is free; in earnest $1.148" in hosted.out
    assert hosted.err == ""


# Run


def test_a_run_makes_files_and_a_second_one_has_nothing_to_do(shell: Desk) -> None:
    assert shell("run") == Exit.DONE
    assert "3 made" in shell.out
    assert (shell.root / "out/note/s010.txt").read_text("utf-8") == "Mara climbs the stair"
    assert shell("run") == Exit.DONE
    assert shell.out == "notes: nothing to do, 3 steps are up to date\n"
    assert shell.err == ""


def test_away_from_a_terminal_each_end_is_one_line(shell: Desk) -> None:
    shell("run")
    lines = [line for line in shell.err.splitlines() if " done " in line]
    assert [line.split()[1:3] for line in lines] == [
        ["done", "note@s010"],
        ["done", "note@s020"],
        ["done", "book"],
    ]
    assert lines[-1].endswith("[3/3]")


def test_a_run_as_a_document(shell: Desk) -> None:
    found = shell.json("run")
    assert set(found) == {"version", "run", "counts", "paid", "steps", "problems"}
    assert found["counts"] == {
        "done": 3, "reused": 0, "failed": 0, "blocked": 0, "waiting": 0, "skipped": 0, "lost": 0
    }  # fmt: skip
    assert (found["paid"], found["problems"]) == ("0", [])
    (output,) = found["steps"][0]["outputs"]
    assert (output["path"], output["media"]) == ("out/note/s010.txt", "text/plain")


def test_each_event_can_be_a_line_of_json(shell: Desk) -> None:
    assert shell("run", "--events", "jsonl") == Exit.DONE
    kinds = [json.loads(line)["kind"] for line in shell.out.splitlines()]
    assert kinds[0] == "run-started"
    assert kinds[-1] == "run-ended"
    assert kinds.count("result") == 3


def test_hosted_steps_end_as_blocked_with_the_reason(hosted: Desk) -> None:
    assert hosted("run") == Exit.ENVIRONMENT
    assert "error[no-key]" in hosted.err
    assert "2 blocked" in hosted.out
    assert "go on with" not in hosted.out  # the same command would end so again


def test_a_film_without_a_name_is_called_as_its_folder(shell: Desk) -> None:
    shell.edit("name: notes\n", "")
    assert shell("run") == Exit.DONE
    assert f"\n{shell.root.name}: 3 made\n" in f"\n{shell.out}"
    assert shell.json("plan")["name"] == shell.root.name


def test_a_frozen_run_makes_local_steps_without_a_word(shell: Desk) -> None:
    assert shell("run", "--frozen") == Exit.DONE
    assert not (shell.root / "kinoform.lock").exists()


def test_a_frozen_run_of_what_was_not_bought_is_refused_before_anything_starts(
    hosted: Desk,
) -> None:
    assert hosted("run", "--frozen") == Exit.SPEND
    assert "error[frozen]" in hosted.err
    assert "hint: kinoform run, without --frozen" in hosted.err
    assert not (hosted.root / "out").exists()
    assert hosted("plan", "--frozen") == Exit.SPEND
    assert "error[frozen]" in hosted.err
    assert hosted("run", "--frozen", "--rebuy", "still") == Exit.USAGE


def test_two_kinds_of_data_on_one_stream_are_refused(shell: Desk) -> None:
    assert shell("run", "--json", "--events", "jsonl") == Exit.USAGE


def test_an_amount_that_is_none_is_refused(shell: Desk) -> None:
    for amount in ("abc", "-1", "nan"):
        assert shell("run", f"--max-cost={amount}") == Exit.USAGE


def test_a_failed_step_is_exit_one_and_says_how_to_go_on(shell: Desk) -> None:
    Image.new("RGB", (5000, 5000)).save(shell.root / "a.png")  # takes far longer than its limit
    shell.edit("  book:\n", f"{HURRIED}  book:\n")
    assert shell("run") == Exit.FAILED
    assert "1 failed" in shell.out
    assert "3 made" in shell.out
    assert f"go on with: kinoform run {shell.root}" in shell.out
    assert "pipeline.yaml:" in shell.err


# Status, ls


def test_status_counts_the_three_answers(shell: Desk) -> None:
    shell("run")
    shell.edit("lights the lamp", "lights the great lamp")
    shell("status")
    rows = [line.split() for line in shell.out.splitlines()]
    assert rows[:3] == [
        ["step", "made", "up", "to", "date"],
        ["note", "2/2", "1/2"],
        ["book", "1/1", "0/1"],
    ]
    found = shell.json("status")
    assert found["counts"]["matching"] == 1
    assert [step["matches"] for step in found["steps"]] == [True, False, False]
    shell("status", "note@s020")
    assert "edited since" in shell.out


def test_ls_lists_what_was_selected_and_where_it_is(shell: Desk) -> None:
    shell("run")
    assert [step["id"] for step in shell.json("ls", "tag:words")["steps"]] == [
        "note@s010",
        "note@s020",
    ]
    assert shell.json("ls", "book")["steps"][0]["paths"] == ["out/book.txt"]
    (shell.root / "out/book.txt").unlink()
    assert shell.json("ls", "book")["steps"][0]["paths"] == []


def test_a_name_that_is_not_there_gets_the_near_one(shell: Desk) -> None:
    for name in ("ls", "status", "plan", "run", "why", "render"):
        assert shell(name, "nte") == Exit.USAGE, name
        assert "did you mean note" in shell.err


# Why, render, graph


def test_why_names_the_words_and_follows_inputs(shell: Desk) -> None:
    shell("run")
    shell.edit("lights the lamp", "lights the great lamp")
    assert shell("why", "book") == Exit.DONE
    assert "text: … lights the lamp → … lights the great lamp" in shell.out
    assert "inputs.1 changed: note@s020" in shell.out
    assert "to bring it up to date: 2 runs" in shell.out
    (step,) = shell.json("why", "book")["steps"]
    assert step["changes"][0]["because"]["id"] == "note@s020"


def test_why_and_render_need_a_step(shell: Desk) -> None:
    for name in ("why", "render"):
        assert shell(name) == Exit.USAGE
        assert "error[missing-word]" in shell.err


def test_render_prints_the_exact_request(hosted: Desk) -> None:
    hosted("render", "clip")
    request = json.loads(hosted.out)
    assert request["model"] == "klingai:kling-video@o3-pro"
    assert request["inputs"]["frameImages"][0]["image"] == {"$artifact": "still", "digest": None}
    assert "set when it is sent: " in hosted.err
    assert "taskUUID" in hosted.err


def test_render_can_print_the_prompt_alone(hosted: Desk) -> None:
    hosted("render", "still", "--prompt")
    assert hosted.out == "a brass lamp\n"
    hosted("render", "still", "--prompt", "--draft")
    assert hosted.out == "a brass lamp\n"


def test_render_under_draft_is_the_brief(hosted: Desk) -> None:
    hosted("render", "still", "--draft")
    assert json.loads(hosted.out)["prompt"] == "a brass lamp"


def test_a_graph_is_text_for_a_drawing(shell: Desk) -> None:
    shell("graph")
    assert shell.out.startswith("flowchart LR\n")
    shell("graph", "--format", "dot", "--all")
    assert '"note@s010" -> "book"' in shell.out
    assert shell.json("graph")["edges"] == [{"from": "note", "to": "book", "label": "all"}]


# All of them


@pytest.mark.parametrize("name", [n for n in COMMANDS if n not in ("models", "completion")])
def test_every_command_shows_an_example(shell: Desk, name: str) -> None:
    assert run([name, "-h"], {}) == Exit.DONE
    shell._capsys.readouterr()
    run([name, "-h"], {})
    assert f"Example: kinoform {name}" in " ".join(shell._capsys.readouterr().out.split())


@pytest.mark.parametrize("name", ["check", "plan", "run", "status", "ls", "graph"])
def test_without_a_pipeline_every_command_says_so(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "-C", str(tmp_path), "--json"], {}) == Exit.USAGE
    out, err = capsys.readouterr()
    assert json.loads(out)["problems"][0]["code"] == "no-pipeline"
    assert "kinoform init" in err


def test_text_from_a_file_cannot_steer_the_terminal(shell: Desk) -> None:
    shell.edit("lights the lamp", '"\\e[31mred \\u202e"')
    shell("run")
    for name in ("why", "render"):
        shell(name, "note@s020")
        assert "\x1b" not in shell.out
        assert "\u202e" not in shell.out


def test_a_page_of_differences_lies_where_its_name_says_from_the_folder_of_the_shell(
    shell: Desk, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(shell.root, other)
    page = tmp_path / "pages" / "diff.html"
    page.parent.mkdir()
    with chdir(page.parent):
        assert run(["diff", str(shell.root), str(other), "--html", page.name]) == Exit.DONE
    assert [each.name for each in page.parent.iterdir()] == [page.name]


def test_a_mistyped_folder_is_named_beside_the_missing_pipeline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with chdir(tmp_path):
        assert run(["plan", "flim"]) == Exit.USAGE
    assert "flim is no file or folder here" in capsys.readouterr().err


def test_a_damaged_model_file_of_a_project_is_named(hosted: Desk) -> None:
    folder = hosted.root / "models"
    folder.mkdir()
    (folder / "x.json").write_text('{"id": "runware/a:b@1"}', "utf-8")
    found = hosted.json("check")["problems"]
    assert {each["code"] for each in found} == {"bad-model-file"}
    assert {each["where"]["file"] for each in found} == {"models/x.json"}


def test_a_file_that_is_no_pipeline_is_never_quoted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = tmp_path / "private.txt"
    private.write_text("user: a-line-that-nobody-should-read\n")
    assert run(["check", str(private)]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert "error[no-pipeline]" in err
    assert "a-line" not in out + err
