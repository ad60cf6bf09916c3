"""The rules that the command line itself keeps. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "unknown-command": "The first word is a command of kinoform.",
    "unknown-option": "An option is one that the command has.",
    "missing-word": "A command gets every word that it needs.",
    "bad-word": "A word is one of those that its place allows.",
    "bad-usage": "Words are written as the command's help shows them.",
    "bad-var": "--var is followed by NAME=VALUE.",
    "folder-not-found": "The folder named with -C exists.",
    "path-not-found": "PATH is an existing pipeline file or folder.",
    "shipped-files-missing": "The model files and pipelines that come with kinoform are installed with it.",
    "system-refused": "The system lets kinoform read and write where it must.",
    "not-json": "A request file holds one JSON document.",
    "no-prompt": "A prompt is asked only of a step that has one.",
    "fault": "kinoform does not fail by a fault of its own; when it does, it files a report.",
}
