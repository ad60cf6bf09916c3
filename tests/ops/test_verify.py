"""A download counts only when it is what was asked for, whole: a corpus of those that are not."""

from __future__ import annotations

import io
import pickle
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from kinoform.core.errors import OpError
from kinoform.core.types import Facts
from kinoform.ops import ffmpeg, pictures
from kinoform.ops.verify import Verified, verify, verify_all

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "AVIF": "image/avif"}
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-shortest")
CLIPS: dict[str, tuple[str, ...]] = {
    "fast.mp4": ("-i", "sine=440:d=3", *X264, *AAC, "-movflags", "+faststart"),
    "slow.mp4": ("-i", "sine=440:d=3", *X264, *AAC),
    "parts.mp4": (*X264, "-movflags", "+frag_keyframe+empty_moov"),
    "clip.webm": ("-c:v", "libvpx", "-deadline", "realtime"),
}
MEDIA = {".mp4": "video/mp4", ".webm": "video/webm"}


def noise(name: str, size: tuple[int, int] = (96, 64)) -> bytes:
    """A picture without a plain spot, so that a flipped bit meets something."""
    body = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(body, name)
    return body.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    total = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", total)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of three seconds."""
    folder = tmp_path_factory.mktemp("clips")
    picture = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=24:d=3")
    for name, recipe in CLIPS.items():
        sound = ("-f", "lavfi") if recipe[0] == "-i" else ()
        argv = [*picture, *sound, *recipe, "-threads", "1", f"file:{folder / name}"]
        ffmpeg.run(argv, timeout=60)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "download.part"


def refused(file: Path, data: bytes, wanted: str) -> str:
    """What is wrong with a file of these bytes, and with a picture of them that is at hand."""
    file.write_bytes(data)
    said = set()
    for source in (file, data) if wanted.startswith("image/") else (file,):
        with pytest.raises(OpError) as caught:
            verify(source, wanted)
        said.add(caught.value.problems[0].message)
    (message,) = said
    return message


# Pictures


@pytest.mark.parametrize(("name", "media"), FORMATS.items())
def test_a_whole_picture_passes_as_what_it_is_whatever_was_asked_for(
    file: Path, name: str, media: str
) -> None:
    file.write_bytes(noise(name))
    for source in (file, file.read_bytes()):
        assert verify(source, "image/jpeg") == (media, Facts(96, 64))


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_of_one_pixel_passes(file: Path, name: str) -> None:
    file.write_bytes(noise(name, (1, 1)))
    assert verify(file, "image/png")[1] == Facts(1, 1)


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_that_ends_early_is_refused_wherever_it_ends(file: Path, name: str) -> None:
    data = noise(name)
    ends = {1, 8, 12, 40, *range(100, len(data), 701), *range(len(data) - 24, len(data))}
    for end in sorted(ends):
        assert refused(file, data[:end], "image/png")


def test_every_flipped_bit_of_a_png_is_found(file: Path) -> None:
    data, dice = noise("PNG"), random.Random(4)
    for _ in range(100):
        flipped = bytearray(data)
        flipped[dice.randrange(8, len(data))] ^= 1 << dice.randrange(8)
        assert refused(file, bytes(flipped), "image/png")


@pytest.mark.parametrize("name", ["JPEG", "WEBP", "AVIF"])
def test_what_a_flipped_bit_breaks_is_refused_and_nothing_else_is_raised(
    file: Path, name: str
) -> None:
    data, dice = noise(name), random.Random(4)
    for _ in range(60):
        flipped = bytearray(data)
        flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        file.write_bytes(bytes(flipped))
        seen, at_hand = verify_all([(file, "image/png"), (bytes(flipped), "image/png")])
        assert seen
        assert seen == at_hand


JPEGS: dict[str, dict[str, Any]] = {
    "coarse": {"quality": 30, "optimize": True},
    "fine": {"quality": 100, "subsampling": 0},
    "in parts": {"restart_marker_blocks": 3},
    "by degrees": {"progressive": True},
}


