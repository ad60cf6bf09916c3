"""Makes the request of one instance: evaluates `with`, translates, judges, says what is wrong where.

The long way of `compile`, for what `foundry` cannot make together with others.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem
from kinoform.core.types import Facts, Late
from kinoform.spec.artifacts import finished
from kinoform.spec.fields import parts
from kinoform.spec.judge import full_request, judge
from kinoform.spec.portable import Wire, to_wire
from kinoform.spec.scope import normal
from kinoform.spec.template import KnownLater
from kinoform.spec.tree import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kinoform.core.errors import Where
    from kinoform.core.types import Ref
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.catalog import Model
    from kinoform.spec.document import StepDecl
    from kinoform.spec.fields import Finding
    from kinoform.spec.report import Report
    from kinoform.spec.scope import Scope
    from kinoform.spec.studio import Stage
    from kinoform.spec.verdicts import Judge

_INDEX = re.compile(r"\.index\b|\[\s*['\"]index['\"]\s*\]")
_ANY_FACTS = Facts(1024, 1024, 5.0, 24.0, audio=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request without transport fields; `wire` leads back to what the user wrote."""

    id: str
    decl: StepDecl
    model: Model
    wire: Wire

    @property
    def params(self) -> Mapping[str, Any]:
        """The parameters as they will be sent, with sources where bytes go."""
        return self.wire.params


class RequestBuilder:
    """Makes requests; everything that is wrong goes to the report.

    `faulty` keeps those that were refused, by instance, so that files they name are looked for too.
    """

    def __init__(self, scope: Scope, stage: Stage, report: Report, judge: Judge = judge) -> None:
        self._scope, self._stage, self._report = scope, stage, report
        self._judge = judge
        self._warned: set[str] = set()
        self.faulty: dict[str, Request] = {}

    def request(
        self,
        decl: StepDecl,
        instance: Instance,
        model: Model,
        given: Mapping[str, Any] | None = None,
    ) -> Request | None:
        """The judged request; None when something about it is wrong.

        `given` is what its templates give, where they are evaluated already.
        """
        before = self._report.errors
        if given is None:
            context = self._stage.context(instance)
            given = self._scope.evaluate(decl.with_, (), context, instance.id, self._late)
        if self._report.errors > before:
            return None
        wire = to_wire(model, normal(given))
        request = Request(instance.id, decl, model, wire)
        judged = self._judge(model, full_request(model, wire.params))
        fresh = [wire.said(finding) for finding in judged if not wire.follows(finding)]
        nones = {name for name, value in given.items() if value is None}
        self._report_all(request, (*wire.problems, *(_explained(each, nones) for each in fresh)))
        if model.kind == "hosted":
            self.warn_of_numbers(decl)
        if self._report.errors == before:
            return request
        self.faulty[instance.id] = request
        return None

    def say(self, request: Request, findings: Sequence[Finding]) -> None:
        """Report findings about the wire request at the place of what the user wrote."""
        self._report_all(request, map(request.wire.said, findings))

    def _report_all(self, request: Request, findings: Iterable[Finding]) -> None:
        name = f"steps.{request.decl.name}.with"
        for finding in findings:
            spot, path = place(request.decl, finding.path), f"{name}.{finding.path}"
            message = f"{request.id}: {finding.message}"
            self._report.add(
                Problem(finding.code, message, spot, finding.hint, path, finding.severity)
            )

    def _late(self, text: str, context: Mapping[str, Any]) -> Any:
        """The value of a leaf, or what will give it once the facts that it reads are known."""
        try:
            return self._scope.render(text, context)
        except KnownLater as later:
            refs = self._refs(text, context, later.ref)
        return Late(refs, lambda facts: self._evaluated(text, context, facts))

    def _refs(self, text: str, context: Mapping[str, Any], first: Ref) -> tuple[Ref, ...]:
        """All artifacts whose late facts the leaf reads, found by trying with stand-ins."""
        facts = {first: _ANY_FACTS}
        while True:
            try:
                self._evaluated(text, context, facts)
            except KnownLater as later:
                facts[later.ref] = _ANY_FACTS
                continue
            return tuple(facts)

    def _evaluated(self, text: str, context: Mapping[str, Any], facts: Mapping[Ref, Facts]) -> Any:
        self._stage.overlay = dict(facts)
        try:
            return normal(finished(self._scope.render(text, context)))
        finally:
            self._stage.overlay = {}

    def warn_of_numbers(self, decl: StepDecl) -> None:
        """`.index` in a hosted prompt: an insertion would buy everything after it again."""
        if decl.name in self._warned:
            return
        self._warned.add(decl.name)
        for path, text in texts(decl.with_):
            if "{" in text and _INDEX.search(text):
                said = "a number of the cut in a hosted request: an insertion re-buys what follows"
                spot, user = where(decl.with_, path), ".".join(map(str, path))
                field = f"steps.{decl.name}.with.{user}"
                hint = "use .key, or burn numbers in with a local step"
                self._report.add(Problem("index-in-request", said, spot, hint, field, "warning"))


def _explained(finding: Finding, nones: set[str]) -> Finding:
    """A parameter that was written and is none is missing for a reason that its place hides."""
    none = ", ".join(name for name in finding.path.split(", ") if name in nones)
    if not none:
        return finding
    hint = f"`{none}` is none here (skipped, or at an end of the cut), so it is not sent"
    return replace(finding, hint=f"{hint}; {finding.hint}" if finding.hint else hint)


def texts(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    """Every text leaf of a tree with its path."""
    if isinstance(tree, str):
        return [(path, tree)]
    pairs = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    return [found for key, item in pairs for found in texts(item, (*path, key))]


def place(decl: StepDecl, user: str) -> Where:
    """Where the user wrote the value at this path below `with`, or the nearest thing above it."""
    first = user.partition(",")[0]
    tree: Any = decl.with_
    path: list[str | int] = []
    for part in parts(first):
        step = int(part) if isinstance(tree, list) and part.isdecimal() else part
        try:
            tree = tree[step]
        except (LookupError, TypeError):
            break
        path.append(step)
    return where(decl.with_, path) if path else where(decl.tree, ["with"])
