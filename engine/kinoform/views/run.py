"""A finished run as rows and as one document. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.money import ZERO, dollars, text
from kinoform.views.fields import VERSIONED
from kinoform.views.words import lasted, many

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from decimal import Decimal

    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Blob, Graph, Step
    from kinoform.views.fields import Fields

    # path(step, ended, number from 0) is where an output is shown, or None
    Path = Callable[[Step, Ended, int], str | None]

VERSION = 1
_SEEN = ("video/", "image/")
_ENDS = {
    "done": "{n} made",
    "reused": "{n} up to date",
    "failed": "{n} failed",
    "blocked": "{n} blocked",
    "waiting": "{n} waiting",
    "skipped": "{n} left out",
    "lost": "{n} lost",
}


def shown(ends: Iterable[Ended], graph: Graph) -> Iterable[tuple[Ended, Step]]:
    """Endings with their steps, inserted ones left out unless they went wrong."""
    for ended in ends:
        step = graph.steps[graph.index[ended.step]]
        if not step.hidden or ended.outcome in ("failed", "lost"):
            yield ended, step


def ident(ended: Ended, step: Step) -> str:
    """`clip@s020`, with `#2` only where the step has more than one take."""
    several = step.takes > 1 or ended.take > 1
    return f"{ended.step}#{ended.take}" if several else ended.step


def _output(blob: Blob, number: int, path: str | None) -> dict[str, Any]:
    return {
        "name": str(number + 1),
        "digest": blob.digest,
        "media": blob.media,
        "path": path,
        "width": blob.facts.width,
        "height": blob.facts.height,
        "seconds": blob.facts.seconds,
    }


FIELDS: Fields = {
    **VERSIONED,
    "run": "string: its id in the ledger; empty where nothing was begun",
    "counts": "map: how many instances and takes ended in each way, all named",
    "counts.NAME": "integer: of this outcome",
    "paid": "money: by this run, 0 when nothing was",
    "steps": "list: one for each instance and take",
    "steps[].id": "string: step[@item], and #take where there are several",
    "steps[].outcome": "string: done, reused, failed, blocked, waiting, skipped or lost",
    "steps[].outputs": "list: what it made or has",
    "steps[].outputs[].name": "string: number among the outputs of one request, from 1",
    "steps[].outputs[].digest": "string: sha256 of the bytes",
    "steps[].outputs[].media": "string: type, such as image/png",
    "steps[].outputs[].path": "string or null: where it is shown in the project folder",
    "steps[].outputs[].width": "integer or null: pixels",
    "steps[].outputs[].height": "integer or null: pixels",
    "steps[].outputs[].seconds": "number or null: how long it plays",
    "steps[].paid": "money: for this one, by this run",
    "steps[].seconds": "number: of work or waiting",
}


def _entry(ended: Ended, step: Step, path: Path) -> dict[str, Any]:
    return {
        "id": ident(ended, step),
        "outcome": ended.outcome,
        "outputs": [_output(b, n, path(step, ended, n)) for n, b in enumerate(ended.outputs)],
        "paid": text(ended.paid),
        "seconds": ended.seconds,
    }


def counts(report: RunReport, graph: Graph) -> dict[str, int]:
    """How many steps ended in each way; all ways are named."""
    ended = tuple(ended for ended, _ in shown(report.ended, graph))
    stood = tuple(one for one in report.stood if not one.like.hidden)
    visible = replace(report, ended=ended, stood=stood)
    return {str(way): many for way, many in visible.counts().items()}


def document(report: RunReport, graph: Graph, path: Path, problems: list[Any]) -> dict[str, Any]:
    """The run as `run --json` prints it, in file order."""
    ends = sorted(report.steps, key=lambda ended: (graph.index[ended.step], ended.take))
    return {
        "version": VERSION,
        "run": report.run,
        "counts": counts(report, graph),
        "paid": text(report.paid()),
        "steps": [_entry(ended, step, path) for ended, step in shown(ends, graph)],
        "problems": problems,
    }


def worked(report: RunReport) -> bool:
    """Whether anything was made."""
    return any(ended.outcome == "done" for ended in report.ended)


def unfinished(report: RunReport, gated: Collection[str] = ()) -> bool:
    """Whether the same command would go on from here.

    It would not get past what is lost, nor past a choice that a person has to make: `gated` are
    the ids of steps that wait for one.
    """
    ends = (
        ended for ended in report.ended if ended.outcome != "waiting" or ended.step not in gated
    )
    ways = {ended.outcome for ended in ends}
    return bool(ways & {"failed", "waiting"}) or ("blocked" in ways and "lost" not in ways)


def headline(report: RunReport, graph: Graph) -> str:
    """One line: how it went."""
    found = counts(report, graph)
    if not any(number for name, number in found.items() if name not in ("reused", "skipped")):
        return f"nothing to do, {many(found['reused'], 'step is', 'steps are')} up to date"
    parts = [words.format(n=f"{found[name]:,}") for name, words in _ENDS.items() if found[name]]
    return ", ".join(parts)


def money(report: RunReport, price_real: Decimal, *, draft: bool) -> Iterable[str]:
    """What was paid; for a draft what it would have cost in earnest."""
    if not worked(report) and not report.paid():
        return
    seconds = sum(ended.seconds for ended in report.ended)
    work = f"{lasted(seconds)} of work"
    if draft and report.paid():
        yield f"paid {dollars(report.paid())}; the rest is a draft ({work})"
    elif draft:
        yield f"paid nothing: a draft; in earnest it would cost {dollars(price_real)} ({work})"
    else:
        yield f"paid {dollars(report.paid()) if report.paid() else 'nothing'} ({work})"
    wasted = sum((ended.paid for ended in report.ended if ended.outcome == "failed"), ZERO)
    if wasted:
        yield f"{dollars(wasted)} of that at most went for what failed: kinoform cost --by cause"


def best(report: RunReport, graph: Graph, path: Path) -> str | None:
    """The file to look at first: what nothing else is made from, clips before pictures."""

    def rank(one: tuple[Ended, Step]) -> tuple[bool, bool, bool, float]:
        (ended, step), blob = one, one[0].outputs[0]
        final, moves = not graph.users[graph.index[step.id]], blob.media.startswith("video/")
        return ended.outcome == "done", final, moves, blob.facts.seconds or 0.0

    seen = [one for one in report.ended if _is_seen(one.outputs)]
    seen += [one.ended for one in report.stood if _is_seen(one.outputs)]
    # Asked from the best on: a look at the disk for each of ten thousand takes longer than all else.
    ranked = sorted(shown(seen, graph), key=rank, reverse=True)
    names = (path(step, ended, 0) for ended, step in ranked)
    return next((name for name in names if name is not None), None)


def _is_seen(outputs: Sequence[Blob]) -> bool:
    """Whether there is something to look at."""
    return bool(outputs) and outputs[0].media.startswith(_SEEN)
