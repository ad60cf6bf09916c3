"""A finished run as rows and as one document. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.money import dollars, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kinoform.core.report import Ended, RunReport
    from kinoform.core.types import Blob, Graph, Step

    # path(step, ended, number from 0) is where an output is shown, or None
    Path = Callable[[Step, Ended, int], str | None]

VERSION = 1


def shown(report: RunReport, graph: Graph) -> Iterable[tuple[Ended, Step]]:
    """Endings with their steps, inserted ones left out unless they went wrong."""
    for ended in report.steps:
        step = graph.steps[graph.index[ended.step]]
        if not step.hidden or ended.outcome in ("failed", "lost"):
            yield ended, step


def ident(ended: Ended, step: Step) -> str:
    """`clip@s020`, with `#2` only where the step has more than one take."""
    return f"{ended.step}#{ended.take}" if step.takes > 1 else ended.step


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
    visible = tuple(ended for ended, _ in shown(report, graph))
    return {str(way): many for way, many in replace(report, steps=visible).counts().items()}


def document(report: RunReport, graph: Graph, path: Path, problems: list[Any]) -> dict[str, Any]:
    """The run as `run --json` prints it."""
    return {
        "version": VERSION,
        "run": report.run,
        "counts": counts(report, graph),
        "paid": text(report.paid()),
        "steps": [_entry(ended, step, path) for ended, step in shown(report, graph)],
        "problems": problems,
    }


def headline(report: RunReport, graph: Graph) -> str:
    """One line: how it went, and what was paid."""
    parts = [f"{number} {outcome}" for outcome, number in counts(report, graph).items() if number]
    return f"{', '.join(parts) or 'nothing to do'}; paid {dollars(report.paid())}"
