"""Codes of the emulator: its fault plan and how it is started."""

from __future__ import annotations

CODES = {
    "no-fault-plan": "A fault plan is a map with `rules`.",
    "fault-not-here": "A rule of a fault plan has one fault, at a point where it means something.",
    "not-a-share": "A share or a chance is a number from 0 to 1.",
}
