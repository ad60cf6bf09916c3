"""The care of a store in words: sizes, what a collection takes, grades of builds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.garbage import summed
from kinoform.views.words import listed, many

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.garbage import Fate, Sum
    from kinoform.core.grades import Build
    from kinoform.views.fields import Fields

_STEP = 1000
_UNITS = ("kB", "MB", "GB", "TB")
_SORTS = {
    "paid": "paid results",
    "unknown": "unknown",
    "local": "local results",
    "draft": "drafts",
    "input": "inputs",
}
HEAD = ("what", "objects", "size", "why", "of")
RIGHT = ("objects", "size")


def weight(size: float) -> str:
    """How many bytes, in few characters: `812 bytes`, `1.2 MB`."""
    if size < _STEP:
        return many(int(size), "byte")
    big = next((n for n in range(1, len(_UNITS)) if round(size / _STEP**n, 1) < _STEP), len(_UNITS))
    return f"{size / _STEP**big:,.1f} {_UNITS[big - 1]}"


def collection(fates: Iterable[Fate], *, goes: bool) -> list[tuple[str, ...]]:
    """One row for each sort and reason of what goes, or of what stays."""
    return [_row(each) for each in summed(fates) if each.goes == goes]


def _row(each: Sum) -> tuple[str, ...]:
    return (
        _SORTS[each.sort],
        f"{each.count:,}",
        weight(each.size),
        each.why,
        listed(each.steps),
    )


FATE: Fields = {
    "digest": "string: sha256 of the bytes",
    "size": "integer: bytes",
    "sort": "string: paid, local, draft, input or unknown",
    "goes": "boolean: whether it is to be removed, or was",
    "why": "string: the reason, in words",
    "steps": "list of string: ids of the instances that it belongs to",
}
GRADE: Fields = {
    "step": "string: a step that nothing else is made from",
    "grade": "string: exact, seeded or archived, its weakest link",
    "weakest": "string or null: that link; null where all is exact",
    "results": "integer: how many results behind it have that grade",
    "hosted": "integer: how many of those were bought",
}


def fate(each: Fate) -> dict[str, Any]:
    """One object as plain data."""
    return {
        "digest": each.thing.digest,
        "size": each.thing.size,
        "sort": each.sort,
        "goes": each.goes,
        "why": each.why,
        "steps": list(each.steps),
    }


def graded(builds: Sequence[Build]) -> list[str]:
    """`reel: archived (weakest: still@s010, 24 hosted results)`, one line for each way to be so."""
    lines: dict[str, list[str]] = {}
    for build in builds:
        lines.setdefault(_grade(build), []).append(build.step)
    return [f"{listed(steps)}: {said}" for said, steps in lines.items()]


def _grade(build: Build) -> str:
    if build.grade == "exact":
        return "exact"
    kind = "hosted result" if build.hosted == build.links else "result"
    return f"{build.grade} (weakest: {build.weakest}, {many(build.links, kind)})"


def grade(build: Build) -> dict[str, Any]:
    """The grade of one final step as plain data."""
    return {
        "step": build.step,
        "grade": build.grade,
        "weakest": None if build.grade == "exact" else build.weakest,
        "results": build.links,
        "hosted": build.hosted,
    }
