"""How WaveSpeed writes things down: the envelope, a task's state, dates, errors. Pure.

Knows jobs and what the clock says; no route and no socket.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kinoform.emulator.world import Job, Media
    from kinoform.spec.fields import Finding

    Address = Callable[[Media], str]

NAME = "wavespeed"
KEPT = 7 * 86400.0  # seconds for which tasks, results and uploads are kept
ENDED = frozenset({"completed", "failed", "cancelled"})
MODERATED, TASK_FAILED, SYNC_TIMEOUT = 1200, 1405, 5004  # of data.code
_QUEUED = 0.2  # the share of its time for which a task is only `created`


def status(job: Job, now: float) -> str:
    """created, processing, completed, failed or cancelled."""
    if now >= job.ready:
        return job.state or "completed"
    return "created" if now < job.created + _QUEUED * (job.ready - job.created) else "processing"


def good(data: Any) -> dict[str, Any]:
    """The envelope of every answer."""
    return {"code": 200, "message": "success", "data": data}


def bad(code: int, message: str, **more: Any) -> dict[str, Any]:
    """The body of an HTTP error."""
    return {"code": code, "message": message, **more}


def state(job: Job, now: float, base: str, address: Address) -> dict[str, Any]:
    """A task as submit and result tell it; `address` says where a file is to be had."""
    said = status(job, now)
    made = job.results if said == "completed" else []
    shown = [each for each in made if each.error is None and not each.hollow] * job.told
    error = job.error if said in ENDED and job.error else {}
    data = {
        "id": job.id,
        "model": job.model,
        "outputs": [address(each.media) for each in shown],
        "urls": {"get": f"{base}/api/v3/predictions/{job.id}/result"},
        "has_nsfw_contents": [False for _ in shown],
        "status": said,
        "created_at": written(job.created),
        "error": error.get("message", ""),
        "timings": {"inference": _took(job) if said in ENDED else 0},
    }
    return {**data, "code": error["code"]} if error.get("code") else data


def row(job: Job, now: float, base: str, address: Address) -> dict[str, Any]:
    """A task as the list tells it: other fields, and dates to the nanosecond."""
    data = state(job, now, base, address)
    del data["has_nsfw_contents"]
    took = data["timings"]["inference"]
    return {**data, "created_at": written(job.created, digits=9), "executionTime": took}


def _took(job: Job) -> int:
    """Milliseconds."""
    return max(0, round((job.ready - job.created) * 1000))


def failure(params: Mapping[str, Any], code: int) -> dict[str, Any]:
    """The error of a task from the settings of a fault; `code` unless they name another."""
    given = str(params.get("code", ""))
    return {"code": int(given) if given.isdecimal() else code, "message": params["message"]}


def written(at: float, digits: int = 3) -> str:
    """A moment as ISO 8601 in UTC."""
    found = datetime.fromtimestamp(at, UTC)
    share = f"{found.microsecond:06d}000"[:digits]
    return f"{found:%Y-%m-%dT%H:%M:%S}.{share}Z"


def moment(value: Any) -> float | None:
    """Seconds since the epoch from ISO 8601 text; None for anything else."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def faults(findings: Iterable[Finding]) -> str:
    """What is wrong with a body, in one line."""
    return "; ".join(each.message for each in findings)


def whole(body: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number of a body; -1 for anything else there."""
    value = body.get(name, default)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1
