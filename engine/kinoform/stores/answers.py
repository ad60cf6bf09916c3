"""What commands answered before, so that asking the same again costs a few looks at files.

An answer is what a command printed, with all that it had looked at. It holds while every one of
those files, folders and gaps is as it was; in any doubt the command is carried out instead. Losing
answers costs time, nothing else.

Read before anything else of ours: on the way to an answer next to nothing is imported, since a start
with `dataclasses` takes twice as long as an empty process. `stores.looks` writes what is read here.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    Answer: TypeAlias = tuple[int, Sequence[tuple[str, str]]]  # status; (stream, text) in order

_COMMANDS = frozenset({"check", "graph", "ls", "plan", "render", "run", "status", "why"})
_HELP = ("--help", "-h")
_STANDARD = {
    "data": ("XDG_DATA_HOME", "~/.local/share"),
    "config": ("XDG_CONFIG_HOME", "~/.config"),
}

# What a look is at: bytes; the names in a folder; a thing that may not have moved at all, nor come
# into being; a database's log, of which an empty one says as little as none.
FILE, NAMES, STILL, LOG = "file", "names", "still", "log"

# Within one tick of the file system's clock a second write may leave every stamp as it was.
TICK = 20_000_000  # nanoseconds
_FORMAT = "kinoform answer 1"
_END = f"\0{_FORMAT}"
_PASSING = frozenset({"_", "OLDPWD", "PWD", "SHLVL"})  # variables that decide nothing
_MUCH = 1 << 18  # bytes, from which on a faster sha256 is worth loading
_OTHERS = 0o022  # the mode bits of what others may write


class Moved(Exception):  # noqa: N818  (not a fault: the answer no longer holds)
    """Something is no longer as it was when the answer was given."""


def home_folder(environ: Mapping[str, str]) -> str:
    """The user's data folder: `KINOFORM_HOME`, else the platform's."""
    named = environ.get("KINOFORM_HOME")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    return standard_folder("data", environ)


def standard_folder(kind: str, environ: Mapping[str, str]) -> str:
    """The platform's folder for this user's `data` or `config` of kinoform."""
    if sys.platform == "linux" and "ANDROID_ROOT" not in environ:  # as the library below has it
        variable, usual = _STANDARD[kind]
        return f"{environ.get(variable, '').strip() or os.path.expanduser(usual)}/kinoform"
    import platformdirs  # noqa: PLC0415  (takes as long as an empty process)

    found: str = getattr(platformdirs, f"user_{kind}_dir")("kinoform", appauthor=False)
    return found


def can_be_known(words: Sequence[str]) -> bool:
    """Whether such words only look, or may: a page of help is an answer too."""
    if words and words[0] in _COMMANDS:
        return "--events" not in " ".join(words)  # those are printed as they come
    return 0 < len(words) <= len(_HELP) and words[-1] in _HELP


def place(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The file of an answer, named by everything that it hangs on besides files.

    All variables belong to that: a list of those that matter would lack the next one.
    """
    variables = sorted(f"{k}={v}" for k, v in environ.items() if k not in _PASSING)
    around = [_FORMAT, sys.version, __file__, os.getcwd(), *map(_terminal, range(3))]
    asked = "\0".join([*around, *words, "", *variables])
    return f"{home_folder(environ)}/answers/{_digest(asked.encode(errors='surrogateescape'))}"


def recall(words: Sequence[str], environ: Mapping[str, str]) -> Answer | None:
    """The answer to the same words, if all that it rests on is as it was. Raises nothing."""
    try:
        path = place(words, environ)
        head, _, printed = _whole_text(path).partition("\n\n")
        status, *groups = head.split("\n")
        now = [_again(group) for group in groups]
        # The same bytes under other times: once those have settled, the next time they will do.
        if now != groups and newest(now) < time.time_ns() - TICK:
            save(path, [status, *now], printed)
        return int(status), [(chunk[0], chunk[1:]) for chunk in printed.split("\0") if chunk]
    except (OSError, ValueError, Moved):
        return None


