"""The pay-once protocol as a small machine whose every reachable state can be visited.

Two processes, one purchase, a provider, a disk that forgets what was not synced. Nothing of the
engine is used: this is the protocol as written down, so that a fault of either shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


Provider: TypeAlias = Literal["refuses", "lists", "silent"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The protocol, and what a mutant leaves out.

    `provider`: `refuses` a second task of one id, which we choose; `lists` what it was given, under
    ids of its own; `silent` does neither.
    """

    provider: Provider = "refuses"
    lock: bool = True  # one process at a time works on a key
    intent: bool = True  # an intent is recorded before a submit
    sync_intent: bool = True  # and synced
    sync_start: bool = True  # what a start reads is synced before it is acted upon
    same_id: bool = True  # the id follows from the request
    settle: bool = True  # a list is read once what is under way has landed or died
    doubt_refusal: bool = True  # a refused repeat proves nothing while the first is under way
    bytes_first: bool = True  # bytes are kept before the result is recorded
    sync_bytes: bool = True  # and synced before they get their name
    sync_name: bool = True  # and so is the name
    ask: bool = True  # where nobody can tell, a person is asked


def without(provider: Provider, rule: str) -> Rules:
    """The protocol for that provider with one rule left out."""
    changed: dict[str, Any] = {rule: False}
    return replace(Rules(provider), **changed)


class At(IntEnum):
    """Where a process stands: what it will do next."""

    DOWN = 0
    LOCK = 1
    READ = 2
    INTEND = 3
    SYNC_INTENT = 4
    SUBMIT = 5
    REPEAT = 6
    DOUBT = 7
    PROVE = 8
    VOID = 9
    SYNC_VOID = 10
    REJECTED = 11
    UNKNOWN = 12
    SYNC_END = 13
    ACK = 14
    SYNC_ACK = 15
    POLL = 16
    SYNC_SAMPLE = 17
    FETCH = 18
    SYNC_BYTES = 19
    NAME = 20
    SYNC_NAME = 21
    RESULT = 22
    SYNC_RESULT = 23
    SERVE = 24
    STOP = 25


# A record is its kind plus the number of its intent.
INTENT, ACK, SAMPLE, RESULT, VOID, REJECTED, UNKNOWN = (16 * n for n in range(1, 8))
NUMBER: Final = 15


class Bytes(IntEnum):
    """What became of the bytes: all but the last five are no file under its name."""

    NONE = 0
    PART = 1  # written beside, not synced
    FIRM = 2  # written beside, synced
    LOOSE = 3  # named, never synced
    NAMED = 4  # synced and named, the name is not synced
    KEPT = 5
    TORN = 6  # named, and half of it is gone


WHOLE: Final = frozenset({Bytes.LOOSE, Bytes.NAMED, Bytes.KEPT})
# What a power loss may leave of them.
AFTER_POWER: Final[Mapping[int, tuple[Bytes, ...]]] = {
    Bytes.NONE: (Bytes.NONE,),
    Bytes.PART: (Bytes.NONE,),
    Bytes.FIRM: (Bytes.NONE,),
    Bytes.LOOSE: (Bytes.NONE, Bytes.TORN, Bytes.KEPT),
    Bytes.NAMED: (Bytes.NONE, Bytes.KEPT),
    Bytes.KEPT: (Bytes.KEPT,),
    Bytes.TORN: (Bytes.TORN,),
}


class State(NamedTuple):
    """Everything: `disk` and `tail` are synced and unsynced records, `wire` submits under way.

    `wire` and `billed` hold numbers of intents. The last three are faults and submits still to come.
    """

    procs: tuple[tuple[int, int], ...]
    lock: int
    disk: tuple[int, ...]
    tail: tuple[int, ...]
    wire: tuple[int, ...]
    billed: tuple[int, ...]
    bytes: int
    kills: int
    powers: int
    posts: int


Next: TypeAlias = "Iterator[tuple[str, State]]"
FREE: Final = -1


def first(kills: int, powers: int, posts: int) -> State:
    """Two processes that have not begun."""
    procs = ((int(At.DOWN), 0), (int(At.DOWN), 0))
    return State(procs, FREE, (), (), (), (), Bytes.NONE, kills, powers, posts)


