"""The emulator as one web app: both APIs, hosted files, and a door for whoever tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kinoform.emulator.world import World


def app(world: World) -> ASGIApp:
    """Every route, with the faults of the wire around them.

    `POST /v1` and a websocket there (Runware), `/api/v3/...` (WaveSpeed), `/media/ID`,
    `/_emulator/ledger`, `/_emulator/tasks`, `/_emulator/faults`, `/_emulator/clock`.
    """
    raise NotImplementedError
