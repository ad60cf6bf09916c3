"""What `check --lock` finds. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "lock-orphan": "A record of the lock belongs to a step and an item of the pipeline.",
    "lock-twice": "A request has one result in the lock: after a merge one of them stands.",
    "lock-bytes-missing": "The bytes that the lock names are in this store.",
    "lock-not-read": "The records of the lock can be read.",
    "lock-model-changed": "check --lock says which records were made under another model file.",
}
