"""What an intent writes down, and how a task is taken up again from it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kinoform.core.money import text
from kinoform.core.types import Action, Expect, Facts, Op
from kinoform.ports import Cursor, Output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kinoform.core.tasks import Task
    from kinoform.ports import Account, Send

# What the driver tells a provider anew each time.
_PASSING: Final = frozenset({"known", "pending", "age", "resent"})


def written(cursor: Cursor) -> dict[str, Any]:
    """A cursor as it is recorded."""
    data = {name: value for name, value in cursor.data.items() if name not in _PASSING}
    return {"stage": cursor.stage, "data": data}


def read(task: Task) -> Cursor:
    """The cursor that a task's last record holds."""
    found = task.data.get("cursor", {})
    return Cursor(str(found.get("stage", "new")), dict(found.get("data", {})))


def intent(
    action: Action, account: Account, epoch: int, reserve: Decimal, move: Send
) -> dict[str, Any]:
    """The data of an intent, but for its id and the digest of its request.

    The task's id is known by then only where it is ours to choose.
    """
    return {
        "provider": account.provider,
        "account": account.fingerprint,
        "model": action.op.name,
        "epoch": epoch,
        "task": str(move.then.data.get("task", "")) if move.repeatable else "",
        "reserve": text(reserve),
        "cursor": written(move.then),
        "action": {
            "model_digest": action.op.model_digest,
            "expects": [_expect(expect) for expect in action.expects],
            "manifest": dict(action.manifest),
            "timeout": action.timeout,
        },
    }


def _expect(expect: Expect) -> dict[str, Any]:
    told = {name: getattr(expect.facts, name) for name in Facts.__slots__}
    facts = {name: value for name, value in told.items() if value is not None}
    return {"media": expect.media, "facts": facts}


def action_of(task: Task) -> Action:
    """The action that a task was to buy, without its bytes: enough to fetch what was bought."""
    told = task.data["action"]
    manifest: Mapping[str, Any] = told["manifest"]
    return Action(
        key=task.key,
        step=task.step,
        take=task.take,
        op=Op(task.model, 0, "hosted", task.provider, str(told.get("model_digest", ""))),
        params=manifest["params"],
        inputs={},
        expects=tuple(Expect(e["media"], Facts(**e["facts"])) for e in told["expects"]),
        manifest=manifest,
        timeout=told.get("timeout"),
    )


def sample(output: Output) -> dict[str, Any]:
    """One result, as it is recorded before its bytes are fetched."""
    return {
        "url": output.url,
        "media": output.media,
        "id": output.id,
        "seed": output.seed,
        "cost": None if output.cost is None else text(output.cost),
        "ref": output.ref,
        "fresh": int(output.fresh),  # as it is written: other texts are gone through once more
    }
