"""The providers' own clients against the emulator, unchanged: what they get, and how they fail.

Each lives in an environment of its own, which `make conformance` installs; without it its tests are
skipped, or fail where CONFORMANCE_TEST is `required`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from client_jobs import KEY
from PIL import Image

from emulator import running

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
SUPPORT = HERE.parent / "support"
PATIENCE = 180.0  # seconds for all jobs of one client
# The library's own settings: how long it sleeps between two polls, in milliseconds.
HURRY = {f"RUNWARE_{kind}_POLLING_DELAY": "100" for kind in ("VIDEO", "IMAGE")}


@dataclass(frozen=True)
class Client:
    """One client: its environment, the script that drives it, and further words for that."""

    name: str
    script: str
    words: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """Where it is installed."""
        return Path(sys.prefix, "conformance", self.name)

    def missing(self) -> str:
        """Why it cannot be driven; empty if it can."""
        wanted = (HERE / f"{self.name}.lock").read_bytes()
        try:
            found = (self.home / "installed.lock").read_bytes()
        except OSError:
            return f"{self.name} is not installed: `make conformance` does it"
        return "" if found == wanted else f"{self.name} is another: `make conformance` mends it"


CLIENTS = {
    "runware 0.5, socket": Client("runware", "runware_client.py"),
    "runware-sdk, rest": Client("runware-sdk", "runware_sdk_client.py", ("rest",)),
    "runware-sdk, socket": Client("runware-sdk", "runware_sdk_client.py", ("websocket",)),
    "wavespeed": Client("wavespeed", "wavespeed_client.py"),
}
RUNWARE = [name for name in CLIENTS if name != "wavespeed"]


@dataclass(frozen=True)
class Done:
    """What came of all jobs of a client; `files` is what was to be had at each address then."""

    client: Client
    outcomes: dict[str, Any]
    bills: Sequence[dict[str, Any]]
    files: dict[str, bytes]
    picture: bytes
    fired: Sequence[int]

    def result(self, job: str) -> Any:
        """What a job that went well gave."""
        assert "result" in self.outcomes[job], self.outcomes[job]
        return self.outcomes[job]["result"]

    def error(self, job: str) -> tuple[str, str]:
        """The code and the message of one that did not."""
        error = self.outcomes[job]["error"]
        return error["code"], error["message"]


def addresses(found: Any) -> list[str]:
    """Every address of a hosted file in a result, in order."""
    if isinstance(found, dict):
        return [url for each in found.values() for url in addresses(each)]
    if isinstance(found, list):
        return [url for each in found for url in addresses(each)]
    return [found] if isinstance(found, str) and found.startswith("http://") else []


def fetched(url: str) -> bytes:
    """The bytes at an address of the emulator."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return bytes(answer.read())


