"""Which addresses a plan reads, and which of them are still to be fetched. Pure but for one look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kinoform.core.types import Url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.api.planning import Planned
    from kinoform.core.types import Blob

_ACTIVE: Final = ("run", "wait")


def addresses(planned: Planned) -> Iterator[tuple[str, Url]]:
    """Every address that the steps of a plan read, with the id of the step, in file order."""
    for number in sorted(planned.survey.scope):
        step = planned.graph.steps[number]
        for source in () if step.skip else step.inputs.values():
            if isinstance(source, Url):
                yield step.id, source


def pinned(planned: Planned) -> dict[Url, Blob]:
    """What the addresses of a plan are pinned to."""
    blobs = planned.survey.world.blobs
    return {url: blobs[url] for _, url in addresses(planned) if url in blobs}


def unfetched(planned: Planned) -> dict[Url, Blob | None]:
    """Addresses whose bytes a run needs and has not, with what they are pinned to.

    All that are not pinned, because keys follow from them; of the others what steps will read.
    """
    blobs = planned.survey.world.blobs
    active = {d.step for d in planned.plan.decisions if d.verdict in _ACTIVE}
    wanted = {u: blobs.get(u) for step, u in addresses(planned) if u not in blobs or step in active}
    here = planned.survey.world.present({blob.digest for blob in wanted.values() if blob})
    return {u: blob for u, blob in wanted.items() if blob is None or blob.digest not in here}
