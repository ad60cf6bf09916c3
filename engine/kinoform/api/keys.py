"""Where a key comes from, and reading it at last: a variable, a file, or what a program prints.

Finding a source reads no file and runs nothing. No message, no `repr` and no record shows a key,
nor a text that may be one because it stands where a path belongs.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NoReturn

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError, Where
from kinoform.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kinoform.api.settings import ProviderSettings
    from kinoform.api.vendors import Vendor

COMMAND: Final = "command:"
_KEY: Final = r"[!-~]{1,1024}"
_MOST: Final = 4096  # bytes of a key file
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class KeySource:
    """A place that names a key; `said` is what people call it.

    `read()` gives the key, and raises UsageError without showing what it saw. `path` is that of a
    key file.
    """

    kind: Literal["variable", "file", "command"]
    said: str
    read: Callable[[], Secret] = field(repr=False)
    path: Path | None = field(default=None, repr=False)


def key_source(
    vendor: Vendor, own: ProviderSettings, environ: Mapping[str, str]
) -> KeySource | None:
    """Where the key of this account is; None where no place names one.

    The variables go before config.yaml. Two places at once are a source that raises when it is
    read: which account pays must not hang on an order that nobody remembers.
    """
    found = [*_in_environ(vendor, environ)] or [*_in_settings(own, environ)]
    if len(found) <= 1:
        return found[0] if found else None
    names = " and ".join(source.said for source in found)
    fault = Problem("two-keys", f"{vendor.name} has two keys: {names}", hint="keep one of them")
    return replace(found[0], read=partial(_fail, fault), path=None)


def no_key(vendor: Vendor, config: Path) -> Problem:
    """What is said of a provider without a key, with the line to type."""
    hint = f"export {vendor.key_variable}=..., or key_file in {config}"
    return Problem("no-key", f"no key for {vendor.name}", hint=hint)


def loose(source: KeySource) -> Problem | None:
    """A warning about a key file that others on this machine can read, if it is one."""
    if source.path is None or os.name != "posix":
        return None
    try:
        mode = source.path.stat().st_mode
    except OSError:
        return None
    if not mode & _OTHERS:
        return None
    said = f"others on this machine can read {source.path}"
    hint = f"chmod 600 {shlex.quote(str(source.path))}"
    return Problem("key-file-open", said, hint=hint, severity="warning")


def _in_environ(vendor: Vendor, environ: Mapping[str, str]) -> Iterator[KeySource]:
    name, value = vendor.key_variable, environ.get(vendor.key_variable, "")
    if value.startswith(COMMAND):
        words = Secret(value.removeprefix(COMMAND))
        yield KeySource("command", f"the program in {name}", partial(_split, words, name, environ))
    elif value:
        yield KeySource("variable", name, partial(_checked, Secret(value), name))
    name, named = vendor.file_variable, environ.get(vendor.file_variable, "")
    if named:
        yield _of_file(Path(named), name)


def _in_settings(own: ProviderSettings, environ: Mapping[str, str]) -> Iterator[KeySource]:
    if own.key_file:
        yield _of_file(own.key_file, "key_file", _place(own, "key_file"))
    if own.key_command:
        where = _place(own, "key_command")
        run = partial(_run, own.key_command, "key_command", environ, where)
        yield KeySource("command", "the program in key_command", run)


def _place(own: ProviderSettings, key: str) -> Where | None:
    origin = own.origins.get(key)
    return origin if isinstance(origin, Where) else None


def _of_file(path: Path, origin: str, where: Where | None = None) -> KeySource:
    try:
        full = path.expanduser()
    except RuntimeError:  # `~name` of nobody
        full = path
    return KeySource("file", origin, partial(_content, full, origin, where), full)


def _content(path: Path, origin: str, where: Where | None) -> Secret:
    """The key in a file. Its path is not shown: a key may stand there by mistake."""
    named = f"the file that {origin} names"
    if not path.is_absolute():
        hint = "give an absolute path: no folder of a project is looked at for keys"
        _fail(Problem("key-unreadable", f"{origin} is no absolute path", where, hint))
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            _fail(Problem("key-unreadable", f"{named} is no plain file", where))
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "that is no path"
        hint = "put the key there, or name another place"
        _fail(Problem("key-unreadable", f"{named} cannot be read: {said}", where, hint))
    return _checked(Secret(data.decode("latin-1")), named, where)


def _split(words: Secret, origin: str, environ: Mapping[str, str]) -> Secret:
    try:
        argv = shlex.split(words.reveal())
    except ValueError:
        said = f"{origin} holds a command whose quotes do not match"
        _fail(Problem("key-command-failed", said))
    return _run(tuple(argv), origin, environ, None)


def _run(
    argv: tuple[str, ...], origin: str, environ: Mapping[str, str], where: Where | None
) -> Secret:
    from kinoform.api.key_commands import printed  # noqa: PLC0415  (for who asks a program)

    said, fault = printed(argv, environ)
    if fault:
        hint = "type the command in a terminal to see why"
        message = f"the program that {origin} names {fault}"
        _fail(Problem("key-command-failed", message, where, hint))
    return _checked(said, f"what the program that {origin} names prints", where)


def _checked(value: Secret, named: str, where: Where | None = None) -> Secret:
    """The key without the line end behind it, if it can be one. Never shows it."""
    key = value.reveal().rstrip("\r\n")
    if not key:
        _fail(Problem("key-malformed", f"{named} holds nothing", where))
    if not re.fullmatch(_KEY, key):
        said = f"{named} is no key: a key is one word of printable ASCII"
        _fail(Problem("key-malformed", said, where, "copy it again, without anything around it"))
    return Secret(key)


def _fail(problem: Problem) -> NoReturn:
    raise UsageError(problem) from None
