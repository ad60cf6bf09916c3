"""What people built: a street, a room, a stair, a studio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.ops.sketch import props
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.sky import sky
from kinoform.ops.sketch.stage import Paint, Shape, Stage, curve, ellipse, rect

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.words import Cues

_HORIZON = 0.64
_STREET = 0.2  # half of what near houses leave open, as a share of the width


@dataclass(frozen=True, slots=True)
class Row:
    """Houses of one depth: their fronts, their shaded sides, their windows."""

    fronts: list[Shape]
    sides: list[Shape]
    lit: list[Shape]
    dark: list[Shape]


def city(stage: Stage, cues: Cues) -> None:
    """Three rows of houses along a street that runs into the light."""
    palette = stage.palette
    sky(stage, cues, _HORIZON)
    glowing = cues.time in ("night", "dusk") or cues.weather in ("rain", "storm", "fog")
    for depth, share in enumerate((0.1, 0.45, 0.82)):
        tone = mix(palette.far, palette.near, share)
        row = _row(stage, stage.dice.fork(f"row{depth}"), depth)
        stage.lay(
            row.fronts,
            Paint(tone, mix(tone, palette.low, 0.36 - depth * 0.1), 0.3 + 0.2 * depth, 0.2 * depth),
        )
        stage.lay(
            row.sides,
            Paint(
                mix(tone, palette.light, 0.3 if not glowing else 0.1),
                mix(tone, palette.low, 0.3),
                0.2,
                alpha=0.75,
            ),
        )
        if depth:
            stage.lay(
                row.dark,
                Paint(mix(tone, palette.ink, 0.4), mix(tone, palette.ink, 0.25), 0, alpha=0.7),
            )
            bright = palette.light if glowing else mix(tone, palette.high, 0.6)
            stage.lay(row.lit, Paint(bright, mix(bright, palette.accent, 0.45), 0, alpha=0.9))
    _street(stage, glowing=glowing)


def _row(stage: Stage, dice: Dice, depth: int) -> Row:
    row = Row([], [], [], [])
    x = -0.05
    while x < 1:
        wide = dice.between(0.05, 0.1) * (1 + depth * 0.5) * (stage.ratio + 0.5)
        off = abs(x + wide / 2 - 0.5)
        if depth == 0 or off > _STREET - 0.06 * (2 - depth):
            high = (0.2 + 0.1 * depth) * dice.between(0.6, 1.4) + off * (0.1, 0.3, 0.7)[depth]
            foot = _HORIZON + (0.0, 0.02, 0.06)[depth] + off * (0.0, 0.05, 0.3)[depth]
            _house(stage, row, (x, _HORIZON - high, x + wide, foot), dice)
        x += wide * dice.between(0.82, 1.12)
    return row


def _house(stage: Stage, row: Row, box: tuple[float, float, float, float], dice: Dice) -> None:
    left, top, right, foot = box
    wide = right - left
    row.fronts.append(rect(*box))
    if dice.chance(0.4):
        row.fronts.append(
            rect(left + wide * 0.3, top - dice.between(0.01, 0.05), left + wide * 0.55, top)
        )
    inner = left + wide * 0.78 if stage.lit > 0 else left + wide * 0.22
    outer = right if stage.lit > 0 else left
    row.sides.append(rect(min(inner, outer), top, max(inner, outer), foot))
    columns = max(2, round(wide / (0.03 * stage.ratio)))
    step = min(wide / columns / stage.ratio * 1.35, 0.07)
    y = top + step * 0.6
    while y < foot - step:
        for column in range(columns):
            pane = rect(
                left + wide * (column + 0.28) / columns,
                y,
                left + wide * (column + 0.72) / columns,
                y + step * 0.55,
            )
            (row.lit if dice.chance(0.24) else row.dark).append(pane)
        y += step


def _street(stage: Stage, *, glowing: bool) -> None:
    palette = stage.palette
    walk = Paint(mix(palette.mid, palette.near, 0.5), palette.near, 0.3, 0.35)
    stage.lay([rect(-0.1, _HORIZON, 1.1, 1.1)], walk)
    road: Shape = [(0.45, _HORIZON), (0.55, _HORIZON), (1.3, 1.1), (-0.3, 1.1)]
    stage.lay(
        [road],
        Paint(mix(palette.far, palette.low, 0.3), mix(palette.mid, palette.near, 0.6), 0.5, 0.2),
    )
    stage.glow((0.5, _HORIZON - 0.02), 0.42, 0.6)
    shine: Shape = [(0.485, _HORIZON), (0.515, _HORIZON), (0.66, 1.1), (0.34, 1.1)]
    stage.lay([shine], Paint(palette.light, palette.mid, 0, soft=0.02, alpha=0.4, light=True))
    dashes: list[Shape] = [
        [(0.5, y), (0.5, y + y * y * 0.05)] for y in (0.68, 0.72, 0.77, 0.84, 0.92)
    ]
    stage.strokes(dashes, palette.light, 0.5, 2.0)
    for side in (-1, 1):
        for reach, tall in ((0.13, 0.2), (0.3, 0.42)):
            _lamp_post(
                stage, (0.5 + side * reach, _HORIZON + reach * 0.55), tall, side, glowing=glowing
            )


def _lamp_post(
    stage: Stage, foot: tuple[float, float], tall: float, side: int, *, glowing: bool
) -> None:
    arm = -side * 0.12 * tall * stage.ratio
    top = foot[1] - tall
    post: Shape = [
        foot,
        (foot[0], top + 0.06 * tall),
        (foot[0] + arm * 0.3, top),
        (foot[0] + arm, top),
    ]
    stage.strokes([post], stage.palette.ink, 0.9, 1.0 + tall * 4)
    if glowing:
        stage.glow((foot[0] + arm, top), tall * 0.5, 0.75)


def interior(stage: Stage, cues: Cues) -> None:
    """A room in one-point perspective, lit by its window."""
    palette, dice = stage.palette, stage.dice.fork("room")
    left, right, top, low = (
        0.5 - dice.between(0.22, 0.28),
        0.5 + dice.between(0.22, 0.28),
        0.17,
        0.66,
    )
    wall, dark = mix(palette.low, palette.mid, 0.45), mix(palette.mid, palette.near, 0.5)
    walls: tuple[tuple[Shape, tuple[int, int, int], tuple[int, int, int]], ...] = (
        ([(-0.1, -0.1), (1.1, -0.1), (right, top), (left, top)], dark, mix(dark, palette.mid, 0.4)),
        ([(-0.1, 1.1), (1.1, 1.1), (right, low), (left, low)], mix(palette.mid, palette.far, 0.4), palette.near),
        ([(-0.1, -0.1), (left, top), (left, low), (-0.1, 1.1)], mix(wall, dark, 0.7 if stage.lit < 0 else 0.35), dark),
        ([(1.1, -0.1), (right, top), (right, low), (1.1, 1.1)], mix(wall, dark, 0.7 if stage.lit > 0 else 0.35), dark),
        (rect(left, top, right, low), wall, mix(wall, palette.mid, 0.6)),
    )  # fmt: skip
    for shape, high, deep in walls:
        stage.lay([shape], Paint(high, deep, 0.55, 0.35))
    stage.strokes(
        [[(left + (right - left) * k / 9, low), (-0.9 + 2.8 * k / 9, 1.15)] for k in range(1, 9)],
        palette.ink,
        0.35,
    )
    stage.strokes(
        [[(-0.1, 1.03), (left, low - 0.02), (right, low - 0.02), (1.1, 1.03)]], palette.ink, 0.4
    )
    picture = rect(left + 0.03, 0.3, left + 0.03 + 0.07 * stage.ratio, 0.4)
    stage.lay([picture], Paint(palette.accent, mix(palette.accent, palette.near, 0.4), 0.8, 0.3))
    _window(stage, cues, (left + right) / 2 + stage.lit * 0.03, (top, low))
    if "door" in cues.props:
        props.door(stage, (right - 0.07, low), 0.38, lit=True)


def _window(stage: Stage, cues: Cues, x: float, wall: tuple[float, float]) -> None:
    palette = stage.palette
    high = wall[1] - wall[0]
    wide = high * 0.3 * stage.ratio
    top, low = wall[0] + high * 0.14, wall[0] + high * 0.66
    night = cues.time == "night"
    pane = (
        Paint(palette.high, palette.low, 0.8)
        if night
        else Paint((255, 252, 238), palette.light, 0.8)
    )
    stage.lay(
        [rect(x - wide * 1.08, top - 0.015, x + wide * 1.08, low + 0.02)],
        Paint(palette.mid, palette.near, 0.7),
    )
    stage.lay([rect(x - wide, top, x + wide, low)], pane)
    third = (top * 2 + low) / 3
    stage.strokes(
        [[(x, top), (x, low)], [(x - wide, third), (x + wide, third)]], palette.near, 0.95, 3.0
    )
    for side in (-1, 1):
        _drape(stage, (x + side * wide, top, low), side, wide)
    if not night:
        stage.glow((x, (top + low) / 2), 0.5, 0.55)
        lean = -stage.lit * 0.16
        shaft: Shape = [
            (x - wide, top),
            (x + wide, top),
            (x + wide * 2.4 + lean, 1.0),
            (x - wide * 1.2 + lean, 1.0),
        ]
        stage.lay([shaft], Paint(palette.light, palette.mid, 0, soft=0.02, alpha=0.3, light=True))


def _drape(stage: Stage, edge: tuple[float, float, float], side: int, wide: float) -> None:
    x, top, low = edge
    palette = stage.palette
    shape: Shape = [(x - side * wide * 0.3, top - 0.03), (x + side * wide * 0.5, top - 0.03),
                    (x + side * wide * 0.46, low + 0.12), (x + side * wide * 0.02, low + 0.12),
                    (x + side * wide * 0.1, (top + low) / 2)]  # fmt: skip
    bright, deep = mix(palette.accent, palette.mid, 0.5), mix(palette.accent, palette.near, 0.6)
    stage.lay([shape], Paint(bright, deep, 0.6, 0.5))
    folds: list[Shape] = [
        [(x + side * wide * k, top), (x + side * wide * (k - 0.02), low + 0.11)]
        for k in (0.18, 0.3, 0.4)
    ]
    stage.strokes(folds, palette.ink, 0.4)


def stairs(stage: Stage, cues: Cues) -> None:
    """Steps climbing across the panel toward the light."""
    del cues
    palette, lit = stage.palette, stage.lit
    wall = mix(palette.low, palette.mid, 0.55)
    stage.lay(
        [rect(-0.1, -0.1, 1.1, 1.1)],
        Paint(mix(wall, palette.light, 0.15), mix(wall, palette.near, 0.55), 0, 0.25),
    )
    stage.strokes(_courses(stage), palette.near, 0.22)
    stage.glow((0.5 + lit * 0.32, 0.08), 0.95, 0.75)
    for index in range(9, -1, -1):
        share = index / 9
        x, y = 0.5 + lit * (share - 0.5) * 1.3, 0.93 - share * 0.66
        tread: Shape = [
            (x - lit * 0.16, y),
            (x + lit * 1.2, y),
            (x + lit * 1.2, y + 0.03),
            (x - lit * 0.16, y + 0.03),
        ]
        riser: Shape = [
            (x - lit * 0.15, y + 0.03),
            (x + lit * 1.2, y + 0.03),
            (x + lit * 1.2, 1.1),
            (x - lit * 0.15, 1.1),
        ]
        tone = mix(palette.mid, palette.light, 0.2 + 0.5 * share)
        stage.lay(
            [riser],
            Paint(mix(palette.mid, palette.near, 0.75 - 0.45 * share), palette.ink, 0.6, 0.45),
        )
        stage.lay([tread], Paint(tone, mix(tone, palette.mid, 0.4), 0.7))
    rail = curve([(0.5 - lit * 0.82, 0.72), (0.5, 0.36), (0.5 + lit * 0.8, -0.06)], closed=False)
    posts: list[Shape] = [[(x, y), (x, y + 0.25)] for x, y in rail[::2]]
    stage.strokes([rail, *posts], palette.ink, 0.85, 2.0)


def _courses(stage: Stage) -> list[Shape]:
    """Blocks of masonry, broken off here and there."""
    dice = stage.dice.fork("courses")
    lines: list[Shape] = []
    for row in range(12):
        y = row / 12
        for column in range(9):
            if dice.chance(0.6):
                x = (column + (row % 2) / 2) / 8 - 0.05
                lines += [
                    [(x, y), (x + dice.between(0.05, 0.12), y)],
                    [(x, y), (x, y + dice.between(0.03, 0.08))],
                ]
    return lines


def studio(stage: Stage, cues: Cues) -> None:
    """A seamless backdrop, and a plinth where a thing is shown."""
    palette = stage.palette
    stage.lay([rect(-0.1, -0.1, 1.1, 1.1)], Paint(palette.high, palette.low, 0))
    sweep = curve([(-0.1, 0.66), (0.3, 0.645), (0.7, 0.645), (1.1, 0.66)], closed=False)
    floor = Paint(mix(palette.low, palette.far, 0.4), palette.mid, 0, 0.15, soft=0.02)
    stage.lay([[*sweep, (1.1, 1.1), (-0.1, 1.1)]], floor)
    stage.glow((0.5 + stage.lit * 0.12, 0.36), 0.62, 0.75)
    if cues.people and not cues.props & set(props.PRODUCTS):
        return
    half = 0.27 * stage.ratio
    side = Paint(
        mix(palette.mid, palette.low, 0.3), mix(palette.mid, palette.near, 0.4), 0.6, 0.4, 0.4
    )
    stage.lay([rect(0.5 - half, 0.72, 0.5 + half, 1.1)], side)
    stage.lay(
        [ellipse((0.5, 0.72), half, 0.045)],
        Paint(mix(palette.low, palette.light, 0.4), palette.far, 0.6),
    )
