"""What a kill, a full disk and a read-only disk leave behind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.testing.ledger_suite import make_event

HERE = Path(__file__).parent


def crash(how: str, root: Path) -> str:
    command = [sys.executable, str(HERE / "crashing.py"), how, str(root)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def recorded(root: Path) -> int:
    """How many results there are, once every object and every record has been looked at."""
    store = LocalStore(root / "store")
    for folder in (root / "store" / "objects").glob("*"):
        for file in folder.iterdir():
            store.path(f"sha256:{folder.name}{file.name}")  # raises Absent unless whole
    with SqliteLedger(root / "ledger.sqlite", read_only=True) as ledger:
        results = ledger.results([event.key for event in ledger.events()])
    for result in results.values():
        assert store.path(result.outputs[0].digest).stat().st_size == result.outputs[0].size
    return len(results)


def goes_on(root: Path) -> bool:
    """Whether the next writer finds all in order, and clears what the dead one left."""
    with SqliteLedger(root / "ledger.sqlite") as ledger:
        ledger.append([make_event("run-ended")])
        whole = ledger.rebuild()
    LocalStore(root / "store").scratch().rmdir()
    left = [*(root / "store" / "tmp").iterdir(), *(root / "store" / "quarantine").iterdir()]
    return whole and not left


def test_a_kill_at_any_line_leaves_only_whole_objects_and_records(tmp_path: Path) -> None:
    points = int(crash("lines", tmp_path))
    assert points > 100
    found = [recorded(tmp_path / str(point)) for point in range(1, points + 1)]
    assert found == sorted(found)
    assert {found[0], found[-1]} == {0, 2}
    assert all(goes_on(tmp_path / str(point)) for point in range(1, points, 10))


def test_kills_at_random_times_leave_only_whole_objects_and_records(tmp_path: Path) -> None:
    crash("times", tmp_path)
    assert recorded(tmp_path) > 0
    assert goes_on(tmp_path)


SMALL_DISK = """
set -e
mount -t tmpfs -o size=3m,mode=700 tmpfs "$1"
exec "$2" -c "$3" "$1"
"""

FULL = """
import sys
from pathlib import Path
from kinoform.core.errors import EnvError
from kinoform.stores.index import DiskIndex
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.testing.ledger_suite import make_key, make_result, result_event

def fill(step):
    for i in range(100_000):
        try:
            step(i)
        except EnvError as error:
            (problem,) = error.problems
            assert problem.code == "disk-full", problem
            assert problem.path.startswith(sys.argv[1]), problem
            return i, problem

root = Path(sys.argv[1])
pad = root / "pad"
pad.write_bytes(bytes(1_000_000))
store = LocalStore(root / "store")
ledger = SqliteLedger(root / "ledger.sqlite")
ledger.append([result_event(make_result("first"))])
index = DiskIndex(root / "index")
index.put({"a": "1"})

count, problem = fill(lambda i: store.add_bytes(b"%d" % i * 30_000, durable=i % 2 == 0))
assert "bytes are needed" in problem.message, problem
assert list((root / "store" / "tmp").iterdir()) == []
made = list((root / "store" / "objects").glob("*/*"))
assert len(made) == count, (len(made), count)
for file in made:
    store.path(f"sha256:{file.parent.name}{file.name}")

index.put({f"key {i}": "x" * 9_000 for i in range(500)})
done, problem = fill(lambda i: ledger.append([result_event(make_result(i, tool="x" * 9_000))]))
assert len(list(ledger.events())) == 1 + done
assert ledger.results([make_key(i) for i in range(done + 1)]).keys() == {make_key(i) for i in range(done)}

pad.unlink()
store.add_bytes(b"after" * 9_000, durable=True)
with SqliteLedger(root / "ledger.sqlite") as again:
    again.append([result_event(make_result("after"))])
    assert again.rebuild()
print("ok")
"""

CLOSED = """
import subprocess, sys
from pathlib import Path
from kinoform.core.errors import EnvError
from kinoform.stores.index import DiskIndex
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.stores.locks import KeyLocks
from kinoform.testing.ledger_suite import make_event, make_key, make_result, result_event

