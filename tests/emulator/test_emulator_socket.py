"""Runware's websocket on loopback: signing in, answers by frame, resuming, idling, planned faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from emulator import Emulator, new_id, picture, poll, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with running() as found:
        yield found


def dial(server: Emulator) -> ClientConnection:
    return connect(server.socket, proxy=None, open_timeout=20, close_timeout=1)


def say(socket: ClientConnection, *tasks: Any) -> None:
    socket.send(json.dumps(list(tasks)))


def hear(socket: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(socket.recv(timeout=20))
    return found


def sign_in(socket: ClientConnection, key: str = "k", session: str = "") -> str:
    more = {"connectionSessionUUID": session} if session else {}
    say(socket, {"taskType": "authentication", "apiKey": key, **more})
    (item,) = hear(socket)["data"]
    return str(item["connectionSessionUUID"])


def test_the_first_frame_signs_in(server: Emulator) -> None:
    with dial(server) as socket:
        assert sign_in(socket)
        say(socket, {"taskType": "ping", "ping": True})
        assert hear(socket) == {"data": [{"taskType": "ping", "pong": True}]}


def test_a_bad_key_is_told_in_a_frame() -> None:
    with running(keys=["good"]) as server, dial(server) as socket:
        say(socket, {"taskType": "authentication", "apiKey": "bad"})
        (error,) = hear(socket)["errors"]
        assert (error["code"], error["parameter"]) == ("invalidApiKey", "apiKey")


def test_nothing_is_done_before_the_sign_in(server: Emulator) -> None:
    with dial(server) as socket:
        task = picture()
        say(socket, task)
        assert hear(socket)["errors"][0]["code"] == "missingApiKey"
        assert task["taskUUID"] not in server.paid()


def test_each_task_of_a_frame_is_answered_by_a_frame(server: Emulator) -> None:
    with dial(server) as socket:
        sign_in(socket)
        good, bad = picture(), picture(width=3)
        say(socket, bad, good)
        first, second = hear(socket), hear(socket)
        assert first["errors"][0]["taskUUID"] == bad["taskUUID"]
        assert second == {"data": [{"taskType": "imageInference", "taskUUID": good["taskUUID"]}]}
        say(socket, *poll(good["taskUUID"]))
        assert hear(socket)["data"][0]["status"] == "success"


def test_results_of_a_synchronous_task_come_one_by_one(server: Emulator) -> None:
    with dial(server) as socket:
        sign_in(socket)
        say(socket, picture(deliveryMethod="sync", numberResults=3))
        frames = [hear(socket) for _ in range(3)]
        assert len({frame["data"][0]["imageUUID"] for frame in frames}) == 3


def test_a_slow_task_keeps_no_other_frame_waiting() -> None:
    with running(latency=600) as server, dial(server) as socket:
        sign_in(socket)
        say(socket, picture(deliveryMethod="sync"))
        say(socket, {"taskType": "ping", "ping": True})
        assert hear(socket)["data"][0]["pong"] is True


def test_what_could_not_be_delivered_is_told_when_the_session_is_resumed() -> None:
    with running(latency=60) as server:
        task = picture(deliveryMethod="sync")
        with dial(server) as socket:
            session = sign_in(socket)
            say(socket, task, {"taskType": "ping", "ping": True})
            hear(socket)
        server.jump(60)
        with dial(server) as socket:
            assert sign_in(socket, session=session) == session
            assert hear(socket)["data"][0]["taskUUID"] == task["taskUUID"]


def test_what_was_not_fetched_in_time_is_forgotten() -> None:
    with running(latency=60) as server:
        with dial(server) as socket:
            session = sign_in(socket)
            say(socket, picture(deliveryMethod="sync"), {"taskType": "ping", "ping": True})
            hear(socket)
        server.jump(60)
        server.tasks()
        server.jump(121)
        with dial(server) as socket:
            sign_in(socket, session=session)
            say(socket, {"taskType": "ping", "ping": True})
            assert "pong" in hear(socket)["data"][0]


def test_a_session_belongs_to_its_key(server: Emulator) -> None:
    with dial(server) as socket:
        session = sign_in(socket, "one")
    with dial(server) as socket:
        assert sign_in(socket, "two", session) != session


def test_an_idle_socket_is_closed_after_two_minutes() -> None:
    with running() as server, dial(server) as socket:
        sign_in(socket)
        server.jump(119)
        say(socket, {"taskType": "ping", "ping": True})
        hear(socket)
        server.jump(119)
        say(socket, {"taskType": "ping", "ping": True})
        hear(socket)
        server.jump(121)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)


def test_a_planned_drop_closes_the_socket_after_billing() -> None:
    with running() as server, dial(server) as socket:
        sign_in(socket)
        server.faults({"point": "submit-after-billing", "fault": "drop", "times": 1})
        task = picture()
        say(socket, task)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)
        assert server.paid() == {task["taskUUID"]: 1}


def test_a_planned_status_is_told_in_a_frame_or_at_the_door() -> None:
    error = {"errors": [{"code": "rateLimitExceeded", "message": "later"}]}
    fault = {"status": {"status": 429, "body": error}}
    with running() as server:
        with dial(server) as socket:
            sign_in(socket)
            server.faults({"point": "poll", "fault": fault})
            say(socket, *poll(new_id()))
            assert hear(socket) == error
        server.faults({"point": "connect", "fault": fault, "times": 1})
        with pytest.raises(InvalidStatus, match="429"):
            dial(server)


def test_a_planned_drop_at_the_door_gives_no_handshake() -> None:
    with running() as server:
        server.faults({"point": "connect", "fault": "drop", "times": 1})
        with pytest.raises(InvalidMessage):
            dial(server)
        with dial(server) as socket:
            sign_in(socket)


def test_half_a_frame_can_be_planned() -> None:
    with running() as server, dial(server) as socket:
        sign_in(socket)
        server.faults({"point": "poll", "fault": "truncate", "times": 1})
        say(socket, *poll(new_id()))
        with pytest.raises(ValueError, match="char"):
            hear(socket)


@pytest.mark.parametrize("text", ["{", "{}", "7", "[]"])
def test_a_frame_that_is_no_array_of_tasks_is_refused(server: Emulator, text: str) -> None:
    with dial(server) as socket:
        sign_in(socket)
        socket.send(text)
        assert hear(socket)["errors"][0]["code"] == "invalidJson"
