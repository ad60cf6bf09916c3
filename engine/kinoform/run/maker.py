"""Makes one artifact and records it; among all processes of this machine, once.

A key is held from before the work until its record can be read: who comes second waits, and takes
what the first has made.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from kinoform.core.errors import KinoformError, Problem
from kinoform.core.ledger import to_record
from kinoform.core.money import ZERO, dollars
from kinoform.run.bench import inline, local
from kinoform.run.holds import Holds
from kinoform.run.rounds import Rounds
from kinoform.run.work import crashed, refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from kinoform.core.types import Action, Result, Step
    from kinoform.run.bench import Shop
    from kinoform.run.buy import Buyer
    from kinoform.run.halt import Halt
    from kinoform.run.journal import Journal

_POLL = 0.1  # seconds between two looks at a key that another process holds


class _Taken(Exception):  # noqa: N818  (not a fault: somebody else is at work)
    """Another process holds the key."""


class Maker:
    """`made` is what this run has made itself, by key."""

    def __init__(self, shop: Shop, journal: Journal, halt: Halt) -> None:
        self._shop, self._journal, self._halt = shop, journal, halt
        self._results = Rounds(shop.results)
        self.made: dict[str, Result] = {}

    @cached_property
    def _buyer(self) -> Buyer:
        from kinoform.run.buy import Buyer  # noqa: PLC0415  (local work buys nothing)

        return Buyer(self._shop, self._journal, self._halt)

    async def close(self) -> None:
        """Let go of what was used to buy, if anything was bought."""
        if "_buyer" in vars(self):
            await self._buyer.close()

    def inline(
        self, actions: Sequence[Action]
    ) -> tuple[list[Result | KinoformError], dict[str, bytes]]:
        """Make them right here, where it takes no time, nor the record of a start.

        Each, or the fault that it alone met; and the bytes of all that came, by digest.
        """
        made, datas = inline(self._shop, actions)
        return [*map(self._noted, made)], datas

    def _noted(self, made: Result | KinoformError) -> Result | KinoformError:
        try:
            return made if isinstance(made, KinoformError) else self._record(made)
        except KinoformError as error:
            return error

    async def make(self, action: Action, *, again: bool, reserve: Decimal = ZERO) -> Result | None:
        """Make it, or take what another process made of it meanwhile, but for `again`.

        `reserve` is the most that a purchase may take, in USD. None when this run was asked to stop
        before it ended. Raises KinoformError.
        """
        try:
            with Holds() as stack:
                if not await self._hold(stack, action):
                    return None
                found = await self._found(action, again=again)
                if found is not None:
                    self._journal.tell("reused", {}, action.step, action.take, action.key)
                if found is not None or self._halt.stopping:
                    return found
                return await self._work(action, reserve, again=again)
        except KinoformError:
            raise
        except OSError as error:
            raise refused(action.op.name, error) from error
        except Exception as error:
            raise crashed(action.op.name, error) from error

    async def _found(self, action: Action, *, again: bool) -> Result | None:
        """What is there already. To buy again means: unless somebody else has done so meanwhile."""
        if not again:
            return self._whole(action.key, await self._results.of(action.key))
        with suppress(KinoformError):  # lost: that is why it is bought again
            if action.op.kind == "hosted":
                return self._whole(action.key, await self._results.of(action.key))
        return None

    def recorded(self, key: str) -> Result | None:
        """A whole result that the ledger has now. Raises KinoformError for a lost purchase."""
        return self._whole(key, self._shop.results({key}).get(key))

    def _whole(self, key: str, found: Result | None) -> Result | None:
        """The same of what the ledger has of a key."""
        if found is None:
            return None
        digests = {blob.digest for blob in found.outputs}
        if self._shop.store.has(digests) == digests:
            return found
        if found.kind == "hosted":
            raise KinoformError(gone(found.step, found.step, key))
        return None

    async def _work(self, action: Action, reserve: Decimal, *, again: bool) -> Result | None:
        self._note("started", action)
        if action.op.kind != "hosted":
            return self._record(await local(self._shop, action), now=True)
        result = await self._buyer.buy(action, reserve, again=again)
        if result is not None:
            self.made[result.key] = result
        return result

    def _record(self, result: Result, *, now: bool = False) -> Result:
        self._journal.note("result", to_record(result), result.step, result.take, result.key)
        if now:
            self._journal.flush()
        self.made[result.key] = result
        return result

    async def _hold(self, stack: Holds, action: Action) -> bool:
        """Wait until the key is ours alone, till `stack` is closed; False when nothing new may start."""
        told = ""
        while not self._halt.stopping:
            holder = self._holder(stack, action.key)
            if not holder:
                return True
            if holder != told:
                self._note("held", action, f"{holder} works on it")
            told = holder
            await self._halt.nap(_POLL)
        return False

    def _holder(self, stack: Holds, key: str) -> str:
        """Take the key if it is free; who holds it if not."""
        try:
            stack.enter_context(self._shop.locks.hold(key, _refuse))
        except _Taken as taken:
            return str(taken)
        return ""

    def _note(self, kind: str, action: Action, *why: str) -> None:
        said = {"why": list(why)} if why else {}
        self._journal.note(kind, said, action.step, action.take, action.key)


def _refuse(holder: str) -> None:
    raise _Taken(holder)


def gone(step: str, name: str, key: str, price: str = "") -> Problem:
    """What was bought and is not there: never bought again by itself, and at which price it would be.

    `name` is that of the take. What its other bytes make stale has to be made again as well.
    """
    said = f"{name} was bought (recipe {key[:12]}) and its bytes are not in this store"
    again = f"kinoform run --rebuy {step} buys it again{price}, and then what is made from it"
    return Problem(
        "lost", said, hint=f"kinoform pull DIR brings it, if somebody pushed it; {again}"
    )


def lost(step: Step, take: int, key: str) -> Problem:
    """The same of a take of a step whose price is known; `--rebuy` names all lost takes of it."""
    several = step.takes > 1 or take > 1
    each = " a take" if several else ""
    price = f" for {dollars(step.price)}{each}" if step.price else ""
    return gone(step.id, f"{step.id}#{take}" if several else step.id, key, price)
