"""A key has one holder, whom the waiters are told, and whose death frees it.

Both kinds of locks keep to the same rules: a byte of one file, and a file for each key.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kinoform.core.errors import EnvError
from kinoform.stores import ranges
from kinoform.stores.locks import FilePerKey, KeyLocks, Latches, OneFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Make = Callable[..., KeyLocks]

KEY = "ab" * 32

HOLDER = """
import subprocess, sys
from pathlib import Path
from kinoform.stores import locks
folder = Path(sys.argv[1])
kind = getattr(locks, sys.argv[2])
with locks.KeyLocks(folder, latches=kind(folder)).hold(sys.argv[3], print):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    print(child.pid, flush=True)
    input()
    child.communicate(b"\\n")
"""


class Holder:
    """Another process that holds the key, with a child of its own."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, folder, kind, KEY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.child = int(self.process.stdout.readline())

    def end(self, *, kill: bool = False) -> None:
        assert self.process.stdin
        assert self.process.stdout
        if kill:
            self.process.kill()
        else:
            self.process.stdin.write("\n")
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture(params=[OneFile, FilePerKey])
def kind(request: pytest.FixtureRequest) -> Callable[[Path], Latches]:
    if request.param is OneFile and not ranges.AVAILABLE:
        pytest.skip("no byte locks on this system")
    made: Callable[[Path], Latches] = request.param
    return made


@pytest.fixture
def make(kind: Callable[[Path], Latches], tmp_path: Path) -> Make:
    """Makes locks of this kind in one folder."""
    folder = tmp_path / "locks"
    return lambda **more: KeyLocks(folder, latches=kind(folder), **more)


@pytest.fixture
def holder(kind: type, tmp_path: Path) -> Iterator[Holder]:
    held = Holder(tmp_path / "locks", kind.__name__)
    yield held
    if held.process.poll() is None:
        held.end()


def never(said: str) -> None:
    raise AssertionError(said)


def test_a_free_key_is_held_at_once_and_again(tmp_path: Path, make: Make) -> None:
    locks = make()
    for key in (KEY, KEY, "../../odd key\n", ""):
        with locks.hold(key, never):
            pass
    assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
    assert all(file.parent == tmp_path / "locks" for file in tmp_path.rglob("*.lock"))


def test_other_keys_are_free(holder: Holder, tmp_path: Path, make: Make) -> None:
    with make().hold("cd" * 32, never):
        pass


def test_a_waiter_is_told_once_who_holds_it_and_goes_on_when_it_is_free(
    holder: Holder, tmp_path: Path, make: Make
) -> None:
    told: list[str] = []
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            holder.end()

    with make(sleep=sleep).hold(KEY, told.append):
        assert len(naps) >= 3
    (said,) = told
    assert said.startswith(f"process {holder.process.pid} on {socket.gethostname()}, since 20")


def test_the_lock_ends_with_its_process_even_if_a_child_of_it_lives_on(
    holder: Holder, tmp_path: Path, make: Make
) -> None:
    pid = holder.child
    # The child reads to the end of a pipe that only its parent held: it is kept alive by a stop.
    os.kill(pid, signal.SIGSTOP)
    holder.end(kill=True)
    try:
        with make().hold(KEY, never):
            assert Path(f"/proc/{pid}").exists()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path, make: Make) -> None:
    locks = make()
    read, write = os.pipe()
    with locks.hold(KEY, never):
        pid = os.fork()
        if not pid:
            os.close(write)
            os.read(read, 1)  # until the parent is done
            os._exit(0)
    try:
        with locks.hold(KEY, never):
            pass
    finally:
        os.close(write)
        os.close(read)
        os.waitpid(pid, 0)


def test_what_the_waiter_raises_ends_the_waiting(
    holder: Holder, tmp_path: Path, make: Make
) -> None:
    with pytest.raises(AssertionError), make().hold(KEY, never):
        pass


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\xff" * 200,
        b"|||\n",
        b"0000000000000000|7|host|2026-11-20 10:00:00\n",  # of another key in the same place
        b"abababababababab|-7|host|2026-11-20 10:00:00\n",
        b"abababababababab|7|\x1b[2J|2026-11-20 10:00:00\n",
        b"abababababababab|7|host\n",
    ],
)
def test_a_torn_or_false_note_is_not_shown(
    note: bytes, holder: Holder, tmp_path: Path, make: Make
) -> None:
    notes = tmp_path / "locks" / "holders"
    notes.write_bytes(note.rjust(notes.stat().st_size - 128 + len(note), b"\0"))
    told: list[str] = []
    locks = make(sleep=lambda _: holder.end())
    with locks.hold(KEY, told.append):
        pass
    assert told[0] == "another process"


def test_only_one_thread_at_a_time_holds_a_key(tmp_path: Path, make: Make) -> None:
    locks, inside, most = make(), [0], [0]

    def work() -> None:
        for _ in range(10):
            with locks.hold(KEY, lambda _: None):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_folder_that_cannot_be_made_is_a_clear_error(
    tmp_path: Path, kind: Callable[[Path], Latches]
) -> None:
    folder = tmp_path / "locks" / "deep"
    folder.parent.write_text("in the way")
    locks = KeyLocks(folder, latches=kind(folder))
    with pytest.raises(EnvError), locks.hold(KEY, never):
        pass


def test_two_objects_of_one_process_exclude_each_other(make: Make) -> None:
    told: list[str] = []
    with ExitStack() as first:
        first.enter_context(make().hold(KEY, never))
        second = make(sleep=lambda _: first.close())
        with second.hold(KEY, told.append):
            pass
    assert told == [f"process {os.getpid()} on {socket.gethostname()}, since {told[0][-19:]}"]


def test_another_thread_may_leave_than_the_one_that_entered(make: Make) -> None:
    locks = make()
    with ExitStack() as stack:
        stack.enter_context(locks.hold(KEY, never))
        leaver = threading.Thread(target=stack.close)
        leaver.start()
        leaver.join()
    with locks.hold(KEY, never):
        pass


MANY = """
import resource, sys
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from kinoform.stores.locks import KeyLocks
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
mine, others = KeyLocks(Path(sys.argv[1])), KeyLocks(Path(sys.argv[1]))
keys = [sha256(b"%d" % i).hexdigest() for i in range(10_000)]
class Told(Exception): pass
def tell(said):
    raise Told
with ExitStack() as stack:
    for key in keys:
        stack.enter_context(mine.hold(key, print))
    for key in keys[::50]:
        try:
            with others.hold(key, tell):
                print("both hold", key)
        except Told:
            pass
with ExitStack() as stack:
    for key in keys[::50]:
        stack.enter_context(others.hold(key, print))
"""


@pytest.mark.skipif(not ranges.AVAILABLE, reason="no byte locks on this system")
def test_ten_thousand_keys_are_held_within_a_few_descriptors(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MANY, tmp_path / "locks"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("", "")
