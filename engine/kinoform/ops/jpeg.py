"""As much of a JPEG as its decoder may refuse: to decode that tells as much as to decode all of it.

It refuses no code: what it makes nothing of, it draws as it likes. So of a plain picture a few rows
are decoded, and the others only searched for what is no code before the end.
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = (0xC0, 0xC1)  # a frame whose codes come in one scan, if that holds every component
_TABLES: Final = (0xC4, 0xDB, 0xFE, *range(0xE0, 0xF0))  # those, and notes
_SCAN: Final = 0xDA
_END: Final = b"\xff\xd9"
_NO_CODE: Final = re.compile(rb"\xff[^\0]")
_ROWS: Final = 8
_TALLEST: Final = 65_500  # rows that the decoder takes


def abridged(data: bytes) -> tuple[bytes, int]:
    """The picture as if it were a few rows high, if these can be decoded only where all can.

    And how high it is. Else as it is, and 0: with several scans or restarts, or an end that does not
    follow on its codes.
    """
    frame, scan = _parts(data)
    height = int.from_bytes(data[frame + 5 : frame + 7], "big")
    is_whole = data[frame + 9 : frame + 10] == data[scan + 4 : scan + 5]
    if not (scan and is_whole and _ROWS < height <= _TALLEST):
        return data, 0
    end = _NO_CODE.search(data, scan + len(_END))
    if end is None or end[0] != _END:
        return data, 0
    return b"".join((data[: frame + 5], _ROWS.to_bytes(2, "big"), data[frame + 7 :])), height


def _parts(data: bytes) -> tuple[int, int]:
    """Where the one frame of a plain picture begins, and where its scan; of any other, zeros."""
    at, frame = 2, 0
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        mark = data[at + 1]
        if mark == _SCAN:
            return (frame, at) if frame else (0, 0)
        if mark in _PLAIN and not frame:
            frame = at
        elif mark not in _TABLES:
            break
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
