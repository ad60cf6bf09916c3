"""`kinoform settle`: a person's word on a task that nobody else can decide."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from kinoform.api import tasks
from kinoform.api.home import open_home
from kinoform.cli.options import command
from kinoform.core.errors import Problem, SpendError, UsageError
from kinoform.core.money import dollars, text
from kinoform.core.words import short
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.tasks import Task
    from kinoform.views.fields import Fields

VERSION = 1
_WAYS = ("never-happened", "resubmit", "forget")
_THEN = {
    "adopt": "kinoform resume fetches what {task} made",
    "never-happened": "the next run may buy it",
    "resubmit": "the next run may buy it again",
    "forget": "it is listed no more; run --rebuy {step} buys it anew",
}
# What is asked before a decision that may cost money, or lets go of what was paid.
_ASKED = {
    "resubmit": "if {step} was accepted after all, {price} is paid twice",
    "forget": "{step} may still come; letting go of it loses {price}",
}


FIELDS: Fields = {
    **VERSIONED,
    "intent": "string: its whole id here",
    "step": "string: id of the instance",
    "take": "integer: from 1",
    "project": "string: folder of its project",
    "how": "string: adopt, never-happened, resubmit or forget",
    "state": "string: what it is in now",
    "task": "string or null: its id at the provider, if known",
    "by": "string or null: who said so",
    "estimate": "money: what it should cost",
}


@command("settle", prints={"--json": FIELDS})
@click.argument("intent")
@click.option("--adopt", metavar="TASK", default="", help="It is this task of the provider.")
@click.option("--never-happened", is_flag=True, default=False, help="It was never accepted.")
@click.option("--resubmit", is_flag=True, default=False, help="Buy it again, come what may.")
@click.option("--forget", is_flag=True, default=False, help="Let go of what is lost or stuck.")
@click.option("--by", metavar="NAME", default="", help="Who says so; you, unless given.")
@click.option("--yes", is_flag=True, default=False, help="Ask nothing.")
def settle(show: Show, options: Options, intent: str, **own: Any) -> None:
    """Decide on a task that nobody can tell the outcome of, or whose results are lost.

    INTENT is the beginning of its id, as `kinoform pending` shows it.

    Example: kinoform settle 3f9a21bc --never-happened
    """
    home, said = open_home(), _settlement(own)
    known = home.ledger.tasks()
    task = tasks.find(known, intent)
    tasks.judge(known, task, said)
    _confirm(show, task, said, yes=own["yes"])
    after = tasks.settle(home, task.id, said, time.time(), lambda who: show.say(f"waiting: {who}"))
    if options.json:
        show.document(_document(after, said))
        return
    show.line(f"{after.step} ({after.id[: tasks.SHOWN]}): {_said(said)}")
    show.line(_THEN[said.how].format(task=said.task, step=after.step))


def _settlement(own: Mapping[str, Any]) -> tasks.Settlement:
    """The one decision that was typed. Raises UsageError for none or several."""
    ways = [way for way in _WAYS if own[way.replace("-", "_")]]
    chosen = ["adopt"] * bool(own["adopt"]) + ways
    by = short(own["by"]) or tasks.person()
    match chosen:
        case ["adopt" | "never-happened" | "resubmit" | "forget" as how]:
            return tasks.Settlement(how, by, own["adopt"])
        case _:
            hint = "one of --adopt TASK, --never-happened, --resubmit, --forget"
            said = f"settle needs one decision, not {len(chosen)}"
            raise UsageError(Problem("bad-usage", said, hint=hint))


def _confirm(show: Show, task: Task, said: tasks.Settlement, *, yes: bool) -> None:
    """Ask where money is at stake. Raises SpendError if nobody is there to ask, or says no."""
    if yes or said.how not in _ASKED or task.state == "gone":
        return
    price = dollars(task.paid or task.estimate)
    warning = _ASKED[said.how].format(step=task.step, price=price)
    person = show.live and sys.stdin.isatty()
    if not person or not click.confirm(f"{warning}. Go on?", err=True):
        raise SpendError(Problem("not-confirmed", warning, hint="--yes says it without a question"))


def _said(said: tasks.Settlement) -> str:
    words = f"adopted {said.task}" if said.how == "adopt" else said.how.replace("-", " ")
    return f"{words}, said by {said.by}" if said.by else words


def _document(task: Task, said: tasks.Settlement) -> dict[str, Any]:
    """As `FIELDS` says."""
    return {
        "version": VERSION,
        "intent": task.id,
        "step": task.step,
        "take": task.take,
        "project": task.project,
        "how": said.how,
        "state": task.state,
        "task": task.task or None,
        "by": said.by or None,
        "estimate": text(task.estimate),
    }
