"""What a command looks at: gathered while it works, kept with its answer.

The interpreter itself tells what is opened and listed (PEP 578), so that no reader that somebody
writes tomorrow is forgotten. Where a thing is asked about without being opened, `looked` says so.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.errors import EnvError
from kinoform.stores import answers
from kinoform.stores.answers import FILE, LOG, NAMES, STILL
from kinoform.stores.disk import private_folder, refuse_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kinoform.stores.answers import Answer

_MOST: Final = 64  # answers kept
_LARGEST: Final = 1 << 24  # characters printed
_FIELDS: Final = 5  # of a line of `answers`

_LOOKED, _MEMBERS, _WORKED = "kinoform.looked", "kinoform.members", "kinoform.worked"
_READS: Final = frozenset({"open", "os.listdir", "os.scandir", _LOOKED})
# Whoever does something, or asks a program or another machine, may hear something else the next time.
_DEEDS: Final = frozenset(
    {_WORKED, "subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system"}
    | {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_UNREAL: Final = ("/proc/", "/sys/")  # no files, though they can be opened
_DISPOSABLE: Final = ("answers", "index")  # folders of the home that no answer hangs on


def looked(path: str | Path, kind: str = "", digest: str = "") -> None:
    """Say that a command hangs on this path, of which nothing was opened or listed.

    `kind` is one of `stores.answers`, "" for whatever is there; `digest` may be known for a file.
    """
    sys.audit(_LOOKED, os.fspath(path), kind, digest)


def looked_at(folder: str, members: Mapping[str, str]) -> None:
    """The same of files of one folder, with the digest that each is known to have."""
    sys.audit(_MEMBERS, folder, members)


def listed(folder: Path, pattern: str) -> list[Path]:
    """What matches in a folder, sorted. A command hangs on that also while there is no folder."""
    looked(folder)
    return sorted(folder.glob(pattern))


def members(folder: str) -> frozenset[str]:
    """The names in a folder, none where there is no such; a command hangs on all of them."""
    looked(folder)
    with suppress(OSError):
        return frozenset(os.listdir(folder))
    return frozenset()


def there(path: Path) -> bool:
    """Whether there is such a file or folder; a command hangs on that."""
    looked(path, STILL)
    return path.exists()


def worked() -> None:
    """Say that a command does more than look."""
    sys.audit(_WORKED)


class Looks:
    """Gathers what one command looks at. `home` is the user's own folder."""

    def __init__(self, home: str) -> None:
        self._home = f"{home}/"
        self._ignored = (*_UNREAL, *(f"{home}/{name}" for name in _DISPOSABLE))
        self._found: dict[str, tuple[str, str]] = {}
        self.began = time.time_ns()
        self.void = ""  # why no answer can be kept

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """One event of the interpreter's; it is called for thousands, and most leave at once."""
        if event in _DEEDS:
            self.void = event
        elif self.void:  # nothing will be kept
            return
        elif event == _MEMBERS:
            folder, members = args
            for name, digest in members.items():
                self._note(os.path.abspath(f"{folder}/{name}"), FILE, digest)
        elif event in _READS and args and isinstance(args[0], (str, bytes, os.PathLike)):
            name = os.fsdecode(args[0])
            if name.endswith(".pyc"):  # most that is opened; what they were made of is looked at
                return
            path = os.path.abspath(name)
            if event == _LOOKED:
                self._note(path, *args[1:])
            elif event == "open" and args[2] & _WRITES:
                self._written(path)
            else:
                self._note(path, FILE if event == "open" else NAMES)

    def _note(self, path: str, kind: str, digest: str = "") -> None:
        before = self._found.get(path)
        # The home itself is listed for leftovers only, and changes with every log of a database.
        if path.startswith(self._ignored) or f"{path}/" == self._home:
            return
        if before is None or kind in (STILL, LOG) or (digest and before[0] == FILE):
            self._found[path] = (kind, digest)

    def _written(self, path: str) -> None:
        if path != os.devnull and not path.startswith(self._home):
            self.void = "writes outside of the home"

    def groups(self) -> list[str]:
        """All looks, as they are now; the program's own files among them. Raises OSError."""
        found = dict.fromkeys(_program(), (STILL, "")) | self._found
        kinds: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for path, (kind, known) in found.items():
            folder, name = os.path.split(path.rstrip("/"))
            there = kind if kind in (STILL, LOG) else _kind(path)
            if there:
                kinds[there, folder.rstrip("/")][name] = known
        return [_line(kind, folder, members) for (kind, folder), members in kinds.items()]


def _kind(path: str) -> str:
    """How a path is looked at again, by what is there; "" where that is neither file nor folder."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return STILL
    return FILE if S_ISREG(mode) else NAMES if S_ISDIR(mode) else ""


def _line(kind: str, folder: str, members: Mapping[str, str]) -> str:
    asked = kind in (FILE, NAMES)
    digests = [
        (known.removeprefix("sha256:") or answers.digest(f"{folder}/{name}", kind))
        if asked
        else "-"
        for name, known in members.items()
    ]
    return answers.line(kind, folder, list(members), digests)


def _program() -> Iterator[str]:
    """The files of this program that were loaded: another version may answer otherwise."""
    for name, module in tuple(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if name.partition(".")[0] == "kinoform" and path:
            yield path


def keep(words: Sequence[str], environ: Mapping[str, str], answer: Answer, looks: Looks) -> bool:
    """Keep an answer with all that it rests on; False where it may not hold. Raises nothing.

    What has changed since the command began, or so shortly before that a change would not show, may
    have been read as it was or as it is now.
    """
    status, chunks = answer
    printed = "\0".join(f"{stream}{text}" for stream, text in chunks)
    if looks.void or len(printed) > _LARGEST or any("\0" in text for _, text in chunks):
        return False
    try:
        groups = looks.groups()
        if not all(map(_sound, groups)) or answers.newest(groups) > looks.began - answers.TICK:
            return False
        path = Path(answers.place(words, environ))
        if not path.parent.parent.is_dir():  # a page of help begins no home
            return False
        _make_room(path.parent)
        answers.save(str(path), [str(status), *groups], printed)
    except (OSError, EnvError):
        return False
    return True


def _sound(group: str) -> bool:
    """Whether no path holds what parts the fields of a look."""
    return group.count("\t") == _FIELDS - 1 and "\n" not in group


def _make_room(folder: Path) -> None:
    """The folder of answers, for this user only, and without the oldest. Raises OSError, EnvError."""
    private_folder(folder)
    refuse_shared(folder)
    kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[: 1 - _MOST]:
        with suppress(OSError):
            path.unlink()


_listeners: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    for listener in _listeners:
        listener(event, args)


@contextmanager
def heard(looks: Looks) -> Iterator[None]:
    """Let `looks` hear what the interpreter does. A hook stays for good, so there is but one."""
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    _listeners.append(looks.hear)
    try:
        yield
    finally:
        _listeners.remove(looks.hear)


_hooked: list[bool] = []
