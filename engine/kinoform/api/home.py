"""KINOFORM_HOME: where the ledger, the store and the disposable index of one user lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass
from kinoform.stores.answers import home_folder
from kinoform.stores.digests import FileDigests
from kinoform.stores.index import DiskIndex
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.stores.locks import KeyLocks
from kinoform.stores.pauses import Pauses
from kinoform.stores.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Mapping


def folder(environ: Mapping[str, str] | None = None) -> Path:
    """The user's data folder of kinoform: `KINOFORM_HOME`, else the platform's."""
    return Path(home_folder(os.environ if environ is None else environ))


@dataclass(frozen=True, slots=True)
class Home:
    """The stores of one user. Reading creates nothing but the folders it needs."""

    root: Path
    store: LocalStore
    ledger: SqliteLedger
    locks: KeyLocks
    index: DiskIndex
    digests: FileDigests
    pauses: Pauses

    def slots(self, name: str, most: int) -> Slots:
        """The places of one account, among all processes of this machine."""
        return Slots(self.root / "locks", name, most)


def open_home(root: Path | None = None) -> Home:
    """Open (or begin) the home. Raises EnvError with the path that cannot be used."""
    base = root or folder()
    index = DiskIndex(base / "index")
    return Home(
        base,
        LocalStore(base / "store"),
        SqliteLedger(base / "ledger.sqlite"),
        KeyLocks(base / "locks"),
        index,
        FileDigests(index),
        Pauses(base / "pauses"),
    )
