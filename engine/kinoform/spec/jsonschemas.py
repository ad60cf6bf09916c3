"""The bridge to jsonschema: validators with our formats, and their errors as findings with codes.

Knows no model file: only schemas, instances, and the words for what can be wrong between them.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from kinoform.spec.fields import LEAVES, Finding, dotted, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema.protocols import Validator

_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~%]+")
_HOSTED = ("http", "https", "ws", "wss", "ftp")


def is_uuid4(value: object) -> bool:
    """A UUID with version 4 and the variant bits of RFC 9562; any value that is no text passes."""
    return not isinstance(value, str) or _UUID4.fullmatch(value) is not None


def is_uri(value: object) -> bool:
    """An absolute URI, with a host where its scheme has one; any value that is no text passes."""
    if not isinstance(value, str):
        return True
    if _URI.fullmatch(value) is None:
        return False
    try:
        seen = urlsplit(value)
    except ValueError:
        return False
    return bool(seen.hostname) or seen.scheme not in _HOSTED


FORMATS: dict[str, Callable[[object], bool]] = {"uuid4": is_uuid4, "uri": is_uri}


def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, check in FORMATS.items():
        checker.checks(name)(check)
    return checker


def _multiple_of(
    _validator: Validator, step: Any, instance: Any, _schema: Any
) -> Iterator[ValidationError]:
    """By decimal: 0.3 is a multiple of 0.1, which binary floats deny."""
    if _is_number(None, instance) and Decimal(str(instance)) % Decimal(str(step)):
        yield ValidationError(f"{instance} is not a multiple of {step}")


def _is_number(_checker: Any, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


_extend: Callable[..., Callable[..., Validator]] = extend
_judge_of = _extend(
    Draft202012Validator,
    {"multipleOf": _multiple_of},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number),
)
_FORMAT_CHECKER = _formats()


def validator(schema: Mapping[str, Any]) -> Validator:
    """The judge of one schema: draft 2020-12, formats asserted, nothing fetched."""
    return _judge_of(schema, format_checker=_FORMAT_CHECKER, registry=Registry())


def malformed(schema: Any) -> str:
    """What is wrong with the schema itself; empty for a good one."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"{dotted(error.absolute_path)}: {shown(error.message)}"
    return ""


def faults(judge: Validator, instance: Any) -> Iterator[Finding]:
    """Every violation, in the order of the schema; media and late leaves pass wherever they are.

    Of a value of the wrong type only the most telling is said: its step, the values that are
    listed, or the type; its limits mean nothing then.
    """
    errors = [each for each in judge.iter_errors(instance) if not isinstance(each.instance, LEAVES)]
    telling = _telling(errors)
    for error in errors:
        if telling.get(tuple(error.absolute_path), error.validator) == error.validator:
            yield from _findings(error)


def _telling(errors: Sequence[ValidationError]) -> dict[tuple[str | int, ...], str]:
    """For the path of each value of a wrong type, the keyword that says most."""
    found: dict[tuple[str | int, ...], str] = {}
    mistyped = {tuple(each.absolute_path) for each in errors if each.validator == "type"}
    for keyword in ("type", "const", "enum", "multipleOf"):
        broken = (tuple(e.absolute_path) for e in errors if e.validator == keyword)
        found |= dict.fromkeys((path for path in broken if path in mistyped), keyword)
    return found


def _findings(error: ValidationError) -> Iterator[Finding]:
    path, limit, schema = dotted(error.absolute_path), _limit(error), _schema(error)
    given: Any = error.instance
    if error.validator == "required":
        # One error per absent name, which only its message tells: the first one says them all.
        absent = [name for name in limit if name not in given]
        if error.message.startswith(repr(absent[0])):
            yield from (_missing(path, name) for name in absent)
    elif error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        extra = [name for name in given if name not in known]
        yield from (_unknown(path, str(name), known) for name in extra)
    else:
        yield _plain(error, path)


def _limit(error: ValidationError) -> Any:
    """The keyword's value in the schema."""
    return error.validator_value


def _schema(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, dict) else {}


def _missing(path: str, name: str) -> Finding:
    return Finding("missing", "error", _join(path, name), f"`{_join(path, name)}` is required")


