"""Steps that are written out one by one and alike, taken together as the rows of a fan-out are.

They share their form and differ in texts. Most of these are plain, or name one step: those are read
here, a column for each leaf. Other templates are evaluated one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.spec.artifacts import finished
from kinoform.spec.plain import step_in
from kinoform.spec.scope import all_normal, normal
from kinoform.spec.speech import Broken, KnownLater, TemplateFault
from kinoform.spec.stamps import StampedMap
from kinoform.spec.template import holds_template

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kinoform.spec.document import StepDecl
    from kinoform.spec.studio import Stage
    from kinoform.spec.template import Templates


_LIVES = 8  # waves in which few were settled, before each is asked by itself


class Siblings:
    """Steps of one kind. `columns` are their names, and what the texts of their `with` give, leaf by leaf."""

    def __init__(self, stage: Stage, templates: Templates, steps: Sequence[StepDecl]) -> None:
        self._stage, self._templates, self._steps = stage, templates, steps
        self._doubt: set[int] = set()
        maps = [step.with_ for step in steps if isinstance(step.with_, StampedMap)]
        found = maps[0].part.columns([with_.entry for with_ in maps])
        names = [step.name for step in steps]
        self.columns = [names, *(self._column(x) for x in found if type(x[0]) is str)]
        self._left = [n for n in range(len(names)) if n not in self._doubt]
        self._lives = _LIVES

    def waiting(self, apart: Sequence[Collection[str]]) -> list[int]:
        """The numbers of those that are not settled, nor apart; none when waiting does not pay."""
        if not self._lives:
            return []
        names, gone = self.columns[0], {name for some in apart for name in some}
        if gone:
            self._left = [n for n in self._left if names[n] not in gone]
        return self._left

    def settle(self, done: Collection[str]) -> None:
        """Take these out."""
        self._lives -= 2 * len(done) < len(self._left) and self._lives > 0
        self._left = [n for n in self._left if self.columns[0][n] not in done]

    def _column(self, texts: Sequence[str]) -> Sequence[Any]:
        if "{" not in "".join(texts):
            return all_normal(texts)
        return [
            self._value(number, text) if "{" in text else normal(text)
            for number, text in enumerate(texts)
        ]

    def _value(self, number: int, text: str) -> Any:
        step = step_in(text)
        if step:
            return self._made(number, step)
        if not holds_template(text):
            return normal(text)
        if "out" not in text:  # what looks at other steps, or has frames cut, has its turn
            try:
                return normal(finished(self._templates.leaf(text)(self._context(number))))
            except (TemplateFault, KnownLater, Broken):
                pass
        self._doubt.add(number)
        return None

    def _made(self, number: int, step: str) -> Any:
        """The artifact of a step, if it stands alone; none if it is skipped."""
        try:
            if not self._stage.fan(step):
                return self._stage.refs(step)[0]
        except KeyError:
            pass
        self._doubt.add(number)
        return None

    def _context(self, number: int) -> Any:
        return self._stage.context(self._stage.instances(self._steps[number].name)[""])
