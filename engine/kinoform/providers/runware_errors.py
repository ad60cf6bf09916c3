"""Runware's error codes as a table: code to class, class to what it means for the money.

The vendor still changes names of codes, so classes are told by parts of the name, in order; the
first row that fits decides. Knows no stage of a task.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from kinoform.core.classes import dataclass
from kinoform.ports import Fail
from kinoform.providers.replies import dollars, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

# Whole codes that no rule below would put into the right class.
EXACT: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(
        (
            "unauthorized", "forbidden", "permissionDenied", "insufficientPermissions",
            "authenticationFailed", "authFailed", "authTimeout", "invalidAuthentication",
            "invalidCredentials", "missingAuthentication", "tokenExpired", "tokenInvalid",
            "tokenMissing", "tokenRevoked", "accountSuspended", "accountDisabled",
            "organizationSuspended", "organizationDisabled", "workspaceSuspended",
            "workspaceDisabled",
        ),
        "auth",
    )
    | dict.fromkeys(("paymentRequired", "environmentPaused"), "quota")
    | dict.fromkeys(
        (
            "contentPolicyViolation", "providerContentPolicyViolation", "sensitiveContentDetected",
            "unsafeContentDetected", "nsfwContentDetected", "promptBlocked", "imageBlocked",
            "moderationFailed", "invalidProviderContent",
        ),
        "safety",
    )
    | dict.fromkeys(("taskCancelled", "taskFailedOrNotFound", "taskFailed"), "ended")
    | dict.fromkeys(("unknownModel",), "notFound")
    | dict.fromkeys(
        (
            "internalServerError", "serviceUnavailable", "serverUnavailable", "standardError",
            "unknownError", "undefinedError", "defaultError", "unrecognizedResponse",
            "errorRetrievingAccountManagement",
        ),
        "serverError",
    )
    | dict.fromkeys(
        (
            "inferenceError", "processingFailed", "downloadFailed", "uploadFailed",
            "noAvailableServer", "modelUnavailable", "modelDisabled", "modelNotReady",
            "mediaStorageFileCouldNotBeMoved",
        ),
        "provider",
    )
    | dict.fromkeys(
        (
            "unknownParameter", "incompatibleParameters", "validationFailed",
            "mismatchProviderSettingsProvider", "unknownProviderSettingsProvider",
            "transparentModelMismatch", "modelOwnershipValidationError", "modelAlreadyExists",
        ),
        "validation",
    )
)  # fmt: skip

_HAS: Final = str.__contains__
_STARTS: Final = str.startswith
_ENDS: Final = str.endswith
RULES: Final[tuple[tuple[Callable[[str, str], bool], tuple[str, ...], str], ...]] = (
    (_HAS, ("ApiKey",), "auth"),
    (_HAS, ("Credits", "Quota", "quota", "Balance"), "quota"),
    (_HAS, ("RateLimit", "rateLimit"), "rate"),
    (_HAS, ("ContentPolicy", "Moderation", "Nsfw", "NSFW"), "safety"),
    (_HAS, ("Timeout", "timeout"), "timeout"),
    (_ENDS, ("NotFound", "Expired"), "notFound"),
    (_STARTS, ("provider",), "provider"),
    (
        _STARTS,
        ("invalid", "missing", "conflict", "duplicate", "unsupported", "value", "array", "max"),
        "validation",
    ),
)

# class -> kind in `core.remedies`: as the answer to a submit, and for a task that was accepted.
SUBMIT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auth": "auth", "quota": "quota", "rate": "rate", "safety": "moderation",
        "timeout": "busy", "serverError": "busy", "provider": "busy", "ended": "busy",
        "notFound": "bad-input", "validation": "bad-input", "unknown": "bad-input",
    }
)  # fmt: skip
TASK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auth": "broken", "quota": "broken", "rate": "broken", "safety": "moderation",
        "timeout": "broken", "serverError": "broken", "provider": "broken", "ended": "broken",
        "notFound": "bad-input", "validation": "bad-input", "unknown": "broken",
    }
)  # fmt: skip

# What a status alone says about a submit that no error object explains. All else proves nothing.
STATUS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "validation", 401: "auth", 402: "quota", 403: "auth", 404: "validation",
        405: "validation", 413: "validation", 414: "validation", 415: "validation",
        422: "validation", 429: "rate",
    }
)  # fmt: skip

_STALE: Final = ("NotFound", "Expired", "invalid")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error object, read: its class, the provider's code, a sentence, the fields at fault.

    `cost` is what was taken all the same, in USD, where it says so.
    """

    family: str
    code: str = ""
    message: str = ""
    field: str = ""
    cost: Decimal | None = None

    def fail(self, kind: str) -> Fail:
        """The end of a task by this refusal."""
        return Fail(kind, self.message, self.field, self.code, self.cost)


def family_of(code: str) -> str:
    """The class of a code; `unknown` where no row fits."""
    if code in EXACT:
        return EXACT[code]
    fits = (family for test, parts, family in RULES if any(test(code, part) for part in parts))
    return next(fits, "unknown")


def refusal(error: Mapping[str, Any]) -> Refusal:
    """An error object as a refusal; one that lies inside a result item is looked for there."""
    inner = error.get("error")
    both = {**error, **inner} if isinstance(inner, dict) else error
    code = said(both.get("code"))
    message = said(both.get("message")) or "the provider gave no reason"
    fields, cost = _fields(both.get("parameter")), dollars(both.get("cost"))
    return Refusal(family_of(code), code, message, fields, cost)


def by_status(status: int, message: str) -> Refusal:
    """What a status alone tells, where it tells something: see `STATUS`."""
    return Refusal(STATUS[status], f"http-{status}", message or f"HTTP status {status}")


def _fields(parameter: Any) -> str:
    names = parameter if isinstance(parameter, list) else [parameter]
    return said(", ".join(name for name in names if isinstance(name, str)))


def is_conflict(code: str) -> bool:
    """Whether a code says that a task of this id exists."""
    return code.lower().startswith(("conflict", "duplicate")) and "taskuuid" in code.lower()


def is_elusive(error: Refusal) -> bool:
    """Whether an answer to a poll only says that the task was not found: it may be found later."""
    code = error.code.lower()
    lost = code.startswith("task") and code.endswith(("notfound", "expired"))
    return lost or error.field in ("taskUUID", "taskUUIDs")


def is_stale(error: Refusal, remembered: list[str]) -> bool:
    """Whether it is about an input that was brought there by an earlier attempt, and is gone."""
    if not remembered or not any(part in error.code for part in _STALE):
        return False
    return any(_same(field, path) for field in error.field.split(", ") for path in remembered)


def _same(field: str, path: str) -> bool:
    """Whether a field as an error names it holds the input at a dotted path, numbers aside."""
    flat = field.replace("[", ".").replace("]", "")
    named = [word for word in flat.split(".") if word and word != "*" and not word.isdecimal()]
    walked = [word for word in path.split(".") if not word.isdecimal()]
    starts = (walked[at : at + len(named)] == named for at in range(len(walked)))
    return bool(named) and any(starts)
