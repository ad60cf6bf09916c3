"""Small model pages written for tests: one page, changed in one place, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model_pages import DAY, PAGES
from shipped_models import meta

from kinoform.spec.catalog import Model, load
from kinoform.spec.judge import judge_wire
from kinoform.spec.pages.compiler import compile_page

if TYPE_CHECKING:
    from kinoform.spec.pages.report import Report

BASE = (PAGES / "small" / "base.md").read_text(encoding="utf-8")
CALL = {
    "taskType": "videoInference",
    "taskUUID": "b7b5ebf0-da00-430f-a171-3d2d62e0512b",
    "model": "tin:lantern@2",
    "positivePrompt": "A lantern",
}
URL = "https://example.com/a.jpg"


def page(*sentences: str) -> str:
    """The base page with these sentences."""
    return BASE.replace("NOTHING", "\n\n---\n\n".join(sentences))


def made(*sentences: str) -> Report:
    """What comes of the base page with these sentences."""
    return compile_page(page(*sentences), DAY)


def untried(*sentences: str) -> Report:
    """The same of a page without examples, so that none can break a rule."""
    return compile_page(page(*sentences).partition("## Examples")[0], DAY)


def edited(*pairs: tuple[str, str]) -> Report:
    """What comes of the base page with texts replaced; each must stand there."""
    text = BASE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return compile_page(text.replace("NOTHING", ""), DAY)


def as_model(report: Report) -> Model:
    """The model of a report; its file follows the schema of model files."""
    return load(report.document, meta())


def rules_broken(report: Report, **request: Any) -> list[str]:
    """Ids of the rules that a request breaks; other faults count under their code."""
    found = judge_wire(as_model(report), {**CALL, **request})
    return [each.rule or each.code for each in found]
