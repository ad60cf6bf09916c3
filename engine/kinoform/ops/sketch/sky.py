"""Skies and the lines that meet them: light, clouds, stars, skylines."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image

from kinoform.ops.sketch import props
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.stage import Paint, Shape, Stage, rect

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.words import Cues


def sky(stage: Stage, cues: Cues, horizon: float) -> None:
    """Everything above the horizon, with the light where the scene's light comes from."""
    palette, dice = stage.palette, stage.dice.fork("sky")
    stage.lay([rect(-0.1, -0.1, 1.1, horizon + 0.02)], Paint(palette.high, palette.low, 0))
    at = (0.5 + stage.lit * dice.between(0.14, 0.3), horizon - dice.between(0.12, 0.34))
    night = cues.time == "night"
    if night and not cues.weather:
        props.stars(stage, horizon)
    stage.glow((at[0], horizon), 0.75, 0.3 if night else 0.5)
    if not cues.weather or cues.props & {"sun", "moon"}:
        props.disc(stage, at, dice.between(0.028, 0.05), palette.light)
    if cues.weather in ("storm", "rain"):
        _clouds(stage, horizon, mix(palette.high, palette.near, 0.4), 0.8)
    else:
        _clouds(stage, horizon, mix(palette.low, palette.light, 0.35), 0.42)


def _clouds(stage: Stage, horizon: float, tone: tuple[int, int, int], share: float) -> None:
    """Long banks cut out of stretched noise, thinner toward the top."""
    dice = stage.dice.fork("clouds")
    size = (stage.width, max(4, round(stage.height * horizon)))
    how = Image.Resampling.BICUBIC
    banks, wisps = (
        dice.noise(7, 9).resize(size, how),
        dice.fork("wisps").noise(22, 26).resize(size, how),
    )
    mask = Image.blend(banks, wisps, 0.32)
    mask = mask.point(
        [max(0, min(255, round((level - 138) * 4.2 * share))) for level in range(256)]
    )
    fade = (
        Image.linear_gradient("L")
        .resize(size)
        .point([min(255, 90 + level) for level in range(256)])
    )
    stage.back.paste(tone, (0, 0), Image.composite(mask, Image.new("L", size, 0), fade))


def ridge(dice: Dice, level: float, rough: float, steps: int = 6) -> Shape:
    """A skyline from edge to edge: a line broken in the middle again and again."""
    ends: Shape = [
        (-0.05, level + dice.between(-rough, rough)),
        (1.05, level + dice.between(-rough, rough)),
    ]
    return broken(ends, rough, dice, steps)


def broken(line: Shape, rough: float, dice: Dice, steps: int) -> Shape:
    """A line made uneven, finer with every step."""
    for _ in range(steps):
        points: Shape = []
        for (ax, ay), (bx, by) in pairwise(line):
            points += [(ax, ay), ((ax + bx) / 2, (ay + by) / 2 + dice.between(-rough, rough))]
        line = [*points, line[-1]]
        rough *= 0.56
    return line


def below(line: Shape) -> Shape:
    """The land under a skyline, down past the panel's foot."""
    return [*line, (line[-1][0], 1.1), (line[0][0], 1.1)]
