"""Typed reading of an action's parameters, with every fault as a located problem.

Knows shapes only; what a parameter means stays with the operation that asks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import OpError, Problem
from kinoform.core.types import Blob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SHOWN = 80
SIDE = 16384
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)


def short(value: object, limit: int = SHOWN) -> str:
    """One line of at most `limit` characters, safe to show."""
    text = " ".join(str(value).split())
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def fault(code: str, message: str, hint: str = "", path: str = "") -> OpError:
    """The error to raise; `path` is the parameter's name."""
    return OpError(Problem(code, message, hint=hint, path=f"with.{path}" if path else ""))


def misuse(name: str, rule: str, seen: object) -> OpError:
    """A parameter that breaks its rule."""
    return fault("op-param", f"{name} must be {rule}, not {short(repr(seen))}", path=name)


def blobs(params: Mapping[str, Any], name: str) -> list[Blob]:
    """A list of at least one file. Raises OpError."""
    found = params.get(name)
    items = list(found) if isinstance(found, list | tuple) else [found]
    files = [item for item in items if isinstance(item, Blob)]
    if not files or len(files) != len(items):
        raise misuse(name, "a list of files, at least one", found)
    return files


def blob(params: Mapping[str, Any], name: str) -> Blob:
    """Exactly one file. Raises OpError."""
    found = params.get(name)
    if not isinstance(found, Blob):
        raise misuse(name, "a file", found)
    return found


def text(params: Mapping[str, Any], name: str, default: str = "") -> str:
    """Words. Raises OpError."""
    found = params.get(name)
    if found is None:
        return default
    if not isinstance(found, str):
        raise misuse(name, "text", found)
    return found


def choice(params: Mapping[str, Any], name: str, allowed: Sequence[str], default: str) -> str:
    """One of the allowed words. Raises OpError."""
    found = params.get(name)
    if found is None:
        return default
    if found not in allowed:
        raise misuse(name, f"one of {', '.join(allowed)}", found)
    return str(found)


def flag(params: Mapping[str, Any], name: str) -> bool:
    """True or false, false where it is not given. Raises OpError."""
    found = params.get(name)
    if found is not None and not isinstance(found, bool):
        raise misuse(name, "true or false", found)
    return bool(found)


def whole(params: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    """An integer within limits, None where it is not given. Raises OpError."""
    found = params.get(name)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
        raise misuse(name, f"a whole number from {low} to {high}", found)
    return found


def number(params: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    """A number within limits, None where it is not given. Raises OpError."""
    found = params.get(name)
    if found is None:
        return None
    if not isinstance(found, int | float) or isinstance(found, bool) or not low <= found <= high:
        raise misuse(name, f"a number from {low:g} to {high:g}", found)
    return float(found)


def size(params: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    """Width and height from "WxH", None where it is not given. Raises OpError."""
    found = params.get(name)
    if found is None:
        return None
    match = _SIZE.fullmatch(found) if isinstance(found, str) else None
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(0 < side <= SIDE for side in sides):
        raise misuse(name, f'"WIDTHxHEIGHT" in pixels, each 1 to {SIDE}', found)
    return sides


def path_of(files: Mapping[str, Path], item: Blob) -> Path:
    """The verified file of a blob. Raises OpError if the caller did not bring it."""
    found = files.get(item.digest)
    if found is None:
        raise fault("bad-media", f"the bytes of {short(item.digest)} are not at hand")
    return found
