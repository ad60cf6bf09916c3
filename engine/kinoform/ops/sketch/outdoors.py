"""Open country: hills and mountains, the sea and its lighthouse, the desert."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kinoform.ops.sketch import props
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.sky import below, broken, ridge, sky
from kinoform.ops.sketch.stage import Paint, Shape, Stage, curve, rect

if TYPE_CHECKING:
    from kinoform.ops.sketch.words import Cues

_OFF = 1.05  # below the panel: not seen


def hills(stage: Stage, cues: Cues) -> None:
    """Ridges behind ridges, the nearest darkest."""
    palette = stage.palette
    high = cues.place == "mountain"
    horizon, rough = (0.6, 0.2) if high else (0.56, 0.05)
    sky(stage, cues, horizon)
    snow = 0.55 if cues.weather == "snow" else 0.0
    for index, (drop, share, depth) in enumerate(
        ((-0.04, 1, 0.0), (0.02, 0.6, 0.3), (0.12, 0.4, 0.62), (0.24, 0.22, 0.9))
    ):
        line = ridge(
            stage.dice.fork(f"ridge{index}"),
            horizon + drop - (0.1 if high and not index else 0),
            rough * share,
        )
        tone = mix(
            mix(palette.far, palette.near, depth), (242, 244, 246), snow * (0.3 + depth * 0.5)
        )
        haze = mix(tone, palette.low, 0.5 - index * 0.13)
        stage.lay([below(line)], Paint(tone, haze, 0.3 + index * 0.12, 0.16 * index), [line])
        if index == 1 and "house" in cues.props:
            props.house(stage, (0.5 - stage.lit * 0.2, line[len(line) // 2][1] + 0.1), 0.16)
    if "tree" in cues.props or not (cues.people or cues.props):
        props.tree(stage, (0.5 - stage.lit * 0.22, 0.84), 0.5)
    grass(stage, 0.86, mix(palette.near, palette.ink, 0.4))


def grass(stage: Stage, level: float, tone: tuple[int, int, int]) -> None:
    """Blades, longer toward the camera."""
    dice = stage.dice.fork("grass")
    lines: list[Shape] = []
    for _ in range(260):
        x, y = dice.between(-0.02, 1.02), level + dice.between(-0.02, 0.2)
        long = 0.012 + (y - level + 0.02) * 0.22
        lean = dice.between(-0.4, 0.7) * long * stage.ratio
        lines.append([(x, y), (x + lean * 0.4, y - long * 0.6), (x + lean, y - long)])
    stage.strokes(lines, tone, 0.55)


def sea(stage: Stage, cues: Cues) -> None:
    """Water to the horizon, light on it, and a headland, a boat or a shore."""
    palette, dice = stage.palette, stage.dice.fork("sea")
    horizon = dice.between(0.5, 0.58)
    sky(stage, cues, horizon)
    coast = ridge(dice.fork("coast"), horizon - 0.014, 0.02)
    kept = [(x, y if (x - 0.5) * -stage.lit > dice.between(0.08, 0.12) else _OFF) for x, y in coast]
    stage.lay([below(kept)], Paint(palette.far, mix(palette.far, palette.low, 0.5), 0))
    water = Paint(mix(palette.far, palette.low, 0.35), mix(palette.mid, palette.near, 0.75), 0.25)
    stage.lay([rect(-0.1, horizon, 1.1, 1.1)], water, [[(-0.1, horizon), (1.1, horizon)]])
    _waves(stage, horizon)
    if "lighthouse" in cues.props:
        _headland(stage, cues, horizon)
    elif "boat" in cues.props:
        props.boat(stage, (0.5 - stage.lit * dice.between(0.02, 0.12), horizon + 0.1), 0.34)
    else:
        _shore(stage)


def _waves(stage: Stage, horizon: float) -> None:
    palette, dice = stage.palette, stage.dice.fork("waves")
    light: list[Shape] = []
    dark: list[Shape] = []
    for _ in range(230):
        near = dice.unit() ** 1.6
        y = horizon + 0.006 + near * (1 - horizon)
        glitters = dice.chance(0.42)
        path = 0.5 + stage.lit * 0.22 + dice.between(-1, 1) * (0.03 + 0.13 * near)
        x = path if glitters else dice.between(-0.1, 1.1)
        long, thick = (0.012 + 0.09 * near) * dice.between(0.5, 1.6), 0.0012 + 0.007 * near
        lens: Shape = [(x - long, y), (x - long * 0.3, y - thick), (x + long * 0.4, y - thick * 0.8),
                       (x + long, y), (x, y + thick * 0.6)]  # fmt: skip
        (light if glitters or dice.chance(0.25) else dark).append(lens)
    stage.lay(dark, Paint(mix(palette.mid, palette.near, 0.5), palette.near, 0, alpha=0.42))
    stage.lay(light, Paint(palette.light, mix(palette.light, palette.far, 0.4), 0, alpha=0.6))


_ROCK: Shape = [(-1.7, 0.36), (-1.2, 0.24), (-0.74, 0.13), (-0.34, 0.02), (0.0, -0.005),
                (0.3, 0.01), (0.62, 0.12), (1.0, 0.2), (1.35, 0.31), (1.9, 0.38)]  # fmt: skip


def _headland(stage: Stage, cues: Cues, horizon: float) -> None:
    """A rock in the water, and the tower on it."""
    palette, dice = stage.palette, stage.dice.fork("rock")
    centre, top, half = (
        0.5 - stage.lit * dice.between(0.17, 0.26),
        horizon + 0.07,
        0.34 * stage.ratio,
    )
    rough = [(centre + x * half, top + y) for x, y in _ROCK]
    edge = broken(rough, 0.03, dice, 3)
    size = 0.5
    props.lighthouse(stage, (centre, top + 0.03), size, beam=cues.time != "day")
    stone = Paint(mix(palette.mid, palette.near, 0.5), palette.ink, 0.7, 0.5, 0.35)
    stage.lay([below(edge)], stone, [edge])
    for face in range(5):
        x, y = edge[len(edge) // 3 + face * 3]
        facet: Shape = [
            (x, y + 0.01),
            (x + 0.05 * stage.lit, y + 0.05),
            (x + 0.03 * stage.lit, y + 0.16),
            (x - 0.01, y + 0.1),
        ]
        stage.lay(
            [facet],
            Paint(mix(palette.mid, palette.light, 0.16), palette.near, 0.25, 0.2, alpha=0.7),
        )
    if "boat" in cues.props:
        props.boat(stage, (0.5 + stage.lit * 0.24, horizon + 0.06), 0.14)


def _shore(stage: Stage) -> None:
    palette = stage.palette
    line = curve([(-0.1, 0.87), (0.2, 0.83), (0.5, 0.86), (0.8, 0.81), (1.1, 0.84)], closed=False)
    tone = mix(palette.near, palette.mid, 0.4)
    stage.lay([below(line)], Paint(tone, palette.near, 0.6, 0.4, 0.3), [line])


def desert(stage: Stage, cues: Cues) -> None:
    """Dunes with a lit and a shaded side."""
    palette, dice = stage.palette, stage.dice.fork("desert")
    sky(stage, cues, 0.56)
    mesa = ridge(dice.fork("mesa"), 0.54, 0.03)
    stage.lay([below(mesa)], Paint(palette.far, mix(palette.far, palette.low, 0.5), 0.2), [mesa])
    for index, level in enumerate((0.58, 0.67, 0.8)):
        swing, turn = 0.05 * (0.5 + index * 0.5), dice.between(0, 6)
        points = [(n * 0.2 - 0.1, level + swing * math.sin(n * 1.1 + turn)) for n in range(7)]
        crest = curve(points, closed=False)
        tone = mix(palette.far, palette.mid, 0.2 + index * 0.3)
        sunny = Paint(mix(tone, palette.light, 0.34), mix(tone, palette.near, 0.25), 0.5)
        stage.lay([below(crest)], sunny, [crest])
        foot = [(x - 0.07 * stage.lit, y + 0.1 + 0.06 * math.sin(x * 6 + turn)) for x, y in crest]
        shade = Paint(mix(tone, palette.near, 0.5), tone, 0, 0.4, soft=0.004, alpha=0.7)
        stage.lay([[*crest, *reversed(foot)]], shade)
