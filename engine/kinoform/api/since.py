"""Since which commit a request says what it says: older states are read from git and planned.

What is asked for is few values of few steps, so the newest commits are looked at first, and no more
than it takes.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from kinoform.api.revisions import Checkout, film_at
from kinoform.core.errors import KinoformError
from kinoform.core.manifest import at
from kinoform.core.types import File
from kinoform.stores.git import GitError, around

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.api.setting import Setting
    from kinoform.core.commits import Commit
    from kinoform.stores.git import Git

Root = tuple[str, str]  # a step, and a path in its request
_MOST: Final = 24  # commits that are looked at


def since(
    project: Project, setting: Setting, planned: Planned, roots: Collection[Root]
) -> Mapping[Root, Commit | None]:
    """The commit that brought each value; None for one that is not committed.

    What is older than the commits that are looked at is left out, and so is everything where there
    is no git. Never raises: an explanation is worth having without it.
    """
    git = around(project.root, os.environ) if roots else None
    if git is None:
        return {}
    try:
        found = _found(git, project, setting, planned, roots)
        return {root: git.describe(commit) if commit else None for root, commit in found.items()}
    except (GitError, OSError):
        return {}


def _found(
    git: Git, project: Project, setting: Setting, planned: Planned, roots: Collection[Root]
) -> dict[Root, str]:
    """Root to commit; empty for what is not committed."""
    commits = git.history("HEAD", _paths(project, planned), _MOST)
    wanted = {root: _value(planned, root) for root in roots}
    found: dict[Root, str] = {}
    later = ""
    for commit, film in _films(git, commits, project, setting):
        for root in wanted.keys() - found.keys():
            if film is None or _value(film, root) != wanted[root]:
                found[root] = later
        if found.keys() == wanted.keys():
            return found
        later = commit
    left = wanted.keys() - found.keys()
    return found | (dict.fromkeys(left, later) if len(commits) < _MOST else {})


def _paths(project: Project, planned: Planned) -> list[str]:
    """The files that the plan was read from."""
    files = [name for name in planned.plan.reads if (project.root / name).is_file()]
    return [*files, "models", project.pipeline.name]


def _films(
    git: Git, commits: Collection[str], project: Project, setting: Setting
) -> Iterator[tuple[str, Planned | None]]:
    """Each commit with the film as it was then; None where that was not in order."""
    with TemporaryDirectory(prefix="kinoform-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        checkout = Checkout(git, folder)
        for commit in commits:
            try:
                yield commit, film_at(checkout, commit, project, setting, folder).plan()
            except KinoformError:
                yield commit, None


def _value(planned: Planned, root: Root) -> Any:
    """What a step says at a path: a file is its bytes; None where there is no such step or path."""
    name, path = root
    number = planned.graph.index.get(name)
    if number is None:
        return None
    step = planned.graph.steps[number]
    if path == "op":
        return step.op.name, step.op.version
    value = at(step.params, path)
    if isinstance(value, File):
        blob = planned.survey.world.blobs.get(value)
        return blob.digest if blob else value.path
    return value
