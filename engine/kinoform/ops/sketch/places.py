"""Which drawing shows which kind of place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.ops.sketch import built, outdoors, woods

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ops.sketch.stage import Stage
    from kinoform.ops.sketch.words import Cues

_PLACES: dict[str, Callable[[Stage, Cues], None]] = {
    "sea": outdoors.sea,
    "desert": outdoors.desert,
    "forest": woods.forest,
    "city": built.city,
    "interior": built.interior,
    "stairs": built.stairs,
    "studio": built.studio,
}


def draw(stage: Stage, cues: Cues) -> None:
    """The place itself; who and what is in it comes later."""
    _PLACES.get(cues.place, outdoors.hills)(stage, cues)
