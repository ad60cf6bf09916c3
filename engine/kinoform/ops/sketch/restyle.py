"""An edited clip: the source's own frames in the palette of the new words, under a caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.types import Blob
from kinoform.ops import ffmpeg, pictures
from kinoform.ops.params import fault, path_of
from kinoform.ops.probe import clip
from kinoform.ops.sketch import caption, ground, sound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction
    from pathlib import Path

    from kinoform.ops.sketch.palette import Palette
    from kinoform.ops.sketch.picture import Style
    from kinoform.ops.sketch.request import Ask, Output


def make(
    ask: Ask,
    output: Output,
    look: Style,
    files: Mapping[str, Path],
    sink: tuple[Path, float, tuple[str, ...]],
) -> None:
    """Write to `sink` (file, limit in seconds, encoder). Raises OpError if the source is no clip."""
    source = ask.video
    if not isinstance(source, Blob) or not pictures.is_clip(source.media):
        raise fault("media-type", "video must be a clip", path="brief.video")
    path = path_of(files, source)
    seen = clip(path, source.media)
    size = (max(2, output.width // 2 * 2), max(2, output.height // 2 * 2))
    target, limit, encoder = sink
    count = max(1, round(seen.seconds * float(seen.rate)))
    strip = target.with_name("strip.png")
    pictures.save(caption.strip(size, ask.prompt, ask.take, look.palette), strip, "image/png")
    graph = _graph(size, seen.rate, seen.matrix, look.palette)
    heard = ["-an"]
    if output.audio and seen.audio:
        heard = [
            "-map",
            "0:a:0",
            "-af",
            f"aresample=48000:async=1:first_pts=0,apad,atrim=end={float(count / seen.rate):.6f}",
        ]
    elif output.audio:
        graph += ";" + sound.bed([float(count / seen.rate)], look.dice.fork("sound"))
        heard = ["-map", "[sound]"]
    argv = ["-threads", "1", *ffmpeg.source(path, source.media),
            "-protocol_whitelist", "file,pipe", "-f", "image2", "-pattern_type", "none", "-i", f"file:{strip}",
            "-filter_complex_threads", "1", "-filter_complex", graph, "-map", "[picture]", *heard,
            *ffmpeg.EXACT, *encoder, "-pix_fmt", "yuv420p", "-frames:v", str(count), "-y", f"file:{target}"]  # fmt: skip
    ffmpeg.run(argv, timeout=limit)
    strip.unlink()


def _graph(size: tuple[int, int], rate: Fraction, matrix: str, palette: Palette) -> str:
    """Scaled and cropped, posterised, toned by the palette, its edges inked."""
    wide, high = size
    scale = (f"scale=w={wide}:h={high}:force_original_aspect_ratio=increase:force_divisible_by=2"
             f":in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv")  # fmt: skip
    base = f"[0:v:0]setpts=PTS-STARTPTS,fps={rate}:start_time=0,scale=w=iw*sar:h=ih,setsar=1,{scale},crop={wide}:{high},format=yuv420p"
    ramp = ground.tones(palette)
    # Edges are found at half the size: quicker, and blind to grain.
    lines = f"format=gray,scale={wide // 2}:{high // 2}:flags=area,sobel,lutyuv=y='255-clip((val-30)*3,0,200)',scale={wide}:{high}"
    return (
        f"{base},split=3[colour][tone][edge];"
        f"[tone]format=gray,format=gbrp,lutrgb={_ramps(ramp)},format=yuv420p[duo];"
        f"[edge]{lines},format=yuv420p[ink];"
        f"[duo][colour]blend=all_mode=normal:all_opacity=0.72[mixed];"
        f"[mixed][ink]blend=c0_mode=multiply:c1_expr=A:c2_expr=A[inked];"
        f"[1:v]format=yuv420p[strip];[inked][strip]overlay=x=0:y=H-h:eof_action=repeat,"
        f"tpad=stop=-1:stop_mode=clone,format=yuv420p[picture]"
    )


def _ramps(ramp: list[tuple[int, int, int]]) -> str:
    """The palette's ramp as three piecewise straight lines through every 51st level."""
    stops = [ramp[level] for level in range(0, 256, 51)]
    found = []
    for part, name in enumerate("rgb"):
        text = str(stops[-1][part])
        for index in range(len(stops) - 2, -1, -1):
            low, high = stops[index][part], stops[index + 1][part]
            slope = f"{low}+({high - low})*(val-{index * 51})/51"
            text = f"if(lt(val,{(index + 1) * 51}),{slope},{text})"
        found.append(f"{name}='{text}'")
    return ":".join(found)