root = Path(sys.argv[1])
digest = LocalStore(root / "store").add_bytes(b"kept", durable=True)
with SqliteLedger(root / "ledger.sqlite") as ledger:
    ledger.append([result_event(make_result("kept"))])
subprocess.run(["mount", "-o", "remount,ro", root], check=True)

def code(work):
    try:
        work()
    except EnvError as error:
        return error.problems[0].code

def record():
    SqliteLedger(root / "ledger.sqlite").append([make_event("started")])

def hold():
    with KeyLocks(root / "locks").hold("a", print):
        pass

assert LocalStore(root / "store").path(digest).read_bytes() == b"kept"
assert LocalStore(root / "store").has([digest]) == {digest}
assert code(lambda: LocalStore(root / "store").add_bytes(b"more", durable=False)) == "disk-read-only"
assert code(lambda: LocalStore(root / "new").add_bytes(b"more", durable=False)) == "disk-read-only"
assert code(record) in {"disk-read-only", "ledger-read-only"}, code(record)
assert code(lambda: SqliteLedger(root / "new" / "ledger.sqlite")) == "disk-read-only"
assert code(hold) == "disk-read-only", code(hold)
with SqliteLedger(root / "ledger.sqlite", read_only=True) as ledger:
    assert ledger.results([make_key("kept")])
index = DiskIndex(root / "index")
index.put({"a": "1"})
assert index.get("a") is None
print("ok")
"""


def unshare() -> list[str] | None:
    """The command that gives a private mount table without being root, where the system allows it."""
    command = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which(command[0]):
        return None
    probe = [*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    done = subprocess.run(probe, capture_output=True, check=False)
    return command if done.returncode == 0 else None


@pytest.mark.parametrize("program", [FULL, CLOSED], ids=["full", "read-only"])
def test_a_disk_that_refuses_is_told_clearly_and_breaks_nothing(
    program: str, tmp_path: Path
) -> None:
    prefix = unshare()
    if prefix is None:
        pytest.skip("no private mounts here: `unshare --map-root-user --mount` is refused")
    command = [*prefix, "sh", "-c", SMALL_DISK, "sh", str(tmp_path), sys.executable, program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("ok\n", "")


DURABLE = """
import sys
from pathlib import Path
from kinoform.stores.localdir import LocalStore
store = LocalStore(Path(sys.argv[1]))
store.add_bytes(b"twice", durable=False)
for durable, data in ((False, b"local"), (True, b"paid"), (True, b"twice")):
    print(data.decode(), flush=True)
    store.add_bytes(data, durable=durable)
"""
CALL = re.compile(r"(write|fsync|link|linkat)\((.*)\) += 0|write\(1<.*?>, \"(\w+)")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_paid_bytes_are_synced_before_they_get_their_name_and_local_ones_are_not(
    tmp_path: Path,
) -> None:
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=write,fsync,link,linkat"]
    done = subprocess.run(
        [*command, sys.executable, "-c", DURABLE, str(tmp_path / "store")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"strace is refused here: {done.stderr[:80]}")
    calls: dict[str, list[str]] = {}
    for found in CALL.finditer(trace.read_text()):
        if found[3]:
            calls[found[3]] = []
        elif calls:
            place = "tmp" if "/store/tmp/" in found[2] else "folder"
            calls[list(calls)[-1]].append("link" if "link" in found[1] else f"sync {place}")
    assert calls["local"] == ["link"]
    assert calls["paid"][-3:] == ["sync tmp", "link", "sync folder"]
    assert set(calls["paid"][:-3]) == {"sync folder"}  # of the store itself, the first time
    assert set(calls["twice"]) == {"sync folder"}


BROKEN = """
import sys
from pathlib import Path
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.testing.check import refusal
from kinoform.testing.ledger_suite import make_event

