"""Rules about model pages and the files made of them, by problem code; sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "unknown-page": "A page to import is in one of the forms that the importer knows.",
    "bad-page": "A page names its model and lists its parameters; a file holds one model.",
    "page-incomplete": "A page to import still holds the values, sizes, prices and rules of its model.",
    "page-unreadable": "A page to import is a text file of at most 4 MB.",
    "model-file-exists": "An import overwrites no model file unless --replace is given.",
    "model-file-not-written": "The folder of a new model file can be written.",
}
