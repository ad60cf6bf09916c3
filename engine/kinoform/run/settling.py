"""What a run knows of nodes that are over or known already: keys, recipes, outputs.

The same questions that `core.survey` answers before a run, answered with what the run has made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.address import not_here
from kinoform.core.errors import KinoformError, Problem
from kinoform.core.late import settled
from kinoform.core.manifest import bind, recipe_of
from kinoform.core.types import Bytes, Derived, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kinoform.core.manifests import Node
    from kinoform.core.survey import Survey
    from kinoform.core.types import Action, Blob, Facts, Identity, Source, Step
    from kinoform.run.nodes import Nodes


class Known:
    """Keys, recipes and outputs by place (a node's number in the run)."""

    def __init__(self, survey: Survey, nodes: Nodes) -> None:
        self._survey, self._nodes = survey, nodes
        self.keys: dict[int, str] = {}
        self.recipes: dict[int, str] = {}
        self.outputs: dict[int, tuple[Blob, ...]] = {}

    def recall(self, place: int) -> None:
        """Take over what the survey knew of a node."""
        node = self._nodes.nodes[place]
        if node in self._survey.keys:
            self._keep(place, self._survey.keys[node], self._survey.manifests)
        gist = self._survey.gist(node)
        if gist is not None:
            self.outputs[place] = gist.outputs

    def _keep(self, place: int, key: str, manifests: Mapping[Node, Mapping[str, Any]]) -> None:
        """A node's key, and where it has a recipe of its own, that: most manifests are never asked for."""
        self.keys[place] = key
        node = self._nodes.nodes[place]
        if self._survey.is_one_of_many(node):
            self.recipes[place] = recipe_of(manifests[node])

    def foreseen(self, place: int) -> bool:
        """Whether the plan knew this node's key."""
        return self._nodes.nodes[place] in self._survey.keys

    def bind(self, place: int, check: Callable[[Step], None]) -> tuple[Action, dict[Source, Blob]]:
        """The exact request of a node whose needs are settled, and the bytes that it names.

        `check` judges a request whose late values are known only now. Raises KinoformError.
        """
        planned = self._nodes.steps[place]
        step = settled(planned, self._facts)
        late = step is not planned
        if late:
            check(step)
        sources = dict.fromkeys(step.inputs.values())
        blobs = {source: self._blob(source) for source in sources}
        identities = {source: self._identity(source) for source in sources}
        known = None if late else self._foretold(place, identities)
        action = bind(step, self._nodes.nodes[place][1], identities, blobs, known)
        self._keep(place, action.key, {self._nodes.nodes[place]: action.manifest})
        return action, blobs

    def _foretold(
        self, place: int, identities: Mapping[Source, Identity]
    ) -> tuple[str, Mapping[str, Any]] | None:
        """The key and manifest that the plan knew, where all inputs came out as it took them for."""
        node, survey = self._nodes.nodes[place], self._survey
        if node not in survey.keys or not all(map(self._as_planned, identities.items())):
            return None
        return survey.keys[node], survey.manifests[node]

    def _as_planned(self, found: tuple[Source, Identity]) -> bool:
        source, identity = found
        if not isinstance(source, Ref):
            return True
        planned = self._survey.keys.get(self._survey.node(source))
        return isinstance(identity, Derived) and identity.key == planned

    def _at(self, ref: Ref) -> int:
        place = self._nodes.at[self._survey.node(ref)]
        if place not in self.keys and place in self._nodes.settled:
            self.recall(place)
        return place

    def _identity(self, source: Source) -> Identity:
        if not isinstance(source, Ref):
            return self._survey.identity(source)
        place = self._at(source)
        chosen = source.take is None and source.step in self._survey.world.chosen
        if chosen:
            return self._survey.identity(source)
        if self._nodes.step(place).op.kind == "hosted":
            return Bytes(self._blob(source).digest)
        return Derived(self.keys[place], source.index)

    def _blob(self, source: Source) -> Blob:
        if not isinstance(source, Ref):
            return self._given(source)
        if source.take is None and source.step in self._survey.world.chosen:
            return self._survey.world.chosen[source.step]
        outputs = self.outputs.get(self._at(source), ())
        if source.index >= len(outputs):
            said = f"{source.step} made {len(outputs)} results, number {source.index + 1} is wanted"
            raise KinoformError(Problem("result-missing", said))
        return outputs[source.index]

    def _given(self, source: Source) -> Blob:
        blob = self._survey.world.blobs.get(source)
        if blob is None:  # only an address can be without: it was not fetched before
            raise KinoformError(not_here(getattr(source, "url", "")))
        return blob

    def _facts(self, ref: Ref) -> Facts | None:
        return self._blob(ref).facts
