"""Everything that a plan reads besides the graph."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from kinoform.core.equates import Equate
    from kinoform.core.tasks import Task
    from kinoform.core.types import Blob, Gist, Pick, Result, Source


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a plan reads besides the graph; all of it is a read.

    `results` looks up records by key, and `gists` what plans mostly ask of them, in a fraction of the
    time; `present` says which of these digests the store holds. `blobs` holds project files, data URIs
    and pinned addresses. `heads` is the key that each (step id, take) had last in this project; `more`
    are the takes after the first that a step ever had, under whatever recipe. `picks` is what people
    chose, by step id, and `chosen` those bytes; `equates` are what they said counts as the same.
    `tasks` gives the attempts to buy these keys, in order; `dearer` says by what factor a model's last
    purchases took more than its file says.
    """

    results: Callable[[Collection[str]], Mapping[str, Result]]
    gists: Callable[[Collection[str]], Mapping[str, Gist]]
    present: Callable[[Collection[str]], set[str]]
    blobs: Mapping[Source, Blob]
    heads: Mapping[tuple[str, int], str] = field(default_factory=dict)
    picks: Mapping[str, Pick] = field(default_factory=dict)
    chosen: Mapping[str, Blob] = field(default_factory=dict)
    tasks: Callable[[Collection[str]], Iterable[Task]] = lambda _keys: ()
    dearer: Mapping[str, Decimal] = field(default_factory=dict)
    more: Mapping[str, Collection[int]] = field(default_factory=dict)
    equates: Sequence[Equate] = ()


def several(nodes: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """The takes after the first among these (step id, take), by step; for `World.more`."""
    found: dict[str, set[int]] = {}
    for step, take in nodes:
        if take > 1:
            found.setdefault(step, set()).add(take)
    return found
