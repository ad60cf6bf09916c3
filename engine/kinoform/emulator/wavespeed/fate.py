"""What a planned fault does to a WaveSpeed task, once and for all or in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.emulator.wavespeed import forms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import Job, World

    Doom = Callable[[Job, Mapping[str, Any]], None]


def befall(world: World, job: Job, fault: Fault) -> None:
    """Let a fault strike a task for good."""
    if fault.kind == "clock":
        world.time.jump(float(fault.params["seconds"]))
    else:
        _DOOMS[fault.kind](job, fault.params)


def _late(job: Job, params: Mapping[str, Any]) -> None:
    job.ready += float(params["seconds"])
    for result in job.results:
        result.ready = job.ready
        result.media.expires += float(params["seconds"])


def _moderated(job: Job, params: Mapping[str, Any]) -> None:
    job.state, job.error = "failed", forms.failure(params, forms.MODERATED)


def _failed(job: Job, params: Mapping[str, Any]) -> None:
    job.state, job.error = "failed", forms.failure(params, forms.TASK_FAILED)


def _partial(job: Job, params: Mapping[str, Any]) -> None:
    for result in job.results[int(params["keep"]) :]:
        result.hollow = True


def _empty(job: Job, _params: Mapping[str, Any]) -> None:
    for result in job.results:
        result.hollow = True


def _twice(job: Job, _params: Mapping[str, Any]) -> None:
    job.told = 2


def _expired(job: Job, params: Mapping[str, Any]) -> None:
    for result in job.results:
        result.media.expires, result.media.gone = job.ready, int(params["status"])


def _forgotten(job: Job, _params: Mapping[str, Any]) -> None:
    job.forgotten = True


_DOOMS: dict[str, Doom] = {
    "delay": _late,
    "moderated": _moderated,
    "fail": _failed,
    "partial": _partial,
    "empty": _empty,
    "duplicate": _twice,
    "expire": _expired,
    "forget": _forgotten,
}
LASTING = frozenset({"moderated", "fail"})


def seen(data: dict[str, Any], fault: Fault) -> dict[str, Any] | None:
    """One answer about a task as a fault shows it; None for an answer that says nothing."""
    outputs = data["outputs"]
    if fault.kind == "partial":
        outputs = outputs[: int(fault.params["keep"])]
    elif fault.kind == "duplicate":
        outputs = outputs * 2
    elif fault.kind == "empty":
        return None
    return {**data, "outputs": outputs, "has_nsfw_contents": [False for _ in outputs]}
