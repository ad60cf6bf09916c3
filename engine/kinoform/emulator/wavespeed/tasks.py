"""WaveSpeed's tasks: submit and result; whatever is posted to no other call names a model.

The body of a submit is flat and is judged by the model file; failure of a task lives inside HTTP 200.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from kinoform.emulator import orders, webhooks
from kinoform.emulator.wavespeed import fate, forms, limits
from kinoform.emulator.wavespeed.account import routes as account_routes
from kinoform.emulator.wavespeed.callback import call
from kinoform.emulator.wavespeed.desk import Desk, Refused, answer, body_of
from kinoform.emulator.wavespeed.listing import routes as list_routes
from kinoform.emulator.wavespeed.uploads import routes as upload_routes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from kinoform.emulator.orders import Order
    from kinoform.emulator.world import Job, World
    from kinoform.spec.catalog import Model

API = "/api/v3"
_FLAGS = ("enable_sync_mode", "enable_base64_output")
_GATEWAY = "<html><body><center><h1>504 Gateway Time-out</h1></center></body></html>\n"
_SYNC_SAID = "Sync mode timed out; the task goes on, ask for its result later."


def routes(world: World) -> list[BaseRoute]:
    """Everything below `/api/v3/`; whatever else is posted there names a model."""
    desk = Desk(world)

    async def submit(request: Request, key: str) -> Response:
        return await _submit(desk, request, key)

    async def result(request: Request, key: str) -> Response:
        return await _result(desk, request, key)

    task = f"{API}/predictions/{{task}}"
    return [
        *list_routes(desk, API),
        *upload_routes(desk, API),
        *account_routes(desk, API),
        Route(task, desk.call(result), methods=["GET"]),
        Route(f"{task}/result", desk.call(result), methods=["GET"]),
        Route(f"{API}/{{model:path}}", desk.call(submit), methods=["POST"]),
    ]


async def _submit(desk: Desk, request: Request, key: str) -> Response:
    world = desk.world
    model = world.model(forms.NAME, request.path_params["model"])
    if model is None:
        raise Refused(404, "The model was not found.")
    known = _repeated(desk, request, key)
    if known:
        return answer(desk.tell(known))
    body, flags = _flags(world, model, await body_of(request))
    hook = _hook(request)
    order = await orders.read(world, model, body, key)
    if order.refused:
        raise Refused(400, forms.faults(order.refused))
    job = await _placed(desk, request, order, key)
    if hook:
        desk.later(call(world, job, hook))
    if flags.get("enable_sync_mode"):
        return await _held(desk, job, base64_wanted=bool(flags.get("enable_base64_output")))
    return answer(desk.tell(job))


def _repeated(desk: Desk, request: Request, key: str) -> Job | None:
    """The task that the same Idempotency-Key began, if that header means anything."""
    if desk.world.mode("idempotency") != "honoured":
        return None
    mark = request.headers.get("idempotency-key", "")
    return desk.world.tasks.get((forms.NAME, desk.begun.get((key, mark), "")))


def _flags(
    world: World, model: Model, body: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body, and how the answer is wanted, which models that do not list it refuse."""
    listed = model.table("request").get("properties", {})
    taken = {
        name: body[name]
        for name in _FLAGS
        if name in body and (name in listed or world.mode("sync") == "any")
    }
    return {name: body[name] for name in body if name not in taken or name in listed}, taken


def _hook(request: Request) -> str:
    hook = request.query_params.get("webhook", "")
    if hook and webhooks.loopback(hook) is None:
        raise Refused(400, "The emulator calls back to this machine only, over plain http.")
    return hook


async def _placed(desk: Desk, request: Request, order: Order, key: str) -> Job:
    """The task, billed and begun. Raises Refused where limits, balance or filter stop it."""
    world, model = desk.world, order.model.id.partition("/")[2]
    _limit(desk, order, key)
    fault = await desk.strike("submit-before-billing", request, model=model)
    if fault:  # `moderated`: nothing else is left to the caller here
        if world.mode("refused_billed") == "yes":
            world.bill(orders.place(world, order, world.uuid().replace("-", ""), key))
        failure = forms.failure(fault.params, forms.MODERATED)
        raise Refused(400, failure["message"], error_code=failure["code"])
    cost = order.cost * len(order.expects)
    if world.left(forms.NAME, key) < cost and desk.balance(key) < cost:
        raise Refused(int(world.mode("no_balance")), "Insufficient balance: top up the account.")
    job = orders.place(world, order, world.uuid().replace("-", ""), key)
    _keep(desk, job, key)
    doom = world.faults.at("task", forms.NAME, {"task": job.id, "model": model})
    if doom:
        fate.befall(world, job, doom)
    world.bill(job)
    world.add(job)
    desk.jobs[key].append(job)
    if "idempotency-key" in request.headers:
        desk.begun[key, request.headers["idempotency-key"]] = job.id
    await desk.strike("submit-after-billing", request, task=job.id, model=model)
    return job


def _limit(desk: Desk, order: Order, key: str) -> None:
    tier = limits.TIERS.get(desk.world.mode("tier"))
    video = order.expects[0].media.startswith("video/")
    if tier and not desk.counters.admit(tier, key, desk.world.time.now(), video=video):
        raise Refused(429, "Too many requests: the limit of this account is reached.")


def _keep(desk: Desk, job: Job, key: str) -> None:
    """Everything is kept for a week; a task beyond those that run at once begins later."""
    tier = limits.TIERS.get(desk.world.mode("tier"))
    if tier:
        ends = [each.ready for each in desk.jobs[key]]
        job.ready += limits.wait(tier, ends, job.created)
    for each in job.results:
        each.ready, each.media.expires = job.ready, job.created + forms.KEPT


async def _held(desk: Desk, job: Job, *, base64_wanted: bool) -> Response:
    """The answer of a synchronous submit: the finished task, unless it takes too long."""
    world = desk.world
    await world.time.until(min(job.ready, job.created + float(world.mode("sync_limit"))))
    if world.time.now() < job.ready:
        if world.mode("sync_timeout") == "504":
            return HTMLResponse(_GATEWAY, 504)
        late = {"status": "processing", "code": forms.SYNC_TIMEOUT, "error": _SYNC_SAID}
        return answer({**desk.tell(job), **late})
    data = desk.tell(job)
    if base64_wanted:
        shown = [each.media for each in job.results if world.url(each.media) in data["outputs"]]
        data["outputs"] = [
            f"data:{media.media};base64,{base64.b64encode(await orders.data_of(media)).decode()}"
            for media in shown
        ]
    return answer(data)


async def _result(desk: Desk, request: Request, key: str) -> Response:
    job = desk.job(request.path_params["task"], key)
    fault = await desk.strike("poll", request, task=job.id, model=job.model)
    if fault is None:
        return answer(desk.tell(job))
    if fault.kind == "forget":
        raise Refused(404, "The prediction was not found.")
    if fault.kind in fate.LASTING:
        fate.befall(desk.world, job, fault)
        job.ready = min(job.ready, desk.world.time.now())
        return answer(desk.tell(job))
    return answer(fate.seen(desk.tell(job), fault))
