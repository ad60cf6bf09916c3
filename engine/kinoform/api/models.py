"""The catalog on disk: the shipped model files, and the project's own beside its pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from kinoform.api.locate import shipped
from kinoform.core.errors import EnvError, Problem, SpecError, Where
from kinoform.spec.catalog import Catalog, Model, load, load_foreign
from kinoform.stores.looks import listed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROVIDERS = ("local", "runware", "wavespeed")


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        said = f"{path} is not a model file: {error}"
        raise EnvError(Problem("model-file-unreadable", said)) from error


@cache
def pipeline_schema() -> Any:
    """The published schema of pipeline files, as parsed JSON."""
    return _document(shipped("schemas") / "pipeline.json")


@cache
def settings_schema() -> Any:
    """The published schema of the user's settings, as parsed JSON."""
    return _document(shipped("schemas") / "config.json")


@cache
def pages() -> dict[str, str]:
    """Models that are not shipped, and the page that a user has to import for each."""
    found: dict[str, str] = _document(shipped("schemas") / "pages.json")["pages"]
    return found


@cache
def shipped_models() -> Mapping[str, Model]:
    """The model files that came with kinoform, by id; a film uses three, and no other is read."""
    return _Shipped(shipped("schemas"))


class _Shipped(Mapping[str, Model]):
    def __init__(self, root: Path) -> None:
        self._root = root
        self._model = cache(lambda name: load(_document(self._files[name])))

    @cached_property
    def _files(self) -> dict[str, Path]:
        """By the id as a file name says it."""
        files = (path for name in PROVIDERS for path in sorted((self._root / name).glob("*.json")))
        return {f"{path.parent.name}/{path.stem}": path for path in files}

    def __getitem__(self, name: str) -> Model:
        provider, slash, rest = name.partition("/")
        model = self._model(f"{provider}{slash}{rest.replace('/', '.').replace(':', '.')}")
        if model.id != name:
            raise KeyError(name)
        return model

    def __iter__(self) -> Iterator[str]:
        return (self._model(name).id for name in self._files)

    def __len__(self) -> int:
        return len(self._files)


def catalog(project: Path | None = None) -> Catalog:
    """The shipped models and those in `<project>/models/`, which are judged first.

    Raises SpecError for a file that is none, and for one that calls itself a shipped model.
    """
    files = listed(project / "models", "**/*.json") if project else []
    if not files:
        return Catalog((), pages(), shipped_models())
    meta = _document(shipped("schemas") / "model.json")
    own = [read_at(path, partial(_own, path, meta), project) for path in files]
    return Catalog(own, pages(), shipped_models())


def _own(path: Path, meta: Any) -> Model:
    model = load_foreign(_document(path), meta)
    if model.id in shipped_models():
        said = f"a file in models/ calls itself {model.id}, which is a shipped model"
        raise SpecError(Problem("model-shadowed", said, hint="give it an id of its own"))
    return model


def read_at(path: Path, read: Callable[[], Model], project: Path | None = None) -> Model:
    """What `read` gives; what it finds wrong is said of the file, relative to the project."""
    try:
        return read()
    except SpecError as error:
        name = (path.relative_to(project) if project else path).as_posix()
        spot = Where(name, 1, 1)
        raise SpecError(replace(each, where=spot) for each in error.problems) from error
