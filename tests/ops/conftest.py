"""Small real media for the operations: made once a session by the same ffmpeg."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.core.types import Action, Blob, Op
from kinoform.ops import ffmpeg, pictures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL import Image

    from kinoform.ports import Made

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
TONE = ("-f", "lavfi", "-i", "sine=440:d=2")
RECIPES: dict[str, tuple[str, ...]] = {
    "wide.mp4": ("testsrc2=s=320x180:r=24:d=1", *TONE, *X264, "-c:a", "aac", "-shortest"),
    "tall.webm": ("testsrc2=s=90x160:r=30:d=1.5", "-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "ntsc.mov": ("testsrc2=s=160x90:r=30000/1001:d=1", *X264),
    "vp8.webm": ("testsrc2=s=160x90:r=24:d=1", "-c:v", "libvpx", "-deadline", "realtime"),
    "uneven.mp4": ("testsrc2=s=160x90:r=24:d=2", "-vf", "select='not(mod(n,5))+lt(n,10)'",
                   "-fps_mode", "vfr", *X264),
}  # fmt: skip


@dataclass
class Desk:
    """Files by digest, and a way to run an operation on them."""

    root: Path
    files: dict[str, Path] = field(default_factory=dict)
    runs: int = 0

    def blob(self, path: Path, media: str = "") -> Blob:
        data = path.read_bytes()
        digest = f"sha256:{sha256(data).hexdigest()}"
        bare = self.root / digest[7:]
        bare.write_bytes(data)
        self.files[digest] = bare
        kind = media or pictures.sniff(path)
        return Blob(digest, len(data), kind, pictures.facts(path, kind))

    def picture(self, image: Image.Image, suffix: str = ".png") -> Blob:
        path = self.root / f"picture{suffix}"
        image.save(path)
        return self.blob(path)

    def run(self, perform: Callable[..., tuple[Made, ...]], **params: Any) -> tuple[Made, ...]:
        return self.perform(perform, action(params))

    def perform(
        self, perform: Callable[..., tuple[Made, ...]], request: Action
    ) -> tuple[Made, ...]:
        return perform(request, self.files, self.fresh())

    def action(self, params: dict[str, Any]) -> Action:
        return action(params)

    def fresh(self) -> Path:
        self.runs += 1
        out = self.root / f"out{self.runs}"
        out.mkdir()
        return out


def action(params: dict[str, Any], take: int = 1, timeout: float | None = None) -> Action:
    op = Op("local/any", 1, "local", "cpu")
    return Action("0" * 64, "step", take, op, params, {}, (), {}, timeout)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    for name, recipe in RECIPES.items():
        argv = ["-f", "lavfi", "-i", *recipe, "-threads", "1", f"file:{folder / name}"]
        ffmpeg.run(argv, timeout=60)
    ffmpeg.run(["-f", "lavfi", "-i", "sine=300:d=0.5", f"file:{folder / 'tone.wav'}"], timeout=60)
    ffmpeg.run(["-i", f"file:{folder / 'tone.wav'}", f"file:{folder / 'tone.mp3'}"], timeout=60)
    return folder


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
