"""The short way to a request and the long one say the same, of right requests and of wrong ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml
from build_steps import answer
from hypothesis import given, settings
from hypothesis import strategies as st
from project_in_memory import document
from shipped_models import O3, PRO, THREE, WAVE, changed, model, shipped

from kinoform.core.errors import SpecError
from kinoform.core.graph import build
from kinoform.core.plan import plan, wish
from kinoform.core.types import Blob, Data, Facts, File, Pick, Url
from kinoform.core.world import World
from kinoform.spec.compile import compile_document
from kinoform.spec.judge import judge
from kinoform.spec.openness import openings
from kinoform.spec.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kinoform.core.types import Gist, Graph
    from kinoform.spec.catalog import Model
    from kinoform.spec.fields import Finding

MODELS = {
    "still": O3,
    "retouch": THREE,
    "motion": PRO,
    "other": WAVE,
}
WORDS = ("a lamp", "the sea at dusk", "é, ink", "l1\r\nl2\n", "<<<element_1>>>")
TEXTS = st.sampled_from(
    (
        *("", "x", *WORDS, " é ", "a" * 2501, "1K 16:9", "2K 1:1", "1080x1920", "first", "last"),
        *("MP4", "photo.jpg", "https://example.com/a.jpg"),
    )
)
VALUES = TEXTS | st.sampled_from([None, True, False, 0, 1, 5, 5.0, 3.5, 20, -1])
TEMPLATES = (
    *("{{ shot.x }}", "Wide, {{ shot.x }}, {{ shot.key }}", "${{ shot.n }}", "{{ shot['x'] }}"),
    *("{{ shot.none }}", "{{ shot.next.x }}", "{{ shot.x|upper }}", "{{ vars.look }}"),
    *("${{ out.a }}", "${{ out.b }}", "${{ out['a'] }}", "${{ out.a.prev }}", "${{ out.a.all }}"),
    *("${{ out.clip.last_frame }}", "${{ out.clip.prev.last_frame }}", "${{ out.clip.frame(2) }}"),
    *("${{ out.a.width }}", "${{ out.free }}", "{{ out.a }}", "${{ vars.look }}{{ x"),
    *("${{ out.wide }}", "${{ shot }}", "{{ tone }}", "${{ out.none }}", "{{ shots.s0.x }}"),
    *("{{ vars.ring }}", "one\ntwo {{ shot.x }}\n{{ shot.next }}"),
)
LEAVES = VALUES | st.sampled_from(TEMPLATES)
NAMES = (
    *("prompt", "size", "image", "references", "duration", "first_frame", "last_frame", "sound"),
    *("positivePrompt", "count", "format", "text", "inputs", "nothing", "elements", "resolution"),
)
GOOD: dict[str, dict[str, Any]] = {
    "a": {"prompt": "{{ shot.x }}, wide", "size": "1K 16:9"},
    "b": {"prompt": "ink {{ shot.x }}", "image": "${{ out.a }}", "size": "1K 16:9"},
    "clip": {"prompt": "slow {{ shot.x }}", "duration": "${{ shot.n }}",
             "first_frame": "${{ out.b }}", "last_frame": "${{ out.a.next }}"},
    "free": {"text": "{{ shot.x }} {{ shot.n }}", "inputs": ["${{ out.clip }}", "${{ out.a }}"]},
    "wide": {"text": "{{ tone }} {{ shot.x }}", "inputs": ["${{ out.a }}"]},
    "last": {"text": "{{ tone.key }}", "inputs": ["${{ out.wide }}"]},
}  # fmt: skip
USES = {"a": "still", "b": "retouch", "clip": "motion"}
TONES = {"tone": "data.tones"}
FANS = {"wide": {"shot": "shots", **TONES}, "last": {**TONES, "shot": "shots"}}


@st.composite
def steps(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One step: as a rule right."""
    given = dict(GOOD[name])
    if not draw(st.integers(0, 3)):
        odd = st.dictionaries(st.sampled_from(NAMES), LEAVES | st.lists(LEAVES, max_size=2))
        given |= draw(odd)
        given = {key: value for key, value in given.items() if draw(st.integers(0, 9))}
    fan = FANS.get(name, "shots")
    step: dict[str, Any] = {"uses": USES.get(name, "local/text"), "foreach": fan, "with": given}
    if not draw(st.integers(0, 4)):
        step["when"] = draw(st.sampled_from([False, "${{ shot.key == 's0' }}"]))
    return step


