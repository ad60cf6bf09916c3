"""`models import` and `models diff`: a page becomes a file, and what moved touches steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from model_pages import LOST, PAGE_OF, PAGES, text
from shipped_models import O3, SCHEMAS

from kinoform.cli.exits import Exit
from kinoform.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

MINE = "runware/klingai:kling-image@x"
FILE = "models/runware/klingai.kling-image@x.json"
FILM = """\
kinoform: 1
name: lamp
models: {board: "runware/klingai:kling-image@x", other: "runware/klingai:kling-image@o3"}
steps:
  still: {uses: board, with: {prompt: a lamp, size: "4K 16:9"}}
  again: {uses: "runware/klingai:kling-image@x", with: {prompt: a lamp, size: "1K 16:9"}}
  plain: {uses: other, with: {prompt: a lamp, size: "1K 16:9"}}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project whose own model has a page but no file yet."""
    (tmp_path / "pipeline.yaml").write_text(FILM, "utf-8")
    page = text(PAGE_OF[O3]).replace("klingai:kling-image@o3", "klingai:kling-image@x")
    (tmp_path / "page.md").write_text(page, "utf-8")
    return tmp_path


def imported(film: Path, *words: str) -> int:
    return run(["models", "import", str(film / "page.md"), "-C", str(film), *words], {})


def edit(film: Path, old: str, new: str) -> None:
    page = (film / "page.md").read_text("utf-8")
    assert old in page
    (film / "page.md").write_text(page.replace(old, new), "utf-8")


def read(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_page_becomes_a_file_that_the_project_uses(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(film)], {}) == Exit.INVALID
    assert imported(film) == Exit.DONE
    assert (film / FILE).is_file()
    assert run(["check", str(film)], {}) == Exit.DONE
    out = capsys.readouterr().out
    assert "19 parameters, 2 rules, 24 sizes, 4 examples" in out
    assert "the object row prints the path of its first child" in out
    assert "a person must still decide" in out


def test_the_report_is_one_document(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(film, "--json") == Exit.DONE
    found = read(capsys)
    assert (found["model"], found["parameters"], found["written"]) == (MINE, 19, True)
    assert [rule["id"] for rule in found["rules"]] == ["size-together", "size-table"]
    assert set(found) >= {"dropped", "unknown", "decide", "moved", "file", "version"}


def test_a_file_is_overwritten_only_when_that_is_asked_for(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(film)
    before = (film / FILE).read_bytes()
    edit(film, "`$0.056`", "`$0.066`")
    assert imported(film) == Exit.USAGE
    assert (film / FILE).read_bytes() == before
    assert "price 4K" in capsys.readouterr().err
    assert imported(film, "--replace") == Exit.DONE
    assert "moved: price 4K: 0.056 -> 0.066" in capsys.readouterr().out
    assert (film / FILE).read_bytes() != before


def test_a_page_that_says_the_same_leaves_the_file_alone(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(film)
    old = json.loads((film / FILE).read_text("utf-8"))
    old["source"]["date"] = "2020-01-01"
    (film / FILE).write_text(json.dumps(old), "utf-8")
    before = (film / FILE).read_bytes()
    capsys.readouterr()
    assert imported(film, "--replace", "--json") == Exit.DONE
    assert not read(capsys)["written"]
    assert (film / FILE).read_bytes() == before


def test_one_edited_price_is_all_that_moves_and_its_steps_are_named(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(film)
    (film / FILE).rename(film / "old.json")
    edit(film, "`$0.056`", "`$0.066`")
    imported(film)
    capsys.readouterr()
    words = ["models", "diff", str(film / "old.json"), MINE, str(film)]
    assert run([*words, "--json"], {}) == Exit.DONE
    found = read(capsys)
    assert found["changes"] == [{"kind": "price", "path": "4K", "old": "0.056", "new": "0.066"}]
    assert found["steps"] == ["still", "again"]
    assert run(words, {}) == Exit.DONE
    assert "steps that use it: still, again" in capsys.readouterr().out


def test_a_project_may_not_shadow_a_shipped_model(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(PAGES / PAGE_OF[O3])
    assert run(["models", "import", page, "-C", str(film)], {}) == Exit.INVALID
    assert "model-shadowed" in capsys.readouterr().err
    assert not (film / "models").exists()
    elsewhere = film / "elsewhere"
    assert (
        run(["models", "import", page, "-C", str(film), "--into", str(elsewhere)], {}) == Exit.DONE
    )
    assert (elsewhere / "runware" / "klingai.kling-image@o3.json").is_file()


def test_two_ids_are_compared_without_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["models", "diff", O3, O3, "-C", str(tmp_path)]
    assert run(words, {}) == Exit.DONE
    assert capsys.readouterr().out == "nothing moved\n"
    file = SCHEMAS / "runware" / "klingai.kling-image@3.json"
    assert run(["models", "diff", O3, str(file), "-C", str(tmp_path), "--json"], {}) == Exit.DONE
    found = read(capsys)
    assert found["new"] == json.loads(file.read_text("utf-8"))["id"]
    assert {"kind": "parameter", "path": "resolution", "old": "", "new": "string"} in found[
        "changes"
    ]
    assert found["steps"] is None


@pytest.mark.parametrize(
    ("name", "status"), [("none.md", Exit.USAGE), (LOST, Exit.INVALID), ("README.md", Exit.INVALID)]
)
def test_a_page_that_cannot_be_used_writes_nothing(
    film: Path, name: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "import", str(PAGES / name), "-C", str(film)], {}) == status
    assert "Traceback" not in capsys.readouterr().err
    assert not (film / "models").exists()


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"", b"# a" * 2_000_000], ids=["bytes", "empty", "huge"]
)
def test_a_page_that_is_no_text_is_refused(film: Path, data: bytes) -> None:
    (film / "page.md").write_bytes(data)
    assert imported(film) in (Exit.USAGE, Exit.INVALID)


def test_outside_a_project_there_is_no_place_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = str(PAGES / PAGE_OF[O3])
    assert run(["models", "import", page, "-C", str(tmp_path)], {}) == Exit.USAGE
    assert "no-pipeline" in capsys.readouterr().err
    assert run(["models", "import", page, "--into", "a", "--shipped"], {}) == Exit.USAGE
