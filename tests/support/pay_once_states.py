"""Faults, laws and the walk over every reachable state of the pay-once protocol.

Whatever can happen to the processes happens at every point; every law is asked of every state.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pay_once_model import (
    AFTER_POWER,
    FREE,
    INTENT,
    NUMBER,
    PROGRAM,
    REJECTED,
    RESULT,
    UNKNOWN,
    VOID,
    WHOLE,
    At,
    Next,
    Rules,
    State,
    Walker,
    arrived,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


# What happens to the processes: faults, and submits that arrive after all.


def following(rules: Rules, state: State) -> Next:
    """Every state that can come next, with what leads to it."""
    for me, (at, _) in enumerate(state.procs):
        w = Walker(rules, state, me)
        for label, after in PROGRAM[at](w):
            yield f"{'AB'[me]}: {label}", after
        if state.kills and at not in (At.DOWN, At.STOP):
            free = FREE if state.lock == me else state.lock
            yield f"{'AB'[me]}: SIGKILL", w.go(At.DOWN, 0, lock=free, kills=state.kills - 1)
    yield from landing(rules, state)
    if state.powers:
        yield from blackout(state)


def landing(rules: Rules, state: State) -> Next:
    """A submit under way arrives, or dies."""
    for number in set(state.wire):
        rest = list(state.wire)
        rest.remove(number)
        left = state._replace(wire=tuple(rest))
        yield "arrives late", left._replace(billed=arrived(rules, state.billed, number))
        yield "dies under way", left


def blackout(state: State) -> Next:
    """Any beginning of the unsynced records survives, and what the disk kept of the bytes."""
    down = tuple((int(At.DOWN), 0) for _ in state.procs)
    for kept in range(len(state.tail) + 1):
        for left in AFTER_POWER[state.bytes]:
            yield f"POWER LOSS, {kept} unsynced kept", state._replace(
                procs=down, lock=FREE, disk=state.disk + state.tail[:kept], tail=(),
                bytes=left, powers=state.powers - 1,
            )  # fmt: skip


# What must hold in every state.


def once(state: State) -> bool:
    """I1: billed at most once."""
    return len(state.billed) <= 1


def foreseen(state: State) -> bool:
    """I2: whatever is billed has its intent on the disk itself."""
    return all(INTENT + number in state.disk for number in state.billed)


def disproved(state: State) -> bool:
    """I3: what is recorded as never accepted is not billed."""
    ended = (record - VOID for record in state.disk + state.tail if record & ~NUMBER == VOID)
    refused = (r - REJECTED for r in state.disk + state.tail if r & ~NUMBER == REJECTED)
    return not any(number in state.billed for number in (*ended, *refused))


def held(state: State) -> bool:
    """I4: a recorded result has its bytes, whole."""
    made = any(r & ~NUMBER == RESULT for r in state.disk + state.tail)
    return not made or state.bytes in WHOLE


LAWS: Final[Mapping[str, Callable[[State], bool]]] = {
    "I1 paid once": once,
    "I2 nothing paid without a durable intent": foreseen,
    "I3 nothing paid that was called void": disproved,
    "I4 a result has its bytes": held,
}
_ENDS: Final = frozenset({RESULT, REJECTED, UNKNOWN})


def is_end(state: State) -> bool:
    """Whether it may end here: with a result, a refusal, a question, or no submit left to try."""
    records = state.disk + state.tail
    return not state.posts or bool(records and records[-1] & ~NUMBER in _ENDS)


@dataclass(frozen=True, slots=True)
class Explored:
    """How many states there are; the broken law and the way to it, if one is; ends, stuck ones."""

    states: int
    broken: str = ""
    trace: tuple[str, ...] = ()
    ends: int = 0
    stuck: int = 0


def explore(
    rules: Rules,
    begin: State,
    laws: Mapping[str, Callable[[State], bool]] = LAWS,
) -> Explored:
    """Visit every state that can be reached, nearest first, up to the first broken law."""
    seen: dict[State, tuple[str, State] | None] = {begin: None}
    waiting = deque([begin])
    ends = stuck = 0
    while waiting:
        state = waiting.popleft()
        broken = next((said for said, holds in laws.items() if not holds(state)), "")
        if broken:
            return Explored(len(seen), broken, _trace(seen, state))
        after = list(following(rules, state))
        ends += not after
        stuck += not after and not is_end(state)
        for label, then in after:
            if then not in seen:
                seen[then] = (label, state)
                waiting.append(then)
    return Explored(len(seen), ends=ends, stuck=stuck)


def _trace(seen: Mapping[State, tuple[str, State] | None], state: State) -> tuple[str, ...]:
    steps: list[str] = []
    back = seen[state]
    while back is not None:
        steps.append(back[0])
        back = seen[back[1]]
    return tuple(reversed(steps))
