"""A bought result whose bytes are gone: fetched anew where that is free, else bought again only by name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from crash_course import Course, Film, in_step
from patrons import said

from emulator import Emulator, running
from kinoform.stores.ledger import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patrons import Said

TEXT = """\
kinoform: 1
name: lost
steps:
  still: {uses: MODEL, with: {prompt: a lamp in NAMESIZE}}
  small: {uses: local/resize, with: {image: "${{ out.still }}", size: 320x320}}
"""
USES = {
    "runware": ("runware/klingai:kling-image@o3", ', size: "1K 1:1"'),
    "wavespeed": ("wavespeed/kwaivgi/kling-image-o3", ""),
}
WEEKS = 30 * 86_400.0


@dataclass
class Bought:
    """A film that was made once, and whose picture is gone from the store."""

    emulator: Emulator
    course: Course

    def run(self, *words: str) -> Said:
        return said(self.course, *self.course.words, *words)

    def lose(self, *, shown: bool = True) -> None:
        """Delete what was bought, here and (`shown`) in out/."""
        with SqliteLedger(self.course.home / "ledger.sqlite", read_only=True) as ledger:
            keys = {event.key for event in ledger.events() if event.kind == "ack"}
            blobs = [blob for each in ledger.results(keys).values() for blob in each.outputs]
        for blob in blobs:
            for path in self.course.home.rglob(f"*{blob.digest.removeprefix('sha256:')[2:]}"):
                path.unlink()
        for path in (self.course.root / "out").glob("still*") if shown else ():
            path.unlink()

    def edit(self, old: str, new: str) -> None:
        path = self.course.root / "pipeline.yaml"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    @property
    def bills(self) -> int:
        return self.course.bills().total()


@pytest.fixture(params=sorted(USES))
def whole(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bought]:
    """The same, before anything is lost."""
    model, size = USES[request.param]
    text = TEXT.replace("MODEL", model).replace("SIZE", size)
    with running(speed=200, latency=1) as emulator:
        course = Course(tmp_path, emulator, in_step(emulator), Film(text, {request.param: 1}, 2))
        found = Bought(emulator, course)
        assert found.run().status == 0
        yield found


@pytest.fixture
def bought(whole: Bought) -> Bought:
    whole.lose()
    return whole


def test_what_the_provider_still_has_is_fetched_and_not_bought(bought: Bought) -> None:
    bought.edit("320x320", "640x640")
    ended = bought.run()
    assert (ended.status, bought.bills) == (0, 1)
    assert "still" not in ended.err
    assert bought.run().out.startswith("lost: nothing to do")


def test_what_out_still_shows_is_taken_from_there_and_nobody_is_asked(whole: Bought) -> None:
    whole.lose(shown=False)
    (picture,) = (whole.course.root / "out").glob("still.*")
    picture.rename(picture.with_name("kept under another name"))
    whole.emulator.faults({"point": "connect", "fault": "drop"})
    whole.edit("320x320", "640x640")
    assert whole.run().status == 0
    assert whole.emulator.fired() == [0]
    assert whole.run().out.startswith("lost: nothing to do")


def test_a_frozen_build_takes_what_out_shows_too(whole: Bought) -> None:
    whole.lose(shown=False)
    whole.edit("320x320", "640x640")
    whole.emulator.faults({"point": "connect", "fault": "drop"})
    assert whole.run("--frozen").status == 0
    assert whole.emulator.fired() == [0]


def test_what_out_shows_counts_by_its_bytes_alone(whole: Bought, tmp_path: Path) -> None:
    whole.lose(shown=False)
    (picture,) = (whole.course.root / "out").glob("still.*")
    elsewhere = tmp_path / "elsewhere"
    picture.rename(elsewhere)
    data = elsewhere.read_bytes()
    picture.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    picture.with_name("link").symlink_to(elsewhere)
    whole.emulator.jump(WEEKS)
    whole.edit("320x320", "640x640")
    assert whole.run().status == 4
    assert picture.read_bytes() != data


def test_an_address_that_has_expired_is_asked_for_anew(bought: Bought) -> None:
    bought.emulator.modes(url_lifetime="3600", fresh_url="yes")
    bought.emulator.faults({"point": "download", "fault": {"expire": {}}, "times": 1})
    bought.edit("320x320", "640x640")
    ended = bought.run()
    assert bought.emulator.fired() == [1]
    assert bought.bills == 1
    assert (ended.status == 0) == (bought.course.film.bought == {"runware": 1})


def test_what_is_gone_for_good_is_not_bought_again_by_itself(bought: Bought) -> None:
    bought.emulator.jump(WEEKS)
    bought.edit("320x320", "640x640")
    for _ in range(2):
        ended = bought.run()
        assert ended.status == 4
        assert "error[lost]: still was bought" in ended.err
        assert "hint: kinoform pull DIR brings it" in ended.err
        assert "kinoform run --rebuy still buys it again for $0.028" in ended.err
    assert bought.bills == 1


def test_a_plan_says_who_may_still_have_what_is_lost(bought: Bought) -> None:
    bought.edit("320x320", "640x640")
    plan = said(bought.course, "plan", str(bought.course.root))
    assert plan.status == 0
    assert "warning[lost]: still: bought, and the bytes are not in this store" in plan.err
    assert "hint: kinoform pull DIR brings what somebody pushed" in plan.err
    assert bought.bills == 1


def test_lost_takes_are_named_each_with_the_price_of_one(whole: Bought) -> None:
    whole.edit("with: {prompt: a", "takes: 2, with: {prompt: a")
    assert whole.run().status == 0
    whole.lose()
    whole.emulator.jump(WEEKS)
    ended = whole.run("still")
    assert (ended.status, whole.bills) == (4, 2)
    for take in ("still#1", "still#2"):
        assert f"error[lost]: {take} was bought" in ended.err
    assert "kinoform run --rebuy still buys it again for $0.028 a take" in ended.err
    again = said(whole.course, "plan", str(whole.course.root), "--rebuy", "still", "--json")
    assert json.loads(again.out)["price"]["worst"] == "0.056"


def test_what_is_lost_and_not_needed_stops_nothing(bought: Bought) -> None:
    bought.emulator.jump(WEEKS)
    assert bought.run("small").status == 0
    assert bought.bills == 1


def test_what_nobody_needs_today_is_fetched_while_its_provider_has_it(bought: Bought) -> None:
    assert bought.run().status == 0
    bought.emulator.jump(WEEKS)
    bought.edit("320x320", "640x640")
    again = bought.run()
    assert (again.status, bought.bills) == (0, 1)
    assert "[lost]" not in again.err


def test_for_what_nobody_needs_a_provider_is_asked_in_vain_once_and_not_at_every_run(
    bought: Bought,
) -> None:
    note = "\n  note: {uses: local/text, with: {text: new}}"
    bought.edit("steps:", f"steps:{note}")
    bought.emulator.faults({"point": "connect", "fault": "drop"})
    bought.run()
    asked = bought.emulator.fired()
    assert asked > [0]
    bought.edit("text: new", "text: newer")
    assert bought.run().status == 0
    assert bought.emulator.fired() == asked


def test_a_loss_that_stops_nothing_is_told_as_a_warning(bought: Bought) -> None:
    bought.emulator.jump(WEEKS)
    bought.edit("steps:", "steps:\n  note: {uses: local/text, with: {text: new}}")
    ended = bought.run()
    assert ended.status == 0
    assert "warning[lost]: still was bought" in ended.err
    assert "error" not in ended.err


def test_what_is_lost_is_bought_again_once_and_by_name(bought: Bought) -> None:
    bought.emulator.jump(WEEKS)
    bought.edit("320x320", "640x640")
    first = bought.run("--rebuy", "still")
    assert first.status == 0, first
    assert bought.bills == 2
    assert bought.run("--rebuy", "still").status == 0
    assert bought.run().status == 0
    assert bought.bills == 2
