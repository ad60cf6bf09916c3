"""The names that a pipeline declares, from a file that may be half-written.

Nothing is judged: faults are passed over, and what can be read is taken. An editor needs it most
while the file is not yet right.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.spec.blocks import gather
from kinoform.spec.collections import collect
from kinoform.spec.loading import Loading
from kinoform.spec.shape import Shape
from kinoform.spec.source import read_most
from kinoform.spec.steps import Known, declare
from kinoform.spec.tree import Map, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kinoform.core.errors import Where
    from kinoform.spec.blocks import Blocks
    from kinoform.spec.loading import Reader

CAST = ("shots", "characters", "styles")
MAX_TRIES = 60
MAX_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Names:
    """What a pipeline names.

    Aliases with their model ids, collections with their keys (None where they cannot be read),
    steps with the collections that their foreach goes over. Unless `whole`, there may be more names
    than these: a file was not readable, or not everywhere.
    """

    aliases: Mapping[str, tuple[str, ...]]
    collections: Mapping[str, tuple[str, ...] | None]
    steps: Mapping[str, tuple[str, ...]]
    whole: bool = True
    problems: tuple[Problem, ...] = ()


def names(read: Reader, path: str) -> Names:
    """The names of the pipeline at `path` and of what it includes.

    Raises SpecError when the file itself cannot be read at all.
    """
    loading = _Lenient(read)
    anything = Shape({})
    blocks = gather(loading, path, anything, anything)
    collections = dict(_collections(loading, blocks))
    steps = declare(loading, blocks.map("steps"), Known(blocks.map("models"), {
        name: None if keys is None else dict.fromkeys(keys) for name, keys in collections.items()
    }))  # fmt: skip
    return Names(
        {alias: _ids(value) for alias, value in blocks.map("models").items()},
        collections,
        {name: tuple(step.foreach.values()) for name, step in steps.items()},
        loading.whole,
        in_order(loading.problems),
    )


def _ids(value: Any) -> tuple[str, ...]:
    many = value.get("any") if isinstance(value, Map) else [value]
    return tuple(x for x in many if isinstance(x, str)) if isinstance(many, list) else ()


def _collections(loading: _Lenient, blocks: Blocks) -> Iterable[tuple[str, tuple[str, ...] | None]]:
    declared = {name: blocks.maps[name] for name in CAST if name in blocks.maps}
    inner = blocks.map("data").items()
    declared |= {f"data.{name}": block for name, block in inner if isinstance(block, Map)}
    for name, block in declared.items():
        found = collect(loading, name, block)
        yield name, found.order if found.order or not found.inert else None


class _Lenient(Loading):
    """A loading that goes on where another would end."""

    whole = True

    def extend(self, problems: Iterable[Problem]) -> None:
        """More faults, as many as anybody reads."""
        self.problems = [*self.problems, *problems][:MAX_PROBLEMS]

    def open(self, path: str, asked: Where | None) -> Source | None:
        """The file, or None, also where the reader refuses the path."""
        try:
            found = super().open(path, asked)
        except ValueError:
            found = None
        self.whole = self.whole and found is not None
        return found

    def glob(self, pattern: str, asked: Where | None) -> list[str]:
        """The files; none for a pattern that is none yet."""
        try:
            return super().glob(pattern, asked)
        except (ValueError, NotImplementedError):
            return []

    def tree(self, path: str, asked: Where | None) -> tuple[Source, Any] | None:
        """The source and what could be read of it; no map counts as an empty one."""
        source = self.sized(path, asked)
        if source is None:
            return None
        try:
            tree, problems = read_most(source)
        except SpecError as error:
            self.whole = False
            self.extend(error.problems)
            left = _without_bad_lines(source, error)
            return None if left is None else (source, left)
        self.extend(problems)
        return source, tree if isinstance(tree, Map) else Map(source, 0)


def _without_bad_lines(source: Source, error: SpecError) -> Map | None:
    """The tree without the line at which reading stops, or of what stands above it.

    The line that is at fault may stand far above the place where that shows: a quote that was not
    closed ends at the next one. None when neither helps.
    """
    lines, last = source.data.split(b"\n"), _line(error)
    numbers = [n for n in range(min(last, len(lines)), 0, -1) if lines[n - 1].strip()][:MAX_TRIES]
    without = ([*lines[: n - 1], b"", *lines[n:]] for n in numbers)
    above = (lines[: n - 1] for n in numbers)
    for left in chain(without, above):
        with suppress(SpecError):
            tree = read_most(Source(source.file, b"\n".join(left)))[0]
            if isinstance(tree, Map):
                return tree
    return None


def _line(error: SpecError) -> int:
    return max((p.where.line for p in error.problems if p.where), default=0)
