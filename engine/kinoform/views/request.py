"""A step's request as it would be sent, with names where bytes will stand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.address import masked
from kinoform.core.manifest import fill
from kinoform.core.types import File, Late, Ref, Url
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.core.survey import Survey
    from kinoform.core.types import Step


def shown(params: Mapping[str, Any], survey: Survey) -> Any:
    """The request as JSON data: `{"$artifact": "edit@s010", "digest": …}` where bytes go."""
    return fill(dict(params), lambda leaf: _leaf(leaf, survey))


def _leaf(leaf: Any, survey: Survey) -> dict[str, Any]:
    if isinstance(leaf, Ref):
        return _artifact(leaf, survey)
    if isinstance(leaf, Late):
        return {"$later": [_name(ref) for ref in leaf.refs]}
    blob = survey.world.blobs.get(leaf)
    digest = blob.digest if blob else None
    if isinstance(leaf, File):
        return {"$file": leaf.path, "digest": digest}
    if isinstance(leaf, Url):
        return {"$url": masked(leaf.url), "digest": digest}
    return {"$data": short(leaf.uri, 40), "digest": digest}


def _artifact(ref: Ref, survey: Survey) -> dict[str, Any]:
    gist = survey.gist(survey.node(ref))
    known = gist is not None and ref.index < len(gist.outputs)
    found: dict[str, Any] = {"$artifact": _name(ref)}
    if ref.index:
        found["result"] = ref.index + 1
    found["digest"] = gist.outputs[ref.index].digest if gist and known else None
    return found


def _name(ref: Ref) -> str:
    return f"{ref.step}#{ref.take}" if ref.take else ref.step


def prompt(step: Step) -> str | None:
    """The text that a step is asked with, None for one that takes none."""
    brief = step.params.get("brief") or step.brief
    found = brief.get("prompt", step.params.get("text"))
    return found if isinstance(found, str) else None
