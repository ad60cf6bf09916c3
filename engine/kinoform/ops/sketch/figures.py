"""People as a storyboard shows them: silhouettes at the right size, with a lit edge."""

from __future__ import annotations

from kinoform.ops.sketch import anatomy
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.stage import Paint, Point, Shape, Stage, curve, ellipse

_LARGE = 0.5  # of the panel's height: from here on a figure shows its creases
_LOOKS = {
    "she": ("bun", "long", "long"),
    "he": ("short", "short", "hat"),
    "elder": ("hat", "hat"),
    "": ("short", "bun", "hat"),
}


def hair(stage: Stage, who: str) -> str:
    """The hair of this request's person: one choice for every figure of a panel."""
    return stage.dice.fork("hair").pick(_LOOKS[who])


def standing(stage: Stage, feet: Point, size: float, who: str = "", *, lamp: bool = False) -> None:
    """A whole figure from behind, `size` panel heights tall; `lamp` is held out in a hand."""
    body(stage, feet, size)
    if lamp:
        coat = _wool(stage)
        stage.lay([stage.scaled(curve(anatomy.ARM), feet, size, stage.lit)], coat)
    head = [
        stage.scaled(curve(shape), feet, size, stage.lit)
        for shape in anatomy.HAIR[hair(stage, who)]
    ]
    stage.lay(
        head,
        Paint(
            mix(stage.palette.near, stage.palette.mid, 0.15),
            stage.palette.ink,
            0.5,
            0.3,
            0.6,
            near=True,
        ),
    )
    if lamp:
        hand = (feet[0] + 0.272 * size * stage.ratio * stage.lit, feet[1] - 0.61 * size)
        lantern(stage, hand, size * 0.12)


def facing(stage: Stage, feet: Point, size: float, who: str = "") -> None:
    """A whole figure from the front."""
    style = hair(stage, who)
    dark = Paint(
        mix(stage.palette.near, stage.palette.mid, 0.15),
        stage.palette.ink,
        0.5,
        0.3,
        0.5,
        near=True,
    )
    if style == "long":
        stage.lay([stage.scaled(curve(shape), feet, size) for shape in anatomy.HAIR[style]], dark)
    body(stage, feet, size)
    at, across, down = anatomy.HEAD
    stage.lay([stage.scaled(ellipse(at, across, down), feet, size)], _skin(stage))
    eyes = [
        stage.scaled(ellipse((x, -0.938), 0.006, 0.004, 8), feet, size) for x in (-0.016, 0.016)
    ]
    mouth: Shape = [(-0.012, -0.9), (0.012, -0.9), (0.01, -0.897), (-0.01, -0.897)]
    ink = Paint(stage.palette.ink, stage.palette.ink, 0, alpha=0.85, near=True)
    stage.lay([*eyes, stage.scaled(mouth, feet, size)], ink)
    tops = {"hat": [anatomy.HAIR["hat"][1]], "bun": [anatomy.HAIR["bun"][1], anatomy.FRINGE]}
    crown = tops.get(style, [anatomy.FRINGE])
    stage.lay([stage.scaled(curve(shape), feet, size) for shape in crown], dark)


def aside(stage: Stage, feet: Point, size: float, who: str = "") -> None:
    """A whole figure from the side."""
    body(stage, feet, size, narrow=0.72)
    head = (feet[0], feet[1] - size)
    stage.lay(
        [stage.scaled(curve(anatomy.PROFILE[4:36]), head, size * 0.13, stage.lit)], _skin(stage)
    )
    shapes = [
        stage.scaled(curve(shape), head, size * 0.13, stage.lit)
        for shape in anatomy.STYLES[hair(stage, who)]
    ]
    stage.lay(shapes, Paint(stage.palette.near, stage.palette.ink, 0.4, near=True))


def body(stage: Stage, feet: Point, size: float, narrow: float = 1.0) -> None:
    """Everything below the head."""
    flip, ink = stage.lit, stage.palette.ink
    dice = stage.dice.fork(f"figure{feet}")

    def put(shape: Shape) -> Shape:
        return stage.scaled([(x * narrow, y) for x, y in shape], feet, size, flip)

    shadow = ellipse(
        (feet[0] - 0.06 * size * stage.ratio * flip, feet[1]),
        0.22 * size * stage.ratio,
        0.02 * size,
    )
    stage.lay([shadow], Paint(ink, ink, 0, soft=0.008 * size, alpha=0.4))
    legs = dice.pick((anatomy.STANDING, anatomy.STRIDING))
    stage.lay([put(curve(leg)) for leg in legs], Paint(ink, ink, 0.4, rim=0.4, near=True))
    skin = mix(stage.palette.mid, stage.palette.light, 0.25)
    stage.lay([put(curve(anatomy.NECK))], Paint(skin, mix(skin, ink, 0.6), 0.4, near=True))
    stage.lay([put(curve(anatomy.COAT))], _wool(stage))
    if size > _LARGE:
        lines = [put(curve(line, closed=False)) for line in anatomy.CREASES]
        stage.strokes(lines, ink, 0.75, 1.2, near=True)


