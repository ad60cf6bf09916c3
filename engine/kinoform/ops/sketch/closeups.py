"""A hand and an eye, as large as the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.stage import Paint, Point, Shape, Stage, curve, ellipse, rect

if TYPE_CHECKING:
    from kinoform.ops.sketch.palette import RGB

_PALM: Shape = [
    (-0.3, 1.3), (-0.25, 0.75), (-0.34, 0.5), (-0.37, 0.12), (-0.395, -0.24), (-0.37, -0.4),
    (-0.315, -0.4), (-0.28, -0.22), (-0.225, 0.02), (-0.205, -0.02), (-0.22, -0.42), (-0.2, -0.64),
    (-0.14, -0.68), (-0.095, -0.6), (-0.075, -0.1), (-0.05, -0.1), (-0.03, -0.56), (0.0, -0.78),
    (0.055, -0.8), (0.1, -0.7), (0.095, -0.1), (0.118, -0.08), (0.165, -0.46), (0.215, -0.66),
    (0.27, -0.66), (0.3, -0.54), (0.265, 0.02), (0.27, 0.2), (0.3, 0.22), (0.42, 0.0),
    (0.52, -0.1), (0.59, -0.06), (0.57, 0.06), (0.44, 0.36), (0.3, 0.62), (0.23, 0.8), (0.27, 1.3),
]  # fmt: skip
_LINES: tuple[Shape, ...] = (
    [(-0.3, 0.22), (-0.1, 0.12), (0.2, 0.16)],
    [(-0.28, 0.42), (0.02, 0.32), (0.24, 0.36)],
    [(0.26, 0.26), (0.1, 0.45), (0.06, 0.72)],
)
_HOLLOW: Shape = [(-1.0, -0.05), (-0.6, -0.5), (0.0, -0.62), (0.7, -0.42), (1.1, 0.1), (0.5, 0.45), (-0.5, 0.4)]  # fmt: skip
_BROW: Shape = [(-0.95, -0.52), (-0.5, -0.78), (0.1, -0.84), (0.85, -0.6), (0.95, -0.5), (0.2, -0.68), (-0.45, -0.62)]  # fmt: skip
_WHITE: Shape = [(-0.72, 0.08), (-0.42, -0.2), (0.0, -0.31), (0.42, -0.2), (0.74, 0.02), (0.4, 0.2), (0.0, 0.27), (-0.42, 0.2)]  # fmt: skip
_LASH: Shape = [(-0.78, 0.1), (-0.44, -0.22), (0.0, -0.34), (0.44, -0.23), (0.84, 0.0), (0.44, -0.15), (0.0, -0.25), (-0.42, -0.14)]  # fmt: skip
_FOLD: Shape = [(-0.66, -0.16), (-0.3, -0.4), (0.1, -0.46), (0.5, -0.36), (0.78, -0.16)]


def hand(stage: Stage, at: Point, size: float) -> None:
    """An open palm, reaching up; `at` is its middle."""
    palette = stage.palette
    lit, deep = mix(palette.mid, palette.light, 0.55), mix(palette.near, palette.mid, 0.55)
    skin = Paint(lit, deep, 0.85, 0.3, 1.0, near=True)
    stage.lay([stage.scaled(curve(_PALM), at, size, stage.lit)], skin)
    lines = [stage.scaled(curve(line, closed=False), at, size, stage.lit) for line in _LINES]
    stage.strokes(lines, palette.ink, 0.6, 1.4, near=True)


def eye(stage: Stage, at: Point, size: float) -> None:
    """One eye across the panel."""
    palette = stage.palette
    skin = mix(palette.mid, palette.light, 0.5)
    stage.lay([rect(-0.1, -0.1, 1.1, 1.1)], Paint(skin, mix(skin, palette.near, 0.5), 0, 0.4))
    hollow = Paint(palette.near, skin, 0, 0.4, soft=0.05, alpha=0.55)
    _put(stage, _HOLLOW, (at, size), hollow)
    _put(stage, _BROW, (at, size), Paint(palette.near, palette.ink, 0.8, 0.8, near=True))
    white = mix(palette.light, (255, 255, 255), 0.5)
    _put(
        stage,
        _WHITE,
        (at, size),
        Paint(white, mix(palette.light, palette.mid, 0.3), 1.0, near=True),
    )
    _iris(stage, at, size)
    _put(stage, _LASH, (at, size), Paint(palette.ink, palette.ink, 0.6, near=True))
    fold = stage.scaled(curve(_FOLD, closed=False), at, size, stage.lit)
    stage.strokes([fold], palette.ink, 0.6, 1.6, near=True)


def _put(stage: Stage, shape: Shape, place: tuple[Point, float], paint: Paint) -> None:
    stage.lay([stage.scaled(curve(shape), place[0], place[1], stage.lit)], paint)


def _iris(stage: Stage, at: Point, size: float) -> None:
    palette = stage.palette
    centre = (at[0], at[1] - 0.02 * size)
    rings: tuple[tuple[float, RGB, RGB], ...] = (
        (0.27, mix(palette.accent, palette.mid, 0.3), palette.near),
        (0.12, palette.ink, palette.ink),
    )
    for reach, tone, low in rings:
        ball = ellipse(centre, reach * size * stage.ratio, reach * size)
        under_lid = [(x, max(y, at[1] - 0.27 * size)) for x, y in ball]
        stage.lay([under_lid], Paint(tone, low, 0.8, 0.4, near=True))
    spark = (at[0] + 0.09 * size * stage.ratio * stage.lit, at[1] - 0.11 * size)
    shape = ellipse(spark, 0.045 * size * stage.ratio, 0.05 * size)
    stage.lay([shape], Paint((255, 255, 255), palette.light, 0, near=True))
