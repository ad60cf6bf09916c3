"""What a cold run of trivial steps cannot do without, alone: two files and two rows for each step.

An object under its digest, made aside and linked; a file in `out/`, made aside and renamed; an event with
the whole record and a result by its key, 500 in a transaction. No graph, no plan, no check: the floor
under row f. Reads `shots.json` in the folder it is started in, writes to KINOFORM_HOME.
"""

from __future__ import annotations

import json
import os
import sqlite3
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP = 500
_BESIDE = {step: Path("out", step, ".new") for step in ("a", "b", "clip", "poster")}
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_TABLES = """\
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE event (seq INTEGER PRIMARY KEY, step TEXT, key TEXT, data TEXT);
CREATE TABLE result (key TEXT PRIMARY KEY, record TEXT);
"""


def write(path: Path, data: bytes, mode: int) -> None:
    """A new file."""
    descriptor = os.open(path, _NEW, mode)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)


def made(home: str) -> Iterator[tuple[str, str, str]]:
    """Step, key and record of each, once its files are there."""
    new = Path(home, "aside", "new")
    for shot, texts in json.loads(Path("shots.json").read_text()).items():
        for step, text in texts.items():
            data = text.encode()
            name = sha256(data).hexdigest()
            write(new, data, 0o444)
            os.link(new, f"{home}/objects/{name[:2]}/{name[2:]}")
            new.unlink()
            beside = _BESIDE[step]
            write(beside, data, 0o666)
            beside.replace(f"out/{step}/{shot}.txt")
            manifest = {"kind": "action/1", "op": "local/text", "params": {"text": text}, "take": 1}
            key = sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
            outputs = [{"digest": name, "media": "text/plain", "size": len(data)}]
            record = {"key": key, "manifest": manifest, "outputs": outputs, "step": step}
            yield f"{step}@{shot}", key, json.dumps(record, sort_keys=True)


def main(home: str) -> None:
    """All of it."""
    for folder in ("aside", *(f"objects/{number:02x}" for number in range(256))):
        Path(home, folder).mkdir(parents=True)
    for beside in _BESIDE.values():
        beside.parent.mkdir(parents=True)
    ledger = sqlite3.connect(f"{home}/ledger.sqlite", isolation_level=None)
    ledger.executescript(_TABLES)
    steps = made(home)
    while rows := list(islice(steps, _GROUP)):
        ledger.execute("BEGIN IMMEDIATE")
        ledger.executemany("INSERT INTO event (step, key, data) VALUES (?, ?, ?)", rows)
        results = [(key, record) for _, key, record in rows]
        ledger.executemany("INSERT OR REPLACE INTO result VALUES (?, ?)", results)
        ledger.execute("COMMIT")


if __name__ == "__main__":
    main(os.environ["KINOFORM_HOME"])
