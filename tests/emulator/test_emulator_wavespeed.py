"""WaveSpeed's tasks on loopback: envelope, states, refusals, money, synchronous submits."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
from wavespeed_calls import IMAGE, WEEK, ask, get, state, submit

from emulator import Emulator, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def service() -> Iterator[Emulator]:
    """An emulator for tests that change neither its clock nor its plan."""
    with running() as emulator:
        yield emulator


@pytest.fixture
def fresh() -> Iterator[Emulator]:
    """An emulator of one's own, whose clock a test moves."""
    with running(latency=10, speed=1e-6) as emulator:
        yield emulator


def test_a_submit_is_answered_with_a_created_task_in_the_envelope(fresh: Emulator) -> None:
    told = ask(fresh, IMAGE, {"prompt": "a brass lamp"}).data
    task = told["id"]
    assert len(task) == 32
    assert int(task, 16)
    assert told["model"] == IMAGE
    assert (told["status"], told["outputs"], told["error"]) == ("created", [], "")
    assert told["urls"] == {"get": f"{fresh.base}/api/v3/predictions/{task}/result"}
    assert told["timings"] == {"inference": 0}
    assert datetime.fromisoformat(told["created_at"]).tzinfo == UTC


def test_a_task_is_created_then_processing_then_completed(fresh: Emulator) -> None:
    task = submit(fresh)
    seen = []
    for seconds in (0, 5, 5):
        fresh.jump(seconds)
        seen.append(state(fresh, task)["status"])
    assert seen == ["created", "processing", "completed"]
    assert state(fresh, task)["timings"]["inference"] == 10_000


def test_both_result_paths_tell_the_same(service: Emulator) -> None:
    task = submit(service)
    assert ask(service, f"predictions/{task}").data == state(service, task)


def test_each_picture_is_an_output_of_its_own_that_can_be_fetched(service: Emulator) -> None:
    outputs = state(service, submit(service, num_images=3))["outputs"]
    fetched = [get(url).body for url in outputs]
    assert len({bytes(each) for each in fetched}) == 3
    assert all(each.startswith(b"\x89PNG") for each in fetched)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "prompt"),
        ({"prompt": "a lamp", "surprise": 1}, "surprise"),
        ({"prompt": "a lamp", "resolution": "2K"}, "resolution"),
        ({"prompt": "a lamp", "enable_sync_mode": True}, "enable_sync_mode"),
        ({"prompt": "a lamp", "images": ["not media"]}, "images"),
        (b"[", "JSON"),
        ([], "object"),
    ],
)
def test_a_wrong_body_is_refused_with_400_and_not_billed(
    service: Emulator, body: Any, says: str
) -> None:
    before = service.ledger()["total"]
    told = ask(service, IMAGE, body)
    assert (told.status, told.body["code"]) == (400, 400)
    assert says in told.body["message"]
    assert service.ledger()["total"] == before


@pytest.mark.parametrize("path", [IMAGE, "predictions", "balance", "models", "model/pricing"])
def test_without_a_key_everything_is_401(service: Emulator, path: str) -> None:
    told = ask(service, path, None if path in ("balance", "models") else {}, key="")
    assert (told.status, told.body["code"]) == (401, 401)


def test_only_the_keys_that_were_named_are_taken() -> None:
    with running(keys=["right"]) as emulator:
        assert ask(emulator, "balance", key="wrong").status == 401
        assert ask(emulator, "balance", key="right").status == 200


def test_what_is_not_there_is_404(service: Emulator) -> None:
    assert ask(service, "nobody/nothing", {"prompt": "x"}).status == 404
    assert ask(service, "predictions/53fb/result").status == 404
    assert ask(service, f"predictions/{submit(service)}/result", key="another").status == 404


def test_a_task_is_billed_once_by_its_price_and_the_balance_follows(service: Emulator) -> None:
    before = ask(service, "balance").data["balance"]
    task = submit(service, resolution="4k", num_images=2)
    bill = next(each for each in service.ledger()["bills"] if each["task"] == task)
    assert (bill["cost"], bill["times"], bill["provider"]) == ("0.112", 1, "wavespeed")
    assert before - ask(service, "balance").data["balance"] == pytest.approx(0.112)


def test_after_a_week_nothing_is_left(fresh: Emulator) -> None:
    task = submit(fresh)
    fresh.jump(10)
    (url,) = state(fresh, task)["outputs"]
    fresh.jump(WEEK)
    assert ask(fresh, f"predictions/{task}/result").status == 404
    assert ask(fresh, "predictions", {}).data["items"] == []
    assert get(url).status == 404


def test_the_date_header_is_that_of_the_emulators_clock(fresh: Emulator) -> None:
    def date() -> float:
        return parsedate_to_datetime(ask(fresh, "balance").headers["date"]).timestamp()

    before = date()
    fresh.jump(86400)
    assert date() - before == pytest.approx(86400, abs=1)


def test_a_second_submit_makes_a_second_task_whatever_its_header(fresh: Emulator) -> None:
    body = {"prompt": "a brass lamp"}
    one, two = (ask(fresh, IMAGE, body, Idempotency_Key="k").data["id"] for _ in range(2))
    assert one != two
    fresh.modes(idempotency="honoured")
    one, two = (ask(fresh, IMAGE, body, Idempotency_Key="n").data["id"] for _ in range(2))
    assert one == two


def test_a_synchronous_submit_waits_for_the_result_where_a_model_takes_it() -> None:
    body = {"prompt": "x", "enable_sync_mode": True, "enable_base64_output": True}
    with running(latency=20, speed=100, modes={"sync": "any"}) as emulator:
        told = ask(emulator, IMAGE, body).data
    assert told["status"] == "completed"
    assert told["outputs"][0].startswith("data:image/png;base64,")


def test_one_that_takes_too_long_goes_on_and_says_so_in_one_of_two_ways() -> None:
    body = {"prompt": "x", "enable_sync_mode": True}
    with running(latency=200, speed=400, modes={"sync": "any"}) as emulator:
        assert ask(emulator, IMAGE, body).status == 504
        emulator.modes(sync_timeout="5004")
        told = ask(emulator, IMAGE, body).data
        assert (told["status"], told["code"]) == ("processing", 5004)
        emulator.jump(200)
        assert state(emulator, told["id"])["status"] == "completed"
        assert len(emulator.paid()) == 2
