"""`kinoform ls`: the instances of a pipeline, by selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kinoform.api import outlets
from kinoform.api.planning import Asked
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, matching, numbers, selecting
from kinoform.core.errors import Problem, UsageError
from kinoform.core.manifest import recipe_of
from kinoform.core.report import Ended
from kinoform.stores.looks import there
from kinoform.views import plan as plans
from kinoform.views.fields import NAMED
from kinoform.views.words import expected, squeezed

if TYPE_CHECKING:
    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.types import Decision, Step
    from kinoform.views.fields import Fields

VERSION = 1
HEAD = ("id", "model", "verdict", "tags", "makes", "path")


FIELDS: Fields = {
    **NAMED,
    "steps": "list: one for each instance and take, in file order",
    "steps[].id": "string: step[@item], and #take where there are several",
    "steps[].step": "string: its step in the file",
    "steps[].item": "string or null: its item, null without foreach",
    "steps[].take": "integer: from 1, within one recipe",
    "steps[].model": "string: the full model id, or the local operation",
    "steps[].kind": "string: hosted, local or draft",
    "steps[].verdict": "string: what a run would do, as in `plan`",
    "steps[].tags": "list of string: as in the file",
    "steps[].expects": "list: what it makes, as far as the request tells",
    "steps[].expects[].media": "string: type, such as image/png",
    "steps[].expects[].width": "integer or null: pixels",
    "steps[].expects[].height": "integer or null: pixels",
    "steps[].expects[].seconds": "number or null: how long it plays",
    "steps[].expects[].fps": "number or null: frames a second",
    "steps[].expects[].audio": "boolean or null: whether it has sound",
    "steps[].paths": "list of string: where its results are shown in the project folder",
    "steps[].hidden": "boolean: an inserted step, listed with --all",
}


@command("ls", targets=True, prints={"--json": FIELDS})
@selecting
@click.option("--ids", is_flag=True, default=False, help="Print ids only, one a line, for scripts.")
@click.option("--all", "everything", is_flag=True, default=False, help="Inserted frames as well.")
def ls(show: Show, options: Options, *, everything: bool, ids: bool, **own: Any) -> None:
    """List instances: model, state, tags, what they make, where it is.

    Example: kinoform ls film 'clip@s0*'
    """
    if ids and options.json:
        said = "--ids and --json are two forms of one list"
        raise UsageError(Problem("bad-usage", said, hint="take one of them"))
    found = opened(options)
    planned = found.project.plan(Asked(lock=True))
    chosen = numbers(show, found, planned, asked(options, own))
    shown = plans.shown(planned.plan, planned.graph, everything=everything)
    pairs = matching(shown, planned, chosen)
    if ids:  # of steps, which every command understands, and not of takes
        for name in dict.fromkeys(step.id for _, step in pairs):
            show.line(name)
        return
    if options.json:
        steps = [_entry(found, planned, d, step) for d, step in pairs]
        show.document({"version": VERSION, "name": found.project.name, "steps": steps})
        return
    show.rows(*squeezed(HEAD, (_row(found, planned, d, step) for d, step in pairs)))


def _paths(found: Opened, planned: Planned, decision: Decision, step: Step) -> list[str]:
    """Where its results are shown now: the names for people, as far as they exist."""
    node = planned.graph.index[step.id], decision.take
    gist = planned.survey.gist(node)
    if gist is None or step.hidden:
        return []
    recipe = recipe_of(planned.survey.manifests[node])
    naming = outlets.naming(planned, draft=bool(found.setting.draft))
    ended = Ended(step.id, decision.take, "reused", recipe=recipe, outputs=gist.outputs)
    files = outlets.files(ended, step.takes, naming)
    names = [name for name, _ in files][-len(gist.outputs) :]
    return [name for name in names if there(found.project.root / name)]


def _row(found: Opened, planned: Planned, decision: Decision, step: Step) -> tuple[str, ...]:
    paths = _paths(found, planned, decision, step)
    return (
        plans.ident(decision.step, decision.take, step),
        step.op.name,
        decision.verdict,
        " ".join(step.tags),
        expected(step),
        paths[0] if paths else "",
    )


def _entry(found: Opened, planned: Planned, decision: Decision, step: Step) -> dict[str, Any]:
    return {
        "id": plans.ident(decision.step, decision.take, step),
        "step": step.name,
        "item": step.item or None,
        "take": decision.take,
        "model": step.op.name,
        "kind": step.op.kind,
        "verdict": decision.verdict,
        "tags": list(step.tags),
        "expects": [
            {
                "media": expect.media,
                "width": expect.facts.width,
                "height": expect.facts.height,
                "seconds": expect.facts.seconds,
                "fps": expect.facts.fps,
                "audio": expect.facts.audio,
            }
            for expect in step.expects
        ],
        "paths": _paths(found, planned, decision, step),
        "hidden": step.hidden,
    }
