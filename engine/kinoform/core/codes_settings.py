"""The rules of the user's own settings, keys and accounts. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "bad-cassette": "KINOFORM_CASSETTE says record:FOLDER or replay:FOLDER.",
    "not-recorded": "A replay answers what was recorded, as often as it was.",
    "no-key": "A hosted step needs a key for its provider.",
    "two-keys": "A key is named in one place, so that it is plain which account pays.",
    "key-in-config": "A key stands in a variable or in a file of its own, not in config.yaml.",
    "key-unreadable": "A key file is a small file that the user can read.",
    "key-malformed": "A key is printable ASCII without blanks.",
    "key-command-failed": "A program that prints a key does so within ten seconds and ends with status 0.",
    "key-file-open": "A key file can be read by its owner alone.",
    "bad-url": "The address of a provider is https, or http on this machine, and holds no password.",
    "bad-proxy": "A proxy is named as http://HOST:PORT or https://HOST:PORT.",
    "no-config": "KINOFORM_CONFIG names an existing file by its absolute path.",
    "config-unreadable": "The file of the user's settings can be read.",
}