@st.composite
def pipelines(draw: st.DrawFn) -> tuple[str, str]:
    """A film of a few shots and steps, some of them wrong, and the file that its shots may be in."""
    right = st.fixed_dictionaries(
        {"x": st.sampled_from(WORDS), "n": st.sampled_from([5, 5, 3, 10])}
    )
    fields = right | right | right | st.fixed_dictionaries({"x": TEXTS, "n": VALUES})
    shots = {f"s{n}": draw(fields) for n in range(draw(st.integers(1, 4)))}
    order = draw(st.permutations([*GOOD])) if draw(st.booleans()) else [*GOOD]
    ring = draw(st.sampled_from(["r"] * 9 + ["{{ vars.ring }}"]))
    tree: dict[str, Any] = {
        "name": "f",
        "vars": {"look": draw(TEXTS), "ring": ring},
        "models": MODELS,
    }
    here = draw(st.booleans())
    tree |= {"shots": shots if here else {"from": "shots.yaml"}}
    tree["data"] = {"tones": {"warm": draw(TEXTS), "cold": "{{ vars.look }}"}}
    tree |= {"steps": {name: draw(steps(name)) for name in order}}
    return _yaml(tree), _yaml(shots)


def _yaml(tree: object) -> str:
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


MADE = st.sampled_from(
    (
        *("${{ out['a-0'] }}", "${{ out['b-1'] }}", "${{ out.free_0 }}", '${{ out["clip-0"] }}'),
        *(
            "${{ out['a-9'] }}",
            "${{ out['a-0'].last_frame }}",
            " ${{ out['a-1'] }} ",
            "{{ out.x }}",
        ),
        *(
            "${{ out['clip-1'].last_frame }}",
            "${{ out['off'] }}",
            "${{ out['fan'] }}",
            "{{ vars.x }}",
        ),
    )
)
# So long that it is worth to look for entries that are written alike.
PAD = "".join(f'  pad{n}: "{"x" * 900}"\n' for n in range(40))
MORE = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            "    takes: 2\n",
            "    when: false\n",
            "    tags: [t]\n",
            "    needs: [a-0]\n",
        ),
        *("    pick: review\n", "    timeout: 5m\n", "    when: ${{ vars.x == 'b' }}\n"),
    ]
)


def _rows(shot: int) -> dict[str, dict[str, Any]]:
    """The steps of a shot, as a program would write them."""
    last = f"${{{{ out['a-{shot - 1}'] }}}}" if shot else "${{ out['a-0'] }}"
    a, b, clip = (f"${{{{ out['{name}-{shot}'] }}}}" for name in ("a", "b", "clip"))
    return {
        f"a-{shot}": {"prompt": f"wide, {shot}", "size": "1K 16:9"},
        f"b-{shot}": {"prompt": f"ink, {shot}", "image": a, "size": "1K 16:9"},
        f"clip-{shot}": {"prompt": "slow", "duration": 5, "first_frame": b, "last_frame": last},
        f"free-{shot}": {"text": f"card {shot}", "inputs": [clip, a]},
        f"also-{shot}": {"text": f"{{{{ vars.x }}}} {shot}", "inputs": [b, a]},
    }


def _step(name: str, given: Mapping[str, Any], more: str) -> str:
    lines = [f"  {name}:", f"    uses: {USES.get(name.split('-', maxsplit=1)[0], 'local/text')}"]
    lines += [*more.splitlines(), "    with:"]
    for key, value in given.items():
        items = value if isinstance(value, list) else []
        lines.append(f"      {key}:" if items else f"      {key}: {json.dumps(value)}")
        lines += [f"        - {json.dumps(item)}" for item in items]
    return "\n".join(lines) + "\n"


