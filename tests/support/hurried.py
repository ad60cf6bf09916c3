"""The command line on a clock in step with a fast emulator's: `python -m hurried run film …`.

Everything else is the real thing: files, locks, sockets, signals, output. `KINOFORM_TEST_CLOCK`
holds "NOW MONOTONIC SPEED": what the emulator's clock said when the machine's said so, and its pace.
Local work is done in threads, because a fork server for each of a thousand runs costs minutes; where
`KINOFORM_TEST_INLINE` is set, all is done in one thread, so that its system calls can be numbered.
`KINOFORM_TEST_KILL` kills it before its n-th call that makes bytes last, names a file, or speaks to
somebody; how many there were in a whole run is then in the file `calls` in the user's home.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from virtual_time import OneThread

from kinoform.__main__ import INTERRUPTED, unheard
from kinoform.api.project import Project
from kinoform.api.services import services
from kinoform.api.settings import user_settings
from kinoform.cli import main as cli
from kinoform.cli.commands import plan as planning
from kinoform.cli.commands import resume as resuming
from kinoform.cli.commands import run as running
from kinoform.cli.crash import report
from kinoform.cli.opening import Opened, setting_of
from kinoform.cli.options import Options, command
from kinoform.net.carrier import HttpCarrier
from kinoform.net.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.api.setting import Setting
    from kinoform.api.settings import ProviderSettings
    from kinoform.api.vendors import Vendor
    from kinoform.cli.show import Show
    from kinoform.core.secret import Secret
    from kinoform.ports import Carrier

T = TypeVar("T")
VARIABLE = "KINOFORM_TEST_CLOCK"
INLINE = "KINOFORM_TEST_INLINE"
KILL = "KINOFORM_TEST_KILL"
_SHORTEST = 0.002  # real seconds: a loop that looks again and again must leave the processor alone
TABLE = {**cli.COMMANDS, "run": ("hurried:run", ""), "resume": ("hurried:resume", "")}


@dataclass(frozen=True, slots=True)
class Clock:
    """`start` is what it said when the machine's monotonic clock said `zero`."""

    start: float
    zero: float
    speed: float

    def now(self) -> float:
        return self.start + (time.monotonic() - self.zero) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(_SHORTEST, seconds / self.speed) if seconds > 0 else 0)

    def text(self) -> str:
        """As the variable holds it."""
        return f"{self.start!r} {self.zero!r} {self.speed!r}"


def clock_in(environ: Mapping[str, str]) -> Clock:
    """The clock that the variable names."""
    start, zero, speed = map(float, environ[VARIABLE].split())
    return Clock(start, zero, speed)


class Threads:
    """An `Executor` of threads: its limit is not kept, nothing can be ended."""

    async def run(
        self, work: Callable[..., T], /, *args: Any, limit: float | None = None, kept: bool = False
    ) -> T:
        return await asyncio.to_thread(work, *args)

    def close(self, *, now: bool = False) -> None:
        pass


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes that loop."""

    _loop_factory = OneThread


def hurry(options: Options) -> Setting:
    """How this user opens everything, but for the pace of time."""
    clock, user = clock_in(os.environ), user_settings(os.environ)

    def connect(vendor: Vendor, own: ProviderSettings, key: Secret) -> Carrier:
        proxy = own.proxy.reveal() if own.proxy else ""
        return HttpCarrier(Line(own.url, key, proxy, vendor.name), now=clock.now)

    plain = setting_of(options)
    hosted = replace(
        plain.hosted, open=lambda names: services(user, os.environ, names, connect=connect)
    )
    return replace(plain, clock=clock, hosted=hosted, workers=Threads)


@command("run", targets=True)
@planning.scoped
@running.with_options
def run(show: Show, options: Options, **own: Any) -> int:
    setting = hurry(options)
    opened = Opened(Project.open(options.path, setting), setting)
    return running.carry_out(show, options, opened, own)


@command("resume", targets=True)
def resume(show: Show, options: Options) -> int:
    return resuming.carry_out(show, options, hurry(options))


class Doom:
    """A profiler that ends the process before a numbered call into C; 0 never comes."""

    _CALLS = frozenset(
        ("fsync", "fdatasync", "rename", "replace", "link", "unlink", "send", "connect", "execute",
         "executemany")
    )  # fmt: skip

    def __init__(self, number: int) -> None:
        self.seen, self._number = 0, number

    def __call__(self, _frame: object, event: str, call: Any) -> None:
        if event == "c_call" and call.__name__ in self._CALLS:
            self.seen += 1
            if self.seen == self._number:
                os.kill(os.getpid(), signal.SIGKILL)

    def note(self) -> None:
        """Say how many there were."""
        sys.setprofile(None)
        Path(os.environ["HOME"], "calls").write_text(str(self.seen), encoding="ascii")


def hurried(words: list[str]) -> int:
    """Those two commands in the place of their own; whatever happens ends as it does at the door."""
    if os.environ.get(INLINE) or os.environ.get(KILL):
        asyncio.set_event_loop_policy(Policy())
    doom = Doom(int(os.environ.get(KILL, "0")))
    sys.unraisablehook = unheard
    if KILL in os.environ:
        sys.setprofile(doom)
    try:
        return cli.run(words, table=TABLE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  (as the door of the program does it)
        return report(error, words, os.environ, sys.stderr)
    finally:
        if KILL in os.environ:
            doom.note()


if __name__ == "__main__":
    sys.exit(hurried(sys.argv[1:]))
