"""Every sentence pattern becomes the rule that it means; what fits none is kept, never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from small_pages import URL, made, rules_broken, untried

from kinoform.spec.rules import as_schema

FRAMES = {"frameImages": [{"image": URL, "frame": "first"}]}
CLIP, CLIPS, STILLS = {"video": URL}, {"referenceVideos": [URL]}, {"referenceImages": [URL]}
SIZE = {"width": 1280, "height": 720}


def inputs(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"inputs": {key: value for part in parts for key, value in part.items()}}


# (sentence, ids of its rules, requests that keep to it, requests that break one of them)
CASES: list[tuple[str, list[str], list[dict[str, Any]], list[dict[str, Any]]]] = [
    (
        "Either provide `inputs.frameImages`, or specify `width/height`.",
        ["frame-images-or-size"],
        [SIZE, inputs(FRAMES), {**SIZE, **inputs(FRAMES)}],
        [{}, inputs(CLIP)],
    ),
    (
        "Either provide `inputs.frameImages`, or specify `width/height` or `resolution`.",
        ["frame-images-or-size-or-resolution"],
        [{"resolution": "480p"}, SIZE, inputs(FRAMES)],
        [{}],
    ),
    (
        "Provide exactly one of: `inputs.frameImages` or `width/height`.",
        ["one-of-frame-images-or-size"],
        [SIZE, inputs(FRAMES)],
        [{}, {**SIZE, **inputs(FRAMES)}],
    ),
    (
        "Exactly one of: `inputs.frameImages`, `inputs.video`, `width/height`.",
        ["one-of-frame-images-or-video-or-size"],
        [SIZE, inputs(FRAMES), inputs(CLIP)],
        [{}, inputs(FRAMES, CLIP)],
    ),
    (
        "`inputs.video` cannot be used with `duration`.",
        ["video-without-duration"],
        [{"duration": 5}, inputs(CLIP)],
        [{"duration": 5, **inputs(CLIP)}],
    ),
    (
        "`resolution` cannot be used with `width/height`.",
        ["resolution-without-size"],
        [SIZE, {"resolution": "480p"}],
        [{**SIZE, "resolution": "480p"}],
    ),
    (
        "Inside `inputs`, `video` cannot be used with `referenceVideos`.",
        ["video-without-reference-videos"],
        [inputs(CLIP), inputs(CLIPS)],
        [inputs(CLIP, CLIPS)],
    ),
    ("`width` and `height` must be used together.", ["size-together"], [{}, SIZE], [{"width": 9}]),
    (
        "When `inputs.video` or `inputs.referenceVideos` is provided, `resolution` is required.",
        ["video-or-reference-videos-needs-resolution"],
        [{}, {"resolution": "480p", **inputs(CLIP)}],
        [inputs(CLIP), inputs(CLIPS)],
    ),
    (
        "When `inputs.video` is provided, `resolution` or `duration` is required.",
        ["video-needs-resolution-or-duration"],
        [{"duration": 5, **inputs(CLIP)}, {"resolution": "480p", **inputs(CLIP)}],
        [inputs(CLIP)],
    ),
    (
        "When `inputs.video` is provided, `resolution` and `duration` are required.",
        ["video-needs-resolution", "video-needs-duration"],
        [{"duration": 5, "resolution": "480p", **inputs(CLIP)}],
        [{"duration": 5, **inputs(CLIP)}, {"resolution": "480p", **inputs(CLIP)}],
    ),
    (
        "When `inputs.video` is provided, `duration`, `resolution` and `inputs.elements` cannot be used.",
        ["video-without-duration-or-resolution-or-elements"],
        [{"duration": 5, "resolution": "480p"}, inputs(CLIP)],
        [{"duration": 5, **inputs(CLIP)}, inputs(CLIP, {"elements": []})],
    ),
    (
        "When `inputs.referenceVideos` is provided, `width/height` cannot be used.",
        ["reference-videos-without-size"],
        [SIZE, inputs(CLIPS)],
        [{**SIZE, **inputs(CLIPS)}],
    ),
    (
        "When `inputs.video` is provided, `inputs.referenceImages` is limited to 4 items.",
        ["most-reference-images-with-video"],
        [inputs({"referenceImages": [URL] * 5}), inputs(CLIP, {"referenceImages": [URL] * 4})],
        [inputs(CLIP, {"referenceImages": [URL] * 5})],
    ),
    (
        "When `inputs.video` is provided, `inputs.referenceImages` requires at least 2 items.",
        ["least-reference-images-with-video"],
        [inputs(STILLS), inputs(CLIP), inputs(CLIP, {"referenceImages": [URL] * 2})],
        [inputs(CLIP, STILLS)],
    ),
    (
        "When `resolution` is provided, duration is limited to `5`, `10`.",
        ["values-of-duration-with-resolution"],
        [{"duration": 7}, {"resolution": "480p", "duration": 10}, {"resolution": "480p"}],
        [{"resolution": "480p", "duration": 7}],
    ),
    (
        "When `inputs.video` is provided, duration must be `7`.",
        ["values-of-duration-with-video"],
        [{"duration": 8}, {"duration": 7, **inputs(CLIP)}],
        [{"duration": 8, **inputs(CLIP)}],
    ),
    (
        "When `inputs.video` is provided, resolution must be `480p`.",
        ["values-of-resolution-with-video"],
        [{"resolution": "720p"}, {"resolution": "480p", **inputs(CLIP)}],
        [{"resolution": "720p", **inputs(CLIP)}],
    ),
    (
        "When `inputs.video` is provided, `providerSettings.tin.audio` must be `true`.",
        ["values-of-audio-with-video"],
        [{"providerSettings": {"tin": {"audio": True}}, **inputs(CLIP)}],
        [{"providerSettings": {"tin": {"audio": False}}, **inputs(CLIP)}],
    ),
    (
        ("When `inputs.referenceVideos` is provided, `inputs.referenceImages` is limited to 6 items"
        " and duration must be between `3` and `10`."),
        ["most-reference-images-with-reference-videos", "range-of-duration-with-reference-videos"],
        [{"duration": 11}, {"duration": 10, **inputs(CLIPS)}],
        [{"duration": 11, **inputs(CLIPS)}, inputs(CLIPS, {"referenceImages": [URL] * 7})],
    ),
    (
        ("When `resolution` is provided, `duration` is limited to `5` and dimensions are limited to"
        " `640\u00d7360`, `1280\u00d7720`."),
        ["values-of-duration-with-resolution", "size-table-with-resolution"],
        [{"width": 10, "height": 10}, {"resolution": "720p", "duration": 5, **SIZE}],
        [{"resolution": "720p", "width": 720, "height": 1280}],
    ),
    (
        "When `inputs.elements.images` is provided, `inputs.elements.frontalImage` is required.",
        ["images-needs-frontal-image"],
        [inputs({"elements": [{"frontalImage": URL, "images": [URL]}, {"frontalImage": URL}]})],
        [inputs({"elements": [{"frontalImage": URL}, {"images": [URL]}]})],
    ),
    ("`duration` is limited to `5`, `8`, `10`.", ["values-of-duration"], [{}], [{"duration": 9}]),
]  # fmt: skip


@pytest.mark.parametrize(("says", "ids", "right", "wrong"), CASES, ids=[c[0][:60] for c in CASES])
def test_a_sentence_becomes_its_rule(
    says: str, ids: list[str], right: list[dict[str, Any]], wrong: list[dict[str, Any]]
) -> None:
    report = untried(says)
    assert [rule["id"] for rule in report.document["rules"]] == ids
    assert report.unknown == ()
    for request in right:
        assert not set(rules_broken(report, **request)) & set(ids), request
    for request in wrong:
        assert set(rules_broken(report, **request)) & set(ids), request


@pytest.mark.parametrize("says", [case[0] for case in CASES])
def test_a_rule_of_a_sentence_stands_in_the_request_schema_too(says: str) -> None:
    document = untried(says).document
    written = {each["x-rule"]: each for each in document["request"]["allOf"]}
    for rule in document["rules"]:
        assert written[rule["id"]] == {"x-rule": rule["id"], **(as_schema(rule) or {})}


UNKNOWN = [
    "Lanterns look best at dusk.",
    "`nothing` cannot be used with `duration`.",
    "When `inputs.video` and `duration` are provided, `resolution` is required.",
    "When `inputs.video` is provided, `duration` should be short.",
    "When `inputs.video` is provided, duration must be `long`.",
    "`duration` is required.",
    "Either provide `inputs.frameImages`, or something else entirely.",
    "When `inputs.elements.images` is provided, `duration` is required.",
    "a, " * 400 + "b cannot be used with c.",
]


@pytest.mark.parametrize("says", UNKNOWN, ids=[says[:60] for says in UNKNOWN])
def test_a_sentence_that_fits_no_pattern_is_kept_as_it_stands(says: str) -> None:
    report = made(says)
    assert report.document["rules"] == []
    assert report.unknown == (" ".join(says.split()),)
    assert report.document["source"]["unknown"] == [" ".join(says.split())]


@pytest.mark.parametrize(
    "says",
    [
        "When `providerSettings` is provided, `inputs.video` is required.",
        "When `inputs.video` is provided, `providerSettings` cannot be used.",
        "`providerSettings` cannot be used with `providerSettings`.",
        "When `inputs.video` is provided, `providerSettings.tin` is required.",
    ],
)
def test_a_bare_block_of_settings_is_never_taken_literally(says: str) -> None:
    report = made(says)
    assert report.document["rules"] == []
    assert [note.says for note in report.dropped] == [says]
    assert "bare word" in report.dropped[0].why


def test_a_rule_that_a_published_example_breaks_is_dropped_with_its_title() -> None:
    report = made(
        "`width/height` cannot be used with `duration`.",
        "`width` and `height` must be used together.",
    )
    assert [rule["id"] for rule in report.document["rules"]] == ["size-together"]
    (note,) = report.dropped
    assert note.says == "`width/height` cannot be used with `duration`"
    assert note.breaks == "A lantern (Text to Video)"
    assert report.document["source"]["dropped"] == [note.row()]


def test_two_rules_that_contradict_each_other_are_both_dropped() -> None:
    report = made(
        "When `inputs.referenceVideos` is provided, `resolution` is required.",
        "When `inputs.video` or `inputs.referenceVideos` is provided, `resolution` cannot be used.",
        "`inputs.video` cannot be used with `duration`.",
    )
    assert [rule["id"] for rule in report.document["rules"]] == ["video-without-duration"]
    assert len(report.dropped) == 2
    assert all("the opposite" in note.why for note in report.dropped)
