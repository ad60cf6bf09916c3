"""The draft renderer on real files: exact sizes and lengths, exact first and last frames."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops, ImageOps

from kinoform.core.errors import OpError
from kinoform.ops import pictures, stills
from kinoform.ops.probe import clip
from kinoform.ops.sketch import perform
from kinoform.ops.sketch.dice import Dice

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Desk

    from kinoform.core.types import Blob
    from kinoform.ports import Made

CONTAINERS = ("video/mp4", "video/webm", "video/quicktime")


def output(media: str = "image/png", size: str = "160x90", **facts: Any) -> dict[str, Any]:
    width, height = map(int, size.split("x"))
    given = {"media": media, "width": width, "height": height, "seconds": None, "fps": None}
    return {**given, "audio": None, **facts}


def draft(desk: Desk, *outputs: dict[str, Any], take: int = 1, **brief: Any) -> tuple[Made, ...]:
    request = desk.action({"model": "any/model", "brief": brief, "outputs": list(outputs)})
    return desk.perform(perform, replace(request, take=take))


def psnr(one: Image.Image, other: Image.Image) -> float:
    counts = ImageChops.difference(one, other).histogram()
    error = sum((level % 256) ** 2 * count for level, count in enumerate(counts))
    return 10 * math.log10(255**2 / max(1e-9, error / sum(counts)))


def test_clip_facts(desk: Desk) -> None:
    (made,) = draft(desk, output("video/mp4", seconds=1, fps=24, audio=True), prompt="a wave")
    assert made.facts.audio is True
    assert made.facts.seconds == 1.0


@pytest.mark.parametrize("media", ["image/jpeg", "image/png", "image/webp"])
@pytest.mark.parametrize("size", ["160x90", "90x160", "128x128", "210x90", "33x17"])
def test_a_still_has_its_exact_size_and_type(desk: Desk, media: str, size: str) -> None:
    (made,) = draft(desk, output(media, size), prompt="Wide frame, a stair at night")
    assert f"{made.facts.width}x{made.facts.height}" == size
    assert pictures.sniff(made.path) == media == made.media


@pytest.mark.parametrize("media", CONTAINERS)
@pytest.mark.parametrize(
    ("seconds", "fps", "frames"), [(0.5, 24, 12), (0.7, 30, 21), (0.51, 25, 13)]
)
def test_a_clip_has_its_exact_size_length_and_rate(
    desk: Desk, media: str, seconds: float, fps: float, frames: int
) -> None:
    (made,) = draft(desk, output(media, "160x90", seconds=seconds, fps=fps), prompt="the sea")
    assert (made.facts.width, made.facts.height, made.facts.fps) == (160, 90, fps)
    assert len(clip(made.path, media).times) == frames
    assert made.facts.seconds == pytest.approx(frames / fps, abs=1e-3)
    assert pictures.sniff(made.path) == media


def test_odd_sides_stay_odd(desk: Desk) -> None:
    (made,) = draft(desk, output("video/mp4", "101x57", seconds=0.25, fps=24), prompt="a door")
    assert (made.facts.width, made.facts.height) == (101, 57)


def detailed(size: tuple[int, int]) -> Image.Image:
    """Fine lines, hard edges and strong colours."""
    image = Image.new("RGB", size, (30, 60, 90))
    for x in range(0, size[0], 3):
        image.paste((240 - x % 200, 80 + x % 120, 40), (x, 0, x + 1, size[1]))
    image.paste((250, 250, 240), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    return image


def noisy(size: tuple[int, int]) -> Image.Image:
    grey = Dice("noise").noise(*size)
    return Image.merge("RGB", (grey, grey, grey))


def speckled(size: tuple[int, int]) -> Image.Image:
    return Image.merge("RGB", [Dice(name).noise(*size) for name in "rgb"])


@pytest.mark.parametrize("media", CONTAINERS)
@pytest.mark.parametrize("made_of", [detailed, noisy, speckled])
def test_a_clip_starts_and_ends_on_its_pictures(desk: Desk, media: str, made_of: Any) -> None:
    size = (160, 90)
    first, last = made_of((200, 160)), ImageOps.mirror(made_of((160, 90)))
    (made,) = draft(
        desk, output(media, seconds=1, fps=24), prompt="slow push in, words over it",
        first_frame=desk.picture(first), last_frame=desk.picture(last),
    )  # fmt: skip
    lanczos = Image.Resampling.LANCZOS
    assert psnr(stills.first(made.path, media), ImageOps.fit(first, size, lanczos)) >= 32
    assert psnr(stills.last(made.path, media), ImageOps.fit(last, size, lanczos)) >= 32


def test_only_a_last_frame_is_arrived_at(desk: Desk) -> None:
    last = detailed((160, 90))
    (made,) = draft(
        desk, output("video/mp4", seconds=1, fps=24), prompt="x", last_frame=desk.picture(last)
    )
    assert psnr(stills.last(made.path, "video/mp4"), last) >= 32
    assert psnr(stills.first(made.path, "video/mp4"), last) < 32


def test_a_clip_moves_and_says_its_words_between_its_ends(desk: Desk) -> None:
    still = detailed((160, 90))
    (made,) = draft(
        desk, output("video/mp4", seconds=1, fps=24), prompt="x", first_frame=desk.picture(still)
    )
    assert psnr(stills.middle(made.path, "video/mp4"), still) < 25


def test_a_clip_of_words_alone_moves(desk: Desk) -> None:
    (made,) = draft(desk, output("video/mp4", seconds=1, fps=24), prompt="a girl in the forest")
    first, last = stills.first(made.path, "video/mp4"), stills.last(made.path, "video/mp4")
    assert psnr(first, last) < 35


def test_segments_differ_visibly(desk: Desk) -> None:
    segments = [
        {"prompt": "the sea at night", "seconds": 0.5},
        {"prompt": "a snowy mountain", "seconds": 0.5},
    ]
    (made,) = draft(desk, output("video/mp4", seconds=1, fps=24, audio=True), segments=segments)
    early, late = (stills.at(made.path, "video/mp4", at) for at in (0.2, 0.8))
    assert psnr(early, late) < 20
    assert made.facts.audio is True


@pytest.mark.parametrize("media", CONTAINERS)
def test_sound_is_there_when_asked_for(desk: Desk, media: str) -> None:
    made = draft(desk, output(media, seconds=0.5, fps=24), prompt="x", sound=True)[0]
    silent = draft(desk, output(media, seconds=0.5, fps=24, audio=False), prompt="x", sound=True)[0]
    assert made.facts.audio is True
    assert silent.facts.audio is False
    assert made.facts.seconds == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("name", ["wide.mp4", "ntsc.mov", "vp8.webm"])
def test_an_edit_follows_its_source_clip(desk: Desk, media: Path, name: str) -> None:
    source = desk.blob(media / name)
    size = f"{source.facts.width}x{source.facts.height}"
    (made,) = draft(
        desk, output("video/mp4", size, audio=True), prompt="crimson noir", video=source
    )
    assert made.facts.seconds == pytest.approx(source.facts.seconds, abs=1e-3)
    assert made.facts.fps == source.facts.fps
    assert made.facts.audio is True
    before, after = stills.middle(media / name, source.media), stills.middle(made.path, made.media)
    assert psnr(before, after) < 25


MAKERS: dict[str, dict[str, Any]] = {
    "still": {"media": "image/png"},
    "clip": {"media": "video/mp4", "seconds": 0.5, "fps": 24, "audio": True},
    "webm": {"media": "video/webm", "seconds": 0.5, "fps": 24, "audio": True},
}


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_the_same_request_gives_the_same_bytes(desk: Desk, kind: str) -> None:
    wanted = output(**MAKERS[kind])
    reference = desk.picture(detailed((80, 80)))
    runs = [
        draft(desk, wanted, prompt="dusk over a city", references=[reference]) for _ in range(2)
    ]
    assert runs[0][0].path.read_bytes() == runs[1][0].path.read_bytes()


def test_results_takes_and_words_differ(desk: Desk) -> None:
    two = draft(desk, output(), output(), prompt="a sailor at sea")
    again = draft(desk, output(), output(), prompt="a sailor at sea", take=2)
    other = draft(desk, output(), output(), prompt="a sailor at sea, teal")
    seen = [made.path.read_bytes() for made in (*two, *again, *other)]
    assert len(set(seen)) == 6


def centre(image: Image.Image) -> Image.Image:
    """Greys of the picture's middle, small: its composition without its colours."""
    upper = image.crop((0, 0, image.width, image.height * 8 // 10))
    return ImageOps.autocontrast(upper.convert("L").resize((32, 18)))


@pytest.mark.parametrize("name", ["image", "references"])
def test_an_edit_keeps_the_composition_of_its_picture(desk: Desk, name: str) -> None:
    (base,) = draft(desk, output(size="320x180"), prompt="the lighthouse at night")
    blob: Blob = desk.blob(base.path)
    given: dict[str, Any] = {name: [blob] if name == "references" else blob}
    (edit,) = draft(desk, output(size="320x180"), prompt="ink and gouache, red", **given)
    (fresh,) = draft(desk, output(size="320x180"), prompt="ink and gouache, red")
    original = centre(pictures.load(base.path))
    kept, unlike = (psnr(centre(pictures.load(made.path)), original) for made in (edit, fresh))
    assert kept > unlike + 4


def test_what_was_not_fetched_is_only_named(desk: Desk) -> None:
    address = "https://example.com/pictures/mara.png?token=secret"
    made = draft(
        desk, output(), output("video/mp4", seconds=0.25, fps=24), prompt="x",
        first_frame=address, image=address, references=[address], elements=[{"id": "a", "frontal_image": address}],
    )  # fmt: skip
    assert len(made) == 2


@pytest.mark.parametrize(
    "prompt", [None, "", "日本語の夜", "🎬" * 300, "word " * 3000, "a\x00b\u202e", "%s{}'\":,[;"]
)
def test_any_words_can_be_drafted(desk: Desk, prompt: str | None) -> None:
    made = draft(desk, output(size="320x180"), output(size="40x40"), prompt=prompt)
    assert len(made) == 2


SIGHTS = (
    "extreme close-up of an eye", "close-up of her hand with a lamp", "close portrait of an old sailor in a storm",
    "medium shot of two lovers in the rain", "over the shoulder of a man, a door in a dark room",
    "a boat at dawn", "snow on a mountain, a cabin", "desert at noon", "product shot of a watch, gold",
    "a shoe", "character sheet of a queen, studio", "neon street in fog", "a lone tree in a field, birds",
    "lantern in the attic at night", "a crowd in the market",
)  # fmt: skip


@pytest.mark.parametrize("prompt", SIGHTS)
def test_every_sight_is_drawn_and_is_no_blank(desk: Desk, prompt: str) -> None:
    (made,) = draft(desk, output(size="192x108"), prompt=prompt)
    low, high = pictures.load(made.path).convert("L").crop((0, 0, 192, 80)).getextrema()
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    assert high - low > 60


def test_missing_facts_have_defaults(desk: Desk) -> None:
    (made,) = draft(desk, {"media": "image/jpeg"}, prompt="x")
    assert (made.facts.width, made.facts.height) == (1024, 1024)


def test_unknown_names_and_odd_values_are_ignored(desk: Desk) -> None:
    brief: dict[str, Any] = {
        "prompt": "x",
        "strange": object,
        "segments": ["no", {"seconds": "4"}],
        "references": 7,
    }
    assert draft(desk, output("video/mp4", seconds=0.25, fps=12), **brief)


@pytest.mark.parametrize("outputs", [None, [], {}])
def test_no_result_asked_for_is_a_problem(desk: Desk, outputs: object) -> None:
    with pytest.raises(OpError, match="outputs must be a list"):
        desk.run(perform, brief={}, outputs=outputs)


def test_a_result_beyond_all_sizes_is_refused(desk: Desk) -> None:
    with pytest.raises(OpError, match="50 million"):
        draft(desk, output(size="20000x20000"), prompt="x")


@pytest.mark.parametrize("media", ["image/tiff", "video/x-matroska", "audio/wav"])
def test_other_types_are_refused(desk: Desk, media: str) -> None:
    with pytest.raises(OpError, match="media-type"):
        draft(desk, output(media, seconds=0.1), prompt="x")
