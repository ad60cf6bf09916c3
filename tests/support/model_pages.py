"""The model pages that tests compile, and the models that come of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from shipped_models import O1, O3, THREE, WAVE, meta

from kinoform.spec.catalog import Model, load
from kinoform.spec.pages.compiler import compile_page

if TYPE_CHECKING:
    from kinoform.spec.pages.report import Report

PAGES = Path(__file__).parents[1] / "data" / "pages"
DAY = "2026-11-20"
PAGE_OF = {
    O3: "klingai-image-o3.md",
    THREE: "klingai-image-3-0.md",
    O1: "klingai-image-o1.md",
    WAVE: "kwaivgi-kling-image-o3.txt",
}
LOST = "klingai-video-o3-pro.txt"


def text(name: str) -> str:
    """A page as it stands."""
    return (PAGES / name).read_text(encoding="utf-8")


@cache
def report(name: str) -> Report:
    """What comes of a page, by its file name."""
    return compile_page(text(name), DAY)


@cache
def compiled(name: str) -> Model:
    """The model that a page makes; its file follows the schema of model files."""
    return load(report(name).document, meta())
