"""A small film at both providers, run again and again by real processes, and its accounts afterwards.

What was billed is asked of the emulator, what was recorded of the ledger, what is served of `out/`.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from hurried import VARIABLE, Clock

from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulator import Levers
    from kinoform.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Film:
    """A pipeline (NAME stands for the project's), what it buys of whom, files in `out/` at its end."""

    text: str
    bought: Mapping[str, int]
    files: int = 6


_STEPS = """\
kinoform: 1
name: course
models: {first: FIRST, second: SECOND, third: THIRD}
shots: {a: {does: a lamp in NAME}, b: {does: a boat before NAME}}
steps:
  still:
    uses: first
    foreach: shots
    with: {prompt: "{{ shot.does }}"SIZE}
  paint:
    uses: second
    foreach: shots
    with: {prompt: "{{ shot.does }}, in ink", image: "${{ out.still }}"}
  small:
    uses: local/resize
    with: {image: "${{ out.paint['a'] }}", size: 320x320}
  last:
    uses: third
    with: {prompt: the same at night, image: "${{ out.small }}"SIZE}
"""
_SIZED = ', size: "1K 1:1"'
_RUNWARE, _EDIT = "runware/klingai:kling-image@o3", "runware/klingai:kling-image@3"
_WAVESPEED = "wavespeed/kwaivgi/kling-image-o3"


def _film(first: str, second: str, third: str, bought: Mapping[str, int]) -> Film:
    text = _STEPS.replace("FIRST", first).replace("SECOND", second).replace("THIRD", third)
    return Film(text.replace("SIZE", _SIZED), bought)


# Six steps, of which five are bought: two pictures, both painted over, one of these made small and
# edited. At both providers, and all at one.
BOTH = _film(_RUNWARE, _WAVESPEED, _EDIT, {"runware": 3, "wavespeed": 2})
ALONE = {
    "runware": _film(_RUNWARE, _EDIT, _EDIT, {"runware": 5}),
    "wavespeed": _film(_WAVESPEED, _WAVESPEED, _WAVESPEED, {"wavespeed": 5}),
}
# How fast an emulator's clock goes, and with it that of who speaks to it. A submit that is in doubt is taken
# for its task only if that was made within two minutes of its intent: a busy machine needs some seconds.
PACE = ("--speed", "25")
LATE = {"seconds": 20}
_OTHERS = ("poll", "list", "upload", "download")
_SOME = {"probability": 0.05}
# Replies to submits that are lost, half of them before anything was billed, half of them after it; others are
# late, which leaves time to be killed in the middle of a submit. Of all other replies some are lost.
LOST = (
    {"point": "submit-before-billing", "match": {"probability": 0.075}, "fault": "drop"},
    {"point": "submit-after-billing", "match": {"probability": 0.075}, "fault": "drop"},
    {"point": "submit-before-billing", "match": {"probability": 0.2}, "fault": {"delay": LATE}},
    {"point": "submit-after-billing", "match": {"probability": 0.2}, "fault": {"delay": LATE}},
    *({"point": point, "match": _SOME, "fault": "drop"} for point in _OTHERS),
)

# What nobody may ever read.
_WORDS = ("Traceback", "fault of its own", "is locked", "ledger-busy", "op-crashed")


@dataclass
class Course:
    """One project with a home and API keys of its own."""

    folder: Path
    levers: Levers
    clock: Clock | None = None
    film: Film = BOTH
    name: str = "course"
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root, self.home = self.folder / "film", self.folder / "home"
        self.root.mkdir(parents=True)
        (self.folder / "config.yaml").touch()
        text = self.film.text.replace("NAME", self.name)
        (self.root / "pipeline.yaml").write_text(text, encoding="utf-8")
        self.environ = environment(self.folder, self.levers, self.clock, self.name)

    @property
    def said(self) -> Path:
        """Everything that its runs have put out."""
        return self.folder / "said.txt"

    @property
    def words(self) -> list[str]:
        """What is run."""
        return ["run", str(self.root), "--max-cost", "10"]

    def talk(self) -> str:
        """What its runs have said so far."""
        return self.said.read_text(encoding="utf-8") if self.said.exists() else ""

    def bills(self) -> Counter[str]:
        """Provider -> how often something of this project was billed."""
        mine = self._accounts()
        found: Counter[str] = Counter()
        for bill in self.levers.ledger()["bills"]:
            if bill["account"] in mine:
                found[bill["provider"]] += bill["times"]
        return found

    def billed(self) -> set[str]:
        """Ids of the tasks of this project that were billed."""
        bills, mine = self.levers.ledger()["bills"], self._accounts()
        return {bill["task"] for bill in bills if bill["account"] in mine}

    def faults(self) -> list[str]:
        """What is wrong with what is billed, served, recorded, said; empty when all is well."""
        bills = self.bills()
        dear = [] if bills == self.film.bought else [f"billed {dict(bills)}"]
        return [*dear, *self._served(), *self._recorded(), *self._swapped(), *self._said()]

    def unheard(self) -> list[str]:
        """What was billed without an intent of ours on the disk; to be asked at any time."""
        with SqliteLedger(self.home / "ledger.sqlite", read_only=True) as ledger:
            tasks = ledger.tasks()
        ours, mine = {task.task for task in tasks}, self._accounts()
        bills = [bill for bill in self.levers.ledger()["bills"] if bill["account"] in mine]
        begun = sum(task.provider == "wavespeed" for task in tasks)
        made = [bill["task"] for bill in bills if bill["provider"] == "wavespeed"]
        known = [bill["task"] in ours for bill in bills if bill["provider"] == "runware"]
        return [
            *([] if all(known) else ["runware"]),
            *([] if len(made) <= begun else ["wavespeed"]),
        ]

    def _accounts(self) -> set[str]:
        return {mark(key) for key in keys(self.name).values()}

    def _served(self) -> list[str]:
        names = [path for path in (self.root / "out").rglob("*") if path.is_file()]
        known = self._digests()
        wrong = [path.name for path in names if digest(path) not in known]
        few = [] if len(names) == self.film.files else [f"{len(names)} files in out/"]
        return [*(f"{name} is not what the ledger says" for name in wrong), *few]

    def _digests(self) -> set[str]:
        with SqliteLedger(self.home / "ledger.sqlite", read_only=True) as ledger:
            done = {event.key for event in ledger.events() if event.kind == "result"}
            return {
                blob.digest.removeprefix("sha256:")
                for result in ledger.results(done).values()
                for blob in result.outputs
            }

    def _recorded(self) -> list[str]:
        with SqliteLedger(self.home / "ledger.sqlite", read_only=True) as ledger:
            tasks = ledger.tasks()
        left = [f"{task.step} is {task.state}" for task in tasks if task.is_open]
        ours = {task.task for task in tasks if task.state == "done"}
        theirs = self.billed()
        return [*left, *([] if ours == theirs else [f"recorded {ours}, billed {theirs}"])]

    def _swapped(self) -> list[str]:
        """Steps whose task was billed for another request than theirs."""
        bills = {bill["task"]: bill["request"] for bill in self.levers.ledger()["bills"]}
        with SqliteLedger(self.home / "ledger.sqlite", read_only=True) as ledger:
            done = [task for task in ledger.tasks() if task.state == "done"]
        store = LocalStore(self.home / "store")
        wrong = [task.step for task in done if bills.get(task.task) != _asked(task, store)]
        return [f"{step} holds what another step asked for" for step in wrong]

    def _said(self) -> list[str]:
        talk = self.talk()
        words = [word for word in _WORDS if word in talk]
        crashes = list((self.home / "crash").glob("*"))
        return [*(f"{word!r} was said" for word in words), *map(str, crashes)]


def _asked(task: Task, store: LocalStore) -> str:
    """The digest of its request, as the emulator makes it."""
    text = task.data.get("body") or store.path(str(task.data["request"])).read_bytes()
    body = json.loads(text)
    request = body[0] if isinstance(body, list) else body
    return sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def mark(key: str) -> str:
    """How the emulator tells accounts apart."""
    return sha256(key.encode()).hexdigest()[:12]


def keys(name: str) -> dict[str, str]:
    """API keys of a project of this name."""
    return {provider: f"k-{provider}-{name}" for provider in ("runware", "wavespeed")}


def environment(folder: Path, levers: Levers, clock: Clock | None, name: str) -> dict[str, str]:
    """The environment of a user with both keys, who reaches the emulator only."""
    own = keys(name)
    here = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": python_path(),
        "KINOFORM_HOME": str(folder / "home"),
        "KINOFORM_CONFIG": str(folder / "config.yaml"),
        "KINOFORM_RUNWARE_URL": levers.runware,
        "KINOFORM_WAVESPEED_URL": levers.wavespeed,
        "RUNWARE_API_KEY": own["runware"],
        "WAVESPEED_API_KEY": own["wavespeed"],
    }
    return here if clock is None else {**here, VARIABLE: clock.text()}


def in_step(levers: Levers) -> Clock:
    """A clock that says what the emulator's says."""
    told = levers._ask("clock")
    return Clock(float(told["now"]), time.monotonic(), float(told["speed"]))


def digest(path: Path) -> str:
    """sha256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def python_path() -> str:
    """Where a child looks for modules: here, and where this process was told to look."""
    told = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(filter(None, (str(Path(__file__).parent), told)))
