"""Runs whose home lies on disks of every size, until they are full; then there is room again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from crash_course import Course, in_step
from figures import NAME, limited

from emulator import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from hurried import Clock

    from emulator import Launched

SIZES = [4, *range(40, 1_240, 40)]  # KB
# A disk of our own, in a namespace that ends with the command: what it held is copied out.
SCRIPT = """\
mount -t tmpfs -o size=$1k,mode=700 tmpfs "$KINOFORM_HOME" || exit 77
shift
"$@"; echo "ended with $?"
mount -o remount,size=64m "$KINOFORM_HOME" || exit 78
"$@"; last=$?
cp -r "$KINOFORM_HOME" "$KINOFORM_HOME.kept"
exit $last
"""


UNSHARE = shutil.which("unshare") or ""


def _is_allowed() -> bool:
    argv = [UNSHARE, "-rm", "true"]
    return bool(UNSHARE) and not subprocess.run(argv, check=False).returncode


def _course(folder: Path, levers: Launched, clock: Clock, size: int) -> tuple[Course, bool]:
    """A project run on a disk of so many KB, and on it once more when it has grown."""
    course = Course(folder / str(size), levers, clock, name=f"d{size}")
    course.home.mkdir()
    argv = [UNSHARE, "-rm", "sh", "-c", SCRIPT, "sh", str(size)]
    argv += [sys.executable, "-m", "hurried", *course.words]
    ran = subprocess.run(
        argv, env=course.environ, capture_output=True, text=True, timeout=120, check=False
    )
    course.said.write_text(ran.stdout + ran.stderr, encoding="utf-8")
    course.home = Path(f"{course.home}.kept")
    assert ran.returncode == 0, course.talk()
    return course, "ended with 5" in ran.stdout and "error[disk-full]" in ran.stderr


@pytest.mark.skipif(not _is_allowed(), reason="no namespaces here to make a small disk in")
def test_a_full_disk_loses_nothing_and_room_is_all_it_takes(
    tmp_path: Path, record_property: Callable[[str, Any], None]
) -> None:
    faults, full = list[str](), 0
    with limited(900), launched("--speed", "100", "--latency", "1") as levers:
        clock = in_step(levers)
        for size in SIZES:
            course, was_full = _course(tmp_path, levers, clock, size)
            full += was_full
            faults += [f"{size} KB: {fault}" for fault in course.faults()]
    record_property(NAME, f"{len(SIZES)} disks, {full} were full: faults {len(faults)}")
    assert faults == []
    assert full > len(SIZES) // 2
