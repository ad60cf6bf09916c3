"""Which callable performs which operation, as text, so that nothing is imported before its use.

A version is raised when an operation's meaning changes: it is part of every key.
"""

from __future__ import annotations

OPS: dict[str, str] = {
    "local/concat": "kinoform.ops.concat:perform",
    "local/contact-sheet": "kinoform.ops.contact_sheet:perform",
    "local/frame": "kinoform.ops.frame:perform",
    "local/resize": "kinoform.ops.resize:perform",
    "local/text": "kinoform.ops.text:perform",
    "draft/sketch": "kinoform.ops.sketch:perform",
}

VERSIONS: dict[str, int] = dict.fromkeys(OPS, 1)
