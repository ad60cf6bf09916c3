"""Serves a world on loopback: uvicorn on a socket of ours, in this thread or in one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.emulator.world import World


def serve(world: World, port: int = 0, ready: Callable[[str], None] = print) -> None:
    """Listen on 127.0.0.1 until interrupted. `ready` gets the base address once it answers."""
    raise NotImplementedError
