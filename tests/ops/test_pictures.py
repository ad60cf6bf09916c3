"""Types by first bytes, bombs and broken files refused, pictures fitted and saved alike."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kinoform.core.errors import OpError
from kinoform.core.types import Facts
from kinoform.ops import pictures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("suffix", "media"), [
    (".png", "image/png"), (".jpg", "image/jpeg"), (".webp", "image/webp"), (".gif", "image/gif"),
    (".avif", "image/avif"),
])  # fmt: skip
def test_pictures_are_known_by_their_bytes_and_measured(
    tmp_path: Path, suffix: str, media: str
) -> None:
    path = tmp_path / "named"
    Image.new("RGB", (30, 20), "teal").save(path, format=suffix[1:].replace("jpg", "jpeg"))
    assert pictures.sniff(path) == media
    assert pictures.facts(path, media) == Facts(30, 20)


@pytest.mark.parametrize(("head", "media"), [
    (b"\0\0\0\x20ftypqt  ", "video/quicktime"), (b"\0\0\0\x20ftypisom", "video/mp4"),
    (b"\0\0\0\x20ftypM4A ", "audio/mp4"), (b"\x1a\x45\xdf\xa3\x01webm", "video/webm"),
    (b"RIFF\0\0\0\0WAVE", "audio/wav"), (b"ID3\x04", "audio/mpeg"), (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"), ("Fenêtre".encode(), "text/plain"), (b"\0\1", "application/octet-stream"),
    (b"x" * 4095 + "é".encode(), "text/plain"), (b"\xfe\xfeab", "application/octet-stream"),
])  # fmt: skip
def test_other_files_are_known_by_their_first_bytes(
    tmp_path: Path, head: bytes, media: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(head)
    assert pictures.sniff(path) == media


def test_a_turned_photograph_is_measured_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(path, exif=exif)
    assert pictures.facts(path, "image/jpeg") == Facts(20, 30)
    assert pictures.load(path).size == (20, 30)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("sides", [(12000, 12000), (60000, 60000), (8000, 7000)])
def test_a_picture_bomb_is_refused_before_it_is_decoded(
    tmp_path: Path, sides: tuple[int, int]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*sides))
    with pytest.raises(OpError, match="picture-too-large"):
        pictures.load(path)


@pytest.mark.parametrize("sides", [(6272, 2688), (5440, 3072)])
def test_the_largest_sizes_that_models_make_pass(tmp_path: Path, sides: tuple[int, int]) -> None:
    path = tmp_path / "large.png"
    Image.new("L", sides).save(path, compress_level=1)
    assert pictures.load(path).size == sides


@pytest.mark.parametrize("data", [b"", b"BM rest", b"\x89PNG\r\n\x1a\nrest", b"II*\0rest"])
def test_broken_and_unlisted_pictures_are_bad_media(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(OpError, match="bad-media"):
        pictures.load(path)


def test_a_cut_off_picture_is_bad_media(tmp_path: Path) -> None:
    path = tmp_path / "whole.jpg"
    Image.effect_noise((64, 64), 40).save(path)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(OpError, match="bad-media"):
        pictures.load(path)


@pytest.mark.parametrize(
    ("how", "size"), [("fit", (50, 25)), ("fill", (50, 50)), ("pad", (50, 50))]
)
def test_pictures_are_fitted_three_ways(how: str, size: tuple[int, int]) -> None:
    wide = Image.new("RGB", (200, 100), "white")
    done = pictures.fitted(wide, (50, 50), how, (255, 0, 0))
    assert done.size == size
    assert done.getpixel((25, 0)) == ((255, 0, 0) if how == "pad" else (255, 255, 255))


def test_sixteen_bits_become_eight_without_clipping(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.new("I;16", (4, 4), 32896).save(path)
    assert pictures.load(path).getpixel((1, 1)) == (128, 128, 128)


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    image = Image.effect_noise((40, 40), 30).convert("RGBA")
    for media in pictures.MEDIA.values():
        first, second = tmp_path / "a", tmp_path / "b"
        pictures.save(image, first, media)
        pictures.save(image, second, media)
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("sides", [(1248, 832), (1360, 768), (333, 777), (1001, 999)])
@pytest.mark.parametrize("size", [(97, 61), (320, 213), (1920, 1080)])
def test_filling_never_asks_for_more_than_there_is(
    sides: tuple[int, int], size: tuple[int, int]
) -> None:
    assert pictures.fill(Image.new("RGB", sides), size).size == size
