"""The documents of `--json` have exactly the fields that the reference documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from documents import TYPES, faults, fits, seen
from tour import forms, toured

from kinoform.cli.show import PROBLEM
from kinoform.views.fields import Fields, split

if TYPE_CHECKING:
    Documents: TypeAlias = dict[tuple[str, str], list[Any]]

TABLES = {(name, form): table for name, own in forms().items() for form, table in own.items()}
EVERY = {("a problem", ""): PROBLEM, **TABLES}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """What every command printed on one tour."""
    return toured(tmp_path_factory.mktemp("tour"))


def test_every_command_describes_its_documents() -> None:
    assert [name for name, own in forms().items() if not own] == []


@pytest.mark.parametrize("table", EVERY.values(), ids=map(" ".join, EVERY))
def test_every_row_has_a_type_and_a_meaning(table: Fields) -> None:
    for path, row in table.items():
        kind, meaning = split(row)
        assert meaning, path
        plain = (word.removeprefix("list of ") for word in kind.split(" or "))
        assert TYPES.keys() >= set(plain), path


@pytest.mark.parametrize("which", TABLES, ids=map(" ".join, TABLES))
def test_what_is_printed_is_what_is_described(documents: Documents, which: tuple[str, str]) -> None:
    table = TABLES[which]
    assert [fault for each in documents[which] for fault in faults(table, each)] == []
    found = {path for each in documents[which] for path in seen(table, each)}
    assert table.keys() - found == set(), "never printed"


def test_the_measure_itself_finds_what_differs() -> None:
    table = {"a": "list: x", "a[].b": "integer or null: x", "c?": "map: x", "c.NAME": "money: x"}
    assert faults(table, {"a": [{"b": 1}, {"b": None}], "c": {"one": "0.5"}}) == []
    assert faults(table, {"a": []}) == []
    assert faults(table, {}) == ["a is missing"]
    assert faults(table, {"a": [{}]}) == ["a[].b is missing"]
    assert faults(table, {"a": [{"b": True}]}) == ["a[].b is no integer or null: True"]
    assert faults(table, {"a": [], "d": 1}) == ["d is not described"]
    assert faults(table, {"a": [], "c": {"one": 0.5}}) == ["c.NAME is no money: 0.5"]
    assert not fits("list of string", ["a", 1])
