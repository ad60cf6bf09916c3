"""What the disk holds of a download must be what came."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from kinoform.core.errors import EnvError
from kinoform.core.types import Blob, Expect
from kinoform.ports import Fetched, Output
from kinoform.run.deliver import Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CAME = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"


def fetched(folder: Path, kept: Sequence[str]) -> tuple[Blob, int]:
    """The result where the disk says these digests one after another, and how often it was fetched."""
    said, times = iter(kept), list[str]()

    async def fetch(url: str, path: Path, most: int, held: int) -> Fetched:
        del most, held
        times.append(url)
        return Fetched(path, CAME, 3)

    async def take(_path: Path, expect: Expect, _data: bytes) -> Blob:
        return Blob(next(said), 3, expect.media)

    async def nap(_seconds: float) -> bool:
        return False

    carrier, inspector = SimpleNamespace(fetch=fetch), SimpleNamespace(take=take, room=0)
    inspector.place = lambda: folder / "download"
    service = SimpleNamespace(carrier=carrier)
    till: Any = SimpleNamespace(service=service, halt=SimpleNamespace(nap=nap))
    own: Any = inspector
    output = Output("https://files.example/a")
    return asyncio.run(Delivery(till, own).fetch(output, Expect("image/png"))), len(times)


def test_other_bytes_on_the_disk_are_fetched_again(tmp_path: Path) -> None:
    blob, times = fetched(tmp_path, [OTHER, CAME])
    assert (blob.digest, times) == (CAME, 2)


def test_a_disk_that_keeps_other_bytes_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvError) as caught:
        fetched(tmp_path, [OTHER] * 9)
    (problem,) = caught.value.problems
    assert problem.code == "result-damaged"
    assert "the disk holds other bytes" in problem.message
