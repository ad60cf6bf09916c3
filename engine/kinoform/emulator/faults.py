"""What goes wrong when: a plan of faults, asked at named points. Knows no wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

POINTS = {
    "accept": "a connection was made, and nothing was read from it; no provider is known yet",
    "connect": "a request's head was read; `method`, `path`",
    "submit-before-billing": "a task was found right; `task`, `model`",
    "submit-after-billing": "a task was billed and exists; `task`, `model`",
    "task": "the fate of a new task; `task`, `model`, `request`",
    "poll": "somebody asks about tasks; `task`",
    "list": "somebody asks for a list of tasks",
    "upload": "bytes of an input arrive",
    "download": "a hosted file is asked for; `id`",
    "account": "somebody asks for a balance, a price or bills",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. `emulator.wire` and the providers give each kind its meaning."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


class Faults:
    """Nothing goes wrong."""

    def at(self, point: str, provider: str, detail: Mapping[str, Any]) -> Fault | None:
        """The fault that strikes here, if any. Asking counts: the answer may differ next time."""
        del point, provider, detail
        return None

    def load(self, plan: Any) -> None:
        """Take over a plan (parsed YAML or JSON) in place of the one there was."""
        del plan
