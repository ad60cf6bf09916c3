"""Which keys are known before anything runs, and which wait for what.

Walks the graph once in order. A key behind a hosted step is known only when that step's result is
recorded; behind local and drafted steps it follows from the derivation. Results are looked up in
batches: all keys found so far at once, and only when somebody downstream must know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from kinoform.core import picks
from kinoform.core.address import masked
from kinoform.core.classes import dataclass
from kinoform.core.equates import Older, taken, ways
from kinoform.core.graph import refs
from kinoform.core.manifest import (
    fill,
    key_of,
    manifest,
    recipe_of,
    sources,
    spell,
    spelled,
    spelled_op,
    text_key,
    unspelled,
)
from kinoform.core.stencil import Filled
from kinoform.core.types import Bytes, Derived, Late, Reason, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from decimal import Decimal
    from typing import TypeAlias

    from kinoform.core.equates import Equate, Link
    from kinoform.core.tasks import Task
    from kinoform.core.types import Blob, Facts, Gist, Graph, Identity, Pick, Result, Source, Step

    Node: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a plan reads besides the graph; all of it is a read.

    `results` and `present` answer a batch, and so does `gists`, which tells less of them; `blobs` holds project files, data URIs and pinned
    addresses; `picks` is what people chose, by step id, and `chosen` those bytes. `heads` is the key
    that each (step id, take) had last in this project; `more` are the takes that a step ever had,
    under whatever recipe. `tasks` gives the attempts to buy these keys, in order; `dearer` says by
    what factor a model's last purchases took more than its file says; `equates` are what people
    said counts as the same.
    """

    results: Callable[[Collection[str]], Mapping[str, Result]]
    gists: Callable[[Collection[str]], Mapping[str, Gist]]
    present: Callable[[Collection[str]], set[str]]
    blobs: Mapping[Source, Blob]
    heads: Mapping[tuple[str, int], str] = field(default_factory=dict)
    picks: Mapping[str, Pick] = field(default_factory=dict)
    chosen: Mapping[str, Blob] = field(default_factory=dict)
    tasks: Callable[[Collection[str]], Iterable[Task]] = lambda _keys: ()
    dearer: Mapping[str, Decimal] = field(default_factory=dict)
    more: Mapping[str, Collection[int]] = field(default_factory=dict)
    equates: Sequence[Equate] = ()


def several(nodes: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """The takes after the first among these (step id, take), by step; for `World.more`."""
    found: dict[str, set[int]] = {}
    for step, take in nodes:
        if take > 1:
            found.setdefault(step, set()).add(take)
    return found


_ONE = (1,)


class Unknown(Exception):  # noqa: N818  (not a fault: the answer to a question asked too early)
    """A key, an identity or a fact that is known only after something else has run."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.kind)


def settled(step: Step, facts_of: Callable[[Ref], Facts | None]) -> Step:
    """The step with every late value evaluated. Raises Unknown while a fact is missing."""
    if not step.late:
        return step

    def leaf(value: Any) -> Any:
        if not isinstance(value, Late):
            return value
        known = {ref: _known(ref, facts_of(ref)) for ref in value.refs}
        return value.value(known)

    params = fill(step.params, leaf)
    return _with_params(step, params)


def _with_params(step: Step, params: Mapping[str, Any]) -> Step:
    return replace(step, params=params, inputs=sources(params), late=False)


def _known(ref: Ref, facts: Facts | None) -> Facts:
    if facts is None:
        raise Unknown(Reason("known-after-run", ref.step))
    return facts


class Manifests(Mapping["Node", dict[str, Any]]):
    """Manifests by node, in the order in which they came to be known.

    Most are never asked for: of a request that was spelled, only how its inputs were is kept.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._told: dict[Node, dict[str, Any] | list[str]] = {}

    def put(self, node: Node, told: dict[str, Any] | list[str]) -> None:
        """Keep a manifest, or how the inputs of one were spelled."""
        self._told[node] = told

    def __getitem__(self, node: Node) -> dict[str, Any]:
        """The manifest of a node. Raises KeyError while it is not known."""
        told = self._told[node]
        if isinstance(told, list):
            told = self._told[node] = unspelled(self._graph.steps[node[0]], node[1], told)
        return told

    def __iter__(self) -> Iterator[Node]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)


