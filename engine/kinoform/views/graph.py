"""The graph as a drawing, in mermaid or dot: fan-outs as one node, or every instance. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.core.graph import refs
from kinoform.core.words import short
from kinoform.views.fields import NAMED
from kinoform.views.words import TIMES, home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.core.decisions import Plan
    from kinoform.core.types import Graph, Ref, Step
    from kinoform.views.fields import Fields

VERSION = 1
_MANY = "all"
_LABEL = 40


@dataclass(frozen=True, slots=True)
class Node:
    """A step (or an instance): its op, how many instances it stands for, how many of each verdict."""

    id: str
    op: str
    kind: str
    count: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Edge:
    """`to` is made from `of`; `label` says how, where it is not simply the same item."""

    of: str
    to: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes in file order and edges in the order of their nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def drawing(plan: Plan, graph: Graph, *, everything: bool = False) -> Drawing:
    """Steps with the edges between them; with `everything` each instance and inserted frame."""
    if everything:
        return _unfolded(plan, graph)
    visible = [step for step in graph.steps if not step.hidden]
    verdicts = _verdicts(plan, graph)
    groups: dict[str, list[Step]] = {}
    for step in visible:
        groups.setdefault(step.name, []).append(step)
    nodes = (
        Node(name, group[0].op.name, group[0].op.kind, len(group), verdicts.get(name, {}))
        for name, group in groups.items()
    )
    return Drawing(tuple(nodes), tuple(_folded_edges(graph, groups)))


def _verdicts(plan: Plan, graph: Graph) -> dict[str, Counter[str]]:
    """How many of each verdict, by step name; inserted frames have names of their own."""
    found: dict[str, Counter[str]] = {}
    for decision in plan.decisions:
        step = graph.steps[graph.index[decision.step]]
        found.setdefault(step.name, Counter())[decision.verdict] += 1
    return found


def _folded_edges(graph: Graph, groups: Mapping[str, Sequence[Step]]) -> Iterator[Edge]:
    places = {step.id: place for group in groups.values() for place, step in enumerate(group)}
    for name, group in groups.items():
        ways: dict[str, list[tuple[Step, Step, str]]] = {}
        for step in group:
            for source, frame in _sources(graph, step):
                ways.setdefault(source.name, []).append((source, step, frame))
        for above, pairs in ways.items():
            yield Edge(above, name, _label(pairs, places, len(groups[above])))
        for above in dict.fromkeys(home(need) for step in group for need in step.needs):
            if above not in ways:
                yield Edge(above, name, "then")


def _sources(graph: Graph, step: Step) -> Iterator[tuple[Step, str]]:
    """The visible steps that it reads, and the frame that it takes of each."""
    for ref in refs(step):
        yield _through(graph, ref)


def _through(graph: Graph, ref: Ref) -> tuple[Step, str]:
    step, frame = graph.steps[graph.index[ref.step]], ""
    while step.hidden:
        inner = next(refs(step))
        frame = frame or step.id.removeprefix(inner.step).rpartition(").")[2].lstrip(".")
        step = graph.steps[graph.index[inner.step]]
    return step, frame


def _label(pairs: Sequence[tuple[Step, Step, str]], places: Mapping[str, int], of: int) -> str:
    if of > 1 and _read_all(pairs, of):
        return _MANY
    said = dict.fromkeys(
        " ".join(filter(None, (_relation(source, step, places), frame)))
        for source, step, frame in pairs
    )
    return short(", ".join(word for word in said if word), _LABEL)


def _read_all(pairs: Sequence[tuple[Step, Step, str]], of: int) -> bool:
    """Whether every reader reads every instance."""
    read: dict[str, set[str]] = {}
    for source, step, _ in pairs:
        read.setdefault(step.id, set()).add(source.id)
    return all(len(names) == of for names in read.values())


def _relation(source: Step, step: Step, places: Mapping[str, int]) -> str:
    """Empty for the same item, prev or next within one collection, else the item's key."""
    if not source.item or _shares(source.item, step.item):
        return ""
    own = places.get(f"{source.name}@{step.item}")
    gap = 0 if own is None else places[source.id] - own
    return {-1: "prev", 1: "next"}.get(gap, source.item)


def _shares(source: str, item: str) -> bool:
    return set(source.split(".")) <= set(item.split("."))


