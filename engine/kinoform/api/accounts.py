"""Looks at the accounts of one user for the doctor: keys, addresses, and what each account holds.

A key is read but never shown; the program that prints one is run only when that was asked for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, TypeAlias

from kinoform.api.balances import Seen, ask
from kinoform.api.keys import KeySource, key_source, loose, no_key
from kinoform.api.vendors import VENDORS, Vendor
from kinoform.core.errors import UsageError
from kinoform.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kinoform.api.settings import ProviderSettings, UserSettings
    from kinoform.core.errors import Problem
    from kinoform.ports import Carrier

    Connect: TypeAlias = Callable[[Vendor, ProviderSettings, Secret], Carrier]

# Whether accounts are asked: none; those whose key is at hand; those too whose key a program prints.
Calls = Literal["none", "some", "all"]
_NOT_RUN = Seen("ok", "not asked, as a program prints its key", "kinoform doctor --online runs it")


def look(
    settings: UserSettings, environ: Mapping[str, str], calls: Calls, connect: Connect
) -> Iterator[tuple[str, Seen]]:
    """What is looked at (`key`, `address`, `account`) and what was found, provider by provider."""
    accounts = settings.providers
    sources = {name: key_source(row, accounts[name], environ) for name, row in VENDORS.items()}
    wrong = {name: own.faults for name, own in accounts.items() if own.faults}
    for name, faults in wrong.items():
        yield from (("settings", _fault(problem)) for problem in faults)
        sources.pop(name)
    keys = {name: _key(source, calls) for name, source in sources.items() if source}
    asked = {name: key for name, key in keys.items() if isinstance(key, Secret)}
    answers = asyncio.run(_ask(accounts, asked, connect)) if asked and calls != "none" else {}
    for name, source in sources.items():
        if source is None:
            yield "key", _without(VENDORS[name], settings, alone=not keys)
            continue
        rows = [*_about_key(source, keys[name]), ("address", _address(accounts[name]))]
        unasked = _NOT_RUN if keys[name] is _NOT_RUN else None
        rows += [("account", found) for found in (answers.get(name, unasked),) if found]
        for what, found in rows:
            yield what, Seen(found.state, f"{name}: {found.said}", found.fix)


async def _ask(
    accounts: Mapping[str, ProviderSettings], keys: Mapping[str, Secret], connect: Connect
) -> dict[str, Seen]:
    lines = {name: connect(VENDORS[name], accounts[name], key) for name, key in keys.items()}
    found = await asyncio.gather(*(ask(name, line) for name, line in lines.items()))
    return dict(zip(lines, found, strict=True))


def _key(source: KeySource, calls: Calls) -> Secret | Seen:
    """The key, or why it cannot be had; the program is run for `all` only."""
    if source.kind == "command" and calls != "all":
        return _NOT_RUN
    try:
        return source.read()
    except UsageError as error:
        problem = error.problems[0]
        return Seen("fail", problem.message, problem.hint)


def _fault(problem: Problem) -> Seen:
    place = f"{problem.where}: " if problem.where else ""
    return Seen("fail", place + problem.message, problem.hint)


def _without(vendor: Vendor, settings: UserSettings, *, alone: bool) -> Seen:
    problem = no_key(vendor, settings.path)
    if alone:
        return Seen(
            "warn", f"{problem.message}: its steps end as blocked (--draft is free)", problem.hint
        )
    return Seen("ok", f"{problem.message}, which only its own models need")


def _about_key(source: KeySource, key: Secret | Seen) -> Iterator[tuple[str, Seen]]:
    at = f"{source.path} ({source.said})" if source.path else source.said
    fault = key if isinstance(key, Seen) and key is not _NOT_RUN else None
    yield "key", fault or Seen("ok", f"from {at}")
    if problem := loose(source):
        yield "key", Seen("warn", problem.message, problem.hint)


def _address(own: ProviderSettings) -> Seen:
    origin = own.origins.get("url")
    said = f"{own.url} ({origin})" if origin else own.url
    return Seen("ok", f"{said}, over a proxy" if own.proxy else said)
