"""The published schema and the walker that judges by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator, Draft202012Validator
from mutated_pipelines import GOOD, mutated
from project_in_memory import spots
from published import SCHEMA

from kinoform.core.errors import in_order
from kinoform.spec.shape import ANNOTATIONS, MAKERS, MAX_FAULTS, OTHER_KEYWORDS, Shape
from kinoform.spec.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.core.errors import Problem

SHAPE = Shape(SCHEMA)


def schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "$defs"):
        for sub in schema.get(key, {}).values():
            yield from schemas(sub)
    for key in ("items", "additionalProperties", "if", "then", "else"):
        yield from schemas(schema.get(key))
    for sub in schema.get("anyOf", ()):
        yield from schemas(sub)


def check(text: str) -> tuple[Problem, ...]:
    return tuple(SHAPE.check(read("p.yaml", text.encode())))


def test_the_walker_knows_every_keyword_of_the_published_schema() -> None:
    used = {key for schema in schemas(SCHEMA) for key in schema}
    assert used == used & (set(MAKERS) | OTHER_KEYWORDS | ANNOTATIONS)


def test_the_published_schema_is_a_schema_in_both_drafts() -> None:
    Draft7Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_of_the_file_is_described_in_one_sentence() -> None:
    missing = [
        name
        for schema in schemas(SCHEMA)
        if schema.get("additionalProperties") is False
        for name, sub in schema["properties"].items()
        if not sub.get("description", "").endswith(".") or ". " in sub["description"]
    ]
    assert not missing


def test_no_rule_stands_beside_a_reference_where_older_editors_overlook_it() -> None:
    assert all(set(s) <= ANNOTATIONS | {"$ref"} for s in schemas(SCHEMA) if "$ref" in s)


def test_every_example_is_valid_where_it_stands() -> None:
    for schema in schemas(SCHEMA):
        for value in schema.get("examples", ()):
            whole = {**schema, "$defs": SCHEMA["$defs"]}
            assert Draft202012Validator(whole).is_valid(value), schema.get("description")


def test_the_schema_file_is_kept_as_its_tools_write_it() -> None:
    path = Path(__file__).parents[2] / "schemas" / "pipeline.json"
    assert path.read_text("utf-8") == json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"


def test_the_good_file_is_good() -> None:
    assert not SHAPE.faults(GOOD)
    Draft7Validator(SCHEMA).validate(GOOD)


@given(mutated())
@settings(max_examples=400)
def test_the_walker_and_the_library_agree_on_what_is_valid(tree: Any) -> None:
    expected = Draft202012Validator(SCHEMA).is_valid(tree)
    assert (not SHAPE.faults(tree)) == expected
    assert Draft7Validator(SCHEMA).is_valid(tree) == expected


@pytest.mark.parametrize(
    ("text", "code", "spot", "path", "says"),
    [
        ("nmae: x", "unknown-key", "2:1", "nmae", "did you mean `name`?"),
        ("zzz: x", "unknown-key", "2:1", "zzz", "there is kinoform, name"),
        ("steps: {a: {uses: b/c, need: [d]}}", "unknown-key", "2:24", "steps.a.need", "`needs`?"),
        ("steps: {a: {}}", "missing-key", "2:9", "steps.a", "`steps.a` has no `uses`"),
        ('steps: {a: {uses: b/c, takes: "3"}}', "wrong-type", "2:31", "steps.a.takes", "drop the quotes: `takes: 3`"),
        ("steps: {a: {uses: b/c, takes: 0}}", "too-small", "2:31", "steps.a.takes", "at least 1"),
        ("steps: {a: {uses: b/c, tags: x}}", "wrong-type", "2:30", "steps.a.tags", "write `tags: [x]`"),
        ("steps: {a: {uses: b/c, needs: [x, 5]}}", "wrong-type", "2:35", "steps.a.needs[1]", '"5"'),
        ("steps: {a: {uses: b/c, pick: reveiw}}", "not-a-choice", "2:30", "steps.a.pick", "did you mean `review`?"),
        ("steps: {a: {uses: b/c, when: x}}", "bad-form", "2:30", "steps.a.when", "one expression"),
        ("steps: {a: {uses: b/c, timeout: soon}}", "bad-form", "2:33", "steps.a.timeout", "90s"),
        ("steps: {a: {uses: b/c, timeout: 0}}", "too-small", "2:33", "steps.a.timeout", "above 0"),
        ('steps: {a: {uses: "{{ x }}"}}', "template-in-structure", "2:19", "steps.a.uses", "templates stand in `with`"),
        ('steps: {a: {uses: b/c, foreach: "${{ x }}"}}', "template-in-structure", "2:33", "steps.a.foreach", "written"),
        ('steps: {a: {uses: b/c, takes: "${{ x }}"}}', "template-in-structure", "2:31", "steps.a.takes", "`takes`"),
        ("shots: [{a: 1}]", "wrong-type", "2:8", "shots", "use a map: the key is the identity"),
        ("data: {m: [1]}", "wrong-type", "2:11", "data.m", "use a map: the key is the identity"),
        ("styles: {ink: 5}", "wrong-type", "2:15", "styles.ink", 'put it in quotes: `ink: "5"`'),
        ("shots: {a: {omit: yes}}", "wrong-type", "2:19", "shots.a.omit", "write `omit: true` or `omit: false`"),
        ("models: {a: kling}", "bad-form", "2:13", "models.a", "the full id of a model"),
        ("models: {a: {any: []}}", "empty", "2:19", "models.a.any", "for example"),
        ("budget: {run: '5'}", "wrong-type", "2:15", "budget.run", "drop the quotes"),
        ("budget: 5", "wrong-type", "2:9", "budget", "for example"),
        ("exports: [{as: file, of: x}]", "missing-key", "2:11", "exports[0]", "has no `to`"),
    ],
)  # fmt: skip
def test_each_fault_says_where_what_and_how_to_write_it(
    text: str, code: str, spot: str, path: str, says: str
) -> None:
    (problem,) = check(f"kinoform: 1\n{text}\n")
    assert spots((problem,)) == [(code, f"p.yaml:{spot}")]
    assert problem.path == path
    assert says in f"{problem.message} ({problem.hint})" or says == "written"


def test_all_faults_of_a_file_are_found_at_once() -> None:
    text = "kinoform: 2\nnmae: x\nsteps:\n  a: {takes: 0, tags: x}\n  b: 5\nshots: []\n"
    assert [problem.code for problem in in_order(check(text))] == [
        "not-a-choice", "unknown-key", "missing-key", "too-small", "wrong-type", "wrong-type", "wrong-type",
    ]  # fmt: skip


def test_the_list_of_faults_has_an_end() -> None:
    many = {"kinoform": 1, **{f"k{n}": 1 for n in range(5 * MAX_FAULTS)}}
    assert len(SHAPE.faults(many)) == MAX_FAULTS + 1


def test_an_included_file_has_blocks_and_no_head() -> None:
    shape = Shape(SCHEMA, included=True)
    assert not shape.faults({"shots": {}})
    assert [fault.key for fault in shape.faults({"kinoform": 1, "name": "x"})] == [
        "kinoform",
        "name",
    ]


@pytest.mark.parametrize("when", ["${{ a }} b", "{{ shot.dur > 5 }}", "${{ a }} ${{ b }}x"])
def test_what_is_not_one_whole_expression_is_told_to_become_one(when: str) -> None:
    (problem,) = check(f'kinoform: 1\nsteps: {{a: {{uses: local/text, when: "{when}"}}}}\n')
    assert (problem.code, "${{ and }}" in problem.hint) == ("mixed-template", True)


def test_a_version_in_quotes_is_told_to_be_a_number() -> None:
    (problem,) = check("kinoform: '1'\n")
    assert (problem.code, problem.hint) == ("wrong-type", "drop the quotes: `kinoform: 1`")
