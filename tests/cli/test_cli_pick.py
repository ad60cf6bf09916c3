"""Choosing on the command line: what waits is named, answered, pinned, taken back; files adopted."""

from __future__ import annotations

import re
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
    takes: 2
    pick: review
    with: {text: "Mara {{ shot.does }}"}
  small:
    uses: local/resize
    with: {image: a.png, size: 32x32}
  book:
    uses: local/text
    with: {text: the whole story, inputs: "${{ out.note.all }}"}
"""
LIST = """\
step       name      take  recipe   stands  digest        file
note@s010  934d_t01     1  present          d6870fa32cd8  out/note/s010_934d_t01.txt
note@s010  934d_t02     2  present  chosen  d6870fa32cd8  out/note/s010_934d_t02.txt
"""


class Chooser(Desk):
    """Somebody who chooses."""

    def picks(self) -> set[str]:
        """Which steps somebody has chosen for."""
        return {path.name for path in (self.root / "picks").glob("*/*")}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Chooser]:
    root = tmp_path / "film"
    root.mkdir()
    (root / "pipeline.yaml").write_text(NOTES, "utf-8")
    Image.new("RGB", (64, 64)).save(root / "a.png")
    made = Chooser(root, capsys)
    with at_home(tmp_path / "home"):
        assert made("run") == Exit.DONE
        yield made


def test_a_run_that_reaches_a_review_names_the_command_that_answers_it(desk: Chooser) -> None:
    assert desk("run") == Exit.DONE
    (said,) = re.findall(r"note@s010 waits for a choice: (.*)", desk.out)
    assert said == f"kinoform pick {desk.root} note@s010 --list"
    assert "go on with" not in desk.out  # the same command would end so again
    codes = [problem["code"] for problem in desk.json("run")["problems"]]
    assert codes == ["waits-for-choice", "waits-for-choice"]
    assert desk("status") == Exit.DONE
    assert said in desk.out
    assert desk("pick", "note@s010", "2", "--by", "ana") == Exit.DONE
    assert desk("pick", "note@s020", "1", "--by", "ana") == Exit.DONE
    assert "lets book go on: free" in desk.err
    assert desk("run") == Exit.DONE
    assert "waits for a choice" not in desk.out


def test_a_history_says_that_its_times_are_those_of_utc(desk: Chooser) -> None:
    made = desk.json("history", "note@s010")["artifacts"][0]["made"]
    assert made.endswith("Z")
    assert desk("history", "note@s010") == Exit.DONE
    assert "made (UTC)" in desk.out.splitlines()[0]
    assert made[:16].replace("T", " ") in desk.out


def test_the_list_says_what_there_is_and_what_stands(desk: Chooser) -> None:
    desk("pick", "note@s010", "2", "--by", "ana")
    assert desk.out == "note@s010: 934d_t02 chosen by ana\n"
    assert desk("pick", "note@s010", "--list") == Exit.DONE
    assert desk.out == LIST
    found = desk.json("pick", "--list")["candidates"]
    assert [each["step"] for each in found] == ["note@s010"] * 2 + ["note@s020"] * 2
    assert [each["stands"] for each in found] == [None, "chosen", None, None]
    assert found[0]["path"] == "out/note/s010_934d_t01.txt"


def test_status_says_how_a_choice_stands(desk: Chooser) -> None:
    desk("pick", "note@s010", "2", "--by", "ana")
    text = (desk.root / "pipeline.yaml").read_text("utf-8")
    found = desk.json("status")["steps"]
    assert [row["choice"] for row in found[:3]] == [None, "chosen", "waiting for a choice"]
    (desk.root / "pipeline.yaml").write_text(text.replace("Mara", "Maren"), "utf-8")
    found = desk.json("status", "note@s010")["steps"]
    assert {row["choice"] for row in found} == {"chosen for an earlier recipe"}
    assert {row["matches"] for row in found} == {False}


def test_a_name_or_digest_needs_no_step(desk: Chooser) -> None:
    assert desk("pick", "934d_t02", "--by", "ana") == Exit.DONE
    assert desk.picks() == {"s010"}
    assert desk("pick", "934d_t02", "--by", "ana") == Exit.DONE
    assert desk.out == "note@s010: 934d_t02 stands already\n"


def test_a_step_with_one_take_is_approved_as_a_whole(desk: Chooser) -> None:
    text = (desk.root / "pipeline.yaml").read_text("utf-8")
    text = text.replace("    takes: 2\n", "").replace("Mara", "Ines")
    (desk.root / "pipeline.yaml").write_text(text, "utf-8")
    assert desk("run") == Exit.DONE
    assert desk("pick", "note", "--by", "ana") == Exit.DONE
    assert re.findall(r"(note@s0.0): ...._t01 chosen by ana", desk.out) == [
        "note@s010", "note@s020",
    ]  # fmt: skip
    assert "lets book go on: free" in desk.err
    assert desk("run") == Exit.DONE
    assert "waits for a choice" not in desk.out
    assert desk("pick", "note", "--by", "ana") == Exit.DONE
    assert desk.out.count("stands already") == 2


def test_a_pin_survives_reopening_unless_both_are_said(desk: Chooser) -> None:
    desk("pick", "note@s010", "2", "--pin", "--by", "ana")
    assert desk("pick", "note@s010", "--reopen") == Exit.DONE
    assert "warning[pick-pinned]" in desk.err
    assert desk.picks() == {"s010"}
    assert desk("pick", "note@s010", "1", "--by", "ana") == Exit.USAGE
    assert desk("pick", "note@s010", "--pin", "--reopen") == Exit.DONE
    assert desk.picks() == set()
    assert desk("pick", "note", "--reopen") == Exit.DONE
    assert desk.out.splitlines() == ["note@s010: nobody has chosen", "note@s020: nobody has chosen"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "missing-word"),
        (("--reopen",), "missing-word"),
        (("note@s010",), "pick-needs-take"),
        (("note",), "pick-needs-take"),
        (("note", "2"), "pick-one-step"),
        (("note@s010", "7"), "no-such-take"),
        (("nose@s010", "2"), "no-such-step"),
        (("--list", "--pin"), "bad-usage"),
    ],
)
def test_words_that_name_no_choice_are_refused(
    desk: Chooser, words: tuple[str, ...], code: str
) -> None:
    assert desk("pick", *words) == Exit.USAGE
    assert f"error[{code}]" in desk.err
    assert desk.picks() == set()


def test_what_was_chosen_is_pinned_without_naming_it_again(desk: Chooser) -> None:
    desk("pick", "note@s010", "2", "--by", "ana")
    found = desk.json("pick", "note@s010", "--pin", "--by", "ben")["choices"]
    assert found[0]["pick"]["kind"] == "pin"
    assert desk("ls", "--select", "state:pinned", "--ids") == Exit.DONE
    assert desk.out == "note@s010\n"
    assert found[0]["pick"]["take"] == 2


def test_an_adopted_picture_is_judged_shown_and_taken_for_the_step(desk: Chooser) -> None:
    file = desk.root.parent / "retouched.png"
    Image.new("RGB", (48, 32), (200, 10, 10)).save(file)
    assert desk("adopt", "small", str(file), "--by", "ana") == Exit.DONE
    assert "warning[adopt-other-facts]" in desk.err
    assert "48x32 pixels and not 32x32" in desk.err
    assert (desk.root / "out/small.png").read_bytes() == file.read_bytes()
    assert desk("run") == Exit.DONE
    assert (desk.root / "out/small.png").read_bytes() == file.read_bytes()
    (row,) = desk.json("status", "small")["steps"]
    assert row["choice"] == "adopted"
    assert desk("adopt", "small", str(file)) == Exit.DONE
    assert desk.out == "small: this file stands already\n"


def test_a_view_file_that_was_retouched_can_be_adopted_where_it_lies(desk: Chooser) -> None:
    shown = desk.root / "out/small.png"
    Image.new("RGB", (32, 32), (1, 2, 3)).save(shown)
    retouched = shown.read_bytes()
    assert desk("adopt", "small", str(shown), "--by", "ana") == Exit.DONE
    assert desk.err == ""
    assert shown.read_bytes() == retouched


def test_nothing_stands_for_a_step_that_is_left_out(desk: Chooser) -> None:
    film = desk.root / "pipeline.yaml"
    film.write_text(NOTES.replace("  small:\n", "  small:\n    when: false\n"), "utf-8")
    assert desk("adopt", "small", str(desk.root / "a.png")) == Exit.USAGE
    assert "error[adopt-wrong-kind]: " in desk.err
    assert desk.picks() == set()


@pytest.mark.parametrize(
    ("name", "code"), [("pipeline.yaml", "adopt-wrong-kind"), ("none.png", "adopt-not-read")]
)
def test_what_is_no_picture_is_not_adopted(desk: Chooser, name: str, code: str) -> None:
    assert desk("adopt", "small", str(desk.root / name)) == Exit.USAGE
    assert f"error[{code}]" in desk.err
    assert desk.picks() == set()
