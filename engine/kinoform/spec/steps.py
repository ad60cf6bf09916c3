"""Step declarations: what the file says of each step, with every reference checked by name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kinoform.core.classes import dataclass
from kinoform.spec.names import (
    NAME_HINT,
    ROOTS,
    STEP_WORDS,
    all_sound,
    did_you_mean,
    folded,
    identifier_fault,
    name_fault,
)
from kinoform.spec.scalars import seconds
from kinoform.spec.stamps import StampedMap
from kinoform.spec.tree import Map, shown, where, where_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kinoform.core.errors import Where
    from kinoform.core.types import Gate
    from kinoform.spec.loading import Loading
    from kinoform.spec.stamps import Part

SINGULAR = {"shots": "shot", "characters": "character", "styles": "style"}


@dataclass(frozen=True, slots=True)
class StepDecl:
    """One step as declared. `foreach` maps a loop name to `shots` or `data.NAME`.

    `when` is a truth or the text of one expression; `timeout` is seconds. `tree` is the step's
    map, for places, and `home` the map where it stands; `with_` is its `with`, an empty map if it
    has none.
    """

    name: str
    uses: str
    with_: Map
    foreach: Mapping[str, str]
    when: bool | str
    takes: int
    pick: Gate | None
    needs: tuple[str, ...]
    tags: tuple[str, ...]
    timeout: float | None
    tree: Map
    home: Map

    @property
    def where(self) -> Where:
        """The place of the step's name."""
        return where_key(self.home, [self.name])

    def twin(self, name: str, tree: Map) -> StepDecl:
        """Another step, which is declared alike but for its parameters."""
        return StepDecl(
            name,
            self.uses,
            tree["with"],
            self.foreach,
            self.when,
            self.takes,
            self.pick,
            self.needs,
            self.tags,
            self.timeout,
            tree,
            self.home,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What steps may name: aliases, and the items of each collection (None where it is broken)."""

    aliases: Map
    collections: Mapping[str, Mapping[str, Any] | None]


def declare(loading: Loading, tree: Map, known: Known) -> dict[str, StepDecl]:
    """All steps by name, in file order; faults are noted at the loading."""
    steps: dict[str, StepDecl] = {}
    seen: dict[str, str] = {}
    twins: dict[Part, dict[str, StepDecl]] = {}
    is_sound = all_sound(tree, STEP_WORDS)
    for name, body in tree.items():
        if not is_sound:
            _check_name(loading, tree, name, seen)
        if isinstance(body, StampedMap) and body.part in twins:
            twin = twins[body.part].get(body["uses"])
            if twin:
                steps[name] = twin.twin(name, body)
                continue
        if isinstance(body, Map):
            faults = len(loading.problems)
            steps[name] = _declare(loading, name, body, known, tree)
            if isinstance(body, StampedMap) and len(loading.problems) == faults and _is_twin(body):
                twins.setdefault(body.part, {})[body["uses"]] = steps[name]
    for step in steps.values():
        for index, text in enumerate(step.needs):
            fault, hint = reference_fault(text, steps, known)
            if fault:
                spot = f"steps.{step.name}.needs[{index}]"
                loading.add("unknown-step", fault, where(step.tree, ["needs", index]), hint, spot)
    return steps


def siblings(steps: Iterable[StepDecl]) -> dict[str, list[StepDecl]]:
    """By the name of each step that others are like, all that may be taken together with it."""
    found: dict[Any, list[StepDecl]] = defaultdict(list)
    for step in steps:
        alone = step.when is True and not step.foreach and not step.needs
        if alone and isinstance(step.with_, StampedMap):
            found[_shared(step, step.with_)].append(step)
    groups = [group for group in found.values() if len(group) > 1]
    return {step.name: group for group in groups for step in group}


def _shared(step: StepDecl, with_: StampedMap) -> Any:
    """What siblings share: all but texts."""
    part, texts = with_.part, with_.entry.texts
    odd = tuple((n, type(texts[n]), texts[n]) for n in part.odd) if part.odd else ()
    return part, step.uses, step.takes, step.pick, step.tags, step.timeout, odd


def reference_fault(text: str, steps: Mapping[str, StepDecl], known: Known) -> tuple[str, str]:
    """What is wrong with `step` or `step@item`, and the fix; ("", "") if it exists."""
    name, at, item = text.partition("@")
    if name not in steps:
        return f"there is no step {shown(name)}", did_you_mean(name, steps)
    if not at:
        return "", ""
    homes = list(steps[name].foreach.values())
    parts = item.split(".")
    if len(parts) != len(homes):
        return f"{shown(text)} names no instance of `{name}`", _instances_of(name, homes)
    for part, home in zip(parts, homes, strict=True):
        keys = known.collections.get(home)
        if keys is not None and part not in keys:
            return f"there is no {shown(part)} in `{home}`", did_you_mean(part, keys)
    return "", ""


def _instances_of(name: str, homes: list[str]) -> str:
    if not homes:
        return f"`{name}` has no foreach: write `{name}` alone"
    return f"write `{name}@{'.'.join(f'KEY of {home}' for home in homes)}`"


def _check_name(loading: Loading, tree: Map, name: str, seen: dict[str, str]) -> None:
    fault = name_fault(name, STEP_WORDS)
    if fault:
        message = f"the step name {shown(name)} {fault}"
        loading.add("bad-name", message, where_key(tree, [name]), NAME_HINT, f"steps.{name}")
    other = seen.setdefault(folded(name), name)
    if other != name:
        first = where_key(tree, [other])
        message = f"the step {shown(name)} differs from {shown(other)} in {first} in case only"
        loading.add("same-name", message, where_key(tree, [name]), "rename one", f"steps.{name}")


def _is_twin(tree: StampedMap) -> bool:
    """Whether all steps that are written like this one are declared alike but for their parameters."""
    is_open = tree.part.open <= {"uses", "with"}
    return is_open and isinstance(tree.get("uses"), str) and isinstance(tree.get("with"), Map)


def _declare(loading: Loading, name: str, tree: Map, known: Known, home: Map) -> StepDecl:
    get = tree.get
    uses, with_, when, takes, pick = (
        get("uses"),
        get("with"),
        get("when", True),
        get("takes", 1),
        get("pick"),
    )
    if isinstance(uses, str):
        _check_uses(loading, name, tree, uses, known)
    return StepDecl(
        name,
        uses if isinstance(uses, str) else "",
        with_ if isinstance(with_, Map) else Map(tree.source, tree.offset),
        _foreach(loading, name, tree, known) if "foreach" in tree else {},
        when if isinstance(when, bool | str) else True,
        int(takes) if isinstance(takes, int | float) else 1,
        pick if pick in ("first", "review") else None,
        _texts(get("needs")),
        _texts(get("tags")),
        _seconds(loading, name, tree) if "timeout" in tree else None,
        tree,
        home,
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(x for x in value if isinstance(x, str)) if isinstance(value, list) else ()


def _check_uses(loading: Loading, name: str, tree: Map, uses: str, known: Known) -> None:
    if uses in known.aliases or "/" in uses or "{" in uses:
        return
    message = f"{shown(uses)} is no alias of `models` and no full model id"
    hint = did_you_mean(uses, known.aliases) or f"declare it: `models: {{{uses}: PROVIDER/MODEL}}`"
    loading.add("unknown-alias", message, where(tree, ["uses"]), hint, f"steps.{name}.uses")


def _foreach(loading: Loading, name: str, tree: Map, known: Known) -> dict[str, str]:
    """Loop name to collection."""
    value = tree["foreach"]
    if isinstance(value, str):
        if value in SINGULAR and value in known.collections:
            return {SINGULAR[value]: value}
        _refuse_collection(loading, name, value, where(tree, ["foreach"]), known)
        return {}
    loops: dict[str, str] = {}
    for loop, home in value.items() if isinstance(value, Map) else ():
        fault = identifier_fault(loop, ROOTS)
        if fault:
            message = f"the loop name {shown(loop)} {fault}"
            at = where_key(value, [loop])
            loading.add("bad-name", message, at, "call it something else", f"steps.{name}.foreach")
        if isinstance(home, str) and home in known.collections:
            loops[loop] = home
        elif isinstance(home, str):
            _refuse_collection(loading, name, home, where(value, [loop]), known)
    return loops


def _refuse_collection(loading: Loading, name: str, home: str, at: Where, known: Known) -> None:
    if "{" in home:
        return  # a template, which the schema has refused
    dotted = home if home in known.collections else f"data.{home}"
    if dotted in known.collections:
        message = f"`{home}` has no singular"
        hint = f"name the loop: `foreach: {{item: {dotted}}}`"
    else:
        message = f"there is no collection {shown(home)}"
        block = "shots" if home in SINGULAR.values() else home.removeprefix("data.")
        declared = f"`{block}`" if block in SINGULAR else f"`data: {{{block}: …}}`"
        hint = did_you_mean(home, known.collections) or f"declare {declared} in this file"
    loading.add("unknown-collection", message, at, hint, f"steps.{name}.foreach")


def _seconds(loading: Loading, name: str, tree: Map) -> float | None:
    found = seconds(tree["timeout"])
    if isinstance(tree["timeout"], str) and found == 0:
        at = where(tree, ["timeout"])
        loading.add("too-small", "a timeout is above 0 seconds", at, "", f"steps.{name}.timeout")
    return found
