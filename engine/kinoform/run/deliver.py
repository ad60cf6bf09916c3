"""From a finished task to its artifacts: fetched, verified, in the store, and only then a result.

Every step may be repeated: a crash costs a download, never the thing.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, OpError, Problem, SpendError
from kinoform.core.ledger import blob_of, blob_record, to_record
from kinoform.core.money import dollars, text
from kinoform.core.types import Blob, Result
from kinoform.ports import Done, FetchError, Output
from kinoform.run import intents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action, Expect
    from kinoform.run.inspector import Inspector
    from kinoform.run.till import Till

# Bytes that a result may have, by the family of its media type.
MOST: Final = {"image": 64 * 2**20, "video": 2 * 2**30, "audio": 256 * 2**20}
_LARGEST: Final = max(MOST.values())
_TRIES: Final = 3


class GoneError(Exception):
    """An address no longer leads to its result: ask the provider for another."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What it takes to bring results home."""

    till: Till
    inspector: Inspector

    def announce(self, task: Task, done: Done) -> Task:
        """Write down where the results are, and what they cost, while they are fetched."""
        samples = [intents.sample(output) for output in done.outputs]
        said = {"samples": samples, "missing": done.missing, "why": done.said}
        return self.till.journal.announce(task, "sample", said)

    async def bring(self, action: Action, task: Task, done: Done) -> Result:
        """All of it, on record. Raises GoneError, KinoformError."""
        held = tuple(map(blob_of, task.data.get("held", ())))
        cost = _cost(task, done, len(action.expects) - len(held))
        pairs = zip(done.outputs, action.expects[len(held) :], strict=False)
        ways = [self.fetch(output, expect) for output, expect in pairs]
        # One alone, as nearly all are, needs no task of its own.
        came = [await ways[0]] if len(ways) == 1 else await asyncio.gather(*ways)
        for output, blob in zip(done.outputs, came, strict=False):
            self.till.remember(blob.digest, output.ref, output.fresh)
        if not (held or done.missing):
            self.till.compare(action, task, cost)
        blobs = (*held, *came)
        if len(blobs) < len(action.expects):
            await self._part(task, blobs, cost, done)
        result = self._result(action, task, blobs, cost, done)
        await self.till.journal.record(task, "result", to_record(result))
        return result

    async def _part(self, task: Task, blobs: Sequence[Blob], cost: Decimal, done: Done) -> None:
        """Some came and some did not: what came is held, and the rest is a person's to decide."""
        stored = [blob_record(blob) for blob in blobs]
        said = {"paid": text(cost), "stored": stored, "why": done.said}
        await self.till.journal.record(task, "partial", said)
        told = f"{len(blobs)} results came, {done.missing} did not ({dollars(cost)}): {done.said}"
        hint = f"--rebuy {task.step} buys those that are missing"
        raise OpError(Problem("partial-results", told, hint=hint))

    def _result(
        self, action: Action, task: Task, blobs: Sequence[Blob], cost: Decimal, done: Done
    ) -> Result:
        return Result(
            key=action.key,
            step=action.step,
            take=action.take,
            op=action.op.name,
            kind="hosted",
            outputs=tuple(blobs),
            manifest=action.manifest,
            paid=cost,
            seconds=round(self.till.shop.clock.now() - task.begun, 3),
            seed=next((o.seed for o in done.outputs if o.seed is not None), None),
            grade="archived",
            model_digest=action.op.model_digest,
            task=task.task,
        )

    async def fetch(self, output: Output, expect: Expect) -> Blob:
        """One result: fetched, decoded, kept. Bytes that do not decode are fetched again."""
        said = ""
        for _ in range(_TRIES):
            path = self.inspector.place()
            try:
                data, digest = await self._fetch(output, path, expect)
                found = await self.inspector.take(path, expect, data)
                if isinstance(found, Blob) and digest in ("", found.digest):
                    return found
                said = "the disk holds other bytes" if isinstance(found, Blob) else found
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            path.unlink(missing_ok=True)
            if not output.url or await self.till.halt.nap(1.0):
                break
        raise EnvError(
            Problem("result-damaged", f"what came is no {expect.media}: {said}", hint=_RESUME)
        )

    async def _fetch(self, output: Output, path: Path, expect: Expect) -> tuple[bytes, str]:
        """Its bytes, where they are few, else they are at the path; and what was hashed on the way."""
        if output.data:
            return output.data, ""
        most, room = MOST.get(expect.media.partition("/")[0], _LARGEST), self.inspector.room
        try:
            came = await self.till.service.carrier.fetch(output.url, path, most, room)
        except FetchError as error:
            if error.kind == "gone":
                raise GoneError(str(error)) from error
            said = f"its result could not be fetched: {error}"
            raise EnvError(Problem("not-fetched", said, hint=_RESUME)) from error
        return came.data, came.digest


_RESUME: Final = "it is paid and not lost: kinoform resume fetches it"


def _cost(task: Task, done: Done, asked: int) -> Decimal:
    """USD that this attempt took: what the provider says, else its share of what was reserved."""
    came = len(done.outputs)
    said = [output.cost for output in done.outputs if output.cost is not None]
    if said and len(said) == came:
        return sum(said, Decimal(0))
    return task.estimate * came / max(asked, came, 1)


def stored(task: Task) -> Done | None:
    """The results that a task's record names, if it names any."""
    rows: Sequence[dict[str, Any]] = task.data.get("samples", ())
    if not rows or not all(row.get("url") for row in rows):
        return None
    outputs = tuple(
        replace(Output(**{**row, "cost": None}), cost=_amount(row.get("cost"))) for row in rows
    )
    return Done(outputs, int(task.data.get("missing", 0)), str(task.data.get("why", "")))


def _amount(said: str | None) -> Decimal | None:
    return None if said is None else Decimal(said)


def gone(task: Task, why: str) -> SpendError:
    """What was paid for and cannot be had any more."""
    said = f"{dollars(task.estimate)} were spent and the result is gone: {why} (task {task.task})"
    hint = f"kinoform settle {task.id[:8]} --forget, and --rebuy {task.step} to buy it again"
    return SpendError(Problem("paid-lost", said, hint=hint))
