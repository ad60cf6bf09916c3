"""The immutable types that every room shares, in the order in which a run meets them.

Ids are text; money is Decimal (USD); times are seconds; sizes are bytes; digests are
`sha256:<64 hex>`; keys are 64 hex digits. Nothing here knows YAML, files or providers.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from kinoform.core.classes import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.errors import Where
    from kinoform.core.stencil import Stencil

Kind = Literal["hosted", "local", "draft"]
Gate = Literal["first", "review"]
Verdict = Literal["run", "reuse", "wait", "pick", "blocked", "skip", "lost"]
Outcome = Literal["done", "reused", "failed", "blocked", "waiting", "skipped", "lost"]
Grade = Literal["exact", "seeded", "archived"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a picture or a clip: pixels, seconds, frames per second, sound.

    None means: not known yet, or does not apply.
    """

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    fps: float | None = None
    audio: bool | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """These bytes, wherever they are."""

    digest: str
    size: int
    media: str
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Expect:
    """One output that a step will have: media type and facts as far as the request tells.

    `inferred` marks facts that the model's page does not state.
    """

    media: str
    facts: Facts = field(default_factory=Facts)
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """An output of another step. `take` None is the current take; `index` counts results from 0."""

    step: str
    take: int | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A file of the project, by its path relative to the project folder, with slashes."""

    path: str


@dataclass(frozen=True, slots=True)
class Url:
    """An https address: its bytes are known after run until it is pinned."""

    url: str


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes written into the pipeline itself as a data URI."""

    uri: str


Source: TypeAlias = Ref | File | Url | Data


@dataclass(frozen=True, slots=True)
class Late:
    """A value known after run: evaluated again once the facts of `refs` are known.

    `value(facts)` returns the leaf; it raises nothing but `SpecError`.
    """

    refs: tuple[Ref, ...]
    value: Callable[[Mapping[Ref, Facts]], Any]


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that can be done. `name` is a full model id, `local/NAME` or `draft/NAME`.

    `version` is our own integer for local and draft ops and 0 for hosted ones; `pool` names the
    limit that it runs under: a provider, `cpu`, or `inline` for ops too small for a process.
    """

    name: str
    version: int
    kind: Kind
    pool: str
    model_digest: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One declared intent after expansion: `clip@s020`, or `reel` for a step without foreach.

    `params` is the request as it will be sent, with a `Source` or a `Late` where bytes or late
    values stand. `inputs` names the same sources by dotted path. `brief` says the request in
    portable names, for a renderer that knows no model. `price` is USD for one take, None when
    unknown. `needs` orders only. `late` says that `params` holds a `Late`, so that nobody has to
    look for one. `hidden` steps were inserted (a frame of a clip).
    """

    id: str
    name: str
    item: str
    op: Op
    params: Mapping[str, Any]
    inputs: Mapping[str, Source]
    expects: tuple[Expect, ...]
    price: Decimal | None
    where: Where
    brief: Mapping[str, Any] = field(default_factory=dict)
    takes: int = 1
    gate: Gate | None = None
    tags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    timeout: float | None = None
    late: bool = False
    hidden: bool = False
    skip: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """Steps that one mold has made, all of one take; row r is step `numbers[r]` of the film.

    `pattern` is any of them, and stands for what all share: not id, item, params, inputs and brief,
    nor, where steps are written out one by one, name and place. `texts` are the columns of what is
    written in the holes of `stencil`, `inputs` those of what is taken. `step(r)` makes row r whole.
    """

    numbers: Sequence[int]
    ids: Sequence[str]
    pattern: Step
    stencil: Stencil
    texts: Sequence[Sequence[str]]
    inputs: Sequence[Sequence[Ref]]
    step: Callable[[int], Step]


@dataclass(frozen=True, slots=True)
class Graph:
    """Who waits on whom, in dense integers: `steps[i]` needs `needs[i]`, is used by `users[i]`.

    `order` is a topological order that follows the file wherever it can. Steps of `fans` are made
    when they are looked at: what asks for an id has `ids[i]`, and what all of a fan share is told
    by `patterns[i]`, which is the step itself where there is no fan.
    """

    steps: Sequence[Step]
    ids: tuple[str, ...]
    patterns: tuple[Step, ...]
    fans: tuple[Fan, ...]
    index: Mapping[str, int]
    needs: tuple[tuple[int, ...], ...]
    users: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    @property
    def is_in_order(self) -> bool:
        """Whether each step stands below all that it needs, so that `order` is the file's."""
        return self.order == tuple(range(len(self.order)))

    @property
    def fanned(self) -> frozenset[int]:
        """The numbers of all steps of fans."""
        return frozenset(number for fan in self.fans for number in fan.numbers)


@dataclass(frozen=True, slots=True)
class Bytes:
    """Identity of an input that is known by its bytes: a file, a hosted or adopted result."""

    digest: str


@dataclass(frozen=True, slots=True)
class Derived:
    """Identity of an input that a local op makes: the key of that action and the result's index.

    The same frame cut by another ffmpeg build differs in bytes; its derivation does not.
    """

    key: str
    index: int = 0


Identity: TypeAlias = Bytes | Derived


@dataclass(frozen=True, slots=True)
class Action:
    """One exact request with nothing left to look up; travels to workers.

    `params` holds a `Blob` wherever bytes go; the source itself for an op that is too small for a
    process, as it reads none. `inputs` gives the identity of each by path.
    """

    key: str
    step: str
    take: int
    op: Op
    params: Mapping[str, Any]
    inputs: Mapping[str, Identity]
    expects: tuple[Expect, ...]
    manifest: Mapping[str, Any]
    timeout: float | None = None


class Gist(NamedTuple):
    """What came back for a key, as far as plans read it: of most results nobody asks for more."""

    outputs: tuple[Blob, ...]
    model_digest: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for a key: the provenance record, kept with the manifest it answers."""

    key: str
    step: str
    take: int
    op: str
    kind: Kind
    outputs: tuple[Blob, ...]
    manifest: Mapping[str, Any]
    paid: Decimal = Decimal(0)
    seconds: float = 0.0
    seed: int | None = None
    origin: str = "made"
    grade: Grade = "exact"
    model_digest: str = ""
    task: str = ""
    tool: str = ""

    @property
    def gist(self) -> Gist:
        """What most ask of it."""
        return Gist(self.outputs, self.model_digest)


@dataclass(frozen=True, slots=True)
class Pick:
    """A person chose these bytes for this step; kept in git, one record per step and item.

    `made` is the key of the local action that made what was adopted, where one did: whoever reads
    these bytes keeps that derivation.
    """

    step: str
    digest: str
    recipe: str
    take: int
    by: str
    at: str
    why: str = ""
    kind: Literal["pick", "pin", "adopt"] = "pick"
    made: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is. `path`, `old` and `new` name a changed value, else are empty."""

    kind: str
    path: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """USD as a range: every wait reused, every wait run, and duplicates allowed on top."""

    floor: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
    worst: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What will happen to one take of one step, and why. `key` is empty while it is not known."""

    step: str
    take: int
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    price: Price | None = field(default_factory=Price)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger; the state of a run is the fold of its events."""

    at: float
    run: str
    project: str
    kind: str
    step: str = ""
    take: int = 0
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0
