"""`kinoform ls`: the instances of a pipeline, by selection."""

from __future__ import annotations

from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kinoform.api import outlets
from kinoform.api.planning import Asked
from kinoform.cli.opening import opened
from kinoform.cli.options import command
from kinoform.cli.selection import asked, matching, numbers, selecting
from kinoform.core.errors import Problem, UsageError
from kinoform.core.manifest import recipe_of
from kinoform.core.report import Ended
from kinoform.stores.looks import members
from kinoform.views import plan as plans
from kinoform.views.fields import NAMED
from kinoform.views.words import expected, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kinoform.api.planning import Planned
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.core.decisions import Lot
    from kinoform.core.types import Expect, Graph
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
    lots = matching(plans.outlined(planned.plan, everything=everything), chosen)
    if ids:  # of steps, which every command understands, and not of takes
        for name in dict.fromkeys(_in_order((lot.ids, lot) for lot in lots)):
            show.line(name)
        return
    places = _Places(planned, found.project.root, draft=bool(found.setting.draft))
    if options.json:
        steps = _in_order((_entries(lot, planned.graph, places), lot) for lot in lots)
        show.document({"version": VERSION, "name": found.project.name, "steps": [*steps]})
        return
    show.rows(*squeezed(HEAD, _in_order((_rows(lot, places), lot) for lot in lots)))


_Of = TypeVar("_Of")


def _in_order(told: Iterable[tuple[Iterable[_Of], Lot]]) -> Iterator[_Of]:
    """What is told of each take of each lot, in file order."""
    rows = chain.from_iterable(zip(lot.nodes, each, strict=True) for each, lot in told)
    return (each for _, each in sorted(rows, key=itemgetter(0)))


class _Places:
    """Where results are shown now: the names for people, as far as they exist."""

    def __init__(self, planned: Planned, root: Path, *, draft: bool) -> None:
        self._survey, self._root = planned.survey, root
        self._naming = outlets.naming(planned, draft=draft)
        self._members = cache(members)

    def of(self, lot: Lot, row: int) -> list[str]:
        """The paths of one take."""
        node, name = lot.nodes[row], lot.ids[row]
        gist = self._survey.gist(node)
        if gist is None or lot.pattern.hidden:
            return []
        is_told = self._survey.is_one_of_many(node) or name in self._naming.recipes
        recipe = recipe_of(self._survey.manifests[node]) if is_told else ""
        ended = Ended(name, node[1], "reused", recipe=recipe, outputs=gist.outputs)
        files = outlets.files(ended, lot.pattern.takes, self._naming)[-len(gist.outputs) :]
        return [path for path, _ in files if self._is_there(path)]

    def _is_there(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in self._members(f"{self._root}/{folder}")


def _rows(lot: Lot, places: _Places) -> Iterator[tuple[str, ...]]:
    pattern = lot.pattern
    same = pattern.op.name, lot.verdict, " ".join(pattern.tags), expected(pattern)
    for row, (name, (_, take)) in enumerate(lot.rows):
        path = next(iter(places.of(lot, row)), "")
        yield plans.ident(name, take, pattern), *same, path


def _entries(lot: Lot, graph: Graph, places: _Places) -> Iterator[dict[str, Any]]:
    for row, (number, take) in enumerate(lot.nodes):
        step = graph.steps[number]
        yield {
            "id": plans.ident(step.id, take, step),
            "step": step.name,
            "item": step.item or None,
            "take": take,
            "model": step.op.name,
            "kind": step.op.kind,
            "verdict": lot.verdict,
            "tags": list(step.tags),
            "expects": [_expected(expect) for expect in step.expects],
            "paths": places.of(lot, row),
            "hidden": step.hidden,
        }


def _expected(expect: Expect) -> dict[str, Any]:
    facts = expect.facts
    return {
        "media": expect.media,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "fps": facts.fps,
        "audio": facts.audio,
    }
