"""From the words of a person to a running emulator: one world, made as wished, on one port.

The signals of a process end it; nothing here prints.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kinoform.api.models import catalog
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, UsageError
from kinoform.core.words import short
from kinoform.emulator.clock import Time
from kinoform.emulator.modes import MODES
from kinoform.emulator.render import Painter
from kinoform.emulator.server import HOST, Server
from kinoform.emulator.world import Latency, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_HOSTS = (HOST, "localhost")


@dataclass(frozen=True, slots=True)
class Wish:
    """How the emulator is to be. `latency` is seconds of its clock for any task; None: by kind.

    `modes` are `name=answer`; no `keys` means that every key is taken; `faults` is a file with a
    plan; `project` is a folder whose `models/` are known too.
    """

    host: str = HOST
    port: int = 0
    latency: float | None = None
    speed: float = 1.0
    seed: int = 0
    render: bool = True
    keys: Sequence[str] = ()
    modes: Sequence[str] = ()
    faults: Path | None = None
    project: Path | None = None


def start(wish: Wish, ready: Callable[[str], None]) -> None:
    """Serve until a signal asks for the end. `ready` gets the base address once it listens.

    Raises UsageError or SpecError for a wish that cannot be met, EnvError for a port that is taken.
    """
    if wish.host not in _HOSTS:
        said = f"the emulator listens on this machine only, not on {short(wish.host)}"
        raise UsageError(Problem("not-this-machine", said, hint=f"leave --host out: it is {HOST}"))
    world = made(wish)
    try:
        server = Server(world, wish.port)
    except OSError as error:
        said = f"port {wish.port} cannot be listened on: {error.strerror}"
        raise EnvError(Problem("port-taken", said, hint="--port 0 takes a free one")) from error
    with _ending(server.stop), _briefly(lambda: server.ending):
        ready(server.base)
        asyncio.run(server.serve())


def made(wish: Wish) -> World:
    """The world that was wished for, not yet served."""
    answers = dict(map(chosen, wish.modes))
    world = World(catalog(wish.project), time=Time(wish.speed), seed=wish.seed)
    if wish.latency is not None:
        world.latency = Latency(wish.latency, wish.latency)
    world.modes.update(answers)
    world.keys = frozenset(wish.keys)
    if wish.faults:
        world.faults.load(_read(wish.faults), name=str(wish.faults))
    world.painter = Painter(render=wish.render)
    return world


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(Problem("path-not-found", f"{path}: {error.strerror}")) from error


def chosen(text: str) -> tuple[str, str]:
    """Name and answer of `name=answer`. Raises UsageError."""
    name, _, answer = text.partition("=")
    if name not in MODES:
        near = get_close_matches(name, MODES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(MODES)}"
        raise UsageError(Problem("unknown-mode", f"there is no mode {short(name)!r}", hint=hint))
    _, answers, asks = MODES[name]
    if answer in answers or (not answers and answer.isdecimal()):
        return name, answer
    wanted = " or ".join(answers) or "a number of seconds"
    said = f"the mode {name} is {wanted}, not {short(answer)!r}"
    raise UsageError(Problem("bad-mode", said, hint=f"it says {asks}"))


@contextmanager
def _ending(stop: Callable[[], None]) -> Iterator[None]:
    """Signals end it, and end it well: the server raises them once more when it has stopped."""
    before = {number: signal.signal(number, lambda *_: stop()) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _briefly(ending: Callable[[], bool]) -> Iterator[None]:
    """A fault of our own is one line on stderr; what breaks off at the end is none."""

    def brief(record: logging.LogRecord) -> bool:
        kind, error, _ = record.exc_info or (None, None, None)
        if kind:
            record.msg, record.args = f"the emulator has a fault: {kind.__name__}: {error}", ()
            record.exc_info = None
        return not ending()

    log = logging.getLogger("uvicorn.error")
    log.addFilter(brief)
    try:
        yield
    finally:
        log.removeFilter(brief)
