"""Unlike clips joined into one cut that plays: sizes, rates, sound, length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kinoform.core.errors import OpError
from kinoform.ops import concat, ffmpeg, stills

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Desk


ALL = ("wide.mp4", "tall.webm", "ntsc.mov", "vp8.webm")


def loudness(path: Path, seek: float) -> float:
    argv = ["-ss", str(seek), "-t", "0.3", *ffmpeg.source(path, "video/mp4"), "-map", "0:a:0",
            "-f", "s16le", "-ac", "1", "-"]  # fmt: skip
    data, _ = ffmpeg.run(argv, timeout=20)
    return float(max(abs(int.from_bytes(data[n : n + 2], "little", signed=True))
                     for n in range(0, len(data) - 1, 2)))  # fmt: skip


def test_unlike_clips_become_one_of_the_first_ones_shape(desk: Desk, media: Path) -> None:
    (made,) = desk.run(concat.perform, clips=[desk.blob(media / name) for name in ALL])
    facts = made.facts
    assert (facts.width, facts.height, facts.fps, facts.audio) == (320, 180, 24.0, True)
    assert facts.seconds == pytest.approx(1 + 1.5 + 1.001 + 1, abs=1 / 24)
    assert sorted(path.name for path in made.path.parent.iterdir()) == ["cut.mp4"]


def test_silence_stands_where_a_clip_has_no_sound(desk: Desk, media: Path) -> None:
    clips = [desk.blob(media / name) for name in ("vp8.webm", "wide.mp4")]
    (made,) = desk.run(concat.perform, clips=clips)
    assert loudness(made.path, 0.3) < 50
    assert loudness(made.path, 1.4) > 1000


def test_clips_without_any_sound_stay_silent_films(desk: Desk, media: Path) -> None:
    (made,) = desk.run(concat.perform, clips=[desk.blob(media / "vp8.webm")])
    assert made.facts.audio is False


def test_a_bed_replaces_the_sound_and_lasts_as_long_as_the_picture(desk: Desk, media: Path) -> None:
    (made,) = desk.run(
        concat.perform, clips=[desk.blob(media / "wide.mp4")], audio=desk.blob(media / "tone.mp3")
    )
    assert made.facts.seconds == 1.0
    assert loudness(made.path, 0.1) > 1000
    assert loudness(made.path, 0.69) < 50


def test_size_rate_and_fit_can_be_asked_for(desk: Desk, media: Path) -> None:
    (made,) = desk.run(
        concat.perform,
        clips=[desk.blob(media / "wide.mp4")],
        size="101x100",
        fps=23.976,
        fit="fill",
    )
    assert (made.facts.width, made.facts.height) == (100, 100)
    assert made.facts.fps == 24000 / 1001


def test_a_tall_clip_is_padded_with_black(desk: Desk, media: Path) -> None:
    (made,) = desk.run(concat.perform, clips=[desk.blob(media / "tall.webm")], size="160x90")
    frame = stills.first(made.path, "video/mp4")
    assert frame.getpixel((10, 45)) == (0, 0, 0)
    assert frame.getpixel((80, 45)) != (0, 0, 0)


def test_an_uneven_clip_keeps_its_length(desk: Desk, media: Path) -> None:
    uneven = desk.blob(media / "uneven.mp4")
    (made,) = desk.run(concat.perform, clips=[uneven], fps=24)
    assert made.facts.seconds == pytest.approx(uneven.facts.seconds, abs=1 / 24)


def test_the_same_clips_give_the_same_bytes(desk: Desk, media: Path) -> None:
    clips = [desk.blob(media / "wide.mp4"), desk.blob(media / "ntsc.mov")]
    first, second = (desk.run(concat.perform, clips=clips)[0] for _ in range(2))
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_picture_is_refused_with_a_hint(desk: Desk) -> None:
    still = desk.picture(Image.new("RGB", (8, 8)))
    with pytest.raises(OpError, match=r"clips\[0\] must be a clip.*make a clip"):
        desk.run(concat.perform, clips=[still])


@pytest.mark.parametrize(("params", "said"), [
    ({"clips": []}, "clips must be a list"), ({"size": "0x9"}, "WIDTHxHEIGHT"),
    ({"fps": 0}, "fps must be"), ({"fit": "zoom"}, "fit must be one of"),
])  # fmt: skip
def test_a_parameter_that_breaks_its_rule_is_named(
    desk: Desk, media: Path, params: dict[str, object], said: str
) -> None:
    clips = [desk.blob(media / "wide.mp4")]
    with pytest.raises(OpError, match=said):
        desk.run(concat.perform, **{"clips": clips, **params})


def test_a_strict_cut_takes_clips_that_are_alike(desk: Desk, media: Path) -> None:
    clips = [desk.blob(media / "wide.mp4")] * 2
    (made,) = desk.run(concat.perform, clips=clips, strict=True)
    assert (made.facts.width, made.facts.fps, made.facts.seconds) == (320, 24.0, 2.0)


def test_a_strict_cut_names_every_clip_that_is_unlike(desk: Desk, media: Path) -> None:
    clips = [desk.blob(media / name) for name in ("wide.mp4", "tall.webm", "wide.mp4", "ntsc.mov")]
    with pytest.raises(OpError) as caught:
        desk.run(concat.perform, clips=clips, strict=True)
    assert [p.code for p in caught.value.problems] == ["not-alike", "not-alike"]
    said = [p.message.split(" is ")[0] for p in caught.value.problems]
    assert said == ["clips[1]", "clips[3]"]
    assert "the cut is 320x180 at 24 fps" in caught.value.problems[0].message


def test_strict_is_true_or_false(desk: Desk, media: Path) -> None:
    with pytest.raises(OpError, match="strict must be true or false"):
        desk.run(concat.perform, clips=[desk.blob(media / "wide.mp4")], strict="yes")
