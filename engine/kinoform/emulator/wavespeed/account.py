"""WaveSpeed's calls around tasks: the catalogue, quotes, the balance, bills, the webhook key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from kinoform.emulator import orders
from kinoform.emulator.wavespeed import forms
from kinoform.emulator.wavespeed.callback import secret_of
from kinoform.emulator.wavespeed.desk import Refused, answer, body_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from kinoform.emulator.wavespeed.desk import Answer, Desk
    from kinoform.emulator.world import Bill, Job
    from kinoform.spec.catalog import Model

    Tell = Callable[[Request, str], Awaitable[Any]]

_PAGE, _MOST = 10, 100  # bills of a page, unless asked otherwise and at most
_OLDEST = "created_at ASC"


def routes(desk: Desk, api: str) -> list[Route]:
    """`/models`, `/balance`, `/model/pricing`, `/model/price`, `/billings/search`, `/webhook/secret`."""
    office = _Office(desk, api)
    rows = (
        ("models", office.models, "GET"),
        ("balance", office.balance, "GET"),
        ("model/pricing", office.pricing, "POST"),
        ("model/price", office.price, "POST"),
        ("billings/search", office.bills, "POST"),
        ("webhook/secret", office.secret, "GET"),
    )
    return [
        Route(f"{api}/{path}", desk.call(_struck(desk, tell)), methods=[method])
        for path, tell, method in rows
    ]


class _Office:
    """The calls, each as the data in the envelope."""

    def __init__(self, desk: Desk, api: str) -> None:
        self._desk, self._world, self._api = desk, desk.world, api

    async def models(self, _request: Request, _key: str) -> Any:
        every = self._world.catalog.values()
        return [_entry(model, self._api) for model in every if model.provider == forms.NAME]

    async def balance(self, _request: Request, key: str) -> Any:
        return {"balance": float(self._desk.balance(key))}

    async def pricing(self, request: Request, key: str) -> Any:
        name, price = await _quote(self._desk, request, key)
        return {"model_id": name, "unit_price": price, "currency": "USD"}

    async def price(self, request: Request, key: str) -> Any:
        name, price = await _quote(self._desk, request, key)
        rate = {"discounted_price": price, "discount_rate": 100, "currency": "USD"}
        return {"model_id": name, "price": price, **rate}

    async def bills(self, request: Request, key: str) -> Any:
        body = await body_of(request)
        page, size = forms.whole(body, "page", 1), forms.whole(body, "page_size", _PAGE)
        if page < 1 or not 1 <= size <= _MOST:
            raise Refused(400, f"page is at least 1, page_size from 1 to {_MOST}.")
        rows = [row for row in _rows(self._desk, key) if _fits(row, body)]
        rows.sort(key=lambda row: str(row["created_at"]), reverse=body.get("sort") != _OLDEST)
        return {"page": page, "total": len(rows), "items": rows[(page - 1) * size : page * size]}

    async def secret(self, _request: Request, key: str) -> Any:
        return {"secret": secret_of(key)}


def _struck(desk: Desk, tell: Tell) -> Answer:
    """The answer, or none at all where the fault plan says so."""

    async def told(request: Request, key: str) -> Response:
        fault = await desk.strike("account", request)
        return answer(None if fault else await tell(request, key))

    return told


def _entry(model: Model, api: str) -> dict[str, Any]:
    """A row of the catalogue; the price is that of the last row, which holds when no other does."""
    name, title = model.id.partition("/")[2], model.title
    schema = {key: value for key, value in model.table("request").items() if key != "$schema"}
    schema["x-order-properties"] = list(schema.get("properties", {}))
    run = {"type": "model_run", "api_path": f"{api}/{name}", "request_schema": schema}
    return {
        "model_id": name,
        "name": title,
        "description": schema.pop("description", ""),
        "type": "image-to-video" if "video" in name else "text-to-image",
        "base_price": float(model.table("price")["rows"][-1]["usd"]),
        "formula": "",
        "discount_rate": 100,
        "sort_order": 0,
        "api_schema": {"api_schemas": [run]},
    }


async def _quote(desk: Desk, request: Request, key: str) -> tuple[str, float]:
    """Model and USD of what `inputs` would cost. Raises Refused."""
    body = await body_of(request)
    name, given = body.get("model_id"), body.get("inputs", {})
    model = desk.world.model(forms.NAME, name) if isinstance(name, str) else None
    if model is None:
        raise Refused(404, "The model was not found.")
    order = await orders.read(desk.world, model, given, key)
    if order.refused:
        raise Refused(400, forms.faults(order.refused))
    return model.id.partition("/")[2], float(order.cost * len(order.expects))


def _rows(desk: Desk, key: str) -> Iterator[dict[str, Any]]:
    """A row for each charge, and one for each refund that has come."""
    now = desk.world.time.now()
    for job in desk.jobs[key]:
        bill = desk.world.bills[forms.NAME, job.id]
        for number in range(bill.times):
            yield _row(job, bill, now, ("deduct", float(bill.cost), bill.at, number))
        back = desk.refund(job)
        if back and back[1] <= now:
            yield _row(job, bill, now, ("refund", float(back[0]), back[1], 0))


def _row(job: Job, bill: Bill, now: float, what: tuple[str, float, float, int]) -> dict[str, Any]:
    kind, price, at, number = what
    status = forms.status(job, now)
    when = forms.written(at)
    ended = "done" if status in forms.ENDED else "pre"
    order = {"uuid": f"{job.id[:24]}{number:08x}", "state": ended, "price": price}
    return {
        "uuid": f"{number:02x}{'r' if kind == 'refund' else 'd'}{job.id[3:]}",
        "billing_type": kind,
        "price": price,
        "created_at": when,
        "updated_at": when,
        "order": {**order, "origin_price": price, "status": "", "ak_id": 0},
        "prediction": {"uuid": job.id, "model_uuid": bill.model, "status": status},
        "access_key_name": "",
    }


def _fits(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether a bill is one of those asked for; times are milliseconds, as text."""
    kind, tasks = body.get("billing_type"), body.get("prediction_uuids")
    if kind and row["billing_type"] != kind:
        return False
    if isinstance(tasks, list) and tasks and row["prediction"]["uuid"] not in tasks:
        return False
    at = (forms.moment(row["created_at"]) or 0.0) * 1000
    begin, end = (_milliseconds(body.get(name)) for name in ("start_time", "end_time"))
    return (begin is None or at >= begin) and (end is None or at <= end)


def _milliseconds(value: Any) -> float | None:
    text = str(value) if isinstance(value, str | int) else ""
    return float(text) if text.isdecimal() else None
