"""What is printed: safe text, aligned rows, one JSON document, colour only where it is wanted."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.cli.show import Show, safe
from kinoform.core.errors import Problem, Where


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def pair(environ: dict[str, str] | None = None, *, terminal: bool = False) -> Show:
    kind = Terminal if terminal else io.StringIO
    return Show(kind(), kind(), environ or {})


def written(show: Show) -> tuple[str, str]:
    assert isinstance(show.out, io.StringIO)
    assert isinstance(show.err, io.StringIO)
    return show.out.getvalue(), show.err.getvalue()


@given(st.text())
def test_no_text_can_steer_a_terminal(text: str) -> None:
    shown = safe(text)
    assert "\x1b" not in shown
    assert all(char.isprintable() or ord(char) > 0x9F for char in shown)
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb", "a\\nb"),
        ("\u202egpj", "\\u202egpj"),
        ("\x9b31m", "\\x9b31m"),
        ("Zoë 灯台 👩‍🚀", "Zoë 灯台 👩‍🚀"),
    ],
)
def test_control_characters_are_spelled_out_and_words_left_alone(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_markup_in_user_text_is_text() -> None:
    show = pair({"NO_COLOR": "1"}, terminal=True)
    show.rows(["step"], [["[red]still[/red] [a/b]"]])
    assert "[red]still[/red] [a/b]" in written(show)[0]


def test_rows_are_aligned_in_plain_text() -> None:
    show = pair()
    show.rows(["step", "price"], [["still", "$0.03"], ["灯", "$11.20"]], right=["price"])
    assert written(show)[0].splitlines() == ["step    price", "still   $0.03", "灯     $11.20"]


ID = "770a8400-e29b-41d4-a716-446655440000"


def test_a_table_on_a_terminal_folds_between_words_only() -> None:
    show = pair(terminal=True)
    show.rows(("id", "state"), [(ID, "submitted: outcome unknown, and much more is said of it")])
    lines = re.sub("\x1b\\[[0-9;]*m", "", written(show)[0]).splitlines()
    assert lines[1].startswith(f"{ID}  submitted: outcome unknown,")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80


def test_a_row_that_is_too_wide_for_a_terminal_is_a_few_lines() -> None:
    show = pair(terminal=True)
    row = ("3f9a21bc", ID, "wavespeed/kwaivgi/kling-video-o3-pro/image-to-video", "")
    show.rows(("id", "task", "model", "seed"), [row])
    assert written(show)[0].splitlines() == ["3f9a21bc", f"  task   {ID}", f"  model  {row[2]}"]


def test_rows_of_nothing_still_name_their_columns() -> None:
    show = pair()
    show.rows(["step", "price"], [])
    assert written(show)[0] == "step  price\n"


def test_a_document_has_sorted_keys_and_money_as_text() -> None:
    show = pair()
    show.document({"b": Decimal("1.120"), "a": "Zoë\x1b"})
    assert written(show)[0] == '{"a": "Zo\\u00eb\\u001b", "b": "1.12"}\n'


def test_a_document_refuses_what_is_not_json() -> None:
    with pytest.raises(TypeError):
        pair().document({"a": object()})


def test_a_hostile_file_name_cannot_hide_the_message() -> None:
    show = pair()
    show.problems([Problem("bad-word", "no\x1b[8m", Where("a\u202eb.yaml", 1, 2), hint="\x07")])
    assert written(show)[1] == "a\\u202eb.yaml:1:2: error[bad-word]: no\\x1b[8m\n  hint: \\x07\n"


def test_a_problem_without_a_place_names_its_field() -> None:
    show = pair()
    show.problems([Problem("bad-word", "above 15", path="duration", severity="warning")])
    assert written(show)[1] == "duration: warning[bad-word]: above 15\n"


def test_without_a_place_where_is_null() -> None:
    show = Show(io.StringIO(), io.StringIO(), json=True)
    show.fail([Problem("bad-word", "no")])
    assert json.loads(written(show)[0])["problems"][0]["where"] is None


TERMINAL, FILE = "terminal", "file"


@pytest.mark.parametrize(
    ("stream", "environ", "expected"),
    [
        (TERMINAL, {}, "colour"),
        (FILE, {}, "plain"),
        (TERMINAL, {"NO_COLOR": "1"}, "plain"),
        (TERMINAL, {"NO_COLOR": ""}, "colour"),
        (FILE, {"FORCE_COLOR": "1"}, "colour"),
        (FILE, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, "plain"),
        (TERMINAL, {"TERM": "dumb"}, "plain"),
    ],
)
def test_colour_follows_the_usual_variables(
    stream: str, environ: dict[str, str], expected: str
) -> None:
    show = pair(environ, terminal=stream == TERMINAL)
    show.problems([Problem("bad-word", "no")])
    assert ("\x1b[" in written(show)[1]) == (expected == "colour")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "live"),
        ({"CI": "true"}, "still"),
        ({"CI": "false"}, "live"),
        ({"TERM": "dumb"}, "still"),
    ],
)
def test_nothing_redraws_itself_in_ci(environ: dict[str, str], expected: str) -> None:
    assert pair(environ, terminal=True).live == (expected == "live")
    assert not pair(environ).live
