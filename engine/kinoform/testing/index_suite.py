"""What every `ports.Index` must do, as facts to run one by one: `fact(index)` on an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinoform.testing.check import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Index


def what_was_put_is_remembered(index: Index) -> None:
    """Text of any length and script, by text keys."""
    facts = {"a": "1", "ключ": "значение 🎬", "long": "x" * 200_000, "k" * 3_000: "", "nul\0": "\0"}
    index.put(facts)
    same({key: index.get(key) for key in facts}, facts)


def what_was_not_put_is_none(index: Index) -> None:
    """No default, no error."""
    same(index.get("never"), None)
    index.put({})
    same(index.get(""), None)


def later_facts_replace_earlier_ones(index: Index) -> None:
    """The last one counts."""
    index.put({"a": "1", "b": "1"})
    index.put({"a": "2"})
    same((index.get("a"), index.get("b")), ("2", "1"))


def nothing_is_evicted(index: Index) -> None:
    """The index forgets all or nothing, never quietly a part."""
    facts = {f"key {i}": f"{i}" * 100 for i in range(3_000)}
    index.put(facts)
    same({key: index.get(key) for key in facts}, facts)


FACTS: Final[tuple[Callable[[Index], None], ...]] = (
    what_was_put_is_remembered,
    what_was_not_put_is_none,
    later_facts_replace_earlier_ones,
    nothing_is_evicted,
)
