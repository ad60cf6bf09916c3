"""WaveSpeed's other calls on loopback: list, uploads, catalogue, quotes, limits, webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from wavespeed_calls import IMAGE, ask, get, put, receiver, state, submit

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


def test_the_list_hides_a_new_task_and_ignores_filters_unless_told_otherwise(
    fresh: Emulator,
) -> None:
    first = submit(fresh)
    fresh.jump(20)
    second = submit(fresh)
    seen: list[list[str]] = []
    for seconds in (0, 11, 20):
        fresh.jump(seconds)
        found = ask(fresh, "predictions", {"model": "another", "status": "failed"}).data
        seen.append([item["id"] for item in found["items"]])
    assert seen == [[], [first], [second, first]]
    assert "total" not in found
    assert not {"input", "has_nsfw_contents"} & set(found["items"][0])


def test_the_other_answers_about_the_list_can_be_chosen(fresh: Emulator) -> None:
    fresh.modes(list_delay="0", list_filters="yes", list_total="yes", input_echoed="yes")
    early = submit(fresh)
    fresh.jump(60)
    middle = datetime.fromisoformat(state(fresh, early)["created_at"]).timestamp() + 30
    late = submit(fresh)
    moment = datetime.fromtimestamp(middle, UTC).isoformat()

    def ids(**wanted: str) -> list[str]:
        return [item["id"] for item in ask(fresh, "predictions", wanted).data["items"]]

    assert ids() == [late, early]
    assert ids(created_after=moment) == [late]
    assert ids(created_before=moment) == [early]
    assert ids(status="completed") == [early]
    assert ids(model="another") == []
    found = ask(fresh, "predictions", {"page": 2, "page_size": 1}).data
    assert (found["page"], found["total"], found["items"][0]["id"]) == (2, 2, early)
    assert found["items"][0]["input"] == {"prompt": "a brass lamp"}


@pytest.mark.parametrize("body", [{"page_size": 101}, {"page_size": 0}, {"page": 0}, {"page": "x"}])
def test_a_page_is_at_most_a_hundred(service: Emulator, body: dict[str, Any]) -> None:
    assert ask(service, "predictions", body).status == 400


def test_a_ticket_says_where_to_put_the_bytes_and_where_they_are_then(service: Emulator) -> None:
    data = _png(service)
    asked = {"filename": "lamp.png", "size": len(data), "content_type": "image/png"}
    ticket = ask(service, "media/uploads", asked).data
    place = ticket["upload"]
    assert place["method"] == "PUT"
    assert get(ticket["download_url"]).status == 404
    assert put(place, data).status == 200
    assert get(ticket["download_url"]).body == data
    assert submit(service, images=[ticket["download_url"]])


def test_bytes_that_were_not_announced_are_refused(service: Emulator) -> None:
    ticket = ask(service, "media/uploads", {"filename": "a.png", "size": 5}).data
    assert put(ticket["upload"], b"four").status == 400
    assert ask(service, "media/uploads", {"filename": "a.png", "size": 0}).status == 400


def test_the_older_upload_takes_a_form(service: Emulator) -> None:
    data, edge = _png(service), "edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
    told = ask(
        service, "media/upload/binary", body, Content_Type=f"multipart/form-data; boundary={edge}"
    ).data
    assert (told["type"], told["filename"], told["size"]) == ("image", "a.png", len(data))
    assert get(told["download_url"]).body == data


def _png(service: Emulator) -> bytes:
    (url,) = state(service, submit(service))["outputs"]
    return bytes(get(url).body)


def test_the_catalogue_has_each_model_with_the_schema_of_its_request(service: Emulator) -> None:
    rows = {row["model_id"]: row for row in ask(service, "models").data}
    (run,) = rows[IMAGE]["api_schema"]["api_schemas"]
    assert (run["type"], run["api_path"]) == ("model_run", f"/api/v3/{IMAGE}")
    assert run["request_schema"]["required"] == ["prompt"]
    assert run["request_schema"]["x-order-properties"][0] == "prompt"
    assert rows[IMAGE]["base_price"] == 0.028


def test_a_quote_is_what_the_task_will_cost(service: Emulator) -> None:
    asked = {"model_id": IMAGE, "inputs": {"prompt": "a lamp", "resolution": "4k", "num_images": 2}}
    old, new = (ask(service, f"model/{name}", asked).data for name in ("pricing", "price"))
    assert old == {"model_id": IMAGE, "unit_price": 0.112, "currency": "USD"}
    assert (new["price"], new["discounted_price"]) == (0.112, 0.112)
    assert ask(service, "model/price", {"model_id": IMAGE, "inputs": {}}).status == 400
    assert ask(service, "model/price", {"model_id": "x"}).status == 404


def test_a_tier_refuses_the_third_task_of_a_minute_and_lets_it_wait_otherwise(
    fresh: Emulator,
) -> None:
    fresh.modes(tier="bronze")
    first = [submit(fresh), submit(fresh)]
    assert ask(fresh, IMAGE, {"prompt": "x"}).status == 429
    assert len(fresh.tasks()) == 2
    fresh.jump(10)
    assert [state(fresh, task)["status"] for task in first] == ["completed"] * 2


def test_beyond_what_runs_at_once_a_task_begins_later() -> None:
    with running(latency=100, speed=1e-6, modes={"tier": "bronze"}) as emulator:
        for _ in range(2):
            submit(emulator)
        emulator.jump(61)
        third = submit(emulator)
        ready = {each["id"]: each["ready"] - each["created"] for each in emulator.tasks()}
        assert ready[third] == pytest.approx(139, abs=1)


def test_a_webhook_is_called_on_this_machine_with_a_signature_that_holds() -> None:
    with receiver() as (url, taken), running(latency=2, speed=100) as emulator:
        path = f"{IMAGE}?webhook={url}"
        task = ask(emulator, path, {"prompt": "x"}).data["id"]
        secret = ask(emulator, "webhook/secret").data["secret"]
        headers, body = taken.wait()
    stamp, name = headers["webhook-timestamp"], headers["webhook-id"]
    assert secret.startswith("whsec_")
    signed = f"{name}.{stamp}.".encode() + body
    digest = hmac.new(secret.removeprefix("whsec_").encode(), signed, hashlib.sha256).hexdigest()
    assert headers["webhook-signature"] == f"v3,{digest}"
    told = json.loads(body)
    assert (told["id"], told["status"], told["input"]) == (task, "completed", {"prompt": "x"})


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "http://example.com/x", "http://10.0.0.1/", "file:///etc", "x"]
)
def test_no_other_machine_is_called(service: Emulator, url: str) -> None:
    before = len(service.tasks())
    assert ask(service, f"{IMAGE}?webhook={url}", {"prompt": "x"}).status == 400
    assert len(service.tasks()) == before
