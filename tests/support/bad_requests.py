"""Requests made by hand, each wrong in a way that people are: the table of `bad_requests.json`."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

from kinoform.spec.fields import put

_FILE = Path(__file__).parents[1] / "data" / "bad_requests.json"


class Bad(NamedTuple):
    """One of them: why it is wrong, the model, the request as sent, (code, path) of each fault."""

    why: str
    model: str
    request: dict[str, Any]
    finds: set[tuple[str, str]]


def bad_requests() -> list[Bad]:
    """All of them, in the order of the table."""
    table = json.loads(_FILE.read_text(encoding="utf-8"))
    return [_bad(row, table["bases"][row["base"]]) for row in table["requests"]]


def _bad(row: dict[str, Any], base: dict[str, Any]) -> Bad:
    request = copy.deepcopy(base["request"])
    for name in row.get("drop", ()):
        del request[name]
    for path, value in row.get("set", {}).items():
        # "x*2501" stands for that many of them: a table is there to be read.
        long = isinstance(value, str) and value.startswith("x*")
        put(request, path, "x" * int(value[2:]) if long else copy.deepcopy(value))
    finds = {(code, path) for code, path in row["finds"]}
    return Bad(row["why"], base["model"], request, finds)
