"""One graph of shots in the words of kinoform and of its peers, for benchmarks beside each other.

For each shot a still, an edit of it, a clip between the two and a poster from the clip; then one
assembly of all clips: 4 S + 1 steps, all trivial. `write` puts down only files whose text changed,
so that it makes a fresh graph and an edit of one alike.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import ninja

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "a": (),
    "b": ("a",),
    "clip": ("a", "b"),
    "poster": ("clip",),
}
PEERS: Final = Path(sys.prefix, "peers", "bin")  # where `make bench` installs doit and snakemake

Shots: TypeAlias = "dict[str, dict[str, str]]"  # a shot's name → the text of each of its steps


def shots(count: int, edits: Mapping[tuple[int, str], str] | None = None) -> Shots:
    """So many shots; `edits` appends words to the text of a step, by number of the shot and step."""
    made = {
        f"s{n:06}": {
            "a": f"shot {n}: a lighthouse at dusk, 35mm, seed {n}",
            "b": f"shot {n}: the lamp is lit, waves higher",
            "clip": f"shot {n}: slow push in, 5 seconds",
            "poster": f"shot {n}: title card",
        }
        for n in range(count)
    }
    for (number, step), words in (edits or {}).items():
        made[f"s{number:06}"][step] += f" {words}"
    return made


def write(tool: str, folder: Path, graph: Shots) -> None:
    """Put the graph down in the words of that tool; an `out` folder for its results, if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TOOLS[tool].files(graph).items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if not tool.startswith("kinoform"):
        (folder / "out").mkdir(exist_ok=True)


@dataclass(frozen=True, slots=True)
class Tool:
    """How a tool is told the graph, and what to type in its folder to run it and to plan it."""

    files: Callable[[Shots], Mapping[str, str]]
    run: tuple[str, ...]
    plan: tuple[str, ...]


def _steps(graph: Shots) -> Iterator[tuple[str, str, str, list[str]]]:
    """Of each step of the shots: shot, step, text, and the files that it is made from."""
    for shot, texts in graph.items():
        for step, needs in NEEDS.items():
            yield shot, step, texts[step], [f"out/{shot}.{need}" for need in needs]


def _clips(graph: Shots) -> list[str]:
    return [f"out/{shot}.clip" for shot in graph]


# kinoform

_FOREACH = """\
kinoform: 1
name: graph
shots: {from: shots.csv, key: id}
steps:
  a: {uses: local/text, foreach: shots, with: {text: "{{ shot.a }}"}}
  b: {uses: local/text, foreach: shots, with: {text: "{{ shot.b }}", inputs: ["${{ out.a }}"]}}
  clip:
    uses: local/text
    foreach: shots
    with: {text: "{{ shot.clip }}", inputs: ["${{ out.a }}", "${{ out.b }}"]}
  poster:
    uses: local/text
    foreach: shots
    with: {text: "{{ shot.poster }}", inputs: ["${{ out.clip }}"]}
  final: {uses: local/text, with: {text: all, inputs: "${{ out.clip.all }}"}}
"""
_WRITTEN = "  {shot}-{step}:\n    uses: local/text\n    with:\n      text: {text}\n"


def _foreach(graph: Shots) -> dict[str, str]:
    rows = [",".join(("id", *NEEDS))]
    rows += [
        ",".join((shot, *(f'"{text}"' for text in texts.values()))) for shot, texts in graph.items()
    ]
    return {"pipeline.yaml": _FOREACH, "shots.csv": "\n".join(rows) + "\n"}


def _written(graph: Shots) -> dict[str, str]:
    rows = ["kinoform: 1\nname: graph\nsteps:\n"]
    for shot, texts in graph.items():
        for step, needs in NEEDS.items():
            rows.append(_WRITTEN.format(shot=shot, step=step, text=json.dumps(texts[step])))
            if needs:
                rows.append("      inputs:\n")
            rows += [f"        - ${{{{ out['{shot}-{need}'] }}}}\n" for need in needs]
    rows.append("  final:\n    uses: local/text\n    with:\n      text: all\n      inputs:\n")
    rows += [f"        - ${{{{ out['{shot}-clip'] }}}}\n" for shot in graph]
    return {"pipeline.yaml": "".join(rows)}


# its peers

_NINJA = """\
rule step
  command = echo '$p' | sha256sum - $in > $out
rule final
  command = xargs -a $out.rsp sha256sum > $out
  rspfile = $out.rsp
  rspfile_content = $in
"""


