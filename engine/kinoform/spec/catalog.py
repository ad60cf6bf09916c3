"""Models as values: one frozen `Model` per model file, and the catalog that finds them by id.

Documents come in parsed; nothing here reads a file. What a model's tables mean is the business of
the modules that interpret them.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, cast

from kinoform.core.canon import hexdigest
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, SpecError
from kinoform.core.types import Kind, Op
from kinoform.spec.fields import shown

_NEAR = 0.5
_EXPRESSIONS = ("pattern", "patternProperties")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One model file. `pool` names the limit its work runs under; `digest` is `sha256:<hex>`.

    Two models are equal only if they are one object, so that compiled validators can be kept by it.
    """

    id: str
    provider: str
    kind: Kind
    version: int
    pool: str
    title: str
    document: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The digest of the file's content."""
        return _digest(self)

    @property
    def op(self) -> Op:
        """The model as an operation of a step."""
        return Op(self.id, self.version, self.kind, self.pool, self.digest)

    def table(self, key: str) -> Any:
        """A part of the model file; an empty mapping where it has none."""
        return self.document.get(key, {})


def load(document: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> Model:
    """The model that a parsed model file describes.

    With `meta` (the parsed schemas/model.json) the file is judged first: for files that are not
    ours. Raises SpecError with every fault.
    """
    if meta is not None:
        _refuse(document, meta)
    name = str(document["id"])
    return Model(
        id=name,
        provider=name.partition("/")[0],
        kind=cast("Kind", document["kind"]),
        version=int(document.get("version", 0)),
        pool=str(document["pool"]),
        title=str(document["title"]),
        document=document,
    )


@lru_cache(maxsize=128)
def _digest(model: Model) -> str:
    """Of all models that are shipped a film uses three."""
    return f"sha256:{hexdigest(model.document)}"


def load_foreign(document: Mapping[str, Any], meta: Mapping[str, Any]) -> Model:
    """The model of a file that came with a project: judged, and without regular expressions.

    Raises SpecError with every fault.
    """
    model = load(document, meta)
    said = list(_expressions(model.document["request"], "request"))
    if said:
        raise SpecError(Problem("bad-model-file", f"{model.id}: {each}") for each in said)
    return model


def _refuse(document: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
    from kinoform.spec import jsonschemas  # noqa: PLC0415  (files of ours are not judged)

    name = shown(document.get("id", "it")) if isinstance(document, Mapping) else "it"
    found = [
        Problem("bad-model-file", f"{name}: {each.message}", hint=each.hint, path=each.path)
        for each in jsonschemas.faults(jsonschemas.validator(meta), document)
    ]
    if not found:
        wrong = jsonschemas.malformed(document["request"])
        found = [Problem("bad-model-file", f"{name}: {wrong}", path="request")] if wrong else []
    if found:
        raise SpecError(found)


def _expressions(schema: Any, at: str) -> Iterator[str]:
    """Regular expressions in a schema: one can be made to run for hours.

    A property that is called `pattern` is a name and no expression.
    """
    if isinstance(schema, list):
        for number, item in enumerate(schema):
            yield from _expressions(item, f"{at}.{number}")
    elif isinstance(schema, Mapping):
        for key, item in schema.items():
            if key in _EXPRESSIONS and not at.endswith(".properties"):
                yield f"{at}.{key}: a model file of a project holds no regular expressions"
            yield from _expressions(item, f"{at}.{key}")


class UnknownModelError(SpecError, KeyError):
    """No model has this id; says which are near. A KeyError too, as a mapping must raise."""

    __str__ = Exception.__str__


class Catalog(Mapping[str, Model]):
    """Models by full id, in the order of their ids. `catalog[id]` raises UnknownModelError.

    `pages` leads from ids of models that are not here to the page that describes them. What is in
    `more`, and not among `models`, is read when it is asked for.
    """

    def __init__(
        self,
        models: Iterable[Model],
        pages: Mapping[str, str] = MappingProxyType({}),
        more: Mapping[str, Model] = MappingProxyType({}),
    ) -> None:
        found = sorted(models, key=lambda model: model.id)
        twice = [a.id for a, b in pairwise(found) if a.id == b.id]
        if twice:
            said = "two model files have this id"
            raise SpecError([Problem("bad-model-file", f"{name}: {said}") for name in twice])
        own = {model.id: model for model in found}
        self._models: Mapping[str, Model] = ChainMap(own, cast("dict[str, Model]", more))
        self._pages = pages

    @property
    def pages(self) -> dict[str, str]:
        """From ids of models that are not here to the page that describes them."""
        return {name: page for name, page in self._pages.items() if name not in self._models}

    def __getitem__(self, name: str) -> Model:
        try:
            return self._models[name]
        except KeyError:
            raise UnknownModelError(self._unknown(name)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._models))

    def __len__(self) -> int:
        return len(self._models)

    def near(self, name: str) -> list[str]:
        """Ids that somebody may have meant: by the whole id, by its tail, by the model's title."""
        folded = name.casefold()
        tails = {m.id.split("/", 1)[1].casefold(): m.id for m in self._models.values()}
        titles = {m.title.casefold(): m.id for m in self._models.values()}
        names = {key.casefold(): key for key in self._models} | tails | titles
        close = get_close_matches(folded, names, n=3, cutoff=_NEAR)
        return list(dict.fromkeys(names[each] for each in close))

    def _unknown(self, name: str) -> Problem:
        if name in self.pages:
            said = f"{name} is not shipped, but can be imported from its page"
            hint = f"save {self.pages[name]} and say: kinoform models import FILE"
            return Problem("unknown-model", said, hint=hint)
        near = self.near(name)
        hint = f"did you mean {' or '.join(near)}?" if near else "see `kinoform models list`"
        return Problem("unknown-model", f"there is no model {shown(name)}", hint=hint)
