"""Models of both services in this process: what they accept, bill, list and forget, on virtual time.

They know no driver. What goes wrong on a way is a row of `WAYS`, what becomes of a task a word of
`FATES`; whoever tests says which comes next. Worse answers are assumed wherever a vendor says nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import formatdate
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from kinoform.ports import Fetched, FetchError, Insert, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from virtual_time import VirtualClock

    from kinoform.ports import Request

PRICE: Final = Decimal("0.03")  # USD for each result
WINDOW: Final = 3600.0  # seconds for which an id cannot be used again
LISTED: Final = 30.0  # seconds until the list shows a task
WEEK: Final = 7 * 86_400.0
WORKS: Final = (10.0, 30.0)  # seconds that a task takes, at least and at most
_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Way:
    """There and back: seconds until a request is acted on (None: never) and until its answer is here.

    `fault` is what the answer is in place of the service's own; `status` and `body` likewise.
    """

    there: float | None = 0.05
    back: float = 0.1
    fault: str = ""
    status: int = 0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


_RATE = b'{"code": 429, "message": "Too many requests", "errors": [{"code": "rateLimitExceeded"}]}'
WAYS: Final[Mapping[str, Way]] = {
    "fine": Way(),
    "slow": Way(20.0, 40.0),
    "unsent": Way(None, 0.1, "not-sent"),
    "lost": Way(None, 5.0, "lost"),
    "cut": Way(0.05, 0.1, "lost"),
    "timed-out": Way(0.05, 60.0, "lost"),
    "late": Way(55.0, 60.0, "lost"),
    "later": Way(59.0, 1.0, "lost"),
    "page": Way(None, 0.1, status=502, body=_PAGE),
    "hidden": Way(0.05, 0.1, status=502, body=_PAGE),
    "garbled": Way(0.05, 0.1, status=200, body=b'{"data": [{"taskUU'),
    "odd": Way(0.05, 0.1, status=200, body=b'{"data": []}'),
    "rate": Way(None, 0.1, status=429, body=_RATE),
    "rate-30": Way(None, 0.1, status=429, body=_RATE, headers=(("retry-after", "30"),)),
}
# Ways on which nobody can tell whether the request was acted on.
AMBIGUOUS: Final = tuple(
    name for name, way in WAYS.items()
    if way.fault == "lost" or way.status not in (0, 429)
)  # fmt: skip
FATES: Final = ("done", "moderated", "refused", "fails", "empty", "slow")


@dataclass(slots=True)
class Bought:
    """One task that a service has billed, `times` over. `mark` is what the submit was told to be of."""

    id: str
    provider: str
    prompt: str
    model: str
    count: int
    made: float
    mark: Any
    fate: str = "done"
    times: int = 1
    version: int = 0

    def ready(self, now: float) -> bool:
        share = sha256(self.id.encode()).digest()[0] / 255
        works = WORKS[0] + share * (WORKS[1] - WORKS[0])
        return now >= self.made + (3 * 86_400.0 if self.fate == "slow" else works)


@dataclass
class Cloud:
    """Both services. `mark(provider, prompt)` is asked when a submit leaves; its answer is kept."""

    clock: VirtualClock
    mark: Callable[[str, str], Any] = lambda _provider, _prompt: None
    ways: dict[str, deque[str]] = field(default_factory=dict)
    fates: deque[str] = field(default_factory=deque)
    taken: bool = True  # whether the id of a refused task is used up
    busy_until: float = 0.0  # 429 for every submit before then
    bought: list[Bought] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    asked: list[tuple[float, str, int]] = field(default_factory=list)  # when, what, status if odd
    gone: set[str] = field(default_factory=set)
    outlived: int = 0  # how many times more an address is found to have expired
    _refused: dict[str, float] = field(default_factory=dict)
    _bad: set[str] = field(default_factory=set)

    def way(self, kind: str) -> Way:
        """The next way of a `submit` or an `ask`; a good one where nothing was arranged."""
        if kind == "submit" and self.clock.now() < self.busy_until:
            return WAYS["rate"]
        queue = self.ways.get(kind)
        return WAYS[queue.popleft() if queue else "fine"]

    def calm(self) -> None:
        """No more faults."""
        self.ways.clear()
        self.fates.clear()
        self.outlived, self.busy_until = 0, 0.0

    async def carry(self, kind: str, act: Callable[[], tuple[int, Any]]) -> Reply:
        """One request on its way: whoever sent it may die meanwhile, it is acted on all the same."""
        way, loop = self.way(kind), asyncio.get_running_loop()
        self.asked.append((self.clock.now(), kind, way.status))
        answer: list[tuple[int, Any]] = []
        if way.there is not None:
            loop.call_later(way.there, lambda: answer.append(act()))
        await self.clock.sleep(way.back)
        now = self.clock.now()
        if way.fault:
            return Reply(fault=way.fault, said="the connection was cut", at=now)  # type: ignore[arg-type]  # a word of the table
        if way.status:
            return Reply(way.status, way.body, dict(way.headers), at=now)
        status, body = answer[0]
        date = {"date": formatdate(now, usegmt=True)}
        return Reply(status, json.dumps(body).encode(), date, at=now)

    def accept(self, bought: Bought) -> Bought:
        """Bill it."""
        self.bought.append(bought)
        return bought

    def fate(self, prompt: str) -> str:
        """What becomes of a task; what is no valid request now is none a minute later."""
        fate = self.fates.popleft() if self.fates else "done"
        if fate == "refused":
            self._bad.add(prompt)
        return "refused" if prompt in self._bad else fate

    def of(self, provider: str, task: str) -> Bought | None:
        found = (b for b in self.bought if b.provider == provider and b.id == task)
        return next(found, None)

    def url(self, bought: Bought, number: int) -> str:
        return f"https://files.example/{bought.provider}/{bought.id}/{number}/{bought.version}"

    def told(self, bought: Bought) -> Bought:
        """Somebody asks for its addresses: those that have expired are renewed."""
        if self.url(bought, 0) in self.gone:
            bought.version += 1
        return bought

    def deliver(self, url: str, path: Path) -> Fetched:
        """Raises FetchError."""
        if self.outlived:
            self.outlived -= 1
            self.gone.add(f"{url.rsplit('/', 2)[0]}/0/{url.rsplit('/', 1)[1]}")
            raise FetchError("gone", "HTTP 404")
        data = url.rsplit("/", 1)[0].encode()
        path.write_bytes(data)
        return Fetched(path, f"sha256:{sha256(data).hexdigest()}", len(data))

    # Runware

    def runware(self, tasks: Iterable[Mapping[str, Any]], marks: Mapping[str, Any]) -> Any:
        """An array of tasks."""
        data: list[Any] = []
        errors: list[Any] = []
        for task in tasks:
            good, bad = self._answered(task, marks)
            data += good
            errors += [{**each, "taskUUID": task["taskUUID"]} for each in bad]
        body = {"data": data, "errors": errors} if errors else {"data": data}
        return (400 if errors and not data else 200), body

    def _answered(
        self, task: Mapping[str, Any], marks: Mapping[str, Any]
    ) -> tuple[list[Any], list[Any]]:
        if task["taskType"] == "getTaskDetails":  # its archive may know nothing
            return [], []
        return self._told(task) if task["taskType"] == "getResponse" else self._begin(task, marks)

    def _begin(
        self, task: Mapping[str, Any], marks: Mapping[str, Any]
    ) -> tuple[list[Any], list[Any]]:
        name, now = str(task["taskUUID"]), self.clock.now()
        held = self.of("runware", name)
        since = held.made if held else self._refused.get(name)
        if since is not None and now < since + WINDOW:
            return [], [_fault("conflictTaskUUID", "taskUUID")]
        fate = self.fate(str(task["positivePrompt"]))
        code = {"moderated": "contentPolicyViolation", "refused": "invalidPositivePrompt"}.get(fate)
        if code:
            if self.taken:
                self._refused[name] = now
            return [], [_fault(code, "positivePrompt")]
        if held is not None:
            held.times += 1
        else:
            count = int(task.get("numberResults", 1))
            prompt, model = str(task["positivePrompt"]), str(task["model"])
            mark = marks.get(name)
            self.accept(Bought(name, "runware", prompt, model, count, now, mark, fate))
        return [{"taskType": task["taskType"], "taskUUID": name}], []

    def _told(self, task: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
        found = self.of("runware", str(task["taskUUID"]))
        if found is None:
            return [], []
        head = {"taskType": "imageInference", "taskUUID": found.id}
        if not found.ready(self.clock.now()):
            return [{**head, "status": "processing"}], []
        if found.fate in ("fails", "empty"):
            return [], [{**head, "status": "error", **_fault("processingFailed", "")}]
        self.told(found)
        items = [
            {
                **head,
                "status": "success",
                "imageUUID": f"{found.id}-{number}",
                "imageURL": self.url(found, number),
                "cost": float(PRICE),
            }
            for number in range(found.count)
        ]
        return items, []

    # WaveSpeed

    def wavespeed(self, method: str, path: str, body: Any, mark: Any) -> Any:
        """Any call."""
        name = path.removeprefix("api/v3/")
        if name == "predictions":
            return self._list(body)
        if method == "GET":
            found = self.of("wavespeed", name.split("/")[1])
            return (200, _good(self._state(found))) if found else (404, {"code": 404})
        return self._place(name, body, mark)

    def _place(self, model: str, body: Mapping[str, Any], mark: Any) -> Any:
        fate = self.fate(str(body["prompt"]))
        if fate in ("moderated", "refused"):
            return 400, {"code": 400, "message": "the prompt was refused"}
        name = sha256(f"wavespeed {len(self.bought)}".encode()).hexdigest()[:32]
        count, now = int(body.get("num_images", 1)), self.clock.now()
        bought = Bought(name, "wavespeed", str(body["prompt"]), model, count, now, mark, fate)
        return 200, _good(self._state(self.accept(bought)))

    def _list(self, body: Mapping[str, Any]) -> Any:
        now, page, size = self.clock.now(), int(body["page"]), int(body["page_size"])
        mine = [b for b in self.bought if b.provider == "wavespeed"]
        shown = [b for b in mine if now - WEEK <= b.made <= now - LISTED]
        shown.sort(key=lambda each: -each.made)
        part = shown[(page - 1) * size : page * size]
        return 200, _good({"page": page, "items": [self._state(each) for each in part]})

    def _state(self, bought: Bought) -> dict[str, Any]:
        ready = bought.ready(self.clock.now())
        failed = ready and bought.fate == "fails"
        state = "failed" if failed else "completed" if ready else "processing"
        shown = ready and not failed and bought.fate != "empty"
        if ready:
            self.told(bought)
        return {
            "id": bought.id,
            "model": bought.model,
            "status": state,
            "outputs": [self.url(bought, n) for n in range(bought.count)] if shown else [],
            "created_at": datetime.fromtimestamp(bought.made, UTC).isoformat(),
            "error": "it failed" if failed else "",
        }


@dataclass(frozen=True, slots=True)
class Wire:
    """A `ports.Carrier` to one of the services."""

    cloud: Cloud
    provider: str

    async def send(self, request: Request, insert: Callable[[Insert], bytes]) -> Reply:
        parts = (p if isinstance(p, bytes) else insert(p) for p in request.body)
        text = b"".join(parts)
        body = json.loads(text) if text else {}
        cloud = self.cloud
        if self.provider == "runware":
            new = {t["taskUUID"]: t for t in body if t["taskType"] == "imageInference"}
            marks = {name: self._mark(t["positivePrompt"]) for name, t in new.items()}
            kind = "submit" if new else "ask"
            return await cloud.carry(kind, lambda: cloud.runware(body, marks))
        new_one = request.method == "POST" and request.url != "api/v3/predictions"
        mark = self._mark(body["prompt"]) if new_one else None
        act = lambda: cloud.wavespeed(request.method, request.url, body, mark)  # noqa: E731  (it is carried)
        return await cloud.carry("submit" if new_one else "ask", act)

    def _mark(self, prompt: str) -> Any:
        self.cloud.sent[prompt] += 1
        return self.cloud.mark(self.provider, prompt)

    async def fetch(self, url: str, path: Path, most: int, held: int = 0) -> Fetched:
        await self.cloud.clock.sleep(0.1)
        return self.cloud.deliver(url, path)

    async def close(self) -> None:
        pass


def _good(data: Any) -> dict[str, Any]:
    return {"code": 200, "message": "success", "data": data}


def _fault(code: str, parameter: str) -> dict[str, Any]:
    named = {"parameter": parameter} if parameter else {}
    return {"code": code, "message": f"the service says {code}", **named}
