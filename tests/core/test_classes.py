"""Classes whose methods are made when they are called: the same as those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.core import classes

VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2)
ARGUMENTS = st.lists(VALUES, max_size=6)
NAMED = st.dictionaries(st.sampled_from(["step", "take", "tags", "facts", "secret", "odd"]), VALUES)


class _Written:
    """A name with facts."""

    step: str
    take: int = 1
    tags: tuple[str, ...] = ()
    facts: list[str] = field(default_factory=list)
    secret: str = field(default="", repr=False, compare=False)


def _both(**how: Any) -> tuple[Any, Any]:
    """The class twice: as this project makes it, and as the standard library does."""
    ours, theirs = (type("Written", (), dict(vars(_Written))) for _ in range(2))
    made: Any = classes.dataclass
    return made(slots=True, **how)(ours), dataclasses.dataclass(slots=True, **how)(theirs)


OURS, THEIRS = _both(frozen=True)
LOOSE, LOOSE_THEIRS = _both()


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What came of a call: an object, or the fault in its words."""

    made: Any
    fault: str = ""


def _call(kind: Any, given: list[Any], named: dict[str, Any]) -> Said:
    try:
        return Said(kind(*given, **named))
    except TypeError as error:
        return Said(None, str(error).rpartition("__init__")[2])


def _values(made: Any) -> tuple[Any, ...]:
    return tuple(getattr(made, each.name) for each in dataclasses.fields(made))


@given(ARGUMENTS, NAMED)
def test_an_object_is_made_of_the_same_arguments_or_refused_in_the_same_words(
    values: list[Any], named: dict[str, Any]
) -> None:
    first = _both(frozen=True), _both()  # a class of which there are many is made another way
    for ours, theirs in (*first, (OURS, THEIRS), (LOOSE, LOOSE_THEIRS)):
        mine, standard = _call(ours, values, named), _call(theirs, values, named)
        assert mine.fault == standard.fault
        if not mine.fault:
            assert _values(mine.made) == _values(standard.made)
            assert repr(mine.made) == repr(standard.made)


@given(st.lists(VALUES, min_size=1, max_size=5), st.lists(VALUES, min_size=1, max_size=5))
def test_objects_are_equal_where_those_of_the_standard_library_are(
    one: list[Any], other: list[Any]
) -> None:
    assert (OURS(*one) == OURS(*other)) == (THEIRS(*one) == THEIRS(*other))
    assert OURS(*one) != THEIRS(*one)
    assert hash(OURS("a", *one[:1], ("x",), 0)) == hash(THEIRS("a", *one[:1], ("x",), 0))


def test_what_is_frozen_refuses_every_change() -> None:
    made = OURS("still")
    for name in ("take", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(made, name, 2)
    with pytest.raises(FrozenInstanceError):
        del made.take
    assert made == OURS("still")


def test_what_may_change_has_no_hash() -> None:
    made = LOOSE("still")
    made.take = 2
    assert made == LOOSE("still", 2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(made)


@classes.dataclass(frozen=True, slots=True)
class Sent:
    """Found by its name, as what travels to another process must be."""

    step: str
    tags: tuple[str, ...] = ()


@given(st.text(max_size=3), st.tuples(st.text(max_size=3)))
def test_an_object_comes_back_whole_from_a_copy_and_from_another_process(
    step: str, tags: tuple[str, ...]
) -> None:
    made = Sent(step, tags)
    sent = pickle.loads(pickle.dumps(made))  # noqa: S301  (our own bytes)
    assert sent == copy.copy(made) == copy.deepcopy(made) == made
    assert replace(made, step="x") == Sent("x", tags)
    assert dataclasses.asdict(made) == {"step": step, "tags": tags}
    match made:
        case Sent(name, _):
            assert name == step


def test_no_default_that_is_made_is_shared() -> None:
    one, other = OURS("a"), OURS("b")
    one.facts.append("wide")
    assert other.facts == []
