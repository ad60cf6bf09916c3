"""A key has one holder, whom the waiters are told, and whose death frees it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kinoform.core.errors import EnvError
from kinoform.stores.locks import KeyLocks

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "ab" * 32

HOLDER = """
import subprocess, sys
from pathlib import Path
from kinoform.stores.locks import KeyLocks
with KeyLocks(Path(sys.argv[1])).hold(sys.argv[2], print):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False)
    print(child.pid, flush=True)
    input()
    child.communicate(b"\\n")
"""


class Holder:
    """Another process that holds the key, with a child of its own."""

    def __init__(self, folder: Path, key: str = KEY) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, folder, key],
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


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Holder]:
    held = Holder(tmp_path / "locks")
    yield held
    if held.process.poll() is None:
        held.end()


def never(said: str) -> None:
    raise AssertionError(said)


def test_a_free_key_is_held_at_once_and_again(tmp_path: Path) -> None:
    locks = KeyLocks(tmp_path / "locks")
    for key in (KEY, KEY, "../../odd key\n", ""):
        with locks.hold(key, never):
            pass
    assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
    assert all(file.parent == tmp_path / "locks" for file in tmp_path.rglob("*.lock"))


def test_other_keys_are_free(holder: Holder, tmp_path: Path) -> None:
    with KeyLocks(tmp_path / "locks").hold("cd" * 32, never):
        pass


def test_a_waiter_is_told_once_who_holds_it_and_goes_on_when_it_is_free(
    holder: Holder, tmp_path: Path
) -> None:
    told: list[str] = []
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            holder.end()

    with KeyLocks(tmp_path / "locks", sleep=sleep).hold(KEY, told.append):
        assert len(naps) >= 3
    (said,) = told
    assert said.startswith(f"process {holder.process.pid} on {socket.gethostname()}, since 20")


def test_the_lock_ends_with_its_process_even_if_a_child_of_it_lives_on(
    holder: Holder, tmp_path: Path
) -> None:
    pid = holder.child
    # The child reads to the end of a pipe that only its parent held: it is kept alive by a stop.
    os.kill(pid, signal.SIGSTOP)
    holder.end(kill=True)
    try:
        with KeyLocks(tmp_path / "locks").hold(KEY, never):
            assert Path(f"/proc/{pid}").exists()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    locks = KeyLocks(tmp_path / "locks")
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


def test_what_the_waiter_raises_ends_the_waiting(holder: Holder, tmp_path: Path) -> None:
    with pytest.raises(AssertionError), KeyLocks(tmp_path / "locks").hold(KEY, never):
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
def test_a_torn_or_false_note_is_not_shown(note: bytes, holder: Holder, tmp_path: Path) -> None:
    notes = tmp_path / "locks" / "holders"
    notes.write_bytes(note.rjust(notes.stat().st_size - 128 + len(note), b"\0"))
    told: list[str] = []
    locks = KeyLocks(tmp_path / "locks", sleep=lambda _: holder.end())
    with locks.hold(KEY, told.append):
        pass
    assert told[0] == "another process"


def test_only_one_thread_at_a_time_holds_a_key(tmp_path: Path) -> None:
    locks, inside, most = KeyLocks(tmp_path / "locks"), [0], [0]

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


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("in the way")
    with pytest.raises(EnvError), KeyLocks(tmp_path / "locks" / "deep").hold(KEY, never):
        pass
