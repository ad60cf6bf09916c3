"""No draft bytes ever enter a hosted request, whatever was drafted, bought, edited or lost before."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from film import ENOUGH, Film
from hypothesis import given, settings
from hypothesis import strategies as st

from kinoform.api.project import Asked
from kinoform.core.types import Pick
from kinoform.run.bench import blobs_in
from kinoform.testing.fakes import by_key

if TYPE_CHECKING:
    from kinoform.api.project import Mode
    from kinoform.core.types import Action

DRAFT = "draft/sketch"
HOSTED = "runware/klingai:kling-image@3"
WITH = {
    "still": 'uses: {hosted}, with: {{prompt: "{words}", size: "1K 1:1"}}',
    "edit": 'uses: {hosted}, with: {{prompt: "{words}", image: "${{{{ out.{on} }}}}", size: "1K 1:1"}}',
    "resize": 'uses: local/resize, with: {{image: "${{{{ out.{on} }}}}", size: 512x512}}',
}

# What each step is, and the earlier one that it reads; what people do, one after the other.
graphs = st.lists(
    st.tuples(st.sampled_from(["edit", "edit", "resize", "still"]), st.integers(0, 9)),
    min_size=2,
    max_size=5,
)
deeds = st.lists(
    st.tuples(
        st.sampled_from(
            ["draft", "missing", "buy", "promote", "promote", "choose", "edit", "lose"]
        ),
        st.integers(0, 9),
    ),
    min_size=3,
    max_size=6,
)


def _text(graph: list[tuple[str, int]], words: list[str]) -> str:
    rows = ["kinoform: 1", "name: x", "steps:"]
    for n, (kind, back) in enumerate(graph):
        row = WITH[kind if n else "still"]
        on = f"s{back % n}" if n else ""
        rows.append(f"  s{n}: {{{row.format(hosted=HOSTED, words=words[n], on=on)}}}")
    return "\n".join(rows) + "\n"


class Story:
    """A film that people work on, and every request that its provider has seen."""

    def __init__(self, folder: Path, graph: list[tuple[str, int]]) -> None:
        self.graph, self.words = graph, [f"words {n}" for n in range(len(graph))]
        self.film = Film(folder, _text(graph, self.words))
        self.seen: list[Action] = []
        self.film.provider.answer = self._answer

    def _answer(self, action: Action) -> bytes:
        self.seen.append(action)
        return by_key(action)

    def act(self, deed: str, number: int) -> None:
        number %= len(self.graph)
        if deed == "edit":
            self.words[number] += " more"
            self.film.write(_text(self.graph, self.words))
        elif deed == "lose":
            for path in sorted(self.film.home.rglob("objects/*/*"))[number : number + 1]:
                path.unlink()
        elif deed == "promote":
            project = self.film.open("all" if number % 2 else "missing")
            project.run(project.plan(Asked(final=[f"s{number}"])), ENOUGH)
        elif deed == "choose":
            self._choose_a_draft(f"s{number}")
        else:
            modes: dict[str, Mode] = {"draft": "all", "missing": "missing", "buy": ""}
            project = self.film.open(modes[deed])
            project.run(project.plan(Asked([f"s{number}"])), ENOUGH)

    def _choose_a_draft(self, step: str) -> None:
        """Somebody lets a draft stand for a step, for the drafts alone."""
        project = self.film.open("all")
        key = project.home.ledger.heads(project.scope).get((step, 1), "")
        for result in project.records.results({key} - {""}).values():
            digest = result.outputs[0].digest
            project.picks.write(Pick(step, digest, "", 0, "ana", "today", "", "adopt", key))

    def drafts(self) -> set[str]:
        """Digests of everything that was drawn, or made from what was."""
        records = [e.data for e in self.film.open().home.ledger.events() if e.kind == "result"]
        return {
            output["digest"]
            for record in records
            if DRAFT in json.dumps(record)
            for output in record["outputs"]
        }


@given(graphs, deeds)
@settings(max_examples=40)
def test_no_draft_bytes_enter_a_hosted_request(
    graph: list[tuple[str, int]], todo: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        story = Story(Path(folder), graph)
        for deed in todo:
            story.act(*deed)
        story.act("buy", len(graph) - 1)
        drafts = story.drafts()
        for action in story.seen:
            assert DRAFT not in json.dumps(action.manifest, default=str)
            assert drafts.isdisjoint(blob.digest for blob in blobs_in(action.params))
