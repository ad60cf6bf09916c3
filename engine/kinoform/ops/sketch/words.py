"""What a prompt asks to see, as far as a draughtsman needs it: shot, light, place, things.

Tables of plain English words; nothing is understood, everything unknown is left alone.
"""

from __future__ import annotations

import re

from kinoform.core.classes import dataclass

_WORD = re.compile(r"[a-z]+")

SHOTS = {
    "extreme": "extreme closeup macro detail insert ecu iris eyelash texture",
    "over": "shoulder ots",
    "close": "close portrait face bust headshot cu palm hand fingers eyes lips",
    "medium": "medium waist cowboy mid ms two-shot bust-length",
    "wide": "wide establishing long full panorama panoramic landscape vista aerial drone ws ews",
}
TIMES = {
    "night": "night midnight moon moonlight moonlit nocturnal stars starry dark noir",
    "dusk": "dusk sunset evening twilight golden gloaming sundown",
    "dawn": "dawn sunrise morning daybreak early",
    "day": "day noon midday sunny bright daylight afternoon sun",
}
WEATHERS = {
    "storm": "storm stormy thunder lightning tempest gale squall",
    "rain": "rain rainy raining drizzle wet downpour umbrella",
    "snow": "snow snowy snowing blizzard winter frost ice icy",
    "fog": "fog foggy mist misty haze hazy smoke smoky steam",
}
PLACES = {
    "stairs": "stair staircase stairway stairwell steps spiral",
    "sea": "sea ocean lighthouse coast coastal cliff beach shore harbour harbor wave boat ship sail island bay pier horizon water lake river reef",
    "forest": "forest wood woods woodland trees tree jungle grove pine birch leaves garden",
    "city": "city street town skyline alley rooftop market traffic neon urban downtown avenue bridge train station tower building",
    "desert": "desert dune sand sahara canyon mesa wasteland mars",
    "mountain": "mountain peak summit valley alps hill ridge glacier",
    "field": "field meadow grass prairie farm wheat countryside road plain park",
    "studio": "studio product packshot plinth backdrop seamless pedestal catalogue packaging sheet turnaround",
    "interior": "interior room kitchen bedroom hall corridor office library inside indoors cabin apartment cafe bar table desk window door lantern lens gallery workshop cellar attic church",
}
PEOPLE = {
    1: "man woman girl boy child person figure hero heroine keeper sailor fisherman soldier dancer detective doctor artist mother father sister brother king queen she he her his someone traveller traveler rider climbs walks runs stands sits looks turns mara anna actor actress character face portrait palm hand silhouette",
    2: "couple two lovers friends twins pair they them both duo",
    4: "crowd people group team family villagers children soldiers men women dancers",
}
LOOKS = {
    "elder": "old elder elderly sailor fisherman captain keeper grandfather bearded wizard",
    "she": "woman girl she her mother sister queen heroine actress anna mara lady bride witch grandmother",
    "he": "man boy he him his father brother king hero actor soldier detective priest gentleman",
}
PROPS = {
    "lighthouse": "lighthouse beam beacon",
    "lamp": "lamp lantern candle torch flame light bulb fire glow",
    "door": "door doorway gate entrance",
    "window": "window pane",
    "boat": "boat ship sail sailboat vessel",
    "car": "car taxi truck vehicle",
    "moon": "moon moonlight moonlit",
    "sun": "sun sunset sunrise",
    "bird": "bird gull seagull crow raven",
    "tree": "tree",
    "hand": "hand palm finger fingers fist",
    "eye": "eye eyes iris gaze",
    "bottle": "bottle perfume flask wine oil",
    "box": "box package packaging carton parcel book",
    "cup": "cup mug coffee tea bowl jar glass can",
    "shoe": "shoe sneaker boot trainer",
    "watch": "watch clock compass coin ring lens",
    "phone": "phone smartphone tablet screen laptop",
    "house": "house cottage hut cabin home",
}
COLOURS = {
    "red": (190, 48, 44), "crimson": (160, 28, 48), "scarlet": (204, 48, 36),
    "orange": (222, 124, 44), "amber": (226, 156, 52), "gold": (212, 168, 72),
    "golden": (222, 172, 84), "yellow": (230, 196, 72), "ochre": (190, 138, 62),
    "green": (70, 128, 84), "emerald": (32, 128, 96), "olive": (116, 120, 64),
    "teal": (36, 120, 128), "turquoise": (56, 156, 160), "cyan": (64, 164, 190),
    "blue": (52, 96, 158), "navy": (26, 44, 88), "indigo": (58, 56, 126),
    "violet": (112, 78, 150), "purple": (112, 62, 134), "magenta": (180, 56, 124),
    "pink": (220, 130, 152), "rose": (206, 118, 130), "brown": (118, 84, 58),
    "copper": (178, 108, 72), "rust": (164, 84, 48), "sepia": (140, 108, 76),
    "grey": (128, 130, 132), "gray": (128, 130, 132), "silver": (170, 176, 182),
    "white": (236, 234, 228), "ivory": (234, 226, 204), "cream": (236, 224, 196),
    "black": (28, 28, 32), "neon": (226, 64, 160),
}  # fmt: skip
_WET = 3


@dataclass(frozen=True, slots=True)
class Cues:
    """What the words ask for; empty text where they do not say."""

    shot: str
    time: str
    weather: str
    place: str
    people: int
    who: str
    props: frozenset[str]
    colours: tuple[tuple[int, int, int], ...]


def read(text: str) -> Cues:
    """The cues of a prompt; the same words always give the same cues."""
    words = _WORD.findall(text.lower())
    heard = dict.fromkeys(form for word in words for form in (word, word.rstrip("s")) if form)
    props = frozenset(name for name, told in PROPS.items() if _any(heard, told))
    people = next((count for count in (2, 4, 1) if _any(heard, PEOPLE[count])), 0)
    place = _first(heard, PLACES)
    return Cues(
        shot=_shot(heard, people, place),
        time=_first(heard, TIMES),
        weather=_first(heard, WEATHERS),
        place=place,
        people=people,
        who=_first(heard, LOOKS),
        props=props,
        colours=tuple(COLOURS[word] for word in heard if word in COLOURS)[:_WET],
    )


def _shot(heard: dict[str, None], people: int, place: str) -> str:
    found = next((shot for shot, told in SHOTS.items() if _any(heard, told)), "")
    return found or ("medium" if people and not place else "wide")


def _any(heard: dict[str, None], told: str) -> bool:
    return not heard.keys().isdisjoint(told.split())


def _first(heard: dict[str, None], table: dict[str, str]) -> str:
    """The row that most of the words belong to; on a tie the one named first in the prompt."""
    scores = {row: [word for word in heard if word in told.split()] for row, told in table.items()}
    order = list(heard)
    best = max(scores, key=lambda row: (len(scores[row]), -_index(order, scores[row])))
    return best if scores[best] else ""


def _index(order: list[str], words: list[str]) -> int:
    return order.index(words[0]) if words else len(order)
