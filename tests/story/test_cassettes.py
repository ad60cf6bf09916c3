"""A run that was recorded runs again from the recording, without a key and without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator import KEY, running
from kinoform.api.cassettes import VARIABLE, cassette
from kinoform.api.consent import Consent
from kinoform.api.project import Project, Setting
from kinoform.api.services import known, services
from kinoform.api.setting import Hosted
from kinoform.api.settings import user_settings
from kinoform.core.errors import UsageError
from kinoform.core.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.core.report import RunReport

TEXT = """\
kinoform: 1
name: taped
steps:
  still:
    uses: runware/klingai:kling-image@o3
    with: {prompt: a lamp, size: "1K 16:9"}
  edit:
    uses: wavespeed/kwaivgi/kling-image-o3
    with: {prompt: in ink, image: "${{ out.still }}", size: "1K 16:9", count: 2}
"""


def _run(root: Path, home: Path, environ: Mapping[str, str]) -> RunReport:
    user = user_settings(environ)
    names = frozenset(name for name, there in known(user, environ).items() if there)
    hosted = Hosted(names, lambda _names: services(user, environ))
    project = Project.open(root, Setting(hosted=hosted), home)
    planned = project.plan()
    return project.run(planned, Consent(max_cost=planned.plan.price.worst or ZERO))


def test_a_recording_plays_without_key_and_network(tmp_path: Path) -> None:
    film, copy, tape = tmp_path / "film", tmp_path / "copy", tmp_path / "tape"
    for root in (film, copy):  # the lock of the first would say what was bought
        root.mkdir()
        (root / "pipeline.yaml").write_text(TEXT, encoding="utf-8")
    config = {"KINOFORM_CONFIG": str(tmp_path / "config.yaml")}
    (tmp_path / "config.yaml").write_text("{}\n", encoding="utf-8")
    with running(speed=50.0, latency=1.0) as emulator:
        keys = {"RUNWARE_API_KEY": KEY, "WAVESPEED_API_KEY": KEY}
        urls = {
            "KINOFORM_RUNWARE_URL": emulator.runware,
            "KINOFORM_WAVESPEED_URL": emulator.wavespeed,
        }
        first = _run(film, tmp_path / "a", {**config, **keys, **urls, VARIABLE: f"record:{tape}"})
    again = _run(copy, tmp_path / "b", {**config, VARIABLE: f"replay:{tape}"})
    assert first.counts()["done"] == again.counts()["done"] == 2
    assert first.paid() == again.paid() > 0
    outputs = [
        [blob.digest for end in each.steps for blob in end.outputs] for each in (first, again)
    ]
    assert outputs[0] == outputs[1]
    assert not any(KEY.encode() in p.read_bytes() for p in tape.rglob("*") if p.is_file())


@pytest.mark.parametrize("said", ["record", "play:/tmp/x", "record:"])
def test_a_cassette_is_named_with_what_to_do_with_it(said: str) -> None:
    with pytest.raises(UsageError):
        cassette({VARIABLE: said})
