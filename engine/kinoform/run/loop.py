"""The run: start what may start, settle what is ready, only then wait.

A failed step stops only what depends on it. The first request to stop drains: nothing new starts
and what works is finished; the second ends it. Keys behind hosted steps become known here, with
the same functions that made the plan's.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import EnvError, KinoformError, Problem, SpendError, WaitError
from kinoform.core.frontier import Frontier
from kinoform.core.money import ZERO
from kinoform.core.report import Ended, RunReport
from kinoform.core.tasks import STANDING, last_word
from kinoform.core.types import Outcome, Ref
from kinoform.run.halt import Halt, Stop
from kinoform.run.journal import Journal
from kinoform.run.maker import Maker, lost
from kinoform.run.nodes import nodes, parted
from kinoform.run.sayings import damaged, exit_of, no_provider
from kinoform.run.settling import Known
from kinoform.run.showing import Showing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.types import Action, Blob, Decision, Result, Source
    from kinoform.run.bench import Shop
    from kinoform.run.order import Order

_ENDED_WELL = ("done", "reused")
_AGAIN = ("forced", "rebuy")
_TURN = 64  # steps in one turn of the loop, if they are done at once
_TASK = 8  # of those, as many as one counts that is only begun
_GRACE = 10.0  # seconds that requests under way have after the first wish to stop
# How a hosted step ends by what stood in its way: its money, the world around it, or itself.
_HOSTED: tuple[tuple[type[KinoformError], Outcome], ...] = (
    (WaitError, "waiting"),
    (SpendError, "blocked"),
    (EnvError, "blocked"),
)
_PASSED = (*_ENDED_WELL, "skipped", "lost")  # the plan has blocked what reads a lost result
_OUTCOMES: dict[str, Outcome] = {
    "skip": "skipped",
    "lost": "lost",
    "pick": "waiting",
    "blocked": "blocked",
}


class Loop:
    """One run under way."""

    def __init__(self, order: Order, shop: Shop, stop: Stop) -> None:
        self._order, self._shop, self._stop = order, shop, stop
        self._stood, self._decisions = parted(order.survey, order.plan.decisions)
        self._nodes = nodes(order.survey, self._decisions, self._stood)
        self._known = Known(order.survey, self._nodes)
        self._frontier = Frontier(
            self._nodes.needs, self._nodes.rank(), self._nodes.pools(), order.limits
        )
        names = order.run, order.project
        self._journal = Journal(shop.ledger, shop.clock, *names, order.tell, order.scopes)
        self._journal.caps, self._journal.share = order.caps, order.unpriced
        self._halt = Halt(shop.clock)
        self._maker = Maker(shop, self._journal, self._halt)
        self._ended: dict[int, Ended] = {}
        self._twins: dict[str, list[int]] = {}
        self._tasks: dict[asyncio.Task[Any], int] = {}
        self._over: list[asyncio.Task[Any]] = []
        self._small: list[tuple[int, Action]] = []  # begun, and done all at once
        self._wake = asyncio.Event()
        self._showing = Showing(order.gallery)

    async def run(self) -> RunReport:
        """Everything that can be done; what was not started when asked to stop is waiting."""
        self._journal.note("run-started", {"fingerprint": self._order.plan.fingerprint})
        self._stop.listen(self._pressed)
        try:
            self._leave_out()
            while not self._frontier.finished:
                await self._start()
                self._journal.ease()
                self._showing.go_on()
                self._order.rest()
                if not self._tasks:
                    break
                await self._next()
                if self._stop.presses > 1:
                    break
        finally:
            await self._abandon()
            notes = await self._leave()
        return self._close(notes)

    async def _leave(self) -> tuple[Problem, ...]:
        """Let go of what was used, show what is left and take notes, at once: each waits for a disk."""
        has_paid = any(ended.paid for ended in self._ended.values())
        _, notes, _ = await asyncio.gather(
            asyncio.to_thread(self._showing.close),
            asyncio.to_thread(self._order.leave if has_paid else tuple),
            self._maker.close(),
        )
        return notes

    def _leave_out(self) -> None:
        """What is settled takes no part: it is counted, and looked at in one go by who shows it."""
        stood = (*self._stood.values(),)
        for one in stood:
            if one.before != one.key:
                self._mark(one.step, one.take, one.key)
        self._showing.again(self._nodes.settled, stood, self._nodes.step)

    async def _start(self) -> None:
        """A handful at a time: the first of a thousand are on their way before the last is begun."""
        ready, begun = self._frontier.ready(), 0
        while not self._stop.presses and (place := next(ready, None)) is not None:
            before = len(self._tasks)
            self._begin(place)
            begun += self._carry(place) if self._small else 1
            begun += (_TASK - 1) * (len(self._tasks) - before)
            if begun >= _TURN:
                await asyncio.sleep(0)
                begun = 0

    async def _next(self) -> None:
        """Until something is over or somebody presses; then everything that is over."""
        await self._wake.wait()
        self._wake.clear()
        over, self._over = self._over, []
        for ended in map(self._finished, over):
            if ended is not None:
                self._conclude(*ended)
        self._spoil()

    def _pressed(self) -> None:
        """From now on nothing sleeps and nothing new is sent."""
        if not self._halt.stopping:
            self._halt.stop()
            asyncio.get_running_loop().call_later(_GRACE, self._let_go)
        self._wake.set()

    def _let_go(self) -> None:
        """What hosted work still waits for is on record: the next run goes on from there."""
        for task, place in self._tasks.items():
            if self._nodes.steps[place].op.kind == "hosted":
                task.cancel()

    def _ended_task(self, task: asyncio.Task[Any]) -> None:
        self._over.append(task)
        self._wake.set()

    async def _abandon(self) -> None:
        """End what still works, on the second request or when the run itself broke."""
        if self._tasks:
            self._shop.executor.close(now=True)
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def _spoil(self) -> None:
        """Fail those whose bytes were found damaged when they were shown."""
        for place in self._showing.damaged():
            if place in self._nodes.settled:
                self._known.recall(place)
                del self._stood[self._nodes.nodes[place]]
            self._over_with(place, self._failed(place, damaged()))

    def _close(self, notes: tuple[Problem, ...]) -> RunReport:
        self._spoil()
        for place in range(len(self._nodes.needs)):
            if place not in self._ended:
                self._ended[place] = self._end(place, "waiting")
        interrupted = bool(self._stop.presses)
        self._journal.note("run-ended", {"interrupted": interrupted})
        self._journal.close()
        places = sorted(self._ended, key=self._nodes.nodes.__getitem__)
        ended, stood = map(self._ended.__getitem__, places), self._stood.values()
        return RunReport(self._order.run, tuple(ended), interrupted, notes, tuple(stood))

    # one node, from ready to begun

    def _decision(self, place: int) -> Decision:
        return self._decisions[self._nodes.nodes[place]]

    def _begin(self, place: int) -> None:
        decision = self._decision(place)
        self._known.recall(place)
        if decision.verdict in ("run", "wait"):
            self._attempt(place)
        elif self._order.survey.pick(self._nodes.nodes[place]) is not None:
            self._settle(place, self._chosen(place, decision))
        elif decision.verdict == "reuse":
            self._reuse(place, None)
        else:
            way, why = _OUTCOMES[decision.verdict], self._why(place, decision)
            ended = self._end(place, way, problems=why)
            self._settle(place, replace(ended, exit=exit_of(decision)))

    def _chosen(self, place: int, decision: Decision) -> Ended:
        """A step for which a person's choice stands, whatever its recipe says now."""
        blob = self._order.survey.world.chosen.get(decision.step)
        if decision.verdict == "lost" or blob is None:
            return self._end(place, "lost", problems=self._why(place, decision))
        ended = self._end(place, "reused", (blob,) if decision.take == 1 else ())
        pick = self._order.survey.world.picks[decision.step]
        return replace(ended, key="", take=pick.take or 1, recipe=pick.recipe)

    def _why(self, place: int, decision: Decision) -> tuple[Problem, ...]:
        """What stands in the way of a step that is not even tried."""
        if decision.verdict in ("lost", "reuse"):  # a choice whose bytes nobody knows, too
            return (lost(self._nodes.steps[place], decision.take, decision.key),)
        if decision.verdict == "blocked" and decision.reasons[0].kind in STANDING:
            last = last_word(self._shop.ledger.tasks({decision.key}))
            from kinoform.run.buy import standing  # noqa: PLC0415  (few steps wait for a person)

            said = standing(last).problems if last else ()
            return tuple(replace(p, message=f"{decision.step}: {p.message}") for p in said)
        return ()

    def _attempt(self, place: int) -> None:
        blockers = [self._ended[n].outcome for n in self._nodes.needs[place] if self._is_dead(n)]
        if blockers:
            waits = all(outcome == "waiting" for outcome in blockers)
            self._settle(place, self._end(place, "waiting" if waits else "blocked"))
            return
        try:
            action, blobs = self._known.bind(place, self._order.check)
            held = self._held(place, action.key)
            if held is None and action.key not in self._twins:
                self._supply(blobs)
        except KinoformError as error:
            self._settle(place, self._failed(place, error))
            return
        if held is not None or action.key in self._twins:
            self._reuse(place, held)
        else:
            self._work(place, action)

    def _is_dead(self, place: int) -> bool:
        return place in self._ended and self._ended[place].outcome not in _PASSED

    def _supply(self, blobs: Mapping[Source, Blob]) -> None:
        for source, blob in blobs.items():
            if not isinstance(source, Ref):
                self._order.supply(source, blob)

    def _held(self, place: int, key: str) -> Result | None:
        """A whole result for a key that the plan could not know."""
        if key in self._maker.made or self._known.foreseen(place):
            return self._maker.made.get(key)
        return self._maker.recorded(key)

    def _reuse(self, place: int, result: Result | None) -> None:
        key = self._known.keys[place]
        found = result or self._maker.made.get(key)
        if found is not None:
            self._settle(place, self._end(place, "reused", found.outputs), found)
        elif key in self._twins:
            self._twins[key].append(place)
        else:
            self._settle(place, self._end(place, "blocked"))

    def _work(self, place: int, action: Action) -> None:
        pool, is_hosted = action.op.pool, action.op.kind == "hosted"
        if is_hosted and pool not in self._shop.services:
            absent = self._order.absent.get(pool) or no_provider(action)
            self._settle(place, self._end(place, "blocked", problems=(absent,)))
            return
        self._twins[action.key] = []
        if pool == "inline":
            self._small.append((place, action))
            return
        decision = self._decision(place)
        again = any(reason.kind in _AGAIN for reason in decision.reasons)
        # What is under way was reserved before; what comes in its place may not be bought for 0.
        known = (decision.price and decision.price.worst) or self._nodes.steps[place].price
        reserve = self._order.unpriced if known is None else known
        work = self._maker.make(action, again=again, reserve=reserve)
        self._frontier.occupy(place)
        task = asyncio.create_task(work)
        self._tasks[task] = place
        task.add_done_callback(self._ended_task)

    def _carry(self, first: int) -> int:
        """Do what was begun and takes no time, with others of its kind that are ready; how many.

        One at a time where the next must not begin if this one fails.
        """
        others = self._frontier.alike(first, 0 if self._order.fail_fast else _TURN - 1)
        for place in others:
            self._begin(place)
        small, self._small = self._small, []
        made, datas = self._maker.inline([action for _, action in small])
        self._showing.hold(datas)
        for (place, _), found in zip(small, made, strict=True):
            if isinstance(found, KinoformError):
                self._conclude(place, self._failed(place, found))
            else:
                self._conclude(place, self._made(place, found), found)
        return 1 + len(others)

    # one node, from finished to settled

    def _finished(
        self, task: asyncio.Task[Result | None]
    ) -> tuple[int, Ended, Result | None] | None:
        place = self._tasks.pop(task)
        self._frontier.release(place)
        if task.cancelled():
            return None
        error = task.exception()
        if isinstance(error, KinoformError):
            return place, self._failed(place, error), None
        if error is not None:
            raise error
        result = task.result()
        return None if result is None else (place, self._made(place, result), result)

    def _made(self, place: int, result: Result) -> Ended:
        if result.key not in self._maker.made:  # another process was faster
            return self._end(place, "reused", result.outputs)
        return self._end(place, "done", result.outputs, made=result)

    def _conclude(self, place: int, ended: Ended, result: Result | None = None) -> None:
        """A node that had work of its own is over, and so are those that wait for the same."""
        self._settle(place, ended, result)
        for twin in self._twins.pop(ended.key):
            self._reuse(twin, result)

    def _settle(self, place: int, ended: Ended, result: Result | None = None) -> None:
        if ended.outcome in _ENDED_WELL:
            self._known.outputs[place] = ended.outputs
            self._publish(place, ended, result)
        self._over_with(place, ended)
        self._frontier.settle(place)

    def _over_with(self, place: int, ended: Ended) -> None:
        self._ended[place] = ended
        if ended.outcome not in (*_ENDED_WELL, "skipped"):
            why = {"why": [problem.message for problem in ended.problems]}
            self._journal.note(ended.outcome, why, ended.step, ended.take, ended.key)
        if ended.outcome == "failed" and self._order.fail_fast and not self._stop.presses:
            self._stop.press()

    def _publish(self, place: int, ended: Ended, result: Result | None) -> None:
        head = self._order.survey.world.heads.get((ended.step, ended.take))
        if ended.outcome == "reused" and ended.key and ended.key != head:
            self._mark(ended.step, ended.take, ended.key)
        self._showing.add(place, self._nodes.steps[place], ended, result)

    def _mark(self, step: str, take: int, key: str) -> None:
        """Let what was there before be on record as the last of its step."""
        self._journal.note("head", {}, step, take, key)

    def _end(
        self,
        place: int,
        outcome: Outcome,
        outputs: tuple[Blob, ...] = (),
        problems: tuple[Problem, ...] = (),
        made: Result | None = None,
    ) -> Ended:
        step, take = self._nodes.step(place), self._nodes.nodes[place][1]
        key, recipe = self._known.keys.get(place, ""), self._known.recipes.get(place, "")
        cost = (made.paid, made.seconds) if made else (ZERO, 0.0)
        return Ended(step.id, take, outcome, key, recipe, outputs, *cost, problems)

    def _failed(self, place: int, error: KinoformError) -> Ended:
        step = self._nodes.step(place)
        named = tuple(
            Problem(p.code, f"{step.id}: {p.message}", p.where or step.where, p.hint, p.path)
            for p in error.problems
        )
        outcome: Outcome = "failed"
        if step.op.kind == "hosted":
            outcome = next((o for kind, o in _HOSTED if isinstance(error, kind)), "failed")
        return replace(self._end(place, outcome, problems=named), exit=error.exit)
