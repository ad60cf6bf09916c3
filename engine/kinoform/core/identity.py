"""Who an account is, and which id a task gets: both follow from the account's API key.

Derived and never drawn, so that a second machine, or one that lost its ledger, meets its own purchase.
Keyed, so that nobody without the API key can tell or take an id. The derivations never change:
another one would buy again what was bought.
"""

from __future__ import annotations

import hmac
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kinoform.core.secret import Secret

_ACCOUNT: Final = b"kinoform account v1"
_TASKS: Final = b"kinoform task id v1"
_SHOWN: Final = 12
_UUID_BYTES: Final = 16


def fingerprint(key: Secret) -> str:
    """12 hex digits that tell accounts apart in records and say nothing of the key."""
    return _hmac(_bytes(key), _ACCOUNT).hex()[:_SHOWN]


def task_secret(key: Secret) -> bytes:
    """What task ids are derived with: 32 bytes from which the API key does not follow."""
    return hkdf(_bytes(key), _TASKS)


def task_id(secret: bytes, key: str, epoch: int) -> str:
    """The id of attempt `epoch` (from 0) at the action `key`: a UUID of version 4, as text."""
    digest = _hmac(secret, b"\0".join((key.encode(), str(epoch).encode())))
    return str(uuid.UUID(bytes=digest[:_UUID_BYTES], version=4))


def hkdf(key: bytes, info: bytes, length: int = 32) -> bytes:
    """HKDF of RFC 5869 with SHA-256 and without salt."""
    extracted = _hmac(bytes(32), key)
    block, found = b"", b""
    while len(found) < length:
        block = _hmac(extracted, block + info + bytes([len(found) // 32 + 1]))
        found += block
    return found[:length]


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _bytes(key: Secret) -> bytes:
    return key.reveal().encode()
