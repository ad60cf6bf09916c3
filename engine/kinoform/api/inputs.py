"""What a film takes in: the files that it may name, and the addresses that a plan reads.

Pure but for one look-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinoform.core.types import Url
from kinoform.spec.paths import path_fault, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kinoform.api.planning import Planned
    from kinoform.core.types import Blob
    from kinoform.spec.document import Document


def files(document: Document) -> Iterator[str]:
    """Every text of a pipeline that could be the path of a file, as it is written."""
    parts = [document.vars, document.characters.items, document.styles.items, document.shots.items]
    parts += [each.items for each in document.data.values()]
    parts += [step.with_ for step in document.steps.values()]
    return (tidy(text) for text in _texts(parts) if "." in text and not path_fault(text))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


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
    blobs, unknown = planned.survey.world.blobs, planned.survey.unknown
    if not unknown and not any(isinstance(source, Url) for source in blobs):
        return {}  # what reads an address is not known before that is pinned
    active = {name for lot in planned.plan.decisions.active.lots for name in lot.ids}
    wanted = {u: blobs.get(u) for step, u in addresses(planned) if u not in blobs or step in active}
    here = planned.survey.world.present({blob.digest for blob in wanted.values() if blob})
    return {u: blob for u, blob in wanted.items() if blob is None or blob.digest not in here}
