"""The shipped pipelines plan to what was reviewed. `python tests/data/test_pipelines.py` rewrites."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from kinoform.api.locate import shipped
from kinoform.api.project import Mode, Project, Setting
from kinoform.views.plan import document

NAMES = ("hello", "lighthouse", "lighthouse-review", "product-spot")
GOLDEN = Path(__file__).parent / "golden"


def _plan(name: str, mode: Mode, home: Path) -> dict[str, Any]:
    project = Project.open(shipped("pipelines") / name, Setting(draft=mode), home)
    planned = project.plan()
    return document(project.name, planned.plan, planned.graph, planned.price_real)


def _file(name: str, mode: Mode) -> Path:
    return GOLDEN / f"{name}{'.draft' if mode else ''}.json"


@pytest.mark.parametrize("mode", ["", "all"])
@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_pipeline_plans_to_its_golden_plan(name: str, mode: Mode, tmp_path: Path) -> None:
    assert _plan(name, mode, tmp_path) == json.loads(_file(name, mode).read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_pipeline_has_nothing_to_warn_of(name: str, tmp_path: Path) -> None:
    assert Project.open(shipped("pipelines") / name, home=tmp_path).check() == ()


def test_the_lighthouse_uses_all_five_models_a_bridge_and_a_chain(tmp_path: Path) -> None:
    project = Project.open(shipped("pipelines") / "lighthouse", home=tmp_path)
    steps = {step.id: step for step in project.compiled.steps}
    hosted = {s.op.name for s in steps.values() if s.op.kind == "hosted"}
    assert len(hosted) == 5
    inputs = {
        name: {getattr(x, "step", "") for x in s.inputs.values()} for name, s in steps.items()
    }
    assert inputs["clip@s020"] == {"edit@s020", "edit@s030"}
    assert inputs["clip@s040"] == {"clip@s030.last_frame"}
    assert not any(step.gate for step in steps.values())


def test_the_reviewed_lighthouse_is_the_lighthouse_with_two_reviews(tmp_path: Path) -> None:
    plain, reviewed = (
        {s.id: s for s in Project.open(shipped("pipelines") / name, home=tmp_path).compiled.steps}
        for name in ("lighthouse", "lighthouse-review")
    )
    gates = {"still": ("review", 3), "edit": ("review", 1)}
    assert plain.keys() == reviewed.keys()
    for name, step in plain.items():
        gate, takes = gates.get(step.name, (step.gate, step.takes))
        assert reviewed[name].params == step.params
        assert (reviewed[name].gate, reviewed[name].takes) == (gate, takes)
    for name in ("shots.csv", "prompts/frame.j2"):
        files = [shipped("pipelines") / each / name for each in ("lighthouse", "lighthouse-review")]
        assert len({file.read_bytes() for file in files}) == 1


def _rewrite() -> None:
    for name in NAMES:
        for mode in ("", "all"):
            with tempfile.TemporaryDirectory() as home:
                text = json.dumps(_plan(name, mode, Path(home)), indent=1, ensure_ascii=False)
            _file(name, mode).write_text(f"{text}\n")


if __name__ == "__main__":
    _rewrite()
