"""What makes a drawing a print: washes, vignette and paper grain, at the final size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from kinoform.ops.sketch.stage import radial

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice

_TILE = 384
_BICUBIC = Image.Resampling.BICUBIC


def finished(image: Image.Image, dice: Dice, strength: float = 1.0) -> Image.Image:
    """The picture with uneven washes, darker corners and a fine grain."""
    tone = _washes(image.size, dice.fork("wash"), strength)
    tone = ImageChops.multiply(tone, _corners(image.size, strength))
    shaded = ImageChops.multiply(image, Image.merge("RGB", (tone, tone, tone)))
    grain = _grain(image.size, dice.fork("grain"), 9 * strength)
    return ImageChops.add(shaded, Image.merge("RGB", (grain, grain, grain)), 1, -128)


def _washes(size: tuple[int, int], dice: Dice, strength: float) -> Image.Image:
    """Pools and dry strokes of a wide brush."""
    tall = size[1] > size[0]
    pools = dice.noise(9, 16) if tall else dice.noise(16, 9)
    strokes = dice.fork("strokes").noise(22, 60)
    field = Image.blend(pools.resize(size, _BICUBIC), strokes.resize(size, _BICUBIC), 0.3)
    low = 255 - round(38 * strength)
    return field.point([low + (255 - low) * level // 255 for level in range(256)])


def _corners(size: tuple[int, int], strength: float) -> Image.Image:
    wide = (round(size[0] * 1.7), round(size[1] * 1.7))
    ball = radial((wide[0] // 8 + 1, wide[1] // 8 + 1))
    left, top = (ball.width - size[0] / 8) / 2, (ball.height - size[1] / 8) / 2
    fall = ball.resize(size, _BICUBIC, box=(left, top, ball.width - left, ball.height - top))
    low = 255 - round(96 * strength)
    return fall.point([low + (255 - low) * min(255, level * 3) // 255 for level in range(256)])


def _grain(size: tuple[int, int], dice: Dice, amount: float) -> Image.Image:
    """128 with a little noise: one tile, repeated; small enough never to be seen as one."""
    noise = dice.noise(_TILE, _TILE)
    tile = noise.point([round(128 + (level - 127.5) / 127.5 * amount) for level in range(256)])
    sheet = Image.new("L", size)
    for top in range(0, size[1], _TILE):
        for left in range(0, size[0], _TILE):
            sheet.paste(tile, (left, top))
    return sheet
