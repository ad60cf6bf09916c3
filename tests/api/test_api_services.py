"""The providers of one user: who is ready, what the others lack, and that no key is lying about."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kinoform.api.services import LazyCarrier, Services, absent, known, network, provider, services
from kinoform.api.settings import ProviderSettings, UserSettings
from kinoform.api.vendors import VENDORS, Vendor
from kinoform.core.identity import fingerprint, task_id, task_secret
from kinoform.core.secret import Secret
from kinoform.ports import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from kinoform.ports import Carrier, Fetched, Insert

KEY = "q7RtZ2mX9pLw4KcV8sNb"
CONFIG = Path("/home/ana/.config/kinoform/config.yaml")
NOBODY = UserSettings(CONFIG)


class Wire:
    """A carrier that answers everything with 200 and counts."""

    def __init__(self) -> None:
        self.sent = self.closed = 0

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        self.sent += 1
        return Reply(200)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed += 1


def with_runware(**own: object) -> UserSettings:
    mine = ProviderSettings(VENDORS["runware"].base, **own)  # type: ignore[arg-type]  # fields by name
    return UserSettings(CONFIG, {**NOBODY.providers, "runware": mine})


def made(environ: dict[str, str], settings: UserSettings = NOBODY) -> Services:
    return services(settings, environ)


def test_a_provider_without_a_key_is_absent_with_the_line_to_type() -> None:
    found = made({"RUNWARE_API_KEY": KEY})
    assert set(found.ready) == {"runware"}
    problem = found.absent["wavespeed"]
    assert (problem.code, problem.message) == ("no-key", "no key for wavespeed")
    assert problem.hint == f"export WAVESPEED_API_KEY=..., or key_file in {CONFIG}"


def test_what_is_known_is_found_without_reading_a_key(tmp_path: Path) -> None:
    settings = with_runware(key_file=tmp_path / "not there")
    environ = {"WAVESPEED_API_KEY": "command:no-such-program-9"}
    assert known(settings, environ) == {"runware": True, "wavespeed": True}
    assert absent(settings, environ) == {}
    assert known(NOBODY, {}) == {"runware": False, "wavespeed": False}
    assert absent(NOBODY, {})["runware"].code == "no-key"


def test_a_key_that_cannot_be_read_makes_its_provider_absent_and_no_other(tmp_path: Path) -> None:
    settings = with_runware(key_file=tmp_path / "not there")
    found = made({"WAVESPEED_API_KEY": KEY}, settings)
    assert set(found.ready) == {"wavespeed"}
    assert found.absent["runware"].code == "key-unreadable"


def test_only_the_keys_that_are_asked_for_are_read() -> None:
    environ = {"RUNWARE_API_KEY": KEY, "WAVESPEED_API_KEY": "command:no-such-program-9"}
    found = services(NOBODY, environ, ["runware"])
    assert set(found.ready) == {"runware"}
    assert not found.absent


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_a_key_file_that_others_can_read_is_used_and_warned_of(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o644)
    found = made({}, with_runware(key_file=tmp_path / "key"))
    assert "runware" in found.ready
    assert [note.code for note in found.notes] == ["key-file-open"]


def test_an_account_follows_from_its_key_and_holds_none() -> None:
    settings = with_runware(
        at_once=9, per_model=3, on_unknown="resubmit", duplicates=Decimal(2), longest=60.0
    )
    found = made({"RUNWARE_API_KEY": KEY}, settings).ready["runware"].account
    assert found.fingerprint == fingerprint(Secret(KEY))
    assert found.task_id("a" * 64, 2) == task_id(task_secret(Secret(KEY)), "a" * 64, 2)
    assert (found.at_once, found.per_model, found.longest) == (9, 3, 60.0)
    assert (found.on_unknown, found.duplicates) == ("resubmit", Decimal(2))


def test_no_key_is_shown_with_a_service() -> None:
    service = made({"RUNWARE_API_KEY": KEY, "WAVESPEED_API_KEY": KEY})
    assert KEY not in repr(service)
    connected = network(VENDORS["runware"], ProviderSettings("http://127.0.0.1:1"), Secret(KEY))
    assert KEY not in repr(connected)


def test_a_carrier_is_made_with_its_first_use_and_once() -> None:
    wires: list[Wire] = []

    def connect(vendor: Vendor, own: ProviderSettings, key: Secret) -> Carrier:
        assert (vendor.name, key.reveal()) == ("runware", KEY)
        wires.append(Wire())
        return wires[-1]

    found = services(NOBODY, {"RUNWARE_API_KEY": KEY}, connect=connect).ready["runware"]
    assert not wires

    async def use() -> None:
        for _ in range(2):
            await found.carrier.send(Request("GET", ""), lambda _insert: b"")
        await found.carrier.close()

    asyncio.run(use())
    assert [(wire.sent, wire.closed) for wire in wires] == [(2, 1)]


def test_closing_what_was_never_used_opens_nothing() -> None:
    wires: list[Wire] = []

    def make() -> Carrier:
        wires.append(Wire())
        return wires[-1]

    asyncio.run(LazyCarrier(make).close())
    assert not wires


@pytest.mark.parametrize("name", VENDORS)
def test_every_row_names_a_provider_of_its_own_name(name: str) -> None:
    assert provider(VENDORS[name]).name == name


def test_services_load_no_http() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from kinoform.api.services import services\n"
        "from kinoform.api.settings import UserSettings\n"
        "found = services(UserSettings(Path('/x')), {'RUNWARE_API_KEY': 'k', 'WAVESPEED_API_KEY': 'k'})\n"
        "assert len(found.ready) == 2\n"
        "print([name for name in ('httpx', 'kinoform.net.carrier') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
