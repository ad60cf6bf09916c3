"""Two people on two branches of one film, at random: edits, purchases, choices; and the merge with git."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from film import ENOUGH, Film

from kinoform.api import adopting, picking
from kinoform.api.lockbook import LockBook
from kinoform.api.lockcheck import check_lock
from kinoform.api.pickbook import PickBook
from kinoform.api.planning import Asked
from kinoform.api.starter import ATTRIBUTES, IGNORE
from kinoform.core.manifest import recipe_of
from kinoform.core.types import Blob, Pick

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kinoform.core.types import Action

PIPELINE: Final = """\
kinoform: 1
name: lamp
shots: {from: "shots/*.yaml"}
steps:
  still:
    uses: runware/klingai:kling-image@o3
    foreach: shots
    takes: 2
    with: {prompt: "Wide frame, {{ shot.does }}", size: "1K 16:9"}
  clip:
    uses: runware/klingai:kling-video@o3-pro
    foreach: shots
    with: {prompt: "{{ shot.does }}", duration: 5, first_frame: "${{ out.still }}"}
  look:
    uses: local/resize
    foreach: shots
    with: {image: "https://pictures.example/{{ shot.key }}.png", size: 64x64}
  reel:
    uses: local/concat
    with: {clips: "${{ out.clip.all }}"}
