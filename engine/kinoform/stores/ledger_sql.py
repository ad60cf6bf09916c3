"""The ledger's tables and statements, as text; `ledger.py` is the one place that runs them."""

from __future__ import annotations

from typing import Final

# "kino" in the file's header: tells our file from another program's database.
APPLICATION: Final = 0x6B696E6F

# `result` and `head` are derived: they hold what the views select from `event`, the row of the
# greatest seq (SQLite takes the other columns from the row that max() chose).
# A replaced row fires no DELETE trigger, hence the third trigger. The partial index holds no row
# until a newer version writes one, and makes looking for such rows free.
_CREATE: Final = """
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

# `task` is derived too, by the fold of `core.tasks`: `seq` is that of its intent, the amounts are
# nano-USD. `spent` holds their sums by the scope of a cap, kept by triggers: summing up at each intent
# would cost more with every task that there ever was (0.07 ms for a thousand).
CREATE_TASK: Final = (
    """
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL,
  project TEXT NOT NULL,
  run TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  paid INTEGER NOT NULL,
  record TEXT NOT NULL
)""",
    "CREATE INDEX task_key ON task (key)",
    "CREATE INDEX task_open ON task (key) WHERE is_open",
    """
CREATE TABLE spent (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (scope, name)
) WITHOUT ROWID""",
    """
CREATE TRIGGER task_begun AFTER INSERT ON task BEGIN
  INSERT INTO spent VALUES
    ('run', NEW.run, NEW.reserved + NEW.paid),
    ('project', NEW.project, NEW.reserved + NEW.paid),
    ('user', '', NEW.reserved + NEW.paid)
  ON CONFLICT (scope, name) DO UPDATE SET amount = amount + excluded.amount;
END""",
    """
CREATE TRIGGER task_moved AFTER UPDATE OF reserved, paid ON task
WHEN NEW.reserved + NEW.paid != OLD.reserved + OLD.paid BEGIN
  UPDATE spent SET amount = amount + NEW.reserved + NEW.paid - OLD.reserved - OLD.paid
  WHERE (scope, name) IN (VALUES ('run', OLD.run), ('project', OLD.project), ('user', ''));
END""",
    """
CREATE VIEW derived_spent AS
  SELECT 'run' AS scope, run AS name, sum(reserved + paid) AS amount FROM task GROUP BY run
  UNION ALL SELECT 'project', project, sum(reserved + paid) FROM task GROUP BY project
  UNION ALL SELECT 'user', '', sum(reserved + paid) FROM task GROUP BY 1, 2""",
)
CREATE: Final = f"{_CREATE}{';'.join(CREATE_TASK)};"

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

_EVENTS: Final = "INSERT INTO event (at, run, project, kind, step, take, key, schema, data) VALUES "
_EVENT: Final = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TASKS: Final = (
    "INSERT INTO task (seq, id, key, project, run, provider, model,"
    " state, is_open, reserved, paid, record) VALUES "
)
_TASK: Final = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# `is_open` stays as it is: to name it would write the index of open tasks at each move.
_MOVED: Final = (
    " ON CONFLICT (id) DO UPDATE SET state = excluded.state, reserved = excluded.reserved,"
    " paid = excluded.paid, record = excluded.record"
)
# What follows from the events after one.
_RESULTS: Final = (
    "INSERT OR REPLACE INTO result (key, record)"
    " SELECT key, data FROM event WHERE seq > ? AND kind = 'result' ORDER BY seq"
)
_HEADS: Final = (
    "INSERT OR REPLACE INTO head (project, step, take, key)"
    " SELECT project, step, take, key FROM event"
    " WHERE seq > ? AND kind IN ('result', 'head') ORDER BY seq"
)
DERIVE: Final = ((_RESULTS, {"result"}), (_HEADS, {"result", "head"}))  # and after which kinds


def insert_events(count: int) -> str:
    """Adds so many events in one step, during which other threads of Python go on."""
    return _EVENTS + ", ".join([_EVENT] * count)


def put_tasks(count: int) -> str:
    """Adds so many tasks in one step, or moves those that there are."""
    return _TASKS + ", ".join([_TASK] * count) + _MOVED


NEWER: Final = "SELECT max(schema) FROM event WHERE schema > 1 AND schema > ?"

# CROSS JOIN keeps the order: walk the wanted keys, look each up, never scan the table.
RESULTS: Final = (
    "SELECT result.record FROM json_each(?) AS wanted"
    " CROSS JOIN result ON result.key = wanted.value"
)
RECORDS_OF_KEYS: Final = (
    "SELECT result.key, record FROM json_each(?) AS wanted"
    " CROSS JOIN result ON result.key = wanted.value"
)
ALL_RECORDS: Final = "SELECT key, record FROM result"
RECORDS: Final = "SELECT coalesce(max(rowid), 0) FROM result"  # there are no more than that
HEADS: Final = "SELECT step, take, key FROM head WHERE project = ?"
LATER_HEADS: Final = f"{HEADS} AND take != 1"
# Two texts instead of ten thousand rows: half of the time.
FIRST_HEADS: Final = (
    "SELECT count(*), group_concat(step), group_concat(key) FROM head"
    " WHERE project = ? AND take = 1"
)
EVENTS: Final = (
    "SELECT seq, at, run, project, kind, step, take, key, data FROM event"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
EVENTS_OF_RUN: Final = (
    "SELECT seq, at, run, project, kind, step, take, key, data FROM event"
    " WHERE seq > ? AND run = ? ORDER BY seq LIMIT ?"
)

LAST: Final = "SELECT coalesce(max(seq), 0) FROM event"
TURN_TASKS: Final = "UPDATE task SET is_open = ? WHERE id IN (SELECT value FROM json_each(?))"
# Another number than before when another connection has written meanwhile.
DATA_VERSION: Final = "PRAGMA data_version"
ALL_TASK_ROWS: Final = "SELECT * FROM task ORDER BY seq"
TASKS: Final = "SELECT record FROM task ORDER BY seq"
TASKS_OF_KEYS: Final = (
    "SELECT task.record FROM (SELECT DISTINCT value FROM json_each(?)) AS wanted"
    " CROSS JOIN task ON task.key = wanted.value ORDER BY task.seq"
)
TASKS_BY_ID: Final = (
    "SELECT task.record FROM json_each(?) AS wanted CROSS JOIN task ON task.id = wanted.value"
)
OPEN_TASKS: Final = "SELECT record FROM task INDEXED BY task_open WHERE is_open ORDER BY seq"
CROWD: Final = (
    "SELECT task.key, count(*) FROM (SELECT DISTINCT value FROM json_each(?)) AS wanted"
    " CROSS JOIN task ON task.key = wanted.value AND is_open GROUP BY task.key"
)
SPENT: Final = "SELECT amount FROM spent WHERE scope = ? AND name = ?"
# Asked while `task` stands: `spent` is what the triggers of its rows left there.
DIFFER_SPENT: Final = (
    "SELECT * FROM spent EXCEPT SELECT * FROM derived_spent LIMIT 1",
    "SELECT * FROM derived_spent EXCEPT SELECT * FROM spent LIMIT 1",
)
CLEAR_TASKS: Final = ("DELETE FROM task", "DELETE FROM spent")
# Walked by the table, not by the kinds: tasks are a few events of many, and this is asked once.
TASK_EVENTS: Final = (
    "SELECT seq, at, run, project, kind, step, take, key, data FROM event"
    " WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY seq"
)
