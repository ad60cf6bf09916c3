"""Bodies and URLs as a recording keeps them: media as digests, URLs without their queries."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Insert

if TYPE_CHECKING:
    from collections.abc import Sequence

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{256,}={0,2}")
# Queries of signed URLs are credentials, and no two are alike.
_QUERY: Final = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]*")
# Headers that an answer tells us to send (a ticket's to upload) are credentials, but for these.
_OPEN: Final = ("content-type", "content-length")


def bare(url: str) -> str:
    """A URL or path without query and fragment."""
    return re.split(r"[?#]", url, maxsplit=1)[0]


def body_of(parts: Sequence[bytes | Insert]) -> dict[str, Any]:
    """A body as JSON data: `{json: …}`, else `{text: …}`, else `{bytes: digest}`."""
    data = b"".join(_mark(part) if isinstance(part, Insert) else part for part in parts)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"bytes": _digest(data)}
    try:
        return {"json": _redacted(json.loads(text))}
    except (ValueError, RecursionError):
        return {"text": _plain(text)}


def bytes_of(body: dict[str, Any]) -> bytes:
    """The bytes to answer with; of what was kept as a digest, none."""
    if "json" in body:
        return json.dumps(body["json"]).encode()
    return str(body.get("text", "")).encode()


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if isinstance(value, dict):
        return {
            _plain(name): _headers(item) if name.lower() == "headers" else _redacted(item)
            for name, item in value.items()
        }
    return value


def _headers(value: Any) -> Any:
    if not isinstance(value, dict):
        return "<redacted>"
    shown = {name: item for name, item in value.items() if name.lower() in _OPEN}
    return {_plain(name): _redacted(shown.get(name, "<redacted>")) for name in value}


def _plain(text: str) -> str:
    return _QUERY.sub(r"\1", _BASE64.sub(lambda found: _shown(found[0]), text))


def _shown(base64: str) -> str:
    return f"<base64 {_digest(base64.encode())}>"


def _mark(part: Insert) -> bytes:
    return f"<{part.media} {part.digest}>".encode()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
