"""Drives `wavespeed` through the jobs that every client does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from client_jobs import KEY, WRONG_KEY, Places, report, told
from wavespeed import Client  # type: ignore[import-not-found]  # lives in an environment of its own

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = "kwaivgi/kling-image-o3"
VIDEO = "kwaivgi/kling-video-o3-pro/image-to-video"
PROMPT = {"prompt": "a brass lamp"}


class Jobs:
    """One client with its jobs."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.client = Client(api_key=KEY, base_url=places.base)

    def run(self, model: str = IMAGE, **fields: Any) -> Any:
        """One task, waited for."""
        return self.client.run(model, {**PROMPT, **fields}, poll_interval=0.05)

    def upload(self) -> Any:
        """The picture on the disk, and a picture made after it."""
        kept = self.client.upload(self.places.picture)
        return {"kept": kept, "made": self.run(images=[kept])}

    def clip(self) -> Any:
        """Two stills, and the clip between them."""
        first, last = self.run(num_images=2, aspect_ratio="16:9")["outputs"]
        return self.run(VIDEO, image=first, end_image=last, duration=3, sound=True)

    def at_once(self) -> Any:
        """A clip that the answer waits for."""
        (still,) = self.run()["outputs"]
        return self.client.run(VIDEO, {"image": still}, enable_sync_mode=True)

    def wrong_key(self) -> Any:
        """A picture with a key that is none."""
        return Client(api_key=WRONG_KEY, base_url=self.places.base).run(IMAGE, PROMPT)

    def planned(self, rule: dict[str, Any], job: Callable[[], Any]) -> Callable[[], Any]:
        """A job while something goes wrong."""

        def run() -> Any:
            self.places.plan(rule)
            try:
                return job()
            finally:
                self.places.plan()

        return run

    def all(self) -> dict[str, Callable[[], Any]]:
        """Every job."""
        failing = {"point": "task", "fault": {"fail": {"code": "5000", "message": "internal"}}}
        away = {"status": {"status": 503}}
        return {
            "picture": self.run,
            "pair": lambda: self.run(num_images=2),
            "upload": self.upload,
            "clip": self.clip,
            "at_once": self.at_once,
            "wrong_key": self.wrong_key,
            "wrong_size": lambda: self.run(resolution="9k"),
            "refused": self.planned(
                {"point": "submit-before-billing", "fault": "moderated"}, self.run
            ),
            "moderated": self.planned({"point": "task", "fault": "moderated"}, self.run),
            "failed": self.planned(failing, self.run),
            "flapping": self.planned({"point": "poll", "fault": away, "times": 1}, self.run),
            "lost": self.planned({"point": "submit-after-billing", "fault": "drop"}, self.run),
            "told": self.planned(
                failing,
                lambda: self.client.run_no_throw(IMAGE, PROMPT, poll_interval=0.05),
            ),
        }


async def main() -> None:
    """All of them, one after the other: the library knows no event loop."""
    outcomes = {}
    for name, job in Jobs(Places.given()).all().items():

        async def called(job: Callable[[], Any] = job) -> Any:
            return job()

        outcomes[name] = await told(called)
    report(outcomes)


asyncio.run(main())
