"""Fields of a request by dotted path, conditions on them, and values as a person may see them.

Knows plain data and media leaves only; which field means what stands in the model files.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from kinoform.core.classes import dataclass
from kinoform.core.types import Data, File, Late, Ref, Url
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kinoform.core.errors import Severity
    from kinoform.core.types import Source

SHOWN = 80
MISSING: Final = object()
SOURCES = (Ref, File, Url, Data)
LEAVES = (*SOURCES, Late)


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation in a request. `path` is a dotted wire path, or several joined by ", ".

    `rule` is the id of the model file's rule, empty when the schema itself was broken. `seen` is
    the end of the message that says what was seen; before it stands the rule in the page's terms.
    """

    code: str
    severity: Severity
    path: str
    message: str
    hint: str = ""
    rule: str = ""
    seen: str = ""


def is_source(value: Any) -> TypeGuard[Source]:
    """Whether bytes will stand here."""
    return isinstance(value, SOURCES)


@lru_cache(maxsize=4096)
def parts(path: str) -> tuple[str, ...]:
    """`a.b[*].c` as (a, b, *, c)."""
    return tuple(path.replace("[*]", ".*").split(".")) if path else ()


def dotted(steps: Iterable[str | int]) -> str:
    """A concrete path as text: `inputs.frameImages.0.image`."""
    return ".".join(map(str, steps))


def pattern(steps: Iterable[str | int]) -> str:
    """The concrete path with its numbers as `[*]`, as media tables write it."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += "[*]"
        else:
            text += f".{step}" if text else step
    return text


def get(data: Any, path: str) -> Any:
    """The value at a path without `[*]`, else MISSING."""
    for step in parts(path):
        if not isinstance(data, dict) or step not in data:
            return MISSING
        data = data[step]
    return data


def matches(data: Any, path: str) -> list[tuple[tuple[str | int, ...], Any]]:
    """Every value that a path pattern reaches, each with its concrete path, in order."""
    found: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    for step in parts(path):
        found = [deeper for at, value in found for deeper in _into(at, value, step)]
    return found


def _into(
    at: tuple[str | int, ...], value: Any, step: str
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if step == "*":
        if isinstance(value, list):
            yield from (((*at, index), item) for index, item in enumerate(value))
    elif isinstance(value, dict) and step in value:
        yield (*at, step), value[step]


def put(data: dict[str, Any], path: str, value: Any) -> bool:
    """Set it, making the mappings on the way; False where something else stands on the way."""
    *above, last = parts(path)
    for step in above:
        inner = data.setdefault(step, {})
        if not isinstance(inner, dict):
            return False
        data = inner
    data[last] = value
    return True


def equal(a: Any, b: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return bool(a == b) and isinstance(a, bool) == isinstance(b, bool)


def holds(condition: str | Mapping[str, Any], request: Any) -> bool | None:
    """Whether a field is present, or has one of some values; None while that is known after run.

    A condition is a path, or `{path, is: value}`, or `{path, in: [values]}`.
    """
    if isinstance(condition, str):
        return get(request, condition) is not MISSING
    value = get(request, condition["path"])
    if isinstance(value, Late):
        return None
    allowed = condition["in"] if "in" in condition else [condition["is"]]
    return any(equal(value, each) for each in allowed)


def any_holds(conditions: Iterable[str | Mapping[str, Any]], request: Any) -> bool | None:
    """Whether at least one holds; None when that hangs on a value known after run."""
    seen = [holds(condition, request) for condition in conditions]
    return True if True in seen else None if None in seen else False


def field_of(condition: str | Mapping[str, Any]) -> str:
    """The path that a condition looks at."""
    return condition if isinstance(condition, str) else str(condition["path"])


def shown(value: Any) -> str:
    """The value on one line of at most 80 characters, without anything a terminal would act on."""
    if is_source(value):
        return "an artifact"
    if isinstance(value, Late):
        return "a value known after run"
    text = json.dumps(value, ensure_ascii=False, default=lambda _: "an artifact")
    return short("".join(c if c.isprintable() else "?" for c in text), SHOWN)


def ticked(paths: Iterable[str], word: str = "and") -> str:
    """Names as prose: `a`, `b` and `c`."""
    names = [f"`{path}`" for path in paths]
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
