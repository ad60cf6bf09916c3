"""Walks every model file that ships: each is whole, closed, described, and proven by its requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from shipped_models import FILES, SCHEMAS, fields_in, meta, model, schemas_in, shipped

from kinoform.core.canon import hexdigest
from kinoform.spec.catalog import load
from kinoform.spec.fields import Finding, get, parts, pattern
from kinoform.spec.jsonschemas import faults, malformed, validator
from kinoform.spec.judge import class_of, judge, judge_wire, law
from kinoform.spec.rules import CODES, as_schema

if TYPE_CHECKING:
    from kinoform.spec.catalog import Model

IDS = list(shipped())
PUBLISHED = "e04bc99cc941705c80d7d8dc4dad8654880539355f3aa55f6db56981119b1a46"
LIMITS = {
    "const": "not-one-of", "enum": "not-one-of", "minimum": "too-small", "maximum": "too-large",
    "minLength": "too-short", "maxLength": "too-long", "minItems": "too-few",
    "maxItems": "too-many", "format": "bad-format", "pattern": "bad-format",
    "multipleOf": "off-step",
}  # fmt: skip


@pytest.fixture(params=IDS)
def each(request: pytest.FixtureRequest) -> Model:
    return model(request.param)


def fits(finding: Finding, entry: dict[str, Any]) -> bool:
    return entry["breaks"] in (finding.code, finding.rule) and finding.path == entry["path"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_model_file_follows_the_schema_of_model_files(path: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert load(document, meta()).id == document["id"]
    provider, _, name = document["id"].partition("/")
    expected = f"{provider}/{name.replace(':', '.').replace('/', '.')}.json"
    assert path.relative_to(SCHEMAS).as_posix() == expected


def test_the_schema_of_model_files_is_closed_and_says_what_every_key_is() -> None:
    assert not malformed(meta())
    definitions = [("", meta()), *((f"{n}.", d) for n, d in meta()["$defs"].items())]
    for name, definition in definitions:
        for at, schema in fields_in(definition):
            described = at.endswith("[*]") or "$ref" in schema or schema.get("description")
            assert described, f"{name}{at} has no description"
        for at, schema in schemas_in(definition):
            closed = "additionalProperties" in schema or at == "request"
            assert closed or "properties" not in schema, f"{name}{at} is open"


def test_five_hosted_models_and_five_local_operations_ship() -> None:
    kinds = [m.kind for m in shipped().values()]
    assert (kinds.count("hosted"), kinds.count("local")) == (5, 5)
    pools = {m.id: m.pool for m in shipped().values() if m.kind == "local"}
    assert pools.pop("local/text") == "inline"
    assert set(pools.values()) == {"cpu"}


def test_every_object_in_a_request_is_closed(each: Model) -> None:
    for path, schema in schemas_in(each.document["request"]):
        if "properties" in schema:
            assert schema["additionalProperties"] is False, path


def test_every_field_is_described_in_a_sentence_and_has_a_class(each: Model) -> None:
    for path, schema in fields_in(each.document["request"]):
        assert schema["description"].endswith("."), path
        assert class_of(each, path) in ("content", "technical", "delivery", "transport"), path


def test_a_class_stands_only_for_a_field_there_is(each: Model) -> None:
    paths = {path for path, _ in fields_in(each.document["request"])}
    assert set(each.document["classes"]) <= paths


def test_delivery_and_transport_are_exactly_what_kinoform_sets_itself() -> None:
    ours = {"outputType", "deliveryMethod", "ttl", "webhookURL", "uploadEndpoint", "includeCost"}
    for each in shipped().values():
        top = each.document["request"]["properties"]
        classes = {name: class_of(each, name) for name in top}
        assert {n for n, c in classes.items() if c == "delivery"} == ours & set(top)
        assert {n for n, c in classes.items() if c == "transport"} == (
            {"taskType", "taskUUID"} & set(top)
        )


def test_every_default_is_a_value_the_field_takes(each: Model) -> None:
    for path, schema in fields_in(each.document["request"]):
        if "default" in schema:
            assert not list(faults(validator(schema), schema["default"])), path


def test_every_place_a_table_names_is_a_field_of_the_request(each: Model) -> None:
    paths = {path for path, _ in fields_in(each.document["request"])}
    named = list(each.document["media"])
    for row in [*each.table("portable").values(), *each.table("brief").values()]:
        named += [row["to"]] if isinstance(row["to"], str) else list(row["to"])
    for rows in each.document["outputs"].values():
        one = rows if isinstance(rows, dict) else {"path": rows}
        for row in rows if isinstance(rows, list) else [one]:
            named += [row[key] for key in ("path", "tier") if key in row]
            named += [*row.get("paths", ()), *row.get("columns", {}).values()]
    assert set(named) <= paths


def test_a_native_name_equal_to_a_portable_one_means_the_same(each: Model) -> None:
    top = each.document["request"]["properties"]
    for name, row in each.document["portable"].items():
        assert name not in top or row == {"to": name}


def test_every_example_is_right(each: Model) -> None:
    for example in each.document["examples"]:
        assert judge_wire(each, example["request"]) == (), example["title"]
        assert judge(each, example["request"]) == (), example["title"]


def test_all_seventeen_published_requests_stand_as_examples() -> None:
    counts = [len(m.document["examples"]) for m in shipped().values() if m.provider == "runware"]
    assert sorted(counts) == [4, 4, 4, 5]


def test_published_requests_stand_verbatim() -> None:
    """The digest was taken from the pages; no edit of a file may touch what they publish."""
    published = [m.document["examples"] for m in shipped().values() if m.provider == "runware"]
    requests = sorted(hexdigest(e["request"]) for examples in published for e in examples)
    assert hexdigest(requests) == PUBLISHED


def test_every_refused_request_is_refused_for_its_reason_at_its_place(each: Model) -> None:
    for entry in each.document["refused"]:
        found = judge_wire(each, entry["request"])
        assert any(fits(f, entry) and f.severity == "error" for f in found), (entry, found)


def test_every_warned_request_stays_valid(each: Model) -> None:
    for entry in each.document.get("warned", ()):
        found = judge_wire(each, entry["request"])
        assert any(fits(f, entry) for f in found), (entry, found)
        assert {f.severity for f in found} == {"warning"}, (entry, found)


def test_every_rule_is_reached_by_a_request_of_its_own_file(each: Model) -> None:
    for rule in each.document["rules"]:
        proofs = each.document["refused" if rule["severity"] == "error" else "warned"]
        assert rule["id"] in {entry["breaks"] for entry in proofs}


def test_every_limit_is_reached_by_a_refused_request(each: Model) -> None:
    proven = {
        (entry["breaks"], pattern(int(p) if p.isdigit() else p for p in parts(entry["path"])))
        for entry in each.document["refused"]
    }
    for path, schema in schemas_in(each.document["request"]):
        for keyword in LIMITS.keys() & schema.keys():
            assert (LIMITS[keyword], path) in proven, (keyword, path)
        for name in schema.get("required", ()):
            inner = f"{path}.{name}" if path else name
            assert ("missing", inner) in proven, inner
        if "properties" in schema:
            unknown = f"{path}.surprise" if path else "surprise"
            assert ("unknown-parameter", unknown) in proven, unknown


def test_every_field_refuses_a_value_of_no_type_it_knows(each: Model) -> None:
    judges = dict(fields_in(each.document["request"]))
    for path, schema in judges.items():
        if "type" in schema:
            codes = {f.code for f in faults(validator(schema), None)}
            assert codes == {"not-one-of" if {"enum", "const"} & schema.keys() else "wrong-type"}, (
                path
            )


def test_what_a_rule_says_the_request_schema_says_too(each: Model) -> None:
    sizes = each.document.get("sizes", ())
    written = {e["x-rule"]: e for e in each.document["request"].get("allOf", ())}
    for rule in each.document["rules"]:
        schema = as_schema(rule, sizes)
        expected = None if schema is None else {"x-rule": rule["id"], **schema}
        assert written.pop(rule["id"], None) == expected
    assert not written


def test_only_sums_and_warnings_have_no_schema(each: Model) -> None:
    for rule in each.document["rules"]:
        without = as_schema(rule, each.document.get("sizes", ())) is None
        assert without == (rule["rule"] == "sum" or rule["severity"] == "warning")


def test_the_rule_vocabulary_of_the_file_schema_is_the_one_that_is_judged() -> None:
    assert meta()["$defs"]["rule"]["properties"]["rule"]["enum"] == sorted(CODES)


def test_a_dropped_sentence_names_an_example_that_stands_in_the_file(each: Model) -> None:
    titles = {example["title"] for example in each.document["examples"]}
    for dropped in each.document["source"]["dropped"]:
        assert dropped.get("breaks", next(iter(titles))) in titles


def test_constants_are_filled_in_and_never_asked_of_a_step(each: Model) -> None:
    constants = dict(law(each).constants)
    assert constants.keys() <= set(law(each).withheld)
    for path, value in constants.items():
        assert get(each.document["examples"][0]["request"], path) == value
