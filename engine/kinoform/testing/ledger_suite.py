"""What every `ports.Ledger` must do, as facts to run one by one.

Each fact takes a function that opens the same ledger, empty at first: `fact(open_ledger)`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.canon import digest_of
from kinoform.core.ledger import to_record
from kinoform.core.types import Blob, Event, Facts, Result
from kinoform.testing.check import refuses, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Ledger

    Open = Callable[[], Ledger]


def make_key(name: object) -> str:
    """A key like any other: 64 hex digits."""
    return sha256(str(name).encode()).hexdigest()


def make_result(name: object, **changes: Any) -> Result:
    """A result with every field filled, told apart by `name`."""
    facts = Facts(1920, 1080, 5.25, 24.0, audio=True)
    blob = Blob(digest_of(str(name).encode()), 12_345, "video/mp4", facts)
    result = Result(
        key=make_key(name),
        step="clip@s020",
        take=1,
        op="runware/klingai:kling-video@o3-pro",
        kind="hosted",
        outputs=(blob, replace(blob, facts=Facts())),
        manifest={"kind": "hosted", "params": {"prompt": f"ünïcode {name}", "duration": 5}},
        paid=Decimal("0.560"),
        seconds=81.5,
        seed=2**31,
        grade="seeded",
        model_digest=digest_of(b"model"),
        task="3f9a",
        tool="ffmpeg 7",
    )
    return replace(result, **changes)


def make_event(kind: str, **changes: Any) -> Event:
    """An event of one run of one project."""
    event = Event(1_700_000_000.25, "run-1", "/films/lamp", kind, "clip@s020", 1)
    return replace(event, **changes)


def result_event(result: Result, **changes: Any) -> Event:
    """The event that records a result."""
    known = {"key": result.key, "step": result.step, "take": result.take}
    return make_event("result", data=to_record(result), **{**known, **changes})


def events_come_back_in_order(open_ledger: Open) -> None:
    """All of them, numbered upwards, whatever they hold; another opening sees the same."""
    told = [
        make_event("run-started", step="", take=0, data={"targets": ["clip"], "n": 1.5}),
        make_event("started", key=make_key("a")),
        make_event("failed", data={"code": "busy", "message": "“try later” \x00 🎬"}),
    ]
    open_ledger().append(told[:1])
    open_ledger().append(told[1:])
    found = list(open_ledger().events())
    same([replace(event, seq=0) for event in found], told)
    same([event.seq for event in found], sorted({event.seq for event in found}))


def a_run_is_told_apart(open_ledger: Open) -> None:
    """`events(run)` gives those of one run, however many there are."""
    ledger = open_ledger()
    ledger.append([make_event("started", run=f"run-{i % 2}", take=i) for i in range(4_100)])
    same([e.take for e in ledger.events("run-1")], list(range(1, 4_100, 2)))
    same(list(ledger.events("nobody")), [])


def results_come_back_whole(open_ledger: Open) -> None:
    """Every field as it was, money to the last digit; unknown keys are left out."""
    results = [make_result(i) for i in range(3)]
    results += [make_result("least", outputs=(), manifest={}, paid=Decimal(0), seed=None)]
    open_ledger().append([result_event(result) for result in results])
    keys = [result.key for result in results]
    same(
        open_ledger().results([*keys, make_key("?"), "", "'"]),
        dict(zip(keys, results, strict=True)),
    )
    same(open_ledger().results([]), {})


def the_latest_result_of_a_key_counts(open_ledger: Open) -> None:
    """In one batch and across batches; the events keep both."""
    first, second, third = (make_result("a", task=task) for task in "123")
    ledger = open_ledger()
    ledger.append([result_event(first), result_event(second)])
    same(ledger.results([first.key]), {first.key: second})
    ledger.append([result_event(third)])
    same(ledger.results([first.key]), {first.key: third})
    same(len(list(ledger.events())), 3)


def heads_follow_results_and_reuse(open_ledger: Open) -> None:
    """By project, step and take, the latest event of either kind counts."""
    one, two = make_result("one"), make_result("two", take=2)
    ledger = open_ledger()
    ledger.append([result_event(one), result_event(two), result_event(one, project="/other")])
    ledger.append([make_event("head", key=two.key), make_event("started", key=make_key("x"))])
    same(ledger.heads("/films/lamp"), {("clip@s020", 1): two.key, ("clip@s020", 2): two.key})
    same(ledger.heads("/other"), {("clip@s020", 1): one.key})
    same(ledger.heads("/nobody"), {})
    ledger.append([make_event("head", project="/other", step="odd, as none is", key=two.key)])
    same(ledger.heads("/other"), {("clip@s020", 1): one.key, ("odd, as none is", 1): two.key})


def a_batch_is_all_or_nothing(open_ledger: Open) -> None:
    """A bad event takes its whole batch with it."""
    good, ledger = result_event(make_result("good")), open_ledger()
    bad = (
        make_event("result", key=good.key, data={"key": good.key}),
        result_event(make_result("a"), key=make_key("b")),
    )
    for event in bad:
        refuses(partial(ledger.append, [good, event]), ValueError)
    same(list(ledger.events()), [])
    same(ledger.results([good.key]), {})
    same(ledger.heads(good.project), {})
    ledger.append([])
    same(list(ledger.events()), [])


def many_keys_are_one_question(open_ledger: Open) -> None:
    """More keys than a statement has room for variables."""
    ledger = open_ledger()
    results = [make_result(i) for i in range(500)]
    ledger.append([result_event(result) for result in results])
    wanted = {make_key(i) for i in range(40_000)}
    same(ledger.results(wanted), {result.key: result for result in results})


FACTS: Final[tuple[Callable[[Open], None], ...]] = (
    events_come_back_in_order,
    a_run_is_told_apart,
    results_come_back_whole,
    the_latest_result_of_a_key_counts,
    heads_follow_results_and_reuse,
    a_batch_is_all_or_nothing,
    many_keys_are_one_question,
)
