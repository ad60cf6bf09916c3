"""The codes of what can go wrong with shared folders, and with the care of the store."""

from __future__ import annotations

CODES: dict[str, str] = {
    "no-shared-folder": "pull and repair need a folder that something was pushed to.",
    "shared-refused": "A shared folder can be used, and no link in it is followed.",
    "shared-damaged": "What lies in a shared folder is believed only as far as its hashes prove it.",
    "shared-differs": "Two results of one key stay as they are, each where it was made.",
    "key-busy": "A result that a run works on is left to that run.",
    "bytes-not-here": "Only bytes that are whole can be handed on.",
    "one-copy": "What cannot be made again should lie in more than one store.",
    "object-damaged": "Every object of the store holds the bytes that its name says.",
    "results-lost": "The bytes of every result that was paid for are in the store.",
    "derived-stale": "The tables that follow from the ledger's events agree with them.",
    "bad-subset": "--subset is followed by N/T: part N, from 1 to T, of T parts.",
    "paid-needs-age": "gc removes what was paid for only with --paid and --older-than DAYS together.",
    "project-unread": "gc keeps every result of a project whose pipeline it cannot read.",
    "project-gone": "gc keeps nothing for a project whose folder is not there, but what was paid for.",
}
