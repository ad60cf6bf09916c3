"""What becomes of a Runware task when something is planned for it. Knows jobs, no wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kinoform.emulator.faults import Fault
    from kinoform.emulator.world import Job, Result, World

_MODERATED = ("contentPolicyViolation", "The request was refused by the content filter.")
_FAILED = ("providerError", "The task failed.")


def moderated(fault: Fault) -> tuple[str, str]:
    """Code and message of a refusal by moderation."""
    return _said(fault, _MODERATED)


def decide(world: World, job: Job, fault: Fault) -> None:
    """Write a planned fate into a job that has just begun, or is asked about."""
    if fault.kind in _FATES:
        _FATES[fault.kind](world, job, fault)


def _said(fault: Fault, default: tuple[str, str]) -> tuple[str, str]:
    return fault.params.get("code") or default[0], fault.params.get("message") or default[1]


def _spoil(
    world: World, results: Iterable[Result], said: tuple[str, str], *, charged: bool
) -> None:
    now = world.time.now()
    for result in results:
        if result.error is None:
            result.error = {"code": said[0], "message": said[1]}
            result.charged, result.ready = charged, min(result.ready, max(now, result.ready))


def _moderated(world: World, job: Job, fault: Fault) -> None:
    charged = world.mode("refused_billed") == "yes"
    _spoil(world, job.results, moderated(fault), charged=charged)


def _fail(world: World, job: Job, fault: Fault) -> None:
    _spoil(world, job.results, _said(fault, _FAILED), charged=False)


def _partial(world: World, job: Job, fault: Fault) -> None:
    keep = int(fault.params.get("keep", 1))
    _spoil(world, job.results[keep:], _said(fault, _FAILED), charged=False)


def _late(_world: World, job: Job, fault: Fault) -> None:
    seconds = float(fault.params.get("seconds", 60))
    job.ready += seconds
    for result in job.results:
        result.ready += seconds
        result.media.expires += seconds


def _empty(_world: World, job: Job, _fault: Fault) -> None:
    for result in job.results:
        result.hollow = True


def _twice(_world: World, job: Job, _fault: Fault) -> None:
    job.told = 2


def _gone(_world: World, job: Job, fault: Fault) -> None:
    for result in job.results:
        result.media.expires = job.ready
        result.media.gone = int(fault.params.get("status", 404))


def _forgotten(_world: World, job: Job, _fault: Fault) -> None:
    job.forgotten = True


def _jump(world: World, _job: Job, fault: Fault) -> None:
    world.time.jump(float(fault.params.get("seconds", 0)))


_FATES: dict[str, Callable[[World, Job, Fault], Any]] = {
    "moderated": _moderated,
    "fail": _fail,
    "partial": _partial,
    "delay": _late,
    "empty": _empty,
    "duplicate": _twice,
    "expire": _gone,
    "forget": _forgotten,
    "clock": _jump,
}
