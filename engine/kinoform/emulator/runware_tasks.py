"""What each kind of Runware task does. Knows the world, and no transport: HTTP and socket share it."""

from __future__ import annotations

import base64
from dataclasses import field
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.emulator import orders, runware_fates, runware_files, runware_hooks, wire
from kinoform.emulator import runware_says as says

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import HTTPConnection

    from kinoform.emulator.orders import Order
    from kinoform.emulator.world import Job, Result, World

    Task = dict[str, Any]

SYNC = 120.0  # seconds for which an answer is held; the task goes on without it
_UNSAID = "an operation that is not emulated"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent these tasks, and on which connection. `dry` runs are judged and priced only."""

    key: str
    tasks: list[Any]
    connection: HTTPConnection | None = None
    dry: bool = False


@dataclass(slots=True)
class Said:
    """The answer to one task. `held` is the job whose results are still to be waited for."""

    data: list[Any] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    held: Job | None = None


class Desk:
    """Takes tasks one at a time. `archive` holds what was last said of each, and to which request."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._refused: dict[str, float] = {}
        self._archive: dict[str, tuple[str, list[Any], list[Any]]] = {}
        self._hooks = runware_hooks.Hooks(world)
        self._kinds: dict[str, Callable[[Task, Caller], Awaitable[Said]]] = {
            "imageInference": self._infer,
            "videoInference": self._infer,
            "getResponse": self._poll,
            "getTaskDetails": self._details,
            "imageUpload": self._files,
            "mediaStorage": self._files,
            "accountManagement": self._account,
        }

    async def answer(self, task: Any, caller: Caller) -> Said:
        """What is said at once to one task of a request. Raises Struck."""
        if not isinstance(task, dict):
            said = f"a task is an object, not {type(task).__name__}"
            return Said(errors=[says.error("invalidTask", said)])
        kind = task.get("taskType")
        if kind == "ping":
            return Said([{"taskType": "ping", "pong": True}])
        handler = self._kinds.get(kind) if isinstance(kind, str) else None
        if handler is None:
            code = "missingTaskType" if kind is None else "unsupportedTaskType"
            said = f"this task type is not emulated; there are {', '.join(self._kinds)}"
            return Said(errors=[says.error(code, said, task, "taskType")])
        uuid = task.get("taskUUID")
        if not isinstance(uuid, str) or not says.UUID4.fullmatch(uuid):
            code = "missingTaskUUID" if uuid is None else "invalidTaskUUID"
            said = "taskUUID must be a UUID v4"
            return Said(errors=[says.error(code, said, task, "taskUUID")])
        return await handler(task, caller)

    async def held(self, job: Job) -> Said:
        """The results of a task whose answer was held, or that it takes too long."""
        limit = job.created + SYNC
        await self.world.time.until(min(job.ready, limit))
        if self.world.time.now() < job.ready:
            said = "the task takes too long to wait for it; it goes on, ask with getResponse"
            return Said(errors=[says.error("timeout", said, says.ack(job))])
        told = await self.told(job)
        for item in told.data:
            item.pop("status", None)
        return told

    async def told(self, job: Job) -> Said:
        """All results of a task as they are now."""
        said, now = Said(), self.world.time.now()
        for result in job.results:
            if now < result.ready:
                name = f"{says.prefix(job)}UUID"
                said.data.append({**says.ack(job), "status": "processing", name: result.id})
            elif result.error is not None:
                cost = self._cost(job, charged=result.charged)
                said.errors.append({**says.failed(job, result), **cost})
            else:
                item = {**await self._item(job, result), "status": "success"}
                said.data += [item] * job.told
        return said

    async def _item(self, job: Job, result: Result) -> dict[str, Any]:
        media, world = result.media, self.world
        if media.expires <= world.time.now() and world.mode("fresh_url") == "yes":
            media.expires = world.time.now() + float(world.mode("url_lifetime"))
        form = job.request.get("outputType", "URL")
        plain = form == "URL" and not result.hollow
        item = says.item(job, result, world.url(media) if plain else "")
        if form != "URL" and not result.hollow:
            text = base64.b64encode(await orders.data_of(media)).decode()
            uri = form == "dataURI"
            name = f"{says.prefix(job)}{'DataURI' if uri else 'Base64Data'}"
            item[name] = f"data:{media.media};base64,{text}" if uri else text
        return item

    # --- new tasks

    async def _infer(self, task: Task, caller: Caller) -> Said:
        uuid, world = task["taskUUID"], self.world
        if self._taken(uuid):
            return self._conflict(task, caller)
        name = task.get("model")
        model = world.model(says.NAME, name) if isinstance(name, str) else None
        if model is None:
            code = "missingModel" if name is None else "invalidModel"
            said = "model must name a model that there is"
            return self._refuse(caller, [says.error(code, said, task, "model")])
        order = await orders.read(world, model, task, caller.key)
        if order.refused:
            return self._refuse(
                caller, [says.refusal(model, each, task) for each in order.refused], uuid
            )
        if caller.dry:
            cost = float(order.cost * len(order.expects))
            return Said([{"taskType": task["taskType"], "taskUUID": uuid, "cost": cost}])
        return await self._accept(order, caller)

    async def _accept(self, order: Order, caller: Caller) -> Said:
        task, world = order.request, self.world
        detail = {"task": task["taskUUID"], "model": task["model"], "request": task}
        fault = await wire.strike(
            world, "submit-before-billing", says.NAME, detail, caller.connection
        )
        if self._taken(task["taskUUID"]):  # by another submit, while this one was held up
            return self._conflict(dict(task), caller)
        job = orders.place(world, order, task["taskUUID"], caller.key)
        if fault and fault.kind == "moderated":
            return self._moderated(job, caller, runware_fates.moderated(fault))
        if world.left(says.NAME, caller.key) < order.cost * len(order.expects):
            said = "the balance is too low for this task"
            return self._refuse(caller, [says.error("insufficientCredits", said, task)], job.id)
        fate = world.faults.at("task", says.NAME, detail)
        if fate:
            runware_fates.decide(world, job, fate)
        world.add(job)
        world.bill(job)
        self._archive[job.id] = (caller.key, caller.tasks, [])
        self._hooks.watch(job, self._item)
        fault = await wire.strike(
            world, "submit-after-billing", says.NAME, detail, caller.connection
        )
        return self._begun(order, job, fault.kind if fault else "")

    def _conflict(self, task: Task, caller: Caller) -> Said:
        said = "a task with this taskUUID exists already"
        return self._refuse(caller, [says.error("conflictTaskUUID", said, task, "taskUUID")])

    def _begun(self, order: Order, job: Job, fault: str) -> Said:
        if fault == "empty":
            return Said()
        if says.is_sync(order.model, order.request):
            return Said(held=job)
        return Said([says.ack(job)] * (2 if fault == "duplicate" else 1))

    def _moderated(self, job: Job, caller: Caller, said: tuple[str, str]) -> Said:
        billed = self.world.mode("refused_billed") == "yes"
        if billed:
            self.world.bill(job)
        error = {**says.error(*said, job.request), **self._cost(job, charged=billed)}
        return self._refuse(caller, [error], job.id)

    def _cost(self, job: Job, *, charged: bool) -> dict[str, float]:
        """What an error says that was taken, if errors say that."""
        if self.world.mode("refusal_cost") != "said" or not job.request.get("includeCost"):
            return {}
        return {"cost": float(job.cost) if charged else 0.0}

    def _refuse(self, caller: Caller, errors: list[Any], uuid: str = "") -> Said:
        """Refused; `uuid` where the task itself was at fault, and its id may be used up by that."""
        if uuid and self.world.mode("uuid_after_rejection") == "taken" and not caller.dry:
            self._refused[uuid] = self.world.time.now()
        for each in errors:
            self._archive[each.get("taskUUID", "")] = (caller.key, caller.tasks, errors)
        return Said(errors=errors)

    def _taken(self, uuid: str) -> bool:
        job = self.world.tasks.get((says.NAME, uuid))
        since = job.created if job else self._refused.get(uuid)
        window = float(self.world.mode("conflict_window"))
        return since is not None and self.world.time.now() < since + window

    # --- questions about tasks

    async def _poll(self, task: Task, caller: Caller) -> Said:
        world, uuid = self.world, task["taskUUID"]
        job = world.tasks.get((says.NAME, uuid))
        detail = {"task": uuid, "model": job.model if job else ""}
        fault = await wire.strike(world, "poll", says.NAME, detail, caller.connection)
        kind = fault.kind if fault else ""
        if job is None or job.key != caller.key or self._lost(job) or kind in ("empty", "forget"):
            return Said()
        if fault and kind != "duplicate":
            runware_fates.decide(world, job, fault)
        said = await self.told(job)
        return Said(said.data * 2, said.errors) if kind == "duplicate" else said

    def _lost(self, job: Job) -> bool:
        kept = float(self.world.mode("response_lifetime"))
        return job.forgotten or self.world.time.now() > job.ready + kept

    async def _details(self, task: Task, caller: Caller) -> Said:
        """The archive of the last answer; a refused replay hides the good one."""
        found = self._archive.get(task["taskUUID"])
        if found is None or self.world.mode("details_known") == "no":
            return Said()
        key, request, errors = found
        if key != caller.key:
            return Said()
        job = self.world.tasks.get((says.NAME, task["taskUUID"]))
        told = await self.told(job) if job and not errors else Said(errors=errors)
        response = says.envelope(told.data, told.errors)
        item = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
        return Said([{**item, "request": request, "response": response}])

    # --- everything else

    async def _files(self, task: Task, caller: Caller) -> Said:
        fault = await wire.strike(self.world, "upload", says.NAME, {}, caller.connection)
        data, errors = await runware_files.FILES[task["taskType"]](self.world, task, caller.key)
        if fault and fault.kind == "expire":
            runware_files.expire(self.world, data, int(fault.params.get("status", 404)))
        return Said(data, errors)

    async def _account(self, task: Task, caller: Caller) -> Said:
        fault = await wire.strike(self.world, "account", says.NAME, {}, caller.connection)
        if fault:
            return Said()
        operation = task.get("operation")
        item = {name: task[name] for name in ("taskType", "taskUUID", "operation") if name in task}
        if operation == "getDetails":
            return Said([{**item, **self._balance(caller.key)}])
        if operation in ("getUsageActivity", "getUsagePerformance", "getUsageErrors"):
            return Said([{**item, "results": []}])
        said = f"operation is {_UNSAID}"
        return Said(errors=[says.error("invalidOperation", said, task, "operation")])

    def _balance(self, key: str) -> Mapping[str, Any]:
        left = float(self.world.left(says.NAME, key))
        if self.world.mode("balance_shape") == "number":
            return {"balance": left}
        return {"balance": {"amount": left, "freeBalance": 0, "currency": "USD"}}
