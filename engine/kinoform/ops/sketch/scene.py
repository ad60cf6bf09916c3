"""A prompt as a drawn scene: the place, then who and what is in it, at the right shot size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from kinoform.ops.sketch import closeups, figures, places, props
from kinoform.ops.sketch.palette import mix
from kinoform.ops.sketch.stage import Paint, Stage, blurred, rect

if TYPE_CHECKING:
    from kinoform.ops.sketch.dice import Dice
    from kinoform.ops.sketch.palette import Palette
    from kinoform.ops.sketch.words import Cues

_LONGEST = 1440
_SHORTEST = 480


def board(size: tuple[int, int]) -> tuple[int, int]:
    """The size that a panel is drawn at before it is brought to its own: large ones are blown up."""
    longest = max(size)
    scale = min(max(longest, _SHORTEST), _LONGEST) / longest
    return max(16, round(size[0] * scale)), max(16, round(size[1] * scale))


def scene(size: tuple[int, int], cues: Cues, palette: Palette, dice: Dice) -> Stage:
    """The drawn stage, not yet finished: two planes at `board(size)`."""
    width, height = board(size)
    stage = Stage(width, height, palette, dice, lit=dice.fork("lit").sign())
    close = cues.shot in ("close", "extreme")
    if "eye" in cues.props and (cues.shot == "extreme" or (close and not cues.people)):
        closeups.eye(stage, (0.5, 0.44), 0.62 * min(1.0, 1 / stage.ratio * 0.9))
        return stage
    places.draw(stage, cues)
    if close or cues.shot == "over":
        _out_of_focus(stage, 0.016 if close else 0.007)
    _subject(stage, cues)
    _air(stage, cues)
    return stage


def _out_of_focus(stage: Stage, amount: float) -> None:
    stage.back = blurred(stage.back, amount * stage.height)
    stage.front = blurred(stage.front, amount * stage.height)
    stage.cover = blurred(stage.cover, amount * stage.height)


def _subject(stage: Stage, cues: Cues) -> None:
    bare_plinth = cues.place == "studio" and not cues.people
    thing = next(
        (name for name in props.PRODUCTS if name in cues.props), "bottle" if bare_plinth else ""
    )
    if cues.shot in ("close", "extreme") and "hand" in cues.props:
        stage.glow((0.5 + stage.lit * 0.1, 0.3), 0.5, 0.7)
        closeups.hand(stage, (0.5, 0.46), 0.46)
    elif thing and (not cues.people or cues.place == "studio"):
        on_plinth = cues.place == "studio"
        props.product(stage, (0.5, 0.735 if on_plinth else 0.84), 0.5 if on_plinth else 0.55, thing)
    elif "lamp" in cues.props and cues.shot in ("close", "extreme") and not cues.people:
        figures.lantern(stage, (0.5, 0.16), 0.58)
    elif cues.people:
        _people(stage, cues)
    elif "lamp" in cues.props and cues.place in ("interior", "stairs"):
        figures.lantern(stage, (0.5 - stage.lit * 0.12, 0.2), 0.12)
    if "bird" in cues.props:
        props.birds(stage, (0.5 + stage.lit * 0.2, 0.22), 7)
    if "door" in cues.props and cues.place not in ("interior", ""):
        return
    if "door" in cues.props and cues.place == "":
        props.door(stage, (0.5 + stage.lit * 0.14, 0.74), 0.4, lit=True)


def _people(stage: Stage, cues: Cues) -> None:
    dice = stage.dice.fork("people")
    narrow = min(1.0, 1 / stage.ratio)
    x = 0.5 - stage.lit * dice.between(0.06, 0.13)
    lamp = "lamp" in cues.props
    if cues.shot in ("close", "extreme"):
        size, top = (0.56, 0.14) if cues.shot == "close" else (0.8, 0.02)
        figures.profile(stage, (x, top), size * min(1.0, narrow * 1.1), cues.who)
        if lamp:
            figures.lantern(stage, (0.5 + stage.lit * 0.3, 0.42), 0.16)
    elif cues.shot == "over":
        figures.standing(stage, (0.5 + stage.lit * 0.12, 1.3), 1.05, cues.who, lamp=lamp)
        figures.behind(stage, (0.5 - stage.lit * 0.26, 0.24), 0.52)
    elif cues.shot == "medium":
        tall = 1.5 * max(0.7, narrow)
        for index in range(min(cues.people, 2)):
            feet = (x + index * 0.34 * stage.lit * narrow, tall + 0.13 + 0.05 * index)
            figures.standing(stage, feet, tall, cues.who, lamp=lamp and index == 0)
    elif cues.place == "studio":
        _turnaround(stage, cues)
    else:
        _small(stage, cues, lamp=lamp)


def _turnaround(stage: Stage, cues: Cues) -> None:
    """The same person from the front, the side and behind, as a character sheet shows them."""
    tall = min(0.68, 1.05 / stage.ratio)
    step = min(0.26, 0.46 * tall * stage.ratio)
    for index, view in enumerate((figures.facing, figures.aside, figures.standing)):
        view(stage, (0.5 + (index - 1) * step, 0.81), tall, cues.who)


def _small(stage: Stage, cues: Cues, *, lamp: bool) -> None:
    dice = stage.dice.fork("small")
    if cues.place == "stairs":
        share = 4 / 9
        at = (0.5 + stage.lit * (share - 0.5) * 1.3, 0.93 - share * 0.66 + 0.012)
        figures.standing(stage, at, 0.4, cues.who, lamp=lamp)
        return
    foot = {"sea": 0.845, "interior": 0.83}.get(cues.place, 0.82)
    tall = {"interior": 0.48, "city": 0.36}.get(cues.place, 0.32)
    x = 0.5 + stage.lit * dice.between(0.02, 0.12)
    for index in range(cues.people):
        spread = (index - (cues.people - 1) / 2) * 0.46 * tall * stage.ratio
        feet = (x + spread, foot + dice.between(-0.012, 0.012))
        who = cues.who or ("", "she", "he", "elder")[index]
        figures.standing(
            stage, feet, tall * dice.between(0.92, 1.04), who, lamp=lamp and index == 0
        )


def _air(stage: Stage, cues: Cues) -> None:
    palette = stage.palette
    if cues.weather == "fog":
        for level, share in ((0.5, 0.55), (0.72, 0.45)):
            stage.lay(
                [rect(-0.2, level, 1.2, level + 0.16)],
                Paint(palette.low, palette.low, 0, soft=0.07, alpha=share),
            )
    elif cues.weather in ("rain", "storm"):
        props.rain(stage, 0.3 if cues.weather == "rain" else 0.22)
    elif cues.weather == "snow":
        props.flakes(stage)


def mood(palette: Palette) -> tuple[int, int, int]:
    """The one tone that captions and mats are set on."""
    return mix(palette.ink, (18, 18, 20), 0.6)


def small(stage: Stage, size: tuple[int, int]) -> Image.Image:
    """The whole stage at another size."""
    return stage.flat().resize(size, Image.Resampling.LANCZOS)
