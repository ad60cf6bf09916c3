"""What a person sees while a run works, and how it is asked to stop."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.cli.exits import Exit
from kinoform.cli.interrupt import Interrupt
from kinoform.cli.progress import Tally, line, watched
from kinoform.cli.show import Show
from kinoform.core.types import Event
from kinoform.ops import ffmpeg

if TYPE_CHECKING:
    from pathlib import Path

RESULT: Any = {"seconds": 1.24, "paid": "0.03"}


def event(kind: str, step: str = "still@s010", take: int = 1, **data: object) -> Event:
    return Event(1_000.0, "r", "p", kind, step, take, "k", data)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def test_an_end_is_one_line_with_time_and_count() -> None:
    tally = Tally(2)
    for one in (event("started"), event("result", **RESULT)):
        tally.hear(one)
    assert line(event("result", **RESULT), tally).endswith(" done still@s010  1.2 s  [1/2]")
    assert line(event("started"), tally) == ""
    assert (tally.running, str(tally.paid)) == ({}, "0.03")


def test_a_failure_says_why_once() -> None:
    said = line(event("failed", why=["still@s010: no room"]), Tally(1))
    assert said.endswith(" failed still@s010  [0/1]  no room")


def test_what_is_waited_for_is_said_and_till_when() -> None:
    tally, clock = Tally(2), time.strftime("%H:%M:%S", time.localtime(1_120))
    waits = event("awaits", why=["nobody answered"], until=1_120.0)
    tally.hear(waits)
    assert line(waits, tally).endswith(f" waits still@s010  [0/2]  till {clock}: nobody answered")
    assert tally.waiting == {("still@s010", 1): f"till {clock}: nobody answered"}
    held = event("held", "clip", why=["process 7 works on it"])
    tally.hear(held)
    assert (len(tally.running), tally.waiting["clip", 1]) == (2, "process 7 works on it")
    for one in (event("ack"), event("reused", "clip")):
        tally.hear(one)
    assert (len(tally.running), tally.waiting, tally.done) == (1, {}, 1)


def test_an_inserted_frame_is_at_work_and_is_not_counted() -> None:
    tally = Tally(1, {"clip.last_frame"})
    tally.hear(event("started", "clip.last_frame"))
    assert len(tally.running) == 1
    tally.hear(event("result", "clip.last_frame"))
    assert (tally.running, tally.done) == ({}, 0)


def test_a_later_take_is_named() -> None:
    assert "still@s010#2" in line(event("result", take=2), Tally(1))


def test_on_a_terminal_the_display_draws_and_leaves_nothing_behind() -> None:
    show = Show(io.StringIO(), Terminal(), {"TERM": "xterm"})
    with watched(show, Tally(1), "") as watcher:
        watcher.hear(event("started", "bad[/]name"))
        watcher.hear(event("failed", "bad[/]name"))
        watcher.say("finishing what has started")
    assert "finishing what has started" in show.err.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "failed bad[/]name" in show.err.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert show.out.getvalue() == ""  # type: ignore[attr-defined]  # a StringIO


def test_lines_of_what_is_done_come_together_when_the_run_waits() -> None:
    show = Show(io.StringIO(), io.StringIO())
    said: list[int] = []

    def hear(*events: Event) -> None:
        for one in events:
            watcher.hear(one)
            said.append(show.err.getvalue().count("\n"))  # type: ignore[attr-defined]  # a StringIO

    with watched(show, Tally(5), "") as watcher:
        hear(event("result", "a"), event("result", "b"))  # and of work that was begun, too
        watcher.rest()
        hear(event("result", "c"), event("started", "d"), event("failed", "d"))
        hear(event("result", "e"))
    assert said == [0, 0, 2, 2, 4, 4]
    assert show.err.getvalue().count("\n") == 5  # type: ignore[attr-defined]  # a StringIO


def test_with_ci_there_are_lines_on_a_terminal_too() -> None:
    show = Show(io.StringIO(), Terminal(), {"TERM": "xterm", "CI": "1"})
    with watched(show, Tally(1), "") as watcher:
        watcher.hear(event("result", **RESULT))
    assert "\x1b" not in show.err.getvalue()  # type: ignore[attr-defined]  # a StringIO


def test_signals_inside_a_run_are_presses_and_are_given_back_afterwards() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    said: list[int] = []
    pressed: list[int] = []
    stop = Interrupt(said.append)

    async def work() -> None:
        heard = asyncio.Event()

        def press() -> None:
            pressed.append(1)
            heard.set()

        with stop.routed(press):
            for number in (signal.SIGINT, signal.SIGTERM):
                heard.clear()
                signal.raise_signal(number)
                await heard.wait()

    asyncio.run(work())
    assert (said, pressed, stop.presses) == ([1, 2], [1, 1], 2)
    assert {number: signal.getsignal(number) for number in before} == before


HELD = """\
kinoform: 1
name: held
steps:
  sheet: {uses: local/contact-sheet, with: {images: [a.png, a.png]}}
  first: {uses: local/frame, needs: [sheet], with: {video: c.mp4, at: first}}
  small: {uses: local/resize, with: {image: "${{ out.first }}", size: 32x32}}
"""
# An ffmpeg that looks at clips, as a plan does, but makes nothing until there is a file `go`.
GATE = """\
#!/bin/sh
case "$*" in
  -version | *framecrc*) ;;
  *) until test -e '{go}'; do sleep 0.02; done ;;
esac
exec '{program}' "$@"
"""


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A film of which the first step ends, and the second once it may."""
    from PIL import Image  # noqa: PLC0415  (this test only)

    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    clip = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=0.2", f"file:{tmp_path / 'c.mp4'}"]
    ffmpeg.run(clip, timeout=60)
    gate = tmp_path / "gate"
    gate.write_text(GATE.format(go=tmp_path / "go", program=ffmpeg.find().path))
    gate.chmod(0o755)
    (tmp_path / "pipeline.yaml").write_text(HELD, "utf-8")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal as Unix does")
def test_ctrl_c_drains_says_how_to_go_on_and_ends_with_130(held: Path) -> None:
    words = [sys.executable, "-m", "kinoform", "run", str(held)]
    pipes: Any = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    environ = {**os.environ, "KINOFORM_FFMPEG": str(held / "gate")}
    with subprocess.Popen(words, env=environ, **pipes) as run:
        assert run.stderr is not None
        for press, said in ((False, " done sheet"), (True, "finishing local work")):
            if press:
                run.send_signal(signal.SIGINT)
            while said not in (heard := run.stderr.readline()):
                assert heard
        (held / "go").touch()
        out, err = run.communicate(timeout=60)
    assert run.returncode == Exit.INTERRUPTED
    assert f"kinoform run {held} goes on from here" in heard
    assert "Traceback" not in err
    assert "waiting" in out
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == Exit.DONE
    assert "up to date" in done.stdout
