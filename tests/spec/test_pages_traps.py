"""Traps of Markdown pages: paths, values, tables, prices and samples that are not what they seem."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from model_pages import DAY, LOST, text
from shipped_models import nothing
from small_pages import BASE, CALL, URL, as_model, edited, made, rules_broken, untried

from kinoform.core.errors import SpecError
from kinoform.spec.outputs import expects
from kinoform.spec.pages.compiler import compile_page
from kinoform.spec.price import price
from kinoform.spec.rules import as_schema

SIZES = """\
The following dimension combinations are supported:

| Configuration | Dimensions |
| --- | --- |
| `720p (16:9)` | `1280\u00d7720` |
| `4K (3:2)` | `4992x3328` |
| `4K (3:2)` | `5000x3334` |
| `1:1` | `960x960` |
"""
CONSTRAINTS = """\
Parameter constraints vary based on the configuration:

| Dimensions | `duration` | `resolution` |
| --- | --- | --- |
| `1280x720` | `5` `8` | `720p` |
| `Other` | `5` `8` `10` | `480p` `720p` |
"""


def field(report: Any, path: str) -> Any:
    schema = report.document["request"]
    for step in path.split("."):
        schema = schema["items"] if step == "*" else schema["properties"][step]
    return schema


def replaced(*parts: tuple[str, str]) -> Any:
    return edited(*parts)


def test_an_object_row_that_prints_its_childs_path_lies_where_its_heading_says() -> None:
    rows = """\
### [safety](https://docs.example#request-safety)

- **Path**: `safety.checkContent`
- **Type**: `object (2 properties)`

Checks.

#### [checkContent](https://docs.example#request-safety-checkcontent)

- **Path**: `safety.checkContent`
- **Type**: `boolean`

Whether to check.

