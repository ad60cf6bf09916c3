"""How faults look on the wire: closed sockets, odd statuses, bodies that are not what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import World


class Struck(Exception):  # noqa: N818  (no mistake of ours: a fault that was planned)
    """The answer is this fault: raised by `strike`, carried out around the whole app."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.kind)


async def strike(
    world: World, point: str, provider: str, detail: Mapping[str, Any], request: Request | None
) -> Fault | None:
    """Ask for a fault at this point, and carry it out if that is a matter of the wire.

    `delay` waits and goes on; `drop`, `refuse`, `html`, `status` raise Struck; what spoils a body
    (`truncate`, `endless`, `drip`, `wrong-bytes`, `wrong-type`) is kept for the answer of `request`;
    `jump` moves the clock. Anything else is returned: the caller knows what it means.
    """
    raise NotImplementedError