"""
BOUGHT, UNBOUGHT = ("s010", "s020", "s030", "s040"), ("s050", "s060")
# Names for new shots: one that both took would be two shots in one place, and the same shot to git.
FREE: Final = {"ana": ("s070", "s090", "s110"), "ben": ("s080", "s100", "s120")}
OURS, THEIRS = "2", "3"  # stages of a file in conflict, as git numbers them
RECORDS: Final = ("kinoform.lock/", "picks/")
_MARKS: Final = ("<<<<<<<", "=======", ">>>>>>>")


@dataclass
class Person:
    """One branch: a home of its own, what it bought, and the shots that it touched."""

    name: str
    home: Path
    touched: set[str] = field(default_factory=set)
    bought: set[str] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)


@dataclass
class Merged:
    """What came of one merge. `faults` are broken promises; `conflicts` are files by kind."""

    did: Counter[str]
    conflicts: Counter[str]
    rebought: int
    faults: list[str]


def started(folder: Path) -> Film:
    """The film that all histories begin with: four shots bought, two not yet, all of it in git."""
    film = Film(folder, PIPELINE)
    (film.root / ".gitattributes").write_text(ATTRIBUTES, encoding="utf-8")
    (film.root / ".gitignore").write_text(IGNORE, encoding="utf-8")
    (film.root / "shots").mkdir()
    for shot in (*BOUGHT, *UNBOUGHT):
        _say(film, shot, f"Mara, and nobody else, in shot {shot}")
    film.run(*(f"clip@{shot}" for shot in BOUGHT), *(f"still@{shot}" for shot in BOUGHT))
    git(film, "init", "-q", "-b", "main")
    commit(film, "begin")
    return film


def git(film: Film, *words: str, check: bool = True) -> str:
    """What git says; nothing of the user's own settings counts."""
    own = {f"GIT_{who}_{what}": "ana@example.org" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")}  # fmt: skip
    env = {**os.environ, **own, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", str(film.root), *words]
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done.stdout


def commit(film: Film, message: str) -> None:
    git(film, "add", "-A")
    git(film, "commit", "-q", "--allow-empty", "-m", message)


def _say(film: Film, shot: str, does: str) -> None:
    (film.root / f"shots/{shot}.yaml").write_text(f"does: {does}\n", encoding="utf-8")


def _shots(film: Film) -> list[str]:
    return sorted(path.stem for path in (film.root / "shots").glob("*.yaml"))


class History:
    """One random history: two branches from one commit, and then the merge."""

    def __init__(self, template: Film, folder: Path, seed: int) -> None:
        shutil.copytree(template.root.parent, folder)
        self.film = object.__new__(Film)
        self.film.root, self.film.home = folder / "film", folder / "home"
        self.film.provider, self.film.ops = type(template.provider)(), template.ops
        self.random = random.Random(seed)
        self.people = [Person(name, folder / f"home-{name}") for name in ("ana", "ben")]
        self.origin: dict[str, str] = {}

    def play(self) -> Merged:
        """Both branches, the merge, and what it must leave behind."""
        for person in self.people:
            shutil.copytree(self.film.root.parent / "home", person.home)
            git(self.film, "checkout", "-q", "-b", person.name, "main")
            self._branch(person)
        git(self.film, "merge", "-q", "--no-edit", "ana", check=False)
        conflicts, faults = self._settle()
        rebought, more = self._afterwards()
        did = self.people[0].did + self.people[1].did
        return Merged(did, conflicts, rebought, [*faults, *more])

    # one branch

    def _branch(self, person: Person) -> None:
        for _ in range(self.random.randint(1, 5)):
            moves = (
                self._edit,
                self._buy,
                self._buy,
                self._pick,
                self._adopt,
                self._retake,
                self._pin,
                self._add,
                self._remove,
                self._rename,
            )
            move: Callable[[Person], None] = self.random.choice(moves)
            person.did[move.__name__.strip("_")] += 1
            move(person)
            if self.random.random() < 0.3:
                commit(self.film, "so far")
        self._buy(person)
        commit(self.film, f"what {person.name} did")

    def _one(self, person: Person) -> str:
        """A shot; it counts as touched, under the name that it began with."""
        shots = _shots(self.film)
        shot = self.random.choice(shots[:2] if self.random.random() < 0.5 else shots)  # they meet
        person.touched.add(self._first(shot))
        return shot

    def _first(self, shot: str) -> str:
        while shot in self.origin:
            shot = self.origin[shot]
        return shot

    def _edit(self, person: Person) -> None:
        _say(self.film, self._one(person), f"{person.name} says {self.random.random()}")

    def _buy(self, person: Person) -> None:
        shots = _shots(self.film)
        mine = [shot for shot in shots if self._first(shot) in person.touched]
        chosen = self.random.sample(mine or shots, k=min(2, len(mine or shots)))
        before = set(person.bought)
        self._run(person.name, person.home, person.bought, chosen)
        if person.bought != before:
            person.touched |= {self._first(shot) for shot in chosen}

    def _run(
        self,
        name: str,
        home: Path,
        bought: set[str],
        shots: Collection[str],
        *,
        retake: bool = False,
    ) -> str:
        def answer(action: Action) -> bytes:
            bought.add(action.key)
            return f"{name} made {action.key}".encode()  # hosted models do not repeat themselves

        self.film.home, self.film.provider.answer = home, answer
        steps = ("still",) if retake else ("still", "clip")
        names = [f"{step}@{shot}" for shot in shots for step in steps]
        project = self.film.open()
        report = project.run(project.plan(Asked(names, retake=retake)), ENOUGH)
        wrong = [ended.step for ended in report.steps if ended.outcome not in ("done", "reused")]
        return f"{name}: {wrong} {report.problems()}" if wrong or report.problems() else ""

    def _pick(self, person: Person) -> None:
        self.film.home = person.home
        step = f"still@{self._one(person)}"
        planned = self.film.open().plan()
        survey = planned.survey
        results = [survey.result((planned.graph.index[step], take)) for take in (1, 2)]
        take = self.random.randint(1, 2)
        found = results[take - 1]
        if found is None:
            PickBook(self.film.root).remove(step)
            return
        manifest = survey.manifests[planned.graph.index[step], take]
        pick = Pick(step, found.outputs[0].digest, recipe_of(manifest), take, person.name, "today")
        PickBook(self.film.root).write(pick)

    def _adopt(self, person: Person) -> None:
        self.film.home = person.home
        project = self.film.open()
        planned = project.plan()
        step = planned.step(f"still@{self._one(person)}")
        file = self.film.root.parent / "by-hand.png"
        file.write_text(f"{person.name} drew {self.random.random()}", encoding="utf-8")
        blob = adopting.take_in(project, step, file)
        choice = adopting.adopt(project, planned, step, blob, picking.Said(person.name))
        if choice is not None:
            picking.write(project, planned, choice)

    def _retake(self, person: Person) -> None:
        self._run(person.name, person.home, person.bought, [self._one(person)], retake=True)

    def _pin(self, person: Person) -> None:
        """What an address gives, which may be something else for each who asks."""
        self.film.home = person.home
        data = self.random.choice([b"one picture", b"another"])
        blob = Blob(
            self.film.open().home.store.add_bytes(data, durable=True), len(data), "image/png"
        )
        url = f"https://pictures.example/{self._one(person)}.png"
        LockBook(self.film.root).pin(url, blob)

    def _add(self, person: Person) -> None:
        new = self._free(person)
        if new:
            person.touched.add(new)
            _say(self.film, new, f"{person.name} adds {self.random.random()}")

    def _free(self, person: Person) -> str:
        there = {*_shots(self.film), *self.origin}
        free = [shot for shot in FREE[person.name] if shot not in there]
        return self.random.choice(free) if free else ""

    def _remove(self, person: Person) -> None:
        """Its records stay, as the guide says: git takes a deleted one for a renamed one."""
        if len(_shots(self.film)) > 2:
            (self.film.root / f"shots/{self._one(person)}.yaml").unlink()

    def _rename(self, person: Person) -> None:
        """A new name for a shot; half of the people take its records along."""
        new = self._free(person)
        if not new:
            return
        old = self._one(person)
        self.origin[new] = self._first(old)
        (self.film.root / f"shots/{old}.yaml").rename(self.film.root / f"shots/{new}.yaml")
        if self.random.random() < 0.5:
            for path in [p for top in RECORDS for p in (self.film.root / top).glob(f"**/{old}")]:
                path.replace(path.with_name(new))

    # the merge

    def _settle(self) -> tuple[Counter[str], list[str]]:
        """Resolve every conflict as the guide says; those in records that nobody may meet."""
        stages: dict[str, set[str]] = {}
        for row in git(self.film, "ls-files", "-u", "-z").split("\0"):
            if row:
                told, path = row.split("\t")
                stages.setdefault(path, set()).add(told.split()[2])
        kinds, faults = Counter[str](), []
        both = self.people[0].touched & self.people[1].touched
        for path, there in stages.items():
            kinds[path.partition("/")[0]] += 1
            shot = path.rpartition("/")[2].partition(".")[0]
            if path.startswith(RECORDS) and self._first(shot) not in both:
                faults.append(f"conflict in {path}: {[p.touched for p in self.people]}")
            self._resolve(path, there)
        commit(self.film, "merged")
        return kinds, faults

    def _resolve(self, path: str, stages: set[str]) -> None:
        file, sides = self.film.root / path, sorted(stages & {OURS, THEIRS})
        if not sides:
            file.unlink(missing_ok=True)
        elif path.startswith("kinoform.lock/steps/") and len(sides) > 1:
            lines = file.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if not line.startswith(_MARKS)]
            file.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        else:
            side = self.random.choice(sides)
            file.write_text(git(self.film, "show", f":{side}:{path}"), encoding="utf-8")

    def _afterwards(self) -> tuple[int, list[str]]:
        """Check the lock and make everything, with the stores put together and no ledger."""
        home, bought = self.film.root.parent / "home-merged", set[str]()
        for person in self.people:
            shutil.copytree(person.home / "store", home / "store", dirs_exist_ok=True)
        self.film.home = home
        found = check_lock(self.film.open())
        faults = [f"check --lock: {p}" for p in found.problems if p.severity == "error"]
        faults += [f"check --lock: not here: {step}" for step in found.missing]
        said = self._run("merged", home, bought, _shots(self.film))
        again = bought & (self.people[0].bought | self.people[1].bought | BASE)
        faults += [said] if said else []
        faults += [f"bought again: {key}" for key in sorted(again)]
        return len(again), faults


BASE: Final[set[str]] = set()  # keys that the template bought


def played(folder: Path, seeds: range) -> tuple[Counter[str], list[str]]:
    """Play a history for each seed: figures, and every fault with its seed."""
    (folder / "template").mkdir(parents=True)
    template = started(folder / "template")
    ledger = template.open().home.ledger
    BASE.update(task.key for task in ledger.tasks())
    figures, faults = Counter[str](), []
    for seed in seeds:
        merged = History(template, folder / f"history-{seed}", seed).play()
        figures["histories"] += 1
        figures["merges with a conflict"] += bool(merged.conflicts)
        figures += Counter({f"conflicts in {kind}": n for kind, n in merged.conflicts.items()})
        figures += merged.did
        faults += [f"seed {seed}: {fault}" for fault in merged.faults]
        shutil.rmtree(folder / f"history-{seed}")
    return figures, faults


def words(figures: Mapping[str, int]) -> str:
    """The figures in one line."""
    return ", ".join(f"{name} {number}" for name, number in figures.items())
