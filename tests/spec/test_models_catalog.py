"""The catalog: models by id, near names, and model files that are not ours."""

from __future__ import annotations

import copy

import pytest
from shipped_models import O3, PRO, meta, model, shipped

from kinoform.core.errors import SpecError
from kinoform.core.types import Op
from kinoform.spec.catalog import Catalog, UnknownModelError, load, load_foreign


def test_a_model_is_an_operation_with_the_digest_of_its_file() -> None:
    found = model(PRO)
    assert found.op == Op(PRO, 0, "hosted", "runware", found.digest)
    assert found.digest.startswith("sha256:")
    assert model("local/text").op.version == 1
    assert load(copy.deepcopy(dict(found.document))).digest == found.digest


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("runware/klingai:kling-image@o4", O3),
        ("klingai:kling-image@o3", O3),
        ("Kling VIDEO O3 Pro", PRO),
        ("local/contactsheet", "local/contact-sheet"),
        ("concat", "local/concat"),
    ],
)
def test_an_unknown_model_is_told_with_the_nearest_ids(wrong: str, near: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        shipped()[wrong]
    (problem,) = caught.value.problems
    assert problem.code == "unknown-model"
    assert near in problem.hint
    assert str(caught.value).startswith("error[unknown-model]")


def test_a_catalog_is_a_mapping() -> None:
    assert O3 in shipped()
    assert "nobody/nothing" not in shipped()
    assert shipped().get("nobody/nothing") is None
    assert list(shipped()) == sorted(shipped())


def test_two_files_of_one_id_are_refused() -> None:
    with pytest.raises(SpecError, match="two model files"):
        Catalog([model(O3), model(O3)])


def test_a_file_that_is_not_ours_is_judged_before_it_is_used() -> None:
    broken = {**copy.deepcopy(dict(model(O3).document)), "kind": "magic", "colour": 1}
    del broken["price"]
    with pytest.raises(SpecError) as caught:
        load(broken, meta())
    assert {(p.code, p.path) for p in caught.value.problems} == {
        ("bad-model-file", "kind"),
        ("bad-model-file", "colour"),
        ("bad-model-file", "price"),
    }


def test_a_request_that_is_no_schema_is_refused() -> None:
    broken = copy.deepcopy(dict(model(O3).document))
    broken["request"]["properties"]["width"]["type"] = "whole"
    with pytest.raises(SpecError, match="width"):
        load(broken, meta())


def test_a_model_that_is_not_shipped_says_which_page_to_import() -> None:
    catalog = Catalog([], {"runware/x:y@1": "example.org/y.md"})
    with pytest.raises(UnknownModelError) as caught:
        catalog["runware/x:y@1"]
    assert "example.org/y.md" in caught.value.problems[0].hint


def test_a_file_that_is_not_ours_may_hold_no_regular_expression() -> None:
    foreign = copy.deepcopy(dict(model(O3).document))
    foreign["request"]["properties"]["positivePrompt"]["pattern"] = "^(a+)+$"
    with pytest.raises(SpecError) as caught:
        load_foreign(foreign, meta())
    (problem,) = caught.value.problems
    assert "request.properties.positivePrompt.pattern" in problem.message
