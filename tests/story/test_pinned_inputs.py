"""An address in a film: fetched once, before money is spoken of, pinned in git, never changed unseen."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from film import ENOUGH, executed, outcomes
from pictures_online import HOST, OnlineFilm, Web, picture, serving

from kinoform.api import inputs, sharing
from kinoform.api.consent import Consent
from kinoform.api.fetching import brought, refetched
from kinoform.api.lockbook import LockBook
from kinoform.api.lockcheck import check_lock
from kinoform.api.pulling import Pull
from kinoform.core.errors import EnvError, KinoformError, SpecError, SpendError, UsageError
from kinoform.stores.shared import SharedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kinoform.core.errors import Problem

ONE = f"{HOST}/refs/Keeper%20Mara.png"
FILM = f"""\
kinoform: 1
name: lamp
models: {{retouch: "runware/klingai:kling-image@3", board: "runware/klingai:kling-image@o3"}}
steps:
  still:
    uses: retouch
    with: {{prompt: in ink, image: "{ONE}", size: "1K 16:9"}}
  small:
    uses: local/resize
    with: {{image: "{HOST}/b.png", size: 64x64}}
  other:
    uses: board
    with: {{prompt: a lamp, size: "1K 16:9"}}
"""
CLIP = f"""\
kinoform: 1
name: lamp
models: {{motion: "runware/klingai:kling-video@o3-pro"}}
steps:
  clip:
    uses: motion
    with: {{prompt: it is lit, duration: 5, first_frame: "{HOST}/b.png"}}
