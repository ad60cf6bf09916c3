"""The generated reference: what is committed is what the program says today."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kinoform.cli import reference
from kinoform.cli.reference_data import file_pages, model_pages
from kinoform.cli.reference_page import MARK, table
from kinoform.cli.reference_schema import kind, limits

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What | it is called."},
        "steps": {"additionalProperties": {"$ref": "#/$defs/step"}, "description": "The work."},
    },
    "$defs": {
        "step": {
            "type": "object",
            "description": "One intent.",
            "properties": {
                "takes": {"type": "integer", "minimum": 1},
                "inner": {"$ref": "#/$defs/step"},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        }
    },
}


def test_the_committed_reference_is_up_to_date(root: Path) -> None:
    made = reference.pages(root / "schemas")
    assert not reference.stale(root / "docs" / "reference", made), "run `make docs`"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    (tmp_path / "pipeline.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "acme").mkdir()
    model = {
        "id": "acme/one",
        "source": {"page": "https://acme.example/one", "date": "2026-11-20"},
        "request": {"properties": {"seconds": {"type": "integer", "minimum": 3, "maximum": 15}}},
        "classes": {"seconds": "content"},
        "price": {
            "per": "second",
            "rows": [{"when": [{"path": "sound", "is": True}], "usd": "0.14"}, {"usd": "0.112"}],
        },
        "rules": [{"says": "sound needs a prompt", "severity": "warning"}],
    }
    (tmp_path / "acme" / "one.json").write_text(json.dumps(model))
    return tmp_path


def test_every_key_of_the_pipeline_schema_is_a_row_and_recursion_ends(schemas: Path) -> None:
    rows = file_pages(schemas)["pipeline.md"].splitlines()
    keys = [row.split("`")[1] for row in rows if row.startswith("| `")]
    assert keys == ["name", "steps", "steps.NAME", "steps.NAME.takes", "steps.NAME.inner",
                    "steps.NAME.tags"]  # fmt: skip
    assert "| `steps.NAME` | map | One intent. |" in rows


def test_a_model_is_shown_with_limits_price_and_source(schemas: Path) -> None:
    text = model_pages(schemas)["models-acme.md"]
    assert "| `seconds` | integer | at least 3, at most 15 | content |" in text
    assert "Price per second: $0.14 with `sound` true; else $0.112." in text
    assert "<https://acme.example/one>, read on 2026-11-20" in text
    assert "- sound needs a prompt (warning)" in text


def test_every_page_says_that_it_is_generated(schemas: Path) -> None:
    assert all(MARK in text for text in reference.pages(schemas).values())


def test_writing_removes_old_generated_pages_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text(MARK)
    (tmp_path / "mine.md").write_text("by hand")
    reference.write(tmp_path, {"new.md": MARK})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.md", "new.md"]
    stale = reference.stale(tmp_path, {"new.md": "# Newer\n", "more.md": ""})
    assert stale == ["more.md", "new.md"]


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a",), [("x | y",)]).splitlines()[2] == "| x \\| y |"


def test_types_and_limits_are_words() -> None:
    assert kind({"type": ["string", "null"]}, {}) == "string or null"
    assert kind({"type": "array", "items": {"type": "integer"}}, {}) == "list of integer"
    assert kind({"const": 1}, {}) == "integer"
    assert kind({"anyOf": [{"type": "object"}, {"type": "string"}]}, {}) == "map or string"
    assert limits({"type": "string", "enum": ["a", 1]}) == "one of `a` `1`"
