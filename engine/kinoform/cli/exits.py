"""What each exit status means: the one table, shown in the reference and tested against errors.

Knows numbers and sentences only.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The statuses that a command may end with."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    SPEND = 4
    ENVIRONMENT = 5
    MOVED = 6
    WORK = 10
    FAULT = 70
    INTERRUPTED = 130
    PIPE = 141


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "Done, nothing to do, or waiting for a person.",
    Exit.FAILED: "A step failed.",
    Exit.USAGE: "The command was given words that it cannot use.",
    Exit.INVALID: "The pipeline, a model file or a request is invalid; nothing was sent.",
    Exit.SPEND: "Spending is not confirmed or above a budget, what was bought is lost, or the outcome of a purchase is unknown.",
    Exit.ENVIRONMENT: "A provider, the network, the disk or a tool failed.",
    Exit.MOVED: "Something moved since the plan was made.",
    Exit.WORK: "There is work to do (`plan --detailed-exitcode`).",
    Exit.FAULT: "kinoform itself is at fault; it wrote a report and says where.",
    Exit.INTERRUPTED: "Interrupted (Ctrl-C).",
    Exit.PIPE: "The reader of the output went away (`kinoform ls | head`).",
}
