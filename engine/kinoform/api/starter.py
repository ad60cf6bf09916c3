"""A new project from a shipped pipeline: copied whole or not at all, nothing overwritten."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kinoform.api.locate import shipped
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, UsageError
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SPEC = "pipeline.yaml"
SCHEMA = ".kinoform/pipeline.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA}\n"
_MODELINE = re.compile(rb"^# *yaml-language-server:[^\n]*\n", re.MULTILINE)
_OWN = ("out", "kinoform.lock", "picks", ".kinoform", "__pycache__")
_BINARY = [
    "avif",
    "flac",
    "gif",
    "jpeg",
    "jpg",
    "m4a",
    "mov",
    "mp3",
    "mp4",
    "ogg",
    "png",
    "wav",
    "webm",
    "webp",
]

IGNORE = "out/\n"
ATTRIBUTES = (
    "picks/** text eol=lf\nkinoform.lock/** text eol=lf\n"
    + "".join(f"*.{name} binary\n" for name in _BINARY)
)  # fmt: skip
_KEPT = {".gitignore": IGNORE, ".gitattributes": ATTRIBUTES}


@dataclass(frozen=True, slots=True)
class Example:
    """A shipped pipeline and what it says of itself in its first comment."""

    name: str
    about: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Started:
    """The files that were written, relative to the folder; `kept` were there and lack a line."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def examples() -> tuple[Example, ...]:
    """The shipped pipelines, by name. Raises EnvError."""
    root = shipped("pipelines")
    found = (path.parent for path in sorted(root.glob(f"*/{SPEC}")))
    return tuple(Example(folder.name, _about(folder / SPEC), folder) for folder in found)


def _about(spec: Path) -> str:
    """The first sentence of the comment on top."""
    said: list[str] = []
    for line in spec.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("# ").strip()
        said += [text] if text and not text.startswith("yaml-language-server:") else []
    words = " ".join(said)
    return short(words.partition(". ")[0].rstrip("."), 100)


def start(folder: Path, name: str) -> Started:
    """Write the project into a folder. Raises UsageError with all that is in the way, EnvError."""
    files = dict(_files(_example(name)))
    blocked = [path for path in files if path not in _KEPT and _taken(folder, path)]
    if blocked:
        hint = "choose another folder, or move it away: init overwrites nothing"
        raise UsageError(
            Problem("in-the-way", f"{folder / path} is there already", hint=hint)
            for path in sorted(blocked)
        )
    kept = [path for path in _KEPT if _taken(folder, path)]
    written = {path: data for path, data in files.items() if path not in kept}
    try:
        for path, data in written.items():
            _write(folder / path, data)
    except OSError as error:
        said = f"{error.filename or folder}: {error.strerror}"
        raise EnvError(Problem("folder-not-written", said)) from error
    return Started(folder, tuple(written), tuple(_lacking(folder, kept)))


def _example(name: str) -> Example:
    known = {example.name: example for example in examples()}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UsageError(Problem("no-such-pipeline", f"no pipeline {name[:60]!r}", hint=hint))
    return known[name]


def _files(example: Example) -> Iterator[tuple[str, bytes]]:
    """Everything that a new project holds, by relative path."""
    for path in sorted(example.folder.rglob("*")):
        relative = path.relative_to(example.folder)
        if path.is_file() and relative.parts[0] not in _OWN:
            data = path.read_bytes()
            yield relative.as_posix(), with_modeline(data) if relative.name == SPEC else data
    yield SCHEMA, (shipped("schemas") / "pipeline.json").read_bytes()
    yield from ((name, text.encode()) for name, text in _KEPT.items())


def with_modeline(data: bytes) -> bytes:
    """The pipeline file with the line by which editors find the schema, in place of any other."""
    return MODELINE.encode() + _MODELINE.sub(b"", data, count=1)


def _taken(folder: Path, path: str) -> bool:
    """Whether something stands at the path, or where a folder on its way must be."""
    above = [folder, *(folder / part for part in reversed(PurePosixPath(path).parents[:-1]))]
    blocked = any(part.exists() and not part.is_dir() for part in above)
    return blocked or (folder / path).exists() or (folder / path).is_symlink()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)


def _lacking(folder: Path, kept: list[str]) -> Iterator[str]:
    """Kept files without one of the lines that init would have written."""
    wanted: Mapping[str, str] = _KEPT
    for path in kept:
        there = (folder / path).read_text("utf-8", errors="replace").splitlines()
        if not set(wanted[path].splitlines()) <= set(there):
            yield path


def wanted_lines(path: str) -> list[str]:
    """The lines that init would have written into a file that was there already."""
    return _KEPT[path].splitlines()
