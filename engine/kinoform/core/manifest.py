"""From a request to its key, and from two manifests to what changed between them.

One traversal of `params` serves key, provenance and explanation, so they cannot disagree.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from json import loads
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from kinoform.core.canon import Written, digest_of, dumps, hexdigest
from kinoform.core.types import (
    Action,
    Blob,
    Bytes,
    Data,
    File,
    Identity,
    Late,
    Reason,
    Ref,
    Source,
    Url,
)
from kinoform.core.words import changed_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kinoform.core.stencil import Filled
    from kinoform.core.types import Op, Step

ACTION = "action/1"
LEAVES = (Ref, File, Url, Data, Late)
_SOURCES = (Ref, File, Url, Data)


def fill(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The tree with `leaf(x)` in place of every source and late value x."""
    kind = type(value)
    if kind is str:  # what there is most of
        return value
    if kind in LEAVES:
        return leaf(value)
    if isinstance(value, dict):
        return {key: fill(item, leaf) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, leaf) for item in value]
    return value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every source and late value in the tree with its dotted path, in order."""
    if isinstance(value, LEAVES):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            here = f"{path}.{number}" if path else str(number)
            if isinstance(item, LEAVES):  # lists are long, and mostly of these
                yield here, item
            else:
                yield from leaves(item, here)


def sources(params: Mapping[str, Any]) -> dict[str, Source]:
    """Dotted path to source, for `Step.inputs`."""
    return {path: leaf for path, leaf in leaves(params) if isinstance(leaf, _SOURCES)}


def is_late(params: Mapping[str, Any]) -> bool:
    """Whether a value is known after run only, for `Step.late`."""
    return any(isinstance(leaf, Late) for _, leaf in leaves(params))


def _written(identity: Identity) -> dict[str, Any]:
    if isinstance(identity, Bytes):
        return {"$bytes": identity.digest}
    return {"$made": identity.key, "index": identity.index}


def manifest(step: Step, take: int, identity_of: Callable[[Source], Identity]) -> dict[str, Any]:
    """What is hashed: kind, op, params as they are sent, identities of inputs, take ordinal.

    Not in it: step name, paths, times, prices, engine version, digest of the model file. Local
    and drafted ops carry our own version; a hosted op is its full model id. `params` must hold
    no `Late` any more.
    """
    params = fill(step.params, lambda x: _written(identity_of(x))) if step.inputs else step.params
    return {"kind": ACTION, "op": _told(step.op), "params": params, "take": take}


@lru_cache(maxsize=1024)
def _told(op: Op) -> Mapping[str, Any]:
    """An operation as manifests tell it; one object for all of them."""
    return {"name": op.name} | ({"version": op.version} if op.version else {})


def spelled(identity: Identity) -> str:
    """What stands for an input in the canonical text of a manifest."""
    if isinstance(identity, Bytes):
        return f'{{"$bytes":{quoted(identity.digest)}}}'
    return f'{{"$made":{quoted(identity.key)},"index":{identity.index}}}'


def spell(params: Filled, op: str, take: int, inputs: Sequence[str]) -> str:
    """The canonical text of a manifest; `op` and `inputs` are spelled, these in their order."""
    before, behind = around_params(op, take)
    return f"{before}{params.stencil.text(params.texts, inputs)}{behind}"


def around_params(op: str, take: int) -> tuple[str, str]:
    """What stands before and behind the request in that text."""
    return f'{{"kind":"{ACTION}","op":{op},"params":', f',"take":{take}}}'


@lru_cache(maxsize=1024)
def spelled_op(op: Op) -> str:
    """An operation in the canonical text of a manifest."""
    return dumps(_told(op))


def written(step: Step, params: Filled, identities: Mapping[Source, Identity]) -> Written:
    """The manifest of the only take of a step of a known shape, with its text."""
    inputs = [spelled(identities[source]) for source in step.inputs.values()]
    text = spell(params, spelled_op(step.op), 1, inputs)
    document = Written(loads(text))
    document.text = text
    return document


def unspelled(step: Step, take: int, inputs: Sequence[str]) -> dict[str, Any]:
    """The manifest that was spelled so."""
    each = map(loads, inputs)
    return {
        "kind": ACTION,
        "op": _told(step.op),
        "params": fill(step.params, lambda _: next(each)) if inputs else step.params,
        "take": take,
    }


def outline(step: Step) -> dict[str, Any]:
    """The request as it is written, before anything is made: each source by its name.

    A late value is named by what it is worked out from.
    """
    return {"op": step.op.name, "params": fill(step.params, _named)}


def _named(leaf: Source | Late) -> dict[str, Any]:
    if isinstance(leaf, Late):
        return {"$late": [_named(ref) for ref in leaf.refs]}
    if isinstance(leaf, Ref):
        return {"$out": leaf.step, "take": leaf.take, "index": leaf.index}
    if isinstance(leaf, File):
        return {"$file": leaf.path}
    return {"$url": leaf.url} if isinstance(leaf, Url) else {"$data": digest_of(leaf.uri.encode())}


def key_of(document: Mapping[str, Any]) -> str:
    """The key of a manifest: 64 hex digits."""
    return hexdigest(document)


def text_key(text: str) -> str:
    """The same of its canonical text."""
    return sha256(text.encode()).hexdigest()


def recipe_of(document: Mapping[str, Any]) -> str:
    """The recipe that all takes share: the digest of the manifest without its take."""
    return hexdigest({key: value for key, value in document.items() if key != "take"})


def bind(
    step: Step,
    take: int,
    identities: Mapping[Source, Identity],
    blobs: Mapping[Source, Blob],
    known: tuple[str, Mapping[str, Any]] | None = None,
) -> Action:
    """The exact request, with a blob wherever bytes go that are read. Raises KeyError on an unknown source.

    `known` is its key and manifest, where somebody has worked them out already.
    """
    document = known[1] if known else manifest(step, take, identities.__getitem__)
    reads = bool(step.inputs) and step.op.pool != "inline"
    return Action(
        key=known[0] if known else key_of(document),
        step=step.id,
        take=take,
        op=step.op,
        params=fill(step.params, blobs.__getitem__) if reads else step.params,
        inputs={path: identities[source] for path, source in step.inputs.items()},
        expects=step.expects,
        manifest=document,
        timeout=step.timeout,
    )


def _identity(value: Any) -> str:
    if isinstance(value, dict) and "$bytes" in value:
        return str(value["$bytes"])[:19]
    if isinstance(value, dict) and "$made" in value:
        return f"made by {value['$made'][:12]}"
    return ""


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and not _identity(value):
        for key in value:
            yield from _flat(value[key], f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _flat(item, f"{path}.{number}" if path else str(number))
    else:
        yield path, value


def _reason(path: str, old: Any, new: Any) -> Reason:
    if _identity(old) or _identity(new):
        return Reason("input", path, _identity(old), _identity(new))
    if isinstance(old, str) and isinstance(new, str):
        return Reason("changed", path, *changed_words(old, new))
    return Reason("changed", path, _shown(old), _shown(new))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Why two manifests have two keys: one reason for each path that differs, in path order.

    Paths are those of the request (`positivePrompt`), or `op` and `take`.
    """
    before = dict(_flat(old.get("params", {}), ""))
    after = dict(_flat(new.get("params", {}), ""))
    moved = [*after, *(path for path in before if path not in after)]
    reasons = [
        _reason(path, before.get(path), after.get(path))
        for path in moved
        if before.get(path) != after.get(path)
    ]
    if old.get("op") != new.get("op"):
        reasons.insert(0, Reason("op", "op", _op(old), _op(new)))
    return tuple(reasons)


def at(params: Any, path: str) -> Any:
    """The value at a dotted path of a request; None where there is none."""
    for part in path.split("."):
        try:
            params = params[int(part)] if isinstance(params, list | tuple) else params[part]
        except (LookupError, TypeError, ValueError):
            return None
    return params


def _op(document: Mapping[str, Any]) -> str:
    op = document.get("op", {})
    return f"{op.get('name', '')} {op.get('version', '')}".strip()
