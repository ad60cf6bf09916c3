"""Takes and decisions through a provider's API: what is billed is what was asked for, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from emulator import KEY, running
from kinoform.api import equating, picking
from kinoform.api.consent import Consent
from kinoform.api.picking import Said
from kinoform.api.project import Asked, Project, Setting
from kinoform.api.services import known, services
from kinoform.api.setting import Hosted
from kinoform.api.settings import user_settings
from kinoform.core.candidates import find

if TYPE_CHECKING:
    from pathlib import Path

    from emulator import Emulator

TEXT = """\
kinoform: 1
name: billed
steps:
  still:
    uses: runware/klingai:kling-image@o3
    takes: {takes}
    with: {{prompt: a lamp, size: "1K 16:9"}}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    with: {{prompt: it turns, first_frame: "${{{{ out.still }}}}", duration: 5}}
"""
STILL, CLIP = Decimal("0.028"), Decimal("0.56")


class Desk:
    """One film at the emulated provider; `paid` is what that has charged."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self._folder, self._emulator = folder, emulator
        (folder / "film").mkdir()
        (folder / "config.yaml").write_text("{}\n", encoding="utf-8")
        self.takes(3)

    def takes(self, number: int) -> None:
        text = TEXT.format(takes=number)
        (self._folder / "film/pipeline.yaml").write_text(text, encoding="utf-8")

    def open(self) -> Project:
        environ = {
            "KINOFORM_CONFIG": str(self._folder / "config.yaml"),
            "RUNWARE_API_KEY": KEY,
            "KINOFORM_RUNWARE_URL": self._emulator.runware,
        }
        user = user_settings(environ)
        names = frozenset(known(user, environ))
        hosted = Hosted(names, lambda _names: services(user, environ))
        return Project.open(self._folder / "film", Setting(hosted=hosted), self._folder / "home")

    def run(self, asked: Asked | None = None) -> None:
        project = self.open()
        report = project.run(project.plan(asked), Consent(max_cost=Decimal(5)))
        assert report.problems() == ()

    @property
    def paid(self) -> Decimal:
        ledger = self._emulator.ledger()
        assert {bill["times"] for bill in ledger["bills"]} == {1}
        return Decimal(str(ledger["total"]))

    def pick(self, word: str) -> None:
        project = self.open()
        planned = project.plan(Asked(lock=True))
        found = picking.candidates(project, planned, [planned.step("still")])
        choice = picking.choose(project, planned, find(found, word, "still"), Said("ana"))
        assert choice is not None
        picking.write(project, planned, choice)

    def names(self) -> list[str]:
        project = self.open()
        planned = project.plan(Asked(lock=True))
        return [c.name for c in picking.candidates(project, planned, [planned.step("still")])]


def test_takes_and_decisions_are_billed_as_they_are_asked_for(tmp_path: Path) -> None:
    with running(speed=50.0, latency=1.0) as emulator:
        desk = Desk(tmp_path, emulator)
        desk.run()
        assert desk.paid == 3 * STILL + CLIP
        desk.takes(5)
        desk.run()
        assert desk.paid == 5 * STILL + CLIP
        desk.takes(3)
        desk.run()
        assert len(desk.names()) == 5
        desk.run(Asked(["still"], retake=True))
        assert [name[-3:] for name in desk.names()] == ["t01", "t02", "t03", "t04", "t05", "t06"]
        spent = desk.paid
        assert spent == 6 * STILL + CLIP
        desk.pick("6")
        project = desk.open()
        planned = project.plan(Asked(lock=True))
        words = (desk.names()[0], desk.names()[5])
        said = equating.equate(project, planned, words, Said("ana"))
        assert said is not None
        assert (said.effect.steps, said.effect.price) == (("clip",), CLIP)
        equating.write(project, said)
        desk.run()
        assert desk.paid == spent
        project = desk.open()
        (undo,) = equating.part(project.plan(), [said.equate.old.digest, said.equate.new.digest])
        equating.write(project, undo)
        desk.run()
        assert desk.paid == spent + CLIP
        desk.pick(words[0])
        desk.run()
        assert desk.paid == spent + CLIP
