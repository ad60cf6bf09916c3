"""Which paths a pipeline file may name: inside the project folder, the same on every system."""

from __future__ import annotations

import posixpath
import unicodedata

from kinoform.spec.syntax import CONTROL

# What belongs to people and to records; exports never write there.
KEPT = frozenset({"picks", "kinoform.lock"})


def path_fault(path: str) -> str:
    """What is wrong with a path, as the end of a sentence; "" if it stays in the project."""
    if not path.strip():
        return "is empty"
    if CONTROL.search(path) or "\n" in path or "\r" in path:
        return "holds a control character"
    if "\\" in path:
        return "holds a backslash; folders are separated by /"
    if path.startswith("/") or ":" in path:
        return "is not relative to the project folder"
    return "leaves the project folder" if ".." in path.split("/") else ""


def tidy(path: str) -> str:
    """The same path in its one spelling: `./a//b` is `a/b`."""
    return posixpath.normpath(unicodedata.normalize("NFC", path))


def export_fault(path: str) -> str:
    """What is wrong with a path that is written to; "" if nothing."""
    parts = tidy(path).split("/")
    if path.endswith("/"):
        return "is a folder; name a file"
    if parts[0].casefold() in KEPT:
        return f"lies in {parts[0]}/, which holds choices and records"
    return "lies in a hidden folder" if any(p.startswith(".") for p in parts) else ""
