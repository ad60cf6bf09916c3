"""Addresses of media: how they are shown, and what names one in records that lie in git. Pure.

A signed address holds what lets others fetch it, and another signature every day: neither belongs
into a record.
"""

from __future__ import annotations

import re
import shlex
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from kinoform.core.errors import Problem

# What a signed address carries behind names like these would let others fetch it.
_SIGNED: Final = r"(?i)([?&][^=&#]*(?:sig|token|key|secret|auth|passw|credential)[^=&#]*=)[^&#]+"
_USER: Final = r"//[^/@]+@"
_ODD: Final = r"[^a-z0-9.-]+"
_LONGEST: Final = 40  # characters of a path that a file name repeats


def masked(url: str) -> str:
    """The address without user names, passwords and signatures."""
    return re.sub(_SIGNED, r"\1***", re.sub(_USER, "//***@", url))


def named(url: str) -> str:
    """What names the bytes: host and path, and the query where it is no signature.

    Raises ValueError for what is no address.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = "" if parts.port in (None, 443) else f":{parts.port}"
    query = "" if re.search(_SIGNED, url) or not parts.query else f"?{parts.query}"
    return f"https://{host}{port}{parts.path or '/'}{query}"


def refetch(url: str) -> str:
    """The command that fetches an address anew."""
    return shlex.join(["kinoform", "pull", "--refetch", masked(url)])


def not_here(url: str) -> Problem:
    """What is said where a step needs what an address gives, and nobody has fetched it."""
    hint = f"a run that is no draft fetches it, and so does: {refetch(url)}"
    return Problem("input-not-fetched", f"{masked(url)} was not fetched yet", hint=hint)


def place(url: str) -> str:
    """The file of a named address below `kinoform.lock/`: readable, and one for each."""
    name = named(url)
    host, _, path = name.removeprefix("https://").partition("/")
    plain = re.sub(_ODD, "-", path.lower()).strip("-.")[-_LONGEST:].lstrip("-.")
    short = sha256(name.encode()).hexdigest()[:8]
    return f"inputs/{re.sub(_ODD, '_', host)}/{plain}{'-' if plain else ''}{short}"
