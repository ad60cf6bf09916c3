"""Where results go for people: names under `out/`, and the files that `exports` asks for."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from kinoform.core.candidates import take_name
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, SpecError
from kinoform.core.moves import Moves
from kinoform.ports import Absent
from kinoform.spec.judge import full_request, judge
from kinoform.stores.view import View, extension

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from kinoform.api.planning import Planned
    from kinoform.core.report import Ended, Stood
    from kinoform.core.types import Blob, Step
    from kinoform.spec.catalog import Catalog
    from kinoform.spec.document import Export


_OUT = "out"
_NAMED = 5  # faults of the disk that are said one by one


@dataclass(frozen=True, slots=True)
class Naming:
    """How takes are shown: in which folder, and under which names.

    `current` is the take that stands for its step, where that is not the first; `recipes` are those of choices from an earlier recipe; `several` names steps with takes that the
    file does not ask for.
    """

    folder: str = _OUT
    current: Mapping[str, int] = field(default_factory=dict)
    recipes: Mapping[str, str] = field(default_factory=dict)
    several: Collection[str] = ()
    moves: Moves = field(default_factory=Moves)

    def name(self, step: str, blob: Blob, tail: str = "") -> str:
        """A path for an artifact of a step: `out/still/s010.png`, or `out/reel.mp4` without foreach."""
        return f"{self.folder}/{step.replace('@', '/')}{tail}.{extension(blob.media)}"

    def stands(self, step: str, take: int, recipe: str) -> bool:
        """Whether this take stands for its step; an empty recipe is that of whatever stands."""
        same = recipe in ("", self.recipes.get(step, recipe))
        return same and take == self.current.get(step, 1)


def naming(planned: Planned, *, draft: bool, moves: Moves | None = None) -> Naming:
    """The names of a plan: what a person chose is what stands for its step."""
    survey, picks = planned.survey, planned.survey.world.picks
    chosen = {name: pick.take or 1 for name, pick in picks.items()}
    earlier = {name: pick.recipe for name, pick in picks.items() if name not in survey.current}
    numbers = (*survey.beyond, *(number for number, _ in survey.retake))
    several = frozenset(planned.graph.ids[number] for number in numbers)
    return Naming(
        f"{_OUT}/draft" if draft else _OUT,
        chosen | survey.current,
        earlier,
        several,
        moves or Moves(),
    )


def _marks(one: Ended | Stood, takes: int, naming: Naming) -> list[str]:
    """What follows the name of a step in those that a take is shown under, the current one last.

    Nothing, and with several takes also `_3f9a_t02`, which is never used for anything else.
    """
    step, take, recipe = one.step, one.take, one.recipe
    several = recipe and (takes > 1 or take > 1 or step in naming.several)
    own = [f"_{take_name(recipe, take)}"] if several else []
    return [*own, ""] if naming.stands(step, take, recipe) else own


def files(
    one: Ended | Stood, takes: int, naming: Naming, former: str = ""
) -> list[tuple[str, Blob]]:
    """Every (path, artifact) to show for one take of so many; several results get `_1`, `_2`.

    `former` is another id of its step, for the paths that it had then.
    """
    outputs = one.outputs
    tails = ("",) if len(outputs) == 1 else tuple(f"_{n}" for n in range(1, len(outputs) + 1))
    return [
        (naming.name(former or one.step, blob, f"{mark}{tail}"), blob)
        for mark in _marks(one, takes, naming)
        for tail, blob in zip(tails, outputs, strict=True)
    ]


class Outlet:
    """Publishes what a run makes and reuses; gathers what could not be shown."""

    def __init__(
        self,
        view: View,
        exports: Sequence[Export],
        before: Callable[[Step, Ended], Sequence[Blob]],
        naming: Naming,
    ) -> None:
        self._view, self._naming, self._before = view, naming, before
        self._exports = exports if naming.folder == _OUT else ()  # a draft goes nowhere else
        self._owners: dict[str, str] = {}
        self.problems: list[Problem] = []

    def ready(self) -> None:
        """Raise EnvError unless results can be shown at all."""
        self._view.ready(self._naming.folder)

    def publish(self, step: Step, ended: Ended, data: bytes = b"") -> bool:
        """Show one take; False when its bytes turn out to be damaged. Faults are gathered.

        `data` are those of its first output, where somebody has them.
        What it was before goes where it had another name (a JPEG beside the new PNG).
        """
        if not ended.outputs:  # another take was chosen, and shows itself
            return True
        return self._is_added(step, ended, data) or self._is_shown(step, ended)

    def _is_added(self, step: Step, ended: Ended, data: bytes) -> bool:
        """Whether it has one name, at which nothing stood: as most of what is made for the first time."""
        several = self._exports or self._naming.moves.pairs or len(ended.outputs) > 1
        if several or ended.recipe or ended.take != self._naming.current.get(step.id, 1):
            return False
        (blob,) = ended.outputs
        name = self._naming.name(step.id, blob)
        is_ours = self._owners.setdefault(name, step.id) == step.id
        return is_ours and not self._before(step, ended) and self._view.add(name, blob, data)

    def _is_shown(self, step: Step, ended: Ended) -> bool:
        shown = dict(files(ended, step.takes, self._naming))
        # A take beside what stands takes nothing's place.
        stands = self._naming.stands(step.id, ended.take, ended.recipe)
        before = self._before(step, ended) if stands else ()
        former = replace(ended, recipe="", outputs=tuple(before))
        old = files(former, step.takes, self._naming) if before else []
        try:
            mine = {blob.digest for _, blob in old}
            exported = self._exported(ended)
            for name, blob in (*shown.items(), *exported):
                self._show(step, name, blob, mine)
            for name, blob in (*old, *self._former(step, ended)):
                if name not in shown:
                    self._view.retire(name, blob)
        except Absent:
            return False
        except EnvError as error:
            self.problems.extend(error.problems)
        return True

    def unshown(self, stood: Sequence[Stood]) -> set[int]:
        """Which of these, by number, `publish` has to look at: not shown as they are, or in doubt."""
        whose: dict[str, int] = {}
        wanted: dict[str, str] = {}
        found: set[int] = set()
        naming, owners, exports = self._naming, self._owners, self._exports
        start, current = f"{naming.folder}/", naming.current
        for number, one in enumerate(stood):
            step, like, take, _, recipe, outputs, _ = one
            if like.hidden:
                continue
            if not recipe and len(outputs) == 1 and take == current.get(step, 1):  # as of most
                blob = outputs[0]
                shown = [(f"{start}{step.replace('@', '/')}.{extension(blob.media)}", blob)]
            else:
                shown = files(one, like.takes, naming)
            for name, blob in (*shown, *self._exported(one)) if exports else shown:
                if owners.setdefault(name, step) != step:
                    found.add(number)
                wanted[name], whose[name] = blob.digest, number
        if naming.moves.pairs:
            found.update(n for n, one in enumerate(stood) if naming.moves.before(one.step))
        return found.union(map(whose.__getitem__, self._view.unseen(wanted)))

    def _former(self, step: Step, ended: Ended) -> Iterable[tuple[str, Blob]]:
        """Where this take was shown when its step had another name."""
        for before in self._naming.moves.before(step.id):
            yield from files(ended, step.takes, self._naming, before)

    def _show(self, step: Step, name: str, blob: Blob, mine: Collection[str]) -> None:
        owner = self._owners.setdefault(name, step.id)
        if owner != step.id:
            self.problems.append(_taken(name, owner, step.id))
            return
        try:
            problem = self._view.publish(name, blob, mine)
        except EnvError as error:
            self.problems.extend(error.problems)
        else:
            self.problems.extend([_adoptable(problem, name, step)] if problem else ())

    def said(self) -> tuple[Problem, ...]:
        """What could not be shown: all that people retouched, and the first of what failed."""
        wrong = [problem for problem in self.problems if problem.severity == "error"]
        calm = [problem for problem in self.problems if problem.severity != "error"]
        more = f"{len(wrong) - _NAMED} more files of out/ cannot be written"
        rest = [Problem("view-not-written", more)] if len(wrong) > _NAMED else []
        return (*calm, *wrong[:_NAMED], *rest)

    def _exported(self, one: Ended | Stood) -> Iterable[tuple[str, Blob]]:
        """What `exports` asks for."""
        for export in self._exports if one.outputs else ():
            if export.of == one.step and self._naming.stands(one.step, one.take, one.recipe):
                yield export.to, one.outputs[0]


def _adoptable(problem: Problem, name: str, step: Step) -> Problem:
    """A file that a person retouched, with the command that lets it stand for its step."""
    hint = f"kinoform adopt {step.id} {name} lets it stand; move it away to see the new one"
    return replace(problem, hint=hint)


def _taken(name: str, owner: str, other: str) -> Problem:
    said = f"{name} shows {owner}, and {other} would have the same name"
    return Problem("view-name-taken", said, hint="rename one of them", severity="warning")


def check_late(models: Catalog, step: Step) -> None:
    """Judge a request whose late values are known now. Raises SpecError."""
    model = models.get(step.op.name, None)
    found = judge(model, full_request(model, step.params)) if model else ()
    wrong = [
        Problem(f.code, f"{step.id}: {f.message}", step.where, f.hint, f.path)
        for f in found
        if f.severity == "error"
    ]
    if wrong:
        raise SpecError(wrong)