@st.composite
def written_out(draw: st.DrawFn) -> tuple[str, str]:
    """A film whose steps are written out one by one, some of them odd or out of their order."""
    more = {name: draw(MORE) for name in ("a", "b", "clip", "free", "also")}
    steps = []
    for shot in range(draw(st.integers(3, 6))):
        for name, params in _rows(shot).items():
            own = more[name.split("-")[0]]
            if draw(st.integers(0, 24)) == 0:
                params[draw(st.sampled_from([*params]))] = draw(LEAVES | MADE | MADE)
                own = draw(MORE | st.just(own))
            steps.append(_step(name, params, own))
    if draw(st.integers(0, 2)) == 0:
        at, to = (draw(st.integers(0, len(steps) - 1)) for _ in range(2))
        steps.insert(to, steps.pop(at))
    steps.append('  "off": {uses: local/text, when: false, with: {text: x}}\n')
    steps.append("  fan: {uses: local/text, foreach: shots, with: {text: x}}\n")
    head = f"name: f\nmodels: {json.dumps(MODELS)}\nshots: {{s0: {{}}}}\n"
    return f"{head}vars:\n  x: a word\nsteps:\n{''.join(steps)}", ""


class Inputs:
    """Every file is a picture of its own."""

    def blob(self, source: File | Url | Data) -> Blob | None:
        if isinstance(source, Url):
            return None
        if not isinstance(source, File) or not source.path.endswith(".jpg"):
            raise FileNotFoundError(f"there is no {source}")
        return Blob("sha256:1", 9, "image/jpeg", Facts(1024, 576))


def files(film: tuple[str, str]) -> tuple[str, dict[str, str]]:
    """The pipeline with its padding, and what else there is."""
    return film[0].replace("x: a word\n", f"x: a word\n{PAD}"), {"shots.yaml": film[1]}


def compiled(film: tuple[str, str], *, short: bool) -> Any:
    """What comes of a pipeline: its steps and warnings, or what is wrong with it."""
    try:
        read = document(*files(film))
        made = compile_document(read, shipped(), Inputs(), str, Terms(short=short))
    except SpecError as error:
        return error.problems
    return [(step, step.late) for step in made.steps if not step.late], made.blobs, made.warnings


@settings(max_examples=200, deadline=None)
@given(pipelines() | written_out())
def test_both_ways_to_a_request_end_alike(film: tuple[str, str]) -> None:
    assert compiled(film, short=True) == compiled(film, short=False)


def test_an_item_that_breaks_is_said_once_though_a_step_runs_over_it() -> None:
    step = "{uses: local/text, foreach: {tone: data.tones}, with: {text: '{{ tone }}'}}"
    broken = "vars: {ring: '{{ 1 / 0 }}'}\ndata: {tones: {warm: '{{ vars.ring }}'}}"
    film = f"name: f\n{broken}\nsteps: {{a: {step}, b: {step}}}\n", ""
    assert [problem.code for problem in compiled(film, short=True)] == ["template-failed"]


SHARES = st.sampled_from(["", "", "4", "8", "g"])  # of hex digits: none, a quarter, half, all


@settings(max_examples=200, deadline=None)
@given(pipelines() | written_out(), SHARES, SHARES, st.data())
def test_both_ways_to_a_plan_end_alike(
    film: tuple[str, str], known: str, gone: str, data: st.DataObject
) -> None:
    """What is alike is planned by its columns, and other steps one by one: keys, reasons and all.

    So it goes whatever is on record, was chosen by somebody, or is asked for.
    """
    try:
        read = document(*files(film))
        made = compile_document(read, shipped(), Inputs(), str)
    except SpecError:
        return
    plain = [replace(step, params=dict(step.params)) for step in made.steps]
    numbers = st.frozensets(st.integers(0, len(plain) - 1), max_size=2)
    chosen = [plain[n].id for n in data.draw(numbers)] if plain else []
    asked = [data.draw(numbers) if plain else (), data.draw(numbers) if plain else ()]
    alone, fans = build(plain), compile_document(read, shipped(), Inputs(), str).graph
    world = a_world(known, gone, chosen)
    assert planned(alone, world, *asked) == planned(fans, world, *asked)


