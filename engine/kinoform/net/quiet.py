"""Silence for the HTTP libraries' own logs while they work for us: they write URLs and headers."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# A filter on a logger does not see what its children write, so each is named.
_TALKERS: Final = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Within this, in this task, those libraries log nothing; for others they talk as before."""
    for name in _TALKERS:
        logging.getLogger(name).addFilter(_passes)
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def _passes(_record: logging.LogRecord) -> bool:
    return not _quiet.get()
