"""The user's own settings: `config.yaml` with the environment laid over it.

Reads nothing of any project: a clone must not be able to point a key at another host. Holds no
key, and looks at none.
"""

from __future__ import annotations

import os
from dataclasses import field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from kinoform.api.models import settings_schema
from kinoform.api.urls import base_fault, is_near, proxy_fault
from kinoform.api.vendors import VENDORS, Vendor
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, UsageError, Where, in_order
from kinoform.core.secret import Secret
from kinoform.spec import config
from kinoform.spec.document import Budget
from kinoform.spec.scalars import seconds
from kinoform.spec.tree import where
from kinoform.stores.answers import standard_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kinoform.spec.tree import Map

NAME: Final = "config.yaml"
VARIABLE: Final = "KINOFORM_CONFIG"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One account as the user set it up; `url` is where its key goes.

    `key_file` and `key_command` are those of config.yaml. A proxy's address may hold a password.
    `duplicates` is USD, `longest` seconds. `origins` says where a setting stands: a place in
    config.yaml, or the name of a variable; what is not there was not set. `faults` is why the
    account cannot be used as it is set up: nothing goes there, and all else works.
    """

    url: str
    proxy: Secret | None = None
    key_file: Path | None = field(default=None, repr=False)
    key_command: tuple[str, ...] = field(default=(), repr=False)
    at_once: int = 4
    per_model: int = 4
    on_unknown: Literal["ask", "wait", "resubmit"] = "ask"
    duplicates: Decimal = Decimal(0)
    longest: float = 7200.0
    origins: Mapping[str, Where | str] = field(default_factory=dict)
    faults: tuple[Problem, ...] = ()


def _untouched() -> Mapping[str, ProviderSettings]:
    return MappingProxyType({name: ProviderSettings(row.base) for name, row in VENDORS.items()})


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What one user set for all projects. `path` is where config.yaml is, or would be."""

    path: Path
    providers: Mapping[str, ProviderSettings] = field(default_factory=_untouched)
    budget: Budget = field(default_factory=Budget)


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """`KINOFORM_CONFIG`, else config.yaml in the platform's config folder. Raises UsageError."""
    named = (os.environ if environ is None else environ).get(VARIABLE)
    if not named:
        return Path(standard_folder("config", os.environ)) / NAME
    path = _expanded(Path(named))
    if not path.is_absolute():
        hint = "give an absolute path: no folder of a project is looked at for settings"
        raise UsageError(Problem("no-config", f"{VARIABLE} is no absolute path", hint=hint))
    return path


def user_settings(environ: Mapping[str, str] | None = None) -> UserSettings:
    """The settings of this user. Raises UsageError with everything that is wrong in the file.

    An address that no key may be sent to is a fault of its account alone.
    """
    words = os.environ if environ is None else environ
    path = config_path(words)
    data = _bytes(path, named=bool(words.get(VARIABLE)))
    try:
        tree = config.load(str(path), data, settings_schema())
    except SpecError as error:
        raise UsageError(error.problems) from None
    found = {name: _account(row, tree, path, words) for name, row in VENDORS.items()}
    return UserSettings(path, MappingProxyType(found), _budget(tree.get("budget", {})))


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # `~name` of nobody: a file of that name, which then is not there
        return path


def _bytes(path: Path, *, named: bool) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(config.MAX_BYTES + 1)
    except FileNotFoundError:
        if not named:
            return b""
        said, hint = f"{VARIABLE} names no file: {path}", "make the file, or unset the variable"
        raise UsageError(Problem("no-config", said, hint=hint)) from None
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        raise UsageError(Problem("config-unreadable", said)) from None


def _usd(value: Any) -> Decimal:
    """The amount as it was written: a float's shortest text is what the file says."""
    return Decimal(str(value))


# setting in config.yaml -> field, and what makes its value of what is written
_TAKEN: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = MappingProxyType(
    {
        "url": ("url", str),
        "proxy": ("proxy", Secret),
        "key_file": ("key_file", Path),
        "key_command": ("key_command", tuple),
        "at_once": ("at_once", int),
        "per_model": ("per_model", int),
        "on_unknown": ("on_unknown", str),
        "max_duplicate_cost": ("duplicates", _usd),
        "longest": ("longest", seconds),
    }
)


def _account(vendor: Vendor, tree: Map, path: Path, environ: Mapping[str, str]) -> ProviderSettings:
    """One account: the default, under what config.yaml says, under what the variables say."""
    written: Map | dict[str, Any] = tree.get("providers", {}).get(vendor.name, {})
    both = {key: tree[key] for key in ("on_unknown",) if key in tree} | written
    values: dict[str, Any] = {"url": vendor.base}
    values |= {_TAKEN[key][0]: _TAKEN[key][1](value) for key, value in both.items()}
    if "key_file" in values:  # beside config.yaml: what is copied together stays together
        values["key_file"] = path.parent / _expanded(values["key_file"])
    origins: dict[str, Where | str] = {
        key: where(tree, ["providers", vendor.name, key]) for key in written
    }
    variables = {"url": vendor.url_variable, "proxy": vendor.proxy_variable}
    for key, variable in variables.items():
        if environ.get(variable):
            values[key], origins[key] = _TAKEN[key][1](environ[variable]), variable
    values["url"] = values["url"].rstrip("/")
    return _judged(vendor.name, ProviderSettings(**values, origins=MappingProxyType(origins)))


def _judged(name: str, own: ProviderSettings) -> ProviderSettings:
    """With what is wrong in it, or, on this machine, without a proxy."""
    wrong = in_order(_faults(name, own))
    if not wrong and is_near(own.url):
        return replace(own, proxy=None)
    return replace(own, faults=tuple(wrong))


def _faults(name: str, own: ProviderSettings) -> Iterator[Problem]:
    hint = f"as in {VENDORS[name].base}"
    yield from _fault(name, own, "url", base_fault(own.url), hint)
    if own.proxy:
        hint = "as in http://proxy.example:3128"
        yield from _fault(name, own, "proxy", proxy_fault(own.proxy.reveal()), hint)
    if not own.longest:
        yield from _fault(name, own, "longest", "is no time at all", "as in 2h")


_CODES: Final = MappingProxyType({"url": "bad-url", "proxy": "bad-proxy", "longest": "too-small"})


def _fault(name: str, own: ProviderSettings, key: str, fault: str, hint: str) -> Iterator[Problem]:
    if fault:
        origin, path = own.origins.get(key), f"providers.{name}.{key}"
        if isinstance(origin, Where):
            yield Problem(_CODES[key], f"`{path}` {fault}", origin, hint, path)
        else:
            yield Problem(_CODES[key], f"{origin} {fault}", hint=hint)


def _budget(tree: Mapping[str, Any]) -> Budget:
    return Budget(**{key: _usd(value) for key, value in tree.items()})
