"""What will come out, what it costs, and whether the media fit: all from requests and facts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from shipped_models import O3, PRO, THREE, WAVE, model, nothing, shipped

from kinoform.core.types import Expect, Facts, File, Late, Ref
from kinoform.spec.media import check_media
from kinoform.spec.outputs import expects
from kinoform.spec.portable import to_wire
from kinoform.spec.price import price

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Source

STILL, CLIP, TAIL = Ref("still"), Ref("clip"), Ref("tail")
LATE = Late((STILL,), lambda _: 1)
KNOWN: dict[Source, Facts] = {
    STILL: Facts(1360, 768),
    CLIP: Facts(1920, 1080, 6.0, 25.0, audio=True),
    TAIL: Facts(1440, 1440, 4.5, 24.0, audio=False),
}
MEDIA: dict[Source, str] = {STILL: "image/jpeg", CLIP: "video/mp4", TAIL: "video/mp4"}


def out(name: str, facts: Mapping[Source, Facts] = KNOWN, **given: Any) -> tuple[Expect, ...]:
    return expects(model(name), to_wire(model(name), given).params, facts.get, MEDIA.get)


def cost(name: str, facts: Mapping[Source, Facts] = KNOWN, **given: Any) -> Decimal | None:
    params = to_wire(model(name), given).params
    return price(model(name), params, expects(model(name), params, facts.get), facts.get)


def complaints(name: str, **given: Any) -> list[tuple[str, str, str]]:
    params = to_wire(model(name), given).params
    found = check_media(model(name), params, KNOWN.get, MEDIA.get)
    return [(f.code, f.severity, f.path) for f in found]


@pytest.mark.parametrize(
    ("name", "given", "usd"),
    [
        (PRO, {"size": "16:9", "duration": 8, "sound": True}, "1.12"),
        (PRO, {"size": "16:9", "duration": 9, "sound": True}, "1.26"),
        (PRO, {"size": "16:9", "duration": 8}, "0.896"),
        (PRO, {"first_frame": STILL}, "0.56"),
        (PRO, {"video": CLIP}, "1.008"),
        (PRO, {"video": CLIP, "sound": True}, "1.008"),
        (PRO, {"size": "16:9", "duration": 4, "inputs": {"referenceVideos": [CLIP]}}, "0.672"),
        (PRO, {"size": "16:9", "duration": 10, "count": 3}, "3.36"),
        (O3, {"size": "4K 16:9"}, "0.056"),
        (O3, {"size": "2K 16:9"}, "0.028"),
        (O3, {"size": "1K 16:9", "count": 4}, "0.112"),
        (THREE, {"image": STILL}, "0.028"),
        (WAVE, {}, "0.028"),
        (WAVE, {"size": "2K 1:1", "count": 3}, "0.084"),
        (WAVE, {"size": "4K auto", "count": 2}, "0.112"),
        ("local/concat", {"clips": [CLIP]}, "0"),
    ],
)
def test_a_price_is_exact(name: str, given: dict[str, Any], usd: str) -> None:
    found = cost(name, **given)
    assert str(found) == usd


def test_a_price_is_unknown_while_it_hangs_on_something_known_after_run() -> None:
    assert cost(PRO, {}, video=CLIP) is None
    assert cost(PRO, size="16:9", duration=LATE) is None
    assert cost(PRO, size="16:9", sound=LATE) is None
    assert cost(O3, size=LATE) is None
    assert cost(O3, size="1K 1:1", count=LATE) is None
    assert cost(WAVE, resolution=LATE) is None


@pytest.mark.parametrize("name", [m.id for m in shipped().values() if m.kind == "hosted"])
def test_published_examples_cost_what_the_page_says(name: str) -> None:
    for example in model(name).document["examples"]:
        params = to_wire(model(name), example["request"]).params
        # The page's edited clip is six seconds long.
        made = expects(model(name), params, lambda _: Facts(1920, 1080, 6.0))
        assert price(model(name), params, made, nothing) == Decimal(example["cost"])


@pytest.mark.parametrize(
    ("name", "given", "media", "facts"),
    [
        (O3, {"size": "2K 16:9"}, "image/jpeg", Facts(2720, 1536)),
        (O3, {"size": "1K 1:1", "format": "PNG"}, "image/png", Facts(1024, 1024)),
        (O3, {"size": "1K 1:1", "format": "WEBP"}, "image/webp", Facts(1024, 1024)),
        (THREE, {"image": STILL, "resolution": "2k"}, "image/jpeg", Facts(2720, 1536)),
        (THREE, {"image": STILL}, "image/jpeg", Facts()),
        (PRO, {"size": "9:16"}, "video/mp4", Facts(1080, 1920, 5.0, 24.0, audio=False)),
        (PRO, {"first_frame": STILL, "duration": 8, "sound": True, "format": "MOV"}, "video/quicktime", Facts(1920, 1080, 8.0, 24.0, audio=True)),
        (PRO, {"first_frame": TAIL, "format": "WEBM"}, "video/webm", Facts(1440, 1440, 5.0, 24.0, audio=False)),
        (PRO, {"first_frame": "a.png"}, "video/mp4", Facts(None, None, 5.0, 24.0, audio=False)),
        (PRO, {"video": CLIP}, "video/mp4", Facts(1920, 1080, 6.0, 25.0, audio=False)),
        (PRO, {"video": CLIP, "providerSettings": {"klingai": {"keepOriginalSound": True}}}, "video/mp4", Facts(1920, 1080, 6.0, 25.0, audio=True)),
        (WAVE, {"size": "2K 16:9"}, "image/png", Facts(2720, 1536)),
        (WAVE, {"aspect_ratio": "1:1"}, "image/png", Facts(1024, 1024)),
        (WAVE, {"resolution": "4k"}, "image/png", Facts()),
        ("local/concat", {"clips": [CLIP, TAIL]}, "video/mp4", Facts(1920, 1080, 10.5, 25.0, audio=True)),
        ("local/concat", {"clips": [TAIL], "size": "1281x721", "fps": 30}, "video/mp4", Facts(1280, 720, 4.5, 30.0, audio=False)),
        ("local/concat", {"clips": [TAIL, "b.mp4"], "audio": "bed.mp3"}, "video/mp4", Facts(1440, 1440, None, 24.0, audio=True)),
        ("local/frame", {"video": CLIP, "at": "last"}, "image/png", Facts(1920, 1080)),
        ("local/resize", {"image": STILL, "size": "512x512"}, "image/jpeg", Facts(512, 512)),
        ("local/resize", {"image": "a.gif", "size": "512x512", "fit": "pad"}, "image/png", Facts(512, 512)),
        ("local/resize", {"image": STILL, "size": "512x512", "fit": "fit", "format": "WEBP"}, "image/webp", Facts(512, 289)),
        ("local/resize", {"image": "a.gif", "size": "512x512", "fit": "fit"}, "image/png", Facts()),
        ("local/contact-sheet", {"images": [STILL, CLIP]}, "image/jpeg", Facts()),
        ("local/text", {"text": "a", "inputs": [STILL]}, "text/plain", Facts()),
    ],
)  # fmt: skip
def test_what_comes_out_follows_from_the_request(
    name: str, given: dict[str, Any], media: str, facts: Facts
) -> None:
    (found,) = out(name, **given)
    assert (found.media, found.facts) == (media, facts)


def test_facts_that_no_page_states_are_marked() -> None:
    assert out(WAVE, size="1K 1:1")[0].inferred
    assert out(PRO, size="16:9")[0].inferred
    assert not out(O3, size="1K 1:1")[0].inferred
    assert not out("local/concat", clips=[CLIP])[0].inferred


def test_there_are_as_many_outputs_as_were_asked_for() -> None:
    assert len(out(O3, size="1K 1:1", count=4)) == 4
    assert len(out(WAVE, num_images=2)) == 2
    assert len(out(O3, count=LATE)) == 1
    assert len(out(O3, count=10**9)) <= 100


def test_nothing_is_said_of_sides_and_times_known_after_run() -> None:
    assert out(O3, width=LATE, height=768)[0].facts == Facts()
    assert out(PRO, size="16:9", duration=LATE)[0].facts.seconds is None
    assert out(PRO, size="16:9", sound=LATE)[0].facts.audio is None


def test_a_frame_must_have_sides_that_the_model_takes() -> None:
    KNOWN[File("big.png")] = Facts(2720, 1536)
    KNOWN[File("small.png")] = Facts(299, 168)
    for still in ("big.png", "small.png"):
        found = complaints(PRO, first_frame=still)
        assert ("side-out-of-range", "error", "inputs.frameImages.0.image") in found
    assert complaints(PRO, first_frame=STILL) == []
    assert complaints(PRO, references=["big.png"], size="16:9") == [
        ("side-out-of-range", "warning", "inputs.referenceImages.0")
    ]


def test_a_picture_where_a_clip_is_wanted_is_an_error_and_so_is_the_reverse() -> None:
    assert complaints(PRO, video=STILL) == [("wrong-media", "error", "inputs.video")]
    assert complaints(O3, references=[STILL, CLIP]) == [
        ("wrong-media", "error", "inputs.referenceImages.1")
    ]
    assert complaints("local/concat", clips=[CLIP, STILL]) == [("wrong-media", "error", "clips.1")]
    assert complaints("local/contact-sheet", images=[CLIP, STILL]) == []
    assert complaints("local/text", text="a", inputs=[CLIP, STILL]) == []


@pytest.mark.parametrize(("seconds", "fits"), [(2.9, False), (3.0, True), (10.04, True), (11.0, False)])  # fmt: skip
def test_a_reference_clip_has_three_to_ten_seconds(seconds: float, fits: bool) -> None:  # noqa: FBT001  (a column of the table)
    KNOWN[File("ref.mp4")] = Facts(1920, 1080, seconds)
    found = complaints(PRO, size="16:9", inputs={"referenceVideos": ["ref.mp4"]})
    assert found == ([] if fits else [("length-out-of-range", "error", "inputs.referenceVideos.0")])


def test_a_frame_of_another_shape_than_its_clip_is_said() -> None:
    KNOWN[File("wide.png")] = Facts(1552, 656)
    assert complaints(PRO, first_frame="wide.png") == [
        ("aspect-differs", "warning", "inputs.frameImages.0.image")
    ]
    assert complaints(PRO, first_frame=STILL, last_frame="wide.png") == [
        ("aspect-differs", "warning", "inputs.frameImages.1.image")
    ]


def test_unknown_media_break_nothing() -> None:
    params = to_wire(model(PRO), {"first_frame": "x.png", "video": "y.png"}).params
    assert check_media(model(PRO), params, nothing, lambda _: None) == ()
