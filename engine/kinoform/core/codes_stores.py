"""The codes of what can go wrong where bytes, records and locks are kept."""

from __future__ import annotations

CODES: dict[str, str] = {
    "disk-full": "What is made must fit on the disk; nothing half-written is left behind.",
    "disk-read-only": "The folder that kinoform keeps its data in must be writable.",
    "disk-failed": "The disk must do what it is asked; after a failed write nothing is believed.",
    "file-swapped": "A file that is handed to the store must not change while it is taken over.",
    "not-a-file": "Only regular files are taken into the store: no links, folders or pipes.",
    "store-unsafe": "The store belongs to one user, and nobody else may write to it.",
    "ledger-busy": "A writer of the ledger gives way to the others within half a minute.",
    "ledger-damaged": "The ledger must be whole: it is the record of what was paid, never remade.",
    "ledger-foreign": "The ledger's name must not be taken by another program's database.",
    "ledger-network": "The ledger needs a local disk: its locks do not hold on network folders.",
    "ledger-newer": "A ledger that a newer version has written to is read, and not written.",
    "ledger-read-only": "A ledger that was opened for reading, or cannot be written, takes no events.",
    "ledger-record": "Every record of a result must be readable by the version that it names.",
    "ledger-shorter": "A backup of the ledger is never replaced by one that holds less.",
    "ledger-stopped": "After the disk refused a record, this process records and spends nothing more.",
    "locks-broken": "The disk's locks must keep other processes out, or two would buy the same thing.",
}
