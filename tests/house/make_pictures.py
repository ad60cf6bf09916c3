"""Makes the pictures of the documents from what the demo drafted; `make pictures` runs it.

Knows the lighthouse by the names of its shots, and nothing of how anything was made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from kinoform.ops import stills

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
DRAFT = ROOT / "pipelines" / "lighthouse" / "out" / "draft"
TARGET = ROOT / "docs" / "pictures"
WIDTH = 1200
MOST = 150_000  # bytes of one committed picture
QUALITIES = range(85, 40, -5)
GAP, LINE = 8, 26
PAPER, INK = (24, 25, 27), (220, 220, 216)
MP4, PATIENCE = "video/mp4", 60.0
# Each row: frames of clips, in the order in which they are seen.
SEAMS = (
    (("s020", "first"), ("s020", 2.0), ("s020", "last"), ("s030", "first")),
    (("s030", "first"), ("s030", 2.0), ("s030", "last"), ("s040", "first")),
)


def save(image: Image.Image, name: str) -> str:
    """Write the picture as good as fits; return a line that says so."""
    path = TARGET / name
    for quality in QUALITIES:
        image.save(path, "JPEG", quality=quality, optimize=True, progressive=True)
        if path.stat().st_size <= MOST:
            break
    return f"{path.relative_to(ROOT)}: {image.width}x{image.height}, {path.stat().st_size} bytes"


def narrow(image: Image.Image, width: int) -> Image.Image:
    """The picture at this width."""
    high = round(image.height * width / image.width)
    return image.convert("RGB").resize((width, high), Image.Resampling.LANCZOS)


def sheet() -> Image.Image:
    """The contact sheet of the demo."""
    with Image.open(DRAFT / "board.jpg") as board:
        return narrow(board, WIDTH)


def frame(shot: str, at: str | float) -> Image.Image:
    """One frame of a clip of the demo."""
    clip = DRAFT / "clip" / f"{shot}.mp4"
    if isinstance(at, float):
        return stills.at(clip, MP4, at, PATIENCE)
    ends = {"first": stills.first, "last": stills.last}
    return ends[at](clip, MP4, PATIENCE)


def words(shot: str, at: str | float) -> str:
    """What stands below a frame."""
    return f"clip@{shot}, {f'at {at:g} s' if isinstance(at, float) else f'{at} frame'}"


def seams(rows: Iterable[Iterable[tuple[str, str | float]]]) -> Image.Image:
    """Rows of frames with a line below each."""
    side = (WIDTH - 5 * GAP) // 4
    shown = [[(narrow(frame(*cell), side), words(*cell)) for cell in row] for row in rows]
    step = shown[0][0][0].height + LINE + GAP
    page = Image.new("RGB", (WIDTH, GAP + step * len(shown)), PAPER)
    pen, letters = ImageDraw.Draw(page), ImageFont.load_default(14)
    for down, row in enumerate(shown):
        for right, (image, said) in enumerate(row):
            corner = (GAP + right * (side + GAP), GAP + down * step)
            page.paste(image, corner)
            pen.text((corner[0], corner[1] + image.height + 4), said, INK, letters)
    return page


def main() -> None:
    """Write every picture."""
    TARGET.mkdir(exist_ok=True)
    print(save(sheet(), "lighthouse.jpg"))
    print(save(seams(SEAMS), "seams.jpg"))


if __name__ == "__main__":
    main()
