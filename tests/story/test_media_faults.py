"""Facts of media that do not exist yet: `check` finds what does not fit, and submits nothing."""

from __future__ import annotations

import wave
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kinoform.api.locate import shipped
from kinoform.api.project import Project
from kinoform.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from pathlib import Path

    from film import Film

HEAD = """\
kinoform: 1
name: faults
models:
  board: runware/klingai:kling-image@o3
  retouch: runware/klingai:kling-image@3
  motion: runware/klingai:kling-video@o3-pro
  wave: wavespeed/kwaivgi/kling-image-o3
steps:
  wide: {uses: board, with: {prompt: a pier, size: "1K 16:9"}}
  flat: {uses: board, with: {prompt: a pier, size: "1K 21:9"}}
  square: {uses: board, with: {prompt: a pier, size: "1K 1:1"}}
  clip: {uses: motion, with: {prompt: it rains, first_frame: "${{ out.wide }}"}}
  box: {uses: motion, with: {prompt: it rains, first_frame: "${{ out.square }}"}}
  long: {uses: motion, with: {prompt: it rains, size: "16:9", duration: 12}}
"""
TEN = """\
  small: {uses: local/resize, with: {image: "${{ out.wide }}", size: 200x112}}
  a: {uses: motion, with: {prompt: it rains, first_frame: "${{ out.small }}"}}
  b: {uses: motion, with: {prompt: it rains, first_frame: "${{ out.flat }}"}}
  c: {uses: motion, with: {prompt: it rains, last_frame: "${{ out.wide }}"}}
  d: {uses: motion, with: {prompt: it rains, size: "16:9", references: ["${{ out.wide }}", "${{ out.flat }}", "${{ out.square }}", a.png, a.png, a.png, a.png, a.png]}}
  e: {uses: motion, with: {prompt: it rains, video: "${{ out.wide }}"}}
  f: {uses: retouch, with: {prompt: it rains, image: "${{ out.clip }}"}}
  g: {uses: retouch, with: {prompt: it rains, image: tone.wav}}
  h: {uses: local/concat, with: {strict: true, clips: ["${{ out.clip }}", "${{ out.box }}"]}}
  i: {uses: motion, with: {prompt: it rains, size: "16:9", inputs: {referenceVideos: ["${{ out.long }}"]}}}
  j: {uses: retouch, with: {prompt: it rains, image: "${{ out.clip.frame(9) }}"}}
"""
FOUND = {
    "a": ("side-out-of-range", "200x112", "first_frame"),
    "b": ("aspect-differs", "1552x656", "first_frame"),
    "c": ("item-needed", "`last_frame`", "last_frame"),
    "d": ("too-many", "references has too many items (8): at most 7", "references"),
    "e": ("wrong-media", "video is a picture (image/jpeg), a clip is wanted", "video"),
    "f": ("wrong-media", "image is a clip (video/mp4), a picture is wanted", "image"),
    "g": ("wrong-media", "image is a sound (audio/", "image"),
    "h": ("not-alike", "clips.1 is 1440x1440; the cut is 1920x1080", "clips.1"),
    "i": ("length-out-of-range", "12 s long; it must be 3 to 10 s", "inputs.referenceVideos.0"),
    "j": ("beyond-end", "9 s is not within the clip, which is 5 s long", "image"),
}


