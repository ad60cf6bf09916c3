"""Clips and sounds are measured, and nothing but their declared type is ever opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.core.errors import OpError
from kinoform.core.types import Facts
from kinoform.ops import pictures
from kinoform.ops.probe import clip, probe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("wide.mp4", Facts(320, 180, 1.0, 24.0, audio=True)),
        ("tall.webm", Facts(90, 160, 1.5, 30.0, audio=False)),
        ("vp8.webm", Facts(160, 90, 1.0, 24.0, audio=False)),
        ("ntsc.mov", Facts(160, 90, 1.001, 30000 / 1001, audio=False)),
        ("tone.wav", Facts(seconds=0.5, audio=True)),
    ],
)
def test_facts_are_measured_exactly(media: Path, name: str, facts: Facts) -> None:
    path = media / name
    found = pictures.facts(path, pictures.sniff(path))
    assert found.seconds == pytest.approx(facts.seconds, abs=1e-6)
    assert (found.width, found.height, found.fps, found.audio) == (
        facts.width, facts.height, facts.fps, facts.audio,
    )  # fmt: skip


def test_every_frame_of_an_uneven_clip_has_its_time(media: Path) -> None:
    times = clip(media / "uneven.mp4", "video/mp4").times
    assert len(times) == 18
    assert times[:3] == pytest.approx((0, 1 / 24, 2 / 24), abs=1e-3)
    assert times[-1] == pytest.approx(45 / 24, abs=1e-3)


def test_the_declared_type_forces_the_demuxer(media: Path) -> None:
    with pytest.raises(OpError, match=r"no readable video/webm"):
        probe(media / "wide.mp4", "video/webm")


def test_a_playlist_that_poses_as_a_clip_opens_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    trap = tmp_path / "clip.mp4"
    trap.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(OpError, match="bad-media"):
        probe(trap, "video/mp4")


def test_a_type_without_a_demuxer_is_refused(media: Path) -> None:
    with pytest.raises(OpError, match="a clip or sound was expected"):
        probe(media / "wide.mp4", "text/plain")


def test_a_cut_off_clip_is_bad_media(media: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.mp4"
    short.write_bytes((media / "wide.mp4").read_bytes()[:2000])
    with pytest.raises(OpError, match="bad-media"):
        probe(short, "video/mp4")


def test_names_that_look_like_options_are_only_names(media: Path, tmp_path: Path) -> None:
    odd = tmp_path / "-y '[x]%d:a,b.mp4"
    odd.write_bytes((media / "wide.mp4").read_bytes())
    assert probe(odd, "video/mp4").width == 320
