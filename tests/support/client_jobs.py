"""What the scripts share that drive the providers' own clients. Standard library only.

They run in environments of their own, where nothing of kinoform is installed. A script gets its
places as one JSON argument, does its jobs, and prints what came of each as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

IMAGE = "klingai:kling-image@o3"
VIDEO = "klingai:kling-video@o3-pro"
KEY, WRONG_KEY = "k-emulated", "k-wrong"


@dataclass(frozen=True)
class Places:
    """Where the emulator answers, and a small picture on the disk."""

    http: str
    ws: str
    base: str
    picture: str

    @classmethod
    def given(cls) -> Places:
        """Those of the command line."""
        return cls(**json.loads(sys.argv[1]))

    def plan(self, *rules: dict[str, Any]) -> None:
        """Put a plan of faults in force."""
        url = f"{self.base}/_emulator/faults"
        body = json.dumps({"rules": rules}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(urllib.request.Request(url, body)).close()  # noqa: S310  (loopback only)


async def told(job: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    """What came of a job: its result, or the error as the client shows it to its users."""
    try:
        return {"result": await job()}
    except Exception as error:  # noqa: BLE001  (whatever the client raises is what is looked at)
        return {"error": shown(error)}


def shown(error: Exception) -> dict[str, Any]:
    """The class, code and words of an error."""
    code = getattr(error, "code", None)
    return {
        "type": type(error).__name__,
        "code": str(getattr(code, "value", code)),
        "status": getattr(error, "status_code", None),
        "message": str(error),
    }


def report(outcomes: dict[str, Any]) -> None:
    """The last line that a script prints; the clients may have said something before."""
    sys.stdout.write("\n" + json.dumps(outcomes, default=str) + "\n")