def _wool(stage: Stage) -> Paint:
    cloth = mix(stage.palette.near, stage.palette.accent, 0.4)
    return Paint(
        mix(cloth, stage.palette.mid, 0.3),
        mix(cloth, stage.palette.ink, 0.75),
        0.6,
        0.45,
        0.8,
        near=True,
    )


def _skin(stage: Stage) -> Paint:
    palette = stage.palette
    return Paint(
        mix(palette.mid, palette.light, 0.5),
        mix(palette.mid, palette.near, 0.3),
        0.6,
        0.2,
        0.9,
        near=True,
    )


def lantern(stage: Stage, top: Point, size: float) -> None:
    """A lamp hanging from a point, with its glow."""
    cap: Shape = [(-0.3, 0.2), (-0.12, 0.04), (0.0, 0.0), (0.12, 0.04), (0.3, 0.2)]
    frame: Shape = [(-0.32, 0.24), (0.32, 0.24), (0.4, 1.0), (-0.4, 1.0)]
    pane: Shape = [(-0.2, 0.32), (0.2, 0.32), (0.26, 0.9), (-0.26, 0.9)]
    iron = Paint(stage.palette.ink, stage.palette.ink, 0.5, near=True)
    stage.glow((top[0], top[1] + size * 0.6), size * 6.5, 0.62)
    stage.lay([stage.scaled(shape, top, size) for shape in (cap, frame)], iron)
    stage.lay(
        [stage.scaled(pane, top, size)], Paint((255, 246, 214), stage.palette.light, 0.3, near=True)
    )
    bar: Shape = [(0.0, 0.3), (0.0, 0.92)]
    stage.strokes([stage.scaled(bar, top, size)], stage.palette.ink, 0.5, 1.0 + size * 6, near=True)
    stage.glow((top[0], top[1] + size * 0.6), size * 2.6, 0.9)


def profile(stage: Stage, at: Point, size: float, who: str) -> None:
    """Head and shoulders from the side, facing the light; `at` is the crown's middle."""
    palette, flip = stage.palette, stage.lit

    def put(shape: Shape) -> Shape:
        return stage.scaled(curve(shape), at, size, flip)

    lit = mix(palette.mid, palette.light, 0.5)
    stage.lay(
        [put(anatomy.PROFILE)],
        Paint(lit, mix(palette.near, palette.mid, 0.6), 0.7, 0.0, 1.0, near=True),
    )
    shade = Paint(palette.near, palette.ink, 0.0, 0.6, soft=0.014, alpha=0.5, near=True)
    stage.lay([put(anatomy.CHEEK)], shade)
    dark = Paint(mix(palette.near, palette.mid, 0.22), palette.ink, 0.7, 0.6, near=True)
    if who == "elder":
        stage.lay(
            [put(anatomy.BEARD)],
            Paint(mix(palette.low, palette.mid, 0.4), palette.mid, 0.6, 0.7, 0.5, near=True),
        )
    stage.lay([put(anatomy.EAR)], Paint(mix(lit, palette.near, 0.35), palette.near, 0.6, near=True))
    for shape in anatomy.STYLES[hair(stage, who)]:
        stage.lay([put(shape)], dark)
    stage.lay([put(anatomy.COLLAR)], _wool(stage))
    stage.strokes(
        [stage.scaled(curve(anatomy.LAPEL, closed=False), at, size, flip)],
        palette.ink,
        0.7,
        1.6,
        near=True,
    )
    # Brow, lid, nostril and mouth as single strokes; more would be somebody else's face.
    marks = [stage.scaled(mark, at, size, flip) for mark in anatomy.FEATURES]
    stage.lay(marks, Paint(palette.ink, palette.ink, 0.2, near=True, alpha=0.85))


def behind(stage: Stage, at: Point, size: float) -> None:
    """A head and shoulders from behind, close to the camera."""
    palette = stage.palette
    cloth = Paint(mix(palette.near, palette.mid, 0.35), palette.ink, 0.6, 0.6, 0.85, near=True)
    stage.lay([stage.scaled(curve(ear), at, size) for ear in anatomy.EARS], cloth)
    stage.lay([stage.scaled(curve(anatomy.BACK), at, size)], cloth)
    mane = Paint(mix(palette.near, palette.ink, 0.35), palette.ink, 0.7, 0.0, 0.7, near=True)
    stage.lay([stage.scaled(curve(anatomy.NAPE), at, size)], mane)
    collar: Shape = [(-0.6, 1.26), (-0.2, 1.14), (0.0, 1.18), (0.2, 1.14), (0.6, 1.26)]
    line = stage.scaled(curve(collar, closed=False), at, size)
    stage.strokes([line], mix(palette.mid, palette.near, 0.3), 0.6, 1.6, near=True)