def driven(client: Client, folder: Path) -> Done:
    """All jobs of a client against an emulator of its own."""
    picture = folder / "teal.png"
    Image.new("RGB", (640, 480), "teal").save(picture)
    with running(speed=100, latency=2, keys=[KEY], project=HERE) as emulator:
        places = {
            "http": emulator.runware,
            "ws": emulator.socket,
            "base": emulator.base,
            "picture": str(picture),
        }
        done = subprocess.run(
            [
                client.home / "bin" / "python",
                HERE / client.script,
                json.dumps(places),
                *client.words,
            ],
            env={"PYTHONPATH": str(SUPPORT), "PATH": os.defpath, **HURRY},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        outcomes = json.loads(done.stdout.splitlines()[-1])
        files = {url: fetched(url) for url in addresses(outcomes)}
        bills, fired = emulator.ledger()["bills"], emulator.fired()
        return Done(client, outcomes, bills, files, picture.read_bytes(), fired)


@pytest.fixture(scope="module", params=CLIENTS)
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Each client after its jobs; it is driven once."""
    client = CLIENTS[request.param]
    reason = client.missing()
    if reason and os.environ.get("CONFORMANCE_TEST") == "required":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    return driven(client, tmp_path_factory.mktemp("client"))


runware_only = pytest.mark.parametrize("done", RUNWARE, indirect=True)
wavespeed_only = pytest.mark.parametrize("done", ["wavespeed"], indirect=True)


def sides(data: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return image.size


def test_a_picture_can_be_fetched_and_decoded(done: Done) -> None:
    (url,) = addresses(done.result("picture"))
    assert sides(done.files[url]) == (1024, 1024)


def test_two_results_are_two_pictures(done: Done) -> None:
    urls = addresses(done.result("pair"))
    assert len({done.files[url] for url in urls}) == len(urls) == 2


def test_an_upload_is_kept_byte_for_byte_and_can_be_referred_to(done: Done) -> None:
    kept, made = (addresses(done.result("upload")[name]) for name in ("kept", "made"))
    assert [done.files[url] for url in kept] == [done.picture]
    assert sides(done.files[made[0]])


def test_a_clip_between_two_frames_is_a_film(done: Done) -> None:
    (url,) = addresses(done.result("clip"))
    assert url.endswith(".mp4")
    assert done.files[url][4:8] == b"ftyp"


def test_nothing_was_billed_twice_and_each_at_its_price(done: Done) -> None:
    assert {bill["times"] for bill in done.bills} == {1}
    clips = [bill for bill in done.bills if "video" in bill["model"]]
    told = Counter(Decimal(bill["cost"]) for bill in clips)
    wanted = ["0.42", "0.56"] if done.client.name == "wavespeed" else ["0.42"]
    assert told == Counter(map(Decimal, wanted))


def test_a_wrong_key_is_told_as_such(done: Done) -> None:
    assert "key" in done.error("wrong_key")[1].lower()


def test_a_wrong_size_is_told_in_the_words_of_the_model_file(done: Done) -> None:
    assert "9k" in done.error("wrong_size")[1] or "1000x1000" in done.error("wrong_size")[1]


def test_a_refusal_by_moderation_reads_as_one_at_the_door_and_later(done: Done) -> None:
    for job in ("refused", "moderated"):
        code, message = done.error(job)
        assert "content filter" in message
        assert code in {"contentPolicyViolation", "safety", "None"}


def test_a_failed_task_reads_as_a_failure_of_the_provider(done: Done) -> None:
    code, message = done.error("failed")
    assert code in {"providerError", "provider", "None"}
    assert "failed" in message


@runware_only
def test_the_same_task_twice_is_a_conflict_on_the_first_attempt_of_a_client(done: Done) -> None:
    code, message = done.error("conflict")
    assert code in {"conflictTaskUUID", "validation"}
    assert "taskUUID" in message


@runware_only
def test_the_cost_that_is_told_is_that_of_the_bill(done: Done) -> None:
    bills = {bill["task"]: Decimal(bill["cost"]) for bill in done.bills}
    for job in ("picture", "pair", "clip"):
        results = done.result(job)
        told = sum((Decimal(str(each["cost"])) for each in results), Decimal(0))
        assert told == bills[results[0]["taskUUID"]]


@pytest.mark.parametrize("done", ["runware-sdk, rest"], indirect=True)
def test_too_many_requests_are_tried_again_with_the_same_task_and_billed_once(done: Done) -> None:
    assert done.fired == [1, 1, 2]
    assert addresses(done.result("clip"))


@pytest.mark.parametrize("done", ["runware-sdk, rest", "runware-sdk, socket"], indirect=True)
def test_the_account_says_what_is_left(done: Done) -> None:
    (told,) = done.result("account")
    assert 990 < told["balance"]["amount"] <= 1000


@pytest.mark.parametrize("done", ["runware 0.5, socket"], indirect=True)
def test_a_task_can_be_waited_for_later(done: Done) -> None:
    assert len(addresses(done.result("patient"))) == 2


@wavespeed_only
def test_a_synchronous_submit_ends_with_its_clip(done: Done) -> None:
    assert addresses(done.result("at_once"))


@wavespeed_only
def test_a_poll_that_fails_is_asked_again_and_a_lost_submit_is_not(done: Done) -> None:
    assert addresses(done.result("flapping"))
    assert "will not retry" in done.error("lost")[1]
    assert done.result("told")["status"] == "failed"
