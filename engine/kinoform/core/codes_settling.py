"""The rules of settling paid work by hand, by problem code. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "no-such-task": "settle names a task by the beginning of its id, as `kinoform pending` shows it.",
    "ambiguous-task": "The beginning of an id is long enough to name one task.",
    "not-to-settle": "A person decides only where the state of a task leaves something to decide.",
    "task-taken": "A task of the provider is the result of one attempt only.",
    "bad-task-id": "A provider's task id is one word of at most 200 printable characters.",
}
