"""A sheet is an index in one entry: damaged or gone, it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.stores.memory import MemoryIndex
from kinoform.stores.sheet import Sheet
from kinoform.testing.index_suite import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Index


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: str(fact.__name__))
def test_a_sheet_keeps_the_promises_of_an_index(fact: Callable[[Index], None]) -> None:
    fact(Sheet(MemoryIndex(), "here"))


def test_what_was_saved_is_read_by_the_next() -> None:
    index = MemoryIndex()
    first = Sheet(index, "here")
    first.put({"a": "1", "b": "2"})
    assert (first.get("a"), Sheet(index, "here").get("a")) == ("1", None)
    first.save()
    assert (Sheet(index, "here").get("b"), Sheet(index, "there").get("b")) == ("2", None)


def test_nothing_is_written_without_news() -> None:
    index = MemoryIndex()
    sheet = Sheet(index, "here")
    assert sheet.get("a") is None
    sheet.put({})
    sheet.save()
    assert index.get("here") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"a": 1}', "[" * 100_000])
def test_a_damaged_sheet_is_empty(text: str) -> None:
    index = MemoryIndex()
    index.put({"here": text})
    assert Sheet(index, "here").get("a") is None
