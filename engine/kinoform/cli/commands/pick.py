"""`kinoform pick`: a person's choice between the results of a step, written down in git."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kinoform.api import people, picking
from kinoform.api.planning import Asked
from kinoform.cli import choosing
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.core.candidates import find, is_name
from kinoform.core.errors import Problem, UsageError
from kinoform.views import picks as views
from kinoform.views.words import listed, squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.candidates import Candidate
    from kinoform.core.types import Step

_MOST = 2  # words: a step, and which of its results


@command("pick", targets=True, prints={"--json": choosing.FIELDS, "--json --list": views.FIELDS})
@click.option("--list", "listing", is_flag=True, default=False, help="Say what there is to choose.")
@click.option("--pin", is_flag=True, default=False, help="Keep it, whatever is chosen or reopened.")
@click.option("--reopen", is_flag=True, default=False, help="Take the choice back.")
@click.option("--by", metavar="NAME", default="", help="Who chooses; you, as git knows you.")
@click.option("--why", metavar="TEXT", default="", help="The reason, kept with the choice.")
def pick(show: Show, options: Options, *, listing: bool, reopen: bool, **own: Any) -> None:
    """Choose which result stands for a step, and say what that makes stale.

    STEP is followed by a take, a name such as 3f9a_t02, or the beginning of a digest. Where there is
    only one result nothing need follow: `pick edit` approves every instance of a step with one take.

    Example: kinoform pick film clip@s020 2 --why "steadier hands"
    """
    if listing and (reopen or own["pin"]):
        said = "--list only looks"
        raise UsageError(Problem("bad-usage", said, hint="leave out --pin and --reopen"))
    project = opened(options).project
    planned = project.plan(Asked(lock=True))
    if listing:
        _list(show, project, planned, options.targets)
    elif reopen:
        _reopen(show, project, planned, options.targets, pinned=own["pin"])
    else:
        _choose(show, project, planned, options.targets, own)


# what there is


def _list(show: Show, project: Project, planned: Planned, targets: Sequence[str]) -> None:
    steps = _steps(project, planned, targets) if targets else picking.asks(planned)
    found = picking.candidates(project, planned, steps)
    if show.json:
        rows = [views.entry(each, picking.path(project, planned, each)) for each in found]
        document = {"version": views.VERSION, "name": project.name, "candidates": rows}
        show.document(document)
    elif found:
        told = views.rows(found, lambda each: picking.path(project, planned, each))
        head, rows_ = squeezed(views.HEAD, told)
        show.rows(head, rows_, right=views.RIGHT)
    else:
        show.line(f"{project.name}: nothing to choose from yet")


def _steps(project: Project, planned: Planned, targets: Sequence[str]) -> list[Step]:
    """The steps that these words name. Raises UsageError."""
    goals = project.named(planned, Asked(targets)).goals or frozenset()
    return [planned.graph.steps[number] for number in sorted(goals)]


# choosing


def _choose(
    show: Show,
    project: Project,
    planned: Planned,
    targets: Sequence[str],
    own: Mapping[str, Any],
) -> None:
    by = people.who(project.root, own["by"])
    said = picking.Said(by, own["why"], "pin" if own["pin"] else "pick")
    done = []
    for candidate in _meant(project, planned, targets, pin=own["pin"]):
        done.append(_chosen(show, project, planned, candidate, said))
        planned = project.plan()
    if show.json:
        show.document({"version": choosing.VERSION, "choices": done})


def _chosen(
    show: Show, project: Project, planned: Planned, candidate: Candidate, said: picking.Said
) -> dict[str, Any]:
    choice = picking.choose(project, planned, candidate, said)
    label = f"{candidate.step}: {candidate.name or 'the file that was adopted'}"
    if choice is None:
        return choosing.stands(show, planned, candidate.step, label)
    how = f"{'pinned' if said.kind == 'pin' else 'chosen'}{f' by {said.by}' if said.by else ''}"
    return choosing.written(show, project, planned, choice, f"{label} {how}")


def _meant(
    project: Project, planned: Planned, targets: Sequence[str], *, pin: bool
) -> list[Candidate]:
    """The results that the words mean: one, or of each instance the only one. Raises UsageError."""
    if not targets or len(targets) > _MOST:
        hint = "as in: kinoform pick clip@s020 2; --list says what there is"
        raise UsageError(Problem("missing-word", "pick needs a step and a take", hint=hint))
    if len(targets) == 1 and is_name(targets[0]):
        every = [step for step in planned.graph.steps if not step.hidden]
        return [find(picking.candidates(project, planned, every), targets[0], project.name)]
    if len(targets) == _MOST:
        step = choosing.one(project, planned, targets[0])
        return [find(picking.candidates(project, planned, [step]), targets[1], step.id)]
    steps = _steps(project, planned, targets)
    return [_only(s, picking.candidates(project, planned, [s]), pin=pin) for s in steps]


def _only(step: Step, found: Sequence[Candidate], *, pin: bool) -> Candidate:
    """What is meant where no take was said: what stands, to be pinned; else the only one there is."""
    standing = [each for each in found if pin and each.stands in ("chosen", "pinned")]
    today = standing or [each for each in found if each.current]
    if len(today) == 1:
        return today[0]
    names = listed(each.name for each in today)
    hint = f"one of {names}" if names else f"kinoform pick {step.id} --list says what there is"
    raise UsageError(Problem("pick-needs-take", f"which take of {step.id}?", hint=hint))


# taking it back


def _reopen(
    show: Show, project: Project, planned: Planned, targets: Sequence[str], *, pinned: bool
) -> None:
    if not targets:
        hint = "as in: kinoform pick clip@s020 --reopen"
        raise UsageError(Problem("missing-word", "--reopen needs the name of a step", hint=hint))
    made = planned.survey.world.picks
    done = []
    for step in _steps(project, planned, targets):
        kept = step.id in made and made[step.id].kind == "pin" and not pinned
        choice = None if kept else picking.reopen(planned, step.id)
        if choice is not None:
            done.append(choosing.written(show, project, planned, choice, f"{step.id}: reopened"))
            planned = project.plan(Asked(lock=True))
            continue
        if kept:
            hint = "--pin --reopen lets go of it as well"
            show.problems([picking.pinned(step.id, hint, severity="warning")])
        elif not show.json:
            show.line(f"{step.id}: nobody has chosen")
        done.append(choosing.standing(planned, step.id))
    if show.json:
        show.document({"version": choosing.VERSION, "choices": done})
