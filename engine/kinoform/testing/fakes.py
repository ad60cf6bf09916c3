"""Stand-ins for tests of whole runs: a provider that counts submits, ops that glue, an own clock.

They are real implementations of the ports; nothing is patched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from kinoform.ports import Done, Fail, Made, Output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.core.types import Action
    from kinoform.ports import Cursor, Move, Reply

T = TypeVar("T")
Answer = Callable[["Action"], bytes]


def by_key(action: Action) -> bytes:
    """Bytes that follow from the request."""
    return f"made for {action.key}".encode()


@dataclass(slots=True)
class FakeProvider:
    """Answers every task at once with `answer(action)` and counts what it was asked and paid.

    `refuses` holds ids of steps whose tasks fail; `price` is USD a task.
    """

    name: str = "runware"
    answer: Answer = by_key
    price: Decimal = Decimal("0.01")
    refuses: set[str] = field(default_factory=set)
    submits: Counter[str] = field(default_factory=Counter)

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """Done, or Fail for a step that is refused."""
        del cursor, reply
        self.submits[action.step] += 1
        if action.step in self.refuses:
            return Fail("moderation", "refused")
        outputs = (Output(self.answer(action), e.media, e.facts) for e in action.expects)
        return Done(tuple(outputs), self.price, task=f"task-{action.key[:8]}")


class Here:
    """An executor that works in this process, one job after the other."""

    async def run(self, work: Callable[..., T], /, *args: object, limit: float | None = None) -> T:
        """The result of `work(*args)`; the limit is not enforced."""
        del limit
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
