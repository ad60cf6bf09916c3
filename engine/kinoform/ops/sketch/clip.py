"""A drafted clip: pictures set in motion, or a source clip made over, as MP4, MOV or WEBM."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from kinoform.core.types import Blob
from kinoform.ops import ffmpeg
from kinoform.ops.params import fault, short
from kinoform.ops.probe import probe
from kinoform.ops.sketch import motion, picture, restyle, sound
from kinoform.ops.sketch.timeline import spans, timeline
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.ops.sketch.request import Ask

_GRACE = 120.0
_PER_SECOND = 60.0
_CLOSE = 0.005
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "15", "-g", "48", *ffmpeg.BT709)
_VPX = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "12", "-b:v", "0",
        "-row-mt", "0", "-g", "48", *ffmpeg.BT709)  # fmt: skip
_AAC = ("-c:a", "aac", "-b:a", "128k")
_CONTAINERS = {
    "video/mp4": (*_X264, *_AAC, "-movflags", "+faststart", "-f", "mp4"),
    "video/quicktime": (*_X264, *_AAC, "-movflags", "+faststart", "-f", "mov"),
    "video/webm": (*_VPX, "-c:a", "libopus", "-b:a", "96k", "-f", "webm"),
}


def make(
    ask: Ask, index: int, files: Mapping[str, Path], target: Path, timeout: float | None
) -> Made:
    """Render result `index` to `target`. Raises OpError."""
    output = ask.outputs[index]
    encoder = _CONTAINERS.get(output.media)
    if encoder is None:
        rule = "clips are drafted as MP4, MOV or WEBM"
        raise fault("media-type", f"{rule}, not {short(output.media)}")
    limit = timeout or _GRACE + _PER_SECOND * output.seconds
    part = target.with_name(f"{target.name}.part")
    if isinstance(ask.video, Blob):
        look = picture.style(ask, index)
        restyle.make(ask, output, look, files, (part, limit, encoder))
    else:
        _animate(ask, index, files, (part, limit, encoder))
    facts = probe(part, output.media)
    part.replace(target)
    return Made(target, output.media, facts, str(ffmpeg.find()))


def _animate(
    ask: Ask, index: int, files: Mapping[str, Path], sink: tuple[Path, float, tuple[str, ...]]
) -> None:
    output = ask.outputs[index]
    target, limit, encoder = sink
    rate = rate_of(output.fps)
    count = max(1, round(output.seconds * output.fps))
    clip = timeline(ask, index, files, count)
    pixels = "yuv420p" if clip.sources[0].back.halved else "yuv444p"
    argv = ["-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{output.width}x{output.height}",
            "-r", str(rate), *ffmpeg.BT709, "-i", "pipe:0"]  # fmt: skip
    if output.audio:
        dice = picture.style(ask, index).dice.fork("sound")
        graph = sound.bed(spans(ask, float(count / rate)), dice)
        argv += ["-filter_complex", graph, "-map", "0:v", "-map", "[sound]"]
    argv += [*ffmpeg.EXACT, *encoder, "-pix_fmt", pixels,
             "-force_key_frames", f"expr:eq(n,{count - 1})", "-y", f"file:{target}"]  # fmt: skip
    ffmpeg.run(argv, timeout=limit, stdin=motion.frames(clip))


def rate_of(fps: float) -> Fraction:
    """23.976 means 24000/1001."""
    near = Fraction(fps).limit_denominator(1000)
    ntsc = Fraction(round(fps * 1.001) * 1000, 1001)
    return ntsc if near.denominator > 1 and abs(float(ntsc) - fps) < _CLOSE else near
