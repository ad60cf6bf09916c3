"""The judge of requests: rule set S of the video model, messages, media leaves, codes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from shipped_models import O3, PRO, THREE, WAVE, changed, model, shipped

from kinoform.core.codes_models import CODES
from kinoform.core.types import File, Late, Ref, Url
from kinoform.spec import rules
from kinoform.spec.fields import Finding, shown
from kinoform.spec.judge import full_request, judge, judge_wire

STILL = Ref("still@s010")
LATER = Late((STILL,), lambda _: 5)
CLIP = "https://example.com/clip.mp4"
FRAME = {"image": "https://example.com/first.jpg", "frame": "first"}
SIZED = {"positivePrompt": "a stair", "width": 1920, "height": 1080}
FRAMED = {"positivePrompt": "a stair", "inputs": {"frameImages": [FRAME]}}
EDIT = {"positivePrompt": "a stair", "inputs": {"video": CLIP}}
EXCLUDES = (
    "`inputs.video` and `duration` exclude each other on this model: "
    "the clip keeps the length of its source"
)
SHOTS = [{"prompt": "a stair", "duration": 2}, {"prompt": "a lamp", "duration": 3}]


def kling(**settings: Any) -> dict[str, Any]:
    return {"providerSettings": {"klingai": settings}}


def inputs(request: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**request, "inputs": {**request.get("inputs", {}), **more}}


def without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name not in names}


def found(request: dict[str, Any], name: str = PRO) -> tuple[Finding, ...]:
    return judge(model(name), request)


def broken(request: dict[str, Any]) -> set[tuple[str, str]]:
    return {(f.rule, f.severity) for f in found(request) if f.rule}


GOOD: list[dict[str, Any]] = [
    SIZED,
    FRAMED,
    EDIT,
    inputs(SIZED, referenceImages=["a"] * 7),
    inputs(EDIT, referenceImages=["a"] * 4),
    inputs(SIZED, referenceVideos=[CLIP]),
    inputs(SIZED, elements=[{"id": "mara"}]),
    inputs(FRAMED, referenceImages=["a"]),
    {**without(SIZED, "positivePrompt"), **kling(multiPrompt=SHOTS)},
    {**without(FRAMED, "positivePrompt"), **kling(multiPrompt=SHOTS, sound=True), "duration": 5},
    {**SIZED, "inputs": {}},
    {**EDIT, **kling(keepOriginalSound=True)},
    {**EDIT, "resolution": "1080p"},
    {**inputs(SIZED, referenceVideos=[CLIP]), **kling(sound=False)},
    {**without(SIZED, "width", "height"), "inputs": {"frameImages": [{"image": "a"}]}},
    {**without(SIZED, "width", "height"), "inputs": {"frameImages": [{"image": "a", "frame": -1}, {"image": "b", "frame": 0}]}},
]  # fmt: skip

BAD: list[tuple[str, dict[str, Any]]] = [
    ("one-source", without(SIZED, "width", "height")),
    ("one-source", {**SIZED, **inputs(SIZED, video=CLIP)}),
    ("size-pair", without(SIZED, "height")),
    ("size-table", {**SIZED, "height": 1081}),
    ("prompt-or-shots", without(SIZED, "positivePrompt")),
    ("prompt-or-shots", {**SIZED, **kling(multiPrompt=SHOTS)}),
    ("edit-or-reference-clip", inputs(EDIT, referenceVideos=[CLIP])),
    ("edit-keeps-length", {**EDIT, "duration": 5}),
    ("edit-without-elements", inputs(EDIT, elements=[{"id": "mara"}])),
    ("fewer-references-with-clip", inputs(EDIT, referenceImages=["a"] * 5)),
    ("resolution-needs-video", {**FRAMED, "resolution": "1080p"}),
    ("first-frame-needed", {**FRAMED, "inputs": {"frameImages": [{"image": "a", "frame": "last"}]}}),
    ("shots-fill-clip", {**without(SIZED, "positivePrompt"), **kling(multiPrompt=SHOTS), "duration": 9}),
]  # fmt: skip

WARNED: list[tuple[str, dict[str, Any]]] = [
    ("edit-without-shots", {**without(EDIT, "positivePrompt"), **kling(multiPrompt=SHOTS)}),
    ("no-sound-with-clip", {**EDIT, **kling(sound=True)}),
    ("no-sound-with-clip", {**inputs(SIZED, referenceVideos=[CLIP]), **kling(sound=True)}),
    ("kept-sound-needs-clip", {**SIZED, **kling(keepOriginalSound=True)}),
]


@pytest.mark.parametrize("request_", GOOD, ids=range(len(GOOD)))
def test_what_the_rule_set_allows_is_valid(request_: dict[str, Any]) -> None:
    assert found(request_) == ()


@pytest.mark.parametrize(("rule", "request_"), BAD)
def test_what_the_rule_set_forbids_is_an_error(rule: str, request_: dict[str, Any]) -> None:
    assert (rule, "error") in broken(request_)


@pytest.mark.parametrize(("rule", "request_"), WARNED)
def test_the_stricter_readings_only_warn(rule: str, request_: dict[str, Any]) -> None:
    assert broken(request_) == {(rule, "warning")}


def test_every_violation_is_said_at_once() -> None:
    request = {"positivePrompt": "x", "width": 1920, "duration": 2, "zoom": 1, "resolution": "4k"}
    codes = {f.code for f in found(request)}
    assert codes == {
        "too-short", "together", "too-small", "unknown-parameter", "not-one-of", "requires",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({**SIZED, "height": 1081}, "1920x1081 is not offered; 16:9 is 1920x1080"),
        ({**SIZED, "duration": 2}, "duration 2 is below 3"),
        (
            {**EDIT, "duration": 5},
            EXCLUDES,
        ),
        ({**SIZED, "duration": "8"}, 'duration is text ("8"), a whole number is wanted'),
        ({**SIZED, "positivePrompt": "x"}, "positivePrompt is too short (1): at least 2 characters"),
        ({**SIZED, "outputFormat": "mp4"}, 'outputFormat "mp4" is not one of MP4, WEBM, MOV'),
        ({**SIZED, "taskType": "x"}, 'taskType must be videoInference, not "x"'),
    ],
)  # fmt: skip
def test_a_message_gives_the_rule_and_the_value_seen(
    request_: dict[str, Any], message: str
) -> None:
    assert message in [f.message for f in found(request_)]


@pytest.mark.parametrize(
    ("request_", "hint"),
    [
        ({**SIZED, "duration": "8"}, "write ${{ ... }} as the whole value, or drop the quotes"),
        ({**SIZED, "outputFormat": "mp4"}, "did you mean MP4?"),
        ({**SIZED, "durration": 8}, "did you mean `duration`?"),
        ({**SIZED, "sound": True}, "did you mean `providerSettings.klingai.sound`?"),
        ({**SIZED, "lastframe": "a"}, "did you mean `last_frame`?"),
        (inputs(SIZED, referenceImage=["a"]), "did you mean `referenceImages`?"),
    ],
)
def test_a_hint_names_the_fix_or_the_near_name(request_: dict[str, Any], hint: str) -> None:
    assert hint in [f.hint for f in found(request_)]


def test_a_table_of_several_tiers_names_the_tier_of_the_nearest_size() -> None:
    request = {"positivePrompt": "a", "width": 2730, "height": 1536}
    assert [f.message for f in found(request, O3)] == [
        "2730x1536 is not offered; 2K 16:9 is 2720x1536"
    ]


def test_a_missing_parameter_is_hinted_by_its_portable_name() -> None:
    hints = {f.path: f.hint for f in found({}, O3)}
    assert hints == {"positivePrompt": "write `prompt`", "width": "write `size`", "height": "write `size`"}  # fmt: skip


def test_a_finding_about_several_fields_names_them_all() -> None:
    (finding,) = found({**EDIT, "duration": 5})
    assert finding.path == "inputs.video, duration"


def test_artifacts_count_as_right_where_media_go() -> None:
    frames = [{"image": STILL, "frame": "first"}, {"image": File("a.png"), "frame": "last"}]
    assert found({"positivePrompt": "a stair", "inputs": {"frameImages": frames}}) == ()
    assert found({"positivePrompt": "a stair", "inputs": {"video": Url(CLIP)}}) == ()


@pytest.mark.parametrize("field", ["positivePrompt", "duration"])
def test_an_artifact_where_words_or_numbers_go_is_an_error(field: str) -> None:
    codes = [(f.code, f.path) for f in found({**SIZED, field: STILL})]
    assert codes == [("artifact-not-allowed-here", field)]


def test_one_artifact_where_a_list_goes_says_to_write_a_list() -> None:
    (finding,) = judge(model("local/concat"), {"clips": STILL})
    assert (finding.code, finding.path) == ("wrong-type", "clips")
    assert "[ ... ]" in finding.hint


def test_values_known_after_run_break_nothing() -> None:
    shots = [{"prompt": "a stair", "duration": LATER}]
    assert (
        found({**without(SIZED, "positivePrompt"), "width": LATER, **kling(multiPrompt=shots)})
        == ()
    )
    assert found({**SIZED, "duration": LATER, "positivePrompt": LATER}) == ()
    assert found({**EDIT, **kling(sound=LATER)}) == ()


def test_a_step_needs_no_transport_and_a_wire_request_does() -> None:
    assert judge(model(PRO), SIZED) == ()
    absent = [f.path for f in judge_wire(model(PRO), SIZED)]
    assert absent == ["taskType", "taskUUID", "model"]
    full = full_request(model(PRO), SIZED)
    assert [f.path for f in judge_wire(model(PRO), full)] == ["taskUUID"]


def test_the_body_of_the_other_provider_is_judged_bare() -> None:
    assert judge_wire(model(WAVE), {"prompt": "a lamp"}) == ()


@pytest.mark.parametrize("request_", [[SIZED], "text", None, 5, [1]])
def test_what_is_no_mapping_is_no_request(request_: Any) -> None:
    (finding,) = judge_wire(model(PRO), request_)
    assert finding.code == "wrong-type"


@pytest.mark.parametrize("wrong", [{}, [], "x", 7, None, True, float("nan")])
def test_a_request_of_any_shape_is_judged_without_a_crash(wrong: Any) -> None:
    for name in ("inputs", "providerSettings", "width", "duration", "positivePrompt"):
        judge_wire(model(PRO), {**copy.deepcopy(SIZED), name: wrong})
    for name in ("frameImages", "elements", "referenceImages", "video"):
        judge_wire(model(PRO), inputs(FRAMED, **{name: wrong}))
        judge_wire(model(PRO), inputs(FRAMED, **{name: [wrong]}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), True])
def test_only_finite_numbers_are_numbers(number: float) -> None:
    (finding,) = judge(model("local/concat"), {"clips": [STILL], "fps": number})
    assert (finding.code, finding.path) == ("wrong-type", "fps")


def test_steps_are_counted_in_decimals() -> None:
    request = copy.deepcopy(model("local/concat").document["request"])
    request["properties"]["fps"]["multipleOf"] = 0.1
    stepped = changed("local/concat", request=request)
    assert judge(stepped, {"clips": [STILL], "fps": 23.3}) == ()
    assert [f.code for f in judge(stepped, {"clips": [STILL], "fps": 23.31})] == ["off-step"]


def test_a_conditional_that_no_rule_explains_is_judged_as_schema() -> None:
    request = copy.deepcopy(model(THREE).document["request"])
    request["allOf"].append({"not": {"required": ["ttl"]}})
    strict = changed(THREE, request=request)
    good = {"positivePrompt": "a", "width": 1024, "height": 1024}
    assert judge(strict, good) == ()
    assert [f.code for f in judge(strict, {**good, "ttl": 60})] == ["bad-value"]


def test_what_is_shown_of_a_value_is_short_and_prints() -> None:
    assert len(shown("x" * 5000)) <= 80
    assert "\x1b" not in shown("a\x1b[31mb\x9b")
    assert shown({"a": STILL}) == '{"a": "an artifact"}'


def test_every_code_that_can_be_found_is_in_the_table() -> None:
    said = {e["breaks"] for m in shipped().values() for e in m.document["refused"]}
    ids = {r["id"] for m in shipped().values() for r in m.document["rules"]}
    assert said - ids <= CODES.keys()
    assert set(rules.CODES.values()) <= CODES.keys()
    assert all(sentence.endswith(".") for sentence in CODES.values())
