"""Row a: how long `--version` and `--help` take beside an empty Python process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from races import EMPTY, KINOFORM, Command, Record, Row, race, tell

if TYPE_CHECKING:
    from pathlib import Path


def test_a_start_beside_an_empty_process(tmp_path: Path, record_property: Record) -> None:
    found = race(
        {
            "empty": Command(EMPTY),
            "version": Command((KINOFORM, "--version")),
            "help": Command((KINOFORM, "--help")),
        },
        tmp_path,
    )
    empty, peer = found["empty"], "python -c pass"
    tell(record_property, Row("a", "`--version`", found["version"], empty, peer, goal=2))
    tell(record_property, Row("a", "`--help`", found["help"], empty, peer, goal=5))
