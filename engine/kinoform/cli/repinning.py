"""`pull --refetch`: what an address gives now, what that makes stale in dollars, and the new pin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kinoform.api.fetching import refetched
from kinoform.api.lockbook import FOLDER, LockBook
from kinoform.cli.choosing import effects
from kinoform.cli.opening import opened
from kinoform.cli.options import placed
from kinoform.core.address import masked, named
from kinoform.core.errors import Problem, UsageError
from kinoform.core.money import text
from kinoform.views.fields import VERSIONED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kinoform.api.fetching import Refetched
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

VERSION = 1
FIELDS: Fields = {
    **VERSIONED,
    "inputs": "list: each address that was fetched",
    "inputs[].address": "string: what names it in the lock",
    "inputs[].before": "string or null: digest that it was pinned to",
    "inputs[].digest": "string: sha256 of what it gives now, and is pinned to",
    "inputs[].size": "integer: bytes",
    "inputs[].media": "string: type, such as image/png",
    "inputs[].stale": "map: what is made again because of it",
    "inputs[].stale.steps": "list of string: ids of the instances",
    "inputs[].stale.price": "money: of making them again, as far as prices are known",
}


def carry_out(show: Show, options: Options, word: str | None, urls: Iterable[str]) -> None:
    """Fetch these addresses and pin them; `word` is the project, if it was named."""
    if word is not None:
        path, others = placed([word], None)
        options = replace(options, path=path, targets=(*others, *options.targets))
    if options.targets:
        said = f"--refetch takes addresses, and {options.targets[0][:60]!r} is no project"
        raise UsageError(Problem("bad-usage", said, hint="as in: kinoform pull --refetch URL film"))
    found = opened(replace(options, draft=""))
    book, planned = LockBook(found.project.root), found.project.plan()
    came = refetched(found.project, found.setting, planned, urls)
    for each in came:
        show.say(_said(each))
        for line in effects(each.change):
            show.say(line)
        book.pin(each.url, each.now)
    if show.json:
        show.document({"version": VERSION, "inputs": [_entry(each) for each in came]})
    else:
        show.line(f"{len(came)} pinned in {FOLDER}/inputs")


def _said(each: Refetched) -> str:
    name = masked(each.url)
    if each.before is None:
        return f"{name}: {each.now.digest}"
    if each.before.digest == each.now.digest:
        return f"{name}: the same as before"
    return f"{name}: was {each.before.digest}, is {each.now.digest}"


def _entry(each: Refetched) -> dict[str, Any]:
    change = each.change
    return {
        "address": named(each.url),
        "before": each.before.digest if each.before else None,
        "digest": each.now.digest,
        "size": each.now.size,
        "media": each.now.media,
        "stale": {"steps": list(change.stale), "price": text(change.stale_price)},
    }
