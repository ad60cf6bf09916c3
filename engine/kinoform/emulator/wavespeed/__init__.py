"""WaveSpeed on loopback: its calls, its envelope, its limits and its open questions."""

from __future__ import annotations

from kinoform.emulator.wavespeed.tasks import routes

__all__ = ["routes"]
