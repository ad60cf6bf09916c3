"""Model files that came with kinoform: found by id, and read when they are asked for."""

from __future__ import annotations

import pytest

from kinoform.api.models import catalog, shipped_models
from kinoform.spec.catalog import UnknownModelError

O3 = "runware/klingai:kling-image@o3"


def test_every_model_is_found_by_its_id_and_by_nothing_else() -> None:
    assert len(shipped_models()) == len(set(shipped_models())) == len(catalog())
    for name in shipped_models():
        assert shipped_models()[name].id == catalog()[name].id == name
    for odd in ("runware/klingai.kling-image@o3", "runware", "runware/", "local/../local/text", ""):
        assert odd not in shipped_models()
        with pytest.raises(UnknownModelError):
            catalog()[odd]


def test_a_model_is_one_object_however_often_it_is_asked_for() -> None:
    assert catalog()[O3] is shipped_models()[O3] is dict(catalog())[O3]
