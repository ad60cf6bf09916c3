"""The error codes: one table per part, every code used is a row, every row is used."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from kinoform.core.codes import CODES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKERS = {"Problem", "Finding", "TemplateFault"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def codes_made(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The literal codes given to Problem, Finding and TemplateFault, by place or by name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
        if name in MAKERS:
            yield from (
                (value.lineno, value.value)
                for value in given
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            )


def test_every_table_of_codes_is_merged(engine: dict[str, ast.Module]) -> None:
    tables = {
        name.rpartition("/codes_")[2].removesuffix(".py")
        for name in engine
        if name.startswith("engine/kinoform/core/codes_")
    }
    assert tables == set(TABLES)


def test_no_code_is_given_out_twice() -> None:
    counts = Counter(code for rows in TABLES.values() for code in rows)
    assert not {code for code, count in counts.items() if count > 1}


def test_codes_are_slugs_with_one_sentence_each() -> None:
    faults = [
        f"{code}: {rule!r}"
        for code, rule in CODES.items()
        if not SLUG.fullmatch(code) or not rule.endswith(".") or len(rule) > 200
    ]
    assert not faults, "\n".join(faults)


def test_every_code_that_is_raised_is_in_a_table(engine: dict[str, ast.Module]) -> None:
    faults = [
        f"{name}:{line}: {code} is in no table"
        for name, tree in engine.items()
        for line, code in codes_made(tree)
        if code not in CODES
    ]
    assert not faults, "\n".join(faults)


def test_every_code_in_a_table_is_used(engine: dict[str, ast.Module]) -> None:
    used = {
        node.value
        for name, tree in engine.items()
        if not name.startswith("engine/kinoform/core/codes")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not CODES.keys() - used
