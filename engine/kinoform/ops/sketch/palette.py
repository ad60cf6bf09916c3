"""Colours that follow from the words: a light, a place, and the colours that were named."""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.words import Cues

RGB: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Tones from the top of the sky to the nearest dark, a light, an accent, and an ink."""

    high: RGB
    low: RGB
    far: RGB
    mid: RGB
    near: RGB
    light: RGB
    accent: RGB
    ink: RGB


def _hex(*tones: str) -> tuple[RGB, ...]:
    return tuple((int(t[0:2], 16), int(t[2:4], 16), int(t[4:6], 16)) for t in tones)


# high, low, far, mid, near, light, accent
_LIGHTS = {
    "day": _hex("6f9fbd", "e4e6d8", "8ba3aa", "586f73", "26333a", "fff3d6", "c8553d"),
    "dawn": _hex("6f87a6", "f4c7a3", "a08d9a", "65596c", "2a2738", "ffe9c4", "d9705a"),
    "dusk": _hex("2f3158", "ee9360", "7c4c62", "4a2f4a", "1b1526", "ffd79b", "f0603f"),
    "night": _hex("0b1424", "2f5168", "23405a", "14263a", "070c15", "ffd890", "e0a040"),
}
_WEATHERS = {
    "storm": _hex("2b343c", "93a09c", "56666a", "36444b", "12181d", "f3efd8", "d8b04c"),
    "rain": _hex("46545f", "a9b4b3", "6b7b82", "44545d", "171e25", "f6ecd0", "cf7a4a"),
    "snow": _hex("93a7b8", "f0efe9", "aebcc6", "74879a", "303c4c", "fff6e0", "b9483e"),
    "fog": _hex("8c9a9d", "dfddd2", "aab3b1", "7c8889", "3a4447", "fff4dc", "c4694a"),
}
_PLACES = {
    "interior": _hex("4a3a32", "a8805a", "7a5c46", "4c392f", "1a1412", "ffd591", "d2683a"),
    "stairs": _hex("3c3a40", "a08a6a", "6e6258", "474048", "17151a", "ffd48c", "d88a3c"),
    "studio": _hex("c3bbab", "efeadf", "cfc7b8", "9b9385", "35322f", "ffffff", "b8503c"),
    "desert": _hex("d9a566", "f6dcae", "d59c64", "a8683f", "45261f", "fff0c8", "b8402c"),
    "forest": _hex("7f9c86", "dfe3c0", "7f9a7a", "46654f", "142420", "fff4c8", "c8843c"),
}
_OVERCAST = 0.62
_TINT = 0.34


def palette(cues: Cues, dice: Dice) -> Palette:
    """The palette of these cues; the dice only shade it."""
    tones = _base(cues)
    turn, rich = dice.between(-0.022, 0.022), dice.between(0.92, 1.12)
    high, low, far, mid, near, light, accent = (shifted(tone, turn, rich) for tone in tones)
    made = Palette(high, low, far, mid, near, light, accent, near)
    for index, colour in enumerate(cues.colours):
        made = _tinted(made, colour, lead=index == 0)
    return replace(made, ink=mix(made.near, (10, 9, 12), 0.6))


def _base(cues: Cues) -> tuple[RGB, ...]:
    light = cues.time or ("day" if not cues.weather else "")
    tones = _LIGHTS.get(light) or _WEATHERS[cues.weather]
    if cues.place in _PLACES and not (
        light in ("night", "dusk") and cues.place in ("forest", "desert")
    ):
        indoors = cues.place in ("interior", "stairs", "studio")
        dim = 0.3 if indoors and cues.time == "night" else 0.0
        share = 0.85 if indoors else 0.6
        tones = _blend(tones, tuple(mix(t, (8, 12, 26), dim) for t in _PLACES[cues.place]), share)
    elif cues.weather and light and cues.weather in _WEATHERS:
        dark = 0.35 if light in ("night", "dusk") else _OVERCAST
        tones = _blend(tones, _WEATHERS[cues.weather], dark)
    return tones


def _blend(ones: tuple[RGB, ...], others: tuple[RGB, ...], share: float) -> tuple[RGB, ...]:
    return tuple(mix(one, other, share) for one, other in zip(ones, others, strict=True))


def _tinted(made: Palette, colour: RGB, *, lead: bool) -> Palette:
    """A named colour: the first becomes the accent, all of them lean into the air and the land."""
    share = _TINT if lead else _TINT / 2
    return replace(
        made,
        high=_lean(made.high, colour, share),
        low=_lean(made.low, colour, share * 0.7),
        far=_lean(made.far, colour, share),
        mid=_lean(made.mid, colour, share),
        accent=colour if lead else made.accent,
    )


def _lean(tone: RGB, colour: RGB, share: float) -> RGB:
    """Toward the colour's hue, keeping how light the tone is."""
    gap = luminance(tone) - luminance(colour)
    level = tuple(min(255, max(0, round(part + gap))) for part in colour)
    return mix(tone, (level[0], level[1], level[2]), share)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """From one (0) to the other (1)."""
    a, b, c = (round(p + (q - p) * share) for p, q in zip(one, other, strict=True))
    return a, b, c


def luminance(tone: RGB) -> float:
    """0 to 255."""
    return 0.299 * tone[0] + 0.587 * tone[1] + 0.114 * tone[2]


def shifted(tone: RGB, turn: float, rich: float) -> RGB:
    """Its hue turned (1 is a full circle) and its saturation scaled."""
    hue, light, colour = colorsys.rgb_to_hls(*(part / 255 for part in tone))
    r, g, b = colorsys.hls_to_rgb((hue + turn) % 1, light, min(1, colour * rich))
    return round(r * 255), round(g * 255), round(b * 255)
