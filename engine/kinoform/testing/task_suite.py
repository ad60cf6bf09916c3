"""What every `ports.Ledger` must do with tasks and their money, as facts to run one by one.

Each fact takes a function that opens the same ledger, empty at first: `fact(open_ledger)`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.ledger import to_record
from kinoform.core.tasks import Cap, IllegalMoveError, fold_tasks
from kinoform.testing.check import check, refuses, same
from kinoform.testing.ledger_suite import make_event, make_key, make_result

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.core.types import Event
    from kinoform.ports import Ledger

    Open = Callable[[], Ledger]


def make_id(name: object) -> str:
    """The id of an intent: 16 hex digits."""
    return make_key(f"intent {name}")[:16]


def make_intent(name: object, reserve: str = "0.03", **changes: Any) -> Event:
    """The intent to buy what `name` stands for."""
    data = {
        "intent": make_id(name),
        "provider": "runware",
        "model": "runware/klingai:kling-image@o3",
        "epoch": 0,
        "task": f"task {name}",
        "reserve": reserve,
        "cursor": {"stage": "sent", "data": {"count": 1.0, "scale": 0.5}},
    }
    known = {"step": f"still@{name}", "key": make_key(name), "data": data}
    return make_event("intent", **{**known, **changes})


def make_move(kind: str, name: object, /, **data: Any) -> Event:
    """A later event of the task that `make_intent(name)` begins."""
    told = {**data, "intent": make_id(name)}
    return make_event(kind, at=1_700_000_001.0, step=f"still@{name}", key=make_key(name), data=told)


def make_arrival(name: object, paid: str = "0.02") -> list[Event]:
    """All that follows the intent of a task that ends well."""
    result = make_result(name, step=f"still@{name}", paid=Decimal(paid), task=f"theirs {name}")
    return [
        make_move("ack", name, task=f"theirs {name}"),
        make_move("sample", name, samples=[{"url": "https://x.example/1", "cost": paid}]),
        make_move("result", name, **to_record(result)),
    ]


def tasks_come_back_as_they_are_told(open_ledger: Open) -> None:
    """The fold of the events, in the order of the intents; an opening of its own sees the same."""
    told = [make_intent("b"), make_intent("a", "0.0300"), *make_arrival("a"), make_intent("c")]
    told += [make_move("unknown", "b", why="lost", candidates=["x", "y"])]
    for event in told:
        open_ledger().append([event])
    tasks = open_ledger().tasks()
    same(tasks, tuple(fold_tasks(open_ledger().events()).values()))
    same([task.id for task in tasks], [make_id(name) for name in "bac"])
    same([task.state for task in tasks], ["unknown", "done", "intended"])
    same([task.paid for task in tasks], [Decimal(0), Decimal("0.02"), Decimal(0)])
    same([task.reserved for task in tasks], [Decimal("0.03"), Decimal(0), Decimal("0.03")])
    same(tasks[1].task, "theirs a")
    same(open_ledger().open_tasks(), (tasks[0], tasks[2]))
    same(open_ledger().results([make_key("a")]).keys(), {make_key("a")})


def a_batch_may_tell_a_whole_story(open_ledger: Open) -> None:
    """An intent and all that follows it, or the rest of it, at once."""
    ledger = open_ledger()
    ledger.append([make_intent("a"), *make_arrival("a"), make_intent("b")])
    ledger.append(make_arrival("b"))
    same([task.state for task in ledger.tasks()], ["done", "done"])
    same(ledger.open_tasks(), ())


def tasks_are_found_by_key(open_ledger: Open) -> None:
    """All attempts at a key, in their order; keys without any, and odd ones, are left out."""
    ledger, key = open_ledger(), make_key("same")
    for name in ("one", "two", "other"):
        mine = key if name != "other" else make_key("other")
        ledger.append([make_intent(name, key=mine)])
        ended = make_move("rejected", name)
        ledger.append([make_event("rejected", key=mine, data=dict(ended.data))])
    same([t.id for t in ledger.tasks([key, key, "", "'"])], [make_id("one"), make_id("two")])
    same(ledger.tasks([]), ())
    same(len(ledger.tasks([make_key("other"), key])), 3)


def an_illegal_move_is_not_written(open_ledger: Open) -> None:
    """Nor is the rest of its batch."""
    ledger = open_ledger()
    ledger.append([make_intent("a"), make_intent("b")])
    ledger.append([make_move("rejected", "b")])
    before = list(ledger.events())
    for bad in (
        make_move("sample", "a"),
        make_move("ack", "b"),
        make_move("ack", "nobody"),
        make_intent("a"),
        make_event("ack", key=make_key("b"), data={"intent": make_id("a")}),
    ):
        refuses(partial(ledger.append, [make_intent("c"), bad]), IllegalMoveError)
    same(list(ledger.events()), before)
    same([task.state for task in ledger.tasks()], ["intended", "rejected"])


def what_no_task_can_have_is_not_written(open_ledger: Open) -> None:
    """Amounts that are none, and intents that lack what they must say."""
    ledger = open_ledger()
    whole = dict(make_intent("a").data)
    lacks = [
        {k: v for k, v in whole.items() if k != name} for name in ("reserve", "model", "epoch")
    ]
    amounts = [whole | {"reserve": text} for text in ("much", "NaN", "-0.01", "Infinity", "1e30")]
    for data in (*lacks, *amounts, whole | {"epoch": "x"}):
        refuses(partial(ledger.append, [make_intent("a", data=data)]), ValueError)
        refuses(partial(ledger.admit, [make_intent("a", data=data)], []), ValueError)
    same(list(ledger.events()), [])
    ledger.append([make_intent("a")])
    for paid in ("much", "NaN", "-1"):
        refuses(partial(ledger.append, [make_move("refused", "a", paid=paid)]), ValueError)
    same([task.state for task in ledger.tasks()], ["intended"])


def a_key_has_one_open_task(open_ledger: Open) -> None:
    """A second intent is refused while the first is open, by whichever way, and in one batch."""
    ledger, key = open_ledger(), make_key("a")
    second = make_intent("again", key=key)
    refuses(partial(ledger.append, [make_intent("a"), second]), IllegalMoveError)
    refuses(partial(ledger.admit, [make_intent("a"), second], []), IllegalMoveError)
    same(ledger.tasks(), ())
    ledger.admit([make_intent("a")], [])
    refuses(partial(ledger.append, [second]), IllegalMoveError)
    refuses(partial(ledger.admit, [make_intent("b"), second], []), IllegalMoveError)
    same(len(ledger.tasks()), 1)
    ledger.append([make_move("void", "a"), second])
    same([task.state for task in ledger.tasks()], ["void", "intended"])
    refuses(partial(ledger.admit, [make_intent("third", key=key)], []), IllegalMoveError)


def what_fits_under_every_cap_is_admitted(open_ledger: Open) -> None:
    """One after another, to the cent; a small one still fits where a big one did not."""
    ledger = open_ledger()
    cap = Cap("run", "run-1", Decimal("0.10"), "--max-cost")
    prices = ("0.04", "0.06", "0.01", "0.00")
    intents = [make_intent(i, price) for i, price in enumerate(prices)]
    same(ledger.admit(intents[:1], [cap]), {})
    same(ledger.admit([intents[2]], [cap]), {})
    same(ledger.admit([intents[1], intents[3]], [cap]), {make_id(1): cap})
    same([task.id for task in ledger.open_tasks()], [make_id(i) for i in (0, 2, 3)])
    same([event.kind for event in ledger.events()], ["intent"] * 3)
    same(ledger.admit([make_intent("last", "0.05")], [cap]), {})
    same(ledger.admit([make_intent("more", "0.000000001")], [cap]).keys(), {make_id("more")})
    same(ledger.admit([], [cap]), {})


def money_is_held_until_the_task_ends(open_ledger: Open) -> None:
    """Then what was paid counts, and the rest is free again; whatever became of the task."""
    ledger = open_ledger()
    cap = Cap("run", "run-1", Decimal(1), "budget.run")

    def left() -> Decimal:
        taken = sum((t.reserved + t.paid for t in ledger.tasks()), Decimal(0))
        over = make_intent("probe", str(1 - taken + Decimal("0.000000001")))
        same(ledger.admit([over], [cap]), {make_id("probe"): cap})
        return 1 - taken

    ledger.admit([make_intent(i, "0.25") for i in range(4)], [cap])
    same(left(), Decimal(0))
    ledger.append([make_move("void", 0), *make_arrival(1, "0.20")])
    same(left(), Decimal("0.30"))
    ledger.append([make_move("unknown", 2, paid="0"), make_move("refused", 3, paid="0.05")])
    same(left(), Decimal("0.50"))
    ledger.append([make_move("settle", 2, paid="0.25", how="adopt")])
    same(left(), Decimal("0.50"))
    same(ledger.admit([make_intent("all", "0.5")], [cap]), {})


def each_cap_counts_its_own(open_ledger: Open) -> None:
    """A run's, a project's and the user's; the first that would be overstepped is named."""
    ledger = open_ledger()
    run = Cap("run", "run-1", Decimal("0.05"), "--max-cost")
    project = Cap("project", "/films/lamp", Decimal("0.08"), "budget.total")
    user = Cap("user", "", Decimal("0.11"), "settings")
    caps = [run, project, user]
    same(ledger.admit([make_intent(0), make_intent(1)], caps), {make_id(1): run})
    same(ledger.admit([make_intent(2, run="run-2")], caps), {})
    same(ledger.admit([make_intent(3, run="run-2")], caps), {make_id(3): project})
    away = {"project": "/other", "run": "run-3"}
    same(ledger.admit([make_intent(4, **away), make_intent(5, **away)], caps), {make_id(5): user})
    same(ledger.admit([make_intent(6, **away)], [run, project]), {})
    named = Cap("user", "ana", Decimal(1), "would stop nobody")
    refuses(partial(ledger.admit, [make_intent(7)], [named]), ValueError)


