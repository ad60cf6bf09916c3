"""Parts of what a plan reads: the bytes that people chose, and what models really took."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING

from kinoform.core.money import factor, price_factor
from kinoform.core.types import Blob
from kinoform.ports import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from pathlib import Path

    from kinoform.api.lockbook import LockBook
    from kinoform.core.types import Pick
    from kinoform.ports import Index, Store
    from kinoform.spec.compile import Compiled

    # look(digest, path) is an artifact by its bytes
    Look = Callable[[str, Path], Blob]


def chosen_blobs(
    picks: Mapping[str, Pick], lock: LockBook, look: Look, store: Store
) -> dict[str, Blob]:
    """The chosen bytes, with what is known of them: from the lock, else from the bytes themselves.

    Bare where they are not here.
    """

    def blob(pick: Pick) -> Blob:
        known = lock.blob(pick.step, pick.digest)
        if known is not None:
            return known
        try:
            return look(pick.digest, store.path(pick.digest))
        except Absent:
            return Blob(pick.digest, 0, "")

    return {name: blob(pick) for name, pick in picks.items()}


def dearer(compiled: Compiled, index: Index) -> dict[str, Decimal]:
    """By what factor the models of a film took more than their files say, the last time."""
    ops = {step.op.name: step.op for step in compiled.graph.patterns if step.op.kind == "hosted"}
    return {name: factor(index.get(price_factor(op))) for name, op in ops.items()}


def reads(compiled: Compiled, *known: Mapping[str, str]) -> dict[str, str]:
    """The digests of all files that a plan rests on, those of model files among them."""
    ops = {step.op.name: step.op for step in compiled.graph.patterns}
    models = {f"model:{name}": op.model_digest for name, op in ops.items() if op.model_digest}
    return dict(sorted(ChainMap(models, *map(dict, reversed(known))).items()))
