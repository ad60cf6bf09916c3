"""Many files taken in at once: in which order they come to last, and what a fault of one means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from traced import needs_strace, traced

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_strace
SYNCED_FILE = re.compile(r"fsync\(\d+<.*?/store/tmp/(.*?)>")
NAMED = re.compile(r"link(?:at)?\(")
SYNCED_FOLDER = re.compile(r"fsync\(\d+<.*?/store/objects/(..)>")
MANY = """
import sys
from pathlib import Path
from kinoform.core.canon import digest_of
from kinoform.stores.localdir import LocalStore

root, many, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = LocalStore(root)
datas = [b"bytes of %d" % number for number in range(many)]
folder = store.scratch()
sources = [data if number % each else folder / str(number) for number, data in enumerate(datas)]
for source, data in zip(sources, datas):
    if isinstance(source, Path):
        source.write_bytes(data)
found = store.add_all(sources, durable=True)
print(*(one.problems[0].code for one in found if not isinstance(one, str)))
for place in (root / "objects").glob("*/*"):
    store.path(f"sha256:{place.parent.name}{place.name}")  # raises Absent unless whole
left = [source for source, one in zip(sources, found) if not isinstance(one, str)]
left = [one for one in left if not isinstance(one, Path) or one.exists()]
assert all(isinstance(one, str) for one in store.add_all(left, durable=True))
assert [store.read(digest_of(data)) for data in datas] == datas
folder.rmdir()
assert list((root / "tmp").iterdir()) == []
"""


def many(root: Path, most: int, each: int, *options: str) -> tuple[str, str]:
    """What became of so many added at once, each n-th of them a file, and what strace saw."""
    trace = root.with_name(f"{root.name}.trace")
    said = traced(trace, ["-y", *options], MANY, str(root), str(most), str(each))
    return said.strip(), trace.read_text()


def test_of_many_files_each_is_synced_before_any_gets_its_name_and_then_each_folder(
    tmp_path: Path,
) -> None:
    said, trace = many(tmp_path / "store", 40, 2, "-e", "trace=fsync,link,linkat")
    assert said == ""
    calls = trace.splitlines()
    named = [number for number, line in enumerate(calls) if NAMED.search(line)]
    before, between, after = calls[: named[0]], calls[named[0] : named[-1]], calls[named[-1] :]
    assert len(named) == 40
    assert len({found for line in before for found in SYNCED_FILE.findall(line)}) == 40
    assert not any("fsync" in line for line in between)
    folders = set(re.findall(r"/objects/(..)/", "".join(calls)))
    assert sorted(SYNCED_FOLDER.findall("".join(after))) == sorted(folders)


@pytest.mark.parametrize(
    ("call", "each"),
    [("fsync", 2), ("link,linkat", 2), ("chmod,fchmodat", 1), ("unlink,unlinkat", 1)],
)
def test_a_fault_at_any_call_for_many_files_is_that_of_one_and_spares_the_others(
    call: str, each: int, tmp_path: Path
) -> None:
    told = []
    for number in range(1, 20):
        inject = f"inject={call}:error=EIO:when={number}"
        said, trace = many(tmp_path / str(number), 3, each, "-e", inject)
        told.append(said)
        if "INJECTED" not in trace:
            break
    assert len(told) > 3
    assert set(told[:-1]) == {"disk-failed"}
    assert told[-1] == ""
