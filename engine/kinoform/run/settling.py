"""What a run knows of nodes that are over or known already: keys, recipes, outputs.

The same questions that `core.survey` answers before a run, answered with what the run has made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.core.address import not_here
from kinoform.core.errors import KinoformError, Problem
from kinoform.core.late import settled
from kinoform.core.manifest import bind, recipe_of, written
from kinoform.core.stencil import Filled
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
        found = {source: self._input(source) for source in step.inputs.values()}
        blobs = {source: blob for source, (blob, _, _) in found.items()}
        identities = {source: identity for source, (_, identity, _) in found.items()}
        as_planned = not late and all(is_so for _, _, is_so in found.values())
        known = self._foretold(place, step, identities) if as_planned else None
        action = bind(step, self._nodes.nodes[place][1], identities, blobs, known)
        self._keep(place, action.key, {self._nodes.nodes[place]: action.manifest})
        return action, blobs

    def _foretold(
        self, place: int, step: Step, identities: Mapping[Source, Identity]
    ) -> tuple[str, Mapping[str, Any]] | None:
        """The key and manifest that the plan knew, if it did: all inputs came out as it took them for."""
        node, survey = self._nodes.nodes[place], self._survey
        if node not in survey.keys:
            return None
        if isinstance(step.params, Filled) and node[1] == 1 and node not in survey.equated:
            return survey.keys[node], written(step, step.params, identities)
        return survey.keys[node], survey.manifests[node]

    def _input(self, source: Source) -> tuple[Blob, Identity, bool]:
        """What stands for an input, its identity, and whether the plan took it for that."""
        survey = self._survey
        if not isinstance(source, Ref):
            return self._given(source), survey.identity(source), True
        node, place = self._at(source)
        planned = survey.keys.get(node)
        if source.take is None and source.step in survey.world.chosen:
            identity = survey.identity(source)
            is_so = isinstance(identity, Derived) and identity.key == planned
            return survey.world.chosen[source.step], identity, is_so
        blob = self._output(source, place)
        if self._nodes.step(place).op.kind == "hosted":
            return blob, Bytes(blob.digest), False
        return blob, Derived(self.keys[place], source.index), self.keys[place] == planned

    def _at(self, ref: Ref) -> tuple[Node, int]:
        node = self._survey.node(ref)
        place = self._nodes.at[node]
        if place not in self.keys and place in self._nodes.settled:
            self.recall(place)
        return node, place

    def _output(self, ref: Ref, place: int) -> Blob:
        outputs = self.outputs.get(place, ())
        if ref.index >= len(outputs):
            said = f"{ref.step} made {len(outputs)} results, number {ref.index + 1} is wanted"
            raise KinoformError(Problem("result-missing", said))
        return outputs[ref.index]

    def _given(self, source: Source) -> Blob:
        blob = self._survey.world.blobs.get(source)
        if blob is None:  # only an address can be without: it was not fetched before
            raise KinoformError(not_here(getattr(source, "url", "")))
        return blob

    def _facts(self, ref: Ref) -> Facts | None:
        return self._input(ref)[0].facts