def _unfolded(plan: Plan, graph: Graph) -> Drawing:
    verdicts: dict[str, Counter[str]] = {}
    for decision in plan.decisions:
        verdicts.setdefault(decision.step, Counter())[decision.verdict] += 1
    nodes = (Node(s.id, s.op.name, s.op.kind, 1, verdicts.get(s.id, {})) for s in graph.steps)
    edges = []
    for step in graph.steps:
        read = dict.fromkeys(ref.step for ref in refs(step))
        edges += [Edge(name, step.id) for name in read]
        edges += [Edge(name, step.id, "then") for name in step.needs if name not in read]
    return Drawing(tuple(nodes), tuple(edges))


def _caption(node: Node) -> tuple[str, str, str]:
    """Name, op, and what will happen."""
    name = f"{node.id} {TIMES} {node.count}" if node.count > 1 else node.id
    fate = ", ".join(f"{n} {verdict}" for verdict, n in node.verdicts.items())
    if node.count == 1 and sum(node.verdicts.values()) == 1:
        fate = next(iter(node.verdicts))
    return name, node.op, fate


def mermaid(found: Drawing) -> str:
    """The drawing as a mermaid flow chart."""
    names = {node.id: f"n{number}" for number, node in enumerate(found.nodes)}
    lines = ["flowchart LR"]
    for node in found.nodes:
        text = "<br/>".join(map(_mermaid_text, filter(None, _caption(node))))
        lines.append(f'    {names[node.id]}["{text}"]:::{node.kind}')
    for edge in found.edges:
        label = f'|"{_mermaid_text(edge.label)}"|' if edge.label else ""
        lines.append(f"    {names[edge.of]} -->{label} {names[edge.to]}")
    lines += [
        "    classDef hosted fill:#fde9c8,stroke:#b7791f,color:#222",
        "    classDef local fill:#e3edf7,stroke:#4a6fa5,color:#222",
        "    classDef draft fill:#eee,stroke:#777,color:#222,stroke-dasharray:4 3",
    ]
    return "\n".join(lines)


def _mermaid_text(text: str) -> str:
    return "".join(c if c.isalnum() or c in f" .,-_/:{TIMES}" else f"#{ord(c)};" for c in text)


def dot(found: Drawing) -> str:
    """The drawing for Graphviz."""
    fill = {"hosted": "#fde9c8", "local": "#e3edf7", "draft": "#eeeeee"}
    lines = [
        "digraph kinoform {",
        "    rankdir=LR;",
        '    node [shape=box, style="rounded,filled", fontname="Helvetica"];',
    ]
    for node in found.nodes:
        text = "\\n".join(map(_dot_text, filter(None, _caption(node))))
        color = fill.get(node.kind, "#ffffff")
        lines.append(f'    "{_dot_text(node.id)}" [label="{text}", fillcolor="{color}"];')
    for edge in found.edges:
        label = f' [label="{_dot_text(edge.label)}"]' if edge.label else ""
        lines.append(f'    "{_dot_text(edge.of)}" -> "{_dot_text(edge.to)}"{label};')
    return "\n".join([*lines, "}"])


def _dot_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


FIELDS: Fields = {
    **NAMED,
    "nodes": "list: a step each, or with --all an instance",
    "nodes[].id": "string: of the step or instance",
    "nodes[].op": "string: the full model id, or the local operation",
    "nodes[].kind": "string: hosted, local or draft",
    "nodes[].count": "integer: how many instances it stands for",
    "nodes[].verdicts": "map: how many of them have each verdict",
    "nodes[].verdicts.NAME": "integer: of this verdict",
    "edges": "list: in the order of their nodes",
    "edges[].from": "string: id of the node that is read, or only goes before",
    "edges[].to": "string: id of the node that is made from it",
    "edges[].label": "string or null: how, where it is not simply the same item",
}


def document(name: str, found: Drawing) -> dict[str, Any]:
    """The drawing as plain data."""
    return {
        "version": VERSION,
        "name": name,
        "nodes": [
            {
                "id": node.id,
                "op": node.op,
                "kind": node.kind,
                "count": node.count,
                "verdicts": dict(node.verdicts),
            }
            for node in found.nodes
        ],
        "edges": [_edge(edge) for edge in found.edges],
    }


def _edge(edge: Edge) -> dict[str, str | None]:
    return {"from": edge.of, "to": edge.to, "label": edge.label or None}


FORMATS = {"mermaid": mermaid, "dot": dot}


def text(found: Drawing, form: str) -> str:
    """The drawing in one of `FORMATS`."""
    return FORMATS[form](found)
