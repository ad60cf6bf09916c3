"""What is held is let go of in the right order, whatever goes wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kinoform.run.holds import Holds

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_what_was_taken_last_is_let_go_of_first_and_once() -> None:
    gone: list[int] = []
    with Holds() as holds:
        for number in range(3):
            holds.callback(gone.append, number)
        assert gone == []
    holds.close()
    assert gone == [2, 1, 0]


def test_a_context_is_left_when_all_is_let_go_of() -> None:
    told: list[str] = []

    @contextmanager
    def place() -> Iterator[str]:
        told.append("in")
        yield "it"
        told.append("out")

    holds = Holds()
    assert holds.enter_context(place()) == "it"
    assert told == ["in"]
    holds.close()
    assert told == ["in", "out"]


def test_what_cannot_be_let_go_of_keeps_nothing_else() -> None:
    gone: list[int] = []

    def fail() -> None:
        raise OSError("the disk failed")

    holds = Holds()
    holds.callback(gone.append, 1)
    holds.callback(fail)
    with pytest.raises(OSError, match="the disk"):
        holds.close()
    assert gone == [1]
