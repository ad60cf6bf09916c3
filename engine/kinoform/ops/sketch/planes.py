"""Pictures as the three planes that encoders take, so that motion costs half of what RGB would."""

from __future__ import annotations

from typing import TypeAlias

from PIL import Image, ImageChops

from kinoform.core.classes import dataclass

Box: TypeAlias = tuple[float, float, float, float]
# RGB to limited-range BT.709, as the encoded file will say of itself; halves round to nearest.
_MATRIX = (
    0.18259, 0.61423, 0.06201, 16.0,
    -0.10064, -0.33857, 0.43922, 128.0,
    0.43922, -0.39894, -0.04027, 128.0,
)  # fmt: skip
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Planes:
    """Luma at full size, and two chroma planes, as a rule at half of it each way."""

    y: Image.Image
    cb: Image.Image
    cr: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        """Of the luma plane."""
        return self.y.size

    @property
    def halved(self) -> bool:
        """Whether chroma has half the rows."""
        return self.cb.height < self.y.height

    def raw(self) -> bytes:
        """One frame, plane after plane."""
        return self.y.tobytes() + self.cb.tobytes() + self.cr.tobytes()


def planes(image: Image.Image, step: int = 2) -> Planes:
    """The planes of an RGB picture whose sides are multiples of `step`, chroma's share of them."""
    y, cb, cr = image.convert("RGB", _MATRIX).split()
    return Planes(y, cb, cr) if step == 1 else Planes(y, cb.reduce(step), cr.reduce(step))


def masks(mask: Image.Image, step: int = 2) -> Planes:
    """A mask for each plane."""
    small = mask if step == 1 else mask.reduce(step)
    return Planes(mask, small, small)


def coloured_detail(image: Image.Image) -> float:
    """Mean square error (of RGB levels) that halving the chroma of this picture would cost."""
    _, *chroma = image.convert("RGB", _MATRIX).split()
    lost = [_lost(plane) for plane in chroma]
    return 1.5 * lost[0] + 1.2 * lost[1]


def _lost(plane: Image.Image) -> float:
    back = plane.reduce(2).resize(plane.size, Image.Resampling.BICUBIC)
    counts = ImageChops.difference(plane, back).histogram()
    return sum(level * level * count for level, count in enumerate(counts)) / sum(counts)


def window(source: Planes, box: Box, region: Box = WHOLE, *, fine: bool = True) -> Planes:
    """The part of a picture inside a box of shares, blown up to the picture's own size.

    Of the blown-up picture only `region` is made, which must fall on whole pixels of all planes.
    """
    if box == WHOLE and region == WHOLE:
        return source
    luma = Image.Resampling.BICUBIC if fine else Image.Resampling.BILINEAR
    return Planes(
        _part(source.y, (box, region), luma),
        _part(source.cb, (box, region), Image.Resampling.BILINEAR),
        _part(source.cr, (box, region), Image.Resampling.BILINEAR),
    )


def _part(plane: Image.Image, place: tuple[Box, Box], how: Image.Resampling) -> Image.Image:
    box, region = place
    wide, high = plane.size
    across, down = (box[2] - box[0]) * wide, (box[3] - box[1]) * high
    left, top = box[0] * wide, box[1] * high
    inside = (left + across * region[0], top + down * region[1],
              left + across * region[2], top + down * region[3])  # fmt: skip
    size = (round((region[2] - region[0]) * wide), round((region[3] - region[1]) * high))
    return plane.resize(size, how, box=inside)


def blend(one: Planes, other: Planes, share: float) -> Planes:
    """From one (0) to the other (1)."""
    return Planes(
        Image.blend(one.y, other.y, share),
        Image.blend(one.cb, other.cb, share),
        Image.blend(one.cr, other.cr, share),
    )


def over(top: Planes, under: Planes, mask: Planes, region: Box) -> Planes:
    """One laid on a region of the other through a mask; `under` is not changed."""
    return Planes(
        _over(top.y, under.y, mask.y, region),
        _over(top.cb, under.cb, mask.cb, region),
        _over(top.cr, under.cr, mask.cr, region),
    )


def _over(top: Image.Image, under: Image.Image, mask: Image.Image, region: Box) -> Image.Image:
    made = under.copy()
    made.paste(top, (round(region[0] * under.width), round(region[1] * under.height)), mask)
    return made


def reached(cover: Image.Image, boxes: tuple[Box, Box], step: int) -> Box:
    """The region that a mask's content can reach while the window moves between two boxes."""
    found = cover.getbbox()
    if found is None:
        return WHOLE
    wide, high = cover.size
    lefts, tops, rights, lows = zip(*(_seen(found, box, cover.size) for box in boxes), strict=True)
    left, top = (
        max(0, int(min(lefts) - 2) // step * step),
        max(0, int(min(tops) - 2) // step * step),
    )
    right = min(wide, -int(-max(rights) - 2) // step * step + step)
    low = min(high, -int(-max(lows) - 2) // step * step + step)
    return left / wide, top / high, right / wide, low / high


def _seen(found: tuple[int, int, int, int], box: Box, size: tuple[int, int]) -> Box:
    """A pixel box of the picture as it lies in the window, in pixels."""
    across, down = box[2] - box[0], box[3] - box[1]
    return ((found[0] - box[0] * size[0]) / across, (found[1] - box[1] * size[1]) / down,
            (found[2] - box[0] * size[0]) / across, (found[3] - box[1] * size[1]) / down)  # fmt: skip


def patched(under: Planes, patch: Planes, top: int, share: float) -> Planes:
    """A full-width patch laid at an even row, as far as `share` says; `under` is not changed."""
    return Planes(
        _patched(under.y, patch.y, top, share),
        _patched(under.cb, patch.cb, top * under.cb.height // under.y.height, share),
        _patched(under.cr, patch.cr, top * under.cb.height // under.y.height, share),
    )


def _patched(under: Image.Image, patch: Image.Image, top: int, share: float) -> Image.Image:
    made = under.copy()
    box = (0, top, patch.width, top + patch.height)
    made.paste(patch if share >= 1 else Image.blend(under.crop(box), patch, share), box)
    return made
