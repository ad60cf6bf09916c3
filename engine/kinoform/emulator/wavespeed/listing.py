"""WaveSpeed's list of tasks: the only way back to one whose answer was lost. Newest first, a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from kinoform.emulator.wavespeed import forms
from kinoform.emulator.wavespeed.desk import Refused, answer, body_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from kinoform.emulator.wavespeed.desk import Desk
    from kinoform.emulator.world import Job

MOST = 100  # of one page


def routes(desk: Desk, api: str) -> list[Route]:
    """`POST /predictions`."""

    async def listed(request: Request, key: str) -> Response:
        body = await body_of(request)
        page, size = (
            forms.whole(body, name, least) for name, least in (("page", 1), ("page_size", MOST))
        )
        if page < 1 or not 1 <= size <= MOST:
            raise Refused(400, f"page is at least 1, page_size from 1 to {MOST}.")
        fault = await desk.strike("list", request)
        jobs = [] if fault and fault.kind == "empty" else _shown(desk, body, key)
        jobs = jobs[1:] if fault and fault.kind == "forget" else jobs
        return answer(_page(desk, jobs, page, size))

    return [Route(f"{api}/predictions", desk.call(listed), methods=["POST"])]


def _page(desk: Desk, jobs: list[Job], page: int, size: int) -> dict[str, Any]:
    now, base, address = desk.world.time.now(), desk.world.base, desk.world.url
    part = jobs[(page - 1) * size : page * size]
    items = [{**forms.row(job, now, base, address), **desk.echo(job)} for job in part]
    total = {"total": len(jobs)} if desk.world.mode("list_total") == "yes" else {}
    return {"page": page, **total, "items": items}


def _shown(desk: Desk, body: Mapping[str, Any], key: str) -> list[Job]:
    """What the list shows by now, newest first."""
    now = desk.world.time.now()
    since = now - float(desk.world.mode("list_delay"))
    jobs = [
        job
        for job in reversed(desk.jobs[key])
        if job.created <= since and desk.keeps(job) and not job.forgotten
    ]
    jobs.sort(key=lambda job: -job.created)
    filtered = desk.world.mode("list_filters") == "yes"
    return list(_filtered(jobs, body, now)) if filtered else jobs


def _filtered(jobs: Iterable[Job], body: Mapping[str, Any], now: float) -> Iterable[Job]:
    model, status = body.get("model"), body.get("status")
    after, before = (forms.moment(body.get(name)) for name in ("created_after", "created_before"))
    for job in jobs:
        fits = (not model or job.model == model) and (
            not status or forms.status(job, now) == status
        )
        if fits and (after is None or job.created >= after) and (
            before is None or job.created <= before
        ):  # fmt: skip
            yield job
