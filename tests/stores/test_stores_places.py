"""Where the ledger writes: in its own folder, whatever SQLite would do elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from traced import needs_strace, traced

if TYPE_CHECKING:
    from pathlib import Path

CREATED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)".*O_CREAT.*\) = \d')
GROUPS = """
import sys
from pathlib import Path
from kinoform.core.canon import digest_of
from kinoform.core.ledger import to_record
from kinoform.core.types import Blob, Event, Result
from kinoform.stores.ledger import SqliteLedger

def result(number):
    digest = digest_of(b"%d" % number)
    blob, key = Blob(digest, 1, "text/plain"), digest.removeprefix("sha256:")
    made = Result(key, f"s{number}", 1, "local/text", "local", (blob,), {"a": "x" * 200})
    return Event(1.0, "run", "film", "result", made.step, 1, made.key, to_record(made))

with SqliteLedger(Path(sys.argv[1])) as ledger:
    for start in range(0, 4000, 500):
        ledger.append([result(start + number) for number in range(500)])
"""


@needs_strace
def test_large_groups_of_records_make_no_file_outside_of_the_home(tmp_path: Path) -> None:
    trace, home = tmp_path / "trace", tmp_path / "home"
    traced(trace, ["-e", "trace=open,openat"], GROUPS, str(home / "ledger.sqlite"))
    made = {path for path in CREATED.findall(trace.read_text()) if path != "/dev/null"}
    assert made
    assert {path for path in made if not path.startswith(f"{home}/")} == set()
