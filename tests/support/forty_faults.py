"""Faults of the wire and of statuses, one at a time, and what a person sees of each.

What was billed is asked of the emulator, what was sent of both it and the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from crash_course import Course, Film
from patrons import said

from kinoform.stores.ledger import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hurried import Clock
    from patrons import Said

    from emulator import Emulator

BEFORE, AFTER = "submit-before-billing", "submit-after-billing"
MODELS: Final = {
    "runware": "runware/klingai:kling-image@o3",
    "wavespeed": "wavespeed/kwaivgi/kling-image-o3",
}
DONE: Final = (0, "")


def status(number: int, **more: Any) -> dict[str, Any]:
    return {"status": {"status": number, **more}}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, in order, and how the run ends: exit status and code of the problem.

    `kind` is `sure` where the answer is proof that nothing was accepted, else `ambiguous`, or `after`
    where the submit was answered well. `other` is how it ends at WaveSpeed where that differs.
    """

    name: str
    kind: str
    rules: tuple[Mapping[str, Any], ...]
    ends: tuple[int, str] = DONE
    other: tuple[int, str] | None = None
    bills: int = 1

    def ending(self, provider: str) -> tuple[int, str]:
        return self.other if self.other and provider == "wavespeed" else self.ends


def _one(name: str, kind: str, point: str, fault: Any, **more: Any) -> Fault:
    known = {"ends": more.pop("ends", DONE), "other": more.pop("other", None)}
    bills = more.pop("bills", 1)
    rule = {"point": point, "fault": fault, **({"times": 1} | more)}
    return Fault(name, kind, (rule,), bills=bills, **known)


def _for_ever(name: str, point: str, fault: Any, ends: tuple[int, str], **more: Any) -> Fault:
    return _one(name, more.pop("kind", "sure"), point, fault, times=1000, ends=ends, **more)


_BAD, _KEY, _POOR = (1, "request-refused"), (5, "key-refused"), (5, "no-balance")
_BLOCKED, _FAILED, _EMPTY = (1, "moderated"), (1, "provider-failed"), (1, "empty-result")
_PARKED, _DAMAGED, _UNFETCHED = (5, "parked"), (5, "result-damaged"), (5, "not-fetched")
_LOST, _UNKNOWN = (4, "paid-lost"), (4, "outcome-unknown")

FAULTS: Final = (
    # the connection, before anything is known of the request
    _one("a connection cut at once", "ambiguous", "accept", "refuse"),
    _one("a connection closed at once", "ambiguous", "accept", "drop"),
    _one("a connection that idles", "after", "accept", {"delay": {"seconds": 20}}),
    _one("a request reset", "ambiguous", "connect", "refuse"),
    _one("a request dropped", "ambiguous", "connect", "drop"),
    _one("a gateway's page", "ambiguous", "connect", "html"),
    _one("a gateway's time-out", "ambiguous", "connect", {"html": {"status": 504}}),
    _one("a page that is fine", "ambiguous", "connect", {"html": {"status": 200}}),
    _one("a redirect", "ambiguous", "connect", status(302, headers={"location": "/elsewhere"})),
    _one("busy for a while", "ambiguous", "connect", status(503, **{"retry-after": 5})),
    _one("too many requests", "sure", "connect", status(429, **{"retry-after": 2}), times=3),
    _one("too many until a date", "sure", "connect", status(429, **{"retry-after": {"date": 20}})),
    _one("too many until soon", "sure", "connect", status(429, **{"retry-after": "soon"})),
    _one("an answer cut short", "ambiguous", "connect", "truncate"),
    _one("an answer without an end", "ambiguous", "connect", "endless"),
    # the submit, before it is billed
    _one("a lost submit", "ambiguous", BEFORE, "drop"),
    _one("a page for a submit", "ambiguous", BEFORE, "html"),
    _one("an inner fault", "ambiguous", BEFORE, status(500)),
    _one("a teapot", "ambiguous", BEFORE, status(418)),
    _one("a late submit", "after", BEFORE, {"delay": {"seconds": 90}}),
    _one("many submits", "sure", BEFORE, status(429), times=3),
    _for_ever("a bad request", BEFORE, status(400), _BAD, bills=0),
    _for_ever("no such thing", BEFORE, status(404), _BAD, bills=0),
    _for_ever("too large", BEFORE, status(413), _BAD, bills=0),
    _for_ever("not to be done", BEFORE, status(422), _BAD, bills=0),
    _for_ever("no key", BEFORE, status(401), _KEY, bills=0),
    _for_ever("not allowed", BEFORE, status(403), _KEY, bills=0),
    _for_ever("no money", BEFORE, status(402), _POOR, bills=0),
    # the submit, after it was billed
    _one("a lost answer", "ambiguous", AFTER, "drop"),
    _one("half an answer", "ambiguous", AFTER, {"truncate": {"share": 0.3}}),
    _one("half an answer that says so not", "ambiguous", AFTER,
         {"truncate": {"share": 0.3, "length": False}}),
    _one("a page for an answer", "ambiguous", AFTER, "html"),
    _one("a fault for an answer", "ambiguous", AFTER, status(500)),
    _one("an answer that goes on", "ambiguous", AFTER, "endless"),
    _one("an answer drop by drop", "ambiguous", AFTER, "drip"),
    _one("a late answer", "ambiguous", AFTER, {"delay": {"seconds": 200}}),
    _one("an answer without a word", "ambiguous", AFTER, "empty"),
    _one("an answer said twice", "after", AFTER, "duplicate"),
    # what is asked afterwards
    _one("polls dropped", "after", "poll", "drop", times=3),
    _one("pages for polls", "after", "poll", "html", times=3),
    _one("too many polls", "after", "poll", status(429), times=3),
    _one("polls of nothing", "after", "poll", status(404), times=2),
    _one("polls cut short", "after", "poll", "truncate", times=3),
    _for_ever("a task that is forgotten", "task", "forget", _PARKED, kind="after"),
    _for_ever("a task that fails", "task", "fail", _FAILED, kind="after"),
    _for_ever("a task without a result", "task", "empty", _EMPTY, kind="after"),
    _for_ever("a task that is refused", "task", "moderated", _BLOCKED, kind="after"),
    _for_ever("a result that expired", "task", "expire", _LOST, kind="after"),
    _one("downloads dropped", "after", "download", "drop", times=2),
    _one("downloads cut short", "after", "download", {"truncate": {"length": False}}, times=2),
    _for_ever("other bytes", "download", "wrong-bytes", _DAMAGED, kind="after"),
    _for_ever("another file", "download", "wrong-type", _DAMAGED, kind="after"),
    _for_ever("pages for files", "download", "html", _UNFETCHED, kind="after"),
    _for_ever("files without an end", "download", "endless", _UNFETCHED, kind="after"),
    # and when that is needed to know what became of the submit
    Fault("a list that is dropped, too", "ambiguous",
          ({"point": BEFORE, "fault": "drop", "times": 1},
           {"point": "list", "fault": "drop", "times": 2})),
    Fault("a list that is shut", "ambiguous",
          ({"point": AFTER, "fault": "drop", "times": 1},
           {"point": "list", "fault": status(404)}), other=_UNKNOWN),
)  # fmt: skip
# One of each sort, for a quick look.
FEW: Final = (
    "a request dropped", "a gateway's page", "an answer cut short", "a redirect",
    "too many requests", "a bad request", "no key", "no money", "a lost submit", "a lost answer",
    "an answer drop by drop", "pages for polls", "a task that fails", "a result that expired",
    "another file", "a list that is shut",
)  # fmt: skip

