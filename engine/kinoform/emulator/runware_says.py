"""How Runware writes things down: items, errors, envelopes. Pure.

Knows jobs and findings; no route and no socket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.spec.fields import MISSING, get
from kinoform.spec.judge import law

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kinoform.emulator.world import Job, Result
    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding

NAME = "runware"
UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)
# Our finding to their code; `*` stands for the parameter with a capital.
_CODES = {
    "missing": "missing*",
    "unknown-parameter": "unsupportedParameter",
    "not-offered": "unsupportedDimensions",
    "bad-size": "unsupportedDimensions",
    "too-small": "valueTooSmall",
    "too-large": "valueTooLarge",
    "too-short": "valueTooShort",
    "too-long": "valueTooLong",
    "too-few": "arrayTooSmall",
    "too-many": "arrayTooLarge",
    "together": "missing*",
    "requires": "missing*",
    "at-least-one": "missingParameter",
    "exactly-one": "incompatibleParameters",
    "exclusive": "incompatibleParameters",
    "length-out-of-range": "unsupportedDuration",
    "media-too-large": "maxFileSizeExceeded",
}
_STATUSES = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "insufficientCredits": 402,
}
_ALLOWED = ("unsupportedDimensions", "not-one-of")


def error(code: str, message: str, task: Any = None, parameter: Any = None) -> dict[str, Any]:
    """One entry of `errors`, bound to its task."""
    said: dict[str, Any] = {"code": code, "message": message}
    if parameter:
        said["parameter"] = parameter
    for name in ("taskType", "taskUUID"):
        value = task.get(name) if isinstance(task, dict) else None
        if isinstance(value, str):
            said[name] = value
    return said


def refusal(model: Model, finding: Finding, task: Mapping[str, Any]) -> dict[str, Any]:
    """A finding as they would say it."""
    paths = [path for path in finding.path.split(", ") if path]
    name = paths[0].rsplit(".", 1)[-1] if paths else "parameter"
    name = name if not name.isdecimal() else paths[0].split(".")[-2]
    code = _CODES.get(finding.code, "invalid*").replace("*", name[:1].upper() + name[1:])
    said = error(code, finding.message, task, paths[0] if len(paths) == 1 else paths)
    page = model.table("source").get("page")
    if page and paths:
        anchor = re.sub(r"\.\d+", "", paths[0]).replace(".", "-").lower()
        said["documentation"] = f"{page}#request-{anchor}"
    allowed = _allowed(model, finding)
    return {**said, "allowedValues": allowed} if allowed else said


def _allowed(model: Model, finding: Finding) -> list[Any]:
    if finding.code != "not-one-of":
        return []
    at = ".properties.".join(finding.path.split("."))
    found = get(model.table("request"), f"properties.{at}.enum")
    return list(found) if found is not MISSING else []


def envelope(data: list[Any], errors: list[Any]) -> dict[str, Any]:
    """Never an empty `errors`, whose mere presence some clients take for failure."""
    return {"data": data, "errors": errors} if errors else {"data": data}


def status(data: Iterable[Any], errors: list[Mapping[str, Any]], mixed: int) -> int:
    """The HTTP status of an answer; `mixed` where some of it is good."""
    if not errors:
        return 200
    known = [_STATUSES[each["code"]] for each in errors if each["code"] in _STATUSES]
    return mixed if any(True for _ in data) else known[0] if known else 400


def ack(job: Job) -> dict[str, Any]:
    """What an asynchronous submit is answered with."""
    return {"taskType": job.request["taskType"], "taskUUID": job.id}


def prefix(job: Job) -> str:
    """What the fields of a result begin with."""
    return "video" if job.request["taskType"] == "videoInference" else "image"


def item(job: Job, result: Result, url: str) -> dict[str, Any]:
    """A finished result; an empty `url` leaves the address out."""
    kind, request = prefix(job), job.request
    said: dict[str, Any] = {**ack(job), f"{kind}UUID": result.id}
    if url:
        said[f"{kind}URL"] = url
    said["seed"] = result.seed
    safety = request.get("safety", {})
    if safety.get("checkContent") or safety.get("mode", "none") != "none":
        said["NSFWContent"] = False
    if request.get("includeCost"):
        said["cost"] = float(job.cost)
    return said


def failed(job: Job, result: Result) -> dict[str, Any]:
    """A result that did not come."""
    return {**ack(job), "status": "error", f"{prefix(job)}UUID": result.id, **(result.error or {})}


def is_sync(model: Model, request: Mapping[str, Any]) -> bool:
    """Whether the answer is held until the results are there."""
    default = law(model).defaults.get("deliveryMethod", "async")
    return bool(request.get("deliveryMethod", default) == "sync")
