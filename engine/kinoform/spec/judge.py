"""The judge of requests: every violation of a model's schema and rules at once, with stable codes.

The schema is judged without the conditionals that the file's rules explain: those are judged as
rules, by name. Tests hold both readings equal.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec import rules
from kinoform.spec.fields import LEAVES, Finding, dotted, parts, pattern, ticked
from kinoform.spec.sound import sound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.spec.catalog import Model

OURS = ("delivery", "transport")
JUDGE = 1  # raised when a request that was right may be wrong now under the same model file


@dataclass(frozen=True, slots=True)
class Law:
    """What is worked out once per model: two schemas, and tables read off its request schema.

    `properties` holds the dotted path of every field; `constants` the fields with one possible
    value; `withheld` the top-level fields that a step may not set.
    """

    step: Mapping[str, Any]
    wire: Mapping[str, Any]
    properties: tuple[str, ...]
    constants: Mapping[str, Any]
    defaults: Mapping[str, Any]
    withheld: Mapping[str, str]
    ruled: bool


@lru_cache(maxsize=128)
def law(model: Model) -> Law:
    """The compiled tables of a model."""
    schema = without_explained(model)
    fields = dict(_walk(schema, ""))
    top = schema.get("properties", {})
    constants = {name: each["const"] for name, each in top.items() if "const" in each}
    withheld = {name: _class(model, name) for name in top}
    withheld = {n: c for n, c in withheld.items() if c in OURS} | dict.fromkeys(
        constants, "constant"
    )
    required = [name for name in schema.get("required", ()) if name not in withheld]
    return Law(
        step={**schema, "required": required},
        wire=schema,
        properties=tuple(fields),
        constants=constants,
        defaults={path: each["default"] for path, each in fields.items() if "default" in each},
        withheld=withheld,
        ruled=bool(model.table("rules")),
    )


def without_explained(model: Model) -> dict[str, Any]:
    """The request schema without the conditionals that a rule of the file explains."""
    schema = dict(model.table("request"))
    named = {rule["id"] for rule in model.table("rules")}
    kept = [each for each in schema.pop("allOf", ()) if each.get("x-rule") not in named]
    return {**schema, "allOf": kept} if kept else schema


def _walk(schema: Mapping[str, Any], at: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, each in schema.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path, each
        yield from _walk(each, path)
        yield from _walk(each.get("items", {}), f"{path}[*]")


def _class(model: Model, path: str) -> str:
    """The class of a field: of the longest path in `classes` that it lies under."""
    classes, steps = model.table("classes"), list(parts(path.replace("[*]", "")))
    while steps:
        found = classes.get(".".join(steps))
        if found:
            return str(found)
        steps.pop()
    return ""


def class_of(model: Model, path: str) -> str:
    """content, technical, delivery or transport; empty for a field that the model does not have."""
    return _class(model, path)


def full_request(model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """The request with the constants that the model demands (`model`, `taskType`)."""
    return {**law(model).constants, **params}


def judge(model: Model, request: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Every violation in what a step would send; nothing that kinoform fills in is missed.

    Media and values known after run count as right for their field.
    """
    return _judged(model, request, portable=True)


def judge_wire(model: Model, request: Any) -> tuple[Finding, ...]:
    """Every violation in one task exactly as sent, transport and delivery fields included."""
    if not isinstance(request, dict):
        hint = "give the one task, without the list around it" if isinstance(request, list) else ""
        said = f"a request is a mapping, not {_words().kind_of(request)}"
        return (Finding("wrong-type", "error", "", said, hint),)
    return _judged(model, request, portable=False)


def _judged(model: Model, request: Mapping[str, Any], *, portable: bool) -> tuple[Finding, ...]:
    found = list(_misplaced(model, request, ()))
    if not sound(_schema(model, portable=portable), request):
        faults = _words().faults(_validator(model, portable=portable), request)
        found += [_explained(model, each, portable=portable) for each in faults]
    found += _ruled(model, request)
    return tuple(dict.fromkeys(found))


