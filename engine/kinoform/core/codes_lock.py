"""What `check --lock` finds, and what is wrong with pinned addresses. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "lock-orphan": "What lies in kinoform.lock/ and picks/ belongs to a step and an item of the pipeline.",
    "input-changed": "An address gives the bytes that it was pinned to.",
    "input-not-fetched": "What an address gives is fetched, and pinned, before a step reads it.",
    "input-unreachable": "An address in a film gives its bytes over https, from a public host.",
    "input-no-media": "An address in a film gives a picture, a clip or a sound, and all of it.",
    "no-such-input": "pull --refetch names an address that the pipeline reads.",
    "lock-twice": "A request has one result in the lock: after a merge one of them stands.",
    "lock-bytes-missing": "The bytes that the lock names are in this store.",
    "lock-not-read": "The records of the lock can be read.",
    "lock-model-changed": "check --lock says which records were made under another model file.",
}
