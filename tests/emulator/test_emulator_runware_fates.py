"""What becomes of tasks on the emulated Runware, its uploads and accounts, and when results go."""

from __future__ import annotations

import base64
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image
from runware_calls import ask, codes, png, signed_in, uri

from emulator import Emulator, new_id, picture, poll, running
from kinoform.api.models import shipped_models

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


# --- fates


@pytest.mark.parametrize(("billed", "times"), [("yes", 1), ("no", 0)])
def test_moderation_at_submit_refuses_and_bills_as_its_mode_says(billed: str, times: int) -> None:
    with running(modes={"refused_billed": billed}) as server, signed_in(server) as client:
        server.faults({"point": "submit-before-billing", "fault": "moderated"})
        status, answer = ask(client, task := picture())
        assert (status, codes(answer)) == (400, ["contentPolicyViolation"])
        assert server.paid().get(task["taskUUID"], 0) == times


def test_moderation_later_makes_errors_of_all_results() -> None:
    with running() as server, signed_in(server) as client:
        server.faults({"point": "task", "fault": {"moderated": {"code": "promptBlocked"}}})
        task = picture(numberResults=2)
        assert ask(client, task)[0] == 200
        errors = ask(client, *poll(task["taskUUID"]))[1]["errors"]
        assert [(e["code"], e["status"]) for e in errors] == [("promptBlocked", "error")] * 2


def test_of_a_partial_task_only_what_came_is_billed() -> None:
    with running() as server, signed_in(server) as client:
        server.faults({"point": "task", "fault": {"partial": {"keep": 2}}})
        task = picture(numberResults=4)
        ask(client, task)
        answer = ask(client, *poll(task["taskUUID"]))[1]
        assert (len(answer["data"]), len(answer["errors"])) == (2, 2)
        assert Decimal(server.ledger()["total"]) == Decimal("0.056")


def test_a_task_can_be_late_empty_forgotten_or_told_twice() -> None:
    with running() as server, signed_in(server) as client:
        kinds = [{"delay": {"seconds": 500}}, "empty", "forget", "duplicate"]
        server.faults(
            *({"point": "task", "fault": f, "match": {"task": n + 1}} for n, f in enumerate(kinds))
        )
        late, empty, forgotten, twice = tasks = [picture() for _ in kinds]
        ask(client, *tasks)
        said = [ask(client, *poll(task["taskUUID"]))[1]["data"] for task in tasks]
        assert said[0][0]["status"] == "processing"
        assert "imageURL" not in said[1][0]
        assert said[2] == []
        assert said[3][0] == said[3][1]
        assert server.paid() == {task["taskUUID"]: 1 for task in (late, empty, forgotten, twice)}


def test_a_lost_answer_leaves_a_billed_task_behind() -> None:
    with running() as server, signed_in(server) as client:
        server.faults({"point": "submit-after-billing", "fault": "drop", "times": 1})
        task = picture()
        with pytest.raises(httpx.RemoteProtocolError):
            ask(client, task)
        assert server.paid() == {task["taskUUID"]: 1}
        assert codes(ask(client, task)[1]) == ["conflictTaskUUID"]


def test_a_drop_before_billing_leaves_nothing_behind() -> None:
    with running() as server, signed_in(server) as client:
        server.faults({"point": "submit-before-billing", "fault": "drop", "times": 1})
        task = picture()
        with pytest.raises(httpx.RemoteProtocolError):
            ask(client, task)
        assert server.paid() == {}
        assert ask(client, task)[0] == 200


# --- the rest


def test_uploads_may_stand_in_requests_by_their_id_and_their_address(client: httpx.Client) -> None:
    upload = {"taskType": "imageUpload", "taskUUID": new_id(), "image": uri(png())}
    store = {
        "taskType": "mediaStorage",
        "taskUUID": new_id(),
        "operation": "upload",
        "media": base64.b64encode(png(700, 700)).decode(),
    }
    (first,), (second,) = (ask(client, task)[1]["data"] for task in (upload, store))
    assert client.get(first["imageURL"]).content == png()
    references = [first["imageUUID"], second["mediaURL"], uri(png(320, 320))]
    assert ask(client, picture(inputs={"referenceImages": references}))[0] == 200


def test_a_large_picture_is_stored_smaller(client: httpx.Client) -> None:
    upload = {"taskType": "imageUpload", "taskUUID": new_id(), "image": uri(png(4096, 1024))}
    item = ask(client, upload)[1]["data"][0]
    with Image.open(io.BytesIO(client.get(item["imageURL"]).content)) as image:
        assert image.size == (2048, 512)


def test_media_elsewhere_are_never_fetched_and_stand_for_a_placeholder(
    client: httpx.Client,
) -> None:
    inputs = {"referenceImages": ["https://pictures.example/a.png"]}
    assert ask(client, picture(inputs=inputs))[0] == 200


def test_stored_media_can_be_deleted_by_their_owner(server: Emulator, client: httpx.Client) -> None:
    store = {
        "taskType": "mediaStorage",
        "taskUUID": new_id(),
        "operation": "upload",
        "media": uri(png()),
    }
    item = ask(client, store)[1]["data"][0]
    delete = {**store, "operation": "delete", "mediaUUID": item["mediaUUID"]}
    with signed_in(server, "other") as other:
        assert codes(ask(other, delete)[1]) == ["mediaNotFound"]
    assert ask(client, delete)[1]["data"][0]["operation"] == "delete"
    assert client.get(item["mediaURL"]).status_code == 404


@pytest.mark.parametrize("shape", ["object", "number"])
def test_the_balance_falls_with_each_bill(shape: str) -> None:
    with running(modes={"balance_shape": shape}) as server, signed_in(server) as client:
        ask(client, picture())
        task = {
            "taskType": "accountManagement",
            "taskUUID": new_id(),
            "operation": "getDetails",
        }
        balance = ask(client, task)[1]["data"][0]["balance"]
        assert (balance if shape == "number" else balance["amount"]) == 999.972


def test_a_refused_replay_hides_the_good_answer_in_the_archive() -> None:
    with running(modes={"details_known": "yes"}) as server, signed_in(server) as client:
        task = picture()
        details = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        ask(client, task)
        before = ask(client, details)[1]["data"][0]
        assert before["request"] == [task]
        assert before["response"]["data"][0]["status"] == "success"
        ask(client, task)
        after = ask(client, details)[1]["data"][0]["response"]
        assert codes(after) == ["conflictTaskUUID"]


def test_a_result_is_gone_after_its_time() -> None:
    with running() as server, signed_in(server) as client:
        task = picture(ttl=60)
        ask(client, task)
        address = ask(client, *poll(task["taskUUID"]))[1]["data"][0]["imageURL"]
        assert client.get(address).status_code == 200
        server.jump(61)
        assert client.get(address).status_code == 404
        server.modes(fresh_url="yes")
        ask(client, *poll(task["taskUUID"]))
        assert client.get(address).status_code == 200


def test_a_ping_is_answered_over_http_too(client: httpx.Client) -> None:
    data = ask(client, {"taskType": "ping", "ping": True})[1]["data"]
    assert data == [{"taskType": "ping", "pong": True}]


def test_every_request_that_our_model_files_call_good_is_taken(client: httpx.Client) -> None:
    seen = 0
    for model in shipped_models().values():
        if model.provider != "runware":
            continue
        for example in model.document["examples"]:
            task = {**example["request"], "taskUUID": new_id(), "deliveryMethod": "async"}
            status, answer = ask(client, json.loads(json.dumps(task)))
            assert status == 200, answer
            seen += 1
    assert seen > 10
