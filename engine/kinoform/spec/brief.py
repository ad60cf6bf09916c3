"""A wire request in portable words, for a renderer that knows no model.

The reverse of `portable`, by the same table of the model file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import MISSING, get

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.spec.catalog import Model


def to_brief(model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """The request in portable words, for a renderer that knows no model; media stay leaves.

    Keys, where the request says them: prompt, references, image, video, first_frame, last_frame,
    reference_videos, elements (mappings with id, description, frontal_image, images, videos,
    voices, tags), segments (mappings with prompt, seconds), sound, duration.
    """
    brief: dict[str, Any] = {}
    frames: dict[str, list[Any]] = {}
    for name, row in {**model.table("portable"), **model.table("brief")}.items():
        if row.get("silent") or row.get("as") == "size":
            continue
        value = get(params, row["to"])
        if row.get("as") == "item" and isinstance(value, list):
            frames.setdefault(row["to"], list(value))
            value = _taken(frames[row["to"]], row)
        if value is not MISSING:
            brief[name] = _spoken(value, row)
    return brief


def _taken(items: list[Any], row: Mapping[str, Any]) -> Any:
    """The item with the row's mark, else the first one without any; taken out of the list."""
    ((key, _),) = row["mark"].items()
    marked = [item for item in items if _mark(item, key) in row["same"]]
    plain = [item for item in items if _mark(item, key) is None]
    for item in (*marked, *plain)[:1]:
        items.remove(item)
        return item.get(row["under"], MISSING) if isinstance(item, dict) else MISSING
    return MISSING


def _mark(item: Any, key: str) -> Any:
    value = item.get(key) if isinstance(item, dict) else MISSING
    return MISSING if isinstance(value, bool) else value


def _spoken(value: Any, row: Mapping[str, Any]) -> Any:
    back = {wire: name for name, wire in row.get("keys", {}).items()}
    if not isinstance(value, list):
        return value
    return [
        {back.get(key, key): each for key, each in item.items()} if isinstance(item, dict) else item
        for item in value
    ]
