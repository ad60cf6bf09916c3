"""The compiler: a page's text to a model file and a report. Pure; the day comes in as text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kinoform.core.errors import Problem, SpecError
from kinoform.spec.catalog import load
from kinoform.spec.jsonschemas import malformed
from kinoform.spec.judge import judge_wire
from kinoform.spec.outputs import expects
from kinoform.spec.pages import (
    assembly,
    conventions,
    entry,
    lost,
    prices,
    ruling,
    runware,
    trial,
    wavespeed,
)
from kinoform.spec.pages.page import Note
from kinoform.spec.pages.places import Places
from kinoform.spec.pages.report import Report
from kinoform.spec.pages.sentences import read
from kinoform.spec.pages.tables import ambiguous
from kinoform.spec.price import price

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kinoform.core.types import Source
    from kinoform.spec.pages.page import Example, Page

Doc = dict[str, Any]

FORMS: tuple[tuple[Callable[[str], bool], Callable[[str], Page]], ...] = (
    (entry.is_page, entry.read),
    (runware.is_page, runware.read),
    (wavespeed.is_page, wavespeed.read),
    (lost.is_page, lost.read),
)


def compile_page(text: str, day: str) -> Report:
    """The model file and the report of one page. Raises SpecError; `day` is YYYY-MM-DD."""
    found = next((reader for fits, reader in FORMS if fits(text)), None)
    if found is None:
        said = "this is no model page that is known"
        hint = "a Runware page as Markdown, a WaveSpeed page as text, or an entry of GET /models"
        raise SpecError(Problem("unknown-page", said, hint=hint))
    try:
        return compiled(found(text), day)
    except RecursionError as error:
        raise SpecError(Problem("bad-page", "the page nests too deeply")) from error


def compiled(page: Page, day: str) -> Report:
    """The same from a page that was read."""
    notes, open_ = list(page.notes), list[str]()
    request = assembly.request(page.title, page.fields)
    if wrong := malformed(request):
        raise SpecError(Problem("bad-page", f"a parameter is no schema: {wrong}"))
    read_ = [read(Places.of(request), says) for says in page.sentences]
    request, voided = trial.void(request, [path for each in read_ for path in each.choice])
    request, loosened = trial.loosened(request, page.examples)
    notes += [*voided, *loosened]
    rules = ruling.rules(page, request, read_, notes)
    request = ruling.written(request, rules, page.sizes)
    examples, against = trial.left_over(request, page.examples)
    unknown = [each.says for each in read_ if not each.rules and not each.bare]
    document = {
        **_identity(page),
        "request": request,
        "rules": rules,
        "response": assembly.response(page.title, page.answer),
        **_derived(page, request, notes, open_),
        "examples": [_example(each) for each in examples],
        "refused": [],
    }
    _shelve(document, page.bodies, notes)
    open_ += [*against, *_gaps(page, document), *_costs(document)]
    document["source"] = {
        "page": page.url,
        "date": day,
        "generation": page.form,
        "dropped": [note.row() for note in notes],
        "unknown": unknown,
        "undecided": open_,
        "additions": [],
    }
    return Report(document, len(page.fields), tuple(notes), tuple(unknown), tuple(open_))


def _identity(page: Page) -> Doc:
    name = {"id": f"{page.provider}/{page.name}", "title": page.title}
    table = {"sizes": list(page.sizes)} if page.sizes else {}
    return {**name, "kind": "hosted", "pool": page.provider, **table}


def _derived(page: Page, request: Doc, notes: list[Note], open_: list[str]) -> Doc:
    """The parts that follow from names, by convention."""
    fields = dict(assembly.fields_in(request))
    return {
        "portable": conventions.portable(request, page.sizes, open_),
        "classes": conventions.classes(request, open_),
        "media": conventions.media(request, open_),
        "outputs": conventions.outputs(request, page.kind, page.sizes, open_),
        "price": prices.rows(page, fields, notes, open_),
    }


def _example(each: Example) -> Doc:
    cost = {"cost": each.cost} if each.cost else {}
    return {"title": each.title, "request": each.request, **cost}


def _shelve(document: Doc, bodies: Sequence[Example], notes: list[Note]) -> None:
    """Requests that show only the form of a call: right ones are examples, others are refused."""
    for body in bodies:
        found = [f for f in judge_wire(load(document), body.request) if f.severity == "error"]
        if not found:
            document["examples"].append(_example(body))
            continue
        first = found[0]
        row = {"request": body.request, "breaks": first.rule or first.code, "path": first.path}
        document["refused"].append(row)
        notes.append(Note(f"the request in {body.title}", f"it is not right: {first.message}"))


def _costs(document: Doc) -> Iterator[str]:
    """Published costs of one result that the price rows do not give."""
    model = load(document)
    for each in (each for each in document["examples"] if "cost" in each):
        results = expects(model, each["request"], _unknown)
        sum_ = price(model, each["request"], results, _unknown)
        if sum_ is not None and sum_ != Decimal(each["cost"]) * len(results):
            yield f"price: example {each['title']} cost {each['cost']}, the rows say {sum_}"


def _unknown(_source: Source) -> None:
    """Facts of an input: a published example shows none."""


def _gaps(page: Page, document: Doc) -> Iterator[str]:
    """What no table of names can fill."""
    for path, schema in assembly.fields_in(document["request"]):
        if schema.get("type") == "object" and "properties" not in schema:
            yield f"members of `{path}`: none is printed, so that every member is taken"
        if schema.get("type") == "array" and "items" not in schema:
            yield f"items of `{path}`: their type is not printed, so that every item is taken"
        if "type" not in schema:
            yield f"type of `{path}`: none is known, so that every value is taken"
    for label in ambiguous(page.sizes):
        yield f"size `{label}`: two sizes have this name; the first one is meant by it"
    if not document["examples"]:
        yield "examples: the page has no request that is right"
    if page.kind not in ("image", "video"):
        yield "outputs: it is not clear what the model makes"
