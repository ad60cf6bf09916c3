"""Codes of the emulator: its fault plan and how it is started."""

from __future__ import annotations

CODES: dict[str, str] = {
    "no-fault-plan": "A fault plan is a map with `rules`.",
    "fault-not-here": "A rule of a fault plan has one fault, at a point where it means something.",
    "not-a-share": "A share or a chance is a number from 0 to 1.",
    "not-this-machine": "The emulator is reached from this machine only.",
    "port-taken": "The emulator listens on a port that nobody else has.",
    "unknown-mode": "A mode is one of the open questions that the emulator knows.",
    "bad-mode": "A mode has one of the answers that its question has.",
}