"""
REAL = "kinoform.ops.verify:check"


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as web:
        web.files = {"/refs/Keeper%20Mara.png": picture("teal"), "/b.png": picture("navy")}
        yield web


@pytest.fixture
def film(tmp_path: Path, web: Web) -> OnlineFilm:
    return OnlineFilm(tmp_path, FILM, web)


def _verdicts(film: OnlineFilm) -> dict[str, str]:
    return {d.step: d.verdict for d in film.plan().plan.decisions}


def _run(film: OnlineFilm) -> set[str]:
    project, planned = film.fetched()
    report = project.run(planned, ENOUGH)
    assert not report.problems()
    return executed(report)


def _refused(film: OnlineFilm, **more: object) -> tuple[Problem, ...]:
    with pytest.raises(EnvError) as caught:
        film.fetched(**more)
    return caught.value.problems


def _clone(film: OnlineFilm, folder: Path, web: Web) -> OnlineFilm:
    """The same project elsewhere, with an empty home."""
    folder.mkdir()
    clone = OnlineFilm(folder, FILM, web)
    shutil.copytree(film.root, clone.root, ignore=shutil.ignore_patterns("out"), dirs_exist_ok=True)
    return clone


def test_a_plan_fetches_nothing_and_says_what_is_known_only_after_a_run(
    film: OnlineFilm, web: Web
) -> None:
    assert _verdicts(film) == {"still": "wait", "small": "wait", "other": "run"}
    reasons = [d.reasons[0] for d in film.plan().plan.decisions if d.verdict == "wait"]
    assert {(reason.kind, reason.path) for reason in reasons} == {
        ("known-after-run", ONE), ("known-after-run", f"{HOST}/b.png"),
    }  # fmt: skip
    assert web.asked.total() == 0


def test_a_run_fetches_everything_before_it_asks_for_money_and_plans_again(
    film: OnlineFilm, web: Web
) -> None:
    project, planned = film.fetched()
    assert {d.step: d.verdict for d in planned.plan.decisions} == {
        "still": "run", "small": "run", "other": "run",
    }  # fmt: skip
    assert planned.plan.price.floor == planned.plan.price.expected
    with pytest.raises(SpendError):
        project.run(planned, Consent())
    assert (film.bought(), web.asked.total()) == (0, 2)
    assert len(film.pins()) == 2


def test_what_is_pinned_is_not_fetched_again(film: OnlineFilm, web: Web) -> None:
    assert _run(film) == {"still", "small", "other"}
    web.files.clear()
    assert _run(film) == set()
    assert set(_verdicts(film).values()) == {"reuse"}
    assert (film.bought(), web.asked.total()) == (2, 2)


def test_a_pin_is_one_small_sorted_record_by_host_path_and_digest(film: OnlineFilm) -> None:
    film.fetched()
    (name,) = (name for name in film.pins() if "mara" in name)
    assert name.startswith("pictures.example/refs-keeper-20mara.png-")
    text = film.pins()[name]
    told = json.loads(text)
    assert (told["address"], text.count("\n"), list(told)) == (ONE, 1, sorted(told))
    assert told["artifact"]["media"] == "image/png"
    assert text == json.dumps(told, sort_keys=True, separators=(",", ":")) + "\n"


def test_the_bytes_and_not_the_address_are_the_identity(film: OnlineFilm, web: Web) -> None:
    _run(film)
    web.files["/moved/mara.png"] = web.files["/refs/Keeper%20Mara.png"]
    film.edit(ONE, f"{HOST}/moved/mara.png")
    assert _run(film) == set()
    assert (web.asked["/moved/mara.png"], film.bought()) == (1, 2)


def test_nobody_tells_the_host_who_asks(film: OnlineFilm, web: Web) -> None:
    film.fetched()
    heard = "".join(web.heard).lower()
    assert "authorization" not in heard
    assert "cookie" not in heard


def test_a_signed_address_is_pinned_without_its_signature(web: Web, film: OnlineFilm) -> None:
    film.write(FILM.replace(ONE, f"{ONE}?X-Amz-Signature=0123canary&Expires=1"))
    _run(film)
    assert "canary" not in "".join(film.pins().values())
    film.write(FILM.replace(ONE, f"{ONE}?X-Amz-Signature=4567other&Expires=2"))
    assert _run(film) == set()
    assert web.asked.total() == 2


def test_a_fresh_clone_fetches_only_what_it_reads_and_buys_nothing_that_is_known(
    film: OnlineFilm, web: Web, tmp_path: Path
) -> None:
    _run(film)
    clone = _clone(film, tmp_path / "clone", web)
    assert _verdicts(clone) == {"still": "lost", "small": "run", "other": "lost"}
    clone.fetched()
    assert web.asked == {"/refs/Keeper%20Mara.png": 1, "/b.png": 2}
    assert clone.bought() == 0


def test_a_clone_takes_pinned_bytes_from_a_shared_folder(
    film: OnlineFilm, web: Web, tmp_path: Path
) -> None:
    _run(film)
    shared, project = SharedFolder(tmp_path / "team"), film.open()
    planned = project.plan()
    loose = inputs.pinned(planned).values()
    sharing.push(project.home, shared, sharing.of_project(planned), loose)
    web.files.clear()
    clone = _clone(film, tmp_path / "clone", web)
    project = clone.open()
    planned = project.plan()
    loose = inputs.pinned(planned).values()
    Pull(project.home, shared, lambda: 0.0).project(planned, loose)
    assert _run(clone) == set()
    assert (web.asked.total(), clone.bought()) == (2, 0)


def test_other_bytes_are_an_error_that_names_both_digests(
    film: OnlineFilm, web: Web, tmp_path: Path
) -> None:
    _run(film)
    old = json.loads(next(t for n, t in film.pins().items() if "/b" in n))["artifact"]["digest"]
    web.files["/b.png"] = picture("red")
    clone = _clone(film, tmp_path / "clone", web)
    (problem,) = _refused(clone)
    assert problem.code == "input-changed"
    assert f"{HOST}/b.png gives other bytes: pinned to {old}, now sha256:" in problem.message
    assert f"kinoform pull --refetch {HOST}/b.png" in problem.hint
    assert clone.pins() == film.pins()


def test_fetching_anew_says_what_it_makes_stale_before_it_pins(film: OnlineFilm, web: Web) -> None:
    _run(film)
    web.files["/refs/Keeper%20Mara.png"] = picture("red")
    project, before = film.open(), film.pins()
    (found,) = refetched(project, film.setting(), project.plan(), [ONE])
    assert found.change.stale == ("still",)
    assert str(found.change.stale_price) == "0.028"
    assert film.pins() == before
    LockBook(film.root).pin(found.url, found.now)
    assert film.pins().keys() == before.keys()
    assert film.pins() != before
    assert _run(film) == {"still"}
    assert film.bought() == 3


def test_an_address_that_is_read_nowhere_is_not_fetched(film: OnlineFilm, web: Web) -> None:
    project = film.open()
    with pytest.raises(UsageError) as caught:
        refetched(project, film.setting(), project.plan(), [f"{HOST}/c.png"])
    assert caught.value.problems[0].code == "no-such-input"
    assert web.asked.total() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "input-unreachable"),
        (b"<!doctype html><p>sign in", "input-no-media"),
        (picture()[:-40], "input-no-media"),
        (b"", "input-no-media"),
    ],
)
def test_what_is_no_whole_picture_is_refused_and_pins_nothing(
    film: OnlineFilm, web: Web, body: bytes | None, code: str
) -> None:
    del web.files["/b.png"]
    web.files |= {} if body is None else {"/b.png": body}
    (problem,) = _refused(film, verify=REAL)
    assert problem.code == code
    assert f"{HOST}/b.png" in problem.message
    assert film.pins() == {}


def test_a_picture_that_its_step_cannot_take_is_said_before_money_is_spoken_of(
    film: OnlineFilm, web: Web
) -> None:
    film.write(CLIP)
    web.files["/b.png"] = picture(size=(90, 160))
    with pytest.raises(SpecError) as caught:
        film.fetched(verify=REAL)
    assert "90x160" in str(caught.value)
    assert film.bought() == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "169.254.169.254", "[::1]"])
def test_this_machine_and_its_neighbours_are_not_asked(
    film: OnlineFilm, web: Web, host: str
) -> None:
    film.write(FILM.replace("pictures.example", host))
    assert {problem.code for problem in _refused(film)} == {"input-unreachable"}
    assert web.asked.total() == 0


def test_a_draft_fetches_nothing_and_a_step_that_would_read_it_says_how(
    film: OnlineFilm, web: Web
) -> None:
    project = film.open("all")
    assert brought(project, film.setting("all"), project.plan()) is project
    report = project.run(project.plan())
    assert outcomes(report) == {"still": "done", "small": "failed", "other": "done"}
    (problem,) = report.problems()
    assert problem.code == "input-not-fetched"
    assert f"kinoform pull --refetch {HOST}/b.png" in problem.hint
    assert web.asked.total() == 0
    film.fetched()
    assert film.run(draft="all") >= {"small"}


def test_a_frozen_build_never_fetches(film: OnlineFilm, web: Web, tmp_path: Path) -> None:
    _run(film)
    clone = _clone(film, tmp_path / "clone", web)
    shutil.copytree(film.home / "store", clone.home / "store")
    project, planned = clone.fetched(frozen=True)
    assert not project.run(planned).problems()
    assert web.asked.total() == 2
    film.edit("/b.png", "/c.png")
    project, planned = film.fetched(frozen=True)
    with pytest.raises(KinoformError) as caught:
        project.run(planned)
    assert f"{HOST}/c.png: nobody has fetched it" in str(caught.value)
    assert web.asked.total() == 2


def test_the_lock_check_knows_pins(film: OnlineFilm) -> None:
    _run(film)
    assert check_lock(film.open()).inputs == 2
    film.edit("/b.png", "/c.png")
    (problem,) = check_lock(film.open()).problems
    assert (problem.code, problem.message) == ("lock-orphan", f"no step reads {HOST}/b.png")
    (name,) = (name for name in film.pins() if "/b" in name)
    (film.root / "kinoform.lock/inputs" / name).write_text("{}\n")
    found = check_lock(film.open())
    assert not found.valid
    assert found.problems[0].code == "lock-damaged"


def test_what_git_left_of_a_conflict_says_to_keep_one_side(film: OnlineFilm) -> None:
    film.fetched()
    (name,) = (name for name in film.pins() if "/b" in name)
    path = film.root / "kinoform.lock/inputs" / name
    line = path.read_text()
    path.write_text(f"<<<<<<< HEAD\n{line}=======\n{line}>>>>>>> ben\n")
    with pytest.raises(SpecError) as caught:
        film.plan()
    (problem,) = caught.value.problems
    assert problem.message == "a merge was left unfinished here"
    assert problem.hint == "both sides pinned other bytes: keep the line of one of them"