class Survey:
    """Keys, manifests and recorded results of the steps in `scope`, filled by `walk`.

    Of steps in `again` that are lost nobody knows yet what they will be; `retake` are takes beyond
    those of the file that are to be made.

    `current` is the take that a person chose, for steps whose recipe is still the one chosen from;
    `beyond` gives the takes of a step that the file does not ask for; `equated` says of those that
    stand on what was made from other bytes why they may.
    """

    def __init__(
        self,
        graph: Graph,
        world: World,
        scope: Collection[int],
        again: Collection[int] = (),
        retake: Collection[Node] = (),
    ) -> None:
        self.graph, self.world, self.scope = graph, world, scope
        self._again, self.retake = again, retake
        self.keys: dict[Node, str] = {}
        self.manifests = Manifests(graph)
        self.unknown: dict[Node, Reason] = {}
        self.first: dict[str, Node] = {}
        self.current: dict[str, int] = {}
        self.beyond: dict[int, list[int]] = {}
        self.equated: dict[Node, tuple[Equate, ...]] = {}
        self._made: dict[Node, str] = {}
        self._ops: dict[tuple[str, int], str] = {}
        self._older = Older(world.equates)
        self._plain: dict[Node, dict[str, Any]] = {}
        self._also: dict[Node, dict[str, tuple[Equate, ...]]] = {}
        self._found: dict[str, Gist] = {}
        self._results: dict[str, Result] = {}
        self._unread: set[str] = set()
        self._asked: dict[str, None] = {}  # in file order, in which most lie in the ledger, too

    def walk(self) -> Survey:
        """Visit every take of every step in scope."""
        for number in self.graph.order:
            step = self.graph.steps[number]
            if number in self.scope and not step.skip:
                for take in range(1, step.takes + 1):
                    self._visit(step, (number, take))
        self._go_beyond()
        return self

    def takes(self, number: int) -> Sequence[int]:
        """The takes of a step: those of the file, then those beyond them by the recipe of today."""
        takes = self.graph.steps[number].takes
        if takes == 1 and number not in self.beyond:
            return _ONE
        return (*range(1, takes + 1), *self.beyond.get(number, ()))

    def is_one_of_many(self, node: Node) -> bool:
        """Whether its step has several takes, so that each is told by its recipe and number."""
        number = node[0]
        several = self.graph.steps[number].takes > 1 or number in self.beyond
        return several or node in self.retake

    def _go_beyond(self) -> None:
        """Takes beyond those of the file count if they have a result, or are to be made."""
        found = {node: self._retaken(node) for node in self._beyond_nodes()}
        keys = {node: key_of(document) for node, document in found.items()}
        known = self._look_up(set(keys.values())) if keys else {}
        for node, key in keys.items():
            if key in known or node in self.retake:
                self.beyond.setdefault(node[0], []).append(node[1])
                self.manifests.put(node, found[node])
                self._know(node, key)

    def _beyond_nodes(self) -> Iterator[Node]:
        wanted = {(n, take) for n, take in self.retake}
        index = self.graph.index
        for name in {*self.world.more, *self.world.picks} & index.keys():
            wanted |= {(index[name], take) for take in self.world.more.get(name, ())}
            if name in self.world.picks:
                wanted.add((index[name], self.world.picks[name].take))
        for node in sorted(wanted):
            if node[1] > self.graph.steps[node[0]].takes and (node[0], 1) in self.manifests:
                yield node

    def recipe(self, number: int) -> dict[str, Any]:
        """The request that one more take of a step would be, but for its number. Raises KeyError."""
        return self._plain.get((number, 1)) or self.manifests[number, 1]

    def _retaken(self, node: Node) -> dict[str, Any]:
        return {**self.recipe(node[0]), "take": node[1]}

    def _visit(self, step: Step, node: Node) -> None:
        try:
            if isinstance(step.params, Filled):
                key = self._spell(step, step.params, node)
            else:
                step = settled(step, self._facts)
                document = manifest(step, node[1], self.identity)
                key = key_of(document)
                self.manifests.put(node, document)
        except Unknown as unknown:
            gates = filter(None, map(self._gate, refs(step)))
            self.unknown[node] = next(gates, unknown.reason)
            return
        self._know(node, key)
        self._asked[key] = None
        if self._older and step.inputs:
            self._equate(step, node, key)

    def _spell(self, step: Step, params: Filled, node: Node) -> str:
        """The key of a request of a known shape, by its canonical text alone. Raises Unknown."""
        inputs = [*map(self._spelled, step.inputs.values())]
        self.manifests.put(node, inputs)
        op = step.op.name, step.op.version
        told = self._ops.get(op)
        if told is None:
            told = self._ops[op] = spelled_op(step.op)
        return text_key(spell(params, told, node[1], inputs))

    def _spelled(self, source: Source) -> str:
        """How an input is spelled; what was made here and nobody chose or reviews, at first sight."""
        if isinstance(source, Ref) and (key := self._made.get(self.node(source))):
            return f'{{"$made":"{key}","index":{source.index}}}'
        return spelled(self.identity(source))

    def _equate(self, step: Step, node: Node, key: str) -> None:
        """Where nothing was made from the bytes of now, what was made from what they count as."""
        chains = {source: self._chain(source) for source in step.inputs.values()}
        rows = [taken(chains, way) for way in ways(list(chains.values()))][1:]
        found = [(manifest(step, node[1], names.__getitem__), by) for names, by in rows]
        others = {key_of(document): (document, by) for document, by in found}
        if step.op.kind != "hosted":  # made anew for nothing; who reads it may stand on the old one
            self._also[node] = {other: by for other, (_, by) in others.items()}
        elif others and self.gist(node) is None:
            known = self._look_up(others)
            stands = next((other for other in others if other in known), None)
            if stands is not None:
                if self.first[key] == node:
                    del self.first[key]
                self._plain[node] = self.manifests[node]
                document, self.equated[node] = others[stands]
                self.manifests.put(node, document)
                self._know(node, stands)

    def _chain(self, source: Source) -> list[Link]:
        links: list[Link] = [(self.identity(source), ())]
        if isinstance(source, Ref) and isinstance(links[0][0], Derived):
            also = self._also.get(self.node(source), {})
            links += [(Derived(key, source.index), by) for key, by in also.items()]
        return self._older.chain(links)

    def _know(self, node: Node, key: str) -> None:
        self.keys[node] = key
        self.first.setdefault(key, node)
        step = self.graph.steps[node[0]]
        name, pick = step.id, self.world.picks.get(step.id)
        if pick is None and step.op.kind != "hosted" and not step.gate:
            self._made[node] = key
        # Of a take that nobody knows there is no node: it stands as what was chosen earlier does.
        if pick is None or node[1] != pick.take:
            return
        if pick.recipe == recipe_of(self.manifests[node]):
            self.current[name] = pick.take

    def node(self, ref: Ref) -> Node:
        """The node that a reference means: its own take, or the current one (else the first)."""
        return self.graph.index[ref.step], ref.take or self.current.get(ref.step, 1)

    def pick(self, node: Node) -> Pick | None:
        """What was chosen for a step under an earlier recipe, or adopted: it stands for the step."""
        if not self.world.picks:
            return None
        name = self.graph.steps[node[0]].id
        return None if name in self.current else self.world.picks.get(name)

    def gist(self, node: Node) -> Gist | None:
        """The recorded result of a node in short, if its key is known and was ever answered."""
        if self._asked:
            self._catch_up()
        return self._found.get(self.keys.get(node, ""))

    def gists(self, nodes: Iterable[Node]) -> dict[str, Gist]:
        """The recorded results among these nodes, by key."""
        self._catch_up()
        found, keys = self._found, self.keys
        named = filter(found.__contains__, map(keys.get, nodes)) if found else ()
        return {key: found[key] for key in named if key}

    def result(self, node: Node) -> Result | None:
        """The whole record of the same."""
        return self.known(self.keys.get(node, ""))

    def known(self, key: str) -> Result | None:
        """The recorded result of a key that was met on the way; who asks for one reads all of them."""
        self._catch_up()
        if self._unread and key in self._found:
            self._results.update(self.world.results(self._unread))
            self._unread = set()
        return self._results.get(key)

    def _catch_up(self) -> None:
        asked, self._asked = self._asked, {}
        if asked:
            self._look_up(asked)

    def _look_up(self, keys: Collection[str]) -> Mapping[str, Gist]:
        found = self.world.gists(keys)
        self._found.update(found)
        self._unread.update(found)
        return found

    def identity(self, source: Source) -> Identity:
        """What stands for an input in the key. Raises Unknown."""
        if isinstance(source, Ref):
            return self._artifact(source)
        blob = self.world.blobs.get(source)
        if blob is None:
            raise Unknown(Reason("known-after-run", masked(getattr(source, "url", ""))))
        return Bytes(blob.digest)

    def _artifact(self, ref: Ref) -> Identity:
        node = self.node(ref)
        step = self.graph.steps[node[0]]
        if ref.take is None and step.id in self.world.picks:
            return picks.identity(self.world.picks[step.id], ref.index)
        behind = node in self.unknown
        if (step.gate or behind) and (gate := self._gate(ref)):
            raise Unknown(gate)
        if behind:
            raise Unknown(Reason("upstream", step.id))
        if step.op.kind != "hosted":
            return Derived(self.keys[node], ref.index)
        gist = self.gist(node)
        if gist is None or ref.index >= len(gist.outputs) or self._anew(node, gist):
            raise Unknown(Reason("upstream", step.id))
        return Bytes(gist.outputs[ref.index].digest)

    def _gate(self, ref: Ref) -> Reason | None:
        """The review that an input stands behind, which no run gets past, whatever else is made."""
        step = self.graph.steps[self.graph.index[ref.step]]
        if ref.take is None and step.id in self.world.picks:
            return None
        behind = self.unknown.get(self.node(ref))
        is_open = ref.take is None and step.gate == "review"
        shut = is_open or (behind is not None and behind.kind == "pick")
        return Reason("pick", step.id) if shut else None

    def _anew(self, node: Node, gist: Gist) -> bool:
        """Whether other bytes will be bought in place of these, which are gone."""
        digests = {blob.digest for blob in gist.outputs}
        return node[0] in self._again and self.world.present(digests) != digests

    def _facts(self, ref: Ref) -> Facts | None:
        if ref.take is None and ref.step in self.world.chosen:
            return self.world.chosen[ref.step].facts
        gist = self.gist(self.node(ref))
        return gist.outputs[ref.index].facts if gist and ref.index < len(gist.outputs) else None
