"""What there is to choose, and what a choice changes, as rows and as plain data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.money import dollars, text
from kinoform.views.fields import NAMED
from kinoform.views.words import length, listed, size, times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from decimal import Decimal

    from kinoform.core.candidates import Candidate
    from kinoform.core.types import Pick
    from kinoform.views.fields import Fields

    # path(candidate) is where it is shown, or None
    Path = Callable[[Candidate], str | None]

VERSION = 1
HEAD = ("step", "name", "take", "recipe", "stands", "digest", "makes", "seed", "paid", "file")
RIGHT = ("take", "seed", "paid")
_DIGITS = 12  # of a digest that people see


def rows(candidates: Iterable[Candidate], path: Path) -> Iterator[tuple[str, ...]]:
    """One row for each result that can be chosen."""
    for each in candidates:
        facts = each.outputs[0].facts
        yield (
            each.step,
            each.name,
            str(each.take or ""),
            _recipe(each),
            each.stands,
            brief(each.digest),
            times(" ".join(filter(None, (size(facts), length(facts)))), len(each.outputs)),
            "" if each.seed is None else str(each.seed),
            dollars(each.paid) if each.paid else "",
            (path(each) or "") if each.present else "its bytes are not here",
        )


def _recipe(candidate: Candidate) -> str:
    if not candidate.recipe:
        return "by hand"
    return "present" if candidate.current else "earlier"


def brief(digest: str) -> str:
    """The first digits of a digest: enough to say it again."""
    return digest.removeprefix("sha256:")[:_DIGITS]


def entry(candidate: Candidate, path: str | None) -> dict[str, Any]:
    """A result that can be chosen, as plain data."""
    facts = candidate.outputs[0].facts
    return {
        "step": candidate.step,
        "name": candidate.name or None,
        "recipe": candidate.recipe or None,
        "take": candidate.take or None,
        "digest": candidate.digest,
        "media": candidate.outputs[0].media,
        "width": facts.width,
        "height": facts.height,
        "seconds": facts.seconds,
        "fps": facts.fps,
        "seed": candidate.seed,
        "paid": text(candidate.paid),
        "current": candidate.current,
        "present": candidate.present,
        "stands": candidate.stands or None,
        "path": path,
    }


FIELDS: Fields = {
    **NAMED,
    "candidates": "list: each result that can be chosen",
    "candidates[].step": "string: id of the instance",
    "candidates[].name": "string or null: recipe and take, as in 3f9a_t02; null for a file",
    "candidates[].recipe": "string or null: digest of the recipe; null for a file",
    "candidates[].take": "integer or null: from 1, within that recipe",
    "candidates[].digest": "string: sha256 of the bytes",
    "candidates[].media": "string: type, such as image/png",
    "candidates[].width": "integer or null: pixels",
    "candidates[].height": "integer or null: pixels",
    "candidates[].seconds": "number or null: how long it plays",
    "candidates[].fps": "number or null: frames a second",
    "candidates[].seed": "integer or null: as the provider told it",
    "candidates[].paid": "money: for this result",
    "candidates[].current": "boolean: made from the recipe of today",
    "candidates[].present": "boolean: its bytes are here",
    "candidates[].stands": "string or null: chosen, pinned or adopted, if it stands",
    "candidates[].path": "string or null: where it is shown in the project folder",
}
RECORD: Fields = {
    "kind": "string: pick, pin or adopt",
    "digest": "string: sha256 of the bytes that stand",
    "recipe": "string or null: digest of their recipe",
    "take": "integer or null: within that recipe",
    "by": "string: who chose",
    "at": "string: the day",
    "why": "string or null: the reason that was given",
}


def effect(stale: Sequence[str], price: Decimal, how: str) -> Iterator[str]:
    """`makes clip@s020 stale: $0.56`; nothing where nothing is."""
    if stale:
        yield f"{how.format(listed(stale))}: {dollars(price) if price else 'free'}"


def record(pick: Pick | None) -> dict[str, Any] | None:
    """A pick as plain data."""
    if pick is None:
        return None
    return {
        "kind": pick.kind,
        "digest": pick.digest,
        "recipe": pick.recipe or None,
        "take": pick.take or None,
        "by": pick.by,
        "at": pick.at,
        "why": pick.why or None,
    }
