"""`kinoform schema`: what it prints, where it writes, and that a faulty pipeline is no hindrance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.api.starter import MODELINE, SCHEMA
from kinoform.cli.exits import Exit
from kinoform.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "kinoform: 1\nname: n\nsteps: {note: {uses: local/text, with: {text: a}}}\n"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A folder with a pipeline."""
    (tmp_path / "pipeline.yaml").write_text(NOTE, "utf-8")
    return tmp_path


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(["schema", *words], {}) == Exit.DONE
    return json.loads(capsys.readouterr().out)


def test_the_schema_itself_is_printed(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, str(film))
    assert found["title"] == "kinoform pipeline"
    assert found["$defs"]["made"]["enum"] == ["note"]
    assert sorted(path.name for path in film.iterdir()) == ["pipeline.yaml"]


def test_json_holds_the_schema_and_what_is_wrong(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, "--json", str(film))
    assert set(found) == {"version", "path", "schema", "problems"}
    assert found["schema"] == document(capsys, "-C", str(film))
    assert (found["path"], found["problems"]) == (None, [])


def test_write_puts_it_where_the_modeline_of_init_points(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film"
    assert run(["init", str(film), "--from", "lighthouse"], {}) == Exit.DONE
    before = (film / SCHEMA).read_bytes()
    assert (film / "pipeline.yaml").read_text("utf-8").startswith(MODELINE)
    assert run(["schema", str(film), "--write"], {}) == Exit.DONE
    assert f"{film / SCHEMA}: the schema of this project" in capsys.readouterr().out
    assert (film / SCHEMA).read_bytes() != before
    assert (film / SCHEMA).read_bytes() == document_bytes(capsys, film)


def document_bytes(capsys: pytest.CaptureFixture[str], film: Path) -> bytes:
    run(["schema", str(film)], {})
    return capsys.readouterr().out.encode()


def test_a_file_of_its_own_may_be_named(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = film / "deep" / "mine.json"
    found = document(capsys, str(film), "-o", str(target), "--json")
    assert found == {"version": 1, "path": str(target), "problems": []}
    assert json.loads(target.read_text("utf-8"))["$defs"]["made"]["enum"] == ["note"]
    assert not (film / SCHEMA).exists()


def test_a_pipeline_with_faults_has_a_schema_too(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "pipeline.yaml").write_text(NOTE + "shots: {from: gone.csv}\n  half\n", "utf-8")
    assert run(["schema", str(film)], {}) == Exit.DONE
    out, err = capsys.readouterr()
    assert json.loads(out)["$defs"]["step"]
    assert "kinoform check says which" in err


def test_a_broken_model_file_of_the_project_costs_that_model_only(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "models").mkdir()
    (film / "models" / "mine.json").write_text("{", "utf-8")
    found = document(capsys, "--json", str(film))
    assert [problem["code"] for problem in found["problems"]] == ["model-file-unreadable"]
    assert "with.local.text" in found["schema"]["$defs"]
    assert "anyOf" in found["schema"]["$defs"]["step"]["properties"]["uses"]


def test_what_leads_out_of_the_project_is_not_read(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = film / "inner"
    inner.mkdir()
    (film / "shots.yaml").write_text("steps: {secret: {uses: local/text}}\n", "utf-8")
    (inner / "pipeline.yaml").write_text("include: [more.yaml, ../shots.yaml]\n", "utf-8")
    (inner / "more.yaml").symlink_to(film / "shots.yaml")
    assert "secret" not in json.dumps(document(capsys, str(inner)))


def test_no_yaml_and_no_pipeline_are_refused(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "-C", str(film), "other"], {}) == Exit.USAGE
    (film / "pipeline.yaml").write_bytes(b"\0\1\2")
    assert run(["schema", str(film)], {}) == Exit.INVALID
    (film / "pipeline.yaml").unlink()
    assert run(["schema", str(film)], {}) == Exit.USAGE
    assert "error[no-pipeline]" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_said(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / ".kinoform").write_text("in the way", "utf-8")
    assert run(["schema", str(film), "--write"], {}) == Exit.ENVIRONMENT
    assert "error[folder-not-written]" in capsys.readouterr().err
