"""A user at one project: types commands, reads what they print, has a home of their own."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kinoform.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


@contextmanager
def at_home(home: Path, config: Path | None = None) -> Iterator[None]:
    """All commands use this home, and these settings if any are named."""
    before = {name: os.environ[name] for name in ("KINOFORM_HOME", "KINOFORM_CONFIG")}
    os.environ["KINOFORM_HOME"] = str(home)
    os.environ["KINOFORM_CONFIG"] = str(config) if config else before["KINOFORM_CONFIG"]
    try:
        yield
    finally:
        os.environ.update(before)


class Typed:
    """Commands with all their words, as typed anywhere; `out` and `err` of the last one."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        status = run(words, {})
        self.out, self.err = self._capsys.readouterr()
        return status

    def json(self, *words: str) -> Any:
        """The one document that a command prints."""
        self(*words, "--json")
        return json.loads(self.out)


class Desk(Typed):
    """The same, of one project."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(capsys)
        self.root = root

    def __call__(self, *words: str) -> int:
        name, *rest = words
        return super().__call__(name, "-C", str(self.root), *rest)

    def edit(self, old: str, new: str) -> None:
        """Replace text that stands in the pipeline."""
        path = self.root / "pipeline.yaml"
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
