"""What the emulator hosts: plain files that measure right, drafts drawn from the request, deliveries."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from emulator import Emulator, clip, new_id, picture, poll, running
from kinoform.core.types import Expect, Facts
from kinoform.emulator.render import Drawing, draw, measured, plain, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = Facts(320, 180, 0.5, 24.0, audio=False)


@pytest.fixture(scope="module")
def drawing() -> Iterator[Emulator]:
    with running(render=True) as found:
        yield found


def made(server: Emulator, *tasks: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The results of each task."""
    headers = {"Authorization": "Bearer k"}
    with httpx.Client(headers=headers, trust_env=False, timeout=60) as client:
        for task in tasks:
            answer = client.post(server.runware, json=[task])
            assert answer.status_code == 200, answer.text
        told = [client.post(server.runware, json=poll(t["taskUUID"])).json() for t in tasks]
    return [each["data"] for each in told]


def fetched(url: str) -> bytes:
    return httpx.get(url, trust_env=False, timeout=60).raise_for_status().content


# --- plain files


@pytest.mark.parametrize("media", ["video/mp4", "video/quicktime", "video/webm"])
@pytest.mark.parametrize("sound", [False, True])
def test_a_plain_clip_measures_as_expected(media: str, sound: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    expect = Expect(media, Facts(320, 180, 1.0, 24.0, audio=sound))
    data = plain(expect, new_id())
    found, facts = measured(data)
    assert found == media
    assert (facts.width, facts.height, facts.fps, facts.audio) == (320, 180, 24.0, sound)
    assert facts.seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("media", ["image/png", "image/jpeg", "image/webp"])
def test_a_plain_picture_measures_as_expected(media: str) -> None:
    data = plain(Expect(media, Facts(1360, 768)), new_id())
    assert measured(data) == (media, Facts(1360, 768))
    with Image.open(io.BytesIO(data)) as image:
        image.load()


@pytest.mark.parametrize(
    "media", ["image/png", "image/jpeg", "image/webp", "video/mp4", "video/webm"]
)
def test_no_two_plain_files_are_alike(media: str) -> None:
    expect = Expect(media, SMALL)
    assert plain(expect, new_id()) != plain(expect, new_id())
    assert plain(expect, "a" * 36) == plain(expect, "a" * 36)


def test_a_picture_is_shrunk_to_its_longest_side() -> None:
    data = plain(Expect("image/png", Facts(3000, 1500)), new_id())
    assert measured(shrunk(data, 2048))[1] == Facts(2048, 1024)


# --- drawn files


def test_one_request_drawn_under_two_ids_gives_two_pictures() -> None:
    expect = Expect("image/png", Facts(320, 180))
    one, two = (draw(Drawing(name, 0, "m", {"prompt": "a lamp"}, expect)) for name in "ab")
    assert one != two
    assert measured(one) == measured(two) == ("image/png", Facts(320, 180))


def test_results_are_drawn_when_they_are_fetched(drawing: Emulator) -> None:
    ((first, second),) = made(drawing, picture(numberResults=2))
    one, two = fetched(first["imageURL"]), fetched(second["imageURL"])
    assert measured(one) == measured(two) == ("image/jpeg", Facts(1024, 1024))
    assert one != two
    assert fetched(first["imageURL"]) == one


def test_a_clip_between_two_frames_is_drawn_from_the_frames(drawing: Emulator) -> None:
    ((still,),) = made(drawing, picture(width=1360, height=768))
    frames = [
        {"image": still["imageUUID"], "frame": "first"},
        {"image": still["imageURL"], "frame": "last"},
    ]
    task = clip(duration=3, inputs={"frameImages": frames})
    del task["width"], task["height"]
    ((film,),) = made(drawing, task)
    media, facts = measured(fetched(film["videoURL"]))
    assert media == "video/mp4"
    assert (facts.width, facts.height) == (1920, 1080)
    assert facts.seconds == pytest.approx(3, abs=0.05)


def test_a_frame_that_is_too_small_is_refused_as_the_model_file_says(drawing: Emulator) -> None:
    data = plain(Expect("image/png", Facts(200, 200)), new_id())
    upload = {"taskType": "imageUpload", "taskUUID": new_id(), "image": data_uri(data)}
    headers = {"Authorization": "Bearer k"}
    with httpx.Client(headers=headers, trust_env=False) as client:
        name = client.post(drawing.runware, json=[upload]).json()["data"][0]["imageUUID"]
        task = clip(inputs={"frameImages": [{"image": name}]})
        del task["width"], task["height"]
        answer = client.post(drawing.runware, json=[task]).json()
    assert answer["errors"][0]["parameter"] == "inputs.frameImages.0.image"
    assert "300" in answer["errors"][0]["message"]


def data_uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


# --- deliveries


class Receiver(ThreadingHTTPServer):
    """Writes down what it gets; refuses the first calls, as many as `shy` says."""

    def __init__(self, shy: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shy = shy
        self.got: deque[tuple[str, str, bytes]] = deque()
        self.heard = threading.Semaphore(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def take(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.command, self.path, body))
        refuse = len(self.server.got) <= self.server.shy
        self.send_response(503 if refuse else 200)
        self.send_header("content-length", "0")
        self.end_headers()
        if not refuse:
            self.server.heard.release()

    do_POST = do_PUT = take  # noqa: N815  (the standard library's names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the standard library's name)
        pass


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    found = Receiver(getattr(request, "param", 0))
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join(10)


@pytest.mark.parametrize("receiver", [2], indirect=True)
def test_each_result_is_told_to_its_webhook_until_that_takes_it(receiver: Receiver) -> None:
    with running(speed=100) as server:
        task = picture(numberResults=2, webhookURL=f"{receiver.url}/hook?token=t")
        items = made(server, task)[0]
        assert all(receiver.heard.acquire(timeout=20) for _ in items)
    got = [(method, path, json.loads(body)) for method, path, body in receiver.got]
    assert {(method, path) for method, path, _ in got} == {("POST", "/hook?token=t")}
    assert {body["imageUUID"] for _, _, body in got} == {item["imageUUID"] for item in items}
    assert len(got) == 4
    assert all(body["taskUUID"] == task["taskUUID"] for _, _, body in got)


def test_an_upload_endpoint_gets_the_bytes(receiver: Receiver) -> None:
    with running() as server:
        ((item,),) = made(server, picture(uploadEndpoint=f"{receiver.url}/put"))
        assert receiver.heard.acquire(timeout=20)
        assert list(receiver.got) == [("PUT", "/put", fetched(item["imageURL"]))]


def test_nobody_outside_this_machine_is_called() -> None:
    with running() as server:
        ((item,),) = made(server, picture(webhookURL="https://hooks.example/x"))
        assert item["status"] == "success"
