"""Who makes the results: the draft renderer, or plain files of the right type, size and length.

Works off the event loop. The bytes of two results always differ, as those of generators do.
"""

from __future__ import annotations

import asyncio
import io
import struct
import tempfile
import zlib
from dataclasses import asdict, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from kinoform.core.canon import hexdigest
from kinoform.core.classes import dataclass
from kinoform.core.types import Action, Expect, Facts, Op
from kinoform.ops import ffmpeg, pictures
from kinoform.ops.sketch import perform
from kinoform.run.workers import Processes

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
}
_LIMIT = 600.0  # seconds that one result may take to draw
_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_CLIPS = {
    "video/mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-f", "mp4"),
    "video/quicktime": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-f", "mov"),
    "video/webm": ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8",
                   "-c:a", "libopus", "-f", "webm"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawing:
    """One result to draw: the request in portable words with blobs in it, and their bytes."""

    id: str
    index: int
    model: str
    brief: Mapping[str, Any]
    expect: Expect
    files: Mapping[str, bytes] = field(default_factory=dict)


class Painter:
    """Makes results, `at_once` at a time. Without `render` they are plain and cost nothing."""

    def __init__(self, *, render: bool = True, at_once: int = 2) -> None:
        self.render = render
        self._turns = asyncio.Semaphore(at_once)
        self._workers = Processes(("kinoform.emulator.render",)) if render else None

    async def paint(self, drawing: Drawing) -> bytes:
        """The file of a result. Raises OpError when an input cannot be read."""
        async with self._turns:
            if self._workers:
                return await self._workers.run(draw, drawing, limit=_LIMIT)
            return await asyncio.to_thread(plain, drawing.expect, drawing.id)

    def close(self) -> None:
        """End what is being drawn."""
        if self._workers:
            self._workers.close(now=True)


def draw(drawing: Drawing) -> bytes:
    """What the draft renderer makes of it; the result's id is its chance. Raises OpError."""
    output = {"media": drawing.expect.media, **asdict(drawing.expect.facts)}
    params = {
        "model": drawing.model,
        "brief": drawing.brief,
        "outputs": [output],
        "result": drawing.id,
    }
    with tempfile.TemporaryDirectory(prefix="kinoform-emulator-") as name:
        folder = Path(name)
        files = {}
        for number, (digest, data) in enumerate(drawing.files.items()):
            files[digest] = folder / f"in{number}"
            files[digest].write_bytes(data)
        out = folder / "out"
        out.mkdir()
        made = perform(_action(drawing, params), files, out)
        return made[0].path.read_bytes()


def _action(drawing: Drawing, params: Mapping[str, Any]) -> Action:
    op = Op("draft/sketch", 1, "draft", "cpu")
    key = hexdigest({"result": drawing.id})
    return Action(key, "emulated", drawing.index + 1, op, params, {}, (drawing.expect,), {})


def plain(expect: Expect, name: str) -> bytes:
    """A file of the right type, size, length and sound without a picture, marked with `name`.

    Right in everything that can be measured, so that what is made of it later fits.
    """
    facts, media = expect.facts, expect.media
    width, height = facts.width or 1024, facts.height or 1024
    if media in _CLIPS:
        length = (facts.seconds or 5.0, facts.fps or 24.0)
        return _mark(_clip(media, (width, height), length, bool(facts.audio)), media, name)
    return _mark(_picture(media, width, height), media, name)


@lru_cache(maxsize=64)
def _picture(media: str, width: int, height: int) -> bytes:
    sink = io.BytesIO()
    image = Image.new("L" if media != "image/webp" else "RGB", (width, height))
    image.save(sink, _PICTURES.get(media, "PNG"))
    return sink.getvalue()


@lru_cache(maxsize=32)
def _clip(
    media: str,
    size: tuple[int, int],
    length: tuple[float, float],
    sound: bool,  # noqa: FBT001  (part of a cache's key)
) -> bytes:
    seconds, fps = length
    source = f"color=black:size={size[0]}x{size[1]}:rate={fps:g}:duration={seconds:g}"
    argv = ["-f", "lavfi", "-i", source]
    if sound:
        argv += ["-f", "lavfi", "-i", f"anullsrc=r=48000:cl=stereo:d={seconds:g}", "-shortest"]
    with tempfile.TemporaryDirectory(prefix="kinoform-emulator-") as name:
        target = Path(name) / "clip"
        argv += ["-pix_fmt", "yuv420p", *_CLIPS[media], "-y", f"file:{target}"]
        ffmpeg.run(argv, timeout=_LIMIT)
        return target.read_bytes()


def _mark(data: bytes, media: str, name: str) -> bytes:
    """The file with a name where decoders do not look."""
    text = name.encode()
    if media in ("video/mp4", "video/quicktime"):
        return data + struct.pack(">I4s", len(text) + 8, b"free") + text
    if media == "video/webm":
        return data + b"\xec" + bytes([0x80 | len(text)]) + text
    if media == "image/jpeg":
        return data[:2] + struct.pack(">HH", 0xFFFE, len(text) + 2) + text + data[2:]
    if media == "image/webp":
        return _riff(data, text)
    chunk = b"tEXtid\0" + text
    row = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:33] + row + data[33:]


def _riff(data: bytes, text: bytes) -> bytes:
    body = data[8:] + b"NAME" + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def measured(data: bytes) -> tuple[str, Facts]:
    """Media type and facts of an uploaded file, by its bytes. Raises OpError for a damaged one."""
    with tempfile.TemporaryDirectory(prefix="kinoform-emulator-") as name:
        path = Path(name) / "in"
        path.write_bytes(data)
        media = pictures.sniff(path)
        return media, pictures.facts(path, media)


def shrunk(data: bytes, most: int) -> bytes:
    """The picture with no side longer than `most` pixels, as PNG. Raises OpError."""
    with tempfile.TemporaryDirectory(prefix="kinoform-emulator-") as name:
        path = Path(name) / "in"
        path.write_bytes(data)
        image = pictures.fitted(pictures.load(path), (most, most), "fit")
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()