class Walker(NamedTuple):
    """One process in one state, about to take its next step under some rules."""

    rules: Rules
    state: State
    me: int

    @property
    def number(self) -> int:
        """The intent that it works on."""
        return self.state.procs[self.me][1]

    def go(self, at: At, number: int | None = None, **changes: object) -> State:
        """The state with this process there."""
        mine = (int(at), self.number if number is None else number)
        procs = (mine, self.state.procs[1]) if self.me == 0 else (self.state.procs[0], mine)
        return self.state._replace(procs=procs, **changes)  # type: ignore[arg-type]  # fields by name

    def write(self, record: int, then: At, number: int | None = None) -> State:
        """The state with one more record, not synced yet; the same one twice says nothing more."""
        of = self.number if number is None else number
        if record + of in self.state.disk + self.state.tail:
            return self.go(then, of)
        return self.go(then, of, tail=(*self.state.tail, record + of))

    def sync(self, then: At) -> State:
        """The state with every record on the disk."""
        return self.go(then, disk=self.state.disk + self.state.tail, tail=())

    def accepted(self) -> tuple[int, ...]:
        """What is billed once this submit has arrived."""
        return arrived(self.rules, self.state.billed, self.number)

    def mine_is_billed(self) -> bool:
        """Whether the provider has a task that is ours, as far as it can tell."""
        by_id = self.rules.provider == "refuses" and self.rules.same_id
        return bool(self.state.billed) if by_id else self.number in self.state.billed


def arrived(rules: Rules, billed: tuple[int, ...], number: int) -> tuple[int, ...]:
    """What is billed after a submit arrives: the same, where it is refused as a second one."""
    second = rules.provider == "refuses" and rules.same_id and billed
    return billed if second else (*billed, number)


# The program, one function for each place.

_GO_ON: Final[Mapping[int, At]] = {
    0: At.INTEND,
    VOID: At.INTEND,
    INTENT: At.DOUBT,
    ACK: At.POLL,
    SAMPLE: At.FETCH,
    RESULT: At.SERVE,
    REJECTED: At.STOP,
}


def start(w: Walker) -> Next:
    yield "start", w.go(At.LOCK if w.rules.lock else At.READ)


def lock(w: Walker) -> Next:
    if w.state.lock == FREE:
        yield "lock", w.go(At.READ, lock=w.me)


def read(w: Walker) -> Next:
    if w.rules.sync_start and w.state.tail:
        yield "sync what is read", w.sync(At.READ)
        return
    records = w.state.disk + w.state.tail
    last = records[-1] if records else 0
    looks_again = At.DOUBT if w.rules.provider == "lists" else At.STOP
    yield "read", w.go(_GO_ON.get(last & ~NUMBER, looks_again), last & NUMBER)


def intend(w: Walker) -> Next:
    if not w.state.posts:
        yield "no submit left", w.go(At.STOP)
        return
    then = At.SYNC_INTENT if w.rules.sync_intent else At.SUBMIT
    number = 1 + sum(r & ~NUMBER == INTENT for r in w.state.disk + w.state.tail)
    if w.rules.intent:
        yield "intent", w.write(INTENT, then, number)
    else:
        yield "no intent", w.go(then, number)


def submit(w: Walker) -> Next:
    yield from _sent(w)
    if w.state.posts:
        left = w.state.posts - 1
        yield "not sent", w.go(At.VOID, posts=left)
        if not w.mine_is_billed():
            yield "turned down", w.go(At.REJECTED, posts=left)


def repeat(w: Walker) -> Next:
    yield from _sent(w)
    if w.state.posts and not w.mine_is_billed():
        then = At.PROVE if w.rules.doubt_refusal else At.REJECTED
        yield "repeat turned down", w.go(then, posts=w.state.posts - 1)


def _sent(w: Walker) -> Next:
    if not w.state.posts:
        yield "no submit left", w.go(At.STOP)
        return
    left, billed = w.state.posts - 1, w.accepted()
    yield "accepted", w.go(At.ACK, posts=left, billed=billed)
    yield "accepted, answer lost", w.go(At.DOUBT, posts=left, billed=billed)
    yield "under way", w.go(At.DOUBT, posts=left, wire=(*w.state.wire, w.number))
    yield "lost on the way", w.go(At.DOUBT, posts=left)


def doubt(w: Walker) -> Next:
    yield from _DOUBT[w.rules.provider](w)


def _send_again(w: Walker) -> Next:
    yield "send again", w.go(At.REPEAT if w.rules.same_id else At.INTEND)


