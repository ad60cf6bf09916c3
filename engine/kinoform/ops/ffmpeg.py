"""The ffmpeg program: finding it, running it on a leash, and what it says of a file.

Knows argv lists and processes; no shell, no ffprobe, no file name ever read as an option.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer
from typing import IO, TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.ops.params import fault, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kinoform.core.errors import OpError

# What a decoder or linker may need of our environment; keys and tokens stay out.
_ENV = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_QUIET = ("-nostdin", "-hide_banner", "-v")
# Same request and same build give the same bytes.
EXACT = ("-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
         "-map_metadata", "-1", "-map_chapters", "-1")  # fmt: skip
BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")  # fmt: skip
_DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
    "image/gif": "gif",
    "audio/mp4": "mov",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/aac": "aac",
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One ffmpeg program; `version` is the word after "version" in its own answer."""

    path: str
    version: str

    def __str__(self) -> str:
        return f"ffmpeg {self.version}"


@dataclass(frozen=True, slots=True)
class Job:
    """A running ffmpeg: its process, its messages, and the timer that ends it."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]
    timer: Timer
    expired: Event


def find() -> Tool:
    """KINOFORM_FFMPEG, then the wheel's, then PATH; never the working directory.

    Raises:
        OpError: there is none, or KINOFORM_FFMPEG names none.
    """
    return _find(os.environ.get("KINOFORM_FFMPEG", ""), os.environ.get("PATH", ""))


@cache
def _find(configured: str, path: str) -> Tool:
    if configured:
        if not (Path(configured).is_absolute() and _runs(Path(configured))):
            raise fault("no-ffmpeg", f"KINOFORM_FFMPEG is no program: {short(configured)}",
                        "give the absolute path of an ffmpeg program, or unset it")  # fmt: skip
        return _identify(configured)
    for candidate in (*_bundled(), *_on_path(path)):
        if _runs(candidate):
            return _identify(str(candidate))
    raise fault("no-ffmpeg", "no ffmpeg program was found",
                "pip install imageio-ffmpeg, or set KINOFORM_FFMPEG")  # fmt: skip


def _bundled() -> Iterable[Path]:
    # The package's own look-up obeys another variable and tries the system: we read its folder.
    spec = find_spec("imageio_ffmpeg")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(folder, "binaries").glob("ffmpeg-*"))


def _on_path(path: str) -> Iterable[Path]:
    name = "ffmpeg.exe" if os.name == "nt" else "ffmpeg"
    return (Path(folder, name) for folder in path.split(os.pathsep) if Path(folder).is_absolute())


def _runs(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _identify(path: str) -> Tool:
    try:
        said = subprocess.run(
            [path, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30,
            check=True, env=_environment(),
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise fault("no-ffmpeg", f"{short(path)} does not run: {short(error)}") from error
    words = said.decode(errors="replace").split()
    if words[:2] != ["ffmpeg", "version"]:
        raise fault("no-ffmpeg", f"{short(path)} is no ffmpeg: it says {short(' '.join(words))}")
    return Tool(path, short(words[2]))


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _ENV if name in os.environ} | {"LC_ALL": "C"}


def source(path: Path, media: str) -> list[str]:
    """Arguments that open an input as the type that it is declared to be, and as nothing else.

    Raises:
        OpError: no demuxer is allowed for this media type.
    """
    demuxer = _DEMUXERS.get(media)
    if demuxer is None:
        raise fault("media-type", f"a clip or sound was expected, not {short(media)}")
    return ["-protocol_whitelist", "file,pipe", "-f", demuxer, "-i", f"file:{path.absolute()}"]


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    stdin: Iterable[bytes] | None = None,
    level: str = "error",
) -> tuple[bytes, str]:
    """Run to the end; return what it wrote to stdout and its messages.

    `stdin` is fed piece by piece; without it the program has none. `timeout` is seconds.

    Raises:
        OpError: it failed, or took too long.
    """
    with TemporaryFile() as sink:
        job = start(argv, timeout=timeout, stdout=sink, level=level,
                    stdin=None if stdin is None else subprocess.PIPE)  # fmt: skip
        try:
            _feed(job, stdin or ())
            said = finish(job)
        finally:
            stop(job)
        sink.seek(0)
        return sink.read(), said


def start(
    argv: Sequence[str],
    *,
    timeout: float,
    stdin: int | None = None,
    stdout: IO[bytes] | int | None = None,
    level: str = "error",
) -> Job:
    """Start it in a process group of its own; every job must be given to `stop` in the end.

    Our pipes end with us, so a program that reads one ends soon after a killed parent.
    """
    log = TemporaryFile()  # noqa: SIM115  (lives as long as the job; `stop` closes it)
    process = subprocess.Popen(
        [find().path, *_QUIET, level, *argv],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.DEVNULL if stdout is None else stdout,
        stderr=log, env=_environment(), start_new_session=True,
    )  # fmt: skip
    expired = Event()
    timer = Timer(timeout, _expire, (process, expired))
    timer.daemon = True
    timer.start()
    return Job(process, log, timer, expired)


def _feed(job: Job, pieces: Iterable[bytes]) -> None:
    pipe = job.process.stdin
    if pipe is None:
        return
    # A program that ended early says why in `finish`.
    with suppress(BrokenPipeError):
        for piece in pieces:
            pipe.write(piece)
        pipe.close()


def finish(job: Job) -> str:
    """Wait for the end; return its messages. Raises OpError if it failed or was stopped."""
    code = job.process.wait()
    job.log.seek(0)
    said = job.log.read().decode(errors="replace")
    if job.expired.is_set():
        raise fault("tool-timeout", f"ffmpeg was stopped after {job.timer.interval:g} s",
                    "give the step a longer timeout")  # fmt: skip
    if code:
        raise _failed(code, said)
    return said


def _failed(code: int, said: str) -> OpError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return fault("ffmpeg-failed", f"ffmpeg ended with {code}: {short(' / '.join(lines[:2]), 160)}")


def stop(job: Job) -> None:
    """End it, with its children, if it still runs; release what it holds. May be called twice."""
    job.timer.cancel()
    if job.process.poll() is None:
        _kill(job.process)
        job.process.wait()
    if job.process.stdin is not None and not job.process.stdin.closed:
        with suppress(BrokenPipeError):
            job.process.stdin.close()
    job.log.close()


def _expire(process: subprocess.Popen[bytes], expired: Event) -> None:
    expired.set()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
