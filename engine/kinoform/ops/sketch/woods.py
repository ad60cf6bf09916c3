"""A wood: rows of trunks in haze, ground, leaves, and light falling through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ops.sketch.outdoors import grass
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.sky import below, ridge, sky
from kinoform.ops.sketch.stage import Paint, Shape, Stage, ellipse

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.palette import RGB
    from kinoform.ops.sketch.words import Cues

_COUNTS = (15, 11, 7, 3)
_WIDTHS = (0.006, 0.011, 0.02, 0.05)
_NEAREST = 3


def forest(stage: Stage, cues: Cues) -> None:
    """Four rows, the nearest framing the panel at its sides."""
    palette, dice = stage.palette, stage.dice.fork("forest")
    sky(stage, cues, 0.72)
    stage.glow((0.5 + stage.lit * 0.08, 0.4), 0.6, 0.5)
    for depth in range(_NEAREST + 1):
        tone = mix(mix(palette.low, palette.far, 0.7), palette.near, depth / 3.4)
        trunks = [_trunk(dice, depth, stage.ratio) for _ in range(_COUNTS[depth])]
        near = depth == _NEAREST
        bark = Paint(
            tone,
            mix(tone, palette.near, 0.25),
            0.2 + depth * 0.2,
            0.2 * depth,
            0.12 * depth,
            near=near,
        )
        stage.lay(trunks, bark)
        line = ridge(dice.fork(f"ground{depth}"), 0.66 + depth * 0.055, 0.014)
        earth = Paint(
            mix(tone, palette.near, 0.15), mix(tone, palette.near, 0.4), 0.2, 0.12 * depth
        )
        stage.lay([below(line)], earth, [line])
        if depth == 1:
            _shafts(stage)
        _leaves(stage, depth, mix(tone, palette.near, 0.1))
    grass(stage, 0.86, mix(palette.near, palette.ink, 0.4))


def _trunk(dice: Dice, depth: int, ratio: float) -> Shape:
    x = dice.between(-0.05, 1.05)
    if depth == _NEAREST:
        x = dice.between(-0.04, 0.13) if dice.chance(0.5) else dice.between(0.87, 1.04)
    wide = _WIDTHS[depth] * dice.between(0.7, 1.3) * (ratio + 0.4)
    lean, foot = dice.between(-0.02, 0.02), 0.7 + depth * 0.07 + dice.between(-0.01, 0.02)
    return [(x - wide * 1.6, foot + 0.02), (x - wide * 1.05, foot - 0.06), (x - wide * 0.7 + lean, -0.1),
            (x + wide * 0.7 + lean, -0.1), (x + wide * 1.05, foot - 0.06), (x + wide * 1.7, foot + 0.02)]  # fmt: skip


def _leaves(stage: Stage, depth: int, tone: RGB) -> None:
    dice = stage.dice.fork(f"leaves{depth}")
    blobs: list[Shape] = []
    for _ in range(60):
        size = dice.between(0.012, 0.05) * (0.7 + depth * 0.25)
        hang = 0.17 * abs(dice.between(-1, 1)) ** 3
        x, y = dice.between(-0.05, 1.05), dice.between(-0.06, 0.06) - 0.025 * depth
        y += hang + 0.1 * abs(x - 0.5) ** 2
        blobs.append(ellipse((x, y), size * 1.5 * stage.ratio, size, 12))
    paint = Paint(tone, mix(tone, stage.palette.far, 0.15), 0, 0.2 * depth, soft=0.002)
    stage.lay(blobs, paint)


def _shafts(stage: Stage) -> None:
    dice = stage.dice.fork("shafts")
    shapes: list[Shape] = []
    for _ in range(4):
        x, wide = dice.between(0.3, 0.7), dice.between(0.02, 0.05)
        lean = -stage.lit * dice.between(0.12, 0.3)
        shapes.append([(x, -0.1), (x + wide, -0.1), (x + wide * 2 + lean, 0.85), (x + lean, 0.85)])
    stage.lay(
        shapes, Paint(stage.palette.light, stage.palette.mid, 0, soft=0.012, alpha=0.32, light=True)
    )
