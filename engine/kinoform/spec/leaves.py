"""Text at a media field as what it names: a file, an address, bytes, or a provider's upload.

Touches no disk: whether a file lies inside the project is for the caller to see.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kinoform.core.types import Data, File, Url
from kinoform.spec.fields import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.core.types import Source

_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# A password in an address would be written into every record of the request.
_HOST = r"[^/?#@\s]+([/?#]\S*)?$"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]+:"


class Leaf(NamedTuple):
    """What a text names, and the code, message and hint of what is wrong with it, if anything."""

    value: Source | str
    code: str = ""
    message: str = ""
    hint: str = ""


def read(text: str, forms: Sequence[str]) -> Leaf:
    """A UUID stays text where uploads are taken; https, data URIs and paths become leaves."""
    if "uuid" in forms and re.fullmatch(_UUID, text):
        return Leaf(text)
    low = text[:8].casefold()
    if low.startswith("https://"):
        if re.match(_HOST, text[8:]):
            return Leaf(Url(text))
        said = f"{shown(text)} names no host, or a password"
        return Leaf(Url(text), "bad-address", said, "write https://HOST/PATH")
    if low.startswith("data:"):
        return Leaf(Data(text))
    if low.startswith("http://"):
        said = f"{shown(text)} is not fetched over https"
        return Leaf(Url(text), "insecure-url", said, "write https://")
    if not text or re.match(_SCHEME, text):
        hint = "write a path inside the project, or https://"
        return Leaf(File(text), "bad-address", f"{shown(text)} names no media", hint)
    return Leaf(File(text))
