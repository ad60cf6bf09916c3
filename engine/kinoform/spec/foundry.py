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
        self._casts: dict[str, Cast] = {}

    def cast(self, decl: StepDecl, instance: Instance, model: Model) -> Cast | None:
        """The request of an instance, if there is nothing to say of it and its shape is known."""
        if decl.name not in self._forms:
            found = self._forms[decl.name] = self._form(decl, model)
            if found:
                self._cast_rows(decl, *found)
        found = self._forms[decl.name]
        cast = self._casts.pop(instance.id, None) or (found and self._alone(instance, *found))
        if cast is not None:
            self._kinds[instance.id] = cast.mold.promise.kind
        return cast

    def _alone(self, instance: Instance, form: Form, family: Family) -> Cast | None:
        values = self._values.pop(instance.id, None)
        if values is None:
            values = form.values(partial(self._stage.context, instance))
        return None if values is None else family.cast(form, values)

    def close(self) -> None:
        """Let go of everything. These point in circles, and no collector runs while plans are made.

        Only a value known after run asks the stage again, once its film is compiled.
        """
        self._forms.clear()
        self._families.clear()
        self._values.clear()
        self._casts.clear()
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

    def _cast_rows(self, decl: StepDecl, form: Form, family: Family) -> None:
        """Cast those instances that need not be asked by themselves.

        What takes a step that comes later in the file, or a row of its own step, has its turn then.
        """
        instances = [*self._stage.instances(decl.name).values()]
        if len(instances) == 1:
            return
        rows = Rows(self._stage, instances)
        columns = form.columns(rows)
        sound = [n for n in range(len(instances)) if n not in rows.doubt]
        if rows.doubt:
            columns = [[column[n] for n in sound] for column in columns]
        values = [*zip(*columns, strict=True)] if columns else [()] * len(sound)
        casts = family.casts(form, columns, values) if sound else []
        for number, row, cast in zip(sound, values, casts, strict=True):
            name = instances[number].id
            if cast is None:
                self._values[name] = row
            else:
                self._casts[name] = cast

    def _kind(self, ref: Ref) -> int | None:
        if read := self._stage.read(ref):
            return self._number(tuple(read))
        if ref.step not in self._kinds and self.knows(ref.step):
            self.promised(ref.step, self._stage.expects(ref.step))
        return self._kinds.get(ref.step)
