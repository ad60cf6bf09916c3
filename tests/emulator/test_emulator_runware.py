"""Runware on loopback over HTTP: who is let in, what is refused and how, what is made and billed."""

from __future__ import annotations

import base64
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image
from runware_calls import ask, codes, signed_in

from emulator import Emulator, clip, new_id, picture, poll, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with running() as found:
        yield found


@pytest.fixture
def client(server: Emulator) -> Iterator[httpx.Client]:
    with signed_in(server) as found:
        yield found


# --- who is let in


def test_without_a_key_nobody_is_let_in(server: Emulator) -> None:
    answer = httpx.post(server.runware, json=[picture()], trust_env=False)
    assert answer.status_code == 401
    assert codes(answer.json()) == ["missingApiKey"]


def test_a_key_that_is_not_among_the_named_ones_is_refused() -> None:
    with running(keys=["good"]) as server, signed_in(server, "bad") as client:
        status, answer = ask(client, picture())
        assert (status, codes(answer)) == (401, ["invalidApiKey"])
        assert not server.ledger()["bills"]


def test_a_leading_task_may_carry_the_key_instead(server: Emulator) -> None:
    task = picture()
    tasks = [{"taskType": "authentication", "apiKey": "k"}, task]
    answer = httpx.post(server.runware, json=tasks, trust_env=False)
    assert answer.json() == {"data": [{"taskType": "imageInference", "taskUUID": task["taskUUID"]}]}


def test_a_body_that_is_no_array_of_tasks_is_refused(client: httpx.Client) -> None:
    for body in (b"{", b"{}", b"[]", b"[" * 100_000):
        assert client.post("/v1", content=body).status_code == 400


# --- tasks


def test_an_accepted_task_is_acknowledged_and_then_has_a_result_per_picture(
    server: Emulator, client: httpx.Client
) -> None:
    task = picture(numberResults=2)
    assert ask(client, task)[0] == 200
    status, answer = ask(client, *poll(task["taskUUID"]))
    items = answer["data"]
    assert status == 200
    assert "errors" not in answer
    assert [item["status"] for item in items] == ["success", "success"]
    assert [item["cost"] for item in items] == [0.028, 0.028]
    assert len({item["imageUUID"] for item in items}) == 2
    assert len({item["seed"] for item in items}) == 2
    assert server.paid()[task["taskUUID"]] == 1


def test_results_differ_in_their_bytes_and_are_whole_pictures(client: httpx.Client) -> None:
    task = picture(numberResults=2, outputFormat="PNG", width=2048, height=2048)
    ask(client, task)
    items = ask(client, *poll(task["taskUUID"]))[1]["data"]
    bodies = [client.get(item["imageURL"]) for item in items]
    assert {body.headers["content-type"] for body in bodies} == {"image/png"}
    assert bodies[0].content != bodies[1].content
    with Image.open(io.BytesIO(bodies[0].content)) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (2048, 2048))


@pytest.mark.parametrize(("form", "kind"), [("JPG", "JPEG"), ("WEBP", "WEBP")])
def test_every_format_can_be_decoded(client: httpx.Client, form: str, kind: str) -> None:
    task = picture(outputFormat=form, outputType="base64Data")
    ask(client, task)
    item = ask(client, *poll(task["taskUUID"]))[1]["data"][0]
    assert "imageURL" not in item
    with Image.open(io.BytesIO(base64.b64decode(item["imageBase64Data"]))) as image:
        image.load()
        assert (image.format, image.size) == (kind, (1024, 1024))


def test_a_synchronous_task_is_answered_with_its_results(client: httpx.Client) -> None:
    task = picture(deliveryMethod="sync", numberResults=2, includeCost=False)
    items = ask(client, task)[1]["data"]
    assert len(items) == 2
    assert not any("cost" in item or "status" in item for item in items)


def test_a_synchronous_answer_is_cut_while_its_task_goes_on_and_is_billed() -> None:
    with running(speed=1000, latency=300) as server, signed_in(server) as client:
        task = picture(deliveryMethod="sync")
        status, answer = ask(client, task)
        assert (status, codes(answer)) == (400, ["timeout"])
        server.jump(300)
        assert ask(client, *poll(task["taskUUID"]))[1]["data"][0]["status"] == "success"
        assert server.paid() == {task["taskUUID"]: 1}


def test_a_task_under_way_already_tells_the_id_of_its_result() -> None:
    with running(latency=60) as server, signed_in(server) as client:
        task = clip()
        ask(client, task)
        before = ask(client, *poll(task["taskUUID"]))[1]["data"][0]
        server.jump(60)
        after = ask(client, *poll(task["taskUUID"]))[1]["data"][0]
        assert (before["status"], after["status"]) == ("processing", "success")
        assert before["videoUUID"] == after["videoUUID"]


def test_a_clip_is_billed_by_its_seconds(server: Emulator, client: httpx.Client) -> None:
    sound = {"klingai": {"sound": True}}
    task = clip(duration=8, providerSettings=sound)
    ask(client, task)
    assert ask(client, *poll(task["taskUUID"]))[1]["data"][0]["cost"] == 1.12


