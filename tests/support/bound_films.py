"""Random films with a written plan: kept, it is paid within its range; anything moved, nothing is sent."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from film import Film
from PIL import Image

from kinoform.api import planfile
from kinoform.api.consent import Consent
from kinoform.api.pickbook import PickBook
from kinoform.api.planning import Asked
from kinoform.api.setting import Setting
from kinoform.core import binding
from kinoform.core.errors import MovedError
from kinoform.core.manifest import recipe_of
from kinoform.core.money import price_factor
from kinoform.core.types import Pick
from kinoform.testing.fakes import FakeProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kinoform.api.planning import Planned
    from kinoform.core.types import Action
    from kinoform.ports import Output

OWN: Final = "runware/acme:brush@1"
SHIPPED: Final = Path(__file__).parents[2] / "schemas/runware/klingai.kling-image@3.json"
WORDS: Final = ("lamp", "stair", "sea", "wick", "gull", "rope", "storm", "boat")
NOBODY: Final = "0" * 64
MOVED: Final = "moved: "
KINDS: Final = 12  # of moves


class Till(FakeProvider):
    """Takes what the plan says; of like words it makes like pictures, so that a wait may be for nothing."""

    def __init__(self) -> None:
        super().__init__(answer=_alike)
        self.prices: dict[str, Decimal] = {}
        self.paid = Decimal(0)

    def _outputs(self, action: Action) -> Iterator[Output]:
        self.price = self.prices[action.step]
        self.paid += self.price
        yield from super()._outputs(action)


def _alike(action: Action) -> bytes:
    words = len(json.dumps(action.manifest["params"])) % 3
    return f"{action.op.name} {words}".encode()


@dataclass
class Played:
    """What came of many films; `faults` are broken promises."""

    figures: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def moves(self) -> set[str]:
        """The kinds of things that were moved, each of them at least once."""
        return {name.removeprefix(MOVED) for name in self.figures if name.startswith(MOVED)}

    def __str__(self) -> str:
        counts = sorted(self.figures.items())
        return f"{', '.join(f'{name} {n}' for name, n in counts if n)}, faults {len(self.faults)}"


class Game:
    """One random film."""

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir()
        self.random = random.Random(seed)
        self.film = Film(folder, self._pipeline())
        self.till = self.film.provider = Till()
        self.did, self.spared = "", 0
        self._files()

    # the film

    def _pipeline(self) -> str:
        step = self._some
        edit = step(
            "  edit:\n    uses: own\n    foreach: shots\n"
            '    with: {prompt: paint it, image: "${{ out.still }}", size: "1K 16:9"}\n'
        )
        frame = "out.edit" if edit else "out.still"
        begins = f"(out.clip.prev.last_frame if shot.chain else none) or {frame}"
        last = step(f'      last_frame: "${{{{ {frame}.next }}}}"\n')
        return (
            "kinoform: 1\nname: drawn  # by lot\n"
            f"models: {{board: 'runware/klingai:kling-image@o3', own: '{OWN}',"
            " motion: 'runware/klingai:kling-video@o3-pro'}\n"
            "shots: {from: shots.csv, key: id}\n"
            "steps:\n"
            f"  still:\n    uses: {self.random.choice(('board', 'own'))}\n    foreach: shots\n"
            f"    takes: {self.random.randint(1, 2)}\n"
            "    with:\n      prompt: \"{% include 'look.j2' %} {{ shot.does }}\"\n"
            f'      size: "1K 16:9"\n{step("      references: [art/mara.png]" + chr(10))}'
            f"{edit}"
            "  clip:\n    uses: motion\n    foreach: shots\n    with:\n"
            f'      prompt: "{{{{ shot.does }}}}"\n      duration: 5\n'
            f'      first_frame: "${{{{ {begins} }}}}"\n{last}'
            + step("  reel:\n    uses: local/concat\n    with: {clips: '${{ out.clip.all }}'}\n")
            + step("  sheet:\n    uses: local/contact-sheet\n    with: {images: '${{ out.still.all }}'}\n")
        )  # fmt: skip

    def _some(self, text: str) -> str:
        return text if self.random.random() < 0.6 else ""

    def _files(self) -> None:
        root = self.film.root
        for folder in ("art", "prompts", "models"):
            (root / folder).mkdir()
        self.paint((90, 60, 30))
        self.say("prompts/look.j2", "Wide frame of a")
        text = SHIPPED.read_text("utf-8")
        self.say("models/brush.json", text.replace(json.loads(text)["id"], OWN))
        shots = range(1, self.random.randint(2, 5))
        rows = [f"s{n}0,{self.word()},{self.random.choice(('true', 'false'))}" for n in shots]
        self.say("shots.csv", "\n".join(["id,does,chain", *rows, ""]))

    def word(self) -> str:
        return " ".join(self.random.choices(WORDS, k=2))

    def say(self, path: str, text: str) -> None:
        (self.film.root / path).write_text(text, encoding="utf-8")

    def paint(self, color: tuple[int, int, int]) -> None:
        Image.new("RGB", (640, 360), color).save(self.film.root / "art/mara.png")

    def some_work(self) -> None:
        """A part of the film is made, and then its words change: something is left to do."""
        if self.random.random() < 0.8:
            steps = [d.step for d in self.film.plan().plan.decisions]
            self.run(self.film.plan(*self.random.sample(steps, self.random.randint(1, len(steps)))))
        if self.random.random() < 0.7:
            self.say("prompts/look.j2", f"Wide {self.word()}")

    def run(self, planned: Planned, most: Decimal = Decimal(1000)) -> set[str]:
        """What was executed, by name and by key: two steps may turn out to ask for the same."""
        self.till.prices = {step.id: step.price or Decimal(0) for step in planned.graph.steps}
        report = self.film.open().run(planned, Consent(max_cost=most))
        wrong = [problem for problem in report.problems() if problem.code != "lost"]
        assert not wrong, wrong
        done = [ended for ended in report.steps if ended.outcome == "done"]
        return {name for e in done for name in (f"{e.step}#{e.take}", e.key)}

    # the plan

    def saved(self) -> Path:
        file = self.film.root.parent / "plan.json"
        pipeline = self.film.root / "pipeline.yaml"
        planfile.save(file, pipeline, Setting(), Asked(), self.film.plan())
        return file

    def held(self, file: Path) -> Planned:
        """The plan of now, if that is the one in the file. Raises MovedError."""
        plan = planfile.load(file)
        planned = self.film.open().plan(plan.asked)
        plan.hold(planned)
        return planned

    def kept(self) -> Iterator[str]:
        """The plan is run as written: paid within its range, and nothing else is made."""
        file = self.saved()
        planned, before = self.held(file), self.till.paid
        price = planned.plan.price
        made = self.run(planned, binding.worst(planfile.load(file).told))
        paid = self.till.paid - before
        if not price.floor <= paid <= price.worst:
            yield f"paid {paid}, planned {price}"
        for decision in planned.plan.decisions:
            name = f"{decision.step}#{decision.take}"
            if (name in made) > (decision.verdict in ("run", "wait")):
                yield f"{name} was made: {decision.verdict}"
            if decision.verdict == "run" and made.isdisjoint((name, decision.key)):
                yield f"{name} was not made"
            self.spared += decision.verdict == "wait" and name not in made

    # what may move

    def moves(self) -> dict[str, Callable[[], bool]]:
        """Each does one thing, and says whether there was something to do it to."""
        return {
            "pipeline": partial(self._reword, "pipeline.yaml", "by lot", "at random"),
            "partial": partial(self._reword, "prompts/look.j2", "Wide", "Calm, wide"),
            "table": partial(self._reword, "shots.csv", "chain\n", "chain\ns90,a gull,false\n"),
            "input bytes": self._repaint,
            "model file": partial(self._reword, "models/brush.json", '"title": "', '"title": "A '),
            "price": partial(self._reword, "models/brush.json", '"0.028"', '"0.030"'),
            "pick": self._pick,
            "lock": self._relock,
            "what was made": self._make,
            "recorded result": self._rerecord,
            "lost bytes": self._lose,
            "what a model took": self._dearer,
        }

    def _reword(self, path: str, old: str, new: str) -> bool:
        text = (self.film.root / path).read_text("utf-8")
        self.say(path, text.replace(old, new, 1))
        read = any(step.op.name == OWN for step in self.film.plan().graph.steps)
        return old in text and (read or not path.startswith("models/"))

    def _repaint(self) -> bool:
        self.paint((91, 60, 30))
        return "art/mara.png" in (self.film.root / "pipeline.yaml").read_text("utf-8")

    def _pick(self) -> bool:
        """Somebody chooses another take, or takes the choice back."""
        book, step = PickBook(self.film.root), "still@s10"
        if step in book.all:
            return book.remove(step)
        found = self._results()
        for decision, result in found:
            if decision.step == step:
                blob, recipe = result.outputs[0], recipe_of(result.manifest)
                book.write(Pick(step, blob.digest, recipe, decision.take, "ben", "today"))
                return True
        return False

    def _results(self) -> list[tuple[Any, Any]]:
        planned = self.film.plan()
        index = planned.graph.index
        found = (
            (d, planned.survey.result((index[d.step], d.take))) for d in planned.plan.decisions
        )
        return [(d, result) for d, result in found if result is not None and d.verdict == "reuse"]

    def _relock(self) -> bool:
        records = sorted((self.film.root / "kinoform.lock/steps").glob("*/*"))
        if not records:
            return False
        record = self.random.choice(records)
        line = json.loads(record.read_text("utf-8").splitlines()[0])
        other = json.dumps({**line, "recipe": NOBODY, "key": NOBODY}, sort_keys=True)
        record.write_text(record.read_text("utf-8") + other + "\n", encoding="utf-8")
        return True

    def _make(self) -> bool:
        """Another process is faster."""
        due = [d.step for d in self.film.plan().plan.decisions if d.verdict == "run"]
        return bool(due) and bool(self.run(self.film.plan(self.random.choice(due))))

    def _rerecord(self) -> bool:
        """The same request was bought anew elsewhere, and other bytes stand for it."""
        bought = [(d, r) for d, r in self._results() if r.kind == "hosted"]
        if not bought:
            return False
        decision, result = self.random.choice(bought)
        self.film.delete(decision.step) if decision.take == 1 else None
        project = self.film.open()
        self.till.answer = lambda action: f"anew {action.key}".encode()
        planned = project.plan(Asked((decision.step,), rebuy=(decision.step,)))
        made = self.run(planned)
        self.till.answer = _alike
        return bool(made) and result.outputs[0].digest != ""

    def _lose(self) -> bool:
        found = [d.step for d, r in self._results() if d.take == 1 and r.kind == "hosted"]
        if found:
            self.film.delete(self.random.choice(found))
        return bool(found)

    def _dearer(self) -> bool:
        """The provider took more than the model file says, in another film."""
        planned = self.film.plan()
        due = {d.step for d in planned.plan.decisions if d.price and d.price.worst}
        ops = [s.op for s in planned.graph.steps if s.id in due]
        if ops:
            self.film.open().home.index.put({price_factor(self.random.choice(ops)): "1.5"})
        return bool(ops)

    def moved(self) -> Iterator[str]:
        """One thing moves after the plan was written; it is refused, and nothing was sent."""
        file = self.saved()
        moves = self.random.sample(list(self.moves().items()), KINDS)
        self.did = name = next(name for name, move in moves if move())
        before = self.till.submits.total()
        try:
            self.held(file)
        except MovedError as error:
            if not all(problem.message for problem in error.problems):
                yield f"{name}: nothing is named"
        else:
            yield f"{name}: was not refused"
        if self.till.submits.total() != before:
            yield f"{name}: something was sent"


def played(folder: Path, seeds: Iterable[int]) -> Played:
    """Play films by these seeds: each is moved under its plan once, and then planned and kept."""
    found = Played()
    for seed in seeds:
        game = Game(folder / str(seed), seed)
        game.some_work()
        found.faults += [f"{seed}: {fault}" for fault in (*game.moved(), *game.kept())]
        found.figures["films"] += 1
        found.figures[f"{MOVED}{game.did}"] += 1
        found.figures["submits"] += game.till.submits.total()
        found.figures["waits for nothing"] += game.spared
        # A ledger that is let go of meanwhile takes its log along.
        shutil.rmtree(folder / str(seed), ignore_errors=True)
    return found
