"""Reads the git repository that a folder lies in, and runs nothing that lies there.

A clone brings a configuration along, and git can be told in it to start programs: hooks, filters,
monitors, pagers, signature checks, transports. So only plumbing is asked that starts none of them,
with each of them turned off besides; and git itself is never taken from a relative folder of PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from kinoform.core.classes import dataclass
from kinoform.core.commits import Commit
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LIMIT: Final = 60.0  # seconds for one question
_MOST: Final = 2 * 1024**3  # bytes of one revision of a project
_HEX: Final = frozenset("0123456789abcdef")
_FILES: Final = ("100644", "100755")
_OFF: Final = (
    "--no-pager", "--no-optional-locks", "--literal-pathspecs",
    *(word for setting in (
        "core.fsmonitor=false", f"core.hooksPath={os.devnull}", f"core.attributesFile={os.devnull}",
        "core.alternateRefsCommand=false", "core.sshCommand=false", "core.gitProxy=", "core.askPass=",
        "credential.helper=", "log.showSignature=false", "gpg.program=false", "gc.auto=0",
        "maintenance.auto=false", "protocol.allow=never", "safe.bareRepository=explicit",
    ) for word in ("-c", setting)),
)  # fmt: skip
_ENVIRON: Final = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C",
}  # fmt: skip


class GitError(Exception):
    """Git could not answer; the message says what it was asked."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree: what git knows its content by, and its size in bytes."""

    object: str
    size: int


class Git:
    """The repository around a folder. Every path is relative to that folder, with slashes."""

    def __init__(self, program: str, folder: Path, environ: Mapping[str, str]) -> None:
        self._command = [program, "-C", str(folder), *_OFF]
        kept = {name: value for name, value in environ.items() if not name.startswith("GIT_")}
        self._environ = {**kept, **_ENVIRON}

    def _ask(self, *words: str, feed: bytes = b"") -> bytes:
        """What git writes. Raises GitError."""
        try:
            done = subprocess.run(
                [*self._command, *words],
                input=feed,
                capture_output=True,
                timeout=_LIMIT,
                check=False,
                env=self._environ,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise GitError(f"git {words[0]}: {short(str(error))}") from error
        if done.returncode:
            raise GitError(f"git {words[0]}: {short(done.stderr.decode('utf-8', 'replace'))}")
        return done.stdout

    def commit(self, revision: str) -> str:
        """The id of the commit that these words name. Raises GitError."""
        if not revision or revision.startswith("-") or "\0" in revision:
            raise GitError(f"{revision!r} names no commit")
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        try:
            found = self._ask(*words).decode("ascii", "replace").strip()
        except GitError as error:
            raise GitError(f"{revision!r} names no commit") from error
        if not found or not _HEX.issuperset(found):
            raise GitError(f"{revision!r} names no commit")
        return found

    def files(self, commit: str) -> dict[str, Entry]:
        """The files of a commit below the folder; links and other repositories are left out.

        Raises GitError, also for what is too large to be looked at.
        """
        found: dict[str, Entry] = {}
        for row in self._ask("ls-tree", "-r", "-z", "-l", commit).split(b"\0"):
            facts, _, name = row.partition(b"\t")
            path = name.decode("utf-8", "surrogateescape")
            words = facts.decode("ascii", "replace").split()
            if words[:1] and words[0] in _FILES and _is_plain(path):
                if not words[3].isdecimal():
                    raise GitError(f"git ls-tree: {short(path)} is not there")
                found[path] = Entry(words[2], int(words[3]))
        if sum(entry.size for entry in found.values()) > _MOST:
            raise GitError(f"{commit[:7]} holds more than {_MOST // 1024**3} GB")
        return found

    def contents(self, objects: Sequence[str]) -> dict[str, bytes]:
        """The bytes of these objects. Raises GitError where one is not there."""
        if not objects:
            return {}
        asked = "".join(f"{each}\n" for each in objects)
        told = self._ask("cat-file", "--batch", feed=asked.encode())
        found: dict[str, bytes] = {}
        place = 0
        for each in objects:
            end = told.index(b"\n", place)
            head = told[place:end].split()
            if len(head) != len(("object", "type", "size")) or head[0].decode() != each:
                raise GitError(f"git cat-file: {each[:12]} is not there")
            place = end + 1 + int(head[2])
            found[each] = told[end + 1 : place]
            place += 1
        return found

    def history(self, commit: str, paths: Iterable[str], most: int) -> list[str]:
        """Ids of commits up to this one that changed one of these paths, the newest first."""
        words = ("rev-list", f"--max-count={most}", commit, "--", *paths)
        return self._ask(*words).decode("ascii", "replace").split()

    def describe(self, commit: str) -> Commit:
        """When, by whom and with what words it was made. Raises GitError."""
        head, _, message = self.contents([commit])[commit].partition(b"\n\n")
        rows = (row.partition(b" ") for row in head.split(b"\n"))
        author = next((rest for name, _, rest in rows if name == b"author"), b"")
        subject = message.decode("utf-8", "replace").strip().partition("\n")[0]
        return Commit(commit, _day(author), _name(author), short(subject))


def _is_plain(path: str) -> bool:
    """Whether a path of a tree leads to a file below the folder on every system."""
    parts = path.split("/")
    odd = any(char in path for char in "\\:\0") or PurePosixPath(path).is_absolute()
    return not odd and not any(part.lower() in ("", ".", "..", ".git") for part in parts)


def _name(author: bytes) -> str:
    return short(author.partition(b" <")[0].decode("utf-8", "replace"))


def _day(author: bytes) -> str:
    """The day where the author was; empty for a date that is none."""
    try:
        seconds, zone = author.decode("utf-8", "replace").rsplit(" ", 2)[1:]
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        ahead = timedelta(minutes=-minutes if zone.startswith("-") else minutes)
        return (
            datetime.fromtimestamp(int(seconds), UTC)
            .astimezone(timezone(ahead))
            .strftime("%Y-%m-%d")
        )
    except (ValueError, OverflowError, OSError):
        return ""


def find(environ: Mapping[str, str]) -> str:
    """The git on PATH, from an absolute folder; empty where there is none."""
    folders = [
        each for each in environ.get("PATH", "").split(os.pathsep) if Path(each).is_absolute()
    ]
    return shutil.which("git", path=os.pathsep.join(folders)) or "" if folders else ""


def around(folder: Path, environ: Mapping[str, str]) -> Git | None:
    """The repository that a folder lies in; None where there is none, or no git."""
    program = find(environ)
    if not program:
        return None
    git = Git(program, folder.resolve(), environ)
    try:
        git.commit("HEAD")
    except GitError:
        return None
    return git
