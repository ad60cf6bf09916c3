"""What a film takes in is read once; with the first large file, all that it names."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from kinoform.api.files import ProjectFiles
from kinoform.api.home import open_home
from kinoform.api.inputs import files
from kinoform.api.project import Project
from kinoform.core.types import File

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE = 1024 * 1024
FILM = """\
kinoform: 1
name: named
shots: {s010: {ref: a.png, does: "a lamp. It turns"}}
steps:
  small:
    uses: local/resize
    foreach: shots
    with: {image: "{{ shot.ref }}", size: 32x32}
  sheet:
    uses: local/contact-sheet
    with: {images: [./in/b.png, "../outside.png", "${{ out.small.all }}"]}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, size in (("large", LARGE), ("other", LARGE), ("note", 10)):
        (tmp_path / f"{name}.txt").write_bytes(b"x" * size)
    time.sleep(0.05)  # what changed within a tick of the clock is not remembered
    return tmp_path


def test_names_are_asked_for_with_the_first_large_file_that_is_new(root: Path) -> None:
    home, asked = open_home(root / "home"), list[str]()

    def names() -> Iterator[str]:
        asked.append("asked")
        yield from ("large.txt", "other.txt", "note.txt", "none.txt")

    def read(*wanted: str) -> int:
        project = ProjectFiles(root, home)
        project.ahead(names)
        for name in wanted:
            project.blob(File(name))
        project.flush()
        return len(asked)

    assert read("note.txt") == 0
    assert read("large.txt", "other.txt") == 1
    assert read("other.txt", "large.txt") == 1
    os.utime(root / "other.txt")
    time.sleep(0.05)
    assert read("large.txt", "note.txt") == 1
    assert read("other.txt") == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shots.csv")
    with pytest.raises(OSError, match="it is no file"):
        ProjectFiles(tmp_path, open_home(tmp_path / "home")).bytes("shots.csv")


def test_a_film_names_what_could_be_a_path_in_it(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(FILM, "utf-8")
    named = list(files(Project.open(tmp_path, home=tmp_path / "home").document))
    assert {"a.png", "in/b.png"} <= set(named)
    assert "../outside.png" not in named
