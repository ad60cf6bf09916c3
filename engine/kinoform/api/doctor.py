"""Looks at everything that a run needs on this machine; each check is a row with its fix.

Asks providers what accounts hold, which is free; spends nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from typing import TYPE_CHECKING, Literal

from PIL import __version__ as pillow_version
from PIL import features

import kinoform
from kinoform.api.accounts import Calls, look
from kinoform.api.home import folder, open_home
from kinoform.api.locate import shipped
from kinoform.api.models import catalog
from kinoform.api.services import network
from kinoform.api.settings import user_settings
from kinoform.core.classes import dataclass
from kinoform.core.errors import KinoformError, UsageError
from kinoform.ops import ffmpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from kinoform.api.settings import ProviderSettings
    from kinoform.api.vendors import Vendor
    from kinoform.core.secret import Secret
    from kinoform.ports import Carrier

State = Literal["ok", "warn", "fail"]

ENCODERS = ("libx264", "aac", "libvpx-vp9", "libopus")
FEATURES = {"freetype2": "text", "jpg": "JPEG", "zlib": "PNG", "webp": "WEBP"}
_GB = 1_000_000_000
_LOW, _FULL = 5 * _GB, 200_000_000
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what it is, how it stands, what was seen, what to do."""

    name: str
    state: State
    said: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at, as arguments: variables, the data folder, and the network.

    `calls` says which accounts are asked what they hold.
    """

    environ: Mapping[str, str]
    home: Path
    calls: Calls = "some"
    connect: Callable[[Vendor, ProviderSettings, Secret], Carrier] = network


def this_machine(calls: Calls = "some") -> Machine:
    """The machine that this runs on."""
    return Machine(os.environ, folder(), calls)


def examine(machine: Machine) -> list[Check]:
    """Every check in order; none raises."""
    return [check for look in CHECKS for check in _safely(look, machine)]


def _safely(look: Callable[[Machine], Iterator[Check]], machine: Machine) -> list[Check]:
    name = look.__name__.strip("_").replace("_", " ")
    try:
        return list(look(machine))
    except KinoformError as error:
        first = error.problems[0]
        return [Check(name, "fail", first.message, first.hint)]
    except OSError as error:
        return [Check(name, "fail", f"{error.strerror}: {error.filename}")]


def _python(_: Machine) -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield Check("kinoform", "ok", f"{kinoform.__version__} at {kinoform.__path__[0]}")


def _model_files(_: Machine) -> Iterator[Check]:
    models = catalog()
    hosted = sum(model.kind == "hosted" for model in models.values())
    said = f"{hosted} hosted, {len(models) - hosted} local, in {shipped('schemas')}"
    yield Check("model files", "ok", said)


def _ffmpeg(_: Machine) -> Iterator[Check]:
    tool = ffmpeg.find()
    yield Check("ffmpeg", "ok", f"{tool.version} at {tool.path}")
    listed = ffmpeg.run(["-encoders"], timeout=_SECONDS)[0].decode(errors="replace").split()
    missing = [name for name in ENCODERS if name not in listed]
    said = f"without {', '.join(missing)}" if missing else ", ".join(ENCODERS)
    fix = "install imageio-ffmpeg, or set KINOFORM_FFMPEG to a full build" if missing else ""
    state: State = "fail" if "libx264" in missing else "warn" if missing else "ok"
    yield Check("encoders", state, said, fix)


def _pictures(_: Machine) -> Iterator[Check]:
    missing = [word for name, word in FEATURES.items() if not features.check(name)]
    said = f"Pillow {pillow_version}"
    if missing:
        yield Check("pictures", "fail", f"{said} without {', '.join(missing)}", "install Pillow")
    else:
        yield Check("pictures", "ok", f"{said}: {', '.join(FEATURES.values())}")


def _home(machine: Machine) -> Iterator[Check]:
    home = open_home(machine.home)
    probe = home.store.scratch()
    (probe / "probe").write_bytes(b"kinoform")
    shutil.rmtree(probe, ignore_errors=True)
    yield Check("home", "ok", f"{machine.home} can be written")
    home.ledger.results(())
    yield Check("ledger", "ok", f"{machine.home / 'ledger.sqlite'} opens")


def _disk(machine: Machine) -> Iterator[Check]:
    place = next(path for path in (machine.home, *machine.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    state: State = "fail" if free < _FULL else "warn" if free < _LOW else "ok"
    fix = "" if state == "ok" else f"make room on the disk of {place}"
    yield Check("disk", state, f"{free / _GB:,.1f} GB free at {place}", fix)


def _accounts(machine: Machine) -> Iterator[Check]:
    try:
        settings = user_settings(machine.environ)
    except UsageError as error:
        for problem in error.problems:
            place = f"{problem.where}: " if problem.where else ""
            yield Check("settings", "fail", place + problem.message, problem.hint)
        return
    there = settings.path if settings.path.exists() else f"none in {settings.path}"
    yield Check("settings", "ok", str(there))
    for name, found in look(settings, machine.environ, machine.calls, machine.connect):
        yield Check(name, found.state, found.said, found.fix)


CHECKS = (_python, _model_files, _ffmpeg, _pictures, _home, _disk, _accounts)
