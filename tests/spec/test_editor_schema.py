"""The schema of one project for its editor: what it accepts, what it marks, how large it is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from film import FILM
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from project_in_memory import Folder
from published import SCHEMA
from shipped_models import O3, PRO, WAVE, model, shipped

from kinoform.core.errors import SpecError
from kinoform.spec import sizes
from kinoform.spec.editor import MAX_IDS, editor_schema
from kinoform.spec.editor_model import TEMPLATE, parameters
from kinoform.spec.judge import law
from kinoform.spec.salvage import Names, names
from kinoform.spec.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.spec.catalog import Model

PIPELINES = Path(__file__).parents[2] / "pipelines"
DRAFTS = (Draft7Validator, Draft202012Validator)
NAMES = sorted(path.parent.name for path in PIPELINES.glob("*/pipeline.yaml"))
MODELS = sorted(shipped())


@cache
def files(name: str) -> dict[str, str]:
    """A shipped pipeline: its text files."""
    folder = PIPELINES / name
    found = [folder / "pipeline.yaml", *folder.glob("*.csv")]
    return {path.name: path.read_text("utf-8") for path in found}


def named(texts: dict[str, str]) -> Names:
    return names(Folder(texts), "pipeline.yaml")


def schema_of(texts: dict[str, str]) -> dict[str, Any]:
    return editor_schema(named(texts), shipped(), SCHEMA)


@cache
def shipped_schema(name: str) -> dict[str, Any]:
    return schema_of(files(name))


def faults(schema: Any, text: str) -> set[str]:
    """The dotted paths at which a pipeline is marked."""
    errors = Draft7Validator(schema).iter_errors(read("pipeline.yaml", text.encode()))
    return {".".join(map(str, error.absolute_path)) for error in errors}


def pipeline(step: str, top: str = "") -> str:
    models = f"{{board: '{O3}', motion: '{PRO}', both: {{any: ['{O3}', '{WAVE}']}}}}"
    return f"kinoform: 1\nmodels: {models}\n{top}\nsteps:\n  one: {step}\n  two: {{uses: local/text, with: {{text: x}}}}\n"


def marked(step: str, top: str = "") -> set[str]:
    """What is marked in a pipeline with this step, under its own schema."""
    text = pipeline(step, top)
    return faults(schema_of({"pipeline.yaml": text}), text)


# The schema as such


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("draft", DRAFTS)
def test_it_is_a_schema_of_both_drafts_and_accepts_its_own_pipeline(draft: Any, name: str) -> None:
    schema = shipped_schema(name)
    draft.check_schema(schema)
    tree = read("pipeline.yaml", files(name)["pipeline.yaml"].encode())
    assert not list(draft(schema).iter_errors(tree))


def test_the_small_film_of_other_tests_has_no_marks() -> None:
    assert not faults(schema_of({"pipeline.yaml": FILM}), FILM)


def test_it_says_that_it_is_draft_seven_and_uses_no_later_word() -> None:
    later = {"unevaluatedProperties", "unevaluatedItems", "prefixItems", "dependentRequired",
             "dependentSchemas", "minContains", "$dynamicRef", "$anchor"}  # fmt: skip
    assert "draft-07" in shipped_schema("lighthouse")["$schema"]
    assert not later & set(keys(shipped_schema("lighthouse")))


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from keys(each)


def test_it_stays_small() -> None:
    assert len(json.dumps(shipped_schema("lighthouse"), indent=1).encode()) < 200_000


def test_every_model_of_the_catalog_is_defined_once_and_no_other() -> None:
    defined = [name for name in shipped_schema("hello")["$defs"] if name.startswith("with.")]
    assert len(defined) == len(shipped())


def test_the_published_schema_is_left_as_it_was() -> None:
    before = json.dumps(SCHEMA)
    schema_of(files("hello"))
    assert json.dumps(SCHEMA) == before


PLANTED = [
    ("uses: board\n    foreach", "uses: bord\n    foreach", "steps.still.uses"),
    ("      size: 2K 2:3", "      sise: 2K 2:3", "steps.poster.with"),
    ("      size: 2K 2:3", "      size: 9K 2:3", "steps.poster.with.size"),
    ("duration: ${{ shot.dur }}", "duration: 20", "steps.clip.with.duration"),
    ("sound: ${{ shot.sound }}", "sound: loud", "steps.clip.with.sound"),
    ("uses: cast\n    foreach: characters", "uses: cast\n    foreach: actors", "steps.sheet.foreach"),
    ("kling-image@o1", "kling-image@o9", "models.cast"),
    ("with: {clips:", "with: {fit: stretch, clips:", "steps.reel.with.fit"),
    ('with: {clips: "${{ out.clip.all }}"}', "with: {}", "steps.reel.with"),
    ("    tags: [film]\n    with: {", "    needs: [stil]\n    with: {", "steps.reel.needs.0"),
    ("title: ${{ vars.title }}", "columns: 0", "steps.board.with.columns"),
    ("      size: 1K 3:2", "      taskUUID: x", "steps.sheet.with"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path"), PLANTED)
def test_a_planted_fault_is_marked_at_its_place_and_nothing_else(
    old: str, new: str, path: str
) -> None:
    text = files("lighthouse")["pipeline.yaml"]
    assert text.count(old) == 1
    assert faults(shipped_schema("lighthouse"), text.replace(old, new)) == {path}


# Parameters


def judge(found: Model) -> Any:
    return Draft7Validator({**parameters(found), "$defs": {"template": TEMPLATE}})


def mine(found: Model, request: Any) -> dict[str, Any]:
    """The part of a wire request that a step may set."""
    return {name: value for name, value in request.items() if name not in law(found).withheld}


@pytest.mark.parametrize("name", MODELS)
def test_every_published_example_may_stand_in_a_step(name: str) -> None:
    found = model(name)
    for example in found.document["examples"]:
        errors = list(judge(found).iter_errors(mine(found, example["request"])))
        assert not errors, example["title"]


@pytest.mark.parametrize("name", MODELS)
def test_what_kinoform_sets_itself_is_not_offered_and_all_else_is(name: str) -> None:
    found = model(name)
    offered = set(parameters(found)["properties"])
    native = set(found.document["request"]["properties"])
    assert offered == (native - set(law(found).withheld)) | set(found.document["portable"])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("value", ["${{ x }}", "a {{ x }}", "{% if x %}1{% endif %}", None])
def test_a_template_or_nothing_may_stand_for_every_parameter(name: str, value: str | None) -> None:
    for each in parameters(model(name))["properties"].values():
        rule = {**each, "$defs": {"template": TEMPLATE}}
        assert Draft7Validator(rule).is_valid(value)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_says_what_it_is_with_its_default(name: str) -> None:
    found = model(name)
    for key, each in parameters(found)["properties"].items():
        assert each["description"], key
        native = found.document["request"]["properties"].get(key, {})
        if "default" in native and key not in found.document["portable"]:
            assert "Default: " in each["description"]
            assert each["default"] == native["default"]


@given(st.lists(st.sampled_from(["1K", "2k", "4k", "1080p", "720p", "16:9", "9:16", "5:4", "auto",
                                 "1360x768", "1920 X 1080", "1920x1081", "9x"]), max_size=3))  # fmt: skip
def test_a_size_is_accepted_as_the_size_table_reads_it(words: list[str]) -> None:
    text = " ".join(words)
    for name in (O3, PRO, WAVE):
        rows = model(name).document["sizes"]
        size = parameters(model(name))["properties"]["size"]
        rule = {**size, "$defs": {"template": TEMPLATE}}
        assert Draft7Validator(rule).is_valid(text) == _offered(text, rows), (name, text)


def _offered(text: str, rows: Any) -> bool:
    try:
        return sizes.read(text, rows)["tier"] is not None
    except sizes.NoSizeError:
        return False


def test_one_or_many_references_may_stand_under_a_portable_list() -> None:
    assert not marked("{uses: board, with: {prompt: aa, size: 1K 1:1, references: a.png}}")
    assert not marked(
        "{uses: board, with: {prompt: aa, size: 1K 1:1, references: [a.png, '${{ out.two }}']}}"
    )
    assert marked("{uses: board, with: {prompt: aa, size: 1K 1:1, references: 5}}") == {
        "steps.one.with.references"
    }


def test_portable_members_stand_beside_those_of_the_wire() -> None:
    item = "{id: mara, frontal_image: a.png}"
    assert not marked(f"{{uses: motion, with: {{prompt: aa, elements: [{item}]}}}}")
    assert marked("{uses: motion, with: {prompt: aa, elements: [{id: a, front: b}]}}")


def test_what_is_required_may_stand_under_its_portable_name() -> None:
    assert not marked("{uses: local/frame, with: {video: a.mp4, at: first}}")
    assert marked("{uses: local/frame, with: {video: a.mp4}}") == {"steps.one.with"}
    assert marked("{uses: local/frame}") == {"steps.one"}
    assert marked(f"{{uses: {WAVE}, with: {{count: 2}}}}") == {"steps.one.with"}


def test_an_alias_of_several_models_takes_what_one_of_them_takes() -> None:
    assert not marked("{uses: both, with: {prompt: aa, aspect_ratio: '16:9'}}")
    assert not marked("{uses: both, with: {prompt: aa, size: 1K 1:1, outputQuality: 90}}")
    assert marked("{uses: both, with: {prompt: aa, surprise: 1}}") == {"steps.one.with"}


def test_a_full_id_counts_as_its_alias_does() -> None:
    assert marked(f"{{uses: '{O3}', with: {{prompt: aa, size: 1K 1:1, duration: 5}}}}") == {
        "steps.one.with"
    }


# Names


def listed(texts: dict[str, str], *path: str) -> list[str]:
    """The words that are offered somewhere below the definitions."""
    part: Any = schema_of(texts)["$defs"]
    for step in path:
        part = part[step]
    return list(part.get("enum") or part["anyOf"][0]["enum"])


def test_uses_offers_aliases_models_and_local_operations() -> None:
    found = listed(files("lighthouse"), "step", "properties", "uses")
    assert found == ["cast", "board", "retouch", "print", "motion", *shipped()]


def test_needs_offers_steps_and_instances_with_the_keys_of_a_table() -> None:
    found = listed(files("lighthouse"), "made")
    assert {"still", "still@s010", "sheet@mara", "poster"} <= set(found)
    assert "hero@fr.wide" in listed(files("product-spot"), "made")


def test_more_instances_than_a_list_can_show_are_a_pattern() -> None:
    shots = "".join(f"  s{n:04}: {{x: 1}}\n" for n in range(MAX_IDS + 1))
    step = "{uses: local/text, foreach: shots, needs: [NEED], with: {text: a}}"
    for need, wrong in (("one@s0001", set()), ("eno@s0001", {"steps.one.needs.0"})):
        assert marked(step.replace("NEED", need), f"shots:\n{shots}") == wrong


def test_a_pipeline_of_thousands_of_steps_keeps_a_small_schema() -> None:
    many = Names({}, {}, {f"step{n}": () for n in range(20_000)})
    assert len(json.dumps(editor_schema(many, shipped(), SCHEMA))) < 200_000


def test_names_of_included_files_are_known() -> None:
    texts = {
        "pipeline.yaml": "kinoform: 1\ninclude: more.yaml\nsteps: {}\n",
        "more.yaml": f"models: {{far: '{O3}'}}\nsteps: {{still: {{uses: far}}}}\n",
    }
    assert "far" in listed(texts, "step", "properties", "uses")
    assert listed(texts, "made") == ["still"]


def test_while_a_file_is_missing_unknown_names_are_no_faults() -> None:
    text = (
        "kinoform: 1\ninclude: gone.yaml\nsteps: {one: {uses: far, foreach: shots, needs: [x]}}\n"
    )
    assert not faults(schema_of({"pipeline.yaml": text}), text)


def test_while_a_table_is_missing_any_of_its_instances_may_be_needed() -> None:
    top = "shots: {from: gone.csv, key: id}"
    step = "{uses: local/text, foreach: shots, needs: ['one@s1'], with: {text: a}}"
    assert not marked(step, top)


def test_a_model_that_is_not_in_the_catalog_leaves_its_steps_open() -> None:
    text = "kinoform: 1\nmodels: {new: 'acme/one'}\nsteps: {one: {uses: new, with: {any: thing}}}\n"
    assert faults(schema_of({"pipeline.yaml": text}), text) == {"models.new"}


# Files that are not finished


def test_a_file_cut_anywhere_gives_the_names_above_the_cut() -> None:
    text = files("lighthouse")["pipeline.yaml"]
    for end in range(0, len(text), 7):
        found = named({**files("lighthouse"), "pipeline.yaml": text[:end]})
        begun = [s for s in NAMES_OF_STEPS if f"\n  {s}:\n    uses: " in text[:end]]
        assert set(begun) <= set(found.steps), text[:end][-80:]


NAMES_OF_STEPS = ("sheet", "still", "edit", "clip", "poster", "reel", "board")
SCRAPS = [
    "pro",
    "      pro",
    '"',
    "      gar: [",
    "  - x",
    "\tx",
    "    a: ${{ x }",
    '    b: "abc',
    "%",
]


@pytest.mark.parametrize("scrap", SCRAPS)
def test_a_line_that_is_half_written_costs_no_step(scrap: str) -> None:
    lines = files("lighthouse")["pipeline.yaml"].split("\n")
    for at in range(0, len(lines), 5):
        text = "\n".join([*lines[:at], scrap, *lines[at:]])
        assert set(named({**files("lighthouse"), "pipeline.yaml": text}).steps) >= {
            *NAMES_OF_STEPS
        }, at


def test_faults_that_leave_a_tree_are_passed_over() -> None:
    text = "name: a\nname: b\nmodels: {board: acme/one}\nvars: {x: !tag y}\nsteps: [1]\n"
    found = named({"pipeline.yaml": text})
    assert found.aliases == {"board": ("acme/one",)}
    assert found.whole
    assert {problem.code for problem in found.problems} >= {"duplicate-key", "tag"}


@pytest.mark.parametrize("text", ["", "kino", "- 1", "null", "models: 5\nsteps: {a: 1}\ndata: []"])
def test_a_file_that_only_begins_has_no_names_yet(text: str) -> None:
    found = named({"pipeline.yaml": text})
    assert not found.aliases
    Draft7Validator.check_schema(schema_of({"pipeline.yaml": text}))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_yaml_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(SpecError):
        names(Folder({"pipeline.yaml": data}), "pipeline.yaml")


def test_an_included_file_that_is_no_yaml_costs_its_own_names_only() -> None:
    found = named({"pipeline.yaml": "include: b.yaml\nsteps: {a: {}}", "b.yaml": "\0"})
    assert (tuple(found.steps), found.whole) == (("a",), False)


def test_a_pipeline_that_is_not_there_is_refused() -> None:
    with pytest.raises(SpecError):
        names(Folder({}), "pipeline.yaml")
