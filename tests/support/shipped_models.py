"""The model files that ship, parsed, and models made of small documents."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinoform.spec.catalog import Catalog, Model, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.core.types import Facts, Source

SCHEMAS = Path(__file__).parents[2] / "schemas"
FILES = sorted(path for path in SCHEMAS.glob("*/*.json") if path.parent.name != "pipeline")

O3 = "runware/klingai:kling-image@o3"
THREE = "runware/klingai:kling-image@3"
O1 = "runware/klingai:kling-image@o1"
PRO = "runware/klingai:kling-video@o3-pro"
WAVE = "wavespeed/kwaivgi/kling-image-o3"


@cache
def meta() -> dict[str, Any]:
    """The schema of model files."""
    found: dict[str, Any] = json.loads((SCHEMAS / "model.json").read_text(encoding="utf-8"))
    return found


@cache
def shipped() -> Catalog:
    """All of them."""
    return Catalog(load(json.loads(path.read_text(encoding="utf-8"))) for path in FILES)


def model(name: str) -> Model:
    """One of them."""
    return shipped()[name]


def changed(name: str, **parts: Any) -> Model:
    """One of them with other parts."""
    return load({**copy.deepcopy(dict(model(name).document)), **parts})


def schemas_in(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below a request, with the path pattern of its instances."""
    yield at, schema
    for name, each in schema.get("properties", {}).items():
        yield from schemas_in(each, f"{at}.{name}" if at else name)
    if isinstance(schema.get("items"), dict):
        yield from schemas_in(schema["items"], f"{at}[*]")


def fields_in(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema but the request itself."""
    return ((path, each) for path, each in schemas_in(schema, at) if path)


def nothing(_source: Source) -> Facts | None:
    """Facts of inputs that nobody knows."""
    return None
