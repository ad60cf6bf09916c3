"""What a request will give: media type, count, pixels, seconds, frame rate and sound per output.

Interprets the `outputs` table of a model file. Each fact is a list of rows, tried in order: the
first whose conditions hold and whose field is given decides, even if it decides "not known yet".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from kinoform.core.classes import dataclass
from kinoform.core.types import Expect, Facts
from kinoform.spec import sizes
from kinoform.spec.fields import MISSING, any_holds, get, is_source, matches
from kinoform.spec.judge import law

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.core.types import Source
    from kinoform.spec.catalog import Model

    FactsOf: TypeAlias = Callable[[Source], Facts | None]
    MediaOf: TypeAlias = Callable[[Source], str | None]
    Rows: TypeAlias = list[Mapping[str, Any]]

_NO_MEDIA = "application/octet-stream"
_MOST = 100  # more outputs than any model has: the judge has refused such a count


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, and what is known of its inputs."""

    model: Model
    params: Mapping[str, Any]
    facts_of: FactsOf
    media_of: MediaOf

    def field(self, path: str) -> Any:
        """The value that counts: given, else the documented default, else MISSING."""
        given = get(self.params, path)
        return law(self.model).defaults.get(path, MISSING) if given is MISSING else given

    def inputs(self, path: str) -> list[Any]:
        """What stands at a media field, in order."""
        return [value for _at, value in matches(self.params, path)]

    def facts(self, value: Any) -> Facts:
        """What is known of an input; nothing of an upload or of a late value."""
        return (self.facts_of(value) if is_source(value) else None) or Facts()


def _unknown(_source: Source) -> str | None:
    return None


def expects(
    model: Model,
    params: Mapping[str, Any],
    facts_of: FactsOf,
    media_of: MediaOf = _unknown,
) -> tuple[Expect, ...]:
    """The outputs of one run of this request, as many as it asks for.

    Facts that hang on inputs are there as far as `facts_of` knows those inputs.
    """
    asked, table = _Asked(model, params, facts_of, media_of), model.table("outputs")
    size, guessed = _first(asked, table.get("size", []))
    width, height = size if isinstance(size, tuple) else (None, None)
    rest = {name: _first(asked, table.get(name, [])) for name in ("seconds", "fps", "audio")}
    found = {name: value for name, (value, _) in rest.items()}
    facts = Facts(
        width, height, _real(found["seconds"]), _real(found["fps"]), _flag(found["audio"])
    )
    inferred = guessed or any(guess for _, guess in rest.values())
    media, _ = _first(asked, table["media"])
    return (Expect(media or _NO_MEDIA, facts, inferred),) * _count(asked, table)


def _real(value: Any) -> float | None:
    right = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if right else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(asked: _Asked, table: Mapping[str, Any]) -> int:
    count = asked.field(table["count"]) if "count" in table else 1
    return min(max(count, 1), _MOST) if isinstance(count, int) else 1


def _first(asked: _Asked, rows: Rows) -> tuple[Any, bool]:
    """The value of the row that decides (None: not known), and whether it is inferred."""
    for row in rows:
        applies = any_holds(row["when"], asked.params) if "when" in row else True
        if applies is None:
            return None, False
        value = _SOURCES[row["from"]](asked, row) if applies else MISSING
        if value is not MISSING:
            return value, bool(row.get("inferred")) and value is not None
    return None, False


def _const(_asked: _Asked, row: Mapping[str, Any]) -> Any:
    return row["value"]


def _field(asked: _Asked, row: Mapping[str, Any]) -> Any:
    value = asked.field(row["path"])
    if "map" in row and value is not MISSING:
        return row["map"].get(value) if isinstance(value, str) else None
    return value


def _pair(asked: _Asked, row: Mapping[str, Any]) -> Any:
    width, height = (asked.field(path) for path in row["paths"])
    if width is MISSING or height is MISSING:
        return MISSING
    whole = all(isinstance(side, int | float) for side in (width, height))
    return (int(width), int(height)) if whole else None


def _text(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """A size written as text; `even` rounds each side down, as chroma demands."""
    text = asked.field(row["path"])
    return MISSING if text is MISSING else _even(sizes.pixels(text), row)


def _even(size: tuple[int, int] | None, row: Mapping[str, Any]) -> tuple[int, int] | None:
    if size is None or not row.get("even"):
        return size
    return max(2, size[0] // 2 * 2), max(2, size[1] // 2 * 2)


def _sides(facts: Facts) -> tuple[int, int] | None:
    return (facts.width, facts.height) if facts.width and facts.height else None


def _follow(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """A fact of the first input there."""
    found = asked.inputs(row["path"])
    if not found:
        return MISSING
    facts = asked.facts(found[0])
    return _even(_sides(facts), row) if row["fact"] == "size" else getattr(facts, row["fact"])


def _media(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """The media type of the first input there, if it is one of `of`."""
    for value in asked.inputs(row["path"]):
        media = asked.media_of(value) if is_source(value) else None
        return media if media in row["of"] else MISSING
    return MISSING


def _sum(asked: _Asked, row: Mapping[str, Any]) -> Any:
    known = [getattr(asked.facts(value), row["fact"]) for value in asked.inputs(row["path"])]
    return None if None in known or not known else sum(known)


def _some(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """Whether any input there has it (sound)."""
    known = [getattr(asked.facts(value), row["fact"]) for value in asked.inputs(row["path"])]
    return True if True in known else None if None in known or not known else False


def _nearest(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """The offered size nearest in shape to the first input, in one tier where a field names it."""
    found = asked.inputs(row["path"])
    if not found:
        return MISSING
    sides, tier = _sides(asked.facts(found[0])), None
    if "tier" in row:
        tier = get(asked.params, row["tier"])
        if tier is MISSING:
            return MISSING
    if sides is None or not isinstance(tier, str | None):
        return None
    near = sizes.nearest_aspect(asked.model.document["sizes"], *sides, tier)
    return (near["width"], near["height"]) if near else None


def _row(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """The row of the size table with these values in these columns."""
    wanted = {column: asked.field(path) for column, path in row["columns"].items()}
    for each in asked.model.document["sizes"]:
        if all(each[column] == value for column, value in wanted.items()):
            return (each["width"], each["height"]) if each.get("width") else None
    return None


def _fit(asked: _Asked, row: Mapping[str, Any]) -> Any:
    """The size of an input when it is scaled to fit inside a box."""
    box, found = sizes.pixels(asked.field(row["path"])), asked.inputs(row["of"])
    sides = _sides(asked.facts(found[0])) if found else None
    if box is None or sides is None:
        return None
    scale = min(box[0] / sides[0], box[1] / sides[1])
    return max(1, round(sides[0] * scale)), max(1, round(sides[1] * scale))


_SOURCES: dict[str, Callable[[_Asked, Mapping[str, Any]], Any]] = {
    "const": _const,
    "field": _field,
    "pair": _pair,
    "text": _text,
    "follow": _follow,
    "media": _media,
    "sum": _sum,
    "some": _some,
    "nearest": _nearest,
    "row": _row,
    "fit": _fit,
}
