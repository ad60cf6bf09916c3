"""The warm server of `stable`: everything that a run loads is loaded, and each order forks one off.

Reads orders and writes what came of them, a line of JSON each.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hurried import hurried

from kinoform.__main__ import INTERRUPTED
from kinoform.api.models import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

_LATE = (
    "httpx",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "kinoform.ops.resize",
    "kinoform.ops.verify",
    "kinoform.providers.runware",
    "kinoform.providers.wavespeed",
)


def _ran(order: Mapping[str, Any]) -> None:
    """In the child: become the leader of a group, speak into the file, run, end."""
    with suppress(OSError):  # the server was faster
        os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, said, said)):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(order["environ"])
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        status = hurried(order["words"])
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BaseException:  # noqa: BLE001  (whatever it is, a test looks for it in the output)
        sys.excepthook(*sys.exc_info())
        status = 70
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _tell(told: Mapping[str, int]) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


def _serve() -> None:
    """One thread only: what is forked off while another one holds a lock never gets it."""
    for name in _LATE:
        import_module(name)
    catalog()
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    rest = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap()
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                _begin(json.loads(line))


def _begin(order: Mapping[str, Any]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # till the child can answer it
    pid = os.fork()
    if not pid:
        signal.set_wakeup_fd(-1)
        _ran(order)
    with suppress(OSError):  # it was faster
        os.setpgid(pid, pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _tell({"began": pid})


def _reap() -> None:
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            _tell({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


if __name__ == "__main__":
    _serve()
