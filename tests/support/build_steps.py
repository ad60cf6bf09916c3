"""Small steps for tests of core: no pipeline, no model files."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kinoform.core.errors import Where
from kinoform.core.graph import build
from kinoform.core.manifest import sources
from kinoform.core.types import Blob, Expect, Gist, Graph, Op, Ref, Result, Step
from kinoform.core.world import World

HERE = Where("pipeline.yaml", 1, 1)
HOSTED = Op("acme/brush", 0, "hosted", "acme")
LOCAL = Op("local/glue", 1, "local", "cpu")


def step(name: str, op: Op = LOCAL, price: str = "0", **params: Any) -> Step:
    """A step of this id; refs among the params are its inputs."""
    base, _, item = name.partition("@")
    cost = Decimal(price)
    expects = (Expect("image/png"),)
    return Step(name, base, item, op, params, sources(params), expects, cost, HERE)


def still(name: str, **params: Any) -> Step:
    """A hosted step of three cents."""
    return step(name, HOSTED, "0.03", **params)


def film(shots: int = 3) -> Graph:
    """Stills, clips from each still and its successor's, and a reel over all clips."""
    names = [f"s{n:03}" for n in range(1, shots + 1)]
    stills = [still(f"still@{n}", prompt=f"shot {n}") for n in names]
    clips = [replace(still(f"clip@{n}", first=Ref(f"still@{n}")), price=Decimal(1)) for n in names]
    reel = step("reel", clips=[Ref(f"clip@{n}") for n in names])
    return build([*stills, *clips, reel])


def answer(key: str, manifest: dict[str, Any], kind: str = "hosted", body: str = "") -> Result:
    """A recorded result whose one artifact is named after `body`, or after the key."""
    blob = Blob(f"sha256:{(body or key).ljust(64, '0')[:64]}", 1, "image/png")
    return Result(key, "x", 1, "acme/brush", kind, (blob,), manifest)  # type: ignore[arg-type]  # kind is one of three words


class Shelf:
    """Recorded results and the bytes that are still there; counts questions."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = {}
        self.gone: set[str] = set()
        self.questions = 0

    def world(self, **more: Any) -> World:
        """The shelf as a world to plan in."""
        return World(self._results, self._gists, self._present, more.pop("blobs", {}), **more)

    def _results(self, keys: Any) -> dict[str, Result]:
        self.questions += 1
        return {key: self.results[key] for key in keys if key in self.results}

    def _gists(self, keys: Any) -> dict[str, Gist]:
        return {key: result.gist for key, result in self._results(keys).items()}

    def _present(self, digests: Any) -> set[str]:
        return set(digests) - self.gone
