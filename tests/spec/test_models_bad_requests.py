"""Requests made by hand: each is refused for exactly what is wrong in it; and every field is met."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from bad_requests import Bad, bad_requests
from shipped_models import WAVE, fields_in, model, shipped

from kinoform.spec.fields import pattern
from kinoform.spec.judge import class_of, judge_wire

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = bad_requests()
HOSTED = [m.id for m in shipped().values() if m.kind == "hosted"]


@pytest.mark.parametrize("bad", TABLE, ids=[f"{b.model.split('/')[-1]}: {b.why}" for b in TABLE])
def test_a_bad_request_is_refused_for_exactly_what_is_wrong(bad: Bad) -> None:
    found = [f for f in judge_wire(model(bad.model), bad.request) if f.severity == "error"]
    assert {(f.code, f.path) for f in found} == bad.finds
    assert len(found) == len(bad.finds)
    for finding in found:
        assert finding.message[0].islower() or not finding.message[0].isalpha()
        assert len(finding.message) < 300


def test_the_table_is_large_and_knows_every_hosted_model() -> None:
    counts = [sum(bad.model == name for bad in TABLE) for name in HOSTED]
    assert len(TABLE) >= 60
    assert min(counts) >= 8
    assert len({json.dumps(bad.request, sort_keys=True) for bad in TABLE}) == len(TABLE)


def test_the_body_of_the_other_providers_own_example_lacks_its_required_prompt() -> None:
    published = {
        "aspect_ratio": "auto", "resolution": "1k", "result_type": "single", "num_images": 1,
    }  # fmt: skip
    (finding,) = judge_wire(model(WAVE), published)
    assert (finding.code, finding.path) == ("missing", "prompt")
    assert any(entry["request"] == published for entry in model(WAVE).document["refused"])


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[str]:
    """The pattern of every path in a request."""
    if at:
        yield pattern(at)
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from paths(item, (*at, key))


def met(name: str) -> set[str]:
    """Every path that some example, refusal, warning or bad request of a model holds."""
    document = model(name).document
    requests = [entry["request"] for key in ("examples", "refused", "warned")
                for entry in document.get(key, ())]  # fmt: skip
    requests += [bad.request for bad in TABLE if bad.model == name]
    return {path for request in requests for path in paths(request)}


FIELDS = [
    (name, path, schema)
    for name in shipped()
    for path, schema in fields_in(model(name).document["request"])
]


@pytest.mark.parametrize(("name", "path", "schema"), FIELDS, ids=[f"{n} {p}" for n, p, _ in FIELDS])
def test_a_field_is_classified_described_and_met(
    name: str, path: str, schema: dict[str, Any]
) -> None:
    assert class_of(model(name), path) in ("content", "technical", "delivery", "transport")
    assert schema["description"].endswith(".")
    assert len(schema["description"].split()) > 1
    assert path in met(name), "no example, refusal, warning or bad request holds this field"


@pytest.mark.parametrize("name", list(shipped()))
def test_a_field_is_met_in_a_request_that_is_right(name: str) -> None:
    """What no published example shows is shown by a request of our own, which must be valid."""
    document = model(name).document
    good = {path for entry in document["examples"] for path in paths(entry["request"])}
    good |= {path for request in ours(name) for path in paths(request)}
    assert {path for path, _ in fields_in(document["request"])} <= good


def ours(name: str) -> list[dict[str, Any]]:
    """Refused requests of the file without their one fault would be guesses: these are written."""
    found = [dict(e) for e in WHOLE.get(name, ())]
    for request in found:
        assert judge_wire(model(name), request) == ()
    return found


UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
PICTURE, CLIP = "https://example.com/a.jpg", "https://example.com/a.mp4"
COMMON: dict[str, Any] = {
    "taskUUID": UUID, "outputType": "URL", "outputQuality": 20, "numberResults": 20, "ttl": 60,
    "webhookURL": "https://example.com/hook", "uploadEndpoint": "https://example.com/put?a=b",
    "includeCost": True, "safety": {"checkContent": True, "mode": "fast"},
}  # fmt: skip
IMAGE: dict[str, Any] = {
    **COMMON, "taskType": "imageInference", "outputFormat": "WEBP", "deliveryMethod": "async",
    "positivePrompt": "a lamp", "inputs": {"referenceImages": [PICTURE]},
}  # fmt: skip
CLIPS: dict[str, Any] = {
    **COMMON, "taskType": "videoInference", "outputFormat": "MOV", "deliveryMethod": "async",
    "model": "klingai:kling-video@o3-pro",
}  # fmt: skip
MARA = {
    "id": "mara", "description": "a keeper", "frontalImage": PICTURE, "images": [PICTURE] * 3,
    "voices": ["https://example.com/a.mp3"], "tags": ["person"],
}  # fmt: skip
KLING = {"characterOrientation": "image", "keepOriginalSound": True, "sound": False}
WHOLE: dict[str, list[dict[str, Any]]] = {
    "runware/klingai:kling-image@o3": [
        {**IMAGE, "model": "klingai:kling-image@o3", "width": 6272, "height": 2688}
    ],
    "runware/klingai:kling-image@3": [{**IMAGE, "model": "klingai:kling-image@3", "resolution": "2K"}],
    "runware/klingai:kling-image@o1": [{**IMAGE, "model": "klingai:kling-image@o1", "resolution": "1k"}],
    "runware/klingai:kling-video@o3-pro": [
        {**CLIPS, "positivePrompt": "turn it", "resolution": "1080p",
         "inputs": {"video": CLIP, "referenceImages": [PICTURE] * 4},
         "providerSettings": {"klingai": KLING}},
        {**CLIPS, "positivePrompt": "<<<element_1>>> and <<<element_2>>>", "duration": 15,
         "width": 1440, "height": 1440,
         "inputs": {"referenceImages": [PICTURE], "referenceVideos": [CLIP],
                    "elements": [MARA, {"id": "boat", "videos": [CLIP]}, {"id": "known"}]}},
        {**CLIPS, "duration": 3, "inputs": {"frameImages": [{"image": PICTURE, "frame": 0}]},
         "providerSettings": {"klingai": {"multiPrompt": [{"prompt": "", "duration": 3}]}}},
    ],
    "wavespeed/kwaivgi/kling-image-o3": [
        {"prompt": "a lamp", "images": [PICTURE] * 10, "aspect_ratio": "21:9", "resolution": "4k",
         "result_type": "single", "num_images": 9, "element_list": [{"element_id": "a"}, "b", "c"]}
    ],
}  # fmt: skip
