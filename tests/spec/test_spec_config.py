"""The settings file: its published schema, its faults with places, and no key in any message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from kinoform.core.errors import Problem, SpecError
from kinoform.spec import config
from kinoform.spec.shape import ANNOTATIONS, MAKERS, OTHER_KEYWORDS, Shape

FILE = Path(__file__).parents[2] / "schemas" / "config.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
KEY = "q7RtZ2mX9pLw4KcV8sNb"


def load(text: str) -> Any:
    return config.load("config.yaml", text.encode(), SCHEMA)


def faults(text: str) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        load(text)
    return caught.value.problems


def schemas(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema."""
    if not isinstance(schema, dict):
        return []
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [schema.get("items"), *schema.get("anyOf", ())]
    return [schema, *(found for each in inner for found in schemas(each))]


def test_the_published_schema_is_one_that_the_walker_reads_whole() -> None:
    Draft7Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)
    used = {key for schema in schemas(SCHEMA) for key in schema}
    assert used <= set(MAKERS) | OTHER_KEYWORDS | ANNOTATIONS
    assert FILE.read_text("utf-8") == json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"


def test_every_setting_is_described_and_every_example_is_valid() -> None:
    for schema in schemas(SCHEMA):
        for name, sub in schema.get("properties", {}).items():
            assert sub.get("description", "").endswith("."), name
        for value in schema.get("examples", ()):
            whole = {**schema, "$defs": SCHEMA["$defs"]}
            assert Draft202012Validator(whole).is_valid(value), schema.get("description")
            assert not Shape(whole).faults(value)


def test_an_empty_file_sets_nothing() -> None:
    assert load("") == {}
    assert load("# nothing yet\n") == {}


@pytest.mark.parametrize(
    ("text", "code", "spot", "says"),
    [
        ("provider: {}", "unknown-key", "1:1", "did you mean `providers`?"),
        ("providers: {runwear: {}}", "unknown-key", "1:13", "did you mean `runware`?"),
        ("providers: {runware: {at_onec: 1}}", "unknown-key", "1:23", "did you mean `at_once`?"),
        ("providers: {runware: {at_once: 0}}", "too-small", "1:32", "at least 1"),
        ("providers: {runware: {key_command: pass}}", "wrong-type", "1:36", "[pass]"),
        ("providers: {runware: {key_command: []}}", "empty", "1:36", "[pass, show, runware]"),
        ("providers: {runware: {longest: soon}}", "bad-form", "1:32", "90s"),
        ("on_unknown: aks", "not-a-choice", "1:13", "did you mean `ask`?"),
        ("budget: {run: -1}", "too-small", "1:15", "at least 0"),
        ("budget: {run: '5'}", "wrong-type", "1:15", "drop the quotes"),
        ("budget: 5", "wrong-type", "1:9", "for example"),
        ("- budget", "wrong-type", "1:1", "begin with `providers:`"),
        ("a: 1\na: 2", "duplicate-key", "2:1", "line 1"),
        ("a: [", "syntax", "1:5", ""),
        ("budget: !!python/object:os.system {}", "tag", "1:9", "remove it"),
    ],
)  # fmt: skip
def test_each_fault_says_where_and_how_to_write_it(
    text: str, code: str, spot: str, says: str
) -> None:
    first = faults(text)[0]
    assert first.code == code
    assert str(first.where) == f"config.yaml:{spot}"
    assert says in f"{first.message} {first.hint}"


@pytest.mark.parametrize("name", ["key", "api_key", "KEY", "token"])
def test_a_key_in_the_file_is_refused_with_the_way_to_do_it(name: str) -> None:
    (found,) = faults(f"providers: {{runware: {{{name}: {KEY}}}}}")
    assert found.code == "key-in-config"
    assert "key_file" in found.hint


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"RUNWARE_API_KEY={KEY}",
        f"RUNWARE_API_KEY: {KEY}",
        f"providers: {KEY}",
        f"providers: {{runware: {KEY}}}",
        f"providers: {{runware: {{{KEY}}}}}",
        f"providers: {{runware: {{key: {KEY}}}}}",
        f"providers: {{runware: {{key_command: {KEY}}}}}",
        f"providers: {{runware: {{on_unknown: {KEY}}}}}",
        f"providers: {{runware: {{longest: {KEY}}}}}",
        f"providers: {{runware: {{at_once: {KEY}}}}}",
        f"providers: {{runware: {{{KEY}: 1}}}}",
        f"providers: {{runware: {{key_file: *{KEY}}}}}",
        f"providers: {{runware: {{key_file: !{KEY} x}}}}",
        f"providers: {{runware: {{key_file: '{KEY}",
        f"providers: {{runware: @{KEY}}}",
        f"providers: &{KEY} {{a: *{KEY}}}",
        f"%{KEY}\n---\na: 1",
    ],
)
def test_a_key_in_the_wrong_place_is_in_no_message(text: str) -> None:
    assert not any(KEY in f"{found!r}" for found in faults(text))


def test_a_huge_file_is_not_read() -> None:
    assert faults("#" * (config.MAX_BYTES + 1))[0].code == "file-too-large"


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    try:
        config.load("config.yaml", data, SCHEMA)
    except SpecError as error:
        assert error.problems  # noqa: PT017  (either outcome is right; that nothing else is raised is the fact)
