"""Asks a provider what an account holds: one free call, which shows that host and key are right.

The wire forms of two calls stand here as data. Nothing that a reply holds can raise.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from decimal import ROUND_DOWN, Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from kinoform.core.classes import dataclass
from kinoform.core.money import dollars
from kinoform.ports import Reply, Request
from kinoform.providers.replies import fine, mapping, read, rows, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.ports import Carrier, Insert

LIMIT: Final = 5.0  # seconds
_DENIED: Final = frozenset({401, 403})
_MOST: Final = Decimal(10) ** 9  # of any currency: no balance is larger
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of the call: how it stands, in words, and the fix."""

    state: Literal["ok", "warn", "fail"]
    said: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """How a provider is asked (with an id of its own kind), and where its answer has the balance."""

    request: Callable[[str], Request]
    balance: Callable[[Mapping[str, Any]], Any]


def _runware(task: str) -> Request:
    ask = {"taskType": "accountManagement", "taskUUID": task, "operation": "getDetails"}
    return Request("POST", "", (json.dumps([ask]).encode(),))


CALLS: Final[Mapping[str, Call]] = MappingProxyType(
    {
        "runware": Call(
            _runware,
            lambda answer: next((row.get("balance") for row in rows(answer.get("data"))), None),
        ),
        "wavespeed": Call(
            lambda _task: Request("GET", "api/v3/balance"),
            lambda answer: mapping(answer.get("data")).get("balance"),
        ),
    }
)


async def ask(name: str, carrier: Carrier, limit: float = LIMIT) -> Seen:
    """What this account holds, or what is in the way. Closes the carrier."""
    request = CALLS[name].request(str(uuid.uuid4()))
    try:
        async with asyncio.timeout(limit):
            try:
                reply = await carrier.send(request, _nothing)
            finally:
                await carrier.close()
    except TimeoutError:
        reply = Reply(fault="lost", said=f"no answer within {limit:g} seconds")
    return judged(name, reply)


def judged(name: str, reply: Reply) -> Seen:
    """What a reply says of the account. Raises nothing."""
    if reply.fault:
        fix = "check the connection, the address and the proxy"
        return Seen("fail", f"cannot be reached: {said(reply.said)}", fix)
    answer = mapping(read(reply))
    if _is_denied(reply, answer):
        return Seen("fail", "the key is not accepted", "copy the key again, or make a new one")
    held = _held(CALLS[name].balance(answer))
    if not fine(reply) or held is None:
        seen = f"its answer (HTTP {reply.status}) holds no balance{_complaint(answer)}"
        return Seen("fail", seen, "check the address, or try again later")
    amount, words = held
    seen = f"the key is accepted, the balance is {words}"
    return Seen("ok", seen) if amount > 0 else Seen("warn", seen, "top up the account")


def _is_denied(reply: Reply, answer: Mapping[str, Any]) -> bool:
    codes = [str(row.get("code", "")) for row in rows(answer.get("errors"))]
    named = any("apikey" in code.lower() or "unauthorized" in code.lower() for code in codes)
    return named or bool({reply.status, answer.get("code") if _is_code(answer) else 0} & _DENIED)


def _is_code(answer: Mapping[str, Any]) -> bool:
    return isinstance(answer.get("code"), int)


def _held(value: Any) -> tuple[Decimal, str] | None:
    """What can be spent, and in words: a number of USD, or amounts with their currency."""
    found = mapping(value) or {"amount": value}
    amount, free = _number(found.get("amount")), _number(found.get("freeBalance"))
    if amount is None:
        return None
    currency = said(found.get("currency")) or "USD"
    shown = dollars(amount) if currency == "USD" else f"{amount} {currency}"
    return amount + (free or 0), f"{shown} and {free} free" if free else shown


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if not -_MOST < value < _MOST:
        return None
    return Decimal(value).quantize(_CENT, ROUND_DOWN)


def _complaint(answer: Mapping[str, Any]) -> str:
    texts = [row.get("message") for row in rows(answer.get("errors"))] + [answer.get("message")]
    first = next((found for text in texts if (found := said(text))), "")
    return f": {first}" if first else ""


def _nothing(_insert: Insert) -> NoReturn:
    raise AssertionError("these calls carry no artifacts")