def right(model: Model, request: Mapping[str, Any]) -> bool:
    """Whether a step's request is right for certain, told without loading anything."""
    return (
        sound(law(model).step, request)
        and not any(_misplaced(model, request, ()))
        and not any(_ruled(model, request))
    )


def _words() -> Any:
    """The bridge to the schema library, which has the words for what is wrong."""
    from kinoform.spec import jsonschemas  # noqa: PLC0415  (what is right needs no library)

    return jsonschemas


@lru_cache(maxsize=128)
def _validator(model: Model, *, portable: bool) -> Any:
    return _words().validator(_schema(model, portable=portable))


def _schema(model: Model, *, portable: bool) -> Mapping[str, Any]:
    return law(model).step if portable else law(model).wire


def _ruled(model: Model, request: Mapping[str, Any]) -> Iterator[Finding]:
    if law(model).ruled:
        sizes = model.document.get("sizes", ())
        yield from rules.check(model.document["rules"], request, sizes, law(model).defaults)


def _misplaced(model: Model, value: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    """Artifacts where the model takes none."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _misplaced(model, each, (*at, name))
    elif isinstance(value, list):
        takes = pattern((*at, 0)) in model.table("media")  # the same for each of a long list
        for index, each in enumerate(value):
            if not (takes and isinstance(each, LEAVES)):
                yield from _misplaced(model, each, (*at, index))
    elif isinstance(value, LEAVES[:-1]) and pattern(at) not in model.table("media"):
        yield _no_media_here(model, at)


def _no_media_here(model: Model, at: tuple[str | int, ...]) -> Finding:
    path, media = dotted(at), model.table("media")
    said = f"{path} takes no artifact"
    if f"{pattern(at)}[*]" in media:
        return Finding("wrong-type", "error", path, f"{path} is a list of media",
                       "put it in brackets: [ ... ]")  # fmt: skip
    hint = f"artifacts go into {ticked(media)}" if media else "this model takes none"
    return Finding("artifact-not-allowed-here", "error", path, said, hint)


def _explained(model: Model, finding: Finding, *, portable: bool) -> Finding:
    """With the model's name, and a hint that knows portable names and other levels."""
    if finding.code == "missing" and portable:
        return replace(finding, hint=_portable_hint(model, finding.path))
    if finding.code == "wrong-type" and portable and _takes_media(model, finding.path):
        said = finding.message.replace("text is wanted", "one picture, clip or sound is wanted")
        return replace(finding, message=said, hint=_MEDIA_HINT)
    if finding.code != "unknown-parameter":
        return finding
    said = finding.message.replace("there is", f"{model.id} has", 1)
    return replace(finding, message=said, hint=_hint(model, finding, portable=portable))


_MEDIA_HINT = "give an artifact, a file of the project, an https address or a data URI"


def _takes_media(model: Model, path: str) -> bool:
    return pattern(int(p) if p.isdecimal() else p for p in parts(path)) in model.table("media")


def _portable_hint(model: Model, path: str) -> str:
    rows = model.table("portable").items()
    names = [
        name
        for name, row in rows
        if path in ([row["to"]] if isinstance(row["to"], str) else row["to"])
    ]
    if names == [path]:
        return f"add `{path}`"
    return f"write {ticked(names, 'or')}" if names else ""


def _hint(model: Model, finding: Finding, *, portable: bool) -> str:
    name = finding.path.rsplit(".", 1)[-1]
    elsewhere = [p for p in law(model).properties if parts(p)[-1] == name]
    if elsewhere:
        return f"did you mean {ticked(elsewhere, 'or')}?"
    if "." in finding.path or not portable:
        return finding.hint
    return str(_words().near(name, _settable(model)))


def _settable(model: Model) -> Sequence[str]:
    """Names that `with` may hold at its top level: portable ones, then native ones."""
    top = model.table("request").get("properties", {})
    native = [name for name in top if name not in law(model).withheld]
    return list(dict.fromkeys([*model.table("portable"), *native]))
