"""What the house checks look at: the files of the project, read and parsed once."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[str]:
    """Every file that belongs to the project, relative to its root: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"],  # noqa: S607  (whichever git is there)
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        names = listed.stdout.decode().split("\0")
    else:  # an unpacked source archive
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [
            p.as_posix() for p in paths if not p.parts[0].startswith(".") and p.suffix != ".pyc"
        ]
    return sorted(name for name in set(names) if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def texts(files: list[str]) -> dict[str, str]:
    """The text of every file that is text, by its path."""
    read = {}
    for name in files:
        try:
            read[name] = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return read


@pytest.fixture(scope="session")
def engine(texts: dict[str, str]) -> dict[str, ast.Module]:
    """The syntax tree of every module of kinoform, by its path."""
    return {name: ast.parse(text) for name, text in _python(texts, "engine/")}


@pytest.fixture(scope="session")
def suite(texts: dict[str, str]) -> dict[str, ast.Module]:
    """The syntax tree of every test module, by its path."""
    return {name: ast.parse(text) for name, text in _python(texts, "tests/")}


def _python(texts: dict[str, str], under: str) -> list[tuple[str, str]]:
    return [(n, t) for n, t in texts.items() if n.startswith(under) and n.endswith(".py")]
