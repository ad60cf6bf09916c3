"""A tour through every command: what each prints with --json, beside the table that describes it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import click
from branches import commit, git
from desk import at_home
from film import Film
from model_pages import PAGE_OF, text
from paid_work import Work
from pictures_online import certificate, picture, serving
from PIL import Image
from sharing import objects, rewrite
from shipped_models import O3
from small_pages import page

from kinoform.api.home import open_home
from kinoform.api.models import shipped_models
from kinoform.cli.main import root, run
from kinoform.cli.options import Command
from kinoform.core.canon import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kinoform.core.types import Blob
    from kinoform.views.fields import Forms

WAVE = "wavespeed/kwaivgi/kling-image-o3"
FILM = f"""\
kinoform: 1
name: notes
models:
  board: {O3}
  hero: {{any: [{O3}, {WAVE}]}}
shots:
  s010: {{does: climbs the stair}}
  s020: {{does: lights the lamp}}
steps:
  still:
    uses: board
    foreach: shots
    tags: [words]
    with: {{prompt: "Mara {{{{ shot.does }}}}", size: "1K 16:9"}}
  note:
    uses: local/text
    foreach: shots
    takes: 2
    pick: review
    with: {{text: "Mara {{{{ shot.does }}}}"}}
  page:
    uses: local/text
    foreach: shots
    with: {{text: "page", inputs: ["${{{{ out.note }}}}"]}}
  small:
    uses: local/resize
    with: {{image: a.png, size: 32x32}}
  sheet:
    uses: local/contact-sheet
    with: {{images: "${{{{ out.still.all }}}}"}}
  later:
    uses: hero
    with: {{prompt: another, size: "2K 16:9"}}
"""
HURRIED = """\
  hurried:
    uses: local/resize
    timeout: 0.00001
    with: {image: a.png, size: 16x16}
"""


def forms() -> dict[str, Forms]:
    """What each command says that it prints."""
    return dict(_forms(root(), ""))


def _forms(group: click.Group, words: str) -> Iterator[tuple[str, Forms]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        inner = group.get_command(context, name)
        if isinstance(inner, click.Group):
            yield from _forms(inner, f"{name} ")
        elif isinstance(inner, Command):
            yield words + name, inner.prints


class Tour:
    """Runs commands in one folder; keeps documents by command and form."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents: dict[tuple[str, str], list[Any]] = defaultdict(list)

    def __call__(self, line: str, *words: str) -> None:
        """Run these words, and keep what they print."""
        argv, out = [*line.split(), *words], StringIO()
        argv += [] if "--events" in argv else ["--json"]
        with redirect_stdout(out), redirect_stderr(StringIO()):
            run(argv, {})
        for printed in out.getvalue().splitlines():
            self.keep(argv, json.loads(printed))

    def keep(self, argv: list[str], document: Any) -> None:
        """Keep a document under its command and the form that fits most of the words."""
        name = " ".join(argv[: 2 if argv[0] == "models" else 1])
        fitting = [form for form in forms()[name] if set(form.split()) <= set(argv)]
        self.documents[name, max(fitting, key=len)].append(document)


def toured(folder: Path) -> dict[tuple[str, str], list[Any]]:
    """Everything that was printed, by command and form."""
    tour = Tour(folder)
    film = Film(folder, FILM)
    Image.new("RGB", (64, 64)).save(film.root / "a.png")
    with chdir(folder), at_home(film.home):
        _made(tour, film)
        _compared(tour, film)
        _chosen(tour, film)
        _models(tour, film)
        _paid(tour, film)
        _spoiled(tour, film)
        _repinned(tour, film)
        _emulated(tour)
    return tour.documents


def _made(tour: Tour, film: Film) -> None:
    for line in ("init new", "init --list", "check film", "plan film", "doctor --offline",
                 "completion bash", "graph film", "schema film", "schema --config",
                 "schema film --output schema.json"):  # fmt: skip
        tour(line)
    film.run("still", "note", "small")
    film.write(FILM + HURRIED)
    tour("run film --draft --events jsonl")
    tour("run film note small hurried")
    tour("retry film --events jsonl")
    film.edit("    timeout: 0.00001\n", "")
    tour("retry film")
    for line in ("status film", "ls film", "cost film", "push shared film", "pull shared film"):
        tour(line)
    film.edit("Mara {{ shot.does }}", "Maren {{ shot.does }}")
    for line in ("why film still", "render film still@s010", "render film still@s010 --prompt"):
        tour(line)
    film.edit("Maren {{ shot.does }}", "Mara {{ shot.does }}")