@pytest.fixture
def folder(film: Film) -> Film:
    """A project with a picture and a sound in it."""
    Image.new("RGB", (640, 360)).save(film.root / "a.png")
    with wave.open(str(film.root / "tone.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return film


def said(film: Film, steps: str) -> tuple[Problem, ...]:
    """Everything that `check` says of these steps, errors and warnings."""
    film.write(HEAD + steps)
    try:
        return film.open().check()
    except SpecError as error:
        return error.problems


def codes(film: Film, steps: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity) for problem in said(film, steps)]


def test_ten_planted_faults_are_exactly_what_is_found(folder: Film) -> None:
    found = said(folder, TEN)
    assert len(found) == len(FOUND) == 10
    lines = {line.split(":")[0].strip(): n for n, line in enumerate((HEAD + TEN).splitlines(), 1)}
    for problem in found:
        step = problem.path.split(".")[1]
        code, words, name = FOUND[step]
        assert (problem.code, problem.path) == (code, f"steps.{step}.with.{name}")
        assert words in problem.message
        assert problem.where
        assert problem.where.line == lines[step]
        column = (HEAD + TEN).splitlines()[problem.where.line - 1][problem.where.col - 1 :]
        assert column.startswith(("[", '"', "a.png", "tone.wav")), column
    assert folder.bought() == 0


@pytest.mark.parametrize("step", list(FOUND))
def test_each_of_them_is_found_alone(folder: Film, step: str) -> None:
    lines = TEN.splitlines(keepends=True)
    own = [line for line in lines if line.startswith((f"  {step}:", "  small:"))]
    (problem,) = said(folder, "".join(own))
    assert problem.code == FOUND[step][0]
    assert problem.severity == ("warning" if problem.code == "aspect-differs" else "error")


@pytest.mark.parametrize("name", ["hello", "lighthouse", "product-spot"])
def test_a_shipped_pipeline_has_none(name: str, tmp_path: Path) -> None:
    assert Project.open(shipped("pipelines") / name, home=tmp_path).check() == ()


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("a: {uses: motion, with: {prompt: xx, video: '${{ out.long }}'}}", "length-out-of-range"),
        ("a: {uses: motion, with: {prompt: xx, video: '${{ out.clip }}', references: [a.png, a.png, a.png, a.png, a.png]}}", "too-many"),
        ("a: {uses: wave, with: {prompt: xx, references: ['${{ out.wide }}', a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png]}}", "too-many"),
        ("a: {uses: wave, with: {prompt: xx, image: '${{ out.clip }}'}}", "wrong-media"),
        ("a: {uses: local/concat, with: {clips: ['${{ out.clip }}', '${{ out.wide }}']}}", "wrong-media"),
        ("a: {uses: local/resize, with: {image: '${{ out.clip }}', size: 640x360}}", "wrong-media"),
        ("a: {uses: local/frame, with: {video: '${{ out.wide }}', at: 1}}", "wrong-media"),
        ("a: {uses: local/frame, with: {video: '${{ out.clip }}', at: 5}}", "beyond-end"),
        ("a: {uses: local/concat, with: {clips: ['${{ out.clip }}'], audio: '${{ out.wide }}'}}", "wrong-media"),
        ("a: {uses: local/concat, with: {strict: true, fps: 25, clips: ['${{ out.clip }}']}}", "not-alike"),
        ("a: {uses: local/concat, with: {strict: true, size: 1280x720, clips: ['${{ out.clip }}']}}", "not-alike"),
        ("a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.clip.last_frame.width }}'}}", "wrong-type"),
        ("a: {uses: local/resize, with: {image: a.png, size: 99999x200}}", "side-out-of-range"),
        ("a: {uses: local/resize, with: {image: a.png, size: 9000x9000}}", "picture-too-large"),
        ("a: {uses: local/concat, with: {clips: ['${{ out.clip }}'], size: 8000x8000}}", "picture-too-large"),
        ("big: {uses: board, with: {prompt: a pier, size: '2K 16:9'}}\n  a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.big }}'}}", "side-out-of-range"),
        ("cut: {uses: local/concat, with: {clips: ['${{ out.clip }}'], size: 320x180}}\n  a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.cut.last_frame }}'}}", "side-out-of-range"),
        ("cut: {uses: local/concat, with: {clips: ['${{ out.clip }}', '${{ out.long }}']}}\n  a: {uses: motion, with: {prompt: xx, video: '${{ out.cut }}'}}", "length-out-of-range"),
        ("fit: {uses: local/resize, with: {image: '${{ out.flat }}', size: 640x640, fit: fit}}\n  a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.fit }}'}}", "side-out-of-range"),
        ("p: {uses: wave, with: {prompt: xx, size: '4K 16:9'}}\n  a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.p }}'}}", "side-out-of-range"),
        ("a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.wide }}', last_frame: '${{ out.flat }}'}}", "aspect-differs"),
    ],
)  # fmt: skip
def test_facts_travel_along_the_graph(folder: Film, steps: str, code: str) -> None:
    found = said(folder, f"  {steps}\n")
    assert code in {problem.code for problem in found}
    assert {p.path.split(".")[1] for p in found if p.severity == "error"} <= {"a"}


@pytest.mark.parametrize(
    "steps",
    [
        "a: {uses: local/concat, with: {clips: ['${{ out.clip }}', '${{ out.box }}']}}",
        "a: {uses: local/concat, with: {strict: true, clips: ['${{ out.clip }}', '${{ out.long }}']}}",
        "a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.clip.frame(4.9) }}', last_frame: '${{ out.clip.last_frame }}'}}",
        "a: {uses: motion, with: {prompt: xx, video: '${{ out.clip }}', references: [a.png, a.png, a.png, a.png]}}",
        "a: {uses: motion, with: {prompt: xx, size: '16:9', references: [a.png, a.png, a.png, a.png, a.png, a.png, a.png]}}",
        "a: {uses: wave, with: {prompt: xx, references: [a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png, a.png]}}",
        "r: {uses: local/resize, with: {image: '${{ out.flat }}', size: 1360x768}}\n  a: {uses: motion, with: {prompt: xx, first_frame: '${{ out.r }}'}}",
        "a: {uses: local/concat, with: {clips: ['${{ out.clip }}'], audio: tone.wav}}",
        "a: {uses: wave, with: {prompt: xx}}\n  b: {uses: motion, with: {prompt: xx, first_frame: '${{ out.a }}'}}",
    ],
)  # fmt: skip
def test_what_fits_or_cannot_be_known_is_not_spoken_of(folder: Film, steps: str) -> None:
    assert said(folder, f"  {steps}\n") == ()


def test_what_hangs_on_a_faulty_step_is_not_blamed(folder: Film) -> None:
    steps = """\
  bad: {uses: motion, with: {prompt: it rains, size: "16:9", duration: 2}}
  next: {uses: motion, with: {prompt: it rains, first_frame: "${{ out.bad.last_frame }}"}}
  cut: {uses: local/concat, with: {strict: true, clips: ["${{ out.bad }}", "${{ out.clip }}"]}}
"""
    assert codes(folder, steps) == [("too-small", "error")]


def test_a_file_above_the_size_that_is_taken_is_an_error(folder: Film) -> None:
    with (folder.root / "a.png").open("ab") as file:
        file.truncate(21 * 1024 * 1024)
    (problem,) = said(folder, "  a: {uses: wave, with: {prompt: xx, image: a.png}}\n")
    assert problem.code == "media-too-large"
    assert "image is 21.0 MB; at most 20 MB are taken" in problem.message
