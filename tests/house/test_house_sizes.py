"""The size budgets: small files, small functions, few parameters, flat code."""

from __future__ import annotations

import ast
import statistics
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = 400
FUNCTION = 40
MEDIAN = 9
PARAMETERS = 6
NESTING = 3

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
BLOCKS = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)


def functions(trees: dict[str, ast.Module]) -> Iterator[tuple[str, Function]]:
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.lineno} {node.name}", node


def length(node: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def parameters(node: Function) -> int:
    """Named parameters; `self` and `cls` are free."""
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len(named) - (bool(named) and named[0].arg in {"self", "cls"})


def depth(node: ast.AST, above: int = 0) -> int:
    """The deepest block inside; an `elif` is as deep as its `if`; an inner function starts anew."""
    deepest = above
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        deeper = isinstance(child, BLOCKS) and not chained
        deepest = max(deepest, depth(child, above + deeper))
    return deepest


def test_no_file_is_longer_than_its_budget(texts: dict[str, str]) -> None:
    python = {n: t for n, t in texts.items() if n.endswith(".py")}
    lengths = {name: len(text.splitlines()) for name, text in python.items()}
    faults = [
        f"{name}: {size} lines, at most {FILE}" for name, size in lengths.items() if size > FILE
    ]
    assert not faults, "\n".join(faults)


def test_no_function_is_longer_than_its_budget(engine: dict[str, ast.Module]) -> None:
    sizes = [(place, length(node)) for place, node in functions(engine)]
    faults = [
        f"{place}: {size} lines, at most {FUNCTION}" for place, size in sizes if size > FUNCTION
    ]
    assert not faults, "\n".join(faults)


def test_half_of_all_functions_are_tiny(engine: dict[str, ast.Module]) -> None:
    assert statistics.median(length(node) for _, node in functions(engine)) < MEDIAN


def test_no_function_takes_too_many_parameters(engine: dict[str, ast.Module]) -> None:
    counts = [(place, parameters(node)) for place, node in functions(engine)]
    faults = [
        f"{place}: {n} parameters, at most {PARAMETERS}" for place, n in counts if n > PARAMETERS
    ]
    assert not faults, "\n".join(faults)


def test_no_function_is_nested_too_deeply(engine: dict[str, ast.Module]) -> None:
    depths = [(place, depth(node)) for place, node in functions(engine)]
    faults = [f"{place}: {n} blocks deep, at most {NESTING}" for place, n in depths if n > NESTING]
    assert not faults, "\n".join(faults)


def test_the_measures_themselves_count_right() -> None:
    (node,) = ast.parse(
        "def f(self, a, *, b):\n"
        '    """Two\n    lines."""\n'
        "    if a:\n        for c in b:\n            pass\n"
        "    elif b:\n        with a:\n            pass\n"
    ).body
    assert isinstance(node, ast.FunctionDef)
    assert (length(node), parameters(node), depth(node)) == (7, 2, 2)