def _unknown(path: str, name: str, known: Sequence[str]) -> Finding:
    where = f" in `{path}`" if path else ""
    said = f"there is no parameter {shown(name)}{where}"
    return Finding("unknown-parameter", "error", _join(path, name), said, near(name, known))


def near(name: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of the known names, or all of them."""
    folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{folded[close[0]]}`?"
    return f"it takes {', '.join(known)}" if known else ""


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_KINDS = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "a mapping", "null": "nothing",
}  # fmt: skip
_PLAIN = (
    (bool, "true or false"), (str, "text"), (int, "a whole number"), (float, "a number"),
    (list, "a list"), (dict, "a mapping"), (type(None), "nothing"),
)  # fmt: skip
_SAID = {
    "minimum": ("too-small", "{at} {seen} is below {limit}"),
    "exclusiveMinimum": ("too-small", "{at} {seen} is not above {limit}"),
    "maximum": ("too-large", "{at} {seen} is above {limit}"),
    "exclusiveMaximum": ("too-large", "{at} {seen} is not below {limit}"),
    "multipleOf": ("off-step", "{at} {seen} is not a multiple of {limit}"),
    "minLength": ("too-short", "{at} is too short ({count}): at least {limit} character{s}"),
    "maxLength": ("too-long", "{at} is too long ({count}): at most {limit} character{s}"),
    "minItems": ("too-few", "{at} has too few items ({count}): at least {limit}"),
    "maxItems": ("too-many", "{at} has too many items ({count}): at most {limit}"),
    "pattern": ("bad-format", "{at} {seen} does not have the right form; it is: {about}"),
    "format": ("bad-format", "{at} {seen} is not {form}"),
}
_FORMS = {"uuid4": "a UUID v4", "uri": "an absolute URI"}


def kind_of(value: Any) -> str:
    """What a value is, in words."""
    return next((word for kind, word in _PLAIN if isinstance(value, kind)), "an artifact")


def _plain(error: ValidationError, path: str) -> Finding:
    keyword, at, limit = str(error.validator), path or "the request", _limit(error)
    if keyword == "type":
        return _mistyped(path, at, error.instance, limit)
    if keyword in ("enum", "const"):
        return _unlisted(path, at, error.instance, limit if keyword == "enum" else [limit])
    code, form = _SAID.get(keyword, ("bad-value", "{at} {seen} breaks the rule " + keyword))
    count = len(error.instance) if isinstance(error.instance, str | list | dict) else 0
    said = form.format(
        at=at, seen=shown(error.instance), limit=shown(limit), count=count,
        s="" if limit == 1 else "s",
        form=_FORMS.get(str(limit), str(limit)), about=_schema(error).get("description", limit),
    )  # fmt: skip
    return Finding(code, "error", path, said)


def _mistyped(path: str, at: str, value: Any, wanted: str | list[str]) -> Finding:
    names = [wanted] if isinstance(wanted, str) else wanted
    words = " or ".join(_KINDS.get(name, name) for name in names)
    said = f"{at} is {kind_of(value)} ({shown(value)}), {words} is wanted"
    return Finding("wrong-type", "error", path, said, _type_hint(value, names))


def _type_hint(value: Any, wanted: Sequence[str]) -> str:
    if wanted == ["boolean"]:
        return "write true or false"
    if isinstance(value, str) and {"integer", "number"} & set(wanted):
        return "write ${{ ... }} as the whole value, or drop the quotes"
    if wanted == ["string"] and isinstance(value, bool | int | float):
        return "put it in quotes"
    if wanted == ["array"]:
        return "write a list: [ ... ]"
    return ""


def _unlisted(path: str, at: str, value: Any, allowed: Sequence[Any]) -> Finding:
    names = [str(each) for each in allowed]
    close = get_close_matches(str(value).casefold(), [n.casefold() for n in names], n=1)
    nearest = next((n for n in names if close and n.casefold() == close[0]), "")
    hint = f"did you mean {nearest}?" if nearest else ""
    said = f"{at} {shown(value)} is not one of {', '.join(names)}"
    if len(names) == 1:
        said = f"{at} must be {names[0]}, not {shown(value)}"
    return Finding("not-one-of", "error", path, said, hint)
