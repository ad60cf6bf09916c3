"""KINOFORM_HOME: where the ledger, the store and the disposable index of one user lie."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kinoform.stores.answers import home_folder
from kinoform.stores.digests import FileDigests
from kinoform.stores.index import DiskIndex
from kinoform.stores.ledger import SqliteLedger
from kinoform.stores.localdir import LocalStore
from kinoform.stores.pauses import Pauses
from kinoform.stores.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kinoform.stores.locks import KeyLocks


def folder(environ: Mapping[str, str] | None = None) -> Path:
    """The user's data folder of kinoform: `KINOFORM_HOME`, else the platform's."""
    return Path(home_folder(os.environ if environ is None else environ))


class Home:
    """The stores of one user. Reading creates nothing but the folders it needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = LocalStore(root / "store")
        self.ledger = SqliteLedger(root / "ledger.sqlite")
        self.index = DiskIndex(root / "index")
        self.digests = FileDigests(self.index)

    @cached_property
    def locks(self) -> KeyLocks:
        """One writer for each key."""
        from kinoform.stores.locks import KeyLocks  # noqa: PLC0415  (a plan holds nothing)

        return KeyLocks(self.root / "locks")

    @cached_property
    def pauses(self) -> Pauses:
        """Until when accounts were told to wait."""
        return Pauses(self.root / "pauses")

    def slots(self, name: str, most: int) -> Slots:
        """The places of one account, among all processes of this machine."""
        return Slots(self.root / "locks", name, most)


def open_home(root: Path | None = None) -> Home:
    """Open (or begin) the home. Raises EnvError with the path that cannot be used."""
    return Home(root or folder())
