"""Resize, contact sheet and text, and the words that are set on pictures."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kinoform.core.codes_media import CODES
from kinoform.core.errors import OpError
from kinoform.ops import contact_sheet, lettering, params, pictures, resize, text
from kinoform.ops.table import OPS, VERSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Desk


def test_every_operation_can_be_imported_and_sent_to_a_worker() -> None:
    for place in OPS.values():
        module, _, name = place.partition(":")
        perform = getattr(import_module(module), name)
        assert pickle.loads(pickle.dumps(perform)) is perform  # noqa: S301  (our own bytes)
    assert set(VERSIONS) == set(OPS)


def test_text_is_written_as_it_stands(desk: Desk) -> None:
    (made,) = text.perform(desk.action({"text": "Über\nden Stufen", "inputs": []}))
    assert made.media == "text/plain"
    assert made.data == "Über\nden Stufen".encode()


def test_text_needs_words(desk: Desk) -> None:
    with pytest.raises(OpError, match="text must be text"):
        text.perform(desk.action({"text": None}))


def test_text_imports_nothing_heavy() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, kinoform.ops.text; print('PIL' in sys.modules)"],
        capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    assert said.strip() == "False"


@pytest.mark.parametrize(
    ("how", "size"), [("fit", (50, 25)), ("fill", (50, 50)), ("pad", (50, 50))]
)
def test_resize_knows_three_ways(desk: Desk, how: str, size: tuple[int, int]) -> None:
    image = desk.picture(Image.new("RGB", (200, 100), "white"))
    (made,) = desk.run(resize.perform, image=image, size="50x50", fit=how, background="#ff0000")
    assert (made.facts.width, made.facts.height) == size
    assert made.media == "image/png"


@pytest.mark.parametrize(("form", "media"), [("JPG", "image/jpeg"), ("WEBP", "image/webp")])
def test_resize_changes_the_format_when_asked(desk: Desk, form: str, media: str) -> None:
    image = desk.picture(Image.new("RGBA", (20, 10), (0, 0, 0, 0)))
    (made,) = desk.run(resize.perform, image=image, size="10x10", format=form)
    assert made.media == media
    assert pictures.sniff(made.path) == media


def test_resize_keeps_transparency_where_the_format_has_it(desk: Desk) -> None:
    image = desk.picture(Image.new("RGBA", (20, 10), (9, 9, 9, 0)))
    (made,) = desk.run(resize.perform, image=image, size="10x10")
    assert pictures.load(made.path).mode == "RGBA"


@pytest.mark.parametrize(("wrong", "said"), [
    ({"size": None}, "size must be"), ({"size": "9"}, "size must be"), ({"fit": 1}, "fit must be"),
    ({"background": "blurple"}, "background must be a colour"), ({"format": "BMP"}, "format must be"),
    ({"size": "16000x16000"}, "50 million"),
])  # fmt: skip
def test_resize_names_what_is_wrong(desk: Desk, wrong: dict[str, object], said: str) -> None:
    given = {"image": desk.picture(Image.new("RGB", (8, 8))), "size": "4x4", **wrong}
    with pytest.raises(OpError, match=said):
        desk.run(resize.perform, **given)


def test_a_contact_sheet_takes_pictures_and_clips(desk: Desk, media: Path) -> None:
    images = [desk.blob(media / "wide.mp4"), desk.picture(Image.new("RGB", (90, 160), "red"))]
    (made,) = desk.run(contact_sheet.perform, images=images, labels=["one", "two"], width=800)
    again = desk.run(contact_sheet.perform, images=images, labels=["one", "two"], width=800)[0]
    assert made.facts.width == 800
    assert made.path.read_bytes() == again.path.read_bytes()


@pytest.mark.parametrize("count", [1, 2, 5, 12, 40])
def test_a_contact_sheet_comes_near_its_aspect(desk: Desk, count: int) -> None:
    images = [desk.picture(Image.new("RGB", (160, 90), (n * 6, 90, 90))) for n in range(count)]
    (made,) = desk.run(contact_sheet.perform, images=images, width=900)
    assert made.facts.height
    assert 0.9 < 900 / made.facts.height < 2.8


def test_a_contact_sheet_wants_a_label_for_each_picture(desk: Desk) -> None:
    image = desk.picture(Image.new("RGB", (8, 8)))
    with pytest.raises(OpError, match="labels has 1 texts for 2 images"):
        desk.run(contact_sheet.perform, images=[image, image], labels=["one"])


def test_columns_can_be_asked_for(desk: Desk) -> None:
    images = [desk.picture(Image.new("RGB", (160, 90)))] * 3
    (row,) = desk.run(contact_sheet.perform, images=images, columns=3, width=600)
    (stack,) = desk.run(contact_sheet.perform, images=images, columns=1, width=600)
    assert row.facts.height
    assert stack.facts.height
    assert row.facts.height < stack.facts.height


def test_words_wrap_and_end_with_an_ellipsis() -> None:
    lines = lettering.wrap("the beam sweeps over a long dark sea " * 4, 20, 200, 2)
    assert len(lines) == 2
    assert lines[1].endswith("\u2026")
    assert all(lettering.width(line, 20) <= 200 for line in lines)


def test_a_word_wider_than_the_room_is_broken() -> None:
    assert "".join(lettering.wrap("a" * 60, 20, 200, 9)) == "a" * 60


@pytest.mark.parametrize("words", ["", "   ", "日本語", "Łódź façade", "\x00\u202e", "🎬" * 40])
def test_any_words_can_be_set(words: str) -> None:
    for line in lettering.wrap(words, 12, 60, 3):
        assert lettering.width(line, 12) <= 62


def test_values_in_messages_are_short_and_on_one_line() -> None:
    said = params.short("a\n\x1b[31m" + "b" * 500)
    assert len(said) == 80
    assert "\n" not in said
    assert "\x1b" not in said


def test_bytes_that_were_not_brought_are_named(desk: Desk) -> None:
    image = desk.picture(Image.new("RGB", (8, 8)))
    desk.files.clear()
    with pytest.raises(OpError, match="not at hand"):
        desk.run(resize.perform, image=image, size="4x4")


def test_every_problem_code_has_its_sentence() -> None:
    assert all(rule.endswith(".") for rule in CODES.values())
