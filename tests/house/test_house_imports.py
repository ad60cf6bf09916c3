"""Who may know whom: the import contracts, the home of each library, and no patching by name."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOMES = {
    "yaml": "engine/kinoform/spec/",
    "jinja2": "engine/kinoform/spec/",
    "jsonschema": "engine/kinoform/spec/",
    "httpx": "engine/kinoform/net/",
    "diskcache": "engine/kinoform/stores/index.py",
    "networkx": "engine/kinoform/views/",
}
SLOW = ("rich", "networkx", "httpx", "jsonschema", "jinja2")  # tens of milliseconds each


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def test_the_import_contracts_are_kept(root: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_given_library_stays_in_its_room(engine: dict[str, ast.Module]) -> None:
    faults = [
        f"{name}:{line}: imports {library}, whose home is {HOMES[library]}"
        for name, tree in engine.items()
        for line, module in imports(tree)
        if (library := module.partition(".")[0]) in HOMES and not name.startswith(HOMES[library])
    ]
    assert not faults, "\n".join(faults)


def test_the_command_line_loads_no_slow_library_at_the_top(engine: dict[str, ast.Module]) -> None:
    faults = [
        f"{name}:{line}: imports {module} at the top"
        for name, tree in engine.items()
        if name.startswith("engine/kinoform/cli/")
        for line, module in imports(ast.Module(top_imports(tree), []))
        if module.partition(".")[0] in SLOW
    ]
    assert not faults, "\n".join(faults)


def top_imports(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_test_patches_by_name(suite: dict[str, ast.Module]) -> None:
    faults = []
    for name, tree in suite.items():
        faults += [
            f"{name}:{node.lineno}: takes monkeypatch"
            for node in ast.walk(tree)
            if isinstance(node, ast.arg) and node.arg == "monkeypatch"
        ]
        faults += [
            f"{name}:{line}: imports {module}"
            for line, module in imports(tree)
            if module.startswith(("unittest.mock", "mock", "pytest_mock"))
        ]
    assert not faults, "\n".join(faults)
