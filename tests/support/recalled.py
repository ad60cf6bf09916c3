"""Random edits of a project and its home, and whether what is recalled is what would be said."""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import time
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kinoform.__main__ import main
from kinoform.api.locate import shipped
from kinoform.cli.main import run
from kinoform.stores import answers

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

SETTLED = 0.021  # seconds, after which a file's times tell of every further write
WORDS = ("one", "two", "three", "four", "five", "six")
QUESTIONS = (
    ("plan",), ("plan", "--json"), ("status",), ("ls",), ("run",), ("run", "--json"),
    ("plan", "note@s1"), ("why", "note@s1"), ("check",), ("plan", "--all", "--var", "mood=calm"),
)  # fmt: skip
FILES = {
    "pipeline.yaml": """\
kinoform: 1
name: edited
include: [more.yaml]
vars: {mood: grim}
shots: {from: "shots/*.yaml"}
data:
  marks: {from: marks.csv, key: id}
models: {board: runware/own:model@1}
""",
    "more.yaml": """\
steps:
  note:
    uses: local/text
    foreach: shots
    with: {text: "{% include 'note.j2' %} {{ shot.does }} {{ vars.mood }}"}
  mark:
    uses: local/text
    foreach: {mark: data.marks}
    takes: 2
    with: {text: "{{ mark.says }}", inputs: [refs/plate.txt, refs/link.txt]}
  last:
    uses: local/text
    with: {text: end, inputs: "${{ out.note.all }}"}
  still:
    uses: board
    with: {prompt: "A still, {{ vars.mood }}", size: "1K 16:9"}
    when: false
""",
    "prompts/note.j2": "A note.",
    "shots/s1.yaml": "{does: walks}",
    "shots/s2.yaml": "{does: runs}",
    "marks.csv": "id,says\na,red\nb,blue\n",
    "refs/plate.txt": "plate one",
    "refs/other.txt": "plate two",
}


@dataclass
class Edited:
    """A project that is edited at random. `recalled` counts answers that were given again."""

    root: Path
    home: Path
    dice: random.Random
    recalled: int = 0
    asked: int = 0
    differ: list[str] = field(default_factory=list)

    def begin(self) -> None:
        for name, text in FILES.items():
            self.write(name, text)
        (self.root / "refs/link.txt").symlink_to("plate.txt")
        model = json.loads((shipped("schemas") / "runware/klingai.kling-image@o3.json").read_text())
        self.write("models/own.json", json.dumps({**model, "id": "runware/own:model@1"}))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def turn(self) -> None:
        """One edit; what was answered before is asked again at once, and once more when settled."""
        question = self.dice.choice(QUESTIONS)
        self.ask(question)
        edit = self.dice.choice(EDITS)
        with suppress(OSError):  # an edit of what an earlier one took away
            edit(self)
        self.ask(question, edit.__name__)

    def ask(self, question: tuple[str, ...], after: str = "") -> None:
        """Ask so that an answer can be kept, and hold what is recalled against a run of it all."""
        words = (question[0], "-C", str(self.root), *question[1:])
        known = answers.recall(words, os.environ)
        if known is None and not after:
            settle()
            said(main, words)
            return
        self.asked += 1
        if known is not None:
            self.recalled += 1
            plain = said(run, words)
            if _plain(known) != plain:
                self.differ.append(f"{question} after {after}: {_plain(known)} but {plain}")


def settle() -> None:
    """Let go of databases, as a process that ends does, and wait until file times tell of all."""
    gc.collect()
    time.sleep(SETTLED)


