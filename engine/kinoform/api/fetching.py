"""What the addresses in a film give: fetched before anybody is asked for money, pinned in the lock.

The only bytes from outside that no provider named. They come in as results do: public hosts alone,
no credentials, capped, decoded whole by a worker.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kinoform.api.inputs import addresses, unfetched
from kinoform.api.lockbook import LockBook
from kinoform.api.picking import Change, compared
from kinoform.api.project import Project
from kinoform.api.pulling import regain
from kinoform.core.address import masked, named, refetch
from kinoform.core.classes import dataclass
from kinoform.core.errors import EnvError, Problem, UsageError
from kinoform.core.types import Blob, Expect, Url
from kinoform.core.words import short
from kinoform.ops import pictures
from kinoform.ports import FetchError
from kinoform.run.inspector import Inspector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kinoform.api.planning import Planned
    from kinoform.api.setting import Setting
    from kinoform.ports import Fetcher

MOST: Final = 2 * 2**30  # bytes that an address may give, as for a clip
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Refetched:
    """An address with what it was pinned to and what it gives now, and what that makes stale."""

    url: str
    before: Blob | None
    now: Blob
    change: Change


def brought(project: Project, setting: Setting, planned: Planned) -> Project:
    """The project to plan with: this one, or one that knows the addresses that were fetched.

    Looks into shared folders first. A draft and a frozen build fetch nothing. Raises EnvError with
    every address that gives nothing, no media, or other bytes than it was pinned to.
    """
    needed = {} if setting.draft or setting.frozen else unfetched(planned)
    lost = regain(project.home, {blob.digest: blob for blob in needed.values() if blob})
    urls = [url for url, blob in needed.items() if blob is None or blob.digest in lost]
    if not urls:
        return project
    came = fetched(project, setting, urls)
    problems = [_other(url, needed[url], blob) for url, blob in came.items()]
    if wrong := [problem for problem in problems if problem]:
        raise EnvError(wrong)
    book = LockBook(project.root)
    for url, blob in came.items():
        book.pin(url.url, blob)
    return Project.open(project.pipeline, setting, project.home.root)


def _other(url: Url, before: Blob | None, now: Blob) -> Problem | None:
    """What is said of an address that gives other bytes than it was pinned to."""
    if before is None or before.digest == now.digest:
        return None
    name = masked(url.url)
    said = f"{name} gives other bytes: pinned to {before.digest}, now {now.digest}"
    hint = f"kinoform pull DIR brings the old ones; {refetch(url.url)} pins the new"
    return Problem("input-changed", said, hint=hint)


def refetched(
    project: Project, setting: Setting, planned: Planned, words: Iterable[str]
) -> list[Refetched]:
    """Fetch these addresses anew; nothing is pinned yet. Raises UsageError, EnvError."""
    known = {named(url.url): url for _, url in addresses(planned)}
    urls = {word: known.get(_name(word)) for word in words}
    if unknown := [word for word, url in urls.items() if url is None]:
        raise UsageError([_unread(word, known) for word in unknown])
    asked = [url for url in urls.values() if url]
    blobs = planned.survey.world.blobs
    return [
        Refetched(url.url, blobs.get(url), blob, _change(planned, url, blob))
        for url, blob in fetched(project, setting, asked).items()
    ]


def _name(word: str) -> str:
    try:
        return named(word)
    except ValueError:
        return ""


def _unread(word: str, known: Iterable[str]) -> Problem:
    names = list(known)
    shown = ", ".join(short(name) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hint = f"it reads {shown}{more}" if names else "it reads no address at all"
    return Problem("no-such-input", f"the pipeline does not read {short(masked(word))}", hint=hint)


def _change(planned: Planned, url: Url, blob: Blob) -> Change:
    world = planned.survey.world
    return compared(planned, replace(world, blobs={**world.blobs, url: blob}))


def fetched(project: Project, setting: Setting, urls: Sequence[Url]) -> dict[Url, Blob]:
    """What each address gives, in the store and on the disk. Raises EnvError with every fault."""
    executor = setting.workers()
    inspector = Inspector(executor, setting.verify, project.home.store)
    try:
        came = asyncio.run(_all(setting.downloads(), inspector, urls))
    finally:
        inspector.close()
        executor.close(now=True)
    if faults := [each for each in came if isinstance(each, Problem)]:
        raise EnvError(faults)
    return {url: blob for url, blob in zip(urls, came, strict=True) if isinstance(blob, Blob)}


async def _all(
    downloads: Fetcher, inspector: Inspector, urls: Sequence[Url]
) -> list[Blob | Problem]:
    try:
        return await asyncio.gather(*(_one(downloads, inspector, url.url) for url in urls))
    finally:
        await downloads.close()


async def _one(downloads: Fetcher, inspector: Inspector, url: str) -> Blob | Problem:
    path = inspector.place()
    try:
        await downloads.fetch(url, path, MOST)
    except FetchError as error:
        return Problem("input-unreachable", f"{masked(url)}: {short(str(error))}")
    found = await inspector.take(path, Expect(_media(path)))
    if isinstance(found, Blob):
        return found
    return Problem("input-no-media", f"{masked(url)} gives no media: {short(found)}")


def _media(path: Path) -> str:
    """What it seems to be; a page or a text is to be refused as no picture."""
    media = pictures.sniff(path)
    return media if media.partition("/")[0] in ("image", "video", "audio") else "image/png"
