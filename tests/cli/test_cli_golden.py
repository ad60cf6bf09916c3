"""What people read of one film, word for word: `plan`, `status`, `why`, `diff`.

After a change that is meant: GOLDEN=write pytest tests/cli/test_cli_golden.py, and look at
the difference.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desk import at_home
from film import Film

from kinoform.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "texts"
TEXT = """\
kinoform: 1
name: chain
styles:
  ink: gouache panel, storm dusk, teal and rust
shots:
  s010: {does: a boy runs, chain: false}
  s020: {does: he jumps, chain: true}
  s030: {does: the water closes, chain: true}
  s040: {does: a gull calls, chain: false}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "{{ shot.does }}. {{ styles.ink }}", size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    with:
      prompt: "{{ shot.does }}, handheld"
      duration: 3
      first_frame: "${{ (out.clip.prev.last_frame if shot.chain else none) or out.still }}"
  reel:
    uses: local/concat
    with: {clips: "${{ out.clip.all }}"}
"""
CASES = {
    "plan-of-a-new-film": ("new", "plan film"),
    "plan-of-one-shot": ("new", "plan film clip@s020 --all"),
    "plan-of-a-film-that-is-made": ("made", "plan film"),
    "plan-after-a-chained-shot-was-edited": ("edited", "plan film"),
    "plan-of-a-shot-in-earnest": ("new", "plan film --draft --final s040"),
    "status-of-a-new-film": ("new", "status film"),
    "status-after-an-edit": ("edited", "status film"),
    "status-of-each-step-after-an-edit": ("edited", "status film --all"),
    "why-a-style-word-is-felt-everywhere": ("restyled", "why film clip@s010"),
    "why-an-edit-that-is-not-committed": ("edited", "why film still@s010"),
    "why-a-chained-clip-is-bought-again": ("edited", "why film clip@s020"),
    "why-a-step-that-is-as-it-was": ("made", "why film reel"),
    "diff-of-a-style": ("restyled", "diff film HEAD~1..HEAD"),
}


def _commit(film: Film, words: str, day: int) -> None:
    at = f"2026-11-{day} 12:00:00 +0000"
    own = {f"GIT_{who}_{what}": said for who in ("AUTHOR", "COMMITTER")
           for what, said in (("NAME", "ana"), ("EMAIL", "ana@example.org"), ("DATE", at))}  # fmt: skip
    for words_ in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", words)):
        command = ["git", "-C", str(film.root), *words_]
        subprocess.run(command, env={**os.environ, **own}, check=True, capture_output=True)


def _film(folder: Path, state: str) -> Film:
    """A film that is new, made, made and edited since, or restyled in a commit since."""
    film = Film(folder, TEXT)
    (film.root / ".gitignore").write_text("out/\n", encoding="utf-8")
    if state != "new":
        film.run()
        _commit(film, "four shots", 20)
    if state == "edited":
        film.edit("a boy runs", "a boy walks")
    if state == "restyled":
        film.edit("teal and rust", "rust")
        _commit(film, "less blue", 21)
    return film


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder that the commands are given in."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed_is_the_golden_text(name: str, folder: Path) -> None:
    state, line = CASES[name]
    film, out, err = _film(folder, state), StringIO(), StringIO()
    with at_home(film.home), redirect_stdout(out), redirect_stderr(err):
        run(line.split(), {})
    said = "".join(f"! {row}\n" for row in err.getvalue().splitlines() if "config.yaml" not in row)
    text = re.sub(
        r"\b[0-9a-f]{7} \(2026", "COMMIT (2026", f"$ kinoform {line}\n{out.getvalue()}{said}"
    )
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text("utf-8")


def test_every_golden_text_is_somebodys() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(CASES)
