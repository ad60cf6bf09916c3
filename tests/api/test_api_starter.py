"""A new project is whole or not there, and overwrites nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.api import starter
from kinoform.api.project import Project
from kinoform.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_shipped_pipeline_says_what_it_is() -> None:
    found = starter.examples()
    assert {example.name for example in found} >= {"hello", "lighthouse", "product-spot"}
    assert all(example.about for example in found)


@pytest.mark.parametrize("name", [example.name for example in starter.examples()])
def test_a_new_project_checks_where_it_is_put(name: str, tmp_path: Path) -> None:
    started = starter.start(tmp_path / "deep" / "film", name)
    assert set(started.written) == files(started.folder)
    assert Project.open(started.folder, home=tmp_path / "home").check() == ()


def test_editors_find_the_schema_and_git_leaves_results_alone(tmp_path: Path) -> None:
    starter.start(tmp_path, "hello")
    first = (tmp_path / "pipeline.yaml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema={starter.SCHEMA}"
    assert (tmp_path / starter.SCHEMA).is_file()
    assert "out/" in (tmp_path / ".gitignore").read_text("utf-8").splitlines()
    assert "picks/** text eol=lf" in (tmp_path / ".gitattributes").read_text("utf-8")


def test_another_modeline_is_replaced() -> None:
    made = starter.with_modeline(b"# yaml-language-server: $schema=../x.json\nkinoform: 1\n")
    assert made.decode() == f"{starter.MODELINE}kinoform: 1\n"


def test_all_that_is_in_the_way_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text("mine")
    (tmp_path / ".kinoform").write_text("a file where a folder must be")
    with pytest.raises(UsageError) as caught:
        starter.start(tmp_path, "hello")
    assert [p.code for p in caught.value.problems] == ["in-the-way", "in-the-way"]
    assert files(tmp_path) == {"pipeline.yaml", ".kinoform"}
    assert (tmp_path / "pipeline.yaml").read_text() == "mine"


def test_a_link_is_in_the_way_even_when_it_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"pipeline\.yaml is there already"):
        starter.start(tmp_path, "hello")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_for_git_is_kept_and_what_it_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.tmp\n")
    started = starter.start(tmp_path, "hello")
    assert started.kept == (".gitignore",)
    assert (tmp_path / ".gitignore").read_text() == "*.tmp\n"
    assert starter.wanted_lines(".gitignore") == ["out/"]


def test_an_unknown_name_gets_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean lighthouse"):
        starter.start(tmp_path, "lighthose")
