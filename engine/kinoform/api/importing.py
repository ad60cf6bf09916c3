"""Model pages into model files on disk, model files compared, and the steps that use a model.

The only place that writes model files. Nothing is overwritten unless that is asked for.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinoform.api.files import ProjectFiles
from kinoform.api.home import open_home
from kinoform.api.locate import shipped
from kinoform.api.models import catalog, pipeline_schema, read_at, shipped_models
from kinoform.api.setting import located
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, SpecError, UsageError
from kinoform.spec.catalog import Model, load
from kinoform.spec.document import load as load_document
from kinoform.spec.moved import Change, changes
from kinoform.spec.pages.compiler import compile_page

if TYPE_CHECKING:
    from kinoform.spec.pages.report import Report

_NAMED = 3  # changes that a message names; the rest are counted
MAX_PAGE = 4 * 1024 * 1024
MAX_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """A compiled page with its file. `moved` is what differs from the file that stood there.

    `written` is false where that file says the same already: its day is no reason to change it.
    """

    report: Report
    path: Path
    moved: tuple[Change, ...]
    written: bool


def file_name(model: str) -> str:
    """Where a model file lies below its folder: `runware/klingai.kling-image@o3.json`."""
    provider, _, name = model.partition("/")
    safe = "".join(c if c.isalnum() or c in "@-_." else "." for c in name)
    return f"{provider}/{safe.lstrip('.')}.json"


def is_own(folder: Path, project: Path) -> bool:
    """Whether a project would read model files from this folder."""
    root = project_of(project, needed=False)
    return root is not None and folder.resolve().is_relative_to((root / "models").resolve())


def import_page(page: Path, folder: Path, day: str, *, replace: bool, own: bool = True) -> Imported:
    """Compile a page and write its model file below `folder`.

    `own`: the file is one of a project's own, which may not take a shipped id.
    Raises SpecError, UsageError, EnvError; then nothing was written.
    """
    report = compile_page(read_page(page), day)
    load(report.document, _meta())
    path = folder / file_name(report.id)
    if report.id in shipped_models() and own:
        said = f"{report.id} is a model that kinoform ships: a project's file may not shadow it"
        hint = "--into DIR writes it elsewhere, for `kinoform models diff`"
        raise SpecError(Problem("model-shadowed", said, hint=hint))
    old = _document(path) if path.exists() else None
    moved = tuple(changes(old, report.document)) if old else ()
    if old and not replace:
        raise UsageError(_in_the_way(path, moved))
    same = old is not None and _kept(old) == _kept(report.document)
    if not same:
        _write(path, report.document)
    return Imported(report, path, moved, not same)


def _in_the_way(path: Path, moved: tuple[Change, ...]) -> Problem:
    what = ", ".join(f"{each.kind} {each.path}" for each in moved[:_NAMED])
    more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
    said = f"{path} stands already; the page differs in {what}{more}" if moved else (
        f"{path} stands already; the page says the same"
    )  # fmt: skip
    return Problem("model-file-exists", said, hint="--replace writes it anew and shows what moved")


def _kept(document: Any) -> Any:
    """Everything but the day of reading."""
    source = {k: v for k, v in document["source"].items() if k != "date"}
    return json.loads(json.dumps({**document, "source": source}))


def read_page(path: Path) -> str:
    """The text of a page. Raises UsageError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PAGE + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = f"{path}: {getattr(error, 'strerror', None) or 'no text in UTF-8'}"
        raise UsageError(Problem("page-unreadable", said)) from error
    if len(data) > MAX_PAGE:
        raise UsageError(Problem("page-unreadable", f"{path} is larger than 4 MB"))
    return text


def _write(path: Path, document: Any) -> None:
    """Whole or not at all: a temporary neighbour takes the name."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        said = f"{path} cannot be written: {error.strerror}"
        raise EnvError(Problem("model-file-not-written", said)) from error


def _meta() -> Any:
    return json.loads((shipped("schemas") / "model.json").read_bytes())


def _document(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            return json.loads(file.read(MAX_FILE))
    except (OSError, ValueError, RecursionError) as error:
        said = f"{path} is not a model file: {str(error)[:80]}"
        raise EnvError(Problem("model-file-unreadable", said)) from error


def models_folder(project: Path) -> Path:
    """The folder of a project's own model files. Raises UsageError where no project is."""
    root, _ = located(project)
    return root / "models"


def shipped_folder() -> Path:
    """Where the model files lie that ship."""
    return shipped("schemas")


def named(word: str, project: Path | None) -> Model:
    """The model that a word names: a file, else an id. Raises SpecError, EnvError."""
    path = Path(word)
    if path.suffix == ".json" and path.is_file():
        return read_at(path, lambda: load(_document(path), _meta()))
    return catalog(project)[word]


def moved(old: Model, new: Model) -> list[Change]:
    """Everything that differs, by meaning."""
    return changes(old.document, new.document)


def project_of(path: Path, *, needed: bool) -> Path | None:
    """The folder of a project; None where none is and none is needed. Raises UsageError."""
    try:
        return located(path)[0]
    except UsageError:
        if needed:
            raise
        return None


def users_of(project: Path, *models: str) -> list[str]:
    """The steps of a project that use one of these models, in the order of the file.

    Only the file is read, so that this can be asked of a pipeline that a new limit refuses.
    """
    root, spec = located(project)
    files = ProjectFiles(root, open_home())
    document = load_document(files, spec, schema=pipeline_schema(), profile="", variables={})
    names = {alias for alias, choice in document.models.items() if set(choice.ids) & set(models)}
    return [name for name, step in document.steps.items() if step.uses in names | set(models)]
