"""Requests drawn at random around the model files, and two engines that judge them."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from hypothesis import strategies as st
from shipped_models import fields_in, model, shipped

from kinoform.spec.jsonschemas import FORMATS, faults, validator
from kinoform.spec.judge import judge_wire

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTED = [m.id for m in shipped().values() if m.kind == "hosted"]
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
# What no JSON Schema can say: the other engine does not know of it.
NOT_IN_SCHEMA = {"sum-differs", "product-out-of-range", "out-of-order", "no-such-item"}

OTHERS = {
    name: jsonschema_rs.Draft202012Validator(
        m.document["request"], validate_formats=True, formats=FORMATS
    )
    for name, m in shipped().items()
}
SEEDS = {
    name: [
        json.dumps(e["request"])
        for key in ("examples", "refused", "warned")
        for e in m.document.get(key, ())
    ]
    for name, m in shipped().items()
}


def values(schema: dict[str, Any]) -> Iterator[Any]:
    """Values at, below and above each limit of a field, and values of other types."""
    yield from schema.get("enum", ())
    yield from (schema[k] for k in ("const", "default") if k in schema)
    for key in ("minimum", "maximum"):
        if key in schema:
            yield from (schema[key] - 1, schema[key], schema[key] + 1, float(schema[key]))
    for key in ("minLength", "maxLength"):
        yield from ("é" * (schema[key] + n) for n in (-1, 0, 1) if key in schema)
    yield from (None, True, False, 0, -1, 1.5, 5, "", "a lamp", [], {}, UUID, "https://a.org/b.png")


def pool(name: str) -> list[tuple[tuple[str, ...], Any]]:
    """(field, value) for every field of the request, at any list index 0 or 1."""
    found: list[tuple[tuple[str, ...], Any]] = []
    for path, schema in fields_in(model(name).document["request"]):
        steps = tuple(path.replace("[*]", ".*").split("."))
        found += [(steps, value) for value in values(schema)]
    rows = model(name).document.get("sizes", ())
    found += [(("width",), row["width"]) for row in rows if "width" in row]
    found += [(("height",), row["height"]) for row in rows if "width" in row]
    return [*found, (("surprise",), 1)]


def legal(name: str) -> list[tuple[tuple[str, ...], Any]]:
    """Those of them that are right for their own field."""
    schemas = dict(fields_in(model(name).document["request"]))
    named = [(".".join(steps).replace(".*", "[*]"), steps, value) for steps, value in POOLS[name]]
    return [
        (steps, value)
        for path, steps, value in named
        if path in schemas and not list(faults(validator(schemas[path]), value))
    ]


POOLS = {name: pool(name) for name in shipped()}
LEGAL = {name: legal(name) for name in shipped()}


def write(request: Any, steps: tuple[str, ...], value: Any) -> None:
    """Set a field, making what is missing on the way; gives up where something else stands."""
    for step, after in zip(steps, (*steps[1:], ""), strict=True):
        fresh: Any = copy.deepcopy(value) if not after else [] if after == "*" else {}
        if step == "*" and isinstance(request, list):
            if not request or not after:
                request.append(fresh)
            request = request[-1]
        elif isinstance(request, dict) and step != "*":
            if not after:
                request[step] = fresh
            request = request.setdefault(step, fresh)
        else:
            return


@st.composite
def requests(draw: st.DrawFn, name: str) -> Any:
    """A request of the file, changed in up to four fields; half of them an example kept tame."""
    good = len(model(name).document["examples"])
    tame = draw(st.booleans())
    request = json.loads(draw(st.sampled_from(SEEDS[name][:good] if tame else SEEDS[name])))
    changes = st.sampled_from(LEGAL[name] if tame else POOLS[name])
    for steps, value in draw(st.lists(changes, max_size=4)):
        write(request, steps, value)
    for key in draw(st.lists(st.sampled_from(sorted(request) or ["none"]), max_size=1)):
        request.pop(key, None)
    return request


def ours(name: str, request: Any) -> bool:
    """Whether the judge accepts, leaving out what no schema can say."""
    return not [
        f
        for f in judge_wire(model(name), request)
        if f.severity == "error" and f.code not in NOT_IN_SCHEMA
    ]


def agreed(name: str, request: Any) -> bool:
    """Whether both engines say the same of a request."""
    return ours(name, request) == OTHERS[name].is_valid(request)
