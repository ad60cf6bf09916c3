"""What all calls of WaveSpeed share: whose key it is, the body, errors as answers, who may see a task."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from kinoform.emulator.wavespeed import forms
from kinoform.emulator.wavespeed.limits import Counters
from kinoform.emulator.wire import strike

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from starlette.requests import Request
    from starlette.responses import Response

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import Job, World

    Answer = Callable[[Request, str], Awaitable[Response]]
    Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):  # noqa: N818  (an answer, as HTTP has it)
    """The call is answered with an error: HTTP status, and what the body says besides."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        self.status, self.message, self.more = status, message, more
        super().__init__(message)


class Desk:
    """One world as WaveSpeed sees it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.counters = Counters()
        self.begun: dict[tuple[str, str], str] = {}  # (key, Idempotency-Key) -> task
        self.jobs: dict[str, list[Job]] = defaultdict(list)  # key -> its tasks, as they came
        self._errands: set[asyncio.Task[None]] = set()

    def call(self, answer: Answer) -> Endpoint:
        """An endpoint that knows whose key it is and answers errors in the provider's form."""

        @wraps(answer)
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(request, self._key(request))
            except Refused as refused:
                body = forms.bad(refused.status, refused.message, **refused.more)
                return JSONResponse(body, refused.status)

        return endpoint

    def _key(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self.world.admits(key.strip()):
            raise Refused(401, "The API key is missing or invalid.")
        return key.strip()

    async def strike(self, point: str, request: Request, **detail: Any) -> Fault | None:
        """The fault at this point, if it is not a matter of the wire."""
        return await strike(self.world, point, forms.NAME, detail, request)

    def job(self, task: str, key: str) -> Job:
        """A task of this key that is still kept. Raises Refused."""
        job = self.world.tasks.get((forms.NAME, task))
        if job is None or job.key != key or job.forgotten or not self.keeps(job):
            raise Refused(404, "The prediction was not found.")
        return job

    def keeps(self, job: Job) -> bool:
        """Whether a task is young enough to be known."""
        return self.world.time.now() < job.created + forms.KEPT

    def tell(self, job: Job) -> dict[str, Any]:
        """A task as submit and result tell it."""
        data = forms.state(job, self.world.time.now(), self.world.base, self.world.url)
        return {**data, **self.echo(job)}

    def echo(self, job: Job) -> dict[str, Any]:
        """What was asked, if the provider says that."""
        return {"input": dict(job.request)} if self.world.mode("input_echoed") == "yes" else {}

    def refund(self, job: Job) -> tuple[Decimal, float] | None:
        """What comes back for a failed task, and when; None for any other."""
        bill = self.world.bills.get((forms.NAME, job.id))
        now = self.world.time.now()
        if bill is None or forms.status(job, now) != "failed" or self._kept_money(job):
            return None
        return bill.cost * bill.times, job.ready + float(self.world.mode("refund_delay"))

    def _kept_money(self, job: Job) -> bool:
        """Whether what moderation refused is paid for."""
        moderated = (job.error or {}).get("code") == forms.MODERATED
        return moderated and self.world.mode("refused_billed") == "yes"

    def balance(self, key: str) -> Decimal:
        """USD that an account has now, refunds that have come included."""
        back = [self.refund(job) for job in self.jobs[key]]
        now = self.world.time.now()
        come = sum((amount for amount, at in filter(None, back) if at <= now), Decimal(0))
        return self.world.left(forms.NAME, key) + come

    def later(self, errand: Coroutine[Any, Any, None]) -> None:
        """Do something beside the answer."""
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


async def body_of(request: Request) -> dict[str, Any]:
    """The body, which is a JSON object. Raises Refused."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, "The body must be a JSON object.")
    return found


def answer(data: Any) -> JSONResponse:
    """A good answer in its envelope."""
    return JSONResponse(forms.good(data))
