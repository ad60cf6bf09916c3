"""Answers, while a document is compiled, what instances there are and what they will make.

Asked by templates (as the `Studio` of `artifacts`), by `compile`, `foundry` and the builders. Facts
are asked lazily: a template that reads `.width` compiles the step upstream first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.types import Facts, Ref
from kinoform.spec.artifacts import Out
from kinoform.spec.fan import expand, fans
from kinoform.spec.speech import TemplateFault
from kinoform.spec.steps import siblings
from kinoform.spec.template import Broken, KnownLater
from kinoform.spec.tree import where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kinoform.core.types import Expect
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.document import Document, StepDecl
    from kinoform.spec.fan import Cut
    from kinoform.spec.report import Report
    from kinoform.spec.scope import Scope
    from kinoform.spec.values import Collection

    # What an instance or an inserted frame will make; compiles it if need be.
    Foresee = Callable[[str], Sequence[Expect]]


class Stage:
    """The instances of one document, and the artifacts that they promise: an `artifacts.Studio`."""

    def __init__(self, document: Document, scope: Scope, report: Report, limit: int) -> None:
        self._document, self._scope, self._report = document, scope, report
        self._fans = fans(document.steps, scope.collections)
        self._instances = expand(document.steps, self._fans, limit)
        self._always = {name for name, decl in document.steps.items() if decl.when is True}
        self._siblings = siblings(document.steps.values())
        self._skips: dict[str, bool] = {}
        self._refs: dict[str, Sequence[Ref | None]] = {}
        self.frames: dict[str, tuple[Ref, str | float]] = {}
        self.overlay: dict[Ref, Facts] = {}
        self.made: Mapping[str, Expect] = {}
        self.foresee: Foresee = lambda _step: ()

    def fan(self, step: str) -> Mapping[str, Collection]:
        """The collections that a step fans out over, by foreach name."""
        return self._fans[step]

    def steps(self) -> Iterable[str]:
        """All step names."""
        return self._document.steps

    def instances(self, step: str) -> Cut:
        """Item key to instance, in the order of the cut. Raises KeyError."""
        return self._instances[step]

    def together(self, decl: StepDecl) -> Sequence[StepDecl]:
        """A declaration with its siblings, in file order."""
        return self._siblings.get(decl.name, (decl,))

    def everybody(self) -> list[str]:
        """The ids of all instances in file order, then in the order of the cut."""
        return [name for cut in self._instances.values() for name in cut.ids]

    def named(self, name: str) -> tuple[StepDecl, Instance]:
        """The declaration and the instance of an id. Raises KeyError."""
        step, _, item = name.partition("@")
        return self._document.steps[step], self._instances[step][item]

    def context(self, instance: Instance) -> dict[str, Any]:
        """What templates of this instance see. Raises Broken for an item that is."""
        bound = {loop: home.get(instance.keys[loop]) for loop, home in instance.bound.items()}
        return {**self._scope.roots, **bound, "out": Out(self, instance)}

    def refs(self, step: str) -> Sequence[Ref | None]:
        """The artifacts of all instances in the order of the cut, none of those that are skipped.

        Each is one object for all who read it. Raises KeyError.
        """
        if step not in self._refs:
            refs: list[Ref | None] = [*map(Ref, self._instances[step].ids)]
            if step not in self._always:
                cut = self._instances[step].values()
                pairs = zip(refs, cut, strict=True)
                refs = [None if self.skipped(one) else ref for ref, one in pairs]
            self._refs[step] = refs
        return self._refs[step]

    def takes(self, step: str) -> int:
        """How many takes the file asks for."""
        return self._document.steps[step].takes

    def left_out(self) -> set[str]:
        """The ids of all instances that are skipped."""
        some = (step for step in self._instances if step not in self._always)
        every = (one for step in some for one in self._instances[step].values())
        return {one.id for one in every if self._is_out(one)}

    def _is_out(self, instance: Instance) -> bool:
        try:
            return self.skipped(instance)
        except Broken:
            return False

    def skipped(self, instance: Instance) -> bool:
        """Whether its `when` is false. `when` may use plan-time facts only."""
        if instance.step in self._always:
            return False
        known = self._skips.get(instance.id)
        if known is None:
            self._skips[instance.id] = False
            known = self._skips[instance.id] = self._when(instance)
        return known

    def _when(self, instance: Instance) -> bool:
        decl = self._document.steps[instance.step]
        if isinstance(decl.when, bool):
            return not decl.when
        try:
            value = self._scope.render(decl.when, self.context(instance))
        except Broken:
            self._report.errors += 1
            return False
        except KnownLater as later:
            said = f"when reads a fact of {later.ref.step} that is known only once it is made"
            value = TemplateFault("not-at-plan-time", said, "ask what the file or a request says")
        except TemplateFault as fault:
            value = fault
        return not self._truth(value, decl, instance)

    def _truth(self, value: Any, decl: StepDecl, instance: Instance) -> bool:
        if isinstance(value, bool) or value is None:
            return bool(value)
        fault = (
            value
            if isinstance(value, TemplateFault)
            else TemplateFault("not-a-truth", "when must be true or false", _WHEN_HINT)
        )
        self._report.fault(fault, where(decl.tree, ("when",)), f"{decl.name}.when", instance.id)
        return True

    def facts(self, ref: Ref) -> Facts | None:
        """What an artifact will be like, as far as its request tells."""
        if ref in self.overlay:
            return self.overlay[ref]
        expects = self.read(ref) or self.expects(ref.step)
        return expects[ref.index].facts if ref.index < len(expects) else None

    def read(self, ref: Ref) -> Sequence[Expect]:
        """What stands for a step by a person's choice, where that is no take of it."""
        return (self.made[ref.step],) if ref.take is None and ref.step in self.made else ()

    def expects(self, step: str) -> Sequence[Expect]:
        """The outputs of an instance or of an inserted frame."""
        return self.foresee(step)

    def frame(self, ref: Ref, at: str | float) -> Ref:
        """The artifact of the inserted step that cuts this frame; made once for each frame."""
        name = f"{at}_frame" if isinstance(at, str) else f"frame({at:g})"
        take = f"#{ref.take}" if ref.take else ""
        index = f".results({ref.index + 1})" if ref.index else ""
        step = f"{ref.step}{take}{index}.{name}"
        self.frames[step] = (ref, at)
        return Ref(step)


_WHEN_HINT = "write a comparison, such as ${{ shot.dur > 5 }}"