root = Path(sys.argv[1])
ledger = SqliteLedger(root / "ledger.sqlite")
print(refusal(lambda: ledger.append([make_event("intent")])).code)
print(refusal(lambda: ledger.append([make_event("started")])).code)
store = LocalStore(root / "store")
store.add_bytes(b"local", durable=False)
print(refusal(lambda: store.add_bytes(b"paid", durable=True)).code)
print(len(list((root / "store" / "objects").glob("*/*"))))
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_after_a_failed_sync_nothing_is_recorded_or_believed(tmp_path: Path) -> None:
    with SqliteLedger(tmp_path / "ledger.sqlite") as ledger:
        ledger.append([make_event("started")])
    inject = "inject=fsync,fdatasync:error=EIO"
    command = ["strace", "-f", "-o", str(tmp_path / "trace"), "-e", inject, sys.executable]
    done = subprocess.run(
        [*command, "-c", BROKEN, str(tmp_path)], capture_output=True, text=True, check=False
    )
    if "strace:" in done.stderr:
        pytest.skip(f"strace is refused here: {done.stderr[:80]}")
    assert done.stderr == ""
    assert done.stdout.split() == ["disk-failed", "ledger-stopped", "disk-failed", "1"]


ONCE = """
import sys
from pathlib import Path
from kinoform.core.errors import EnvError
from kinoform.stores.localdir import LocalStore

store = LocalStore(Path(sys.argv[1]))
made = store.scratch() / "clip"
made.write_bytes(bytes(200_000))
try:
    digest = store.add(made, durable=True)
    print("ok")
except EnvError as error:
    print(error.problems[0].code)
    for file in Path(sys.argv[1], "objects").glob("*/*"):
        store.path(f"sha256:{file.parent.name}{file.name}")  # raises Absent unless whole
    if made.exists():
        digest = store.add(made, durable=True)
    else:
        digest = store.add_bytes(bytes(200_000), durable=True)
assert store.path(digest).stat().st_size == 200_000
made.parent.rmdir()
assert list(Path(sys.argv[1], "tmp").iterdir()) == []
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("call", ["fsync", "link,linkat", "chmod,fchmodat", "unlink,unlinkat"])
@pytest.mark.parametrize(("fault", "code"), [("EIO", "disk-failed"), ("ENOSPC", "disk-full")])
def test_a_fault_at_any_call_leaves_no_half_object_and_the_file_for_another_try(
    call: str, fault: str, code: str, tmp_path: Path
) -> None:
    told = []
    for number in range(1, 20):
        root = tmp_path / str(number)
        inject = f"inject={call}:error={fault}:when={number}"
        command = ["strace", "-f", "-o", str(tmp_path / "trace"), "-e", inject]
        done = subprocess.run(
            [*command, sys.executable, "-c", ONCE, str(root)],
            capture_output=True,
            text=True,
            check=False,
        )
        if "strace:" in done.stderr:
            pytest.skip(f"strace is refused here: {done.stderr[:80]}")
        assert done.stderr == ""
        told.append(done.stdout.strip())
        if "INJECTED" not in (tmp_path / "trace").read_text():
            break
    assert set(told[:-1]) == {code}
    assert told[-1] == "ok"


LINKLESS = """
import sys
from pathlib import Path
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.testing.ledger_suite import make_event

root = Path(sys.argv[1])
store = LocalStore(root / "store")
made = store.scratch() / "clip"
made.write_bytes(b"clip")
digest = store.add(made, durable=True)
assert store.add_bytes(b"clip", durable=True) == digest
assert not made.exists()
assert store.path(digest).stat().st_mode & 0o777 == 0o444
made.parent.rmdir()
assert list((root / "store" / "tmp").iterdir()) == []
for _ in range(2):
    with SqliteLedger(root / "ledger.sqlite") as ledger:
        ledger.append([make_event("started")])
assert len(list(SqliteLedger(root / "ledger.sqlite").events())) == 2
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("fault", ["error=EPERM", "error=EXDEV:when=1"], ids=["none", "other-disk"])
def test_a_file_system_without_links_is_good_enough(fault: str, tmp_path: Path) -> None:
    command = ["strace", "-f", "-o", str(tmp_path / "trace"), "-e", f"inject=link,linkat:{fault}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", LINKLESS, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "strace:" in done.stderr:
        pytest.skip(f"strace is refused here: {done.stderr[:80]}")
    assert done.stderr == ""
    assert "INJECTED" in (tmp_path / "trace").read_text()
