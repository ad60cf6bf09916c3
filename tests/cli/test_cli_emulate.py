"""`kinoform emulate`: where it listens, what it says first, how it ends, what it refuses."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.cli.main import run
from kinoform.core.errors import UsageError
from kinoform.emulator.fault_plan import ANSWERS, MEANT, read_plan
from kinoform.emulator.modes import MODES
from kinoform.emulator.start import Wish, chosen, made

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@contextmanager
def started(*words: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the first line that it says."""
    command = [sys.executable, "-m", "kinoform", "emulate", "--no-render", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd)
    try:
        assert process.stdout
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """End it, which is a good end; the rest of what it said."""
    process.send_signal(how)
    assert process.stdout
    rest = process.stdout.read()
    assert process.wait(PATIENCE) == 0
    return rest


def ask(url: str, body: Any = None, **headers: str) -> Any:
    """One call, with what came of it as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers)  # noqa: S310  (loopback only)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def test_it_says_first_where_it_listens_serves_both_and_ends_well(tmp_path: Path) -> None:
    with started("--json", "--port", "0", "--latency", "0", cwd=tmp_path) as (process, line):
        places = json.loads(line)
        assert set(places) == {"runware", "runware_ws", "wavespeed", "admin"}
        assert places["runware_ws"] == f"ws{places['runware'].removeprefix('http')}"
        key = {"Authorization": "Bearer anything"}
        body = {"prompt": "a brass lamp"}
        told = ask(f"{places['wavespeed']}/api/v3/kwaivgi/kling-image-o3", body, **key)
        assert told["data"]["status"] == "completed"
        ping = [{"taskType": "ping", "ping": True}]
        assert ask(places["runware"], ping, **key)["data"][0]["pong"]
        assert Decimal(ask(f"{places['admin']}/ledger")["total"]) == Decimal("0.028")
        assert ended(process, signal.SIGTERM) == ""


def test_people_get_lines_to_type_and_ctrl_c_is_a_good_end(tmp_path: Path) -> None:
    with started("--key", "k1", cwd=tmp_path) as (process, line):
        place, key = line.removeprefix("export ").split()
        assert place.startswith("KINOFORM_RUNWARE_URL=http://127.0.0.1:")
        assert key == "RUNWARE_API_KEY=k1"
        rest = ended(process, signal.SIGINT)
    assert rest.startswith("export KINOFORM_WAVESPEED_URL=http://127.0.0.1:")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--host", "0.0.0.0"], 2, "this machine only"),  # noqa: S104  (what must be refused)
        (["--host", "example.com"], 2, "this machine only"),
        (["--mode", "list_dealy=5"], 2, "did you mean list_delay?"),
        (["--mode", "list_filters=maybe"], 2, "list_filters is yes or no, not 'maybe'"),
        (["--mode", "list_delay=soon"], 2, "list_delay is a number of seconds"),
        (["--faults", "nowhere.yaml"], 2, "nowhere.yaml: No such file"),
        (["--speed", "0"], 2, "--speed"),
        (["--port", "70000"], 2, "--port"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_clear_message(
    words: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["emulate", *words], {}) == status
    assert said in capsys.readouterr().err


def test_a_faulty_plan_names_every_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("rules:\n  - {point: pol, fault: drop}\n  - {point: poll, fault: delay}\n")
    assert run(["emulate", "--faults", str(plan)], {}) == 3
    said = capsys.readouterr().err
    assert f"{plan}:2:" in said
    assert "did you mean `poll`?" in said


def test_a_port_that_is_taken_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["emulate", "--port", str(port), "--no-render"], {}) == 5
    assert f"port {port} cannot be listened on" in capsys.readouterr().err


def test_a_wish_makes_the_world(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("rules: [{point: poll, fault: drop}]")
    wish = Wish(latency=3, speed=5, seed=9, render=False, keys=["k"], modes=["list_delay=5"],
                faults=plan)  # fmt: skip
    world = made(wish)
    assert (world.latency.image, world.latency.video, world.time.speed) == (3, 3, 5)
    assert (world.seed, world.painter.render) == (9, False)
    assert world.keys == {"k"}
    assert world.mode("list_delay") == "5"
    assert len(world.faults.report()) == 1


@pytest.mark.parametrize("name", MODES)
def test_every_mode_has_its_default_among_its_answers(name: str) -> None:
    default, answers, asks = MODES[name]
    assert chosen(f"{name}={default}") == (name, default)
    assert all(chosen(f"{name}={each}") == (name, each) for each in answers)
    assert asks
    with pytest.raises(UsageError):
        chosen(f"{name}=neither")


def page() -> str:
    return (ROOT / "docs" / "how-to" / "run-against-the-emulator.md").read_text("utf-8")


def test_the_page_shows_every_mode_with_the_answer_that_is_taken() -> None:
    for name, (default, _, asks) in MODES.items():
        assert f"| `{name}` | {asks} | `{default}` |" in page()


def test_the_page_shows_every_point_with_its_faults_and_a_plan_that_is_right() -> None:
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    for point, kinds in MEANT.items():
        own = kinds - ANSWERS - {"delay", "clock"}
        assert all(f"`{kind}`" in rows[point] for kind in own), point
    assert all(f"`{kind}`" in page() for kind in ANSWERS)
    plan = page().partition("```yaml faults.yaml\n")[2].partition("```")[0]
    assert len(read_plan("faults.yaml", plan.encode()).rules) == 4
