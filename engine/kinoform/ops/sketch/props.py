"""Single things in a scene: lighthouse, boat, door, product, hand, eye, weather in the air."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.stage import Paint, Point, Shape, Stage, curve, ellipse

if TYPE_CHECKING:
    from kinoform.ops.sketch.palette import RGB


def disc(stage: Stage, at: Point, size: float, tone: RGB) -> None:
    """Sun or moon."""
    stage.glow(at, size * 7, 0.55, tone)
    shape = ellipse(at, size * stage.ratio, size)
    stage.lay([shape], Paint(mix(tone, (255, 255, 250), 0.6), tone, 0.12, soft=0.0015))


def lighthouse(stage: Stage, foot: Point, size: float, *, beam: bool) -> None:
    """A banded tower on its rock, `size` panel heights tall, with its beams."""
    palette = stage.palette
    lamp = (foot[0], foot[1] - size * 0.93)
    if beam:
        _beams(stage, lamp, size)
    body: Shape = [(-0.1, 0.02), (-0.062, -0.84), (0.062, -0.84), (0.1, 0.02)]
    stone = mix(palette.low, (244, 240, 230), 0.55)
    stage.lay(
        [stage.scaled(body, foot, size)],
        Paint(mix(stone, palette.mid, 0.12), mix(stone, palette.mid, 0.5), 0.8, 0.0),
    )
    for low, high in ((-0.18, -0.34), (-0.52, -0.68)):
        w0, w1 = 0.1 + 0.0452 * low, 0.1 + 0.0452 * high
        band: Shape = [(-w0, low), (-w1, high), (w1, high), (w0, low)]
        stage.lay(
            [stage.scaled(band, foot, size)],
            Paint(palette.accent, mix(palette.accent, palette.near, 0.4), 0.5),
        )
    shade: Shape = [(-0.1, 0.02), (-0.062, -0.84), (-0.01, -0.84), (-0.01, 0.02)]
    side = stage.lit
    stage.lay(
        [stage.scaled(shade, foot, size, side)],
        Paint(palette.near, palette.near, 0, 0.5, soft=0.004, alpha=0.42),
    )
    gallery = [(-0.1, -0.86), (-0.1, -0.83), (0.1, -0.83), (0.1, -0.86)]
    room = [(-0.05, -0.86), (-0.05, -0.97), (0.05, -0.97), (0.05, -0.86)]
    roof = [(-0.064, -0.97), (0.0, -1.05), (0.064, -0.97)]
    iron = Paint(palette.near, palette.ink, 0.7)
    stage.lay([stage.scaled(room, foot, size)], Paint((255, 250, 226), palette.light, 0.7))
    stage.lay([stage.scaled(shape, foot, size) for shape in (gallery, roof)], iron)
    stage.glow(lamp, size * (0.5 if beam else 0.2), 0.95)


def _beams(stage: Stage, lamp: Point, size: float) -> None:
    for side, drop, share in ((stage.lit, -0.1, 1.0), (-stage.lit, 0.06, 0.7)):
        far = lamp[0] + side * 1.5
        for wide, alpha, soft in ((0.62, 0.2, 0.02), (0.34, 0.3, 0.008)):
            half = wide * size
            cone: Shape = [lamp, (far, lamp[1] + drop - half), (far, lamp[1] + drop + half)]
            tone = stage.palette.light
            stage.lay([cone], Paint(tone, tone, 0, soft=soft, alpha=alpha * share, light=True))


def house(stage: Stage, foot: Point, size: float) -> None:
    """A small house with one lit window."""
    palette = stage.palette
    wall: Shape = [(-0.5, 0.0), (-0.5, -0.42), (0.5, -0.42), (0.5, 0.0)]
    roof: Shape = [(-0.62, -0.4), (-0.36, -0.86), (0.4, -0.86), (0.62, -0.4)]
    chimney: Shape = [(0.2, -0.8), (0.2, -1.06), (0.32, -1.06), (0.32, -0.8)]
    stage.lay(
        [stage.scaled(wall, foot, size)],
        Paint(mix(palette.mid, palette.accent, 0.3), palette.near, 0.7, 0.4),
    )
    stage.lay([stage.scaled(chimney, foot, size)], Paint(palette.near, palette.near, 0.7))
    stage.lay(
        [stage.scaled(roof, foot, size)],
        Paint(mix(palette.near, palette.low, 0.25), palette.near, 0.7, 0.3),
    )
    pane: Shape = [(-0.3, -0.12), (-0.3, -0.32), (-0.1, -0.32), (-0.1, -0.12)]
    stage.lay([stage.scaled(pane, foot, size)], Paint((255, 246, 214), palette.light, 0.6))
    stage.glow((foot[0] - 0.2 * size * stage.ratio, foot[1] - 0.22 * size), size * 0.7, 0.6)


def tree(stage: Stage, foot: Point, size: float) -> None:
    """A broad tree standing alone."""
    palette, dice = stage.palette, stage.dice.fork("tree")
    trunk: Shape = [
        (-0.07, 0.0),
        (-0.03, -0.2),
        (-0.035, -0.5),
        (0.03, -0.5),
        (0.03, -0.2),
        (0.08, 0.0),
    ]
    stage.lay(
        [stage.scaled(curve(trunk), foot, size)], Paint(palette.near, palette.ink, 0.6, near=True)
    )
    crown: list[Shape] = []
    for _ in range(34):
        turn, reach = dice.between(0, 2 * math.pi), math.sqrt(dice.unit())
        at = (0.34 * reach * math.cos(turn), -0.68 + 0.27 * reach * math.sin(turn))
        blob = ellipse(at, dice.between(0.05, 0.13), dice.between(0.04, 0.09), 14)
        crown.append(stage.scaled(blob, foot, size))
    leaf = mix(palette.near, palette.mid, 0.35)
    stage.lay(crown, Paint(leaf, palette.ink, 0, 0.5, 0.6, near=True))


def boat(stage: Stage, at: Point, size: float) -> None:
    """A small sailing boat."""
    palette = stage.palette
    hull: Shape = [(-0.5, -0.05), (-0.36, 0.12), (0.34, 0.12), (0.55, -0.08)]
    sails: tuple[Shape, ...] = (
        [(0.0, -1.0), (0.42, -0.14), (0.0, -0.12)],
        [(-0.05, -0.9), (-0.05, -0.14), (-0.36, -0.14)],
    )
    cloth = mix(palette.light, palette.low, 0.35)
    stage.lay(
        [
            stage.scaled(curve(sail), at, size, stage.lit)
            if False
            else stage.scaled(sail, at, size, stage.lit)
            for sail in sails
        ],
        Paint(cloth, mix(cloth, palette.mid, 0.5), 0.7, 0.12),
    )
    stage.lay([stage.scaled(hull, at, size, stage.lit)], Paint(palette.near, palette.ink, 0.7))


def door(stage: Stage, foot: Point, size: float, *, lit: bool) -> None:
    """A door, ajar and lit from behind where light is asked for."""
    palette = stage.palette
    frame: Shape = [(-0.27, 0.0), (-0.27, -1.03), (0.27, -1.03), (0.27, 0.0)]
    leaf: Shape = [(-0.23, 0.0), (-0.23, -1.0), (0.23, -1.0), (0.23, 0.0)]
    stage.lay(
        [stage.scaled(frame, foot, size)],
        Paint(mix(palette.mid, palette.near, 0.3), palette.near, 0.7),
    )
    stage.lay(
        [stage.scaled(leaf, foot, size)],
        Paint(palette.light, mix(palette.light, palette.accent, 0.4), 0.6)
        if lit
        else Paint(palette.accent, mix(palette.accent, palette.near, 0.6), 0.7, 0.3),
    )
    if lit:
        stage.glow((foot[0], foot[1] - size * 0.5), size * 1.3, 0.6)
        spill: Shape = [(-0.23, 0.0), (0.23, 0.0), (0.75, 0.55), (-0.55, 0.55)]
        stage.lay(
            [stage.scaled(spill, foot, size)],
            Paint(palette.light, palette.mid, 0, soft=0.012, alpha=0.5, light=True),
        )


PRODUCTS: dict[str, tuple[tuple[Shape, bool], ...]] = {
    "bottle": (([(-0.19, 0), (-0.2, -0.08), (-0.2, -0.55), (-0.16, -0.66), (-0.07, -0.72), (-0.06, -0.8),
                 (0.06, -0.8), (0.07, -0.72), (0.16, -0.66), (0.2, -0.55), (0.2, -0.08), (0.19, 0)], False),
               ([(-0.075, -0.8), (-0.08, -1.0), (0.08, -1.0), (0.075, -0.8)], True),
               ([(-0.2, -0.18), (-0.2, -0.46), (0.2, -0.46), (0.2, -0.18)], True)),
    "box": (([(-0.42, 0), (-0.42, -0.62), (0.1, -0.7), (0.1, 0.04)], False),
            ([(0.1, 0.04), (0.1, -0.7), (0.42, -0.6), (0.42, -0.03)], True)),
    "cup": (([(-0.3, -0.62), (-0.26, -0.08), (-0.18, 0), (0.18, 0), (0.26, -0.08), (0.3, -0.62)], False),
            ([(0.28, -0.52), (0.46, -0.5), (0.46, -0.24), (0.25, -0.18), (0.26, -0.25), (0.4, -0.28), (0.4, -0.44), (0.28, -0.45)], True)),
    "shoe": (
        (curve([(-0.54, -0.03), (-0.55, -0.24), (-0.53, -0.44), (-0.47, -0.5), (-0.36, -0.46), (-0.24, -0.45),
                (-0.15, -0.5), (-0.07, -0.47), (0.04, -0.36), (0.18, -0.27), (0.36, -0.22), (0.5, -0.16),
                (0.57, -0.08), (0.57, -0.03), (0.3, -0.02), (0.0, -0.02), (-0.3, -0.02)]), False),
        (curve([(-0.53, -0.4), (-0.42, -0.4), (-0.44, -0.22), (-0.52, -0.16)]), True),
        ([(-0.08, -0.42), (0.06, -0.36), (0.05, -0.33), (-0.09, -0.39)], True),
        ([(0.0, -0.35), (0.14, -0.29), (0.13, -0.26), (-0.01, -0.32)], True),
        ([(-0.58, -0.05), (-0.3, -0.06), (0.3, -0.06), (0.61, -0.06), (0.6, 0.0), (0.5, 0.02), (-0.54, 0.02)], True)),
    "phone": (([(-0.24, 0), (-0.24, -0.96), (0.24, -0.96), (0.24, 0)], False),
              ([(-0.21, -0.05), (-0.21, -0.91), (0.21, -0.91), (0.21, -0.05)], True)),
    "watch": (([(-0.12, 0.0), (-0.14, -0.3), (0.14, -0.3), (0.12, 0.0)], True),
              ([(-0.14, -0.7), (-0.12, -1.0), (0.12, -1.0), (0.14, -0.7)], True),
              (ellipse((0, -0.5), 0.28, 0.28), False), (ellipse((0, -0.5), 0.2, 0.2), True)),
}  # fmt: skip


_GLASSY = ("bottle", "phone", "cup")
_SCALES = {"shoe": 0.66, "box": 0.85, "cup": 0.8}


def product(stage: Stage, foot: Point, size: float, name: str) -> None:
    """A thing on show, with its contact shadow and a highlight."""
    size *= _SCALES.get(name, 1.0)
    palette = stage.palette
    shadow = ellipse(
        (foot[0] + 0.08 * size * stage.ratio * -stage.lit, foot[1] + 0.005),
        size * 0.5 * stage.ratio,
        size * 0.07,
    )
    stage.lay([shadow], Paint(palette.near, palette.near, 0, soft=0.016, alpha=0.6))
    main = mix(palette.accent, palette.near, 0.12)
    for shape, second in PRODUCTS[name]:
        top = mix(palette.light, palette.accent, 0.18) if second else main
        low = mix(palette.accent, palette.low, 0.6) if second else mix(main, palette.near, 0.5)
        stage.lay(
            [stage.scaled(shape, foot, size)],
            Paint(top, low, 0.75, 0.0 if second else 0.22, 0.7, near=True),
        )
    if name not in _GLASSY:
        return
    gleam: Shape = [(-0.13, -0.1), (-0.14, -0.52), (-0.105, -0.56), (-0.1, -0.1)]
    stage.lay(
        [stage.scaled(gleam, foot, size)],
        Paint((255, 255, 255), palette.light, 0, soft=0.004, alpha=0.55, near=True),
    )


def rain(stage: Stage, share: float) -> None:
    """Slanting strokes."""
    dice = stage.dice.fork("rain")
    lines: list[Shape] = []
    for _ in range(150):
        x, y, long = dice.between(-0.1, 1.1), dice.between(-0.1, 1), dice.between(0.03, 0.1)
        lines.append([(x, y), (x - long * 0.25 * stage.ratio, y + long)])
    stage.strokes(lines, mix(stage.palette.light, stage.palette.low, 0.4), share)


def flakes(stage: Stage) -> None:
    """Falling snow, small far off and large near by."""
    dice = stage.dice.fork("snow")
    for size, count, near in ((0.0022, 130, False), (0.0042, 60, False), (0.009, 16, True)):
        shapes = [
            ellipse((dice.unit(), dice.unit()), size * stage.ratio, size, 10) for _ in range(count)
        ]
        stage.lay(
            shapes,
            Paint(
                (250, 250, 250),
                (240, 242, 246),
                0,
                alpha=0.85,
                near=near,
                soft=0.003 if near else 0,
            ),
        )


def birds(stage: Stage, at: Point, count: int) -> None:
    """A few far birds."""
    dice = stage.dice.fork("birds")
    lines: list[Shape] = []
    for _ in range(count):
        x, y, wing = (
            at[0] + dice.between(-0.12, 0.12),
            at[1] + dice.between(-0.08, 0.08),
            dice.between(0.008, 0.018),
        )
        across = wing * stage.ratio
        lines.append(curve([(x - across, y - wing * 0.5), (x - across * 0.4, y - wing * 0.55), (x, y),
                            (x + across * 0.4, y - wing * 0.6), (x + across, y - wing * 0.35)], closed=False))  # fmt: skip
    stage.strokes(lines, stage.palette.ink, 0.8)


def stars(stage: Stage, low: float) -> None:
    """Points of light above the horizon."""
    dice = stage.dice.fork("stars")
    shapes = []
    for _ in range(90):
        size = 0.0011 + 0.0016 * dice.unit() ** 3
        shapes.append(
            ellipse(
                (dice.unit(), dice.unit() * low * math.sqrt(dice.unit())),
                size * stage.ratio,
                size,
                8,
            )
        )
    stage.lay(shapes, Paint(stage.palette.light, stage.palette.low, 0, alpha=0.8))
