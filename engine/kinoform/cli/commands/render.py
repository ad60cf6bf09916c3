"""`kinoform render`: the exact request of a step, offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.models import catalog
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, needed, numbers, selecting
from kinoform.core.errors import Problem, UsageError
from kinoform.spec.judge import full_request, law
from kinoform.views import request as views
from kinoform.views.fields import NAMED, VERSIONED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.types import Step
    from kinoform.views.fields import Fields

VERSION = 1


FIELDS: Fields = {
    **NAMED,
    "requests": "list: one for each instance that was named",
    "requests[].id": "string: of the instance",
    "requests[].model": "string: the full model id, or the local operation",
    "requests[].request": "map: as it would be sent, with names where bytes will stand",
}
_PROMPTS: Fields = {
    **VERSIONED,
    "prompts": "list: one for each instance that was named",
    "prompts[].id": "string: of the instance",
    "prompts[].prompt": "string: the text",
}


@command("render", targets=True, prints={"--json": FIELDS, "--json --prompt": _PROMPTS})
@selecting
@click.option("--prompt", "only_prompt", is_flag=True, default=False, help="The prompt text only.")
def render(show: Show, options: Options, *, only_prompt: bool, **own: Any) -> None:
    """Print the exact request of a step, offline.

    Artifacts stand as {"$artifact": STEP, "digest": ...}; with --draft it is the brief.

    Example: kinoform render film still@s010
    """
    words = needed(options, asked(options, own), "render")
    found = opened(options)
    planned = found.project.plan()
    chosen = numbers(show, found, planned, words) or ()
    steps = [planned.graph.steps[number] for number in sorted(chosen)]
    if only_prompt:
        _prompts(show, steps, as_json=options.json)
        return
    made = {step.id: _request(found, planned, step) for step in steps}
    if options.json:
        rows = [{"id": s.id, "model": s.op.name, "request": made[s.id]} for s in steps]
        show.document({"version": VERSION, "name": found.project.name, "requests": rows})
        return
    alone = made[steps[0].id] if len(steps) == 1 else made
    show.lines(json.dumps(alone, indent=2, ensure_ascii=False))
    for line in dict.fromkeys(filter(None, (_withheld(found, step) for step in steps))):
        show.say(line)


def _request(found: Opened, planned: Planned, step: Step) -> Any:
    params = step.params
    if step.op.kind == "hosted" and not step.skip:
        params = full_request(catalog(found.project.root)[step.op.name], params)
    elif step.op.kind == "draft":
        params = params["brief"]
    return views.shown(params, planned.survey)


def _withheld(found: Opened, step: Step) -> str:
    """Which fields a run would add."""
    if step.op.kind != "hosted":
        return ""
    rules = law(catalog(found.project.root)[step.op.name])
    names = [name for name in rules.withheld if name not in rules.constants]
    return f"# {step.op.name}: set when it is sent: {', '.join(names)}" if names else ""


def _prompts(show: Show, steps: Sequence[Step], *, as_json: bool) -> None:
    found = {step.id: views.prompt(step) for step in steps}
    silent = [name for name, text in found.items() if text is None]
    if silent:
        raise UsageError(Problem("no-prompt", f"{silent[0]} is not asked with a prompt"))
    if as_json:
        rows = [{"id": name, "prompt": text} for name, text in found.items()]
        show.document({"version": VERSION, "prompts": rows})
        return
    for name, text in found.items():
        if len(found) > 1:
            show.line(f"# {name}")
        show.lines(text or "")
