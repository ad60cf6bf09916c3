"""Bytes that the store has lost, looked for in a folder that shows copies to people.

Whatever lies there may have been changed by anybody, so a file counts by its digest alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kinoform.stores.inside import Inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kinoform.core.types import Blob
    from kinoform.ports import Store
    from kinoform.stores.inside import Parts

_DEEPEST: Final = 16  # folders below the first


def rescue(root: Path, folder: str, store: Store, lost: Iterable[Blob]) -> set[str]:
    """Take what is lost from the files below `root/folder`, synced; the digests of what was there.

    Follows no link, and reads only files as long as something that is lost. Raises EnvError.
    """
    view, left = Inside(root), {blob.digest: blob.size for blob in lost}
    found: set[str] = set()
    for place in _files(view, (folder,)) if left else ():
        with suppress(OSError):  # it is gone or shut by now: another one may show the same
            if view.size(*place) in left.values():
                found |= _taken(view.open(*place), store, left)
        left = {digest: size for digest, size in left.items() if digest not in found}
    return found


def _files(view: Inside, folder: Parts) -> Iterator[tuple[Parts, str]]:
    with suppress(OSError):  # a link, or no folder
        for name in view.names(folder):
            if view.size(folder, name) is not None:
                yield folder, name
            elif len(folder) <= _DEEPEST:
                yield from _files(view, (*folder, name))


def _taken(descriptor: int, store: Store, lost: Iterable[str]) -> set[str]:
    """Copy first, then look: what was looked at is what is kept."""
    scratch = store.scratch()
    copy = scratch / "copy"
    try:
        with os.fdopen(descriptor, "rb") as source, copy.open("xb") as target:
            shutil.copyfileobj(source, target)
        with copy.open("rb") as file:
            digest = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        return {store.add(copy, durable=True)} if digest in lost else set()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
