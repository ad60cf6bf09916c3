"""Small words: counts, lengths, names, tables without empty columns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from build_steps import step

from kinoform.core.types import Expect, Facts
from kinoform.views import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0.0 s"), (1.24, "1.2 s"), (12.4, "12 s"), (65, "1 min 05 s"), (600, "10 min 00 s")],
)
def test_how_long_something_took(seconds: float, said: str) -> None:
    assert words.lasted(seconds) == said


def test_one_is_not_many() -> None:
    assert words.many(1, "step") == "1 step"
    assert words.many(2000, "step") == "2,000 steps"
    assert words.many(3, "step is", "steps are") == "3 steps are"


def test_a_frame_of_a_clip_belongs_to_its_step() -> None:
    assert words.home("clip@s010.last_frame") == "clip"
    assert words.home("hero@fr.wide") == "hero"
    assert words.home("reel.first_frame") == "reel"


def test_a_long_list_is_cut_and_counted() -> None:
    assert words.listed("abcd") == "a, b, c, d"
    assert words.listed("abcdef") == "a, b, c and 3 more"


def test_what_a_step_makes_in_few_characters() -> None:
    clip = Expect("video/mp4", Facts(1920, 1080, 5.0))
    assert words.expected(replace(step("x"), expects=(clip,))) == "1920x1080 5 s"
    assert words.expected(replace(step("x"), expects=(clip, clip))).endswith("5 s × 2")  # noqa: RUF001  (the sign is meant)
    assert words.expected(replace(step("x"), expects=())) == ""


def test_columns_that_say_nothing_are_left_out() -> None:
    head, rows = words.squeezed(("id", "tags", "path"), [("a", "", "x"), ("b", "", "")])
    assert (head, rows) == (["id", "path"], [("a", "x"), ("b", "")])
    assert words.squeezed(("id", "tags"), []) == (["id"], [])


def test_a_drafts_brief_is_called_as_people_wrote_it() -> None:
    assert words.field("brief.prompt") == "prompt"
    assert words.field("positivePrompt") == "positivePrompt"
