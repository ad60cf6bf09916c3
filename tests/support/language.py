"""Short ways to say a pipeline and to hear what is wrong with it, for stories of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kinoform.core.errors import Problem, SpecError

if TYPE_CHECKING:
    from film import Film

HEAD = "kinoform: 1\nname: x\n"
NOTE = "    uses: local/text\n"


def faults_of(film: Film, text: str) -> tuple[Problem, ...]:
    """What `check` says of this text: exit 3, every fault at a place."""
    film.write(text)
    with pytest.raises(SpecError) as caught:
        film.open().check()
    assert caught.value.exit == 3
    assert all(p.where for p in caught.value.problems)
    return caught.value.problems


def texts_of(film: Film, text: str) -> dict[str, str]:
    """The text of every `local/text` step, rendered."""
    film.write(text)
    return {s.id: s.params["text"] for s in film.open().compiled.steps if "text" in s.params}
