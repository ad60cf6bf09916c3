"""A project remembers which requests were right, in the index of its home and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shipped_models import O3, PRO, model

from kinoform.api.home import open_home
from kinoform.api.project import Project
from kinoform.core.errors import SpecError
from kinoform.core.types import Ref
from kinoform.spec.judge import JUDGE, full_request
from kinoform.spec.verdicts import mark_of

if TYPE_CHECKING:
    from pathlib import Path

SHOTS = "".join(f"  s{n:03}: {{does: thing {n}}}\n" for n in range(20))
PIPELINE = f"""\
kinoform: 1
name: many
shots:
{SHOTS}steps:
  still: {{uses: '{O3}', foreach: shots, with: {{prompt: "{{{{ shot.does }}}}", size: "1K 16:9"}}}}
  clip: {{uses: '{PRO}', foreach: shots, with: {{prompt: a pier, first_frame: "${{{{ out.still }}}}"}}}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    return folder


def kept(home: Path, name: str) -> int:
    """How many marks the index holds for a model."""
    text = open_home(home).index.get(f"judged:{JUDGE}:{model(name).digest}") or ""
    return len(text) // 32


def test_what_is_right_at_sight_need_not_be_remembered(root: Path, tmp_path: Path) -> None:
    Project.open(root, home=tmp_path / "home").check()
    assert (kept(tmp_path / "home", O3), kept(tmp_path / "home", PRO)) == (0, 0)


def test_what_the_index_holds_is_not_judged_again(root: Path, tmp_path: Path) -> None:
    """Proven with a wrong request that the index calls right: no honest index holds one."""
    text = PIPELINE.replace("a pier,", "a pier, duration: 2,")
    (root / "pipeline.yaml").write_text(text, encoding="utf-8")
    home = open_home(tmp_path / "home")
    with pytest.raises(SpecError, match="duration 2 is below 3"):
        Project.open(root, home=home.root).check()
    frames = {"frameImages": [{"image": Ref("still@s001"), "frame": "first"}]}
    wrong = {"positivePrompt": "a pier", "inputs": frames, "duration": 2}
    mark = str(mark_of(full_request(model(PRO), wrong)))
    home.index.put({f"judged:{JUDGE}:{model(PRO).digest}": mark})
    assert Project.open(root, home=home.root).check() == ()
