"""What the documents show works: commands exist, pipelines pass `check`, quotes are true.

A fenced block says in its first line what it is: `yaml pipeline.yaml` is a pipeline (with the named
blocks above it on that page beside it), `yaml PATH` is that file of the checkout, and
`yaml from PATH` stands in it word for word.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from kinoform.api.project import Project
from kinoform.cli.main import root as program
from kinoform.cli.reference_page import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [page for page in PAGES if MARK not in page.read_text("utf-8")]
BLOCK = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`(?P<text>(?:kinoform|make) [^`\n]+)`(?!`)")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
SETTING = re.compile(r"[A-Z_]+=\S*")
PIPELINE = "pipeline.yaml"
MOST = 150_000  # bytes of a picture: a clone stays small


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `name` is what follows the language in its first line."""

    page: Path
    language: str
    name: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = BLOCK.finditer(page.read_text("utf-8"))
    split = [(m["info"].strip().partition(" "), m["text"]) for m in found]
    return [Block(page, language, name, text) for (language, _, name), text in split]


def commands(page: Path) -> Iterable[str]:
    """What a reader is told to type, in blocks and in running text."""
    text = page.read_text("utf-8")
    for block in blocks(page):
        lines = block.text.splitlines()
        if block.language == "console":
            yield from (line.removeprefix("$ ") for line in lines if line.startswith("$ "))
        elif block.language == "sh":
            yield from lines
    yield from (match["text"] for match in INLINE.finditer(BLOCK.sub("", text)))


def words_of(line: str) -> list[str]:
    """The words of a command line, without settings before it and what its output goes to."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>;&")
    lexer.whitespace_split = True
    words = list(lexer)
    while words and SETTING.fullmatch(words[0]):
        words.pop(0)
    ends = [n for n, word in enumerate(words) if word and set(word) <= set("|>;&")]
    return words[: ends[0]] if ends else words


def refused(words: list[str]) -> str:
    """What the program has against these words; nothing is run."""
    command: click.Command = program()
    context = click.Context(command, info_name="kinoform")
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"no command {rest[0]!r}"
        command, rest = found, rest[1:]
    try:
        command.make_context(words[0], list(rest), obj=None).close()
    except click.exceptions.Exit:
        return ""  # --help and --version end here
    except click.ClickException as error:
        return error.format_message()
    return ""


def fault(line: str, targets: set[str]) -> str:
    """What is wrong with a line that a page shows; lines of other programs are none of ours."""
    words = words_of(line)
    if words[:1] == ["kinoform"]:
        return refused(words)
    if words[:1] == ["make"]:
        return " ".join(f"no target {word!r}" for word in words[1:] if word not in targets)
    return ""


def test_every_command_that_is_shown_exists() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
    faults = [
        f"{page.relative_to(ROOT)}: {line}: {wrong}"
        for page in WRITTEN
        for line in commands(page)
        if (wrong := fault(line, targets))
    ]
    assert not faults, "\n".join(faults)


def test_wrong_commands_would_be_found() -> None:
    for line in (
        "kinoform rum film",
        "kinoform run film --drafts",
        "kinoform run --draft=most",
        "X=1 kinoform models shw x | head",
        "kinoform completion tcsh > file",
        "make demos",
    ):
        assert fault(line, {"demo"}), line
    assert not fault("X=1 kinoform plan film 'clip@s0*' --draft | head", {"demo"})
    assert not fault("kinoform --version", set())


def test_the_pages_are_seen() -> None:
    assert len(WRITTEN) >= 9
    assert sum(1 for page in WRITTEN for _ in commands(page)) > 40


def _folders() -> list[tuple[str, dict[str, str]]]:
    """Each pipeline that a page shows, with the files that the page has named by then."""
    found = []
    for page in WRITTEN:
        files: dict[str, str] = {}
        for block in blocks(page):
            if block.name and not block.name.startswith("from ") and "/" not in block.name:
                files[block.name] = block.text
            if block.name == PIPELINE:
                found.append((page.name, dict(files)))
    return found


@pytest.mark.parametrize(("page", "files"), _folders())
def test_every_pipeline_that_is_shown_passes_check(
    page: str, files: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert Project.open(folder, home=tmp_path / "home").check() == ()


def test_every_whole_pipeline_is_named() -> None:
    bare = [
        f"{block.page.name}: {block.text[:60]}"
        for page in WRITTEN
        for block in blocks(page)
        if block.text.startswith("kinoform:") and Path(block.name).name != PIPELINE
    ]
    assert not bare, "name the block: yaml pipeline.yaml"


def test_the_readme_shows_the_pipeline_that_is_shipped_and_it_is_well(tmp_path: Path) -> None:
    shown = [block for block in blocks(ROOT / "README.md") if "/" in block.name]
    assert [block.name for block in shown] == ["pipelines/hello/pipeline.yaml"]
    assert shown[0].text == (ROOT / shown[0].name).read_text("utf-8")
    assert Project.open((ROOT / shown[0].name).parent, home=tmp_path).check() == ()


def test_quotes_of_files_are_true() -> None:
    quotes = [b for page in WRITTEN for b in blocks(page) if b.name.startswith("from ")]
    assert quotes
    for quote in quotes:
        source = ROOT / quote.name.removeprefix("from ")
        assert quote.text in source.read_text("utf-8"), f"{quote.page.name}: {quote.text}"


def test_pictures_are_small_and_each_is_shown() -> None:
    text = "".join(page.read_text("utf-8") for page in WRITTEN)
    for picture in (ROOT / "docs" / "pictures").iterdir():
        assert picture.stat().st_size <= MOST, picture.name
        assert f"pictures/{picture.name})" in text, picture.name
