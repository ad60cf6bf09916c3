"""Submits that nobody answered, behind a gate: none may be open when another one leaves.

Of two that are, a provider's list may show only one, and either would take it for its own: the wrong
picture under one name, and the other one bought twice. A crash opens a gate; the ledger remembers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinoform.run import intents
from kinoform.run.holds import Holds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kinoform.core.tasks import Task
    from kinoform.core.types import Action
    from kinoform.run.till import Till

UNANSWERED: Final = ("intended", "unknown")
_LOOK: Final = 0.25  # seconds between two looks at what somebody else clears up
# Seconds after a submit in which the task of another one could be taken for its own. A person may
# decide about an unknown one much later; who comes after it waits no longer than this.
_SHADOW: Final = 200.0


async def enter(
    till: Till, gate: str, stack: Holds, action: Action, clear: Callable[[Task], Awaitable[None]]
) -> bool:
    """Hold the gate for an action until `stack` is closed, with no unanswered submit behind it; False when stopped.

    `clear` finds out what became of one that nobody is at. Raises what it raises.
    """
    told = ""
    while await till.gate(gate, stack, action):
        doubt = _first(till, gate)
        if doubt is None:
            return True
        till.first[gate] = f"the unanswered submit of {doubt.step}"
        if doubt.id != told:
            till.tell(action, f"{till.first[gate]} goes first")
        told = doubt.id
        with Holds() as key:
            task = _taken(till, doubt, key)
            if task is not None:
                await clear(task)
        stack.close()
        if await till.halt.nap(_LOOK):
            break
    return False


def _first(till: Till, gate: str) -> Task | None:
    """A submit behind this gate that is still in doubt and in the way of another."""
    now = till.shop.clock.now()
    behind = (task for task in till.shop.ledger.open_tasks() if _is_behind(till, gate, task))
    return next((t for t in behind if t.state == "intended" or 0 <= now - t.begun < _SHADOW), None)


def _is_behind(till: Till, gate: str, task: Task) -> bool:
    account = till.service.account
    theirs = (task.provider, task.data.get("account"))
    if task.state not in UNANSWERED or theirs != (account.provider, account.fingerprint):
        return False
    return till.service.provider.gate(intents.action_of(task)) == gate


def _taken(till: Till, doubt: Task, stack: Holds) -> Task | None:
    """The task as it stands, its key held until `stack` is closed; None where somebody is at it."""
    if doubt.state != "intended" or not till.try_hold(doubt.key, stack):
        return None
    tasks = {task.id: task for task in till.shop.ledger.tasks({doubt.key})}
    return tasks[doubt.id] if tasks[doubt.id].state == "intended" else None
