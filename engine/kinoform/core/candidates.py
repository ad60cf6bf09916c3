"""What a person can choose between for one step: every result it ever had, and how one is named. Pure.

Knows no ledger and no file: `api.picking` brings the results.
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

from kinoform.core import adopted
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.core.words import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kinoform.core.types import Blob

Stands = Literal["", "first", "chosen", "pinned", "adopted"]
_NAME: Final = r"[0-9a-f]{4}_t[0-9]{2,6}"
_DIGEST: Final = r"(?:sha256:)?(?P<hex>[0-9a-f]{8,64})"
_TAKE: Final = r"[1-9][0-9]{0,5}"
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One result of a step. `current`: it answers the recipe of today; `present`: bytes are here.

    What was adopted has neither recipe nor take. `stands` says why this one stands for the step,
    empty where it does not. `paid` is USD, `at` when it came here (seconds since the epoch, 0 where
    only the lock tells of it), `op` what made it.
    """

    step: str
    outputs: tuple[Blob, ...]
    recipe: str = ""
    take: int = 0
    seed: int | None = None
    paid: Decimal = Decimal(0)
    current: bool = False
    present: bool = False
    stands: Stands = ""
    key: str = ""
    op: str = adopted.OP
    at: float = 0.0

    @property
    def name(self) -> str:
        """`3f9a_t02`, as in the name of its file."""
        return take_name(self.recipe, self.take) if self.recipe else ""

    @property
    def digest(self) -> str:
        """That of its first artifact, which is the one that others read."""
        return self.outputs[0].digest


def take_name(recipe: str, take: int) -> str:
    """`3f9a_t02`: the second take of a recipe, as people see it."""
    return f"{recipe[:4]}_t{take:02}"


def starts(digest: str, word: str) -> bool:
    """Whether a word is the begin of this digest."""
    found = re.fullmatch(_DIGEST, word.strip().lower())
    return bool(found and digest.removeprefix("sha256:").startswith(found["hex"]))


def is_name(word: str) -> bool:
    """Whether a word can only be the name or the digest of a result."""
    return bool(re.fullmatch(_NAME, word) or re.fullmatch(_DIGEST, word))


def find(candidates: Sequence[Candidate], word: str, whose: str) -> Candidate:
    """The one that a take number, a name or the begin of a digest means.

    A number counts within the recipe of today. Raises UsageError (`no-such-take`,
    `ambiguous-take`) with near names.
    """
    said = word.strip().lower()
    found = [each for each in candidates if _test(said)(each)]
    if len({(each.step, each.digest) for each in found}) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{each.step} {_hex(each)}" for each in found[:_SHOWN])
        message = f"{short(word)!r} means {len(found)} results"
        raise UsageError(Problem("ambiguous-take", message, hint=f"say which digest: {names}"))
    message = f"{whose or 'the film'} has no take {short(word)!r}"
    hint = _among_results(candidates, said) or _near(candidates, said)
    raise UsageError(Problem("no-such-take", message, hint=hint))


def _test(word: str) -> Callable[[Candidate], bool]:
    if re.fullmatch(_TAKE, word):
        return lambda each: each.current and each.take == int(word)
    if re.fullmatch(_NAME, word):
        return lambda each: each.name == word
    digest = re.fullmatch(_DIGEST, word)
    return lambda each: digest is not None and _hex(each, 64).startswith(digest["hex"])


def _hex(candidate: Candidate, digits: int = 12) -> str:
    return candidate.digest.removeprefix("sha256:")[:digits]


def _among_results(candidates: Sequence[Candidate], word: str) -> str:
    """What to say of a digest that is one of several results of a request; empty for any other."""
    found = re.fullmatch(_DIGEST, word)
    for each in candidates if found else ():
        digests = [blob.digest.removeprefix("sha256:") for blob in each.outputs]
        for number, digest in enumerate(digests, 1):
            if found and digest.startswith(found["hex"]):
                of = f"result {number} of {len(digests)} of {each.name}"
                return f"it is {of}: `count` is one request, and takes are what is chosen between"
    return ""


def _near(candidates: Sequence[Candidate], word: str) -> str:
    names = [each.name for each in candidates if each.name]
    close = get_close_matches(word, names, _SHOWN, 0.6)
    if close:
        return f"did you mean {', '.join(close)}?"
    if not names:
        return "nothing was made for it yet"
    return f"there are {', '.join(names[:_SHOWN])}{' …' if len(names) > _SHOWN else ''}"


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """What was adopted first, then the recipe of today, then the earlier ones; takes in order."""
    found = list(candidates)
    recipes = list(dict.fromkeys(each.recipe for each in found))
    return sorted(
        found,
        key=lambda c: (bool(c.recipe), not c.current, -recipes.index(c.recipe), c.take),
    )
