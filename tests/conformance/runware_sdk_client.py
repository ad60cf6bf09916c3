"""Drives `runware-sdk`, over REST or the websocket, through the jobs that every client does."""

from __future__ import annotations

import asyncio
import base64
import sys
import uuid
from pathlib import Path
from typing import Any

from client_jobs import IMAGE, KEY, VIDEO, WRONG_KEY, Places, report, told
from runware import Runware  # type: ignore[import-not-found]  # lives in an environment of its own

SQUEAMISH, BROKEN = "klingai:kling-image@3", "klingai:kling-image@o1"
SIZE = {"width": 1024, "height": 1024}


def image(**fields: Any) -> dict[str, Any]:
    """A right task for a picture."""
    return {
        "taskType": "imageInference",
        "model": IMAGE,
        "positivePrompt": "a brass lamp",
        "includeCost": True,
        **SIZE,
        **fields,
    }


def clip(first: str, last: str) -> dict[str, Any]:
    """A right task for a clip between two frames."""
    frames = [{"image": first, "frame": "first"}, {"image": last, "frame": "last"}]
    return {
        "taskType": "videoInference",
        "model": VIDEO,
        "positivePrompt": "the lamp turns slowly",
        "duration": 3,
        "includeCost": True,
        "inputs": {"frameImages": frames},
        "providerSettings": {"klingai": {"sound": True}},
    }


class Jobs:
    """One client with its jobs."""

    def __init__(self, places: Places, transport: str) -> None:
        self.places, self.transport = places, transport
        self.client = self.made(KEY)
        self.picture = Path(places.picture).read_bytes()

    def made(self, key: str) -> Any:
        """A client of the library, pointed at the emulator as its users may."""
        return Runware(
            api_key=key,
            transport=self.transport,
            http_base_url=self.places.http,
            ws_base_url=self.places.ws,
        )

    async def upload(self) -> Any:
        """The picture on the disk, and a picture made after it."""
        data = base64.b64encode(self.picture).decode()
        kept = await self.client.media_storage({"operation": "upload", "media": data})
        name = kept[0]["mediaUUID"]
        made = await self.client.run(image(inputs={"referenceImages": [name]}))
        return {"kept": kept, "made": made}

    async def film(self) -> Any:
        """Two stills, and the clip between them."""
        stills = await self.client.run(image(numberResults=2, width=1360, height=768))
        return await self.client.run(clip(*(still["imageUUID"] for still in stills)))

    async def conflict(self) -> Any:
        """The same task twice."""
        name = str(uuid.uuid4())
        await self.client.run(image(taskUUID=name))
        return await self.client.run(image(taskUUID=name))

    async def wrong_key(self) -> Any:
        """A picture with a key that is none."""
        async with self.made(WRONG_KEY) as client:
            return await client.run(image())

    async def all(self) -> dict[str, Any]:
        """Every job, side by side as users run them; what goes wrong hangs on the model."""
        run = self.client.run
        self.places.plan({"point": "submit-before-billing", "fault": "moderated"})
        refused = await told(lambda: run(image()))
        self.places.plan(
            {"point": "task", "model": SQUEAMISH, "fault": "moderated"},
            {"point": "task", "model": BROKEN, "fault": "fail"},
            {
                "point": "submit-before-billing",
                "model": VIDEO if self.transport == "rest" else "none",
                "fault": {"status": {"status": 429, "retry-after": 0}},
                "times": 2,
            },
        )
        jobs = {
            "picture": lambda: run(image()),
            "pair": lambda: run(image(numberResults=2)),
            "upload": self.upload,
            "clip": self.film,
            "conflict": self.conflict,
            "wrong_key": self.wrong_key,
            "wrong_size": lambda: run(image(width=1000, height=1000)),
            "account": lambda: self.client.account_management({"operation": "getDetails"}),
            "moderated": lambda: run(image(model=SQUEAMISH)),
            "failed": lambda: run(image(model=BROKEN)),
        }
        found = await asyncio.gather(*map(told, jobs.values()))
        return {"refused": refused, **dict(zip(jobs, found, strict=True))}


async def main() -> None:
    """All jobs with the transport that the command line names."""
    jobs = Jobs(Places.given(), sys.argv[2])
    async with jobs.client:
        report(await jobs.all())


asyncio.run(main())
