"""WaveSpeed's webhook: the flat task once it has ended, signed in the third way that it signs."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from kinoform.emulator import webhooks
from kinoform.emulator.wavespeed import forms

if TYPE_CHECKING:
    from kinoform.emulator.world import Job, World

_PREFIX = "whsec_"
_TRIES = 3
_PAUSE = 5.0  # seconds of the clock between two tries


def secret_of(key: str) -> str:
    """What webhooks of an account are signed with; it follows from the key."""
    return _PREFIX + hashlib.sha256(f"webhook of {key}".encode()).hexdigest()[:32]


def signature(secret: str, name: str, stamp: str, body: bytes) -> str:
    """Over id, timestamp and the raw body; the key is the text behind the prefix."""
    text = f"{name}.{stamp}.".encode() + body
    key = secret.removeprefix(_PREFIX).encode()
    return f"v3,{hmac.new(key, text, hashlib.sha256).hexdigest()}"


async def call(world: World, job: Job, url: str) -> None:
    """Tell the receiver once the task has ended, a few times if it is not taken."""
    await world.time.until(job.ready)
    for _ in range(_TRIES):
        now = world.time.now()
        data = forms.state(job, now, world.base, world.url)
        del data["timings"]
        body = json.dumps({**data, "input": dict(job.request)}).encode()
        stamp = str(int(now))
        headers = {
            "webhook-id": job.id,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(secret_of(job.key), job.id, stamp, body),
        }
        if await webhooks.post(url, body, headers):
            return
        await world.time.sleep(_PAUSE)
