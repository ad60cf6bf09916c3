"""What the documents of `--json` hold, as data beside the code that makes them.

`Fields` leads from the path of a field to `type: meaning`. A path is dotted, `[]` stands for each
item of a list and `NAME` for a name of somebody's own; a path that ends in `?` is left out where
there is nothing to say. A list or map without rows below it is not described further here.
`Forms` leads from the options that ask for a document to what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

Fields: TypeAlias = Mapping[str, str]
Forms: TypeAlias = Mapping[str, Fields]

VERSIONED: Final[Fields] = {"version": "integer: of this form; a new one is a change of meaning"}
NAMED: Final[Fields] = {**VERSIONED, "name": "string: of the pipeline"}


def within(path: str, fields: Fields) -> Fields:
    """The same fields below a path."""
    return {f"{path}.{name}": said for name, said in fields.items()}


def split(row: str) -> tuple[str, str]:
    """Type and meaning of a row."""
    kind, _, meaning = row.partition(": ")
    return kind, meaning
