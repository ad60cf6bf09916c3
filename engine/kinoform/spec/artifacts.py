"""`out`: how a step speaks of what other steps make. Every look becomes a reference or a fact.

References make the edges, and the edges are those met while evaluating. Knows nothing of models:
the `Studio` answers what instances there are and what their artifacts will be like.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

from kinoform.core.classes import dataclass
from kinoform.core.types import Ref
from kinoform.spec.speech import Speaks, TemplateFault, noun
from kinoform.spec.template import KnownLater

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kinoform.core.types import Expect, Facts
    from kinoform.spec.values import Collection

FACTS = {"width": "width", "height": "height", "duration": "seconds", "fps": "fps"}
# Facts that a kind of media can have; what is not listed here may have any.
HAS: dict[str, tuple[str, ...]] = {"image": ("width", "height"), "audio": ("seconds",), "text": ()}
FRAMES = {"first_frame": "first", "last_frame": "last"}
MAX_SECONDS = 1e6
RELATIONS = ("all", "prev", "next")
ATTRIBUTES = (*FACTS, *FRAMES, "frame", "results", "takes")


@dataclass(slots=True)
class Instance:
    """One row of a step's fan-out: `still` for shot s010 has id `still@s010`.

    `keys` gives the item key under each foreach name, in the order of the declaration.
    """

    id: str
    step: str
    item: str
    takes: int
    keys: Mapping[str, str] = field(default_factory=dict)
    bound: Mapping[str, Any] = field(default_factory=dict)


class Studio(Protocol):
    """What artifacts ask of the compiler."""

    def fan(self, step: str) -> Mapping[str, Collection]:
        """The collections that a step fans out over, by foreach name."""

    def steps(self) -> Iterable[str]:
        """All step names."""

    def instances(self, step: str) -> Mapping[str, Instance]:
        """Item key to instance, in the order of the cut."""

    def refs(self, step: str) -> Sequence[Ref | None]:
        """The artifacts of all its instances in the same order, none of those that are skipped."""

    def takes(self, step: str) -> int:
        """How many takes the file asks for."""

    def skipped(self, instance: Instance) -> bool:
        """Whether its `when` is false."""

    def facts(self, ref: Ref) -> Facts | None:
        """What an artifact will be like, as far as its request tells; asks upstream requests."""

    def expects(self, step: str) -> Sequence[Expect]:
        """The outputs of an instance."""

    def frame(self, ref: Ref, at: str | float) -> Ref:
        """The artifact of the inserted step that cuts this frame."""


class FrameAt(Speaks):
    """`.frame` of an artifact: to be called with seconds."""

    NOUN = "frame without its seconds"

    def __init__(self, cut: Callable[[float], Artifact]) -> None:
        self._cut = cut

    def __call__(self, *given: Any, **_named: Any) -> Artifact:
        """The frame at `given[0]` seconds. Raises TemplateFault (`bad-frame`)."""
        at = given[0] if len(given) == 1 and not _named else None
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < MAX_SECONDS:
            said = "frame() takes the seconds from the beginning of the clip, one number from 0"
            raise TemplateFault("bad-frame", said, "write .frame(2.5)")
        return self._cut(at)


class Artifact(Speaks):
    """One output of one instance."""

    NOUN = "an artifact"

    def __init__(self, studio: Studio, ref: Ref, takes: int = 1) -> None:
        self._studio, self.ref, self._takes = studio, ref, takes

    def names(self) -> Iterable[str]:
        """Facts, frames, results and takes."""
        return ATTRIBUTES

    def get(self, name: str) -> Any:
        """A fact, a frame, `results` or `takes`. Raises KeyError, KnownLater."""
        if name in FACTS:
            return self._fact(FACTS[name])
        if name in FRAMES:
            return self._at(FRAMES[name])
        if name == "frame":
            return FrameAt(self._at)
        if name == "results":
            return self._results()
        if name == "takes":
            takes = range(1, self._takes + 1)
            return [Artifact(self._studio, Ref(self.ref.step, take)) for take in takes]
        raise KeyError(name)

    def _fact(self, name: str) -> Any:
        facts = self._studio.facts(self.ref)
        value = None if facts is None else getattr(facts, name)
        if value is None:
            self._refuse_factless(name)
            raise KnownLater(self.ref)
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def _refuse_factless(self, name: str) -> None:
        outputs = self._studio.expects(self.ref.step)
        media = outputs[self.ref.index].media if self.ref.index < len(outputs) else ""
        kind = media.partition("/")[0]
        if name not in HAS.get(kind, (name,)):
            said = f"{self.ref.step} makes {media}: that has no {name}"
            raise TemplateFault("no-such-fact", said, "ask a clip, or a picture for its size")

    def _at(self, at: str | float) -> Artifact:
        return Artifact(self._studio, self._studio.frame(self.ref, at))

    def _results(self) -> list[Artifact]:
        count = len(self._studio.expects(self.ref.step))
        refs = (Ref(self.ref.step, self.ref.take, index) for index in range(count))
        return [Artifact(self._studio, ref) for ref in refs]


class Handle(Speaks):
    """`out.STEP` as seen from one instance: its own artifact, or the way to the others."""

    NOUN = "an artifact"

    def __init__(self, studio: Studio, step: str, here: Instance) -> None:
        self._studio, self._step, self._here = studio, step, here

    def exists(self) -> bool:
        """Whether there is such an artifact: `out.edit or out.still` passes over a skipped one."""
        return self.own() is not None

    __bool__ = exists

    def names(self) -> Iterable[str]:
        """Item keys, relations, and attributes of the matching artifact."""
        keys = (key for key in self._studio.instances(self._step) if key)
        return (*RELATIONS, *keys, *ATTRIBUTES)

    def get(self, name: str) -> Any:
        """`all`, `prev`, `next`, an attribute of the matching artifact, or an item by key."""
        if name == "all":
            takes = self._studio.takes(self._step)
            refs = self._studio.refs(self._step)
            return [Artifact(self._studio, ref, takes) for ref in refs if ref is not None]
        if name in ("prev", "next"):
            return self._neighbour(name)
        if name in ATTRIBUTES:
            own = self.own()
            return None if own is None else own.get(name)
        return self.item(name)

    def item(self, name: str) -> Any:
        """The artifact of an item by its key, whatever the key; else as `get`."""
        found = self._studio.instances(self._step).get(name)
        if found is None and name in (*RELATIONS, *ATTRIBUTES):
            return self.get(name)
        if found is None or not name:
            raise KeyError(name)
        return self._of(found)

    def absent(self, name: str) -> str:
        """Say that an item was left out, and which step has no such item."""
        homes = list(self._studio.fan(self._step).values())
        if len(homes) == 1 and homes[0].omits(name):
            return f"{name!r} is left out by `omit`, so out.{self._step} has no such artifact"
        return f"out.{self._step} has no {name!r}"

    def own(self) -> Artifact | None:
        """The artifact that matches by shared foreach names; none when that instance is skipped.

        Raises TemplateFault (`which-one`) when the names do not say which.
        """
        item, instances = self._item(self._here.keys), self._studio.instances(self._step)
        if item not in instances:
            said = f"out.{self._step} has no {item!r}: this step runs over something else"
            raise TemplateFault("which-one", said, _which_hint(self._step))
        return self._of(instances[item])

    def _item(self, keys: Mapping[str, str]) -> str:
        wanted = self._studio.fan(self._step)
        absent = [name for name in wanted if name not in keys]
        if absent:
            raise TemplateFault("which-one", _which(self._step, absent), _which_hint(self._step))
        return ".".join(keys[name] for name in wanted)

    def _neighbour(self, name: str) -> Artifact | None:
        fan = self._studio.fan(self._step)
        if len(fan) != 1:
            said = f"out.{self._step}.{name} needs a step over one collection"
            raise TemplateFault("which-one", said, _which_hint(self._step))
        ((loop, collection),) = fan.items()
        self.own()
        key = collection.neighbour(self._here.keys[loop], -1 if name == "prev" else 1)
        return None if key is None else self._of(self._studio.instances(self._step)[key])

    def _of(self, instance: Instance) -> Artifact | None:
        if self._studio.skipped(instance):
            return None
        return Artifact(self._studio, Ref(instance.id), instance.takes)


def _which(step: str, absent: Sequence[str]) -> str:
    return f"out.{step} fans out over {', '.join(absent)}, which is not bound here"


def _which_hint(step: str) -> str:
    return f"write out.{step}['KEY'] for one of them, or out.{step}.all for the list"


class Out(Speaks):
    """`out` as seen from one instance."""

    NOUN = "`out` by itself"

    def __init__(self, studio: Studio, here: Instance) -> None:
        self._studio, self._here = studio, here
        self._handles: dict[str, Handle] = {}

    def names(self) -> Iterable[str]:
        """The step names."""
        return self._studio.steps()

    def whole(self, name: str) -> Ref | Handle | None:
        """The artifact of a step that has no foreach, none if it is skipped; else as `get`."""
        handle = self.get(name)
        return handle if self._studio.fan(name) else self._studio.refs(name)[0]

    def absent(self, name: str) -> str:
        """There is no such step."""
        return f"there is no step {name!r}"

    def get(self, name: str) -> Handle:
        """The handle of a step. Raises KeyError."""
        if name not in self._studio.steps():
            raise KeyError(name)
        if name not in self._handles:
            self._handles[name] = Handle(self._studio, name, self._here)
        return self._handles[name]


def finished(value: Any) -> Any:
    """A template's value as it goes into a request: artifacts as references, items refused.

    Raises TemplateFault (`not-a-value`).
    """
    if type(value) is str:  # most of them
        return value
    if isinstance(value, Handle):
        value = value.own()
    if isinstance(value, Artifact):
        return value.ref
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): finished(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finished(item) for item in value]
    if value is None or isinstance(value, bool | int | float | Ref):
        return value
    said, hint = f"{noun(value)} is no value that can be sent", "name one of its fields"
    raise TemplateFault("not-a-value", said, hint)
