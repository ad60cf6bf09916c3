"""An emulator of both providers on a real loopback port: in a thread, or as `kinoform emulate`."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import threading
import urllib.request
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinoform.api.models import catalog
from kinoform.emulator.clock import Time
from kinoform.emulator.render import Painter
from kinoform.emulator.server import Server
from kinoform.emulator.world import Latency, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

KEY = "k-emulated"
_LONG = 1e9  # seconds of a clock
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Levers:
    """A running emulator, read and moved by its own levers."""

    base: str

    @property
    def runware(self) -> str:
        """Where tasks for Runware are posted."""
        return f"{self.base}/v1"

    @property
    def socket(self) -> str:
        """The websocket of Runware."""
        return f"ws{self.base.removeprefix('http')}/v1"

    @property
    def wavespeed(self) -> str:
        """The base address of WaveSpeed."""
        return self.base

    def ledger(self) -> dict[str, Any]:
        """Every bill and their sum."""
        return self._ask("ledger")

    def paid(self) -> dict[str, int]:
        """Task id to how often it was billed."""
        return {bill["task"]: bill["times"] for bill in self.ledger()["bills"]}

    def tasks(self) -> list[dict[str, Any]]:
        """Every task there is."""
        found: list[dict[str, Any]] = self._ask("tasks")["tasks"]
        return found

    def jump(self, seconds: float) -> None:
        """Move its clock."""
        self._ask("clock", {"seconds": seconds})

    def modes(self, **answers: str) -> None:
        """Answer open questions otherwise."""
        self._ask("modes", answers)

    def faults(self, *rules: Mapping[str, Any], seed: int = 0) -> None:
        """Put a plan in force, in place of the one there was."""
        self._ask("faults", {"seed": seed, "rules": list(rules)})

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Inside, whoever connects is refused, however long that lasts: only this connection goes on."""
        held = http.client.HTTPConnection(self.base.removeprefix("http://"), timeout=30)

        def refuse(seconds: float) -> None:
            held.request("POST", "/_emulator/listener", json.dumps({"seconds": seconds}))
            held.getresponse().read()

        with closing(held):
            refuse(_LONG)
            try:
                yield
            finally:
                refuse(0)

    def fired(self) -> list[int]:
        """How often each rule of the plan has struck."""
        return [rule["fired"] for rule in self._ask("faults")["rules"]]

    def _ask(self, name: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with _OPENER.open(f"{self.base}/_emulator/{name}", data, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@dataclass(frozen=True, slots=True)
class Emulator(Levers):
    """One in this process. `world` belongs to its thread: look, but change nothing there."""

    world: World


@dataclass(frozen=True, slots=True)
class Launched(Levers):
    """One in a process of its own."""

    pid: int


@contextmanager
def launched(*options: str) -> Iterator[Launched]:
    """`kinoform emulate` with these options, for what wants a processor or a life of its own.

    It draws nothing unless it is told `--render`.
    """
    plain = () if "--render" in options else ("--no-render",)
    more = [option for option in options if option != "--render"]
    argv = [sys.executable, "-m", "kinoform", "emulate", "--json", *plain, *more]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Launched(_document(process)["wavespeed"], process.pid)
        finally:
            process.terminate()


def _document(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The JSON that it says when it listens."""
    text = ""
    for line in process.stdout or ():
        text += line
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            continue
        return found
    raise AssertionError(f"the emulator ended with {process.wait()}: {text}")


@contextmanager
def running(
    *,
    speed: float = 1.0,
    latency: float = 0.0,
    render: bool = False,
    keys: Sequence[str] = (),
    modes: Mapping[str, str] | None = None,
    project: Path | None = None,
) -> Iterator[Emulator]:
    """An emulator for as long as the block runs. `latency` is seconds of its clock for every task.

    The models of a `project` are known too.
    """
    world = World(catalog(project), time=Time(speed))
    world.latency = Latency(latency, latency)
    world.painter = Painter(render=render)
    world.keys = frozenset(keys)
    world.modes.update(modes or {})
    server = Server(world)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield Emulator(server.base, world)
    finally:
        server.stop()
        thread.join(20)


def new_id() -> str:
    """A UUID v4."""
    return str(uuid.uuid4())


def picture(**fields: Any) -> dict[str, Any]:
    """A right task for one picture."""
    return {
        "taskType": "imageInference",
        "taskUUID": new_id(),
        "model": "klingai:kling-image@o3",
        "positivePrompt": "a lighthouse in a storm",
        "width": 1024,
        "height": 1024,
        "deliveryMethod": "async",
        "includeCost": True,
        **fields,
    }


def clip(**fields: Any) -> dict[str, Any]:
    """A right task for one clip."""
    return {
        "taskType": "videoInference",
        "taskUUID": new_id(),
        "model": "klingai:kling-video@o3-pro",
        "positivePrompt": "the lamp turns slowly",
        "width": 1920,
        "height": 1080,
        "duration": 3,
        "deliveryMethod": "async",
        "includeCost": True,
        **fields,
    }


def poll(*names: str) -> list[dict[str, Any]]:
    """Tasks that ask about these tasks."""
    return [{"taskType": "getResponse", "taskUUID": name} for name in names]
