"""Runs of the program whose system calls are numbered and struck by number, with strace.

One thread does all the work there, so that the n-th call of a kind is the same one each time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from hurried import INLINE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crash_course import Course

STRACE = shutil.which("strace") or ""
# What makes bytes last, gives files their names, or speaks to somebody.
DURABLE = (
    "fdatasync", "fsync", "rename", "renameat", "renameat2", "link", "linkat", "unlink",
    "ftruncate", "connect", "sendto", "sendmsg", "write", "writev",
)  # fmt: skip
_CALL = re.compile(r"(?:\d+ +)?(\w+)\(")
_LIMIT = 120.0  # real seconds for one run


def traced(course: Course, *options: str) -> subprocess.CompletedProcess[str]:
    """One run of a project below strace; its outputs go where those of its other runs go."""
    argv = [STRACE, "-f", *options, sys.executable, "-m", "hurried", *course.words]
    more = {INLINE: "1", "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        argv,
        env={**course.environ, **more},
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    with course.said.open("a", encoding="utf-8") as said:
        said.write(ran.stdout + ran.stderr)
    return ran


def counted(course: Course, log: Path, calls: Sequence[str] = DURABLE) -> Counter[str]:
    """How often a whole run makes each of these calls."""
    ran = traced(course, "-o", str(log), "-e", f"trace={','.join(calls)}")
    assert ran.returncode == 0, course.talk()
    found = map(_CALL.match, log.read_text(encoding="utf-8", errors="replace").splitlines())
    return Counter(match[1] for match in found if match)


def struck(course: Course, call: str, how: str) -> int:
    """The exit status of a run in which a call goes wrong, as in `signal=SIGKILL:when=3`."""
    quiet = ("-o", "/dev/null", "-e", f"trace={call}")
    return traced(course, *quiet, "-e", f"inject={call}:{how}").returncode
