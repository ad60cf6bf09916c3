"""`models list`, `show` and `check`; `init` and `doctor`: commands that need no project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.api.models import shipped_models
from kinoform.cli.exits import Exit
from kinoform.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

O3 = "runware/klingai:kling-image@o3"
PRO = "runware/klingai:kling-video@o3-pro"


def read(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run([*words, "--json"], {}) == Exit.DONE
    return json.loads(capsys.readouterr().out)


def test_every_model_is_listed_with_its_price(capsys: pytest.CaptureFixture[str]) -> None:
    found = {row["id"]: row for row in read(capsys, "models", "list")["models"]}
    assert found[O3]["price"] == "$0.028 to $0.056 per image"
    assert (found[O3]["takes"], found[O3]["makes"]) == (["image"], ["image"])
    assert found["local/concat"]["price"] == "free"
    assert len(found) == 10


@pytest.mark.parametrize("name", list(shipped_models()))
def test_every_model_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", name], {}) == Exit.DONE
    out = capsys.readouterr().out
    assert out.startswith(name)
    assert "parameter" in out


def test_a_model_is_shown_with_limits_sizes_rules_and_prices(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["models", "show", PRO], {})
    out = capsys.readouterr().out
    assert "portable names" in out
    assert "1920x1080" in out
    assert "providerSettings" in out
    assert "$0.112" in out


def test_an_unknown_model_gets_the_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", "klingai:kling-image@o3"], {}) == Exit.INVALID
    assert f"did you mean {O3}" in capsys.readouterr().err


def check(tmp_path: Path, text: str, *words: str) -> int:
    (tmp_path / "request.json").write_text(text, "utf-8")
    return run(["models", "check", O3, "request.json", "-C", str(tmp_path), *words], {})


def test_a_published_request_is_valid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = shipped_models()[O3].document["examples"][0]["request"]
    assert check(tmp_path, json.dumps(example), "--json") == Exit.DONE
    assert json.loads(capsys.readouterr().out) == {"model": O3, "valid": True, "problems": []}


def test_a_wrong_request_names_each_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, "{}", "--json") == Exit.INVALID
    found = json.loads(capsys.readouterr().out)
    assert not found["valid"]
    assert set(found["problems"][0]) == {"code", "severity", "path", "message"}
    assert {"taskUUID", "model", "positivePrompt"} <= {p["path"] for p in found["problems"]}


@pytest.mark.parametrize("text", ["", "[}", "NaN", "[" * 100_000])
def test_what_is_not_json_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert check(tmp_path, text) == Exit.INVALID
    assert capsys.readouterr().err.startswith("error[not-json]: ")


def test_a_request_that_is_not_there_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "check", O3, "no-such.json"], {}) == Exit.USAGE
    assert "error[path-not-found]" in capsys.readouterr().err


def test_init_writes_a_project_and_says_what_to_do_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "film"
    assert run(["init", str(folder), "--from", "hello"], {}) == Exit.DONE
    assert f"kinoform run {folder} --draft" in capsys.readouterr().out
    assert run(["check", str(folder)], {}) == Exit.DONE
    assert run(["init", str(folder)], {}) == Exit.USAGE
    assert "error[in-the-way]" in capsys.readouterr().err


def test_init_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    names = [row["name"] for row in read(capsys, "init", "--list")["pipelines"]]
    assert "lighthouse" in names


def test_the_doctor_finds_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    found = read(capsys, "doctor")
    assert found["well"]
    assert {"python", "ffmpeg", "home", "disk"} <= {check["name"] for check in found["checks"]}
    assert run(["doctor"], {}) == Exit.DONE
    assert "fix: export RUNWARE_API_KEY=" in capsys.readouterr().out
