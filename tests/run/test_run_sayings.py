"""What a person reads of a purchase in which something of ours failed."""

from __future__ import annotations

from kinoform.core.errors import EnvError, Problem
from kinoform.run.sayings import unrecorded


def test_the_id_of_a_task_that_could_not_be_written_down_is_said() -> None:
    full = EnvError(Problem("disk-full", "no space on the disk", hint="free some space"))
    (said,) = unrecorded(full, "53fb2689").problems
    assert (said.code, said.hint) == ("disk-full", "free some space")
    assert said.message == (
        "it was accepted as task 53fb2689, which could not be written down: no space on the disk"
    )
