"""Opening, fitting and saving still pictures, and telling a file's type by its first bytes.

Files may come from anywhere: only five decoders are ever reached, and no picture is decoded
above 50 million pixels.
"""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageColor, ImageOps, UnidentifiedImageError

from kinoform.core.types import Facts
from kinoform.ops import probe
from kinoform.ops.jpeg import abridged
from kinoform.ops.params import fault, misuse, short
from kinoform.ops.source import opened

if TYPE_CHECKING:
    from pathlib import Path

    from kinoform.core.errors import OpError
    from kinoform.ops.source import Source

LARGEST = 50_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
MEDIA = {"JPG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SUFFIX = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "text/plain": ".txt",
}
_OPTIONS: dict[str, dict[str, int]] = {
    "image/jpeg": {"quality": 92, "subsampling": 0},
    "image/png": {"compress_level": 4},
    "image/webp": {"quality": 90, "method": 2},
}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, struct.error, IndexError, KeyError,
           OverflowError, ZeroDivisionError, MemoryError, RuntimeError, AssertionError,
           Image.DecompressionBombError, Image.DecompressionBombWarning)  # fmt: skip
_TURNED = range(5, 9)
_ORIENTATION = 0x0112
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xfa", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
)
_BRANDS = {
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"mif1": "image/heic",
}
_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip")
_HEAD = 4096


def is_picture(media: str) -> bool:
    """Whether it is a still picture's media type."""
    return media.startswith("image/")


def is_clip(media: str) -> bool:
    """Whether it is a clip's media type."""
    return media.startswith("video/")


def sniff(source: Source) -> str:
    """The media type that the first bytes say; `application/octet-stream` when they say none."""
    with opened(source) as file:
        head = file.read(_HEAD)
    for magic, media in _MAGIC:
        if head.startswith(magic):
            return media
    return _container(head) or _words(head) or "application/octet-stream"


def _container(head: bytes) -> str:
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        if head[8:12] == b"mif1" and b"avif" in head[16:64]:  # named among the compatible ones
            return "image/avif"
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[4:8] in _ATOMS:
        return "video/quicktime"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return ""


def _words(head: bytes) -> str:
    if b"\0" in head:
        return ""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The cut at the end of the read may split one character.
        return "text/plain" if len(head) == _HEAD and error.start > _HEAD - 4 else ""
    return "text/plain"


def facts(path: Path, media: str) -> Facts:
    """What can be measured of a file of this type; nothing for text and unknown types.

    Raises:
        OpError: the file is not a whole picture, clip or sound of that type.
    """
    if media == "image/heic" or media.split("/", maxsplit=1)[0] not in ("image", "video", "audio"):
        return Facts()
    if not is_picture(media):
        return probe.probe(path, media)
    with _opened(path) as image:
        return _upright_facts(image, image.size)


def decoded(source: Source, media: str) -> Facts:
    """The same of a picture of just this type, once it is known to be decoded whole. Raises OpError."""
    height = 0
    if media == "image/jpeg":
        with opened(source) as file:
            source, height = abridged(file.read())
    with _opened(source, (media.partition("/")[2].upper(),), height) as image:
        size = (image.width, height or image.height)
        # A JPEG in grey, at an eighth of its size: all bytes are read, a fraction of the pixels drawn.
        image.draft("L", (1, 1))
        _load(image)
        return _upright_facts(image, size)


def load(path: Path) -> Image.Image:
    """The decoded picture, upright, as RGB or RGBA. Raises OpError."""
    with _opened(path) as image:
        return _eight_bit(_loaded(image))


def _upright_facts(image: Image.Image, size: tuple[int, int]) -> Facts:
    width, height = size
    turned = image.getexif().get(_ORIENTATION) in _TURNED
    return Facts(height, width) if turned else Facts(width, height)


def _loaded(image: Image.Image) -> Image.Image:
    _load(image)
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN as error:
        raise _damaged(error) from error


def _load(image: Image.Image) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image.load()
    except _BROKEN as error:
        raise _damaged(error) from error


def _opened(source: Source, formats: tuple[str, ...] = FORMATS, height: int = 0) -> Image.Image:
    """`height` is that of the whole, where the source is not all of it."""
    file = BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(file, formats=formats)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _large("it") from error
    except _BROKEN as error:
        raise _damaged(error) from error
    if image.width * (height or image.height) > LARGEST:
        image.close()
        raise _large(f"{image.width}x{height or image.height}")
    return image


def _large(seen: str) -> OpError:
    return fault("picture-too-large", f"a picture has at most 50 million pixels; {seen} has more")


def _damaged(error: BaseException) -> OpError:
    # Pillow names the file or the object in memory, which tells a person nothing.
    said = "its head is odd" if isinstance(error, UnidentifiedImageError) else short(error)
    return fault("bad-media", f"this is no whole PNG, JPEG, WEBP, GIF or AVIF: {said}")


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        wide = image.convert("I") if image.mode != "F" else image
        return wide.point(lambda level: level * (1 / 257)).convert("L").convert("RGB")
    if image.mode == "RGB":
        return image
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    return image.convert("RGBA" if clear else "RGB")


def flat(image: Image.Image, ground: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    """As RGB, laid on a ground where it is transparent."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    under = Image.new("RGB", image.size, ground)
    under.paste(image, mask=image.getchannel("A"))
    return under


def colour(text: str, name: str = "background") -> tuple[int, int, int]:
    """A colour from its CSS text. Raises OpError naming the parameter."""
    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError:
        raise misuse(name, 'a colour such as "black" or "#1e2a38"', text) from None


def fitted(
    image: Image.Image,
    size: tuple[int, int],
    how: str = "fill",
    ground: tuple[int, int, int] = (0, 0, 0),
) -> Image.Image:
    """`fit` inside, `fill` and crop the centre, or `pad` to exactly `size` on a ground."""
    if how == "fill":
        return fill(image, size)
    scale = min(size[0] / image.width, size[1] / image.height)
    inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image if inner == image.size else image.resize(inner, Image.Resampling.LANCZOS)
    if how == "fit" or inner == size:
        return small
    sheet = Image.new("RGB", size, ground)
    corner = ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)
    sheet.paste(small, corner, small if small.mode == "RGBA" else None)
    return sheet


def fill(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scaled to cover `size`, the centre kept: what a first frame is measured against."""
    if image.size == size:
        return image
    scale = max(size[0] / image.width, size[1] / image.height)
    # division may give a hair more than there is, which Pillow refuses
    wide, high = min(size[0] / scale, image.width), min(size[1] / scale, image.height)
    left, top = (image.width - wide) / 2, (image.height - high) / 2
    box = (left, top, left + wide, top + high)
    return image.resize(size, Image.Resampling.LANCZOS, box=box)


def save(image: Image.Image, path: Path, media: str) -> None:
    """Write it as JPG, PNG or WEBP; the same pixels give the same bytes. Raises OpError."""
    if media not in _OPTIONS:
        raise fault("media-type", f"pictures are written as JPG, PNG or WEBP, not {short(media)}")
    ready = flat(image) if media == "image/jpeg" else image
    part = path.with_name(path.name + ".part")
    ready.save(part, format=media.split("/")[1].upper(), **_OPTIONS[media])
    part.replace(path)
