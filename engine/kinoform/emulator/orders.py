"""From a wire request to a task: what it will give, what it costs, and who draws it.

Shared by both providers; knows model files and no wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from kinoform.core.types import Expect
    from kinoform.emulator.world import Job, Media, World
    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding


@dataclass(frozen=True, slots=True)
class Order:
    """A request with its media found. `inputs` holds, by dotted path, what stands there."""

    model: Model
    request: Mapping[str, Any]
    inputs: Mapping[str, Media]
    expects: tuple[Expect, ...]
    cost: Decimal
    findings: tuple[Finding, ...]


async def read(world: World, model: Model, request: Any, key: str) -> Order:
    """Judge a request exactly as sent, find its media, and price it.

    Any finding of severity `error` means that the task is refused; the rest is then left empty.
    `cost` is USD for one result.
    """
    raise NotImplementedError


def place(world: World, order: Order, task: str, key: str) -> Job:
    """The job of an order under this id, with its results; not yet in the world, nor billed."""
    raise NotImplementedError


async def upload(world: World, data: bytes, media: str, key: str) -> Media:
    """Keep the bytes of an input; `media` empty: what the bytes say."""
    raise NotImplementedError


async def data_of(media: Media) -> bytes:
    """The bytes of a hosted file, made now if they were not made yet."""
    raise NotImplementedError
