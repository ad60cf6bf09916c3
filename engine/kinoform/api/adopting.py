"""A file that a person made or retouched as the output of a step: into the store, judged, chosen."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from kinoform.api.picking import Choice, changed, pinned
from kinoform.core import adopted
from kinoform.core.errors import EnvError, Problem, UsageError
from kinoform.core.types import Blob, Pick
from kinoform.core.words import short
from kinoform.run.work import taken_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kinoform.api.picking import Said
    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.core.types import Expect, Result, Step

_NEAR = 0.02  # seconds by which lengths may differ, and still be the same


def take_in(project: Project, step: Step, path: Path) -> Blob:
    """A copy of the file in the store, synced, once it is known to be whole and of the right kind.

    Raises UsageError (`adopt-not-read`, `adopt-wrong-kind`), EnvError.
    """
    if step.skip:
        said = f"{short(str(path))} cannot stand for {step.id}, which is left out by its `when`"
        raise UsageError(Problem("adopt-wrong-kind", said))
    out = project.home.store.scratch()
    try:
        copy = out / "adopted"
        _copy(path, copy)
        if step.expects and step.expects[0].media.startswith("text/"):
            return _text(project, copy)
        expect = step.expects[0]
        (found,) = taken_in(project.verify, project.home.store, [(copy, expect, b"")])
    finally:
        shutil.rmtree(out, ignore_errors=True)
    if isinstance(found, EnvError):
        raise found
    if isinstance(found, str):
        said = f"{short(str(path))} cannot stand for {step.id}: {found}"
        raise UsageError(Problem("adopt-wrong-kind", said))
    return found


def _copy(path: Path, copy: Path) -> None:
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        said = f"{short(str(path))} cannot be read: {error.strerror or error}"
        raise UsageError(Problem("adopt-not-read", said)) from error


def _text(project: Project, copy: Path) -> Blob:
    size = copy.stat().st_size
    return Blob(project.home.store.add(copy, durable=True), size, "text/plain")


def present(project: Project, planned: Planned, step: Step) -> Blob:
    """What the step had last, to be kept though its recipe changes. Raises UsageError, EnvError."""
    result = _last(planned, step)
    blob = result.outputs[0] if result else None
    if blob is None or blob.digest not in project.home.store.has({blob.digest}):
        said = f"{step.id} has nothing that could be kept"
        hint = f"name a file, as in: kinoform adopt {step.id} FILE"
        raise UsageError(Problem("adopt-nothing", said, hint=hint))
    return blob


def _last(planned: Planned, step: Step) -> Result | None:
    key = planned.survey.world.heads.get((step.id, 1), "")
    found = planned.survey.world.results({key}).get(key) if key else None
    return found if found and found.outputs else None


def _maker(planned: Planned, step: Step, blob: Blob) -> str:
    """The key of the local action that made these bytes, if it was the step's last one."""
    last = None if step.op.kind == "hosted" else _last(planned, step)
    return last.key if last and last.outputs[0].digest == blob.digest else ""


def adopt(project: Project, planned: Planned, step: Step, blob: Blob, said: Said) -> Choice | None:
    """The choice of a file for a step; None where it stands already.

    Raises UsageError; SpecError where something that reads the step could not take the file.
    """
    before = planned.survey.world.picks.get(step.id)
    if before is not None and (before.kind, before.digest) == ("adopt", blob.digest):
        return None
    if before is not None and before.kind == "pin":
        raise UsageError(pinned(step.id, "kinoform pick --pin --reopen lets go of it"))
    at = time.strftime("%Y-%m-%d", time.localtime(project.now()))
    made = _maker(planned, step, blob)
    pick = Pick(step.id, blob.digest, "", 0, said.by, at, said.why, "adopt", made)
    last = _last(planned, step)
    if last is not None and blob.digest in {each.digest for each in last.outputs}:
        return Choice(step.id, pick, (blob,), changed(planned, step.id, pick, blob))
    differs = tuple(_differs(step, blob, step.expects[0])) if step.expects else ()
    found = project.with_file(step.id, blob)
    graph = planned.graph if project.is_draft else found.graph
    change = changed(planned, step.id, pick, blob, graph)
    problems = (*differs, *(p for p in found.warnings if p not in planned.warnings))
    return Choice(step.id, pick, (blob,), change, problems, adopted.result(step.id, blob))


def _differs(step: Step, blob: Blob, expect: Expect) -> Iterator[Problem]:
    """Where a file is not as large, or as long, as what others were told to expect."""
    want, have = expect.facts, blob.facts
    said = []
    if want.width and have.width and (want.width, want.height) != (have.width, have.height):
        said.append(f"{have.width}x{have.height} pixels and not {want.width}x{want.height}")
    if want.seconds and have.seconds and abs(want.seconds - have.seconds) > _NEAR:
        said.append(f"{have.seconds:g} s and not {want.seconds:g} s")
    if said:
        message = f"{step.id}: the file has {' and '.join(said)}"
        yield Problem("adopt-other-facts", message, severity="warning")
