"""The fakes in memory pass the same suites as the real things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.stores.memory import MemoryIndex, MemoryLedger
from kinoform.testing import index_suite, ledger_suite, task_suite

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Index


@pytest.mark.parametrize(
    "fact", [*ledger_suite.FACTS, *task_suite.FACTS], ids=lambda fact: fact.__name__
)
def test_a_memory_ledger_is_a_ledger(fact: Callable[[ledger_suite.Open], None]) -> None:
    ledger = MemoryLedger()
    fact(lambda: ledger)


@pytest.mark.parametrize("fact", index_suite.FACTS, ids=lambda fact: fact.__name__)
def test_a_memory_index_is_an_index(fact: Callable[[Index], None]) -> None:
    fact(MemoryIndex())