def test_an_edited_clip_costs_what_its_source_is_long(client: httpx.Client) -> None:
    source = clip(duration=6)
    ask(client, source)
    name = ask(client, *poll(source["taskUUID"]))[1]["data"][0]["videoUUID"]
    edit = clip(inputs={"video": name})
    for field in ("width", "height", "duration"):
        del edit[field]
    assert ask(client, edit)[0] == 200
    assert ask(client, *poll(edit["taskUUID"]))[1]["data"][0]["cost"] == 1.008


def test_an_unknown_task_looks_like_one_that_has_not_begun(client: httpx.Client) -> None:
    assert ask(client, *poll(new_id())) == (200, {"data": []})


@pytest.mark.parametrize("order", ["any", "kept"])
def test_answers_come_in_any_order_unless_told_otherwise(order: str) -> None:
    with running(modes={"answer_order": order}) as server, signed_in(server) as client:
        tasks = [picture() for _ in range(50)]
        told = [item["taskUUID"] for item in ask(client, *tasks)[1]["data"]]
    sent = [task["taskUUID"] for task in tasks]
    assert sorted(told) == sorted(sent)
    assert (told == sent) == (order == "kept")


def test_many_polls_travel_as_one(client: httpx.Client) -> None:
    tasks = [picture() for _ in range(200)]
    assert len(ask(client, *tasks)[1]["data"]) == 200
    items = ask(client, *poll(*(task["taskUUID"] for task in tasks)))[1]["data"]
    assert {item["taskUUID"] for item in items} == {task["taskUUID"] for task in tasks}


# --- refusals


def test_each_task_is_judged_by_itself_by_the_model_files(client: httpx.Client) -> None:
    good, bad = picture(), picture(width=864, height=486)
    status, answer = ask(client, good, bad)
    assert status == 400
    assert [item["taskUUID"] for item in answer["data"]] == [good["taskUUID"]]
    (error,) = answer["errors"]
    assert error["code"] == "unsupportedDimensions"
    assert error["parameter"] == ["width", "height"]
    assert error["taskUUID"] == bad["taskUUID"]
    assert error["documentation"].endswith("#request-width")


@pytest.mark.parametrize(
    ("change", "code", "parameter"),
    [
        ({"negativePrompt": "no"}, "unsupportedParameter", "negativePrompt"),
        ({"numberResults": 21}, "valueTooLarge", "numberResults"),
        ({"outputFormat": "BMP"}, "invalidOutputFormat", "outputFormat"),
        ({"model": "nobody:none@1"}, "invalidModel", "model"),
        ({"taskUUID": "0c"}, "invalidTaskUUID", "taskUUID"),
        ({"taskType": "textInference"}, "unsupportedTaskType", "taskType"),
        (
            {"inputs": {"referenceImages": ["no media"]}},
            "invalidReferenceImages",
            "inputs.referenceImages.0",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_with_which_field(
    client: httpx.Client, change: dict[str, Any], code: str, parameter: str
) -> None:
    status, answer = ask(client, picture(**change))
    assert status == 400
    assert answer["data"] == []
    assert (code, parameter) in [(e["code"], e["parameter"]) for e in answer["errors"]]


def test_an_answer_that_is_partly_good_may_have_status_200() -> None:
    with running(modes={"mixed_status": "200"}) as server, signed_in(server) as client:
        assert ask(client, picture(), picture(width=3))[0] == 200


def test_a_taskuuid_is_accepted_once(server: Emulator, client: httpx.Client) -> None:
    task = picture()
    ask(client, task)
    status, answer = ask(client, task)
    assert (status, codes(answer), answer["data"]) == (400, ["conflictTaskUUID"], [])
    assert server.paid()[task["taskUUID"]] == 1


def test_after_the_window_the_same_taskuuid_is_billed_again() -> None:
    with running(modes={"conflict_window": "60"}) as server, signed_in(server) as client:
        task = picture()
        ask(client, task)
        server.jump(61)
        assert ask(client, task)[0] == 200
        assert server.paid() == {task["taskUUID"]: 2}
        assert Decimal(server.ledger()["total"]) == Decimal("0.056")


@pytest.mark.parametrize(("mode", "then"), [("taken", 400), ("reusable", 200)])
def test_the_id_of_a_refused_task_is_used_up_or_not(mode: str, then: int) -> None:
    with running(modes={"uuid_after_rejection": mode}) as server, signed_in(server) as client:
        task = picture(width=3)
        assert ask(client, task)[0] == 400
        status, answer = ask(client, {**task, "width": 1024})
        assert status == then
        assert codes(answer) == ["conflictTaskUUID"] if then == 400 else True


def test_an_empty_balance_is_status_402_and_costs_nothing() -> None:
    with running() as server, signed_in(server) as client:
        server.world.balance = Decimal("0.03")
        assert ask(client, picture())[0] == 200
        status, answer = ask(client, picture())
        assert (status, codes(answer)) == (402, ["insufficientCredits"])
        assert len(server.paid()) == 1


def test_a_dry_run_is_priced_and_not_run(server: Emulator, client: httpx.Client) -> None:
    task = picture(numberResults=3)
    answer = client.post("/v1", json=[task], headers={"X-Runware-Dry-Run": "1"}).json()
    assert answer["data"][0]["cost"] == 0.084
    assert task["taskUUID"] not in server.paid()
    assert ask(client, task)[0] == 200