def _ninja(graph: Shots) -> dict[str, str]:
    rows = [
        f"build out/{shot}.{step}: step {' '.join(needs)}\n  p = {text.replace(':', '$:')}\n"
        for shot, step, text, needs in _steps(graph)
    ]
    return {
        "build.ninja": f"{_NINJA}{''.join(rows)}build out/final: final {' '.join(_clips(graph))}\n"
    }


def _make(graph: Shots) -> dict[str, str]:
    """Make does not see that words changed: each text is a file of its own."""
    posters = " ".join(f"out/{shot}.poster" for shot in graph)
    rows, files = [f"all: out/final {posters}\n"], {}
    for shot, step, text, needs in _steps(graph):
        files[f"p/{shot}.{step}"] = text + "\n"
        after = " ".join([f"p/{shot}.{step}", *needs])
        rows.append(f"out/{shot}.{step}: {after}\n\t@sha256sum $^ > $@\n")
    rows.append(f"out/final: {' '.join(_clips(graph))}\n")
    rows.append("\t@$(file >final.rsp,$^)xargs -a final.rsp sha256sum > $@\n")
    return {**files, "Makefile": "".join(rows)}


_DOIT = f"""\
import hashlib, json
from doit.tools import config_changed
SHOTS = json.load(open("shots.json"))
NEEDS = {dict(NEEDS)!r}

def act(target, text, inputs):
    digest = hashlib.sha256(text.encode())
    for name in inputs:
        with open(name, "rb") as file:
            digest.update(file.read())
    with open(target, "w") as file:
        file.write(digest.hexdigest())

def made(name, target, text, inputs):
    return dict(
        name=name, targets=[target], file_dep=inputs, actions=[(act, [target, text, inputs])],
        uptodate=[config_changed(text)],
    )

def task_shot():
    for shot, texts in SHOTS.items():
        for step, needs in NEEDS.items():
            inputs = [f"out/{{shot}}.{{need}}" for need in needs]
            yield made(f"{{shot}}.{{step}}", f"out/{{shot}}.{{step}}", texts[step], inputs)

def task_final():
    yield made("all", "out/final", "", [f"out/{{shot}}.clip" for shot in SHOTS])
"""


def _doit(graph: Shots) -> dict[str, str]:
    return {"dodo.py": _DOIT, "shots.json": json.dumps(graph, indent=0)}


_RULE = """\
rule {step}:
{inputs}    output: "out/{{s}}.{step}"
    params: p=lambda w: S[w.s]["{step}"]
    shell: "echo '{{params.p}}' | sha256sum - {{input}} > {{output}}"
"""
_SNAKEFILE = """\
import hashlib, json
S = json.load(open("shots.json"))
rule all:
    input: "out/final", expand("out/{{s}}.poster", s=list(S))
{rules}rule final:
    input: expand("out/{{s}}.clip", s=list(S))
    output: "out/final"
    run:
        text = "".join(open(name).read() for name in input)
        open(output[0], "w").write(hashlib.sha256(text.encode()).hexdigest())
"""


def _snakemake(graph: Shots) -> dict[str, str]:
    rules = []
    for step, needs in NEEDS.items():
        names = ", ".join(f'"out/{{s}}.{need}"' for need in needs)
        rules.append(_RULE.format(step=step, inputs=f"    input: {names}\n" if needs else ""))
    text = _SNAKEFILE.format(rules="".join(rules))
    return {"Snakefile": text, "shots.json": json.dumps(graph, indent=0)}


_KINOFORM = (str(Path(sys.executable).with_name("kinoform")),)
_NINJA_BIN, _DOIT_BIN, _SNAKEMAKE_BIN = (
    str(Path(ninja.BIN_DIR, "ninja")),
    str(PEERS / "doit"),
    str(PEERS / "snakemake"),
)
TOOLS: Final[Mapping[str, Tool]] = {
    "kinoform": Tool(_foreach, (*_KINOFORM, "run"), (*_KINOFORM, "plan")),
    "kinoform, written out": Tool(_written, (*_KINOFORM, "run"), (*_KINOFORM, "plan")),
    "ninja": Tool(_ninja, (_NINJA_BIN, "-j2", "--quiet"), (_NINJA_BIN, "-n", "--quiet")),
    "make": Tool(_make, ("make", "-j2"), ("make", "-n")),
    "doit": Tool(
        _doit,
        (_DOIT_BIN, "run", "-n", "2", "-P", "thread", "-v0", "-r", "executed-only"),
        (_DOIT_BIN, "list", "--all", "-s"),
    ),
    "snakemake": Tool(_snakemake, (_SNAKEMAKE_BIN, "-c2", "-q"), (_SNAKEMAKE_BIN, "-n", "-q")),
}
