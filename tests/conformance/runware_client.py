"""Drives `runware` 0.5, which speaks over the websocket only, through the jobs that every client does."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from client_jobs import IMAGE, KEY, VIDEO, WRONG_KEY, Places, report, told
from runware import (  # type: ignore[import-not-found]  # lives in an environment of its own
    IImageInference,
    IInputFrame,
    IInputs,
    IKlingAIProviderSettings,
    IVideoInference,
    IVideoInputs,
    Runware,
)


def image(**fields: Any) -> Any:
    """A right task for a picture; like the library, held open unless it says otherwise."""
    size = {"width": 1024, "height": 1024}
    given = {"model": IMAGE, "positivePrompt": "a brass lamp", "includeCost": True, **size}
    return IImageInference(**{**given, **fields})


def plain(found: Any) -> Any:
    """The library's objects as JSON data, without what is not there."""
    if isinstance(found, list):
        return [plain(each) for each in found]
    return {name: value for name, value in vars(found).items() if value is not None}


class Jobs:
    """One client with its jobs."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.client = Runware(api_key=KEY, url=places.ws)

    async def picture(self, **fields: Any) -> Any:
        """Pictures."""
        return plain(await self.client.imageInference(requestImage=image(**fields)))

    async def upload(self) -> Any:
        """The picture on the disk, kept both ways, and a picture made after it."""
        kept = await self.client.uploadImage(self.places.picture)
        stored = await self.client.uploadMedia(self.places.picture)
        made = await self.picture(inputs=IInputs(referenceImages=[kept.imageUUID]))
        return {"kept": plain(kept), "stored": plain(stored), "made": made}

    async def clip(self) -> Any:
        """Two stills, and the clip between them."""
        first, last = await self.picture(numberResults=2, width=1360, height=768)
        frames = [
            IInputFrame(image=first["imageUUID"], frame="first"),
            IInputFrame(image=last["imageURL"], frame="last"),
        ]
        asked = IVideoInference(
            model=VIDEO,
            positivePrompt="the lamp turns slowly",
            duration=3,
            includeCost=True,
            inputs=IVideoInputs(frameImages=frames),
            providerSettings=IKlingAIProviderSettings(sound=True),
        )
        return await self.waited(await self.client.videoInference(requestVideo=asked))

    async def patient(self) -> Any:
        """Two pictures that are not waited for at once."""
        asked = image(deliveryMethod="async", numberResults=2)
        return await self.waited(await self.client.imageInference(requestImage=asked), 2)

    async def waited(self, begun: Any, count: int = 1) -> Any:
        """The results of a task that was only accepted so far."""
        return plain(await self.client.getResponse(taskUUID=begun.taskUUID, numberResults=count))

    async def conflict(self) -> Any:
        """The same task twice."""
        name = str(uuid.uuid4())
        await self.picture(taskUUID=name)
        return await self.picture(taskUUID=name)

    async def wrong_key(self) -> Any:
        """A connection with a key that is none."""
        client = Runware(api_key=WRONG_KEY, url=self.places.ws)
        await client.connect()
        return plain(await client.imageInference(requestImage=image()))

    async def all(self) -> dict[str, Any]:
        """Every job, one after the other."""
        jobs = {
            "picture": self.picture,
            "pair": lambda: self.picture(numberResults=2),
            "patient": self.patient,
            "upload": self.upload,
            "clip": self.clip,
            "conflict": self.conflict,
            "wrong_key": self.wrong_key,
            "wrong_size": lambda: self.picture(width=1000, height=1000),
        }
        outcomes = {name: await told(job) for name, job in jobs.items()}
        self.places.plan({"point": "submit-before-billing", "fault": "moderated"})
        outcomes["refused"] = await told(self.picture)
        self.places.plan({"point": "task", "fault": "moderated"})
        outcomes["moderated"] = await told(self.picture)
        self.places.plan({"point": "task", "fault": "fail"})
        outcomes["failed"] = await told(self.picture)
        self.places.plan()
        return outcomes


async def main() -> None:
    """Connect, do them all, let go."""
    jobs = Jobs(Places.given())
    await jobs.client.connect()
    report(await jobs.all())
    await jobs.client.disconnect()


asyncio.run(main())
