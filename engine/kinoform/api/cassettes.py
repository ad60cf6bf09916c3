"""Recording what passes between a run and its providers, and running again from the recording.

`KINOFORM_CASSETTE` of the user's environment says which: `record:FOLDER` or `replay:FOLDER`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.core.identity import task_id
from kinoform.ports import Account, Service

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinoform.core.secret import Secret
    from kinoform.core.types import Action
    from kinoform.ports import Cursor, Move, Provider, Reply, Request

VARIABLE: Final = "KINOFORM_CASSETTE"
_WORDS: Final = ("record", "replay")
_SEED: Final = "seed"


@dataclass(frozen=True, slots=True)
class Cassette:
    """One folder of recordings, a subfolder for each provider."""

    mode: Literal["record", "replay"]
    folder: Path

    def has(self, provider: str) -> bool:
        """Whether something of this provider is recorded."""
        return (self.folder / provider).is_dir()

    def recorded(self, service: Service, key: Secret) -> Service:
        """The same service, with every exchange written down; no key is written."""
        from kinoform.net.cassette import CassetteRecorder  # noqa: PLC0415  (HTTP is loaded with the first request)

        folder = self.folder / service.provider.name
        carrier = CassetteRecorder(service.carrier, folder, [key])
        return Service(Alone(service.provider), carrier, self._known(service.account))

    def replayed(self, provider: Provider) -> Service:
        """A service that answers from the recording, and needs neither key nor network."""
        from kinoform.net.cassette import CassettePlayer  # noqa: PLC0415  (loaded where it is used)

        carrier = CassettePlayer(self.folder / provider.name)
        account = Account(provider.name, "cassette", lambda _key, _epoch: "")
        return Service(Alone(provider), carrier, self._known(account))

    def _known(self, account: Account) -> Account:
        """Task ids follow from the folder's own seed, so that a replay sends what was recorded."""
        file = self.folder / _SEED
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(os.urandom(32).hex() + "\n", encoding="utf-8")
        seed = bytes.fromhex(file.read_text(encoding="utf-8").strip())
        return replace(account, task_id=lambda key, epoch: task_id(seed, key, epoch))


class Alone:
    """A provider whose requests travel one by one: what is folded with what depends on the moment."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.name, self.fold_most = provider, provider.name, 1

    def advance(self, action: Action, cursor: Cursor, reply: Reply | None) -> Move:
        """As the provider does."""
        return self.provider.advance(action, cursor, reply)

    def gate(self, action: Action) -> str:
        """As the provider does."""
        return self.provider.gate(action)

    def fold(self, requests: Sequence[Request]) -> Request:
        """As the provider does."""
        return self.provider.fold(requests)

    def split(self, requests: Sequence[Request], reply: Reply) -> Sequence[Reply]:
        """As the provider does."""
        return self.provider.split(requests, reply)


def cassette(environ: Mapping[str, str]) -> Cassette | None:
    """The cassette that the environment names, if it names one. Raises UsageError."""
    said = environ.get(VARIABLE, "")
    if not said:
        return None
    mode, _, folder = said.partition(":")
    if mode not in _WORDS or not folder:
        hint = "write record:FOLDER or replay:FOLDER"
        raise UsageError(Problem("bad-cassette", f"{VARIABLE} names no cassette", hint=hint))
    found = Cassette(
        cast("Literal['record', 'replay']", mode), Path(folder).expanduser().absolute()
    )
    if mode == "replay" and not (found.folder / _SEED).is_file():
        raise UsageError(Problem("bad-cassette", f"nothing was recorded in {folder}"))
    return found
