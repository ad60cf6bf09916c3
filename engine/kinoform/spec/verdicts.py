"""A judge that remembers: a request found right once under a model file is not judged again.

Remembers in the process, and beyond it in a disposable index. Only clean verdicts are kept, as only
those need no words; what the judge says depends on the model file, the request and `JUDGE` alone.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from kinoform.spec.fields import LEAVES
from kinoform.spec.judge import JUDGE, judge, right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from kinoform.ports import Index
    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding

    Judge: TypeAlias = Callable[[Model, Mapping[str, Any]], tuple[Finding, ...]]

MOST = 20_000  # verdicts that are kept for one model file
_MARK: Final = 32  # hex digits: 128 bits, so that no two requests ever share a mark


class Verdicts:
    """A `Judge` over another one. Call `flush` at the end to remember beyond the process."""

    def __init__(self, index: Index, judge: Judge = judge) -> None:
        self._index, self._judge = index, judge
        # For each model file, by its key in the index: marks in the order of their last use.
        self._clean: dict[str, dict[str, None]] = {}
        self._fresh: set[str] = set()

    def __call__(self, model: Model, request: Mapping[str, Any]) -> tuple[Finding, ...]:
        """What the judge says; at once for a request that it has found right before."""
        mark = mark_of(request)
        if mark is None:
            return self._judge(model, request)
        name = f"judged:{JUDGE}:{model.digest}"
        clean = self._known(name)
        if mark in clean:
            return ()
        found = self._judge(model, request)
        if not found:
            clean[mark] = None
            self._fresh.add(name)
        return found

    def _known(self, name: str) -> dict[str, None]:
        """One look-up for a model file and a process, whatever the number of its requests."""
        if name not in self._clean:
            text = self._index.get(name) or ""
            marks = (text[at : at + _MARK] for at in range(0, len(text), _MARK))
            self._clean[name] = dict.fromkeys(marks)
        return self._clean[name]

    def flush(self) -> None:
        """Write what is new. Of two processes at once the later one is remembered."""
        self._index.put({name: "".join([*self._clean[name]][-MOST:]) for name in self._fresh})
        self._fresh.clear()


def at_sight(judge: Judge) -> Judge:
    """A judge who is asked only about what is not right at sight."""
    return lambda model, request: () if right(model, request) else judge(model, request)


def mark_of(request: Mapping[str, Any]) -> str | None:
    """The digest of all that a verdict hangs on; None for what no canonical text can hold.

    Media and late values count by their kind and place: which picture it is changes no verdict.
    """
    leaves: list[str] = []
    try:
        text = json.dumps(_bare(request, "", leaves), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return sha256(f"{text}\n{leaves}".encode()).hexdigest()[:_MARK]


def _bare(value: Any, at: str, leaves: list[str]) -> Any:
    """The value with nothing in place of each leaf, which is noted with its path instead."""
    if isinstance(value, LEAVES):
        leaves.append(f"{at}={type(value).__name__}")
        return None
    if isinstance(value, dict):
        return {key: _bare(value[key], f"{at}/{key}", leaves) for key in sorted(value)}
    if isinstance(value, list):
        return [_bare(item, f"{at}/{n}", leaves) for n, item in enumerate(value)]
    return value
