"""The demo film through both providers' APIs: every step once, at the price that the plan said."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from emulator import KEY, running
from kinoform.api.consent import Consent
from kinoform.api.project import Project, Setting
from kinoform.api.services import known, services
from kinoform.api.setting import Hosted
from kinoform.api.settings import user_settings
from kinoform.testing.fakes import OPS

if TYPE_CHECKING:
    from emulator import Emulator

FILM = Path(__file__).parents[2] / "pipelines" / "lighthouse"


def _open(root: Path, home: Path, emulator: Emulator) -> Project:
    environ = {
        "KINOFORM_CONFIG": str(root.parent / "config.yaml"),
        "RUNWARE_API_KEY": KEY,
        "WAVESPEED_API_KEY": KEY,
        "KINOFORM_RUNWARE_URL": emulator.runware,
        "KINOFORM_WAVESPEED_URL": emulator.wavespeed,
    }
    user = user_settings(environ)
    names = frozenset(known(user, environ))
    hosted = Hosted(names, lambda _names: services(user, environ))
    # The cut itself is a matter of other tests; here its clips are glued.
    ops = {**Setting().ops, "local/concat": OPS["local/concat"]}
    return Project.open(root, Setting(hosted=hosted, ops=ops), home)


def test_every_step_is_made_once_at_the_price_of_the_plan(tmp_path: Path) -> None:
    root = tmp_path / "film"
    shutil.copytree(FILM, root, ignore=shutil.ignore_patterns("out", "kinoform.lock"))
    (tmp_path / "config.yaml").write_text("{}\n", encoding="utf-8")
    with running(speed=20.0, latency=1.0) as emulator:
        project = _open(root, tmp_path / "home", emulator)
        planned = project.plan()
        price = planned.plan.price.expected
        report = project.run(planned, Consent(max_cost=price))
        assert report.problems() == ()
        assert set(report.counts()) - {w for w, n in report.counts().items() if not n} == {"done"}
        ledger = emulator.ledger()
        assert report.paid() == price == Decimal(str(ledger["total"]))
        assert {bill["times"] for bill in ledger["bills"]} == {1}
        assert {bill["provider"] for bill in ledger["bills"]} == {"runware", "wavespeed"}
        again = _open(root, tmp_path / "home", emulator)
        assert {d.verdict for d in again.plan().plan.decisions} == {"reuse"}
        assert not again.run(again.plan()).counts()["done"]
        assert emulator.ledger()["bills"] == ledger["bills"]
