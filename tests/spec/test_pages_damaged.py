"""Damaged pages: whatever is cut, doubled or mixed up, there is a valid file or a located refusal."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from model_pages import DAY, PAGE_OF, text
from shipped_models import O1, WAVE, meta

from kinoform.core.errors import SpecError
from kinoform.spec.catalog import load
from kinoform.spec.pages.compiler import compile_page

NAMES = ["small/base.md", "small/tin-lamp.txt", "small/entry.json", PAGE_OF[O1], PAGE_OF[WAVE]]
ODD = [
    "",
    "`",
    "``",
    "**",
    "- **",
    "|",
    "| |",
    "```",
    "#### x",
    "-1",
    "1e9",
    "{",
    '"',
    "and",
    "\u00d7",
]


def damaged(name: str, random: Random) -> str:
    """A page with a few lines cut, doubled, moved, or a word in them replaced."""
    lines = text(name).splitlines()
    for _ in range(random.randrange(1, 6)):
        at, to = random.randrange(len(lines)), random.randrange(len(lines))
        kind = random.randrange(4)
        if kind == 0 and len(lines) > 1:
            del lines[at : at + random.randrange(1, 4)]
        elif kind == 1:
            lines.insert(to, lines[at])
        elif kind == 2:
            words = lines[at].split(" ")
            words[random.randrange(len(words))] = random.choice(ODD)
            lines[at] = " ".join(words)
        else:
            lines[at], lines[to] = lines[to], lines[at]
        lines = lines or [""]
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
@seed(20261120)
@settings(max_examples=30, database=None)
@given(number=st.integers(min_value=0))
def test_a_damaged_page_gives_a_valid_file_or_a_refusal(name: str, number: int) -> None:
    document, codes = outcome(damaged(name, Random(number)))
    assert codes <= {"bad-page", "unknown-page", "page-incomplete"}
    if document:
        load(json.loads(json.dumps(document)), meta())


def outcome(page: str) -> tuple[dict[str, Any], set[str]]:
    """The model file, or the codes of a refusal."""
    try:
        return compile_page(page, DAY).document, set()
    except SpecError as refused:
        return {}, {each.code for each in refused.problems}


@pytest.mark.parametrize(
    "page",
    [
        text("small/base.md").replace("`inputs.video`", "`" + "a." * 20_000 + "video`"),
        text("small/base.md").replace("NOTHING", "When `a` " + "and and " * 400 + "is provided, b"),
        text("small/base.md") + "### [a](#request-a)\n\n- **Type**: `object`\n\n" * 2000,
        '{"model_id": "x", "api_schema": ' + "[" * 100_000,
        '{"model_id": "x", "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": '
        + '{"type": "object", "properties": {"a": ' * 300 + "{}" + "}}" * 300 + "}]}}",
    ],
    ids=["path", "sentence", "rows", "brackets", "schema"],
)  # fmt: skip
def test_a_hostile_page_ends_as_quietly(page: str) -> None:
    _, codes = outcome(page)
    assert codes <= {"bad-page"}
