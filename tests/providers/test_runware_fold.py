"""Several Runware tasks in one array: each gets what is said of it, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from provider_moves import SMALL, TASK, at, json_of, picture, reply, sent, start, submitted, text_of

from kinoform.ports import Accepted, Done, Fail, Insert, Reply, Request, Wait
from kinoform.providers import runware_errors
from kinoform.providers.replies import read
from kinoform.providers.runware import Runware

RUNWARE = Runware()
IDS = [f"{n:08x}-e29b-41d4-a716-446655440000" for n in range(4)]


def submits() -> list[Request]:
    return [submitted(RUNWARE, picture(), start(task=task)).request for task in IDS]


def polls() -> list[Request]:
    return [
        sent(RUNWARE.advance(picture(), at("running", waited=1.0, task=t), None)).request
        for t in IDS
    ]


def error(code: str, task: str = "") -> dict[str, Any]:
    return {"code": code, "message": "no", **({"taskUUID": task} if task else {})}


def moves(requests: list[Request], stage: str, what: Reply) -> list[object]:
    shares = RUNWARE.split(requests, what)
    return [
        RUNWARE.advance(picture(), at(stage, task=task, waited=1.0), share)
        for task, share in zip(IDS, shares, strict=True)
    ]


def test_submits_fold_into_one_array() -> None:
    folded = RUNWARE.fold(submits())
    assert [task["taskUUID"] for task in json_of(folded)] == IDS
    assert (folded.method, folded.url) == ("POST", "")
    assert len(folded.body) == 1


def test_one_alone_stays_as_it_is() -> None:
    one = submits()[:1]
    assert RUNWARE.fold(one) == one[0]


def test_bytes_keep_their_places() -> None:
    what = picture(inputs={"referenceImages": [SMALL]})
    requests = [submitted(RUNWARE, what, start(task=task)).request for task in IDS]
    folded = RUNWARE.fold(requests)
    assert sum(isinstance(part, Insert) for part in folded.body) == 4
    assert all(task["inputs"]["referenceImages"] == ["<data-uri aaaa>"] for task in json_of(folded))


def test_recorded_bytes_fold_as_well() -> None:
    recorded = [Request("POST", "", (text_of(r).encode(),), fold="submit") for r in submits()]
    assert json_of(RUNWARE.fold(recorded)) == json_of(RUNWARE.fold(submits()))
    accepted = reply({"data": [{"taskUUID": task} for task in IDS]})
    assert [read(s)["data"] for s in RUNWARE.split(recorded, accepted)] == [
        [{"taskUUID": task}] for task in IDS
    ]


def test_a_prompt_cannot_pose_as_an_id() -> None:
    what = picture(positivePrompt=f'[{{"taskUUID":"{IDS[1]}"')
    request = submitted(RUNWARE, what, start(task=IDS[0])).request
    (share, _) = RUNWARE.split([request, submits()[2]], reply({"data": [{"taskUUID": IDS[0]}]}))
    assert read(share) == {"data": [{"taskUUID": IDS[0]}]}


def test_each_gets_its_own_in_any_order() -> None:
    mixed = reply(
        {
            "data": [{"taskUUID": IDS[2]}, {"taskUUID": IDS[0]}],
            "errors": [error("invalidX", IDS[1])],
        }
    )
    first, second, third, fourth = moves(submits(), "submitted", mixed)
    assert isinstance(first, Accepted)
    assert isinstance(second, Fail)
    assert isinstance(third, Accepted)
    assert isinstance(fourth, Wait)  # nothing was said of it: it is asked again
    assert fourth.why == ""


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 429])
def test_a_status_for_others_refuses_none_that_is_not_named(status: int) -> None:
    what = reply({"data": [], "errors": [error("invalidX", IDS[1])]}, status)
    first, second, *_ = moves(submits(), "submitted", what)
    assert isinstance(first, Wait)
    assert first.why == ""
    assert isinstance(second, Fail)


def test_an_error_that_names_no_task_is_for_all_when_nothing_else_is_said() -> None:
    what = reply({"errors": [error("invalidApiKey")]}, 401)
    assert all(
        isinstance(m, Fail) and m.kind == "auth" for m in moves(submits(), "submitted", what)
    )


def test_an_error_that_names_no_task_is_for_those_of_which_nothing_is_said() -> None:
    what = reply(
        {"data": [{"taskUUID": IDS[0]}], "errors": [error("invalidX", IDS[1]), error("missingY")]}
    )
    first, second, third, fourth = moves(submits(), "submitted", what)
    assert isinstance(first, Accepted)
    assert [m.code for m in (second, third, fourth) if isinstance(m, Fail)] == [
        "invalidX",
        "missingY",
        "missingY",
    ]


@pytest.mark.parametrize("what", [reply(b"<html>", 502), reply(b"{", 200), Reply(fault="lost")])
def test_what_is_no_envelope_is_the_same_for_all(what: Reply) -> None:
    assert list(RUNWARE.split(submits(), what)) == [what] * 4


def test_polls_fold_and_each_gets_its_results_with_exact_costs() -> None:
    folded = RUNWARE.fold(polls())
    assert json_of(folded) == [{"taskType": "getResponse", "taskUUID": task} for task in IDS]
    finished = [
        {
            "taskUUID": t,
            "imageUUID": f"i{n}",
            "imageURL": f"https://x/{n}",
            "cost": 0.028,
            "status": "success",
        }
        for n, t in enumerate(IDS[:2])
    ]
    first, second, third, fourth = moves(polls(), "polled", reply({"data": finished[::-1]}))
    assert isinstance(first, Done)
    assert (first.outputs[0].id, first.outputs[0].cost) == ("i0", Decimal("0.028"))
    assert isinstance(second, Done)
    assert isinstance(third, Wait)
    assert isinstance(fourth, Wait)


CLASSES = [
    ("invalidApiKey", "auth"), ("missingApiKey", "auth"), ("unauthorized", "auth"),
    ("authTimeout", "auth"), ("accountSuspended", "auth"), ("insufficientCredits", "quota"),
    ("thirdPartyInsufficientCredits", "quota"), ("providerInsufficientCredits", "quota"),
    ("quotaExceeded", "quota"), ("paymentRequired", "quota"), ("lowBalance", "quota"),
    ("rateLimitExceeded", "rate"), ("providerRateLimitExceeded", "rate"),
    ("contentPolicyViolation", "safety"), ("invalidProviderContent", "safety"),
    ("providerContentPolicyViolation", "safety"), ("promptBlocked", "safety"),
    ("inferenceTimeout", "timeout"), ("timeoutProvider", "timeout"),
    ("modelNotFound", "notFound"), ("mediaExpired", "notFound"), ("unknownModel", "notFound"),
    ("internalServerError", "serverError"), ("providerError", "provider"),
    ("inferenceError", "provider"), ("modelNotReady", "provider"),
    ("invalidWidth", "validation"), ("unsupportedDimensions", "validation"),
    ("unknownParameter", "validation"), ("valueTooLarge", "validation"),
    ("arrayTooSmall", "validation"), ("conflictTaskUUID", "validation"),
    ("incompatibleParameters", "validation"), ("taskCancelled", "ended"),
    ("", "unknown"), ("somethingElse", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "family"), CLASSES)
def test_codes_fall_into_their_classes(code: str, family: str) -> None:
    assert runware_errors.family_of(code) == family


def test_every_class_has_its_meaning_at_both_times() -> None:
    families = {
        *runware_errors.EXACT.values(),
        *(rule[2] for rule in runware_errors.RULES),
        "unknown",
    }
    assert families == set(runware_errors.SUBMIT) == set(runware_errors.TASK)
    assert set(runware_errors.STATUS.values()) <= families


def test_the_task_of_a_request_is_read_from_its_front() -> None:
    assert json_of(submits()[0])[0]["taskUUID"] == IDS[0]
    assert TASK not in text_of(submits()[0])
