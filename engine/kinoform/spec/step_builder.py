"""Makes steps of instances and their requests, for `compile`: one by one, or a whole fan of them.

What a step that stands alone will make and cost is not known here yet: that follows the graph.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kinoform.core.manifest import is_late, sources
from kinoform.core.types import Fan, Op, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.errors import Where
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.catalog import Model
    from kinoform.spec.document import Document, StepDecl
    from kinoform.spec.molds import Batch, Cast
    from kinoform.spec.requests import Request
    from kinoform.spec.studio import Stage


class StepBuilder:
    """The steps of one document."""

    def __init__(self, document: Document, stage: Stage) -> None:
        self._document, self._stage = document, stage
        self._places: dict[str, Where] = {}

    def cast(self, name: str, cast: Cast) -> Step:
        """A step that is finished already."""
        decl, instance = self._stage.named(name)
        mold = cast.mold
        return Step(
            name,
            decl.name,
            instance.item,
            mold.op,
            cast.params,
            cast.inputs,
            mold.promise.outputs,
            mold.promise.price,
            self._where(decl),
            cast.brief,
            decl.takes,
            decl.pick,
            decl.tags,
            self._needs(decl, instance) if decl.needs else (),
            decl.timeout,
        )

    def fan(self, batch: Batch, numbers: Mapping[str, int]) -> Fan:
        """Steps that are finished already, as long as nobody looks at them; `numbers` by id."""
        mold, columns = batch.mold, batch.columns
        return Fan(
            [numbers[name] for name in batch.names],
            batch.names,
            self._row(batch, 0),
            mold.stencil,
            [columns[leaf] for leaf in mold.texts],
            [columns[leaf] for _, leaf in mold.inputs],
            partial(self._row, batch),
        )

    def _row(self, batch: Batch, row: int) -> Step:
        return self.cast(batch.names[row], batch.cast(row))

    def asked(self, request: Request, decl: StepDecl, instance: Instance) -> Step:
        """A step whose outputs and price are not known yet; a frame belongs to its clip's step."""
        name, params = request.id, request.params
        hidden = name in self._stage.frames
        return Step(
            id=name,
            name=name if hidden else decl.name,
            item=instance.item,
            op=request.model.op,
            params=params,
            inputs=sources(params),
            late=is_late(params),
            expects=(),
            price=None,
            where=self._where(decl),
            takes=1 if hidden else decl.takes,
            gate=None if hidden else decl.pick,
            tags=decl.tags,
            needs=() if hidden else self._needs(decl, instance),
            timeout=None if hidden else decl.timeout,
            hidden=hidden,
        )

    def skipped(self, name: str, model: Model | None) -> Step:
        """A step that is left out by its `when`."""
        decl, instance = self._stage.named(name)
        op = model.op if model else Op(decl.uses, 0, "local", "inline")
        where, tags = self._where(decl), decl.tags
        return Step(
            name, decl.name, instance.item, op, {}, {}, (), None, where, tags=tags, skip=True
        )

    def _where(self, decl: StepDecl) -> Where:
        if decl.name not in self._places:
            self._places[decl.name] = decl.where
        return self._places[decl.name]

    def _needs(self, decl: StepDecl, instance: Instance) -> tuple[str, ...]:
        """Order-only: the matching instance where the fan-out is shared, else all of them."""
        return tuple(one for name in decl.needs for one in self._named(instance, name))

    def _named(self, instance: Instance, name: str) -> list[str]:
        step, _, item = name.partition("@")
        if step in self._document.steps and item in self._stage.instances(step):
            return [name]
        if name not in self._document.steps:
            return []  # an item that is left out: what is checked by name, and never made
        rows = self._stage.instances(name)
        keys = [instance.keys.get(loop, "") for loop in self._stage.fan(name)]
        match = rows.get(".".join(keys)) if all(keys) else None
        return [match.id] if match else [one.id for one in rows.values()]
