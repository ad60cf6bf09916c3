"""What each class of failure means for the money and for trying again: one row each.

A provider names the class; the driver and the plan read the row. Nothing here knows a provider.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from kinoform.core.classes import dataclass
from kinoform.core.money import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Remedy:
    """One class of failure.

    `again`: `itself` (the driver sends again within the same intent), `run` (the next run may begin
    anew), `person` (only when somebody says so). `billed`: whether the attempt may have cost money.
    `event`: the ledger's kind for the end of the task when it was not accepted, and when it was.
    `whose`: the `step` failed, or the `world` around it did not let it be tried. `code` is the
    problem's, `hint` what a person can do.
    """

    again: Literal["itself", "run", "person"]
    billed: Literal["no", "maybe", "yes"]
    event: Literal["rejected", "refused", "broken", "unknown", ""]
    whose: Literal["step", "world"]
    code: str
    hint: str


REMEDIES: Final[Mapping[str, Remedy]] = MappingProxyType(
    {
        "not-sent": Remedy(
            "itself", "no", "", "world", "network", "check the connection; kinoform doctor looks at it"
        ),
        "rate": Remedy("itself", "no", "", "world", "rate-limited", "run again later"),
        "busy": Remedy("itself", "no", "", "world", "provider-busy", "run again later"),
        "network": Remedy("itself", "maybe", "unknown", "world", "network", "kinoform resume goes on"),
        "auth": Remedy(
            "run", "no", "rejected", "world", "key-refused", "check the key; kinoform doctor says which is set"
        ),
        "quota": Remedy(
            "run", "no", "rejected", "world", "no-balance", "top up the account, then run again"
        ),
        "bad-input": Remedy(
            "run", "no", "rejected", "step", "request-refused", "change the request, then run again"
        ),
        "stale-input": Remedy(
            "itself", "no", "rejected", "world", "input-expired", "run again: it is uploaded anew"
        ),
        "moderation": Remedy(
            "person", "maybe", "refused", "step", "moderated",
            "change the request; --rebuy STEP sends the same once more",
        ),
        "empty": Remedy(
            "person", "maybe", "refused", "step", "empty-result",
            "change the request; --rebuy STEP sends the same once more",
        ),
        "unknown": Remedy(
            "person", "maybe", "unknown", "world", "outcome-unknown",
            "kinoform pending shows it, kinoform settle decides",
        ),
        "broken": Remedy("run", "maybe", "broken", "step", "provider-failed", "run again"),
    }
)  # fmt: skip


def booked(remedy: Remedy, event: str, worst: Decimal, told: Decimal | None) -> dict[str, str]:
    """What the end of an attempt takes, as its record says it: what the provider told, else the worst.

    `event` is the ledger's kind for that end. The worst is `assumed`, unless it is known that it was
    paid for; what was turned down before it was accepted costs nothing, unless a filter looked at it.
    """
    if told is not None:
        return {"paid": text(told)} if told else {}
    if event == "gone":
        return {"paid": text(worst)}
    if event == "rejected" or remedy.billed == "no":
        return {}
    return {"paid": text(worst), "assumed": text(worst)}
