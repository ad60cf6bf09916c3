"""Until when nobody is to be asked, by name, told to all processes of this machine.

Best effort: a pause that is lost costs one more refusal, and no error leaves this file.
"""

from __future__ import annotations

import math
import os
import re
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from kinoform.core.errors import KinoformError
from kinoform.stores import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST: Final = 120.0  # seconds ahead; more is a clock that has jumped

_NAME: Final = r"([0-9a-f]{32})-([0-9]{1,16})"


class Pauses:
    """Pauses in one folder. `now` gives seconds since the epoch.

    Each is an empty file whose name says all, and which is made in one call: it cannot be torn, and
    of two processes that pause at once neither can undo the other's, as writing a number could.
    """

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._folder = folder.absolute()
        self._now = now

    def until(self, name: str) -> float:
        """Seconds since the epoch; 0 if nobody ever asked for a pause. To the millisecond, late."""
        limit = self._now() + MOST
        return max((at for at, _ in self._told(name) if at <= limit), default=0.0)

    def pause(self, name: str, until: float) -> None:
        """Let nobody ask before then, or before a later time that was told already.

        What lies more than `MOST` seconds ahead is cut to that.
        """
        limit = self._now() + MOST
        if not self.until(name) < until:
            return
        at = math.ceil(min(until, limit) * 1000)
        with suppress(OSError, KinoformError):
            disk.private_folder(self._folder)
            (self._folder / f"{_hash(name)}-{at}").touch(disk.PRIVATE_FILE)
            # Those ahead of the limit are kept a while: another process' clock reads a little later.
            for other, path in self._told(name):
                if other < at / 1000 or other > limit + MOST:
                    path.unlink(missing_ok=True)

    def _told(self, name: str) -> Iterator[tuple[float, Path]]:
        """What the files of this name say, those from before a jump of the clock too."""
        with suppress(OSError), os.scandir(self._folder) as files:
            for file in files:  # asked before each submit, and mostly none
                found = re.fullmatch(_NAME, file.name)
                if found and found[1] == _hash(name):
                    yield int(found[2]) / 1000, self._folder / file.name


def _hash(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]
