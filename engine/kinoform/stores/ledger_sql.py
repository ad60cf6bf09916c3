"""The ledger's tables and statements, as text; `ledger.py` is the one place that runs them."""

from __future__ import annotations

from typing import Final

# "kino" in the file's header: tells our file from another program's database.
APPLICATION: Final = 0x6B696E6F

# `result` and `head` are derived: they hold what the views select from `event`, the row of the
# greatest seq (SQLite takes the other columns from the row that max() chose).
# A replaced row fires no DELETE trigger, hence the third trigger. The partial index holds no row
# until a newer version writes one, and makes looking for such rows free.
CREATE: Final = """
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at REAL NOT NULL,
  run TEXT NOT NULL,
  project TEXT NOT NULL,
  kind TEXT NOT NULL,
  step TEXT NOT NULL,
  take INTEGER NOT NULL,
  key TEXT NOT NULL,
  schema INTEGER NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX event_run ON event (run);
CREATE INDEX event_newer ON event (schema) WHERE schema > 1;
CREATE TRIGGER event_update BEFORE UPDATE ON event
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER event_replace BEFORE INSERT ON event
  WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TABLE result (key TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE head (
  project TEXT NOT NULL,
  step TEXT NOT NULL,
  take INTEGER NOT NULL,
  key TEXT NOT NULL,
  PRIMARY KEY (project, step, take)
) WITHOUT ROWID;
CREATE VIEW derived_result AS SELECT key, record FROM (
  SELECT key, data AS record, max(seq) FROM event WHERE kind = 'result' GROUP BY key
);
CREATE VIEW derived_head AS SELECT project, step, take, key FROM (
  SELECT project, step, take, key, max(seq) FROM event
  WHERE kind IN ('result', 'head') GROUP BY project, step, take
);
"""

# Each gives a row if a derived table holds too much, or too little.
DIFFER: Final = (
    "SELECT * FROM result EXCEPT SELECT * FROM derived_result LIMIT 1",
    "SELECT * FROM derived_result EXCEPT SELECT * FROM result LIMIT 1",
    "SELECT * FROM head EXCEPT SELECT * FROM derived_head LIMIT 1",
    "SELECT * FROM derived_head EXCEPT SELECT * FROM head LIMIT 1",
)
REBUILD: Final = (
    "DELETE FROM result",
    "INSERT INTO result SELECT * FROM derived_result",
    "DELETE FROM head",
    "INSERT INTO head SELECT * FROM derived_head",
)

INSERT_EVENT: Final = (
    "INSERT INTO event (at, run, project, kind, step, take, key, schema, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_RESULT: Final = "INSERT OR REPLACE INTO result (key, record) VALUES (?, ?)"
INSERT_HEAD: Final = "INSERT OR REPLACE INTO head (project, step, take, key) VALUES (?, ?, ?, ?)"

NEWER: Final = "SELECT max(schema) FROM event WHERE schema > 1 AND schema > ?"

# CROSS JOIN keeps the order: walk the wanted keys, look each up, never scan the table.
RESULTS: Final = (
    "SELECT result.record FROM json_each(?) AS wanted"
    " CROSS JOIN result ON result.key = wanted.value"
)
HEADS: Final = "SELECT step, take, key FROM head WHERE project = ?"
EVENTS: Final = (
    "SELECT seq, at, run, project, kind, step, take, key, data FROM event"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
EVENTS_OF_RUN: Final = (
    "SELECT seq, at, run, project, kind, step, take, key, data FROM event"
    " WHERE seq > ? AND run = ? ORDER BY seq LIMIT ?"
)
