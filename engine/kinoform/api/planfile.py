"""A plan in a file: what was asked, what was decided, what it rests on. Running it is consent to it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kinoform.api.lockbook import LockBook
from kinoform.api.planning import Asked
from kinoform.core import binding
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, MovedError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.api.planning import Planned
    from kinoform.api.setting import Mode, Setting
    from kinoform.core.decisions import Plan

SUFFIX: Final = ".json"
_MOST: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it was written. `path` is the pipeline file that it is for."""

    path: Path
    profile: str
    variables: Mapping[str, str]
    draft: Mode
    asked: Asked
    told: Mapping[str, Any]

    def hold(self, planned: Planned) -> None:
        """Raises MovedError naming everything that is not as it was; EnvError."""
        said = binding.moved(self.told, _bound(self.path, planned))
        if said:
            raise MovedError(said)


def save(file: Path, pipeline: Path, setting: Setting, asked: Asked, planned: Planned) -> None:
    """Write a plan. The pipeline is named as seen from the file. Raises EnvError."""
    told = {
        "kinoform-plan": binding.VERSION,
        "pipeline": Path(os.path.relpath(pipeline, file.absolute().parent)).as_posix(),
        "profile": setting.profile,
        "vars": dict(setting.variables),
        "draft": setting.draft,
        "asked": asdict(asked),
        **binding.written(_bound(pipeline, planned)),
    }
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_text(f"{text}\n", encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        said = f"{file} cannot be written: {error.strerror or error}"
        raise EnvError(Problem("plan-not-written", said)) from error


def _bound(pipeline: Path, planned: Planned) -> Plan:
    steps = {decision.step for decision in planned.plan.decisions}
    locked = LockBook(pipeline.parent).digests(steps)
    return binding.bound(planned.plan, planned.survey, locked)


def load(file: Path) -> PlanFile:
    """Read a plan. Raises UsageError for a file that is none."""
    try:
        told = _told(file)
        return PlanFile(
            path=file.absolute().parent / str(told["pipeline"]),
            profile=str(told["profile"]),
            variables={str(name): str(value) for name, value in told["vars"].items()},
            draft=_mode(told["draft"]),
            asked=Asked(**told["asked"]),
            told=told,
        )
    except OSError as error:
        said = f"{file} cannot be read: {error.strerror or error}"
        raise UsageError(Problem("no-plan", said)) from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)[:80]
        said = f"{file} is no plan of this version: {why}"
        hint = "kinoform plan -o FILE writes one"
        raise UsageError(Problem("no-plan", said, hint=hint)) from error


def _told(file: Path) -> dict[str, Any]:
    if file.stat().st_size > _MOST:
        raise ValueError("it is too large")
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if told["kinoform-plan"] != binding.VERSION:
        raise ValueError(f"it is of format {told['kinoform-plan']!r}")
    binding.worst(told)
    return told


def _mode(said: Any) -> Mode:
    if said not in ("", "all", "missing"):
        raise ValueError(f"draft is {said!r}")
    mode: Mode = said
    return mode
