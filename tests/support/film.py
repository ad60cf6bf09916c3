"""A small film that tests edit, plan and run: real model files, fake provider, gluing ops."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from kinoform.api.consent import Consent
from kinoform.api.project import Asked, Mode, Planned, Project, Setting
from kinoform.api.services import Services
from kinoform.api.setting import Hosted
from kinoform.testing.fakes import OPS, FakeProvider, Here

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.core.report import RunReport

FILM = """\
kinoform: 1
name: lamp
models:
  board: runware/klingai:kling-image@o3
  retouch: runware/klingai:kling-image@3
  motion: runware/klingai:kling-video@o3-pro
shots:
  s010: {does: Mara climbs the stair with a lamp, dur: 5, starts: cut, ends: hold}
  s020: {does: her palm meets the cold lens, dur: 5, starts: cut, ends: bridge}
  s030: {does: the wick takes the flame, dur: 3, starts: cut, ends: hold}
  s040: {does: the beam sweeps the sea, dur: 8, starts: chain, ends: hold}
  s050: {does: a boat turns into the light, dur: 4, starts: chain, ends: hold}
  s060: {does: the harbour wakes, dur: 4, starts: cut, ends: hold}
steps:
  still:
    uses: board
    foreach: shots
    with: {prompt: "Wide frame, {{ shot.does }}", size: "1K 16:9"}
  edit:
    uses: retouch
    foreach: shots
    with: {prompt: Ink and gouache, image: "${{ out.still }}", size: "1K 16:9"}
  clip:
    uses: motion
    foreach: shots
    with:
      prompt: "{{ shot.does }}, slow camera"
      duration: ${{ shot.dur }}
      first_frame: "${{ out.clip.prev.last_frame if shot.starts == 'chain' else out.edit }}"
      last_frame: "${{ out.edit.next if shot.ends == 'bridge' else none }}"
  reel:
    uses: local/concat
    with: {clips: "${{ out.clip.all }}"}
  sheet:
    uses: local/contact-sheet
    with: {images: "${{ out.edit.all }}"}
"""
REVIEWED = """\
kinoform: 1
name: chosen
steps:
  still:
    uses: runware/klingai:kling-image@o3
    takes: 3
    pick: review
    with: {prompt: a lamp, size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    with: {prompt: it turns, first_frame: "${{ out.still }}", duration: 5}
"""
ENOUGH = Consent(max_cost=Decimal(1000))


class Film:
    """A project folder with its own home, a provider that counts, and what runs executed."""

    def __init__(self, folder: Path, text: str = FILM) -> None:
        self.root, self.home = folder / "film", folder / "home"
        self.root.mkdir()
        self.provider = FakeProvider()
        self.ops = dict(OPS)
        self.write(text)

    def write(self, text: str) -> None:
        """Save the pipeline."""
        (self.root / "pipeline.yaml").write_text(text, encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Replace text that stands in the pipeline."""
        path = self.root / "pipeline.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def setting(self, draft: Mode = "", **more: object) -> Setting:
        """How it is opened: with the provider that counts, and work done here."""
        services = self.provider.services() | {"wavespeed": self.provider.services()["runware"]}
        hosted = Hosted(frozenset(services), lambda _names: Services(services))
        own = {"hosted": hosted, "verify": "kinoform.testing.fakes:believe"}
        return Setting(draft=draft, ops=self.ops, workers=Here, **(own | more))  # type: ignore[arg-type]  # fields by name

    def open(self, draft: Mode = "", **more: object) -> Project:
        """The project as it stands now."""
        return Project.open(self.root, self.setting(draft, **more), self.home)

    def plan(self, *targets: str, draft: Mode = "") -> Planned:
        """The plan for these targets."""
        return self.open(draft).plan(Asked(targets))

    def report(self, *targets: str, draft: Mode = "", consent: Consent = ENOUGH) -> RunReport:
        """Plan and run."""
        project = self.open(draft)
        return project.run(project.plan(Asked(targets)), consent)

    def run(self, *targets: str, draft: Mode = "") -> set[str]:
        """Plan, run, and name what was executed; nothing may have gone wrong."""
        report = self.report(*targets, draft=draft)
        assert not report.problems()
        return executed(report)

    def delete(self, step: str) -> None:
        """Delete the bytes of what this step has now."""
        home = self.open().home
        key = home.ledger.heads(str(self.root.resolve()))[step, 1]
        for blob in home.ledger.results({key})[key].outputs:
            for path in self.home.rglob(f"*{blob.digest.removeprefix('sha256:')[2:]}"):
                path.unlink()

    def bought(self) -> int:
        """How many submits the provider has seen."""
        return self.provider.submits.total()


def executed(report: RunReport) -> set[str]:
    """Ids of the steps that really ran."""
    return {ended.step for ended in report.steps if ended.outcome == "done"}


def outcomes(report: RunReport) -> dict[str, str]:
    """How each step ended."""
    return {ended.step: ended.outcome for ended in report.steps}
