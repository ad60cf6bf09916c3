"""What is on record of a key: in the user's ledger, else in the lock that came with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection

    from kinoform.api.lockbook import LockBook
    from kinoform.core.types import Gist, Result
    from kinoform.stores.ledger import SqliteLedger


@dataclass(frozen=True, slots=True)
class Records:
    """Both of them; with `frozen` only the lock tells of purchases. Both methods raise SpecError."""

    ledger: SqliteLedger
    lock: LockBook
    frozen: bool

    def results(self, keys: Collection[str]) -> dict[str, Result]:
        """The recorded results among these keys."""
        found = self.ledger.results(keys)
        if self.frozen:
            from kinoform.api.frozen import locked  # noqa: PLC0415  (for `--frozen` alone)

            return locked(found, self.lock.results(keys))
        missing = [key for key in keys if key not in found]
        return found | self.lock.results(missing) if missing else found

    def gists(self, keys: Collection[str]) -> dict[str, Gist]:
        """The same as far as plans read them."""
        if self.frozen:
            return {key: result.gist for key, result in self.results(keys).items()}
        found = self.ledger.gists(keys)
        missing = self.lock.results([key for key in keys if key not in found])
        return found | {key: result.gist for key, result in missing.items()}
