"""The drawing board: shapes in fractions of the panel become tonal plates with ink edges.

Knows no subject; `places`, `figures` and `props` say what is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from kinoform.ops.sketch.palette import RGB, mix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.palette import Palette

Point: TypeAlias = tuple[float, float]
Shape: TypeAlias = "list[Point]"
Pixels: TypeAlias = tuple[int, int, int, int]
_FINE = 2  # masks are drawn at twice the size and reduced: Pillow draws without smoothing
_STEPS = 6


@dataclass(frozen=True, slots=True)
class Paint:
    """How a plate is laid: a gradient from `top` to `low`, how much ink, hatching and rim light.

    `soft` blurs its edge (fraction of the height); `light` adds instead of covering; `near`
    plates move on their own in clips.
    """

    top: RGB
    low: RGB
    ink: float = 0.55
    hatch: float = 0.0
    rim: float = 0.0
    soft: float = 0.0
    alpha: float = 1.0
    light: bool = False
    near: bool = False


@dataclass(slots=True)
class Stage:
    """A panel being drawn; `back` and `front` are its two planes."""

    width: int
    height: int
    palette: Palette
    dice: Dice
    back: Image.Image = field(init=False)
    front: Image.Image = field(init=False)
    cover: Image.Image = field(init=False)
    lines: Image.Image = field(init=False)
    lit: int = 1

    def __post_init__(self) -> None:
        size = (self.width, self.height)
        self.back = Image.new("RGB", size, self.palette.low)
        self.front = Image.new("RGB", size, self.palette.near)
        self.cover = Image.new("L", size, 0)
        self.lines = _hatching(size, self.dice.fork("hatch"))

    @property
    def ratio(self) -> float:
        """Height over width: multiplies an x that is meant in heights."""
        return self.height / self.width

    def scaled(self, shape: Iterable[Point], at: Point, size: float, flip: int = 1) -> Shape:
        """A shape in its own units, put at a place, `size` panel heights to a unit."""
        across = size * self.ratio * flip
        return [(at[0] + x * across, at[1] + y * size) for x, y in shape]

    def lay(self, shapes: Sequence[Shape], paint: Paint, open_edge: Sequence[Shape] = ()) -> None:
        """Paint shapes; `open_edge` lines are inked instead of the outlines where given."""
        box = self._bounds(shapes, paint.soft)
        if box is None:
            return
        mask = self._mask(shapes, box, paint)
        self._fill(mask, box, paint)
        if paint.light:
            return
        if paint.hatch:
            self._ink(ImageChops.multiply(mask, self.lines.crop(box)), box, paint.hatch, paint)
        if paint.rim:
            self._rim(mask, box, paint)
        if paint.ink:
            closed = [[*shape, shape[0]] for shape in shapes]
            self._ink(self._outline(open_edge or closed, box), box, paint.ink, paint)

    def _bounds(self, shapes: Sequence[Shape], soft: float) -> Pixels | None:
        """The part of the panel that can change, with room for soft edges and loose ink."""
        if not shapes:
            return None
        room = soft * self.height * 3 + 4 + self.height * 0.004
        across = [x * self.width for shape in shapes for x, _ in shape]
        down = [y * self.height for shape in shapes for _, y in shape]
        left, top = max(0, int(min(across) - room)), max(0, int(min(down) - room))
        right = min(self.width, int(max(across) + room) + 1)
        low = min(self.height, int(max(down) + room) + 1)
        return (left, top, right, low) if left < right and top < low else None

    def _target(self, paint: Paint) -> Image.Image:
        return self.front if paint.near else self.back

    def _mask(self, shapes: Sequence[Shape], box: Pixels, paint: Paint) -> Image.Image:
        mask = Image.new("L", ((box[2] - box[0]) * _FINE, (box[3] - box[1]) * _FINE), 0)
        pen = ImageDraw.Draw(mask)
        for shape in shapes:
            pen.polygon(self._points(shape, box), fill=255)
        mask = mask.reduce(_FINE)
        return blurred(mask, paint.soft * self.height) if paint.soft else mask

    def _points(self, shape: Shape, box: Pixels, slip: Point = (0.0, 0.0)) -> list[Point]:
        """A shape in fine pixels of a part of the panel."""
        return [
            ((x * self.width - box[0]) * _FINE + slip[0], (y * self.height - box[1]) * _FINE + slip[1])
            for x, y in shape
        ]  # fmt: skip

    def _fill(self, mask: Image.Image, box: Pixels, paint: Paint) -> None:
        part = mask.point(_times(paint.alpha)) if paint.alpha < 1 else mask
        tones = gradient(mask.size, paint.top, paint.low)
        target = self._target(paint)
        if paint.light:
            under = target.crop(box)
            target.paste(Image.composite(ImageChops.screen(under, tones), under, part), box)
            return
        target.paste(tones, box, part)
        if paint.near:
            self.cover.paste(ImageChops.lighter(self.cover.crop(box), part), box)

    def _rim(self, part: Image.Image, box: Pixels, paint: Paint) -> None:
        step = max(2, round(self.height * 0.006))
        moved = ImageChops.offset(part, -self.lit * step, step // 2)
        edge = blurred(ImageChops.subtract(part, moved), step * 0.35)
        edge = ImageChops.multiply(edge, part).point(_times(paint.rim))
        self._target(paint).paste(self.palette.light, box, edge)

    def _outline(self, shapes: Sequence[Shape], box: Pixels) -> Image.Image:
        """Two loose passes of a pen, as a hand would go over a line."""
        ink = Image.new("L", ((box[2] - box[0]) * _FINE, (box[3] - box[1]) * _FINE), 0)
        pen = ImageDraw.Draw(ink)
        stroke = max(2, round(self.height * 0.0021 * _FINE))
        reach = self.height * _FINE * 0.0016
        for shape in shapes:
            pen.line(self._points(shape, box), fill=255, width=stroke, joint="curve")
            slip = (self.dice.between(-reach, reach), self.dice.between(-reach, reach))
            pen.line(self._points(shape, box, slip), fill=150, width=stroke - 1, joint="curve")
        return ink.reduce(_FINE)

    def _ink(self, mask: Image.Image, box: Pixels, share: float, paint: Paint) -> None:
        strength = mask.point(_times(share))
        self._target(paint).paste(self.palette.ink, box, strength)
        if paint.near:
            self.cover.paste(ImageChops.lighter(self.cover.crop(box), strength), box)

    def glow(self, at: Point, size: float, share: float, tone: RGB | None = None) -> None:
        """Light around a point, falling off to nothing at `size` panel heights."""
        reach = max(2, round(size * self.height))
        ball = radial((reach * 2, reach * 2)).point(_times(share))
        colour = tone or self.palette.light
        where = (round(at[0] * self.width) - reach, round(at[1] * self.height) - reach)
        for plane in (self.back, self.front):
            patch = Image.new("RGB", ball.size)
            patch.paste(plane.crop((*where, where[0] + reach * 2, where[1] + reach * 2)))
            lit = ImageChops.screen(patch, Image.new("RGB", ball.size, colour))
            plane.paste(Image.composite(lit, patch, ball), where)

    def strokes(
        self,
        lines: Sequence[Shape],
        tone: RGB,
        share: float,
        weight: float = 1.0,
        *,
        near: bool = False,
    ) -> None:
        """Loose lines: rain, waves, grass, creases; `weight` is in thin pen strokes."""
        size = (self.width * _FINE, self.height * _FINE)
        mask = Image.new("L", size, 0)
        pen = ImageDraw.Draw(mask)
        stroke = max(1, round(self.height * 0.0022 * _FINE * weight))
        for line in lines:
            pen.line(
                [(x * size[0], y * size[1]) for x, y in line], fill=255, width=stroke, joint="curve"
            )
        strength = mask.reduce(_FINE).point(_times(share))
        (self.front if near else self.back).paste(tone, (0, 0), strength)
        if near:
            self.cover = ImageChops.lighter(self.cover, strength)

    def flat(self) -> Image.Image:
        """Both planes as one picture."""
        return Image.composite(self.front, self.back, self.cover)


def curve(points: Sequence[Point], *, closed: bool = True) -> Shape:
    """A smooth line through the points (Catmull-Rom)."""
    count = len(points)
    found: Shape = []
    for index in range(count if closed else count - 1):
        around = [_at(points, index + step, closed=closed) for step in (-1, 0, 1, 2)]
        found.extend(_spline(around, step / _STEPS) for step in range(_STEPS))
    if not closed:
        found.append(points[-1])
    return found


def _at(points: Sequence[Point], index: int, *, closed: bool) -> Point:
    return points[index % len(points)] if closed else points[min(max(index, 0), len(points) - 1)]


def _spline(around: Sequence[Point], t: float) -> Point:
    def axis(p: float, q: float, r: float, s: float) -> float:
        cubic = 2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t
        return 0.5 * (cubic + (3 * q - p - 3 * r + s) * t * t * t)

    (ax, ay), (bx, by), (cx, cy), (dx, dy) = around
    return axis(ax, bx, cx, dx), axis(ay, by, cy, dy)


def ellipse(at: Point, across: float, down: float, points: int = 40) -> Shape:
    """An ellipse by its centre and half axes."""
    turns = [2 * math.pi * step / points for step in range(points)]
    return [(at[0] + across * math.cos(turn), at[1] + down * math.sin(turn)) for turn in turns]


def rect(left: float, top: float, right: float, low: float) -> Shape:
    """A rectangle by its sides."""
    return [(left, top), (right, top), (right, low), (left, low)]


def gradient(size: tuple[int, int], top: RGB, low: RGB) -> Image.Image:
    """Top to bottom, in small steps that the eye does not see."""
    rows = 24
    strip = Image.new("RGB", (1, rows))
    strip.putdata([mix(top, low, row / (rows - 1)) for row in range(rows)])
    return strip.resize(size, Image.Resampling.BILINEAR)


def radial(size: tuple[int, int]) -> Image.Image:
    """255 in the middle, falling smoothly to 0 at the edges."""
    small = Image.radial_gradient("L").resize((64, 64), Image.Resampling.BILINEAR)
    curve_down = [round(255 * max(0.0, 1 - level / 180) ** 2) for level in range(256)]
    return small.point(curve_down).resize(size, Image.Resampling.BICUBIC)


def blurred(mask: Image.Image, radius: float) -> Image.Image:
    """A Gaussian blur; wide ones are made small first, which the eye cannot tell."""
    shrink = min(8, int(radius // 3))
    if shrink <= 1:
        return mask.filter(ImageFilter.GaussianBlur(radius))
    small = mask.reduce(shrink).filter(ImageFilter.GaussianBlur(radius / shrink))
    return small.resize(mask.size, Image.Resampling.BICUBIC)


def _times(share: float) -> list[int]:
    return [min(255, round(level * share)) for level in range(256)]


def _hatching(size: tuple[int, int], dice: Dice) -> Image.Image:
    """Patches of slanted pencil strokes, uneven as a hand's; shapes show them where they are dark."""
    width, height = size[0] * _FINE, size[1] * _FINE
    lines = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(lines)
    cell = max(8.0, height * 0.062)
    for row in range(-1, int(height / cell) + 2):
        for column in range(-1, int(width / cell) + 2):
            at = ((column + dice.between(-0.4, 0.4)) * cell, (row + dice.between(-0.4, 0.4)) * cell)
            _patch(pen, at, cell, dice)
    return lines.reduce(_FINE)


def _patch(pen: ImageDraw.ImageDraw, at: Point, cell: float, dice: Dice) -> None:
    """A few strokes side by side, as one turn of the wrist draws them."""
    lean, level = dice.between(0.42, 0.56), dice.number(70, 190)
    for stroke in range(dice.number(4, 7)):
        long = cell * dice.between(0.8, 1.5)
        x, y = at[0] + stroke * cell * 0.17, at[1] + dice.between(-0.1, 0.1) * cell
        pen.line((x + long * lean, y, x, y + long), fill=level, width=max(1, round(cell * 0.022)))