def _look_up(w: Walker) -> Next:
    if w.number in w.state.wire and w.rules.settle:
        return  # it lands or dies first
    if w.mine_is_billed():
        yield "found in the list", w.go(At.ACK)
        yield "several in the list", w.go(At.UNKNOWN)
    else:
        yield "not in the list", w.go(At.VOID)


def _give_up(w: Walker) -> Next:
    yield "nobody can tell", w.go(At.UNKNOWN if w.rules.ask else At.INTEND)


_DOUBT: Final[Mapping[str, Callable[[Walker], Next]]] = {
    "refuses": _send_again,
    "lists": _look_up,
    "silent": _give_up,
}


def prove(w: Walker) -> Next:
    if w.number not in w.state.wire:
        yield "asked by its id", w.go(At.ACK if w.mine_is_billed() else At.REJECTED)


def poll(w: Walker) -> Next:
    if w.rules.bytes_first:
        yield "sample", w.write(SAMPLE, At.SYNC_SAMPLE)
        yield "sample held until the result", w.go(At.FETCH)
    else:
        yield "sample", w.go(At.RESULT)


def fetch(w: Walker) -> Next:
    held = w.state.bytes in WHOLE
    yield "fetch", w.go(At.SYNC_BYTES, bytes=w.state.bytes if held else Bytes.PART)
    if not held:
        yield "address expired", w.go(At.POLL)


def sync_bytes(w: Walker) -> Next:
    firm = w.rules.sync_bytes and w.state.bytes == Bytes.PART
    yield "sync bytes", w.go(At.NAME, bytes=Bytes.FIRM if firm else w.state.bytes)


def name(w: Walker) -> Next:
    named = {Bytes.FIRM: Bytes.NAMED, Bytes.PART: Bytes.LOOSE}
    yield "name", w.go(At.SYNC_NAME, bytes=named.get(Bytes(w.state.bytes), w.state.bytes))


def sync_name(w: Walker) -> Next:
    synced = w.rules.sync_name and w.state.bytes == Bytes.NAMED
    kept = Bytes.KEPT if synced else w.state.bytes
    yield "sync name", w.go(At.RESULT if w.rules.bytes_first else At.SERVE, bytes=kept)


def stop(w: Walker) -> Next:
    if w.state.lock == w.me:
        yield "unlock", w.state._replace(lock=FREE)


def writes(label: str, record: int, then: At) -> Callable[[Walker], Next]:
    """A place that writes one record."""

    def step(w: Walker) -> Next:
        yield label, w.write(record, then)

    return step


def syncs(then: At) -> Callable[[Walker], Next]:
    """A place that syncs the records."""

    def step(w: Walker) -> Next:
        yield "sync", w.sync(then)

    return step


def result(w: Walker) -> Next:
    """In one transaction with a sample that is not on record yet."""
    held = w._replace(state=w.write(SAMPLE, At.RESULT)) if w.rules.bytes_first else w
    yield "result", held.write(RESULT, At.SYNC_RESULT)


def sync_result(w: Walker) -> Next:
    yield "sync", w.sync(At.SERVE if w.rules.bytes_first else At.FETCH)


def serve(w: Walker) -> Next:
    yield "serve", w.go(At.STOP)


PROGRAM: Final[Mapping[int, Callable[[Walker], Next]]] = {
    At.DOWN: start,
    At.LOCK: lock,
    At.READ: read,
    At.INTEND: intend,
    At.SYNC_INTENT: syncs(At.SUBMIT),
    At.SUBMIT: submit,
    At.REPEAT: repeat,
    At.DOUBT: doubt,
    At.PROVE: prove,
    At.VOID: writes("void", VOID, At.SYNC_VOID),
    At.SYNC_VOID: syncs(At.INTEND),
    At.REJECTED: writes("rejected", REJECTED, At.SYNC_END),
    At.UNKNOWN: writes("unknown", UNKNOWN, At.SYNC_END),
    At.SYNC_END: syncs(At.STOP),
    At.ACK: writes("ack", ACK, At.SYNC_ACK),
    At.SYNC_ACK: syncs(At.POLL),
    At.POLL: poll,
    At.SYNC_SAMPLE: syncs(At.FETCH),
    At.FETCH: fetch,
    At.SYNC_BYTES: sync_bytes,
    At.NAME: name,
    At.SYNC_NAME: sync_name,
    At.RESULT: result,
    At.SYNC_RESULT: sync_result,
    At.SERVE: serve,
    At.STOP: stop,
}