def _compared(tour: Tour, film: Film) -> None:
    """Two states in git: one shot with other words, one gone."""
    git(film, "init", "-q")
    commit(film, "as it was")
    film.edit("Mara {{ shot.does }}", "Maren {{ shot.does }}")
    tour("diff film HEAD")
    film.edit("Maren {{ shot.does }}", "Mara {{ shot.does }}")


def _chosen(tour: Tour, film: Film) -> None:
    tour("run film still@s010 --draft")
    tour("retake film still@s010 --draft")
    tour("retake film still@s010 --draft --events jsonl")
    tour("pick film --list")
    tour("pick film note@s010 1 --by ana --why", "it is short")
    tour("pick film note@s010 --reopen")
    Image.new("RGB", (48, 32)).save(tour.folder / "retouched.png")
    tour("adopt film small retouched.png --by ana")
    tour("pick film small --list")
    (other,) = {blob.digest for blob in _digests(film, "small")}
    tour("history film small still@s010")
    retouched = digest_of((tour.folder / "retouched.png").read_bytes())
    tour(f"equate film {other} {retouched} --by ana --why", "the crane is gone, no more")
    tour(f"equate film {other} {retouched} --undo")
    tour(f"restore film small {other} --by ana --why", "the crane belongs there")


def _digests(film: Film, step: str) -> set[Blob]:
    """What a step made itself."""
    home = film.open().home
    key = home.ledger.heads(str(film.root.resolve()))[step, 1]
    return set(home.ledger.results({key})[key].outputs)


def _models(tour: Tour, film: Film) -> None:
    small = page("`width/height` cannot be used with `duration`.")
    (tour.folder / "page.md").write_text(small, "utf-8")
    tour("models import page.md --into small")
    long = text(PAGE_OF[O3])
    (tour.folder / "page.md").write_text(long, "utf-8")
    tour("models import page.md --into other")
    (tour.folder / "page.md").write_text(long.replace("2500", "2400"), "utf-8")
    tour("models import page.md --into other --replace")
    (mine,) = (tour.folder / "other").rglob("*.json")
    tour(f"models diff {O3} {mine} film")
    tour("models list")
    tour(f"models show {O3}")
    example = shipped_models()[O3].document["examples"][0]["request"]
    (tour.folder / "request.json").write_text(json.dumps(example | {"height": 7}), "utf-8")
    tour(f"models check {O3} request.json")
    tour(f"models choose hero {WAVE} -C film")


def _paid(tour: Tour, film: Film) -> None:
    work = Work(project=str(film.root.resolve()))
    doubt = work.then(work.begin("still@s010"), "unknown", candidates=["p-1"], why="dead line")
    work.then(work.begin("still@s020"), "ack")
    lost = work.then(work.begin("later"), "ack", "gone", paid="0.56")
    open_home().ledger.append(work.events)
    tour("pending film")
    tour("resume film still@s020")
    tour(f"settle {doubt} --adopt p-1 --by ana")
    tour(f"settle {lost} --forget")
    tour("cost film")


def _spoiled(tour: Tour, film: Film) -> None:
    """Bytes that are gone, bytes that are false, records of steps and models that are not here."""
    film.delete("still@s010")
    (record,) = (film.root / "kinoform.lock/steps/still").glob("s020")
    line = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps(line | {"model_digest": "0" * 64}) + "\n", "utf-8")
    (record.parent / "s090").write_text(json.dumps(line) + "\n", "utf-8")
    tour("check film --lock")
    tour("gc --older-than 0")
    rewrite(objects(film.home)[0], b"other bytes")
    tour("fsck")


def _repinned(tour: Tour, film: Film) -> None:
    """In a process of its own: what is trusted is read once, from the environment."""
    file = certificate(tour.folder)
    with serving(file) as web:
        web.files["/a.png"] = picture()
        url = f"https://localhost:{web.port}/a.png"
        film.edit("image: a.png, size: 32x32", f'image: "{url}", size: 32x32')
        argv = ["pull", "--refetch", url, "film", "--json"]
        near = {"SSL_CERT_FILE": str(file), "KINOFORM_RUNWARE_URL": "http://127.0.0.1:1/v1"}
        done = subprocess.run(
            [sys.executable, "-m", "kinoform", *argv],
            env=os.environ | near, check=True, capture_output=True, text=True,
        )  # fmt: skip
    tour.keep(argv, json.loads(done.stdout))


def _emulated(tour: Tour) -> None:
    argv = [sys.executable, "-m", "kinoform", "emulate", "--json"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        printed = process.stdout.readline() if process.stdout else ""
        process.terminate()
    tour.keep(argv[3:], json.loads(printed))
