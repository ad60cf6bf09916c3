"""A document and a catalog to steps: every request judged, every fact and price that follows.

First all requests, in file order; then, along the graph, what each will make and cost. All faults
of a phase are raised at once. Effects are arguments: `inputs` reads project files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.core.graph import build, finished
from kinoform.core.manifest import sources
from kinoform.core.types import Ref
from kinoform.spec.aliases import alias_faults, model_of
from kinoform.spec.brief import to_brief
from kinoform.spec.catalog import UnknownModelError
from kinoform.spec.foundry import Foundry
from kinoform.spec.judge import full_request
from kinoform.spec.media import check_media
from kinoform.spec.molds import Promise
from kinoform.spec.outputs import expects
from kinoform.spec.portable import Wire
from kinoform.spec.price import price
from kinoform.spec.report import Report
from kinoform.spec.requests import Request, RequestBuilder, place
from kinoform.spec.scope import Scope
from kinoform.spec.speech import TemplateFault
from kinoform.spec.step_builder import StepBuilder
from kinoform.spec.studio import Stage
from kinoform.spec.template import Broken, Templates
from kinoform.spec.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kinoform.core.types import Blob, Expect, Facts, Graph, Source, Step
    from kinoform.spec.artifacts import Instance
    from kinoform.spec.catalog import Catalog, Model
    from kinoform.spec.document import Document, StepDecl
    from kinoform.spec.molds import Batch, Cast
    from kinoform.spec.terms import Inputs

FRAME = "local/frame"


@dataclass(frozen=True, slots=True)
class Compiled:
    """Steps in file order with inserted frames last, their graph, and the bytes that they read."""

    graph: Graph
    blobs: Mapping[Source, Blob]
    warnings: tuple[Problem, ...]

    @property
    def steps(self) -> Sequence[Step]:
        """All steps."""
        return self.graph.steps


class Compiler:
    """Compiles one document once."""

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        inputs: Inputs,
        read: Callable[[str], str],
        terms: Terms,
    ) -> None:
        self._document, self._catalog, self._inputs = document, catalog, inputs
        self._report, self._choices = Report(), terms.choices
        templates = Templates(read, short=terms.short)
        self._scope = Scope(document, templates, self._report)
        self._stage = Stage(document, self._scope, self._report, terms.limit)
        self._stage.foresee, self._stage.made = self._foresee, terms.made
        self._request_builder = RequestBuilder(self._scope, self._stage, self._report, terms.judge)
        self._judge, self._short, self._casting = terms.judge, terms.short, False
        self._foundry = Foundry(self._stage, templates, self._promise)
        self._casts: dict[str, Cast] = {}
        self._batches: list[Batch] = []
        self._fanned: set[str] = set()
        self._models: dict[str, Model | None] = {}
        self._requests: dict[str, Request | None] = {}
        self._expects: dict[str, tuple[Expect, ...]] = {}
        self._blobs: dict[Source, Blob] = {}
        self._askers: dict[str, tuple[StepDecl, str]] = {}
        self._names = self._stage.everybody()
        self._step_builder = StepBuilder(document, self._stage)

    def compile(self) -> Compiled:
        """All steps. Raises SpecError with every problem of the phase that failed."""
        for problem in alias_faults(self._document.models, self._catalog):
            self._report.add(problem)
        self._scope.settle()
        skipped = self._stage.left_out()
        for decl in self._document.steps.values():
            if decl.name not in self._fanned:
                self._take(decl, skipped)
        if self._report.errors:
            self._say_media()
        self._stop_on_errors()
        graph = self._built(skipped)
        fanned = graph.fanned
        steps = {n: self._finish(graph.steps[n]) for n in graph.order if n not in fanned}
        self._stop_on_errors()
        if not any(step.late for step in steps.values()):
            self._foundry.close()
        said = (*self._document.warnings, *self._report.all("warning"))
        return Compiled(finished(graph, steps), self._blobs, said)

    def _built(self, skipped: Collection[str]) -> Graph:
        """The graph of all steps, of which those are not finished yet that stand alone."""
        numbers = {name: number for number, name in enumerate(self._names)}
        fans = [self._step_builder.fan(batch, numbers) for batch in self._batches]
        alone = numbers.keys() - self._fanned
        steps = [self._begun(name, skipped) if name in alone else None for name in self._names]
        return build([*steps, *self._hidden()], fans)

    def _begun(self, name: str, skipped: Collection[str]) -> Step:
        if name in skipped:
            return self._step_builder.skipped(name, self._model(self._owner(name)[0]))
        return self._step(name)

    def _take(self, decl: StepDecl, skipped: Collection[str]) -> None:
        """The requests of a declaration: in columns, each in a mold, or the long way."""
        self._cast_rows(decl, skipped)
        for name in self._stage.instances(decl.name).ids:
            if name not in self._fanned and name not in skipped and not self._cast(name):
                self._ask_for(name)

    def _cast_rows(self, decl: StepDecl, skipped: Collection[str]) -> None:
        """Cast what can be cast together. What follows others by name stays alone."""
        model = self._model(decl)
        if model is None or not self._short or decl.needs:
            return
        self._casting = True
        batches = self._foundry.batches(decl, model, (skipped, self._requests))
        self._casting = False
        self._batches += batches
        for batch in batches:
            self._fanned.update(batch.names)
            self._expects.update(dict.fromkeys(batch.names, batch.mold.promise.outputs))
        for one in self._stage.together(decl) if batches and model.kind == "hosted" else ():
            if not self._fanned.isdisjoint(self._stage.instances(one.name).ids):
                self._request_builder.warn_of_numbers(one)

    def _cast(self, name: str) -> bool:
        """The short way: whether there is nothing to say of a request, by what is known already."""
        decl, instance = self._owner(name)
        model = self._model(decl)
        if model is None or not self._short or name in self._requests:
            return False
        self._casting = True
        cast = self._foundry.cast(decl, instance, model)
        self._casting = False
        if cast is None:
            return False
        if model.kind == "hosted":
            self._request_builder.warn_of_numbers(decl)
        self._casts[name] = cast
        self._expects[name] = cast.mold.promise.outputs
        return True

    def _promise(self, model: Model, wire: Wire) -> Promise | None:
        """What a request promises, if it is right in itself and with the media that it takes."""
        params = wire.params
        if self._judge(model, full_request(model, params)) or check_media(
            model, params, self._facts, self._media, self._weigh
        ):
            return None
        outputs = expects(model, params, self._facts, self._media)
        cost = price(model, params, outputs, self._facts)
        return Promise(outputs, cost, to_brief(model, params) if model.kind == "hosted" else {})

    def _ask_for(self, name: str) -> None:
        """The long way, which says what is wrong."""
        request = self._request(name)
        written = request or self._request_builder.faulty.get(name)
        inputs = sources(written.params) if written else {}
        if written:
            self._read(written, inputs)
        known = (self._foundry.knows(x.step) for x in inputs.values() if isinstance(x, Ref))
        if request and all(known):
            self._foundry.promised(name, self._foresee(name))

    def _stop_on_errors(self) -> None:
        if self._report.errors:
            raise SpecError(in_order((*self._report.all("error"), *self._report.all("warning"))))

    def _say_media(self) -> None:
        """Beside faulty requests the media of the others are judged all the same, and their own.

        In file order, as there may be no graph; what hangs on a faulty request is not known.
        """
        try:
            for name in (*self._names, *self._stage.frames):
                framed = name in self._stage.frames
                request = self._frame_request(name) if framed else self._requests.get(name)
                if request is not None:
                    self._foresee(name)
                    self._judge_media(request, hidden=framed)
                elif name in self._request_builder.faulty:
                    self._judge_media(self._request_builder.faulty[name], hidden=False)
        except RecursionError:
            pass  # a long chain written backwards: said when the first faults are mended

    def _model(self, decl: StepDecl) -> Model | None:
        if decl.uses not in self._models:
            self._models[decl.uses] = self._find(decl)
        return self._models[decl.uses]

    def _find(self, decl: StepDecl) -> Model | None:
        try:
            return model_of(decl, self._document.models, self._choices, self._catalog)
        except UnknownModelError as error:
            self._report.add(error.problems[0])
        return None

    def _request(self, name: str) -> Request | None:
        if name not in self._requests:
            self._requests[name] = None
            self._requests[name] = self._make_request(name)
        return self._requests[name]

    def _make_request(self, name: str) -> Request | None:
        if name in self._stage.frames:
            return self._frame_request(name)
        decl, instance = self._owner(name)
        model = self._model(decl)
        try:
            given = self._foundry.given(name)
            return (
                None
                if model is None
                else self._request_builder.request(decl, instance, model, given)
            )
        except Broken:
            self._report.errors += 1
        except RecursionError:
            said = f"{name} measures too long a chain of other steps"
            self._report.add(Problem("chain-too-long", said, decl.where))
        return None

    def _written(self, name: str) -> Request | None:
        """The request of an instance that has one, however it was made."""
        decl, cast = self._owner(name)[0], self._casts.get(name)
        model = self._model(decl)
        if cast is None or model is None:
            return self._requests.get(name)
        return Request(name, decl, model, cast.wire)

    def _frame_request(self, name: str) -> Request:
        ref, at = self._stage.frames[name]
        decl = self._owner(ref.step)[0]
        return Request(name, decl, self._catalog[FRAME], Wire({"video": ref, "at": at}))

    def _owner(self, name: str) -> tuple[StepDecl, Instance]:
        while name in self._stage.frames:
            name = self._stage.frames[name][0].step
        return self._stage.named(name)

    def _foresee(self, name: str) -> Sequence[Expect]:
        """What a step will make, compiled on demand; in a short way only what is known already.

        Raises TemplateFault on a circle, Broken where the long way has to be gone.
        """
        if name not in self._expects:
            if self._casting and not self._foundry.knows(name):
                raise Broken
            self._expects[name] = ()
            request = self._request(name)
            if request is None and name in self._requests and not self._report.errors:
                raise TemplateFault("circular-value", f"{name} measures what is made from itself")
            if request is not None:
                self._expects[name] = expects(
                    request.model, request.params, self._facts, self._media
                )
        return self._expects[name]

    def _facts(self, source: Source) -> Facts | None:
        if isinstance(source, Ref):
            return self._stage.facts(source)
        blob = self._blob(source)
        return blob.facts if blob else None

    def _media(self, source: Source) -> str:
        if isinstance(source, Ref):
            outputs = self._stage.read(source) or self._foresee(source.step)
            return outputs[source.index].media if source.index < len(outputs) else ""
        blob = self._blob(source)
        return blob.media if blob else ""

    def _blob(self, source: Source) -> Blob | None:
        try:
            return self._load(source)
        except (OSError, ValueError):
            return None  # said by _read, at its place

    def _load(self, source: Source) -> Blob | None:
        if not isinstance(source, Ref) and source not in self._blobs:
            blob = self._inputs.blob(source)
            self._blobs |= {source: blob} if blob else {}
        return self._blobs.get(source)

    def _read(self, request: Request, inputs: Mapping[str, Source]) -> None:
        for path, source in inputs.items():
            if not isinstance(source, Ref):
                try:
                    self._load(source)
                except (OSError, ValueError) as error:
                    user = request.wire.written(path)
                    spot = place(request.decl, user)
                    field = f"steps.{request.decl.name}.with.{user}"
                    gone = isinstance(error, FileNotFoundError)
                    code, hint = ("no-such-file", _FILE_HINT) if gone else ("unreadable-file", "")
                    self._report.add(Problem(code, str(error), spot, hint, field))

    def _step(self, name: str) -> Step:
        if name in self._casts:
            return self._step_builder.cast(name, self._casts[name])
        request = self._requests[name] or self._frame_request(name)
        return self._step_builder.asked(request, *self._owner(name))

    def _hidden(self) -> list[Step]:
        """Inserted frames; making one may insert the frame that it is cut from."""
        done: list[Step] = []
        while len(done) < len(self._stage.frames):
            names = list(self._stage.frames)[len(done) :]
            for name in names:
                self._requests[name] = self._frame_request(name)
            done += [self._step(name) for name in names]
        return done

    def _finish(self, step: Step) -> Step:
        """The step with what it will make and cost; its inputs are finished already."""
        if step.skip or step.id in self._casts:
            return step
        request = self._requests[step.id]
        if request is None:
            return step
        outputs = tuple(self._foresee(step.id))
        self._judge_media(request, hidden=step.hidden)
        return replace(
            step,
            expects=outputs,
            price=price(request.model, request.params, outputs, self._facts),
            brief=to_brief(request.model, request.params) if step.op.kind == "hosted" else {},
        )

    def _judge_media(self, request: Request, *, hidden: bool) -> None:
        model, params = request.model, request.params
        sound = request.id not in self._request_builder.faulty
        findings = check_media(model, params, self._facts, self._media, self._weigh, sound=sound)
        self._request_builder.say(
            self._asking(request) if hidden and findings else request, findings
        )

    def _weigh(self, source: Source) -> int | None:
        blob = None if isinstance(source, Ref) else self._blob(source)
        return blob.size if blob else None

    def _asking(self, frame: Request) -> Request:
        """An inserted frame as the user knows it: its faults are said where it was asked for."""
        self._askers = self._askers or dict(self._ask())
        if frame.id not in self._askers:
            return frame
        decl, user = self._askers[frame.id]
        asked = dict.fromkeys(frame.params, user)
        return replace(frame, decl=decl, wire=replace(frame.wire, origin=asked))

    def _ask(self) -> Iterator[tuple[str, tuple[StepDecl, str]]]:
        for name in (*self._casts, *self._requests):
            if name in self._stage.frames or not (request := self._written(name)):
                continue
            for path, source in sources(request.params).items():
                if isinstance(source, Ref) and source.step in self._stage.frames:
                    yield source.step, (request.decl, request.wire.written(path))


_FILE_HINT = "paths are relative to the project folder"


def compile_document(
    document: Document,
    catalog: Catalog,
    inputs: Inputs,
    read: Callable[[str], str],
    terms: Terms | None = None,
) -> Compiled:
    """The checked steps of a document. Raises SpecError with all problems that were found."""
    return Compiler(document, catalog, inputs, read, terms or Terms()).compile()