def save(path: str, head: Sequence[str], printed: str) -> None:
    """Write an answer whole, whoever else writes the same one. Raises OSError."""
    beside = f"{path}.{os.getpid()}"
    text = "\n".join(head) + "\n\n" + printed + _END
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    os.replace(beside, path)


def _whole_text(path: str) -> str:
    """What was saved, unless power was lost or somebody else may have written. Raises OSError, Moved."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, encoding="utf-8", errors="surrogateescape", newline="") as file:
        status = os.fstat(descriptor)
        if os.name == "posix" and (status.st_uid != os.geteuid() or status.st_mode & _OTHERS):
            raise Moved(path)
        text = file.read()
    if not text.endswith(_END):
        raise Moved(path)
    return text[: -len(_END)]


# looks: those at one folder are one line of tab-separated lists, so that ten thousand are read fast


def line(kind: str, folder: str, names: Sequence[str], digests: Iterable[str]) -> str:
    """Looks of one kind at members of one folder, as they are now. Raises OSError."""
    stamps = _stamps(kind, folder, names)
    return "\t".join((kind, folder, "/".join(names), repr(stamps), " ".join(digests)))


def newest(groups: Iterable[str]) -> int:
    """When the last of what was looked at changed, in nanoseconds since the epoch."""
    return max((max(_numbers(group.split("\t")[3])[::2]) for group in groups), default=0)


def digest(path: str, kind: str) -> str:
    """What is there, as hex digits: of a file its bytes, of a folder its names. Raises OSError."""
    if kind == NAMES:
        return _digest("\0".join(sorted(os.listdir(path))).encode(errors="surrogateescape"))
    with open(path, "rb") as file:
        return _digest(file.read())


def _again(group: str) -> str:
    """The same looks, taken now. Raises Moved, OSError."""
    kind, folder, joined, then, known = group.split("\t")
    names = joined.split("/")
    now = _stamps(kind, folder, names)
    if repr(now) == then:
        return group
    if kind not in (FILE, NAMES):
        raise Moved(folder)
    old, digests = _numbers(then), known.split(" ")
    for n, (name, seen) in enumerate(zip(names, digests, strict=True)):
        path, own = f"{folder}/{name}", slice(2 * n, 2 * n + 2)
        if old[own] != now[own] and (os.path.islink(path) or digest(path, kind) != seen):
            raise Moved(path)
    return f"{kind}\t{folder}\t{joined}\t{now!r}\t{known}"


def _stamps(kind: str, folder: str, names: Sequence[str]) -> list[int]:
    """When each of these changed last, in nanoseconds, and its inode; zeros for what is not there.

    That time cannot be set: it tells of other bytes under an old date. The inode tells of a link that
    was turned to a file of the same moment. Raises OSError, also for a file that is gone.
    """
    if kind != FILE or os.name != "posix":
        return [number for name in names for number in _stamp(f"{folder}/{name}", kind)]
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)  # a fifth faster than by ten thousand whole paths
        return [n for found in map(os.stat, names) for n in (found.st_ctime_ns, found.st_ino)]
    finally:
        os.fchdir(here)
        os.close(here)


def _stamp(path: str, kind: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return 0, 0
    if kind == LOG and not found.st_size:
        return 0, 0
    return found.st_ctime_ns if os.name == "posix" else found.st_mtime_ns, found.st_ino


def _numbers(listed: str) -> list[int]:
    """What `repr` made of a list of them. Raises ValueError."""
    return [int(each) for each in listed[1:-1].split(", ")]


def _terminal(descriptor: int) -> str:
    """What a stream leads to, as far as output depends on it."""
    try:
        if not os.isatty(descriptor):
            return "file"
        return str(os.get_terminal_size(descriptor))
    except OSError:
        return "none"


def _digest(data: bytes) -> str:
    """64 hex digits. For little, the interpreter's own will do: `hashlib` loads OpenSSL first."""
    small = ("_sha2" if sys.version_info >= (3, 12) else "_sha256",) if len(data) < _MUCH else ()
    for name in (*small, "hashlib"):
        try:
            return str(__import__(name).sha256(data).hexdigest())
        except ImportError:
            continue
    raise OSError("this Python has no sha256")
