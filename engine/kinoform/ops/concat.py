"""`local/concat`: clips joined into one cut, each brought to one size, rate and sound first.

Every clip is decoded in turn into one running encoder, so memory stays small and every frame is
counted. Joining packets as they are was rejected: clips that differ make a broken file, silently.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.errors import OpError
from kinoform.ops import ffmpeg, pictures
from kinoform.ops.params import blob, blobs, choice, fault, flag, number, path_of, short, size
from kinoform.ops.probe import Clip, clip, probe
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kinoform.core.errors import Problem
    from kinoform.core.types import Action, Blob

HERTZ = 48000
_SAMPLE = 4  # two channels of 16 bits
_FASTEST = 240.0
_CLOSE = 0.005
_ALIKE = 0.01  # frames per second: 23.976 is written for 24000/1001
_ALIKE_HINT = "make the clips alike, or leave out strict"
_GRACE = 120.0
_PER_SECOND = 30.0


@dataclass(frozen=True, slots=True)
class Cut:
    """What the joined film will be: pixels, exact frames per second, how clips meet its frame."""

    width: int
    height: int
    rate: Fraction
    fit: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip in the cut: `frames` pictures, and its sound as `samples` at 48 kHz."""

    path: Path
    media: str
    clip: Clip
    frames: int
    samples: int


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Join `clips` in order as H.264 and AAC; `audio` replaces their sound.

    Raises:
        OpError: a parameter breaks its rule, or a clip cannot be read.
    """
    params = action.params
    clips = blobs(params, "clips")
    _only_clips(clips)
    seen = [clip(path_of(files, item), item.media) for item in clips]
    cut = _cut(params, seen[0])
    if flag(params, "strict"):
        _only_alike(seen, cut)
    pieces = _pieces(clips, [path_of(files, item) for item in clips], seen, cut.rate)
    seconds = float(sum(piece.frames for piece in pieces) / cut.rate)
    limit = action.timeout or _GRACE + _PER_SECOND * seconds
    bed = blob(params, "audio") if params.get("audio") is not None else None
    sound = out / "sound.pcm"
    audible = _sound(pieces, bed, files, sound, limit)
    part, target = out / "cut.part", out / "cut.mp4"
    _join(pieces, cut, sound if audible else None, part, limit)
    sound.unlink(missing_ok=True)
    facts = probe(part, "video/mp4")
    part.replace(target)
    return (Made(target, "video/mp4", facts, str(ffmpeg.find())),)


def _only_clips(clips: Sequence[Blob]) -> None:
    for index, item in enumerate(clips):
        if not pictures.is_clip(item.media):
            raise fault("media-type", f"clips[{index}] must be a clip, not {short(item.media)}",
                        "make a clip of a picture with a video model first", "clips")  # fmt: skip


def _only_alike(seen: Sequence[Clip], cut: Cut) -> None:
    """Raise OpError with every clip that would have to be scaled or timed anew."""
    wanted = (cut.width, cut.height, float(cut.rate))
    problems: list[Problem] = []
    for index, each in enumerate(seen):
        near = abs(float(each.rate) - float(cut.rate)) <= _ALIKE
        if (each.width, each.height) != (cut.width, cut.height) or not near:
            shape = "clips[{}] is {}x{} at {:g} fps, the cut is {}x{} at {:g} fps"
            said = shape.format(index, each.width, each.height, float(each.rate), *wanted)
            problems += fault("not-alike", said, _ALIKE_HINT, "clips").problems
    if problems:
        raise OpError(problems)


def _cut(params: Mapping[str, object], lead: Clip) -> Cut:
    width, height = size(params, "size") or (lead.width, lead.height)
    asked = number(params, "fps", 1.0, _FASTEST)
    rate = lead.rate if asked is None else _exact(asked)
    # Chroma has half the pixels each way, so sides are even.
    fit = choice(params, "fit", ("fit", "fill", "pad"), "pad")
    return Cut(max(2, width // 2 * 2), max(2, height // 2 * 2), rate, fit)


def _exact(rate: float) -> Fraction:
    """23.976 means 24000/1001, as everywhere in film."""
    near = Fraction(rate).limit_denominator(1000)
    ntsc = Fraction(round(rate * 1.001) * 1000, 1001)
    return ntsc if near.denominator > 1 and abs(float(ntsc) - rate) < _CLOSE else near


def _pieces(
    clips: Sequence[Blob], paths: Sequence[Path], seen: Sequence[Clip], rate: Fraction
) -> list[Piece]:
    """Whole frames for each clip so that the running sum is never off by more than half a frame."""
    pieces, time, frames, samples = [], 0.0, 0, 0
    for item, path, each in zip(clips, paths, seen, strict=True):
        time += each.seconds
        until = max(frames + 1, round(time * float(rate)))
        heard = round(Fraction(until) / rate * HERTZ)
        pieces.append(Piece(path, item.media, each, until - frames, heard - samples))
        frames, samples = until, heard
    return pieces


def _sound(
    pieces: Sequence[Piece], bed: Blob | None, files: Mapping[str, Path], sink: Path, limit: float
) -> bool:
    """Write the whole sound as raw samples; False if there is none to write."""
    if bed is None and not any(piece.clip.audio for piece in pieces):
        return False
    with sink.open("wb", buffering=0) as file:
        if bed is not None:
            if not bed.media.startswith(("audio/", "video/")):
                raise fault("media-type", f"audio must be a sound or a clip, not {short(bed.media)}",
                            path="audio")  # fmt: skip
            total = sum(piece.samples for piece in pieces)
            _append(path_of(files, bed), bed.media, total, file.fileno(), limit)
            return True
        for piece in pieces:
            if piece.clip.audio:
                _append(piece.path, piece.media, piece.samples, file.fileno(), limit)
            else:
                # A hole reads as zeros, and zeros are silence.
                file.seek(piece.samples * _SAMPLE, os.SEEK_CUR)
                file.truncate()
    return True


def _append(path: Path, media: str, samples: int, sink: int, limit: float) -> None:
    chain = (f"aresample={HERTZ}:async=1:first_pts=0,"
             f"aformat=sample_fmts=s16:channel_layouts=stereo,"
             f"apad=whole_len={samples},atrim=end_sample={samples}")  # fmt: skip
    argv = ["-threads", "1", *ffmpeg.source(path, media), "-map", "0:a:0", "-vn", "-af", chain,
            "-f", "s16le", "-"]  # fmt: skip
    _through(argv, sink, limit)


def _through(argv: Sequence[str], sink: int, limit: float) -> None:
    """Run it with its output going straight to an open file or pipe."""
    job = ffmpeg.start(argv, timeout=limit, stdout=sink)
    try:
        ffmpeg.finish(job)
    finally:
        ffmpeg.stop(job)


def _join(
    pieces: Sequence[Piece], cut: Cut, sound: Path | None, target: Path, limit: float
) -> None:
    reader, writer = os.pipe()
    job = ffmpeg.start(_encoder(cut, sound, target), timeout=limit, stdin=reader)
    try:
        os.close(reader)
        try:
            for piece in pieces:
                _through(_decoder(piece, cut), writer, limit)
        finally:
            os.close(writer)
        ffmpeg.finish(job)
    finally:
        ffmpeg.stop(job)


def _encoder(cut: Cut, sound: Path | None, target: Path) -> list[str]:
    picture = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{cut.width}x{cut.height}",
               "-r", str(cut.rate), *ffmpeg.BT709, "-i", "pipe:0"]  # fmt: skip
    heard = ["-f", "s16le", "-ar", str(HERTZ), "-ac", "2", "-i", f"file:{sound}"] if sound else []
    return [
        # A cut comes last, when both cores are free; a fixed number of threads keeps it repeatable.
        *picture, *heard, *ffmpeg.EXACT, "-threads", "2", "-c:v", "libx264",
        "-preset", "superfast", "-crf", "17", "-pix_fmt", "yuv420p", *ffmpeg.BT709,
        *(["-c:a", "aac", "-b:a", "192k"] if sound else ["-an"]),
        "-movflags", "+faststart", "-f", "mp4", "-y", f"file:{target}",
    ]  # fmt: skip


def _decoder(piece: Piece, cut: Cut) -> list[str]:
    filters = [
        "setpts=PTS-STARTPTS",
        f"fps={cut.rate}:start_time=0",
        # Square pixels first: the frame is measured in them.
        "scale=w=iw*sar:h=ih,setsar=1",
        *_geometry(cut, piece.clip.matrix),
        "format=yuv420p",
        "tpad=stop=-1:stop_mode=clone",
    ]
    return ["-threads", "1", *ffmpeg.source(piece.path, piece.media), "-map", "0:v:0", "-an",
            "-vf", ",".join(filters), "-frames:v", str(piece.frames), "-fps_mode", "passthrough",
            "-f", "rawvideo", "-"]  # fmt: skip


def _geometry(cut: Cut, matrix: str) -> list[str]:
    width, height = cut.width, cut.height
    inside = "increase" if cut.fit == "fill" else "decrease"
    scale = (f"scale=w={width}:h={height}:force_original_aspect_ratio={inside}"
             f":force_divisible_by=2:flags=lanczos:in_color_matrix={matrix}"
             ":out_color_matrix=bt709:out_range=tv")  # fmt: skip
    if cut.fit == "fill":
        return [scale, f"crop={width}:{height}"]
    return [scale, f"pad={width}:{height}:-1:-1:black"]
