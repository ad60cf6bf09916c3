"""A film, before and after its first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from film import Film

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """A film of six shots, nothing made yet."""
    return Film(tmp_path)


@pytest.fixture
def made(film: Film) -> Film:
    """The same, made once."""
    film.run()
    return film
