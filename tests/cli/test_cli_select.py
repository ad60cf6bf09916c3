"""Selections on the command line: what is listed, run, run again and run alone, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk import Desk, at_home
from PIL import Image

from kinoform.cli.exits import Exit

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
  small:
    uses: local/resize
    timeout: 60
    with: {image: a.png, size: 32x32}
  icon:
    uses: local/resize
    with: {image: "${{ out.small }}", size: 16x16}
  book:
    uses: local/text
    with: {text: the whole story, inputs: "${{ out.note.all }}"}
"""


class Selector(Desk):
    """Somebody who selects."""

    def ids(self, *words: str) -> list[str]:
        """What `ls --ids` prints."""
        assert self("ls", "--ids", *words) == Exit.DONE
        return self.out.splitlines()

    def fail(self) -> None:
        """A run in which one step fails, and then what was wrong is put right."""
        self.edit("timeout: 60", "timeout: 0.00001")
        assert self("run") == Exit.FAILED
        self.edit("timeout: 0.00001", "timeout: 60")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Selector]:
    root = tmp_path / "film"
    root.mkdir()
    (root / "pipeline.yaml").write_text(NOTES, "utf-8")
    # So large that resizing it takes longer than any pause between its start and a look at the clock.
    Image.new("RGB", (4096, 4096)).save(root / "a.png")
    with at_home(tmp_path / "home"):
        yield Selector(root, capsys)


# Listing


def test_ids_are_one_a_line_and_can_be_said_again(desk: Selector) -> None:
    assert desk.ids() == ["note@s010", "note@s020", "small", "icon", "book"]
    assert desk.ids("--select", "tag:words") == ["note@s010", "note@s020"]
    assert desk.ids(*desk.ids("s020")) == ["note@s020"]


def test_ids_are_of_steps_also_where_there_are_takes(desk: Selector) -> None:
    desk.edit("tags: [words]", "takes: 2")
    assert desk.ids("note") == ["note@s010", "note@s020"]


def test_ids_and_json_are_two_forms_of_one_list(desk: Selector) -> None:
    assert desk("ls", "--ids", "--json") == Exit.USAGE


def test_targets_selections_and_exclusions_are_one_language(desk: Selector) -> None:
    assert desk.ids("book", "--select", "small+", "--exclude", "icon") == ["small", "book"]
    assert desk.ids("--exclude", "+book") == ["small", "icon"]
    assert desk.ids("--select", "model:local/text,+book", "--exclude", "s010") == [
        "note@s020",
        "book",
    ]


def test_status_and_why_select_alike(desk: Selector) -> None:
    found = desk.json("status", "--select", "state:missing,note")
    assert [step["id"] for step in found["steps"]] == ["note@s010", "note@s020"]
    found = desk.json("why", "--select", "2+book", "--exclude", "s010")
    assert [step["id"] for step in found["steps"]] == ["note@s020", "book"]
    assert desk("render", "--select", "tag:words,s010", "--prompt") == Exit.DONE


def test_no_step_in_a_state_is_an_answer(desk: Selector) -> None:
    assert desk.ids("--select", "state:failed") == []
    assert "warning[nothing-selected]: state:failed selects no step" in desk.err
    assert desk("plan", "--select", "state:stale", "--detailed-exitcode") == Exit.DONE
    assert desk.out == "notes: nothing to do: state:stale selects no step\n"
    found = desk.json("plan", "--select", "state:stale")
    assert (found["steps"], found["problems"][0]["code"]) == ([], "nothing-selected")
    assert desk("run", "--exclude", "state:missing") == Exit.DONE
    assert "nothing to do: --exclude leaves none of the 5 steps" in desk.out


def test_parts_that_exclude_each_other_are_a_mistake(desk: Selector) -> None:
    assert desk("run", "--select", "note,book") == Exit.USAGE
    assert "no step is in all parts of note,book (note 2, book 1)" in desk.err


def test_every_fault_of_a_selection_is_said_with_its_place(desk: Selector) -> None:
    assert desk("plan", "nte", "--select", "tag:wrds", "--exclude", "state:dne") == Exit.USAGE
    assert "error[no-such-step]: nothing here is called 'nte'" in desk.err
    assert "--select: error[no-such-tag]: no step has the tag 'wrds'" in desk.err
    assert "--exclude: error[no-such-state]" in desk.err
    assert desk.err.count("did you mean") == 3


# Running


def test_a_run_makes_the_selection_and_goes_on_with_the_same_words(desk: Selector) -> None:
    desk.edit("timeout: 60", "timeout: 0.00001")
    assert desk("run", "--select", "+icon", "--exclude", "book") == Exit.FAILED
    assert f"go on with: kinoform run {desk.root} --select +icon --exclude book" in desk.out


def test_retry_makes_what_failed_and_what_that_blocked(desk: Selector) -> None:
    desk.fail()
    assert desk.ids("state:failed") == ["small"]
    assert desk("retry") == Exit.DONE
    assert "notes: 2 made" in desk.out
    assert desk("retry") == Exit.DONE
    assert desk.out == "notes: nothing to do: nothing failed in the last run\n"
    assert desk.err == ""


def test_retry_takes_the_options_of_a_run(desk: Selector) -> None:
    desk.fail()
    found = desk.json("retry", "small")
    assert [(step["id"], step["outcome"]) for step in found["steps"]] == [("small", "done")]
    assert desk("retry", "--max-cost", "0", "--fail-fast", "--events", "jsonl") == Exit.DONE
    assert (desk.out, desk.err.count("nothing-selected")) == ("", 1)


def test_a_retry_that_fails_says_how_to_retry(desk: Selector) -> None:
    desk.edit("timeout: 60", "timeout: 0.00001")
    desk("run")
    assert desk("retry") == Exit.FAILED
    assert f"go on with: kinoform retry {desk.root}" in desk.out


def test_nothing_to_retry_is_a_document_like_that_of_a_run(desk: Selector) -> None:
    desk("run")
    found = desk.json("retry")
    assert set(found) == {"version", "run", "counts", "paid", "steps", "problems"}
    assert (found["steps"], set(found["counts"].values())) == ([], {0})
    assert found["problems"][0]["message"] == "nothing failed in the last run"


def test_a_selection_with_nothing_in_it_is_no_run(desk: Selector) -> None:
    desk.fail()
    assert desk("run", "--select", "state:lost") == Exit.DONE
    assert desk("retry") == Exit.DONE
    assert "2 made" in desk.out


# Only


def test_only_says_before_it_begins_what_it_leaves_stale(desk: Selector) -> None:
    desk("run")
    desk.edit("lights the lamp", "lights the great lamp")
    for name in ("plan", "run"):
        assert desk(name, "--only", "note@s020") == Exit.DONE
        assert "warning[left-stale]: --only leaves book stale" in desk.err
    assert desk.ids("state:stale") == ["book"]
    assert desk("run", "--only", "book") == Exit.DONE
    assert desk.ids("state:stale") == []


def test_only_names_the_input_that_is_missing_and_where_it_is_wanted(desk: Selector) -> None:
    assert desk("run", "--only", "icon") == Exit.USAGE
    said = "pipeline.yaml:16:3: error[input-not-made]: --only icon needs small, which is not made"
    assert said in desk.err
    assert not (desk.root / "out").exists()
