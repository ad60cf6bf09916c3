"""The doctor looks at everything, names what is wrong, shows no secret and spends nothing."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.api import doctor
from kinoform.api.balances import ask, judged
from kinoform.api.doctor import Check, Machine
from kinoform.ports import Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kinoform.api.accounts import Calls
    from kinoform.api.settings import ProviderSettings
    from kinoform.api.vendors import Vendor
    from kinoform.core.secret import Secret
    from kinoform.ports import Carrier, Fetched, Insert, Request

KEY = "q7RtZ2mX9pLw4KcV8sNb"
BOTH = {"RUNWARE_API_KEY": KEY, "WAVESPEED_API_KEY": KEY}
BALANCES = {
    "runware": Reply(200, b'{"data": [{"taskType": "accountManagement", "balance": 12.345}]}'),
    "wavespeed": Reply(200, b'{"code": 200, "message": "success", "data": {"balance": 3}}'),
}


@dataclass(slots=True)
class Phone:
    """Connects to nobody: answers each vendor with its reply, and keeps what was asked."""

    replies: dict[str, Reply] = field(default_factory=lambda: dict(BALANCES))
    asked: list[tuple[str, Request]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def __call__(self, vendor: Vendor, own: ProviderSettings, key: Secret) -> Carrier:
        assert key.reveal() == KEY
        return Call(self, vendor.name)


@dataclass(slots=True)
class Call:
    """One carrier of it."""

    phone: Phone
    name: str

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        self.phone.asked.append((self.name, request))
        return self.phone.replies[self.name]

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        raise NotImplementedError

    async def close(self) -> None:
        self.phone.closed.append(self.name)


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("")
    return path


def checks(
    phone: Phone, config: Path, environ: dict[str, str], calls: Calls = "some"
) -> list[Check]:
    """The rows about settings and accounts; no key is in any of them."""
    machine = Machine(environ | {"KINOFORM_CONFIG": str(config)}, config.parent, calls, phone)
    rows = list(doctor._accounts(machine))
    assert KEY not in repr(rows)
    return rows


def row(rows: list[Check], name: str, provider: str) -> Check:
    (found,) = [r for r in rows if r.name == name and r.said.startswith(f"{provider}: ")]
    return found


def test_a_machine_that_can_run_films_is_well(tmp_path: Path, phone: Phone, config: Path) -> None:
    environ = {"KINOFORM_CONFIG": str(config)}
    found = doctor.examine(Machine(environ, tmp_path / "home", "some", phone))
    states = {check.name: check.state for check in found}
    assert {states[name] for name in ("python", "kinoform", "ffmpeg", "pictures", "ledger")} == {
        "ok"
    }
    assert states["key"] == "warn"
    assert "fail" not in states.values()
    assert not phone.asked


def test_a_home_that_cannot_be_is_a_failure_and_the_rest_is_looked_at(
    tmp_path: Path, phone: Phone, config: Path
) -> None:
    (tmp_path / "home").write_text("a file")
    environ = {"KINOFORM_CONFIG": str(config)}
    found = {c.name: c for c in doctor.examine(Machine(environ, tmp_path / "home", "none", phone))}
    assert found["home"].state == "fail"
    assert found["python"].state == "ok"
    assert "key" in found


def test_keys_are_named_with_their_place_and_asked_for_their_balance(
    phone: Phone, config: Path
) -> None:
    rows = checks(phone, config, BOTH)
    assert row(rows, "key", "runware").said == "runware: from RUNWARE_API_KEY"
    assert row(rows, "address", "wavespeed").said == "wavespeed: https://api.wavespeed.ai"
    held = [row(rows, "account", name).said.partition("balance is ")[2] for name in BALANCES]
    assert held == ["$12.34", "$3.00"]
    assert {check.state for check in rows} == {"ok"}
    assert sorted(phone.closed) == ["runware", "wavespeed"]


def test_the_calls_are_the_free_ones(phone: Phone, config: Path) -> None:
    checks(phone, config, BOTH)
    asked = dict(phone.asked)
    assert len(phone.asked) == 2
    (body,) = asked["runware"].body
    assert isinstance(body, bytes)
    (task,) = json.loads(body)
    assert (task["taskType"], task["operation"]) == ("accountManagement", "getDetails")
    assert (asked["runware"].method, asked["runware"].url) == ("POST", "")
    assert (asked["wavespeed"].method, asked["wavespeed"].url) == ("GET", "api/v3/balance")
    assert not asked["wavespeed"].body


def test_offline_nobody_is_asked(phone: Phone, config: Path) -> None:
    rows = checks(phone, config, BOTH, "none")
    assert not phone.asked
    assert "account" not in {check.name for check in rows}


def test_a_provider_without_a_key_is_a_warning_only_where_there_is_no_other(
    phone: Phone, config: Path
) -> None:
    rows = [check for check in checks(phone, config, {}) if check.name == "key"]
    assert [check.state for check in rows] == ["warn", "warn"]
    assert rows[0].fix.startswith("export RUNWARE_API_KEY=..., or key_file in ")
    rows = checks(phone, config, {"RUNWARE_API_KEY": KEY})
    assert {check.state for check in rows} == {"ok"}


def test_the_program_that_prints_a_key_runs_only_when_asked_for(
    phone: Phone, config: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w'); print({KEY[::-1]!r}[::-1])"
    environ = {"RUNWARE_API_KEY": f"command: {shlex.join([sys.executable, '-c', code])}"}
    for calls in ("some", "none"):
        rows = checks(phone, config, environ, calls)
        assert "--online" in row(rows, "account", "runware").fix
        assert row(rows, "key", "runware").said.endswith("the program in RUNWARE_API_KEY")
    assert not mark.exists()
    rows = checks(phone, config, environ, "all")
    assert "$12.34" in row(rows, "account", "runware").said
    assert mark.exists()


def test_a_key_that_cannot_be_read_is_a_failure_with_its_fix(phone: Phone, config: Path) -> None:
    rows = checks(phone, config, {"RUNWARE_API_KEY": f"{KEY} {KEY}"})
    found = row(rows, "key", "runware")
    assert (found.state, bool(found.fix)) == ("fail", True)
    assert not phone.asked


def test_an_open_key_file_is_a_warning(phone: Phone, config: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o644)
    rows = checks(phone, config, {"RUNWARE_API_KEY_FILE": str(tmp_path / "key")})
    assert [c.fix for c in rows if c.state == "warn"] == [f"chmod 600 {tmp_path / 'key'}"]


def test_wrong_settings_are_said_with_their_places(phone: Phone, config: Path) -> None:
    config.write_text("providers:\n  runware: {url: http://x, at_onec: 2}\n")
    (found,) = checks(phone, config, BOTH)
    assert (found.name, found.state) == ("settings", "fail")
    assert found.said.startswith(f"{config}:2:")
    assert not phone.asked


def test_another_address_is_named_with_who_said_so(phone: Phone, config: Path) -> None:
    here = "http://127.0.0.1:8080/v1"
    rows = checks(phone, config, BOTH | {"KINOFORM_RUNWARE_URL": here})
    assert row(rows, "address", "runware").said == f"runware: {here} (KINOFORM_RUNWARE_URL)"


def said(name: str, reply: Any, status: int = 200) -> tuple[str, str]:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    found = judged(name, Reply(status, body))
    assert found.state == "ok" or found.fix
    return found.state, found.said


@pytest.mark.parametrize(
    ("name", "reply", "status", "state", "says"),
    [
        ("runware", {"data": [{"balance": {"amount": 5, "currency": "USD"}}]}, 200, "ok", "$5.00"),
        ("runware", {"data": [{"balance": {"amount": 5, "currency": "EUR"}}]}, 200, "ok", "5.00 EUR"),
        ("runware", {"data": [{"balance": {"amount": 0, "freeBalance": 2}}]}, 200, "ok", "2.00 free"),
        ("runware", {"data": [{"balance": 0}]}, 200, "warn", "$0.00"),
        ("runware", {"errors": [{"code": "invalidApiKey", "message": "no"}]}, 401, "fail", "not accepted"),
        ("runware", {"errors": [{"code": "invalidApiKey", "message": "no"}]}, 200, "fail", "not accepted"),
        ("runware", {"errors": [{"code": "serverError", "message": "later"}]}, 500, "fail", "later"),
        ("runware", {"data": []}, 200, "fail", "holds no balance"),
        ("runware", {"data": [{"balance": True}]}, 200, "fail", "holds no balance"),
        ("runware", {"data": [{"balance": 1e300}]}, 200, "fail", "holds no balance"),
        ("runware", b'{"data": [{"balance": 1e999999999}]}', 200, "fail", "holds no balance"),
        ("runware", b'{"data": [{"balance": NaN}]}', 200, "fail", "holds no balance"),
        ("wavespeed", {"code": 401, "message": "bad key"}, 200, "fail", "not accepted"),
        ("wavespeed", {"code": 200, "data": {"balance": -1}}, 200, "warn", "$-1.00"),
        ("wavespeed", {"code": 200, "data": None}, 200, "fail", "holds no balance"),
        ("wavespeed", [1], 200, "fail", "holds no balance"),
        ("wavespeed", b"<html>502</html>", 502, "fail", "HTTP 502"),
        ("wavespeed", b"[" * 100_000, 200, "fail", "holds no balance"),
        ("wavespeed", b"", 302, "fail", "HTTP 302"),
    ],
)  # fmt: skip
def test_every_answer_is_a_sentence(
    name: str, reply: Any, status: int, state: str, says: str
) -> None:
    found = said(name, reply, status)
    assert found[0] == state
    assert says in found[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["data", "errors", "balance", "amount", "currency", "code", "message", "x"]),
        inner,
    ),
)  # fmt: skip


@given(st.sampled_from(["runware", "wavespeed"]), JSON, st.integers(100, 599))
def test_no_answer_makes_the_doctor_fail(name: str, reply: Any, status: int) -> None:
    assert len(said(name, reply, status)[1]) < 400


class Silent(Call):
    """A carrier that answers in an hour."""

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        await asyncio.sleep(3600)
        return Reply(200)


def test_a_provider_that_says_nothing_is_not_waited_for(phone: Phone) -> None:
    found = asyncio.run(ask("wavespeed", Silent(phone, "wavespeed"), limit=0.01))
    assert (found.state, "no answer within 0.01 seconds" in found.said) == ("fail", True)
    assert phone.closed == ["wavespeed"]


def test_a_provider_that_cannot_be_reached_is_a_failure(phone: Phone, config: Path) -> None:
    phone.replies["runware"] = Reply(fault="not-sent", said="connection refused")
    phone.replies["wavespeed"] = Reply(fault="lost", said="cut off")
    rows = checks(phone, config, BOTH)
    for name, why in (("runware", "connection refused"), ("wavespeed", "cut off")):
        found = row(rows, "account", name)
        assert (found.state, why in found.said) == ("fail", True)
