"""WaveSpeed's limits by tier: tasks a minute, and tasks at once beyond which a new one waits.

Of two published tables the lower figure counts. Knows times and counts only.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Tier:
    """How many pictures and clips may be begun in a minute, and how many tasks run at once."""

    images: int
    videos: int
    at_once: int


TIERS = {
    "bronze": Tier(2, 2, 2),
    "silver": Tier(500, 60, 100),
    "gold": Tier(3000, 600, 2000),
    "ultra": Tier(5000, 5000, 5000),
}
MINUTE = 60.0


@dataclass(slots=True)
class Counters:
    """What each key has begun in the current minute of the clock."""

    minute: int = 0
    begun: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def admit(self, tier: Tier, key: str, now: float, *, video: bool) -> bool:
        """Count one more task, unless that would be too many in this minute."""
        minute = int(now // MINUTE)
        if minute != self.minute:
            self.minute, self.begun = minute, Counter()
        if self.begun[key, video] >= (tier.videos if video else tier.images):
            return False
        self.begun[key, video] += 1
        return True


def wait(tier: Tier, ends: Iterable[float], now: float) -> float:
    """Seconds until a slot is free, when the tasks under way end at these times."""
    running = sorted(end for end in ends if end > now)
    over = len(running) - tier.at_once
    return running[over] - now if over >= 0 else 0.0
