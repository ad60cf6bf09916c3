"""Writes the fixture of the present ledger format, once: run when the format's number grows.

The ledgers in fixtures/ are what users have on their disks; they are replayed, never rewritten.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from kinoform.core.ledger import SCHEMA, to_record
from kinoform.core.run_state import fold
from kinoform.stores.ledger import SqliteLedger
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event
from kinoform.testing.task_suite import make_arrival, make_intent, make_move

# What a later version must still find of a task.
TOLD = ("id", "key", "state", "task", "model", "estimate", "reserved", "paid", "begun", "moved")
HERE = Path(__file__).parent / "fixtures"


def main() -> None:
    path = HERE / f"ledger_v{SCHEMA}.sqlite"
    if path.exists():
        raise SystemExit(f"{path.name} is history: it stays as it is")
    still = make_result("still", step="still@s010", kind="draft", paid=Decimal(0), seed=None)
    clip = make_result("clip")
    told = [
        [make_event("run-started", at=1.5, step="", take=0, data={"targets": ["clip@s020"]})],
        [make_event("started", at=2.0), make_event("started", at=2.0, step="still@s010")],
        [make_event("intent", at=2.5, data={"reserve": "0.56"}), result_event(clip, at=60.25)],
        [result_event(still, at=61.0), make_event("published", at=61.5, step="still@s010")],
        [make_event("started", at=62.0, take=2), make_event("failed", at=63.0, take=2)],
        [make_event("head", at=64.0, step="clip@s030", key=make_key("clip"))],
        [make_event(kind, at=65.0, step=f"{kind}@s040") for kind in ("blocked", "skipped", "lost")],
        [make_event("waiting", at=65.0, step="reel"), make_event("run-ended", at=66.0, step="")],
        [make_intent(name) for name in ("done", "lost", "gone", "void", "odd")],
        [make_event("started", step="still@done"), *make_arrival("done")],
        [make_move("unknown", "lost", why="no answer", candidates=["x"])],
        [make_move("ack", "gone"), make_move("gone", "gone", paid="0.02")],
        [make_move("void", "void"), make_move("unknown", "odd"), make_move("settle", "odd")],
    ]
    with SqliteLedger(path) as ledger:
        for batch in told:
            ledger.append(batch)
        events = list(ledger.events())
        run = fold(events)
        expected = {
            "project": events[0].project,
            "run": run.run,
            "events": [[e.seq, e.at, e.kind, e.step, e.take, e.key] for e in events],
            "results": {
                key: to_record(result)
                for key, result in ledger.results([event.key for event in events]).items()
            },
            "heads": [[*at, key] for at, key in sorted(ledger.heads(events[0].project).items())],
            "tasks": [{name: str(getattr(task, name)) for name in TOLD} for task in ledger.tasks()],
            "paid": str(run.paid),
            "counts": dict(run.counts),
        }
    path.with_suffix(".json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