def broken(data: bytes, dice: random.Random) -> bytes:
    """The same with some bytes changed, marked, lost or added, half of them in its head."""
    found = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 3))):
        at = dice.randrange(min(len(found), dice.choice((700, len(data)))))
        mark = bytes([0xFF, dice.choice((0, 0xD0, 0xD9, 0xDA, 0xC0, 0xC4, 0xFF))])
        found[at : at + dice.choice((1, 2, 2, 9))] = dice.choice((dice.randbytes(1), mark, b""))
    return bytes(found)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("options", JPEGS.values(), ids=JPEGS)
def test_a_damaged_jpeg_is_refused_exactly_where_decoding_all_of_it_fails(
    mode: str, options: dict[str, Any]
) -> None:
    body = io.BytesIO()
    Image.effect_noise((33, 47), 60).convert(mode).save(body, "JPEG", **options)
    dice, verdicts = random.Random(4), set()
    for _ in range(300):
        data = broken(body.getvalue(), dice)
        if pictures.sniff(data) != "image/jpeg":
            continue
        (seen,) = verify_all([(data, "image/jpeg")])
        assert isinstance(seen, Verified) == decodes(data)
        verdicts.add(isinstance(seen, Verified))
    assert verdicts == {True, False}


def decodes(data: bytes) -> bool:
    """Whether all of a JPEG's pixels can be drawn."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            small = image.width * image.height <= pictures.LARGEST
            return small and bool(image.load())
    except (OSError, SyntaxError, ValueError, IndexError, TypeError, struct.error, KeyError):
        return False


def test_a_jpeg_taller_than_its_decoder_takes_is_refused(file: Path) -> None:
    data = bytearray(noise("JPEG", (32, 24)))
    frame = data.index(b"\xff\xc0")
    for height, whole in ((65_500, True), (65_501, False), (65_535, False)):
        data[frame + 5 : frame + 7] = height.to_bytes(2, "big")
        (seen,) = verify_all([(bytes(data), "image/jpeg")])
        assert seen == Verified("image/jpeg", Facts(32, 65_500)) if whole else isinstance(seen, str)


def test_a_jpeg_of_too_many_pixels_is_refused_for_them(file: Path) -> None:
    data = bytearray(noise("JPEG", (1000, 8)))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 7] = (50_001).to_bytes(2, "big")
    assert "1000x50001" in refused(file, bytes(data), "image/jpeg")


def test_bytes_behind_the_end_do_no_harm(file: Path) -> None:
    file.write_bytes(noise("PNG") + bytes(1000))
    assert verify(file, "image/png")[0] == "image/png"


def test_a_bomb_is_refused_before_it_is_opened_out(file: Path) -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(1000)))
    png = b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")
    assert "at most 50 million pixels" in refused(file, png, "image/png")


def test_a_turned_photograph_is_measured_upright(file: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20)).save(file, "JPEG", exif=exif)
    assert verify(file, "image/jpeg") == ("image/jpeg", Facts(20, 30))


# What is none


@pytest.mark.parametrize(("data", "said"), [
    (b"", "an empty file"),
    (b"<!DOCTYPE html><html><title>Sign in</title>", "an HTML page"),
    (b"\xef\xbb\xbf\n <html lang=en>", "an HTML page"),
    (b"\xff\xfe<\0h\0t\0m\0l\0", "of no known type"),
    (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "an XML document"),
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    (b'{"message": "<html> is not here"}', "JSON"),
    (b"not found", "text"),
    (bytes(100), "of no known type"),
    (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "a playlist"),
])  # fmt: skip
@pytest.mark.parametrize("wanted", ["image/png", "video/mp4"])
def test_what_is_no_picture_and_no_clip_is_named(
    file: Path, data: bytes, said: str, wanted: str
) -> None:
    message = refused(file, data, wanted)
    assert message.endswith(f"this is {said}")
    assert "hostname" not in message


def test_a_clip_is_no_picture_and_a_picture_no_clip(clips: Path, file: Path) -> None:
    clip = (clips / "fast.mp4").read_bytes()
    assert refused(file, clip, "image/png") == "a picture was expected; this is video/mp4"
    assert refused(file, noise("PNG"), "video/mp4") == "a clip was expected; this is image/png"
    assert "image/gif" in refused(file, b"GIF89a" + bytes(40), "image/png")
    assert "application/pdf" in refused(file, b"", "application/pdf")


# Clips


@pytest.mark.parametrize("name", CLIPS)
def test_a_whole_clip_passes_with_its_facts(clips: Path, name: str) -> None:
    path = clips / name
    media, facts = verify(path, "video/mp4")
    assert media == MEDIA[path.suffix]
    assert (facts.width, facts.height, facts.fps) == (160, 90, 24.0)
    assert facts.seconds == pytest.approx(3.0)


@pytest.mark.parametrize("frames", [1, 2, 25])
def test_a_tiny_clip_passes(file: Path, frames: int) -> None:
    argv = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=24", "-frames:v", str(frames), *X264]
    ffmpeg.run([*argv, "-f", "mp4", f"file:{file}"], timeout=60)
    assert verify(file, "video/mp4")[1].seconds == pytest.approx(frames / 24, abs=1e-3)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97, 0.9999])
@pytest.mark.parametrize("name", ["fast.mp4", "slow.mp4", "clip.webm"])
def test_a_clip_that_ends_early_is_refused(
    clips: Path, file: Path, name: str, share: float
) -> None:
    data = (clips / name).read_bytes()
    assert refused(file, data[: int(len(data) * share)], "video/mp4")


def test_a_clip_whose_header_announces_more_than_there_is_is_refused(
    clips: Path, file: Path
) -> None:
    data = bytearray((clips / "clip.webm").read_bytes())
    at = data.index(b"\x44\x89\x88") + 3  # Duration, eight bytes, in milliseconds
    data[at : at + 8] = struct.pack(">d", 9000.0)
    message = refused(file, bytes(data), "video/webm")
    assert message.endswith("9 s were announced, 3 s are there")


def test_a_clip_with_longer_sound_is_no_fault(file: Path) -> None:
    argv = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=1", "-f", "lavfi", "-i", "sine=440:d=4"]
    ffmpeg.run([*argv, *X264, "-c:a", "aac", "-f", "mp4", f"file:{file}"], timeout=60)
    assert verify(file, "video/mp4")[1].seconds == pytest.approx(1.0)


def test_a_clip_whose_end_is_overwritten_is_refused(clips: Path, file: Path) -> None:
    data = bytearray((clips / "fast.mp4").read_bytes())
    middle = (data.index(b"mdat") + len(data)) // 2
    data[middle:] = bytes(len(data) - middle)
    assert refused(file, bytes(data), "video/mp4")


def test_flipped_bits_of_a_clip_end_in_an_answer(clips: Path, file: Path) -> None:
    data, dice = (clips / "fast.mp4").read_bytes(), random.Random(7)
    for _ in range(8):
        flipped = bytearray(data)
        for _ in range(20):
            flipped[dice.randrange(len(data) // 3, len(data))] ^= 1 << dice.randrange(8)
        file.write_bytes(bytes(flipped))
        (seen,) = verify_all([(file, "video/mp4")])
        assert seen


# Many at once


def test_many_files_are_answered_in_order_and_the_answer_travels(
    tmp_path: Path, clips: Path
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(noise("PNG"))
    bad.write_bytes(b"")
    jobs = [(bad, "image/png"), (good, "image/png"), (clips / "fast.mp4", "video/mp4")]
    seen = pickle.loads(pickle.dumps(verify_all(jobs)))  # noqa: S301  (our own bytes, of this line)
    assert seen[0] == "a picture was expected; this is an empty file"
    assert seen[1] == Verified("image/png", Facts(96, 64))
    assert isinstance(seen[2], Verified)


def test_a_file_that_is_not_there_is_no_verdict_on_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verify_all([(tmp_path / "none", "image/png")])