def a_world(known: str, gone: str, chosen: Iterable[str]) -> World:
    """Keys below `known` have a result, whose bytes are lost if the rest of the key is below `gone`."""

    def gists(asked: Collection[str]) -> dict[str, Gist]:
        return {key: answer(key, {}).gist for key in asked if key < known}

    def present(digests: Collection[str]) -> set[str]:
        return {digest for digest in digests if digest.removeprefix("sha256:")[1:] >= gone}

    picks = {name: Pick(name, "sha256:1", "r", 1, "me", "now") for name in chosen}
    return World(lambda _: {}, gists, present, {}, picks=picks)


def planned(graph: Graph, world: World, targets: Iterable[int], force: Iterable[int]) -> Any:
    """A plan with all that it rests on."""
    found, survey = plan(graph, world, wish(graph, targets, force))
    return found, survey.keys, dict(survey.manifests), survey.unknown, survey.first


def test_fifty_shots_of_one_shape_are_judged_once() -> None:
    judged: list[Mapping[str, Any]] = []

    def asked(model_: Model, request: Mapping[str, Any]) -> tuple[Finding, ...]:
        judged.append(request)
        return judge(model_, request)

    shots = "".join(f"  s{n}: {{x: the lamp is lit {n} times}}\n" for n in range(50))
    step = "{uses: still, foreach: shots, with: {prompt: '{{ shot.x }}', size: '1K 16:9'}}"
    film = document(f"name: f\nmodels: {{still: '{O3}'}}\nshots:\n{shots}steps:\n  a: {step}\n")
    steps = compile_document(film, shipped(), Inputs(), str, Terms(judge=asked)).steps
    assert len({step.params["positivePrompt"] for step in steps}) == 50
    assert len(judged) == 1


def test_steps_that_are_written_out_alike_are_kept_in_columns() -> None:
    rows = "".join(
        _step(name, params, "") for shot in range(50) for name, params in _rows(shot).items()
    )
    text = f"name: f\nmodels: {json.dumps(MODELS)}\nvars:\n  x: a word\nsteps:\n{rows}"
    graph = compile_document(document(*files((text, ""))), shipped(), Inputs(), str).graph
    # Of each kind the parser reads the first two, and what takes these stands by itself.
    assert len(graph.fanned) > 230


def test_frames_are_inserted_in_the_order_of_those_who_ask() -> None:
    rows = []
    for shot in range(5):
        made = _rows(shot)
        first, last = (f"${{{{ out['clip-{shot}'].{at}_frame }}}}" for at in ("first", "last"))
        made[f"free-{shot}"]["inputs"] = [first]
        made[f"also-{shot}"]["inputs"] = [last, "${{ out['a-0'] }}"]
        rows += [_step(name, params, "") for name, params in made.items()]
    head = f"name: f\nmodels: {json.dumps(MODELS)}\nvars:\n  x: a word\nsteps:\n"
    film = f"{head}{''.join(rows)}", ""
    assert compiled(film, short=True) == compiled(film, short=False)


def test_a_prompt_is_open_and_its_tokens_are_not() -> None:
    prompt = openings(model(PRO))["positivePrompt"]
    assert prompt.takes("a lamp")
    assert not prompt.takes("a lamp, <<<element_1>>>")
    assert not prompt.takes("x" * 2501)


def test_a_text_that_a_rule_or_a_price_reads_is_not_open() -> None:
    among = {"id": "r", "rule": "among", "path": "positivePrompt", "in": ["a"], "severity": "error"}
    priced = {
        "per": "image",
        "rows": [{"when": [{"path": "positivePrompt", "is": "a"}], "usd": "1"}],
    }
    assert "positivePrompt" in openings(model(O3))
    assert "positivePrompt" not in openings(changed(O3, rules=[among]))
    assert "positivePrompt" not in openings(changed(O3, price=priced))
