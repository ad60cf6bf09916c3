"""The legal moves of one take of one step in a run, as data: what is not in the table is illegal.

Knows event kinds by name only; `core.run_state` applies the table.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal[
    "planned", "started", "done", "reused", "failed", "blocked", "skipped", "waiting", "lost"
]

FIRST: Final[State] = "planned"

# state -> event kind -> next state. A file of out/ may be written again for a step that had nothing
# to do: that step was reused. What takes no time is done without a start. A task that outlives its
# run at a provider waits; the next run may start it again, as it may a failed one.
MOVES: Final[Mapping[State, Mapping[str, State]]] = MappingProxyType(
    {
        "planned": {
            "started": "started",
            "result": "done",
            "failed": "failed",
            "head": "reused",
            "published": "reused",
            "blocked": "blocked",
            "skipped": "skipped",
            "waiting": "waiting",
            "lost": "lost",
        },
        "started": {"result": "done", "failed": "failed", "waiting": "waiting"},
        "done": {"head": "done", "published": "done"},
        "reused": {"head": "reused", "published": "reused"},
        "failed": {"started": "started"},
        "waiting": {"started": "started", "head": "reused"},
        "blocked": {},
        "skipped": {},
        "lost": {},
    }
)

STEP_KINDS: Final = frozenset(kind for moves in MOVES.values() for kind in moves)
RUN_KINDS: Final = frozenset({"run-started", "run-ended"})

NEXT: Final = {(state, kind): then for state, row in MOVES.items() for kind, then in row.items()}


def mermaid() -> str:
    """The table as a mermaid state diagram; a move that leads back to its own state is left out."""
    arrows = [f"    [*] --> {FIRST}"]
    arrows += [
        f"    {state} --> {then}: {kind}" for (state, kind), then in NEXT.items() if state != then
    ]
    arrows += [f"    {state} --> [*]" for state in MOVES if state not in {FIRST, "started"}]
    return "\n".join(["stateDiagram-v2", *arrows, ""])
