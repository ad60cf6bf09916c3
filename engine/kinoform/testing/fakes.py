"""Stand-ins for tests of whole runs: a provider that counts submits, ops that glue, an own clock.

They are real implementations of the ports; nothing is patched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from kinoform.core.classes import dataclass
from kinoform.ports import (
    Accepted,
    Account,
    Cursor,
    Done,
    Fail,
    FetchError,
    Made,
    Output,
    Reply,
    Request,
    Send,
    Service,
    Wait,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kinoform.core.types import Action, Expect, Facts
    from kinoform.ports import Fetched, Insert, Move

T = TypeVar("T")
Answer = Callable[["Action"], bytes]


def by_key(action: Action) -> bytes:
    """Bytes that follow from the request."""
    return f"made for {action.key}".encode()


@dataclass(slots=True)
class FakeProvider:
    """A provider and the network to it: answers with `answer(action)`, counts what was submitted.

    `refuses` holds ids of steps whose tasks fail, `why` the class of failure; `price` is USD a task;
    `lose` is how many answers to submits get lost on their way.
    """

    name: str = "runware"
    answer: Answer = by_key
    price: Decimal = Decimal("0.01")
    refuses: set[str] = field(default_factory=set)
    submits: Counter[str] = field(default_factory=Counter)
    why: str = "broken"
    lose: int = 0
    at_once: int = 4
    fold_most: int = 50
    billed: set[str] = field(default_factory=set)

    # the provider

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """Submit, be accepted, be done; a step that is refused fails."""
        if cursor.stage == "running":
            return Done(tuple(self._outputs(action)))
        if reply is not None and not reply.fault:
            if action.step in self.refuses:
                return Fail(self.why, "refused")
            return Accepted(f"task-{action.key[:8]}", Cursor("running", cursor.data))
        if reply is not None:
            return Wait(0.01, cursor)
        body = json.dumps([action.step, cursor.data["task"]]).encode()
        request = Request("POST", "", (body,))
        return Send(request, Cursor("submitted", cursor.data), spends=True, repeatable=True)

    def _outputs(self, action: Action) -> Iterator[Output]:
        for number, expect in enumerate(action.expects):
            cost = Decimal(0) if number else self.price
            yield Output(data=self.answer(action), media=expect.media, cost=cost)

    def gate(self, action: Action) -> str:
        """None."""
        del action
        return ""

    def fold(self, requests: Sequence[Request]) -> Request:
        """Never asked: its requests have no fold."""
        return requests[0]

    def split(self, requests: Sequence[Request], reply: Reply) -> Sequence[Reply]:
        """Never asked."""
        return [reply for _ in requests]

    # the network

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        """Count the submit; bill it once for each task id."""
        del insert
        (body,) = request.body
        assert isinstance(body, bytes)  # noqa: S101  (the driver puts every part in place)
        step, task = json.loads(body)
        self.submits[step] += 1
        if step not in self.refuses:
            self.billed.add(task)
        if self.lose:
            self.lose -= 1
            return Reply(fault="lost", said="the answer was lost")
        return Reply(200)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """Nothing is fetched: the bytes come with the answer."""
        del path, most, held
        raise FetchError("gone", url)

    async def close(self) -> None:
        """Nothing to let go of."""

    def services(self) -> dict[str, Service]:
        """This provider with the network to it, and an account at it."""
        return {self.name: Service(self, self, make_account(self.name, self.at_once))}


def make_account(provider: str, at_once: int = 4) -> Account:
    """An account without a key."""

    def task_id(key: str, epoch: int) -> str:
        return str(UUID(bytes=sha256(f"{key}#{epoch}".encode()).digest()[:16], version=4))

    return Account(provider, "0123456789ab", task_id, at_once, at_once)


def believe(files: Sequence[tuple[Path, Expect]]) -> list[tuple[str, Facts] | str]:
    """A check of downloads that takes every file for what was wanted."""
    return [(expect.media, expect.facts) for _, expect in files]


class Here:
    """An executor that works in this process, one job after the other."""

    async def run(
        self, work: Callable[..., T], /, *args: Any, limit: float | None = None, kept: bool = False
    ) -> T:
        """The result of `work(*args)`; the limit is not enforced."""
        del limit, kept
        return work(*args)

    def close(self, *, now: bool = False) -> None:
        """Nothing runs."""


def glue(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """A local op that joins what it reads: other inputs or parameters give other bytes."""
    seen = sha256(action.key.encode())
    for digest in sorted(files):
        seen.update(files[digest].read_bytes())
    path = out / "glued"
    path.write_bytes(f"{action.op.name} {seen.hexdigest()}".encode())
    expect = action.expects[0]
    return (Made(path, expect.media, expect.facts, "glue 1"),)


def other_glue(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """The same op by another build of its tool: same derivation, other bytes."""
    (made,) = glue(action, files, out)
    made.path.write_bytes(made.path.read_bytes() + b" by another build")
    return (Made(made.path, made.media, made.facts, "glue 2"),)


OPS = dict.fromkeys(
    ("local/concat", "local/contact-sheet", "local/frame", "local/resize", "draft/sketch"),
    "kinoform.testing.fakes:glue",
) | {"local/text": "kinoform.ops.text:perform"}
