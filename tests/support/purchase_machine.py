"""A state machine over the real driver, providers and ledgers: any order of faults, kills and time.

The laws are those of the pay-once protocol; who breaks one is shown the shortest way to it.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter, deque
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cloud import FATES, PRICE, WAYS, Bought, Cloud
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mortals import Disk
from virtual_time import VirtualClock, VirtualLoop
from workshop import PROJECT, Process, Terms, action, key_of, populate

from kinoform.core import settling
from kinoform.core.errors import KinoformError
from kinoform.core.ledger import from_record
from kinoform.core.money import ZERO
from kinoform.core.tasks import Task, fold_tasks

if TYPE_CHECKING:
    from kinoform.core.types import Action

WANTED: Final = (
    ("runware", "a stair", 1),
    ("runware", "a lamp", 2),
    ("wavespeed", "a boat", 1),
    ("wavespeed", "a wave", 2),
    ("wavespeed", "a beam", 1),
)
OTHER: Final = {"a beam": "wavespeed/kwaivgi/kling-image-v3"}  # what is made with another model
NOT_SUBMITS: Final = ("slow", "unsent", "lost", "cut", "page", "garbled", "rate", "rate-30")
FINAL: Final = frozenset(
    {"done", "partial", "refused", "rejected", "broken", "void", "gone", "settled", "unknown"}
)
SPANS: Final = (0.0, 0.06, 0.2, 1.0, 5.0, 20.0, 61.0, 130.0, 700.0, 3500.0, 7300.0, 90_000.0)
_CALM: Final = 9 * 86_400.0  # seconds after which whatever can end has ended
_ENOUGH: Final = 4  # rounds of recovery

# What all machines have seen: submits, bills, kills, and tasks by the state in which they ended.
SEEN: Final[Counter[str]] = Counter()

ways = st.lists(st.sampled_from(["fine", *WAYS]), min_size=1, max_size=4)
asked = st.lists(st.sampled_from(["fine", *NOT_SUBMITS]), min_size=1, max_size=4)
fates = st.lists(st.sampled_from(FATES), min_size=1, max_size=3)


class Purchases(RuleBasedStateMachine):
    """Two processes of one user, four things to buy, two services, and everything that goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        populate(self.loop)
        asyncio.set_event_loop(self.loop)
        self.folder = Path(tempfile.mkdtemp(prefix="kinoform-machine-"))
        self.wrongs: list[str] = []
        self.loop.set_exception_handler(lambda _loop, said: self._unhandled(said))
        self.voided: dict[str, Task] = {}
        self.processes: list[Process] = []
        self.works: list[asyncio.Task[Any]] = []

    def _unhandled(self, said: dict[str, Any]) -> None:
        if not isinstance(said.get("exception"), asyncio.CancelledError | KinoformError):
            self.wrongs.append(f"unhandled: {said}")

    @initialize(
        sqlite=st.booleans(),
        taken=st.booleans(),
        policy=st.sampled_from(["ask", "ask", "wait", "resubmit"]),
        few=st.booleans(),
        at_once=st.sampled_from([4, 4, 1]),
    )
    def begin(self, *, sqlite: bool, taken: bool, policy: str, few: bool, at_once: int) -> None:
        """A machine, a user, both services."""
        self.disk = Disk(self.folder, sqlite=sqlite)
        self.cloud = Cloud(VirtualClock(self.loop), self._mark, taken=taken)
        self.terms = Terms(policy, PRICE * 4, at_once, PRICE * (5 if few else 1000))
        self.processes = [self._process(1), self._process(2)]

    def _process(self, number: int) -> Process:
        return Process(self.disk, self.cloud, self.terms, f"process {number}")

    def _mark(self, provider: str, prompt: str) -> Task | None:
        """A submit leaves: the intent that stands for it, on the disk itself (I2)."""
        synced = fold_tasks(self.disk.written[: self.disk.synced]).values()
        mine = [t for t in synced if t.key == key_of(prompt) and t.state in ("intended", "unknown")]
        if len(mine) != 1:
            self.wrongs.append(f"I2: {prompt} was submitted with {len(mine)} intents on the disk")
            return None
        return mine[0]

    # what happens

    @rule(submits=ways, questions=asked, fates=fates, outlived=st.sampled_from([0, 0, 1, 9]))
    def weather(
        self, submits: list[str], questions: list[str], fates: list[str], outlived: int
    ) -> None:
        """What the next requests, tasks and addresses meet with."""
        self.cloud.ways.setdefault("submit", deque()).extend(submits)
        self.cloud.ways.setdefault("ask", deque()).extend(questions)
        self.cloud.fates.extend(fates)
        self.cloud.outlived += outlived

    @rule(seconds=st.sampled_from([60.0, 600.0, 5000.0]))
    def too_many_requests(self, seconds: float) -> None:
        self.cloud.busy_until = self.cloud.clock.now() + seconds

    @rule(number=st.integers(0, 1))
    def buy_all(self, number: int) -> None:
        for what in WANTED:
            self.buy(number, what, again=False)

    @rule(number=st.integers(0, 1), what=st.sampled_from(WANTED), again=st.booleans())
    def buy(self, number: int, what: tuple[str, str, int], *, again: bool) -> None:
        """As a run does, or `--rebuy`."""
        process = self.processes[number]
        if process.body.alive:
            self.works.append(process.buy(_action(*what), again=again))

    @rule(number=st.integers(0, 1))
    def resume(self, number: int) -> None:
        if self.processes[number].body.alive:
            self.works.append(self.processes[number].resume())

    @rule(seconds=st.sampled_from(SPANS))
    def time_passes(self, seconds: float) -> None:
        self.cloud.clock.pass_by(seconds)

    @rule(turns=st.integers(1, 12))
    def a_moment_passes(self, turns: int) -> None:
        for _ in range(turns):
            self.loop.call_soon(lambda: None)
            self.loop.step()

    @rule(
        number=st.integers(0, 1),
        how=st.sampled_from(["killed", "doomed", "cut off", "stopped"]),
        effects=st.integers(0, 8),
        after=st.booleans(),
    )
    def death(self, number: int, how: str, effects: int, *, after: bool) -> None:
        """SIGKILL now or in the middle of some effect, a power cut, or Ctrl-C and patience."""
        body = self.processes[number].body
        if how == "doomed":
            body.fuse, body.after = effects, after
            return
        if how == "stopped":
            self.processes[number].halt.stop()
            self.loop.run_until_complete(asyncio.sleep(11))
        for process in self.processes:
            if how == "cut off" or process.body is body:
                process.body.die()
        self.loop.step()
        if how == "cut off":
            self.disk.power_cut()
        self._restart()

    @rule(which=st.integers(0, 9), how=st.sampled_from(sorted(settling.DECISIONS)))
    def settle(self, which: int, how: settling.How) -> None:
        """A person decides; nobody works on it meanwhile."""
        tasks = [t for t in self._tasks() if how in settling.choices(t)]
        tasks = [t for t in tasks if t.key not in self.disk.held]
        if not tasks:
            return
        task = tasks[which % len(tasks)]
        adopted = self._own(task)
        if how == "adopt" and not adopted:
            return
        event = settling.decided(task, how, self.cloud.clock.now(), by="ana", adopted=adopted)
        self.disk.ledger.append([event])
        self.disk.note([event], synced=True)

    def _own(self, task: Task) -> str:
        """What a person finds at the provider: a task for this prompt that nobody has."""
        known = {each.task for each in self._tasks() if each.id != task.id}
        mine = (b.id for b in self.cloud.bought if key_of(b.prompt) == task.key)
        return next((name for name in mine if name not in known), "")

    def _restart(self) -> None:
        for number, process in enumerate(self.processes):
            if not process.body.alive:
                SEEN["deaths"] += 1
                self.processes[number] = self._process(number + 1)

    # what holds

    def _tasks(self) -> tuple[Task, ...]:
        return self.disk.ledger.tasks()

    @invariant()
    @precondition(lambda self: bool(self.processes))
    def laws(self) -> None:
        self._restart()
        assert not self.wrongs, self.wrongs
        for work in self.works:
            if work.done() and not work.cancelled():
                error = work.exception()
                assert error is None or isinstance(error, KinoformError), repr(error)
        self.works = [work for work in self.works if not work.done()]
        tasks = fold_tasks(self.disk.written)  # I6: raises for what the table does not allow
        assert {t.id: t.state for t in self._tasks()} == {t.id: t.state for t in tasks.values()}
        self._paid_once()
        self._void_for_ever(tasks)
        self._within_the_cap(tasks)
        self._whole()

    def _paid_once(self) -> None:
        """I1."""
        attempts: Counter[tuple[str, int]] = Counter()
        for each in self.cloud.bought:
            attempts[each.prompt, each.mark.epoch] += each.times
        twice = {attempt: times for attempt, times in attempts.items() if times > 1}
        assert not twice, f"I1: billed more than once: {twice}"

    def _void_for_ever(self, tasks: dict[str, Task]) -> None:
        """I3, unless a person said so."""
        for each in self.cloud.bought:
            intent = tasks[each.mark.id]
            by_hand = intent.data.get("how") == "never-happened"
            ended = intent.state in ("void", "rejected") and not by_hand
            story = [e for e in self.disk.written if e.data.get("intent") == intent.id]
            assert not ended or self._is_other(each, tasks), f"I3: billed {each}: {story}"

    def _is_other(self, each: Bought, tasks: dict[str, Task]) -> bool:
        """Whether a later intent of the same id has taken over what this one began."""
        return any(t.task == each.id and t.id != each.mark.id for t in tasks.values())

    def _within_the_cap(self, tasks: dict[str, Task]) -> None:
        """I5."""
        mine = [t for t in tasks.values() if t.project == PROJECT]
        total = sum((t.reserved + t.paid for t in mine), ZERO)
        assert total <= self.terms.cap, f"I5: {total} of {self.terms.cap}"

    def _whole(self) -> None:
        """I4."""
        for event in self.disk.written:
            if event.kind == "result":
                for blob in from_record(event.data).outputs:
                    data = self.disk.files.get(blob.digest, b"")
                    assert blob.digest == f"sha256:{sha256(data).hexdigest()}", f"I4: {blob}"

    # the end

    def teardown(self) -> None:
        try:
            if self.processes:
                self._calm_down()
        finally:
            for process in self.processes:
                process.body.die()
            pending = asyncio.all_tasks(self.loop)
            for task in pending:
                task.cancel()
            if pending:
                self.loop.run_until_complete(asyncio.wait(pending))
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _calm_down(self) -> None:
        """I8 and I7: with no more faults everything ends, and then nothing more is done."""
        self.cloud.calm()
        for process in self.processes:
            process.body.fuse = None
        self.cloud.clock.pass_by(_CALM, 1000)
        for _ in range(_ENOUGH):
            self._recover()
        self.laws()
        left = [t for t in self._tasks() if t.state not in FINAL and not self._is_phantom(t)]
        assert not left, f"I8: {left}"
        before = self._tasks(), sum(self.cloud.sent.values()), len(self.cloud.bought)
        self._recover()
        after = self._tasks(), sum(self.cloud.sent.values()), len(self.cloud.bought)
        assert [t.state for t in before[0]] == [t.state for t in after[0]], "I7"
        assert before[1:] == after[1:], "I7"
        SEEN.update(t.state for t in before[0])
        SEEN.update(machines=1, submits=before[1], bills=before[2])

    def _is_phantom(self, task: Task) -> bool:
        """Whether it waits for what there is not: adopted, or a conflict with what was refused."""
        there = self.cloud.of(task.provider, task.task)
        return task.state == "parked" and there is None

    def _recover(self) -> None:
        process = self._process(3)
        self.cloud.clock.grain = 1.0
        self.loop.run_until_complete(process.resume())
        process.body.die()
        self.loop.step()


def _action(provider: str, prompt: str, count: int) -> Action:
    return action(provider, prompt, count, OTHER.get(prompt, ""))


def played(examples: int, steps: int) -> None:
    """Play so many machines of so many steps each."""
    run_state_machine_as_test(
        Purchases,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def seen() -> str:
    """What came by, in one line."""
    told = dict(SEEN)
    counts = [f"{told.pop(name, 0)} {name}" for name in ("machines", "submits", "bills", "deaths")]
    ends = ", ".join(f"{state} {count}" for state, count in sorted(told.items()))
    return f"{', '.join(counts)}; tasks: {ends}; 0 laws broken"
