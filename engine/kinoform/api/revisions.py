"""A film at a commit: its files in a folder of their own, read from git and never checked out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.api.project import Project
from kinoform.core.errors import Problem, SpecError, UsageError
from kinoform.stores.git import GitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from kinoform.api.setting import Setting
    from kinoform.stores.git import Entry, Git

_BATCH = 64 * 1024 * 1024  # bytes that are read at once


class Checkout:
    """One folder that shows a project as it was at one commit, then at another."""

    def __init__(self, git: Git, folder: Path) -> None:
        self._git, self._folder = git, folder
        self._held: dict[str, Entry] = {}

    def at(self, commit: str) -> None:
        """Show this commit; only files that differ are read. Raises GitError, OSError."""
        files = self._git.files(commit)
        for path in self._held.keys() - files.keys():
            (self._folder / path).unlink()
            _tidy((self._folder / path).parent, self._folder)
        for batch in _batches({p: e for p, e in files.items() if self._held.get(p) != e}):
            contents = self._git.contents([entry.object for _, entry in batch])
            for path, entry in batch:
                full = self._folder / path
                full.parent.mkdir(parents=True, exist_ok=True)
                full.write_bytes(contents[entry.object])
        self._held = files


def _tidy(folder: Path, top: Path) -> None:
    """Take away folders that are empty now: a file may be about to have their name."""
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _batches(files: Mapping[str, Entry]) -> Iterator[Sequence[tuple[str, Entry]]]:
    batch: list[tuple[str, Entry]] = []
    size = 0
    for path, entry in files.items():
        if batch and size + entry.size > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append((path, entry))
        size += entry.size
    if batch:
        yield batch


def film_at(
    checkout: Checkout, commit: str, project: Project, setting: Setting, folder: Path
) -> Project:
    """The project as it was at a commit. Raises UsageError where it was not there yet."""
    try:
        checkout.at(commit)
    except (GitError, OSError) as error:
        raise no_revision(str(error)) from error
    spec = folder / project.pipeline.name
    if not spec.is_file():
        raise no_revision(f"there is no {project.pipeline.name} at {commit[:7]}")
    return Project.open(spec, setting, project.home.root)


def no_revision(said: str) -> UsageError:
    """What is said where git cannot show what was asked for."""
    hint = "as in: kinoform diff main..branch"
    return UsageError(Problem("no-revision", said, hint=hint))


def placed(error: SpecError, name: str) -> SpecError:
    """The same faults, said of the files of this revision."""
    return SpecError(
        replace(p, where=replace(p.where, file=f"{name}:{p.where.file}") if p.where else None)
        for p in error.problems
    )
