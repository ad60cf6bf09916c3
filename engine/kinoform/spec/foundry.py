"""Casts the requests of a document's steps in molds, and says where that cannot be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kinoform.spec.columns import Rows
from kinoform.spec.forms import Form
from kinoform.spec.molds import Family
from kinoform.spec.speech import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import Any

    from kinoform.core.types import Expect, Ref
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.catalog import Model
    from kinoform.spec.document import StepDecl
    from kinoform.spec.molds import Cast, Promise
    from kinoform.spec.portable import Wire
    from kinoform.spec.studio import Stage
    from kinoform.spec.template import Templates


class Foundry:
    """One document's forms and molds. `promise` judges a request, as `molds.Family` wants it."""

    def __init__(
        self, stage: Stage, templates: Templates, promise: Callable[[Model, Wire], Promise | None]
    ) -> None:
        self._stage, self._templates, self._promise = stage, templates, promise
        self._forms: dict[str, tuple[Form, Family] | None] = {}
        self._families: dict[tuple[Model, Hashable], Family] = {}
        self._numbers: dict[tuple[Expect, ...], int] = {}
        self._kinds: dict[str, int] = {}
        self._values: dict[str, Sequence[Any]] = {}

    def cast(self, decl: StepDecl, instance: Instance, model: Model) -> Cast | None:
        """The request of an instance, if there is nothing to say of it and its shape is known."""
        if decl.name not in self._forms:
            found = self._forms[decl.name] = self._form(decl, model)
            self._values |= self._rows(decl, found[0]) if found else {}
        found = self._forms[decl.name]
        values = self._values.pop(instance.id, None)
        if found and values is None:
            values = found[0].values(partial(self._stage.context, instance))
        cast = found[1].cast(found[0], values) if found and values is not None else None
        if cast is not None:
            self._kinds[instance.id] = cast.mold.promise.kind
        return cast

    def close(self) -> None:
        """Let go of everything. These point in circles, and no collector runs while plans are made.

        Only a value known after run asks the stage again, once its film is compiled.
        """
        self._forms.clear()
        self._families.clear()
        self._values.clear()
        self._promise = lambda _model, _wire: None
        self._stage.foresee = lambda _step: ()

    def knows(self, step: str) -> bool:
        """Whether it is known what a step will make; that of its frames is known then too."""
        while step not in self._kinds and step in self._stage.frames:
            step = self._stage.frames[step][0].step
        return step in self._kinds

    def promised(self, step: str, outputs: Sequence[Expect]) -> None:
        """Note what a step will make, for the requests that take it."""
        self._kinds[step] = self._number(tuple(outputs))

    def _number(self, outputs: tuple[Expect, ...]) -> int:
        return self._numbers.setdefault(outputs, len(self._numbers))

    def _kept(self, model: Model, wire: Wire) -> Promise | None:
        found = self._promise(model, wire)
        return found and found._replace(kind=self._number(found.outputs))

    def _form(self, decl: StepDecl, model: Model) -> tuple[Form, Family] | None:
        try:
            form = Form(decl.with_, self._templates)
        except TemplateFault:
            return None
        home = (model, form.shape)
        if home not in self._families:
            self._families[home] = Family(model, self._kind, self._kept)
        return form, self._families[home]

    def _rows(self, decl: StepDecl, form: Form) -> dict[str, Sequence[Any]]:
        """The values of those instances that need not be asked by themselves."""
        instances = [*self._stage.instances(decl.name).values()]
        if len(instances) == 1:
            return {}
        rows = Rows(self._stage, instances)
        values = form.columns(rows)
        return {
            one.id: values[number]
            for number, one in enumerate(instances)
            if number not in rows.doubt
        }

    def _kind(self, ref: Ref) -> int | None:
        if read := self._stage.read(ref):
            return self._number(tuple(read))
        if ref.step not in self._kinds and self.knows(ref.step):
            self.promised(ref.step, self._stage.expects(ref.step))
        return self._kinds.get(ref.step)
