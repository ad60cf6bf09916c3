"""Portable names: the wire request they mean, both spellings alike, errors at what was written."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped_models import O1, O3, PRO, THREE, WAVE, model, shipped

from kinoform.core.canon import dumps
from kinoform.core.errors import SpecError
from kinoform.core.types import Data, Facts, File, Late, Ref, Url
from kinoform.spec.judge import full_request, judge
from kinoform.spec.portable import Wire, to_brief, to_wire

STILL, NEXT = Ref("still@s010"), Ref("still@s020")
UUID = "aac49721-1964-481a-ae78-8a4e29b91402"
FRAMES = "inputs.frameImages"


def wire(name: str, **given: Any) -> Wire:
    return to_wire(model(name), given)


def params(name: str, **given: Any) -> dict[str, Any]:
    found = wire(name, **given)
    assert found.problems == ()
    return found.params


def codes(found: Wire) -> list[tuple[str, str]]:
    return [(p.code, p.path) for p in found.problems]


SAME: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (O3, {"prompt": "a"}, {"positivePrompt": "a"}),
    (O3, {"size": "2K 16:9"}, {"width": 2720, "height": 1536}),
    (O3, {"size": "16:9 2k"}, {"size": "2720x1536"}),
    (O3, {"size": "2720 x 1536"}, {"width": 2720, "height": 1536}),
    (O3, {"references": [STILL, "a.png"]}, {"inputs": {"referenceImages": [STILL, "a.png"]}}),
    (O3, {"references": STILL}, {"inputs": {"referenceImages": [STILL]}}),
    (THREE, {"image": STILL}, {"inputs": {"referenceImages": [STILL]}}),
    (O1, {"image": STILL, "references": [NEXT]}, {"references": [STILL, NEXT]}),
    (O3, {"count": 3, "format": "PNG", "quality": 80}, {"numberResults": 3, "outputFormat": "PNG", "outputQuality": 80}),
    (PRO, {"first_frame": STILL}, {"inputs": {"frameImages": [{"image": STILL, "frame": "first"}]}}),
    (PRO, {"last_frame": NEXT, "first_frame": STILL}, {"inputs": {"frameImages": [{"image": STILL, "frame": "first"}, {"image": NEXT, "frame": "last"}]}}),
    (PRO, {"video": "a.mp4"}, {"inputs": {"video": "a.mp4"}}),
    (PRO, {"sound": True, "duration": 8}, {"providerSettings": {"klingai": {"sound": True}}, "duration": 8}),
    (PRO, {"size": "16:9"}, {"size": "1080p 16:9"}),
    (PRO, {"size": "1080p 16:9"}, {"width": 1920, "height": 1080}),
    (PRO, {"elements": [{"id": "m", "frontal_image": STILL}]}, {"inputs": {"elements": [{"id": "m", "frontalImage": STILL}]}}),
    (WAVE, {"size": "2K 16:9"}, {"resolution": "2k", "aspect_ratio": "16:9"}),
    (WAVE, {"size": "2720x1536"}, {"resolution": "2k", "aspect_ratio": "16:9"}),
    (WAVE, {"size": "4k auto"}, {"resolution": "4k", "aspect_ratio": "auto"}),
    (WAVE, {"references": [STILL], "count": 2}, {"images": [STILL], "num_images": 2}),
    (WAVE, {"elements": [{"id": "7"}]}, {"element_list": [{"element_id": "7"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "one", "other"), SAME)
def test_both_spellings_give_equal_params(
    name: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert params(name, **one) == params(name, **other)


@pytest.mark.parametrize("name", [m.id for m in shipped().values() if m.kind == "hosted"])
def test_the_size_words_of_every_row_mean_its_pixels(name: str) -> None:
    for row in model(name).document["sizes"]:
        words = params(name, size=f"{row['tier']} {row['ratio']}")
        if "width" in row:
            assert words == params(name, size=f"{row['width']}x{row['height']}")
        request = {"prompt": "a lamp", **words} if "prompt" in _top(name) else {"positivePrompt": "a lamp", **words}  # fmt: skip
        assert judge(model(name), request) == ()


def _top(name: str) -> dict[str, Any]:
    found: dict[str, Any] = model(name).document["request"]["properties"]
    return found


@pytest.mark.parametrize("name", list(shipped()))
def test_native_requests_go_through_unchanged_but_for_their_media(name: str) -> None:
    for example in model(name).document["examples"]:
        withheld = {"taskType", "taskUUID", "model"}
        given = {k: v for k, v in example["request"].items() if k not in withheld}
        before = copy.deepcopy(given)
        sent = params(name, **given)
        assert given == before
        assert _texts(sent) == given
        assert judge(model(name), full_request(model(name), sent)) == ()


def _texts(value: Any) -> Any:
    """With media leaves as the text that they came from."""
    if isinstance(value, dict):
        return {key: _texts(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_texts(each) for each in value]
    if isinstance(value, File):
        return value.path
    return value.url if isinstance(value, Url) else value


def test_none_is_not_sent_wherever_it_stands() -> None:
    assert params(PRO, prompt="a", first_frame=STILL, last_frame=None) == params(
        PRO, prompt="a", first_frame=STILL
    )
    assert params(O3, references=[None, STILL, None]) == params(O3, references=[STILL])
    assert params(O3, references=[None], image=None, size=None, prompt=None) == {}
    assert params(PRO, inputs={"referenceImages": [None], "video": None}) == {}
    assert params(PRO, inputs={"frameImages": [{"image": None}, {"image": STILL}]}) == {
        "inputs": {"frameImages": [{"image": STILL}]}
    }


def test_an_empty_list_that_somebody_wrote_is_sent() -> None:
    assert params(PRO, references=[]) == {"inputs": {"referenceImages": []}}
    assert params(PRO, inputs={}) == {"inputs": {}}


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [
        (O3, {"prompt": "a", "positivePrompt": "b"}, "prompt, positivePrompt"),
        (O3, {"size": "1K 1:1", "width": 1024}, "size, width"),
        (O3, {"references": [STILL], "inputs": {"referenceImages": [NEXT]}}, "references, inputs.referenceImages"),
        (PRO, {"first_frame": STILL, "inputs": {"frameImages": []}}, "first_frame, inputs.frameImages"),
        (PRO, {"sound": True, "providerSettings": {"klingai": {"sound": False}}}, "sound, providerSettings.klingai.sound"),
        (PRO, {"sound": True, "providerSettings": "loud"}, "sound, providerSettings"),
        (WAVE, {"size": "1K 1:1", "resolution": "2k"}, "size, resolution"),
    ],
)  # fmt: skip
def test_saying_one_field_twice_is_an_error(name: str, given: dict[str, Any], path: str) -> None:
    assert codes(wire(name, **given)) == [("said-twice", path)]


def test_portable_and_native_names_of_different_fields_go_together() -> None:
    sent = params(PRO, sound=True, references=[STILL], inputs={"video": "a.mp4"},
                  providerSettings={"klingai": {"keepOriginalSound": True}})  # fmt: skip
    assert sent == {
        "inputs": {"video": File("a.mp4"), "referenceImages": [STILL]},
        "providerSettings": {"klingai": {"keepOriginalSound": True, "sound": True}},
    }


@pytest.mark.parametrize("name", ["taskUUID", "taskType", "model", "outputType", "deliveryMethod",
                                  "ttl", "webhookURL", "uploadEndpoint", "includeCost"])  # fmt: skip
def test_what_kinoform_sets_is_not_for_a_step(name: str) -> None:
    found = wire(O3, prompt="a", **{name: "x"})
    assert codes(found) == [("not-yours-to-set", name)]
    assert name not in found.params
    assert wire(O3, **{name: None}).problems == ()


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("art/mara.png", File("art/mara.png")),
        ("https://example.com/a.png", Url("https://example.com/a.png")),
        ("HTTPS://example.com/a.png", Url("HTTPS://example.com/a.png")),
        ("data:image/png;base64,AAAA", Data("data:image/png;base64,AAAA")),
        (UUID, UUID),
    ],
)
def test_text_at_a_media_field_becomes_what_it_names(text: str, leaf: Any) -> None:
    assert params(O3, image=text) == {"inputs": {"referenceImages": [leaf]}}


def test_an_upload_of_one_provider_is_a_file_name_to_another() -> None:
    assert params(WAVE, image=UUID) == {"images": [File(UUID)]}


@pytest.mark.parametrize(
    ("text", "code"),
    [("http://example.com/a.png", "insecure-url"), ("file:///etc/passwd", "bad-address"),
     ("ftp://a/b", "bad-address"), ("", "bad-address")],
)  # fmt: skip
def test_other_addresses_are_refused_where_they_were_written(text: str, code: str) -> None:
    assert codes(wire(PRO, first_frame=text)) == [(code, "first_frame")]
    assert codes(wire(O3, references=[None, text])) == [(code, "references.1")]
    native = wire(PRO, inputs={"elements": [{"id": "m", "images": [text]}]})
    assert codes(native) == [(code, "inputs.elements.0.images.0")]


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [(O3, "8K 16:9", "bad-size"), (O3, "16:9", "bad-size"), (O3, "2K", "bad-size"),
     (O3, "2K 16:9 wide", "bad-size"), (O3, 1080, "wrong-type"), (PRO, "2K 16:9", "bad-size"),
     (WAVE, "1920x1080", "not-offered")],
)  # fmt: skip
def test_a_size_that_is_none_is_an_error(name: str, size: Any, code: str) -> None:
    assert codes(wire(name, size=size)) == [(code, "size")]


def test_pixels_that_are_not_offered_are_left_to_the_judge() -> None:
    found = wire(PRO, prompt="a stair", size="1920x1081")
    (finding,) = judge(model(PRO), found.params)
    assert found.said(finding).path == "size"
    assert finding.message == "1920x1081 is not offered; 16:9 is 1920x1080"


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("positivePrompt", "prompt"),
        (f"{FRAMES}.0.image", "first_frame"),
        (f"{FRAMES}.1", "last_frame"),
        (f"{FRAMES}, width, height", "first_frame, last_frame, size"),
        ("inputs.referenceImages.0", "image"),
        ("inputs.referenceImages.1", "references.1"),
        ("inputs.referenceImages", "image, references"),
        ("inputs.elements.0.frontalImage", "elements.0.frontal_image"),
        ("inputs.elements.0.images.2", "elements.0.images.2"),
        ("providerSettings.klingai.sound", "sound"),
        ("duration", "duration"),
        ("inputs.video", "inputs.video"),
    ],
)
def test_a_wire_path_leads_back_to_what_was_written(path: str, written: str) -> None:
    found = wire(PRO, prompt="a", first_frame=STILL, last_frame=NEXT, size="16:9", image="a.png",
                 references=[None, "b.png"], sound=True,
                 elements=[{"id": "m", "frontal_image": STILL}])  # fmt: skip
    assert found.written(path) == written


def test_native_lists_that_lost_a_none_lead_back_too() -> None:
    found = wire(PRO, inputs={"frameImages": [{"image": None}, {"image": STILL, "frame": "up"}]})
    assert found.written(f"{FRAMES}.0.frame") == f"{FRAMES}.1.frame"
    assert found.written(FRAMES) == FRAMES


def test_a_message_begins_with_the_name_that_was_written() -> None:
    found = wire(O3, prompt="", size="1K 1:1")
    (finding,) = judge(model(O3), found.params)
    assert found.said(finding).message == "prompt is too short (0): at least 1 character"


def test_a_size_known_after_run_is_looked_up_then() -> None:
    sent = params(O3, size=Late((STILL,), lambda facts: f"{facts[STILL].width}x1536"))
    assert sent["width"].refs == (STILL,)
    assert sent["width"].value({STILL: Facts(width=2720)}) == 2720
    assert sent["height"].value({STILL: Facts(width=2720)}) == 1536
    tier = params(WAVE, size=Late((STILL,), lambda _: "9K 1:1"))["resolution"]
    with pytest.raises(SpecError, match="9K 1:1"):
        tier.value({})


def test_the_brief_says_the_request_in_portable_words() -> None:
    shots = [{"prompt": "a stair", "duration": 2}, {"prompt": "a lamp", "duration": 3}]
    sent = params(
        PRO, first_frame=STILL, last_frame=NEXT, references=["a.png"], sound=True, duration=5,
        elements=[{"id": "m", "description": "a keeper", "frontal_image": STILL}], count=2,
        inputs={"referenceVideos": ["a.mp4"]},
        providerSettings={"klingai": {"multiPrompt": shots}},
    )  # fmt: skip
    assert to_brief(model(PRO), sent) == {
        "references": [File("a.png")],
        "first_frame": STILL,
        "last_frame": NEXT,
        "duration": 5,
        "sound": True,
        "elements": [{"id": "m", "description": "a keeper", "frontal_image": STILL}],
        "reference_videos": [File("a.mp4")],
        "segments": [{"prompt": "a stair", "seconds": 2}, {"prompt": "a lamp", "seconds": 3}],
    }


@pytest.mark.parametrize(
    ("frames", "first", "last"),
    [
        ([{"image": STILL}], STILL, None),
        ([{"image": STILL}, {"image": NEXT}], STILL, NEXT),
        ([{"image": NEXT, "frame": -1}, {"image": STILL, "frame": 0}], STILL, NEXT),
        ([{"image": NEXT, "frame": "last"}, {"image": STILL}], STILL, NEXT),
        ([{"image": NEXT}, {"image": STILL, "frame": "first"}], STILL, NEXT),
        ([{"image": NEXT, "frame": "last"}], None, NEXT),
    ],
)
def test_the_brief_finds_first_and_last_frame_however_written(
    frames: list[dict[str, Any]], first: Ref | None, last: Ref | None
) -> None:
    brief = to_brief(model(PRO), params(PRO, inputs={"frameImages": frames}))
    assert (brief.get("first_frame"), brief.get("last_frame")) == (first, last)


@pytest.mark.parametrize("name", [O3, WAVE])
def test_both_providers_give_one_brief(name: str) -> None:
    sent = params(name, prompt="a lamp", size="2K 16:9", references=[STILL], count=2)
    assert to_brief(model(name), sent) == {"prompt": "a lamp", "references": [STILL]}


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = sorted({n for m in shipped().values() for n in [*m.document["portable"], *_top(m.id)]})


@given(
    name=st.sampled_from(list(shipped())),
    given_=st.dictionaries(st.sampled_from(NAMES), plain, max_size=5),
)
def test_nothing_that_can_be_written_crashes_or_leaves_a_none(
    name: str, given_: dict[str, Any]
) -> None:
    found = to_wire(model(name), given_)
    judge(model(name), full_request(model(name), found.params))
    to_brief(model(name), found.params)
    assert "null" not in dumps(_texts(_plain(found.params))).replace('"', "").split(":")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.uri if isinstance(value, Data) else value
