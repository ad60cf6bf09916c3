"""More faults of a file that has some already: those of its requests, as far as they stand alone.

A typing error in one step should not hide a wrong size in another. Steps with a fault are left
out, and what others say about steps that were left out is an echo and not said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kinoform.core.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kinoform.core.errors import Problem
    from kinoform.spec.compile import Compiled
    from kinoform.spec.document import Document

    Compile = Callable[[Document, Mapping[str, str]], Compiled]

_STEP = r"steps\.([^.\[]+)"


def further(
    document: Document, problems: Sequence[Problem], compile_it: Compile
) -> tuple[Problem, ...]:
    """What compiling the sound steps finds. Nothing when a fault lies outside of steps.

    A wrong variable or a missing collection would echo in every step that uses it.
    """
    wrong = [re.match(_STEP, problem.path) for problem in problems]
    if not all(wrong):
        return ()
    faulty = {match[1] for match in wrong if match}
    sound = {name: step for name, step in document.steps.items() if name not in faulty}
    try:
        compile_it(replace(document, steps=sound), {})
    except SpecError as error:
        return tuple(p for p in error.problems if not _echoes(p, faulty))
    return ()


def _echoes(problem: Problem, faulty: set[str]) -> bool:
    return any(f"'{name}'" in problem.message or f"`{name}`" in problem.message for name in faulty)