def reserves_are_rounded_up(open_ledger: Open) -> None:
    """To nano-USD, so that a thousand small remainders oversteps no cap."""
    ledger = open_ledger()
    cap = Cap("user", "", Decimal("0.000000010"), "settings")
    small = [make_intent(i, "0.00000000300000001") for i in range(4)]
    same(ledger.admit(small, [cap]).keys(), {make_id(2), make_id(3)})
    same([task.reserved for task in ledger.tasks()], [Decimal("0.000000004")] * 2)


def only_intents_are_admitted(open_ledger: Open) -> None:
    """Not what moves a task, and not an intent without an id."""
    ledger = open_ledger()
    ledger.append([make_intent("a")])
    for event in (make_move("ack", "a"), make_event("started"), make_event("intent")):
        refuses(partial(ledger.admit, [make_intent("b"), event], []), ValueError)
    same(len(ledger.tasks()), 1)


def a_task_that_was_gone_may_come_back(open_ledger: Open) -> None:
    """Even if another was begun meanwhile: what was bought is never refused."""
    ledger, key = open_ledger(), make_key("a")
    ledger.append([make_intent("a"), make_move("ack", "a"), make_move("gone", "a", paid="0.02")])
    ledger.admit([make_intent("again", key=key)], [])
    ledger.append([make_move("sample", "a", samples=[])])
    same([task.state for task in ledger.open_tasks()], ["arrived", "intended"])
    same(ledger.tasks()[0].reserved, Decimal(0))
    check(ledger.tasks()[0].paid == Decimal("0.02"), "what was paid stays paid")


FACTS: Final[tuple[Callable[[Open], None], ...]] = (
    tasks_come_back_as_they_are_told,
    a_batch_may_tell_a_whole_story,
    tasks_are_found_by_key,
    an_illegal_move_is_not_written,
    what_no_task_can_have_is_not_written,
    a_key_has_one_open_task,
    what_fits_under_every_cap_is_admitted,
    money_is_held_until_the_task_ends,
    each_cap_counts_its_own,
    reserves_are_rounded_up,
    only_intents_are_admitted,
    a_task_that_was_gone_may_come_back,
)
