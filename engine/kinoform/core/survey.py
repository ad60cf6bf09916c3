"""Which keys are known before anything runs, and which wait for what.

Walks the graph once in order. A key behind a hosted step is known only when that step's result is
recorded; behind local and drafted steps it follows from the derivation. Results are looked up in
batches: all keys found so far at once, and only when somebody downstream must know.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from kinoform.core import picks
from kinoform.core.address import masked
from kinoform.core.equates import Older, taken, ways
from kinoform.core.fans import at_once
from kinoform.core.graph import refs
from kinoform.core.late import Unknown, settled
from kinoform.core.manifest import (
    around_params,
    key_of,
    manifest,
    recipe_of,
    spell,
    spelled,
    spelled_op,
    text_key,
)
from kinoform.core.manifests import Manifests
from kinoform.core.stencil import Filled
from kinoform.core.types import Bytes, Derived, Reason, Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kinoform.core.equates import Equate, Link
    from kinoform.core.manifests import Node
    from kinoform.core.types import (
        Facts,
        Fan,
        Gist,
        Graph,
        Identity,
        Op,
        Pick,
        Result,
        Source,
        Step,
    )
    from kinoform.core.world import World


_ONE = (1,)
_FIRST = (None, 1)  # what a reference says that means the only take


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
        self.spelled: list[tuple[Sequence[Node], Sequence[str]]] = []
        self._made: dict[str, str] = {}
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
        fans = at_once(self.graph, self._is_plain)
        patterns, done = self.graph.patterns, set[int]()
        for number in self.graph.order:
            if number in fans:
                self._spell_fan(fans[number])
                done.update(fans[number].numbers)
            if number in self.scope and number not in done and not patterns[number].skip:
                step = self.graph.steps[number]
                for take in range(1, step.takes + 1):
                    self._visit(step, (number, take))
        if self.spelled and len(self.first) < len(self.keys):
            self._put_first()
        self._go_beyond()
        return self

    def _put_first(self) -> None:
        """Of equal requests the first in the order has it, also where a fan was spelled at once."""
        place = {number: place for place, number in enumerate(self.graph.order)}
        for node in sorted(self.keys, key=lambda n: (place[n[0]], n[1]), reverse=True):
            self.first[self.keys[node]] = node

    def takes(self, number: int) -> Sequence[int]:
        """The takes of a step: those of the file, then those beyond them by the recipe of today."""
        takes = self.graph.patterns[number].takes
        if takes == 1 and number not in self.beyond:
            return _ONE
        return (*range(1, takes + 1), *self.beyond.get(number, ()))

    def is_one_of_many(self, node: Node) -> bool:
        """Whether its step has several takes, so that each is told by its recipe and number."""
        number = node[0]
        several = self.graph.patterns[number].takes > 1 or number in self.beyond
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
            if node[1] > self.graph.patterns[node[0]].takes and (node[0], 1) in self.manifests:
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
            self._wait(node, refs(step), unknown)
            return
        self._know(node, key)
        self._asked[key] = None
        if self._older and step.inputs:
            self._equate(step, node, key)

    def _wait(self, node: Node, sources: Iterable[Ref], unknown: Unknown) -> None:
        """Note what a node waits for: a review that it stands behind before all else."""
        self.unknown[node] = next(filter(None, map(self._gate, sources)), unknown.reason)

    def _spell(self, step: Step, params: Filled, node: Node) -> str:
        """The key of a request of a known shape, by its canonical text alone. Raises Unknown."""
        inputs = [*map(self._spelled, step.inputs.values())]
        self.manifests.put(node, inputs)
        return text_key(spell(params, self._op(step.op), node[1], inputs))

    def _op(self, op: Op) -> str:
        known = op.name, op.version
        if known not in self._ops:
            self._ops[known] = spelled_op(op)
        return self._ops[known]

    def _spelled(self, source: Source) -> str:
        """How an input is spelled; what was made here and nobody chose or reviews, at first sight."""
        if isinstance(source, Ref) and source.take in _FIRST and source.step in self._made:
            return f'{{"$made":"{self._made[source.step]}","index":{source.index}}}'
        return spelled(self.identity(source))

    def _spelled_column(self, refs: Sequence[Ref]) -> list[str]:
        """The same of artifacts that are alike in take and index. Raises Unknown."""
        made, index = self._made, refs[0].index
        if refs[0].take in _FIRST and made.keys() >= {ref.step for ref in refs}:
            return [f'{{"$made":"{made[ref.step]}","index":{index}}}' for ref in refs]
        return [*map(self._spelled, refs)]

    def _is_plain(self, fan: Fan) -> bool:
        """Whether nothing is special about any step of a fan."""
        if self._older or not self.world.picks.keys().isdisjoint(fan.ids) or fan.pattern.takes > 1:
            return False
        return all(map(self.scope.__contains__, fan.numbers))

    def _spell_fan(self, fan: Fan) -> None:
        """The keys of a whole fan by its columns; of rows that wait for something, why."""
        nodes: Sequence[Node] = [(number, 1) for number in fan.numbers]
        texts = [[*map(quoted, column)] for column in fan.texts]
        try:
            inputs = [self._spelled_column(column) for column in fan.inputs]
        except Unknown:
            known = self._known_rows(fan, nodes)
            nodes, texts = [nodes[r] for r in known], [[t[r] for r in known] for t in texts]
            inputs = [*map(list, zip(*known.values(), strict=True))]
        if nodes:
            self._know_fan(fan, nodes, texts, inputs)

    def _known_rows(self, fan: Fan, nodes: Sequence[Node]) -> dict[int, list[str]]:
        """The rows that wait for nothing, with how their inputs are spelled."""
        known = {}
        for row, sources in enumerate(zip(*fan.inputs, strict=True)):
            try:
                known[row] = [*map(self._spelled, sources)]
            except Unknown as unknown:
                self._wait(nodes[row], sources, unknown)
        return known

    def _know_fan(
        self,
        fan: Fan,
        nodes: Sequence[Node],
        texts: Sequence[Sequence[str]],
        inputs: Sequence[Sequence[str]],
    ) -> None:
        self.manifests.put_all(nodes, inputs)
        around = around_params(self._op(fan.pattern.op), 1)
        keys = [*map(text_key, fan.stencil.texts([*texts, *inputs], around))]
        self.keys.update(zip(nodes, keys, strict=True))
        for node, key in zip(nodes, keys, strict=True):
            self.first.setdefault(key, node)
        if fan.pattern.op.kind != "hosted" and not fan.pattern.gate:
            ids = self.graph.ids
            self._made.update((ids[n], key) for (n, _), key in zip(nodes, keys, strict=True))
        self._asked.update(dict.fromkeys(keys))
        self.spelled.append((nodes, keys))

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
        step, name = self.graph.patterns[node[0]], self.graph.ids[node[0]]
        pick = self.world.picks.get(name)
        if pick is None and step.op.kind != "hosted" and not step.gate and node[1] == 1:
            self._made[name] = key
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
        name = self.graph.ids[node[0]]
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
        if ref.take in _FIRST and ref.step in self._made:
            return Derived(self._made[ref.step], ref.index)
        node = self.node(ref)
        step, name = self.graph.patterns[node[0]], ref.step
        if ref.take is None and name in self.world.picks:
            return picks.identity(self.world.picks[name], ref.index)
        behind = node in self.unknown
        if (step.gate or behind) and (gate := self._gate(ref)):
            raise Unknown(gate)
        if behind:
            raise Unknown(Reason("upstream", name))
        if step.op.kind != "hosted":
            return Derived(self.keys[node], ref.index)
        gist = self.gist(node)
        if gist is None or ref.index >= len(gist.outputs) or self._anew(node, gist):
            raise Unknown(Reason("upstream", name))
        return Bytes(gist.outputs[ref.index].digest)

    def _gate(self, ref: Ref) -> Reason | None:
        """The review that an input stands behind, which no run gets past, whatever else is made."""
        step = self.graph.patterns[self.graph.index[ref.step]]
        if ref.take is None and ref.step in self.world.picks:
            return None
        behind = self.unknown.get(self.node(ref))
        is_open = ref.take is None and step.gate == "review"
        shut = is_open or (behind is not None and behind.kind == "pick")
        return Reason("pick", ref.step) if shut else None

    def _anew(self, node: Node, gist: Gist) -> bool:
        """Whether other bytes will be bought in place of these, which are gone."""
        digests = {blob.digest for blob in gist.outputs}
        return node[0] in self._again and self.world.present(digests) != digests

    def _facts(self, ref: Ref) -> Facts | None:
        if ref.take is None and ref.step in self.world.chosen:
            return self.world.chosen[ref.step].facts
        gist = self.gist(self.node(ref))
        return gist.outputs[ref.index].facts if gist and ref.index < len(gist.outputs) else None