def said(call: Callable[[tuple[str, ...]], int], words: tuple[str, ...]) -> tuple[int, str, str]:
    """Status, output and talk of one command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = call(words)
    return status, _still(out.getvalue()), err.getvalue()


def _plain(answer: answers.Answer) -> tuple[int, str, str]:
    status, chunks = answer
    texts = ["".join(text for stream, text in chunks if stream == name) for name in "oe"]
    return status, _still(texts[0]), texts[1]


def _still(text: str) -> str:
    """Without the name of a run, which is drawn anew each time."""
    try:
        return json.dumps({**json.loads(text), "run": ""})
    except (ValueError, TypeError):
        return text


# edits


def _some(at: Edited) -> Path:
    names = [*FILES, "models/own.json"]
    return at.root / at.dice.choice(names)


def touches_a_file(at: Edited) -> None:
    os.utime(_some(at))


def touches_everything(at: Edited) -> None:
    for path in at.root.rglob("*"):
        os.utime(path)


def changes_words(at: Edited) -> None:
    at.write("shots/s1.yaml", f"{{does: {at.dice.choice(WORDS)}}}")


def changes_a_comment(at: Edited) -> None:
    at.write("pipeline.yaml", f"# {at.dice.choice(WORDS)}\n{FILES['pipeline.yaml']}")


def changes_an_included_file(at: Edited) -> None:
    at.write("more.yaml", FILES["more.yaml"].replace("end", at.dice.choice(WORDS)))


def changes_a_partial(at: Edited) -> None:
    at.write("prompts/note.j2", f"{at.dice.choice(WORDS)} note.")


def changes_a_variable(at: Edited) -> None:
    text = FILES["pipeline.yaml"].replace("grim", at.dice.choice(WORDS))
    at.write("pipeline.yaml", text)


def changes_a_row(at: Edited) -> None:
    rows = at.dice.sample(WORDS, at.dice.randint(1, 3))
    at.write("marks.csv", "id,says\n" + "".join(f"{row},{row}\n" for row in rows))


def adds_or_removes_a_shot(at: Edited) -> None:
    path = at.root / f"shots/s{at.dice.randint(3, 4)}.yaml"
    if path.exists():
        path.unlink()
    else:
        path.write_text("{does: sits}")


def changes_a_model_file(at: Edited) -> None:
    path = at.root / "models/own.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "title": at.dice.choice(WORDS)}))


def changes_bytes_under_the_same_size_and_time(at: Edited) -> None:
    path = at.root / at.dice.choice(("refs/plate.txt", "marks.csv", "shots/s2.yaml"))
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-2] = ord(at.dice.choice("abcdefgh"))
    path.write_bytes(bytes(data))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaces_an_input(at: Edited) -> None:
    at.write("beside", at.dice.choice(WORDS))
    (at.root / "beside").replace(at.root / "refs/other.txt")


def turns_a_link(at: Edited) -> None:
    link = at.root / "refs/link.txt"
    link.unlink()
    link.symlink_to(at.dice.choice(("plate.txt", "other.txt")))


def removes_a_file(at: Edited) -> None:
    _some(at).unlink()


def puts_everything_back(at: Edited) -> None:
    (at.root / "refs/link.txt").unlink(missing_ok=True)
    shutil.rmtree(at.root / "models", ignore_errors=True)
    at.begin()


def writes_or_takes_back_a_pick(at: Edited) -> None:
    path = at.root / "picks/mark/a"
    if path.exists():
        path.unlink()
        return
    said(run, ("pick", "-C", str(at.root), "mark@a", str(at.dice.randint(1, 2)), "--by", "ana"))


def loses_an_object(at: Edited) -> None:
    objects = sorted((at.home / "store/objects").glob("*/*"))
    if objects:
        at.dice.choice(objects).unlink()


def loses_a_shown_file(at: Edited) -> None:
    shown = sorted(path for path in (at.root / "out").rglob("*") if path.is_file())
    if shown:
        at.dice.choice(shown).unlink()


def retouches_a_shown_file(at: Edited) -> None:
    shown = sorted(path for path in (at.root / "out").rglob("*") if path.is_file())
    if shown:
        at.dice.choice(shown).write_text(at.dice.choice(WORDS))


def makes_everything(at: Edited) -> None:
    said(run, ("run", "-C", str(at.root)))


def works_elsewhere(at: Edited) -> None:
    other = at.root.parent / "elsewhere"
    other.mkdir(exist_ok=True)
    step = f"{{uses: local/text, with: {{text: {at.dice.random()}}}}}"
    (other / "pipeline.yaml").write_text(f"kinoform: 1\nname: other\nsteps: {{one: {step}}}\n")
    said(run, ("run", "-C", str(other)))


def changes_the_settings(at: Edited) -> None:
    path = at.home.parent / "config.yaml"
    path.write_text(at.dice.choice(("", "budget: {ask_above: 1}\n", "budget: {run: 2}\n")))


def loses_the_index(at: Edited) -> None:
    shutil.rmtree(at.home / "index", ignore_errors=True)


EDITS: tuple[Callable[[Edited], None], ...] = (
    touches_a_file, touches_everything, changes_words, changes_a_comment,
    changes_an_included_file, changes_a_partial, changes_a_variable, changes_a_row,
    adds_or_removes_a_shot, changes_a_model_file, changes_bytes_under_the_same_size_and_time,
    replaces_an_input, turns_a_link, removes_a_file, puts_everything_back, puts_everything_back,
    puts_everything_back, writes_or_takes_back_a_pick, loses_an_object, loses_a_shown_file,
    retouches_a_shown_file, makes_everything, makes_everything, makes_everything, works_elsewhere,
    changes_the_settings, loses_the_index,
)  # fmt: skip
