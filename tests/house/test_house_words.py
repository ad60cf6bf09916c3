"""What stands written: docstrings, reasons beside exceptions, nothing about where it was made."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Documented: TypeAlias = "ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef"
# A silenced check names its rule and says why, in the same line.
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)\b(?P<rest>.*)")
RULE = re.compile(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w,\- ]+\])")
# Written in halves, so that this file does not find itself.
PLACES = re.compile("|".join([r"\.\./" + "shared", r"(?<![\w.\-])/wo" + "rk/", r"/ro" + "ot/"]))


def public(tree: ast.Module) -> Iterator[Documented]:
    """The module, and every public class, function and method that is not inside a function."""
    yield tree
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            waiting.extend(node.body)


def reason(rest: str) -> str:
    """What stands behind the rule that is silenced; "" when that is less than two words."""
    why = RULE.sub("", rest).strip(" #():-")
    return why if " " in why else ""


def test_every_public_name_says_what_it_is(engine: dict[str, ast.Module]) -> None:
    faults = [
        f"{name}:{getattr(node, 'lineno', 1)}: {getattr(node, 'name', 'module')} has no docstring"
        for name, tree in engine.items()
        for node in public(tree)
        if not ast.get_docstring(node)
    ]
    assert not faults, "\n".join(faults)


def test_every_test_module_says_what_it_tells(suite: dict[str, ast.Module]) -> None:
    faults = [name for name, tree in suite.items() if not ast.get_docstring(tree)]
    assert not faults, "\n".join(faults)


def test_every_silenced_check_has_its_reason(texts: dict[str, str]) -> None:
    faults = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts.items()
        if name.endswith(".py")
        for number, line in enumerate(text.splitlines(), 1)
        if (found := SILENCED.search(line)) and not reason(found["rest"])
        if "re.compile" not in line
    ]
    assert not faults, "\n".join(faults)


def test_a_reason_is_told_from_a_bare_rule() -> None:
    assert reason(": PLC0415  (lazy by purpose)")
    assert reason("[misc]  # the stub has no such name")
    assert not reason(": PLC0415")
    assert not reason(": PLC0415, S101")
    assert not reason("[misc]")
    assert not reason("")


def test_nothing_names_a_place_on_one_machine(texts: dict[str, str]) -> None:
    faults = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if PLACES.search(line)
    ]
    assert not faults, "\n".join(faults)
