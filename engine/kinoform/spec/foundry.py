"""Makes the requests of many steps together, for `compile`; leaves out those that need a look each.

Rows of a fan-out, or steps written alike, are sorted by the shape of their request (a mold of `molds`),
which is judged and priced once for all of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kinoform.spec.columns import Rows
from kinoform.spec.forms import Form
from kinoform.spec.molds import Batch, Family
from kinoform.spec.speech import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence
    from typing import Any

    from kinoform.core.types import Expect, Ref
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.catalog import Model
    from kinoform.spec.document import StepDecl
    from kinoform.spec.molds import Cast, Promise
    from kinoform.spec.portable import Wire
    from kinoform.spec.siblings import Siblings
    from kinoform.spec.studio import Stage
    from kinoform.spec.template import Templates


_PAIR = 2  # rows, from which on there is something to share


class Foundry:
    """The shapes of one document's requests. `promise` judges one, as `molds.Family` wants it."""

    def __init__(
        self, stage: Stage, templates: Templates, promise: Callable[[Model, Wire], Promise | None]
    ) -> None:
        self._stage, self._templates, self._promise = stage, templates, promise
        self._forms: dict[str, tuple[Form, Family] | None] = {}
        self._families: dict[tuple[Model, Hashable], Family] = {}
        self._numbers: dict[tuple[Expect, ...], int] = {}
        self._kinds: dict[str, int] = {}
        self._given: dict[str, dict[str, Any]] = {}
        self._siblings: dict[str, Siblings] = {}

    def batches(
        self, decl: StepDecl, model: Model, apart: Sequence[Collection[str]]
    ) -> list[Batch]:
        """Those rows of its cut, or siblings, that need not be asked by themselves, by their molds.

        Those `apart` are left out. What takes a step that comes later in the file, or a row of its
        own step, has its turn then.
        """
        group, cut = self._stage.together(decl), self._stage.instances(decl.name)
        if len(group) > 1:
            return self._among(group, model, apart)
        if len(cut.ids) < _PAIR:
            return []
        gone = {name for some in apart for name in some}
        places = [n for n, name in enumerate(cut.ids) if name not in gone]
        found = self._formed(decl, model) if len(places) >= _PAIR else None
        if found is None:
            return []
        rows = Rows(self._stage, cut, places)
        columns = [rows.chosen(cut.ids), *found[0].columns(rows)]
        sound = [n for n in range(len(places)) if n not in rows.doubt]
        return self._sorted(found, _rows(columns, sound))

    def _among(
        self, group: Sequence[StepDecl], model: Model, apart: Sequence[Collection[str]]
    ) -> list[Batch]:
        """The same for siblings. Those that take each other come in waves, as far as that pays."""
        first = group[0]
        found = self._formed(first, model)
        if found is None:
            return []
        from kinoform.spec.siblings import Siblings  # noqa: PLC0415  (most films have none)

        if first.name not in self._siblings:
            self._siblings[first.name] = Siblings(self._stage, self._templates, group)
        siblings = self._siblings[first.name]
        places = siblings.waiting(apart)
        batches = self._sorted(found, _rows(siblings.columns, places)) if places else []
        siblings.settle({name for batch in batches for name in batch.names})
        return batches

    def _sorted(self, found: tuple[Form, Family], columns: Sequence[Sequence[Any]]) -> list[Batch]:
        """Rows by their molds; the first column has the ids."""
        if not columns[0]:
            return []
        batches = []
        for mold, numbers in found[1].sorted(found[0], columns[1:]):
            names, *values = _rows(columns, numbers)
            batches.append(Batch(mold, names, values))
            self._kinds.update(dict.fromkeys(names, mold.promise.kind))
        return batches

    def cast(self, decl: StepDecl, instance: Instance, model: Model) -> Cast | None:
        """The request of an instance, if there is nothing to say of it and its shape is known."""
        found = self._formed(decl, model)
        cast = found and self._alone(instance, *found)
        if cast is not None:
            self._kinds[instance.id] = cast.mold.promise.kind
        return cast

    def _formed(self, decl: StepDecl, model: Model) -> tuple[Form, Family] | None:
        if decl.name not in self._forms:
            self._forms[decl.name] = self._form(decl, model)
        return self._forms[decl.name]

    def _alone(self, instance: Instance, form: Form, family: Family) -> Cast | None:
        values = form.values(partial(self._stage.context, instance))
        cast = None if values is None else family.cast(form, values)
        if cast is None and values is not None:
            self._given[instance.id] = form.filled(values)
        return cast

    def given(self, name: str) -> dict[str, Any] | None:
        """What the templates of an instance gave that could not be cast; None where that is not known."""
        return self._given.pop(name, None)

    def close(self) -> None:
        """Let go of everything. These point in circles, and no collector runs while plans are made.

        Only a value known after run asks the stage again, once its film is compiled.
        """
        self._forms.clear()
        self._families.clear()
        self._given.clear()
        self._siblings.clear()
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
            self._families[home] = Family(model, self._kinds_of, self._kept)
        return form, self._families[home]

    def _kinds_of(self, refs: Sequence[Ref]) -> Sequence[int | None]:
        known = [None if self._stage.made else self._kinds.get(ref.step) for ref in refs]
        if None not in known:
            return known
        pairs = zip(known, refs, strict=True)
        return [self._kind(ref) if kind is None else kind for kind, ref in pairs]

    def _kind(self, ref: Ref) -> int | None:
        if read := self._stage.read(ref):
            return self._number(tuple(read))
        if ref.step not in self._kinds and self.knows(ref.step):
            self.promised(ref.step, self._stage.expects(ref.step))
        return self._kinds.get(ref.step)


def _rows(columns: Sequence[Sequence[Any]], numbers: Sequence[int]) -> Sequence[Sequence[Any]]:
    """These rows of all columns."""
    if len(numbers) == len(columns[0]):
        return columns
    return [[column[n] for n in numbers] for column in columns]
