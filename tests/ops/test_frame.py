"""The first, the last and any frame of a clip are the very frames that were decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops

from kinoform.core.errors import OpError
from kinoform.ops import ffmpeg, frame, pictures
from kinoform.ops.pictures import sniff

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Desk


CLIPS = ("wide.mp4", "tall.webm", "ntsc.mov", "vp8.webm", "uneven.mp4")


def decoded(path: Path, folder: Path) -> list[Image.Image]:
    argv = [*ffmpeg.source(path, sniff(path)), "-map", "0:v:0", "-fps_mode", "passthrough"]
    ffmpeg.run([*argv, "-f", "image2", f"file:{folder}/%04d.png"], timeout=60)
    return [pictures.load(name) for name in sorted(folder.glob("*.png"))]


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of channels."""
    histogram = ImageChops.difference(one, other).convert("L").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


@pytest.mark.parametrize("name", CLIPS)
def test_first_last_and_any_time_are_the_very_frames(
    desk: Desk, media: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    frames = decoded(media / name, folder)
    video = desk.blob(media / name)
    assert video.facts.seconds
    wanted: list[tuple[str | float, int]] = [("first", 0), ("last", -1), (0, 0)]
    wanted.append((video.facts.seconds - 0.001, -1))
    for at, index in wanted:
        (made,) = desk.run(frame.perform, video=video, at=at)
        cut = pictures.load(made.path)
        assert (made.media, made.facts.width, made.facts.height) == ("image/png", *cut.size)
        near = min(range(len(frames)), key=lambda n: distance(frames[n], cut))
        assert near == index % len(frames)


def test_a_time_shows_the_frame_that_is_on_screen_then(
    desk: Desk, media: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    frames = decoded(media / "uneven.mp4", folder)
    # Frames 0 to 9 last 1/24 s each; from then on every fifth was kept: 10, 15, 20...
    for at, index in (
        (5.5 / 24, 5),
        (12 / 24, 10),
        (14.9 / 24, 10),
        (15.1 / 24, 11),
        (36 / 24, 15),
    ):
        (made,) = desk.run(frame.perform, video=desk.blob(media / "uneven.mp4"), at=at)
        cut = pictures.load(made.path)
        assert min(range(len(frames)), key=lambda n: distance(frames[n], cut)) == index


def test_beyond_the_end_the_length_is_named(desk: Desk, media: Path) -> None:
    video = desk.blob(media / "wide.mp4")
    for at in (1.0, 99, -0.1):
        with pytest.raises(OpError, match=r"the clip is 1\.000 s long"):
            desk.run(frame.perform, video=video, at=at)


@pytest.mark.parametrize("at", [None, "middle", True, [1]])
def test_another_place_is_refused(desk: Desk, media: Path, at: object) -> None:
    with pytest.raises(OpError, match='at must be "first", "last" or seconds'):
        desk.run(frame.perform, video=desk.blob(media / "wide.mp4"), at=at)


def test_a_picture_has_no_frames(desk: Desk) -> None:
    with pytest.raises(OpError, match="video must be a clip"):
        desk.run(frame.perform, video=desk.picture(Image.new("RGB", (8, 8))), at="first")
