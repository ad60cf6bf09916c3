"""Two states of one film brought together: from git, from folders, or as the folder is now."""

from __future__ import annotations

import base64
import io
import os
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kinoform.api.lockbook import LockBook
from kinoform.api.revisions import Checkout, film_at, no_revision, placed
from kinoform.core.classes import dataclass
from kinoform.core.compare import Side, changes
from kinoform.core.errors import KinoformError, SpecError
from kinoform.core.manifest import recipe_of
from kinoform.ops import pictures, stills
from kinoform.ports import Absent
from kinoform.stores.git import GitError, around

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from PIL.Image import Image

    from kinoform.api.planning import Planned
    from kinoform.api.project import Project
    from kinoform.api.setting import Setting
    from kinoform.core.commits import Commit
    from kinoform.core.compare import Change
    from kinoform.core.types import Blob
    from kinoform.stores.git import Git

_WIDE = 480  # pixels of a picture on the page
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Named:
    """What one side is called: a commit, or a folder."""

    name: str
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two states, by their names, and what differs."""

    film: str
    names: tuple[Named, Named]
    sides: tuple[Side, Side]
    changes: tuple[Change, ...]


def of_folders(old: Project, new: Project) -> Compared:
    """Two folders. Raises SpecError."""
    sides = _side(old), _side(new)
    names = Named(str(old.root)), Named(str(new.root))
    return Compared(new.name, names, sides, changes(*sides))


def of_revisions(project: Project, setting: Setting, words: str) -> Compared:
    """`REV1..REV2`, `REV1..` up to HEAD, or `REV` up to the folder as it is now.

    Raises UsageError, SpecError.
    """
    git = around(project.root, os.environ)
    if git is None:
        raise no_revision(f"{project.root.name} lies in no git repository with a commit")
    first, two, second = words.partition("..")
    old, old_name = _at(git, project, setting, first)
    if two:
        new, new_name = _at(git, project, setting, second.lstrip(".") or "HEAD")
    else:
        new, new_name = _side(project), Named("the folder as it is")
    return Compared(project.name, (old_name, new_name), (old, new), changes(old, new))


def _at(git: Git, project: Project, setting: Setting, revision: str) -> tuple[Side, Named]:
    try:
        commit = git.commit(revision)
        told = git.describe(commit)
    except GitError as error:
        raise no_revision(str(error)) from error
    with _folder() as folder:
        film = film_at(Checkout(git, folder), commit, project, setting, folder)
        try:
            return _side(film), Named(revision, told)
        except SpecError as error:
            raise placed(error, revision) from error


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kinoform-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


def _side(project: Project) -> Side:
    planned = project.plan()
    manifests = planned.survey.manifests.items()
    ids = planned.graph.steps
    return Side(
        graph=planned.graph,
        plan=planned.plan,
        blobs=planned.survey.world.blobs,
        stands=_stands(project, planned),
        recipes={ids[n].id: recipe_of(made) for (n, take), made in manifests if take == 1},
        paid=_paid(project, planned),
        renamed={move.old: move.new for move in project.document.moved},
    )


def _stands(project: Project, planned: Planned) -> dict[str, Blob]:
    """Step to the artifact that is its own now: chosen, made by its recipe, or by the one before."""
    survey = planned.survey
    found = {} if project.is_draft else _locked(project)
    heads = {name: key for (name, take), key in survey.world.heads.items() if take == 1}
    made = survey.world.gists(set(heads.values()))
    found |= {n: made[k].outputs[0] for n, k in heads.items() if k in made and made[k].outputs}
    for number, step in enumerate(planned.graph.steps):
        own = survey.gist((number, survey.current.get(step.id, 1)))
        if own is not None and own.outputs:
            found[step.id] = own.outputs[0]
    return found | dict(survey.world.chosen)


def _locked(project: Project) -> dict[str, Blob]:
    """The last purchase that the lock names for each step."""
    results = LockBook(project.root).all.values()
    return {result.step: result.outputs[0] for result in results if result.outputs}


def _paid(project: Project, planned: Planned) -> Decimal:
    """USD for what the lock names and what stands today, each purchase once."""
    bought = {} if project.is_draft else dict(LockBook(project.root).all)
    for node in planned.survey.keys:
        result = planned.survey.result(node)
        if result is not None and result.kind == "hosted":
            bought[result.key] = result
    return sum((result.paid for result in bought.values()), Decimal(0))


def prints(project: Project, found: Compared, most: int) -> Mapping[str, str]:
    """Digest to a small JPEG as a data URI, of the first `most` artifacts that can be shown."""
    pairs = [blob for change in found.changes for blob in (change.old, change.new) if blob]
    blobs = {blob.digest: blob for blob in pairs}
    shown: dict[str, str] = {}
    for blob in blobs.values():
        if len(shown) < most and (uri := _print(project, blob)):
            shown[blob.digest] = uri
    return shown


def _print(project: Project, blob: Blob) -> str:
    """Empty for what is no picture, and for bytes that are not here or cannot be read."""
    try:
        path = project.home.store.path(blob.digest)
        media = pictures.sniff(path)
        if pictures.is_picture(media):
            image: Image = pictures.load(path)
        elif pictures.is_clip(media):
            image = stills.first(path, media)
        else:
            return ""
    except (Absent, KinoformError, OSError):
        return ""
    image = pictures.flat(image)
    image.thumbnail((_WIDE, _WIDE))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode('ascii')}"
