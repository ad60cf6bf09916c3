"""`kinoform resume`: go on with what is paid and not here yet; nothing is bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.api import tasks
from kinoform.api.home import open_home
from kinoform.api.resume import resume as go_on
from kinoform.api.watch import Watch
from kinoform.cli.exits import Exit
from kinoform.cli.interrupt import Interrupt
from kinoform.cli.opening import setting_of
from kinoform.cli.options import command
from kinoform.cli.paying import scope
from kinoform.cli.progress import Tally, watched
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core.money import dollars, text
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.api.resume import Resumed
    from kinoform.api.setting import Setting
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **VERSIONED,
    "tasks": "list: what was gone on with",
    "tasks[].intent": "string: its id here",
    "tasks[].step": "string: id of the instance",
    "tasks[].take": "integer: from 1",
    "tasks[].done": "boolean: its results are here now",
    "tasks[].paid": "money: for it, once it is done",
    "tasks[].outputs": "list of string: digests of its results",
    **PROBLEMS,
}


@command("resume", targets=True, prints={"--json": FIELDS})
def resume(show: Show, options: Options) -> int:
    """Go on with paid work: ask about it, wait for it, fetch it. Buys nothing.

    Outside a project and without PATH: everything of yours. Ctrl-C leaves it running at the
    provider.

    Example: kinoform resume film
    """
    return carry_out(show, options, setting_of(options))


def carry_out(show: Show, options: Options, setting: Setting) -> int:
    """The same with these effects; the exit status."""
    home = open_home()
    open_tasks = [task for task in tasks.pending(home, scope(home, options)) if task.is_open]
    found = tasks.named(open_tasks, options.targets)
    stop = Interrupt(lambda _presses: show.say("letting go; kinoform resume goes on from here"))
    ended = []
    if found:
        with watched(show, Tally(len(found)), "") as watcher:
            ended = go_on(home, setting, found, Watch(watcher.hear, stop.routed))
    _say(show, options, ended)
    return _status(ended, interrupted=bool(stop.presses))


def _say(show: Show, options: Options, ended: Sequence[Resumed]) -> None:
    show.problems([problem for each in ended for problem in each.problems])
    if options.json:
        show.document(_document(ended))
        return
    for each in ended:
        if each.result is not None:
            paid = dollars(each.result.paid)
            show.line(f"{each.task.step}: done, {paid} paid; kinoform run puts it into out/")
    if not ended:
        show.line("nothing is under way")
    running = sum(each.result is None and not each.problems for each in ended)
    if running:
        show.line(f"{running} still running at the provider")


def _document(ended: Sequence[Resumed]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "tasks": [
            {
                "intent": each.task.id,
                "step": each.task.step,
                "take": each.task.take,
                "done": each.result is not None,
                "paid": text(each.result.paid) if each.result else "0",
                "outputs": [blob.digest for blob in each.result.outputs] if each.result else [],
            }
            for each in ended
        ],
        "problems": [problem_row(problem) for each in ended for problem in each.problems],
    }


def _status(ended: Sequence[Resumed], *, interrupted: bool) -> Exit:
    """The gravest: a decision that is needed, then a failure, then the world around."""
    if interrupted:
        return Exit.INTERRUPTED
    exits = {each.exit for each in ended}
    order = (Exit.SPEND, Exit.FAILED, Exit.ENVIRONMENT)
    return next((each for each in order if each in exits), Exit.DONE)
