"""Many who ask in one turn are one question, asked when all of them hold what they ask about."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from kinoform.run.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Book:
    """What is known, and what was asked for, question by question."""

    def __init__(self, **known: int) -> None:
        self.known, self.asked = known, list[set[str]]()

    def __call__(self, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append(set(keys))
        if "bad" in keys:
            raise OSError("the disk")
        return {key: self.known[key] for key in keys if key in self.known}


def test_those_who_ask_in_one_turn_are_one_question() -> None:
    book = Book(a=1, b=2)
    rounds = Rounds(book)

    async def ask() -> list[int | None]:
        found = await asyncio.gather(*map(rounds.of, ("a", "b", "none", "a")))
        return [*found, await rounds.of("b")]

    assert asyncio.run(ask()) == [1, 2, None, 1, 2]
    assert book.asked == [{"a", "b", "none"}, {"b"}]


def test_what_became_known_while_others_asked_is_heard() -> None:
    book = Book()
    rounds = Rounds(book)

    async def late() -> int | None:
        book.known["a"] = 1  # as another process may, until this one holds the key
        return await rounds.of("a")

    async def ask() -> list[int | None]:
        return [*await asyncio.gather(rounds.of("b"), late())]

    assert asyncio.run(ask()) == [None, 1]
    assert len(book.asked) == 1


def test_a_fault_is_told_to_all_who_asked_and_the_next_round_asks_anew() -> None:
    rounds = Rounds(Book(a=1))

    async def ask() -> None:
        told = await asyncio.gather(*map(rounds.of, ("a", "bad")), return_exceptions=True)
        assert [type(each) for each in told] == [OSError, OSError]
        assert await rounds.of("a") == 1

    asyncio.run(ask())


def test_who_was_let_go_of_is_not_asked_for() -> None:
    book = Book(a=1)
    rounds = Rounds(book)

    async def ask() -> None:
        tasks = [asyncio.create_task(rounds.of(key)) for key in ("a", "b")]
        await asyncio.sleep(0)
        tasks[1].cancel()
        assert await tasks[0] == 1
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]

    asyncio.run(ask())
    assert book.asked == [{"a"}]
