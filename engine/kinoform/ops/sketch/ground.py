"""A picture made over: the same still in the palette of new words, with washes and an ink edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter, ImageOps

from kinoform.ops import pictures
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.scene import board

if TYPE_CHECKING:
    from kinoform.ops.sketch.palette import RGB, Palette

_KEPT = 0.42
_LEVELS = 6


def retouched(image: Image.Image, size: tuple[int, int], palette: Palette) -> Image.Image:
    """The picture at `size`, centre kept, regraded; detail and composition stay its own."""
    base = pictures.fill(pictures.flat(image), board(size))
    painted = base.filter(ImageFilter.MedianFilter(3))
    grey = ImageOps.autocontrast(painted.convert("L"), cutoff=1)
    graded = graded_in(grey, palette)
    mixed = Image.blend(graded, painted, _KEPT)
    inked = ImageChops.multiply(mixed, _ink(base, palette.ink))
    return inked.resize(size, Image.Resampling.LANCZOS) if inked.size != size else inked


def graded_in(grey: Image.Image, palette: Palette) -> Image.Image:
    """A grey picture in the palette's tones, in soft steps as a painter would lay them."""
    ramp = tones(palette)
    stepped = [round(_soft(level)) for level in range(256)]
    channels = [
        grey.point([ramp[stepped[level]][part] for level in range(256)]) for part in range(3)
    ]
    return Image.merge("RGB", channels)


def tones(palette: Palette) -> list[RGB]:
    """256 colours from the palette's ink to its light."""
    # The light of a night is far from its sky: it comes last and slowly, or highlights would blaze.
    glare = mix(palette.low, palette.light, 0.4)
    stops = (palette.ink, palette.near, palette.mid, palette.far, palette.low, glare,
             mix(glare, palette.light, 0.6))  # fmt: skip
    found: list[RGB] = []
    for level in range(256):
        place = level / 255 * (len(stops) - 1)
        index = min(int(place), len(stops) - 2)
        found.append(mix(stops[index], stops[index + 1], place - index))
    return found


def _soft(level: float) -> float:
    """A little toward a poster's steps."""
    step = 255 / (_LEVELS - 1)
    return level * 0.72 + round(level / step) * step * 0.28


def _ink(base: Image.Image, ink: RGB) -> Image.Image:
    """White, with lines in the ink's colour where the picture has edges."""
    grey = base.convert("L").filter(ImageFilter.GaussianBlur(max(1.0, base.height / 700)))
    edges = grey.filter(ImageFilter.FIND_EDGES)
    lines = edges.point([min(200, max(0, (level - 14) * 7)) for level in range(256)])
    lines = lines.filter(ImageFilter.GaussianBlur(0.6))
    return Image.composite(
        Image.new("RGB", base.size, ink), Image.new("RGB", base.size, "white"), lines
    )