_COUNT: Final = {"point": BEFORE, "fault": "drop", "match": {"probability": 0}}
_EVERYWHERE: Final = ("accept", "download")  # points at which no provider is known


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run went: what it said, bills, right submits at the emulator, intents, voids, task ids."""

    said: Said
    bills: int
    submits: int
    intents: int
    voids: int
    ids: int
    wrong: list[str] = field(default_factory=list)


def film(provider: str) -> Film:
    """One picture, for which nobody waits longer than ten minutes."""
    sized = ', size: "1K 1:1"' if provider == "runware" else ""
    step = f"uses: {MODELS[provider]}, timeout: 600, with: {{prompt: a lamp in NAME{sized}}}"
    return Film(f"kinoform: 1\nname: course\nsteps:\n  still: {{{step}}}\n", {provider: 1}, 1)


def met(emulator: Emulator, clock: Clock, folder: Path, fault: Fault, provider: str) -> Seen:
    """One run that meets this fault, by a user of its own."""
    name = f"{fault.name} {provider}".replace(" ", "-").replace(",", "").replace("'", "")
    course = Course(folder / name, emulator, clock, film(provider), name)
    rules = [
        dict(rule) if rule["point"] in _EVERYWHERE else {"provider": provider, **rule}
        for rule in fault.rules
    ]
    emulator.faults(*rules, {"provider": provider, **_COUNT})
    heard = said(course)
    submits = emulator._ask("faults")["rules"][-1]["asked"]
    with SqliteLedger(course.home / "ledger.sqlite", read_only=True) as ledger:
        kinds = [event.kind for event in ledger.events()]
        ids = {task.task for task in ledger.tasks()}
    bills, counts = course.bills().total(), (kinds.count("intent"), kinds.count("void"))
    return Seen(heard, bills, submits, *counts, len(ids), list(_wrong(fault, provider, heard)))


def _wrong(fault: Fault, provider: str, heard: Said) -> list[str]:
    """What a person should have seen, and did not."""
    status_, code = fault.ending(provider)
    wanted = [f"error[{code}]", "still: ", "hint: "] if code else []
    missing = [word for word in wanted if word not in heard.err]
    told = [f"{word!r} is not said" for word in missing]
    told += [f"exit {heard.status}, not {status_}"] if heard.status != status_ else []
    told += ["a traceback"] if "Traceback" in heard.err + heard.out else []
    return [f"{fault.name} at {provider}: {each}: {heard.err[-300:]}" for each in told]


def faulty(fault: Fault, provider: str, seen: Seen) -> list[str]:
    """What is wrong with the money, and with what was said."""
    told = [f"billed {seen.bills}"] if seen.bills != fault.bills else []
    again = seen.submits - 1
    if provider == "runware":  # the same id is the same task, however often it is sent
        told += [f"{seen.ids} ids"] if seen.ids != 1 else []
    elif fault.kind != "sure":
        told += [f"{again} more submits, {seen.voids} proofs"] if again > seen.voids else []
        told += ["begun anew without proof"] if seen.intents - 1 != seen.voids else []
    return [*seen.wrong, *(f"{fault.name} at {provider}: {each}" for each in told)]