**Generation Parameters**
"""
    report = replaced(("**Generation Parameters**", rows))
    assert field(report, "safety")["additionalProperties"] is False
    assert field(report, "safety.checkContent")["type"] == "boolean"
    assert "first child" in report.dropped[0].why


def test_a_path_that_does_not_name_its_parameter_is_told() -> None:
    report = replaced(("`inputs.video`", "`inputs.film`"))
    assert field(report, "video")["type"] == "string"
    assert report.dropped[0].says == "video: Path: inputs.film"


def test_headings_and_bullets_in_a_code_sample_are_no_parameters() -> None:
    assert "nothing" not in made().document["request"]["properties"]
    assert field(made(), "inputs.frameImages")["maxItems"] == 2


def test_bullets_below_the_description_are_no_limits() -> None:
    report = replaced(
        ("Length in seconds.", "Length in seconds.\n\n- **Max**: `99`\n- **Type**: `string`")
    )
    assert field(report, "duration")["maximum"] == 15


def test_members_of_a_list_of_objects_lie_in_its_items() -> None:
    frame = field(made(), "inputs.frameImages.*")
    assert frame["required"] == ["image"]
    assert frame["additionalProperties"] is False


def test_an_object_with_allowed_values_has_the_types_of_these_values() -> None:
    frame = field(made(), "inputs.frameImages.*.frame")
    assert frame["enum"] == ["first", "last", 0, -1]
    assert frame["type"] == ["string", "integer"]


def test_a_number_or_a_word_keeps_both() -> None:
    report = replaced(
        ("- **Type**: `integer`\n- **Min**: `3`", "- **Type**: `integer | string`\n- **Min**: `3`"),
        ("Length in seconds.", "Length in seconds.\n\n**Allowed values**: `auto`"),
    )
    size = {"width": 1280, "height": 720}
    assert rules_broken(report, **size, duration="auto") == []
    assert rules_broken(report, **size, duration=8) == []
    assert rules_broken(report, **size, duration=16) == ["too-large"]
    assert rules_broken(report, **size, duration="long") == ["not-one-of"]


def test_values_that_stand_only_in_descriptions_are_told_and_not_invented() -> None:
    report = replaced(
        (
            "**Allowed values**: `480p` `720p`",
            "**Allowed values**:\n\n- The small one.\n- The large one.",
        )
    )
    assert "enum" not in field(report, "resolution")
    assert any(note.says == "resolution: Allowed values" for note in report.dropped)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("- **Step**: `1`", "- **Step**: `2`", "duration: Step: 2"),
        (
            "- **Format**: `UUID v4`\n\nId of the task",
            "- **Format**: `ULID`\n\nId",
            "taskUUID: Format: ULID",
        ),
        ("- **Default**: `5`", "- **Default**: `short`", "duration: Default: short"),
        (
            "- **Type**: `boolean`",
            "- **Type**: `tensor`",
            "providerSettings.tin.audio: Type: tensor",
        ),
    ],
)
def test_a_limit_that_cannot_be_followed_is_told(old: str, new: str, says: str) -> None:
    assert says in [note.says for note in replaced((old, new)).dropped]


def test_a_second_row_of_a_parameter_does_not_count() -> None:
    row = "### [width](https://docs.example#request-width)\n\n- **Type**: `string`\n\nWide.\n\n### [height]"
    report = replaced(("### [height]", row))
    assert field(report, "width")["type"] == "integer"
    assert report.dropped[0].says == "width: a second row"


def test_rows_of_sizes_need_no_label_of_their_own_and_may_be_written_with_a_cross() -> None:
    report = made(SIZES)
    rows = [(r["tier"], r["ratio"], r["width"]) for r in report.document["sizes"]]
    assert rows == [
        ("720p", "16:9", 1280),
        ("4K", "3:2", 4992),
        ("4K", "3:2", 5000),
        ("all", "1:1", 960),
    ]
    assert [rule["id"] for rule in report.document["rules"]] == ["size-table"]
    assert rules_broken(report, width=5000, height=3334) == []
    assert rules_broken(report, width=5000, height=3328) == ["size-table"]
    assert any("`4K 3:2`" in each for each in report.decide)


def test_a_row_of_sizes_without_two_sides_is_told() -> None:
    report = made(SIZES + "| `8K` | `huge` |\n")
    assert len(report.document["sizes"]) == 4
    assert [note.says for note in report.dropped] == ["size 8K | huge"]


def test_constraints_by_size_hold_row_by_row_and_other_is_the_rest() -> None:
    report = untried(CONSTRAINTS)
    size = {"width": 1280, "height": 720}
    assert [rule["id"] for rule in report.document["rules"]] == [
        "duration-by-size",
        "resolution-by-size",
    ]
    assert rules_broken(report, **size, duration=8) == []
    assert rules_broken(report, **size, duration=10) == ["duration-by-size"]
    assert rules_broken(report, width=640, height=360, duration=10, resolution="480p") == []
    assert rules_broken(report, width=640, height=360, duration=9) == ["duration-by-size"]
    assert rules_broken(report, duration=9) == []
    for rule in report.document["rules"]:
        assert {"x-rule": rule["id"], **(as_schema(rule) or {})} in report.document["request"][
            "allOf"
        ]


def test_required_sides_are_void_where_a_sentence_lets_something_stand_in() -> None:
    wide, high = "Width in pixels.", "Height in pixels."
    needed = [
        (
            f"- **Type**: `integer`\n\n{side}",
            f"- **Type**: `integer`\n- **Required**: true\n\n{side}",
        )
        for side in (wide, high)
    ]
    either = ("NOTHING", "Either provide `inputs.frameImages`, or specify `width/height`.")
    report = replaced(*needed, either)
    assert "width" not in report.document["request"]["required"]
    assert [n.says for n in report.dropped] == ["width: Required: true", "height: Required: true"]


def test_a_demand_and_a_limit_that_published_requests_break_are_dropped_with_the_title() -> None:
    report = replaced(
        ("- **Max**: `15`", "- **Max**: `6`"), ('  "positivePrompt": "It sways",\n', "")
    )
    told = {(note.says, note.breaks) for note in report.dropped}
    assert ("duration: maximum 6", "A lantern (Text to Video)") in told
    assert ("positivePrompt: Required: true", "A lantern sways (Image to Video)") in told
    assert len(report.document["examples"]) == 2


def test_an_example_with_a_parameter_of_no_row_is_left_for_a_person() -> None:
    report = replaced(('"duration": 8,', '"duration": 8, "seed": 3,'))
    assert [e["title"] for e in report.document["examples"]] == ["A lantern sways (Image to Video)"]
    assert any("`seed`" in each for each in report.decide)


def cost(report: Any, **request: Any) -> Decimal | None:
    model, call = as_model(report), {**CALL, **request}
    return price(model, call, expects(model, call, nothing), nothing)


def priced(*lines: str, rest: tuple[tuple[str, str], ...] = ()) -> Any:
    return replaced(("- **720p**: `$0.10/s`", "\n".join(lines)), *rest)


def test_a_bare_amount_is_per_second_or_per_clip_as_the_examples_cost() -> None:
    assert priced("- **720p**: `$0.10`").document["price"]["per"] == "second"
    report = priced("- **720p**: `$0.8`")
    assert report.document["price"] == {"per": "result", "rows": [{"usd": "0.8"}]}
    assert cost(report, duration=3) == Decimal("0.8")


def test_an_amount_of_no_known_unit_gives_no_price() -> None:
    report = priced("- **720p**: `$0.77`")
    assert report.document["price"]["rows"] == []
    assert cost(report, duration=3) is None
    assert any(each.startswith("price: per image, second or clip?") for each in report.decide)


def test_conditions_in_brackets_are_rows_that_need_all_of_them() -> None:
    report = priced(
        "- **720p (no video input + audio)**: `$0.10/s`",
        "- **720p (no video input + no audio)**: `$0.08/s`",
        "- **720p (video input)**: `$0.2/s`",
    )
    sound = {"providerSettings": {"tin": {"audio": True}}}
    # Without a table of sizes the tier is that of the parameter `resolution`.
    hd = {"resolution": "720p", "duration": 5}
    assert cost(report, **hd, **sound) == Decimal("0.5")
    assert cost(report, **hd) == Decimal("0.4")
    assert cost(report, **hd, inputs={"referenceVideos": [URL]}) == 1


def test_parts_between_dots_are_tiers_and_lengths() -> None:
    report = priced(
        "- **720p \u00b7 5s**: `$0.28 per video`",
        "- **720p . 10s**: `$0.56 per video`",
        "- **480p**: `$0.1 per video`",
    )
    assert cost(report, resolution="720p", duration=5) == Decimal("0.28")
    assert cost(report, resolution="720p") == Decimal("0.28")
    assert cost(report, resolution="720p", duration=10) == Decimal("0.56")
    assert cost(report, resolution="720p", duration=7) is None
    assert cost(report, resolution="480p", duration=7) == Decimal("0.1")


def test_one_line_that_is_not_understood_leaves_every_price_open() -> None:
    report = priced("- **720p**: `$0.10/s`", "- **720p (moonlight)**: `$0.5/s`")
    assert report.document["price"]["rows"] == []
    assert any("moonlight" in each for each in report.decide)


def test_a_published_cost_that_the_rows_do_not_give_is_told() -> None:
    report = replaced(('"cost": 0.8', '"cost": 0.9'))
    assert any("cost 0.9, the rows say 0.8" in each for each in report.decide)


def test_an_unknown_parameter_is_content_and_told() -> None:
    report = replaced(
        (
            "### [resolution]",
            "### [glimmer](https://docs.example#request-glimmer)\n\n- **Type**: `float`\n\nHow much.\n\n### [resolution]",
        )
    )
    assert report.document["classes"]["glimmer"] == "content"
    assert any("`glimmer`" in each for each in report.decide)


def test_frames_sound_and_length_are_found_by_name() -> None:
    document = made().document
    assert document["portable"]["first_frame"]["same"] == ["first", 0]
    assert document["portable"]["sound"] == {"to": "providerSettings.tin.audio"}
    assert document["outputs"]["seconds"][0] == {
        "from": "follow",
        "path": "inputs.video",
        "fact": "seconds",
    }


@pytest.mark.parametrize(
    "page", ["", "# A page\n\nWords.", "<html><body>Kling</body></html>", "{}", "[]"]
)
def test_what_is_no_page_is_refused(page: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_page(page, DAY)
    assert [each.code for each in caught.value.problems] == ["unknown-page"]


def test_a_page_without_id_or_parameters_is_refused() -> None:
    for page in (
        BASE.replace("`tin:lantern@2`\n- **Status**", "\n- **Status**"),
        BASE.replace("### ", ""),
    ):
        with pytest.raises(SpecError) as caught:
            compile_page(page, DAY)
        assert [each.code for each in caught.value.problems] == ["bad-page"]


def test_the_text_of_the_html_is_refused_with_all_that_it_has_lost() -> None:
    with pytest.raises(SpecError) as caught:
        compile_page(text(LOST), DAY)
    problems = caught.value.problems
    assert {each.code for each in problems} == {"page-incomplete"}
    said = [each.message for each in problems if not each.path]
    assert said[1:] == [
        "the table of sizes did not survive",
        "the prices did not survive",
        "the rules between parameters did not survive",
    ]
    assert [each.path for each in problems if each.path] == [
        "outputType", "outputFormat", "deliveryMethod", "safety.mode", "inputs.frameImages.frame",
        "providerSettings.klingai.characterOrientation", "width", "height",
    ]  # fmt: skip
