"""A thousand hosted tasks of two seconds each, and ten thousand, beside a client with nothing around it.

The whole program against an emulator in another process that draws nothing; the bare client makes
the same requests (arrays of 50, the same polls, as many downloads to files) to the same emulator, in
turns, and so does one that keeps what it buys safe, and does nothing else. Ten thousand are for what they take: memory and descriptors of the run's own process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import bare_client
import safe_client
from races import Record, Row, tell

from emulator import launched
from kinoform.stores.ledger import SqliteLedger

if TYPE_CHECKING:
    from emulator import Launched

LATENCY, TURNS = 2, 3
PIPELINE = """\
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    with: {prompt: "Frame {{ shot.key }}", size: "1K 16:9"}
"""


@dataclass(frozen=True, slots=True)
class Used:
    """Wall seconds; and of the process itself: peak MB, most open descriptors at any look."""

    seconds: float
    memory: float = 0.0
    descriptors: int = 0


def _watched(argv: list[str], environ: dict[str, str]) -> Used:
    memory, descriptors, started = 0.0, 0, time.perf_counter()
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, env=environ, stdout=quiet, stderr=quiet) as process:
        place = Path(f"/proc/{process.pid}")
        while process.poll() is None:
            with suppress(FileNotFoundError, ProcessLookupError):
                descriptors = max(descriptors, len(list((place / "fd").iterdir())))
                peak = (place / "status").read_text().partition("VmHWM:")[2].split()
                memory = max(memory, int(peak[0]) / 1024 if peak else 0)
            time.sleep(0.05)
    assert process.returncode == 0
    return Used(time.perf_counter() - started, memory, descriptors)


def _run(count: int, emulator: Launched, folder: Path) -> Used:
    """`kinoform run` of so many pictures, all of them new."""
    folder.mkdir()
    shots = "".join(f"  s{number:05}: {{}}\n" for number in range(count))
    (folder / "pipeline.yaml").write_text(f"kinoform: 1\nname: many\nshots:\n{shots}{PIPELINE}")
    limits = f"{{at_once: {count}, per_model: {count}}}"
    (folder / "config.yaml").write_text(f"providers: {{runware: {limits}}}\n")
    environ = {
        **os.environ,
        "CI": "1",
        "KINOFORM_HOME": str(folder / "home"),
        "KINOFORM_CONFIG": str(folder / "config.yaml"),
        "KINOFORM_RUNWARE_URL": emulator.runware,
        "RUNWARE_API_KEY": f"key-of-{folder.name}",
    }
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each run compiles the program anew
    words = ["run", str(folder), "--max-cost", "1000"]
    used = _watched([sys.executable, "-m", "kinoform", *words], environ)
    with SqliteLedger(folder / "home" / "ledger.sqlite", read_only=True) as ledger:
        assert sum(task.state == "done" for task in ledger.tasks()) == count
    assert len(list((folder / "out" / "still").iterdir())) == count
    return used


def _client(program: str, count: int, emulator: Launched, folder: Path) -> Used:
    folder.mkdir()
    words = [emulator.runware, str(count), str(folder), f"key-of-{folder.name}"]
    return _watched([sys.executable, program, *words], dict(os.environ))


def _bare(count: int, emulator: Launched, folder: Path) -> Used:
    used = _client(bare_client.__file__, count, emulator, folder)
    assert len(list(folder.iterdir())) == count
    return used


def _safe(count: int, emulator: Launched, folder: Path) -> Used:
    used = _client(safe_client.__file__, count, emulator, folder)
    assert len(list((folder / "out").iterdir())) == count
    return used


def _load() -> str:
    return f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def test_a_thousand_tasks_beside_a_bare_client(tmp_path: Path, record_property: Record) -> None:
    with launched("--latency", str(LATENCY)) as emulator:
        turns = [
            (
                _run(1_000, emulator, tmp_path / f"run{turn}").seconds,
                _bare(1_000, emulator, tmp_path / f"bare{turn}").seconds,
                _safe(1_000, emulator, tmp_path / f"safe{turn}").seconds,
            )
            for turn in range(TURNS)
        ]
    ours, bare, safe = zip(*turns, strict=True)
    print(f"\n  1,000 tasks of {LATENCY} s each; {_load()}")
    print(f"  kinoform run  {median(ours):6.2f} s (best {min(ours):.2f} s)")
    print(f"  bare client   {median(bare):6.2f} s (best {min(bare):.2f} s)")
    print(f"  a safe one    {median(safe):6.2f} s (best {min(safe):.2f} s)")
    ratio = median(run / each for run, each, _ in turns)
    print(f"  kinoform takes {ratio:.2f} x the time")
    what = f"1,000 tasks of {LATENCY} s each"
    tell(record_property, Row("g", what, median(ours), median(bare), "bare client", goal=1.15))
    least = "of that requests, syncs, pictures and records alone"
    tell(record_property, Row("g", least, median(safe), median(bare), "bare client"))


def test_what_ten_thousand_tasks_take(tmp_path: Path) -> None:
    with launched("--latency", str(LATENCY)) as emulator:
        used = _run(10_000, emulator, tmp_path / "run")
    print(f"\n  10,000 tasks of {LATENCY} s each at once; {_load()}")
    print(f"  all done in {used.seconds:.1f} s, {used.descriptors} descriptors open at the most")
    print(f"  {used.memory:.0f} MB at the peak")
