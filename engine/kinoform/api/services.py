"""The providers of one user, ready to be used: who speaks for them, who carries, who pays.

The one place where a key meets the code of the network, which is loaded with the first request.
"""

from __future__ import annotations

from dataclasses import field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from kinoform.api.cassettes import cassette
from kinoform.api.keys import key_source, loose, no_key
from kinoform.api.vendors import VENDORS, Vendor
from kinoform.core.classes import dataclass
from kinoform.core.errors import UsageError
from kinoform.core.identity import fingerprint, task_id, task_secret
from kinoform.ports import Account, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from kinoform.api.settings import ProviderSettings, UserSettings
    from kinoform.core.errors import Problem
    from kinoform.core.secret import Secret
    from kinoform.ports import Carrier, Fetched, Fetcher, Insert, Provider, Reply, Request


@dataclass(frozen=True, slots=True)
class Services:
    """The providers that can be used, what each of the others lacks, and warnings about keys."""

    ready: Mapping[str, Service] = field(default_factory=dict)
    absent: Mapping[str, Problem] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


def known(settings: UserSettings, environ: Mapping[str, str]) -> dict[str, bool]:
    """Provider -> whether a key is named for it, and may go there. Reads no file, runs nothing."""
    accounts, tape = settings.providers, cassette(environ)
    if tape is not None and tape.mode == "replay":
        return {name: tape.has(name) for name in VENDORS}
    named = {row.name: key_source(row, accounts[row.name], environ) for row in VENDORS.values()}
    return {name: bool(key and not accounts[name].faults) for name, key in named.items()}


def absent(settings: UserSettings, environ: Mapping[str, str]) -> dict[str, Problem]:
    """What is said of the other providers; as cheap."""
    found = known(settings, environ)
    return {name: _lack(settings, VENDORS[name]) for name in VENDORS if not found[name]}


def _lack(settings: UserSettings, vendor: Vendor) -> Problem:
    """Why a provider cannot be asked for anything."""
    faults = settings.providers[vendor.name].faults
    return faults[0] if faults else no_key(vendor, settings.path)


def network(vendor: Vendor, own: ProviderSettings, key: Secret) -> Carrier:
    """A carrier over HTTP to this account."""
    from kinoform.net.carrier import HttpCarrier  # noqa: PLC0415  (the network loads with a request)
    from kinoform.net.line import Line  # noqa: PLC0415  (the network loads with a request)

    proxy = own.proxy.reveal() if own.proxy else ""
    return HttpCarrier(Line(own.url, key, proxy, vendor.name))


def downloads(*, loopback: bool = False) -> Fetcher:
    """Plain downloads without any key; `loopback` allows this machine as a source."""
    from kinoform.net.download import Downloader  # noqa: PLC0415  (the network loads with a request)

    return Downloader(loopback=loopback)


def services(
    settings: UserSettings,
    environ: Mapping[str, str],
    only: Collection[str] | None = None,
    connect: Callable[[Vendor, ProviderSettings, Secret], Carrier] = network,
) -> Services:
    """Read the keys of the providers in `only` (all by default): this may run a key's program.

    Raises nothing: a key that cannot be read makes its provider absent.
    """
    tape = cassette(environ)
    if tape is not None and tape.mode == "replay":
        there = [name for name in (VENDORS if only is None else only) if tape.has(name)]
        return Services({name: tape.replayed(provider(VENDORS[name])) for name in there})
    ready, lacking, notes = {}, {}, []
    for name in VENDORS if only is None else only:
        vendor, own = VENDORS[name], settings.providers[name]
        source = key_source(vendor, own, environ)
        if source is None or own.faults:
            lacking[name] = _lack(settings, vendor)
            continue
        try:
            key = source.read()
            made = _service(vendor, own, key, connect)
            ready[name] = tape.recorded(made, key) if tape else made
        except UsageError as error:
            lacking[name] = error.problems[0]
        notes += [note for note in (loose(source),) if note]
    return Services(ready, lacking, tuple(notes))


def account(vendor: Vendor, own: ProviderSettings, key: Secret) -> Account:
    """The account that a key opens; the key does not follow from it."""
    secret = task_secret(key)
    return Account(
        provider=vendor.name,
        fingerprint=fingerprint(key),
        task_id=lambda action, epoch: task_id(secret, action, epoch),
        at_once=own.at_once,
        per_model=own.per_model,
        on_unknown=own.on_unknown,
        duplicates=own.duplicates,
        longest=own.longest,
    )


def provider(vendor: Vendor) -> Provider:
    """The vendor's pure functions."""
    module, _, name = vendor.provider.partition(":")
    made: Provider = getattr(import_module(module), name)()
    return made


def _service(
    vendor: Vendor,
    own: ProviderSettings,
    key: Secret,
    connect: Callable[[Vendor, ProviderSettings, Secret], Carrier],
) -> Service:
    lazy = LazyCarrier(lambda: connect(vendor, own, key))
    return Service(provider(vendor), lazy, account(vendor, own, key))


class LazyCarrier:
    """A carrier that is made with its first use."""

    def __init__(self, make: Callable[[], Carrier]) -> None:
        self._make = make

    @cached_property
    def _carrier(self) -> Carrier:
        return self._make()

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        """As the carrier does."""
        return await self._carrier.send(request, insert)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        """As the carrier does."""
        return await self._carrier.fetch(url, path, most, held)

    async def close(self) -> None:
        """Let go of what was opened, if anything was."""
        if "_carrier" in vars(self):
            await self._carrier.close()
