"""The hosted services that kinoform can reach: one row each, and nothing else knows their names."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Vendor:
    """One service: its name in model ids, where it is, and who speaks for it (`module:Class`)."""

    name: str
    base: str
    provider: str

    @property
    def key_variable(self) -> str:
        """Holds the key, or `command:` and a program that prints it."""
        return f"{self.name.upper()}_API_KEY"

    @property
    def file_variable(self) -> str:
        """Holds the absolute path of a file with the key."""
        return f"{self.key_variable}_FILE"

    @property
    def url_variable(self) -> str:
        """Holds another place to send requests to."""
        return f"KINOFORM_{self.name.upper()}_URL"

    @property
    def proxy_variable(self) -> str:
        """Holds a proxy on the way there."""
        return f"KINOFORM_{self.name.upper()}_PROXY"


_ROWS: Final = (
    Vendor("runware", "https://api.runware.ai/v1", "kinoform.providers.runware:Runware"),
    Vendor("wavespeed", "https://api.wavespeed.ai", "kinoform.providers.wavespeed:WaveSpeed"),
)
VENDORS: Final[Mapping[str, Vendor]] = MappingProxyType({row.name: row for row in _ROWS})
