"""`kinoform equate`: what was made from the old bytes stays valid for the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kinoform.api import equating, people, picking
from kinoform.api.planning import Asked
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.errors import Problem, UsageError
from kinoform.core.money import text
from kinoform.views import picks as views
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1
_WORDS = 2

FIELDS: Fields = {
    **VERSIONED,
    "equates": "list: what was written, or taken back; empty where it was said already",
    "equates[].step": "string: the instance that has the new bytes",
    "equates[].old": "string: digest of what was read before",
    "equates[].new": "string: digest of what counts as that now",
    "equates[].by": "string: who said so",
    "equates[].at": "string: the day",
    "equates[].why": "string or null: the reason that was given",
    "equates[].undone": "boolean: taken back",
    "equates[].steps": "list of string: what stays valid; taken back, what becomes stale",
    "equates[].price": "money: what making those again costs",
}


@command("equate", targets=True, prints={"--json": FIELDS})
@click.option("--undo", is_flag=True, default=False, help="Take it back.")
@click.option("--by", metavar="NAME", default="", help="Who says so; you, as git knows you.")
@click.option("--why", metavar="TEXT", default="", help="The reason, kept with it.")
def equate(show: Show, options: Options, *, undo: bool, **own: Any) -> None:
    """Let what was made from OLD stay valid, although NEW stands there now.

    OLD and NEW are names such as 3f9a_t02, or eight digits or more of a digest; `history` lists both.

    Example: kinoform equate film 3f9a_t01 d96b14ef --why "only the grading differs"
    """
    if len(options.targets) != _WORDS:
        hint = "as in: kinoform equate film 3f9a_t01 d96b14ef"
        raise UsageError(Problem("missing-word", "equate needs an old and a new one", hint=hint))
    project = opened(options).project
    planned = project.plan(Asked(lock=True))
    if undo:
        done = equating.part(planned, equating.digests(project, planned, options.targets))
    else:
        said = picking.Said(people.who(project.root, own["by"]), own["why"])
        made = equating.equate(project, planned, options.targets, said)
        done = [made] if made else []
    how = "makes {} stale" if undo else "keeps {} valid"
    for each in done:
        for line in views.effect(each.effect.steps, each.effect.price, how):
            show.say(line)
        equating.write(project, each)
    if show.json:
        show.document({"version": VERSION, "equates": [_entry(each) for each in done]})
    elif not done:
        show.line("this was said already")
    for each in () if show.json else done:
        show.line(_said(each))


def _said(each: equating.Equating) -> str:
    new, old = views.brief(each.equate.new.digest), views.brief(each.equate.old.digest)
    counts = "counts no longer" if each.undo else "counts"
    return f"{each.equate.step}: {new} {counts} as {old}"


def _entry(each: equating.Equating) -> dict[str, Any]:
    record = each.equate
    return {
        "step": record.step,
        "old": record.old.digest,
        "new": record.new.digest,
        "by": record.by,
        "at": record.at,
        "why": record.why or None,
        "undone": each.undo,
        "steps": list(each.effect.steps),
        "price": text(each.effect.price),
    }
