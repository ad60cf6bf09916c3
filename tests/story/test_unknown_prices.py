"""Models whose price nobody knows: a ceiling binds them too, as each holds its share of it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import Film, outcomes

from kinoform.api.consent import Consent
from kinoform.api.locate import shipped
from kinoform.core.errors import SpendError

if TYPE_CHECKING:
    from pathlib import Path

BRUSH = "runware/acme:brush@1"
TEXT = f"""\
kinoform: 1
name: brush
shots: {{a: {{does: a lamp}}, b: {{does: a stair}}, c: {{does: the sea}}}}
steps:
  still:
    uses: {BRUSH}
    foreach: shots
    with: {{prompt: "{{{{ shot.does }}}}", size: "1K 16:9"}}
  known:
    uses: runware/klingai:kling-image@o3
    with: {{prompt: a boat, size: "1K 16:9"}}
"""


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Three pictures of a model without a price, and one at $0.028."""
    made = Film(tmp_path, TEXT)
    model = json.loads(
        (shipped("schemas") / "runware/klingai.kling-image@o3.json").read_text("utf-8")
    )
    model["request"]["properties"]["model"] = {"const": "acme:brush@1"}
    dear = {**model["price"], "rows": model["price"]["rows"][:1]}  # only 4K has a price
    own = {**model, "id": BRUSH, "examples": [], "refused": [], "price": dear}
    (made.root / "models/runware").mkdir(parents=True)
    (made.root / "models/runware/acme.brush@1.json").write_text(json.dumps(own), "utf-8")
    return made


def held(film: Film) -> list[str]:
    tasks = film.open().home.ledger.tasks()
    return sorted(str(task.estimate) for task in tasks)


def test_each_holds_an_equal_share_of_what_the_ceiling_leaves(film: Film) -> None:
    film.provider.price = Decimal("0.02")
    film.report(consent=Consent(max_cost=Decimal("0.328")))
    assert held(film) == ["0.028", "0.1", "0.1", "0.1"]
    assert {task.paid for task in film.open().home.ledger.tasks()} == {Decimal("0.02")}


def test_a_ceiling_that_leaves_nothing_for_them_lets_nothing_begin(film: Film) -> None:
    with pytest.raises(SpendError, match="leaves nothing"):
        film.report(consent=Consent(max_cost=Decimal("0.028")))
    assert film.bought() == 0


def test_one_that_takes_more_than_its_share_is_bought_no_more_in_that_run(film: Film) -> None:
    film.provider.price = Decimal("0.3")
    film.edit("foreach: shots", "foreach: shots\n    takes: 9")
    report = film.report(consent=Consent(max_cost=Decimal(1)))
    assert "blocked" in outcomes(report).values()
    film.edit("1K 16:9", "4K 16:9")  # for which there is a price
    film.edit("takes: 9", "takes: 1")
    assert not [
        d
        for d in film.plan("still@a").plan.decisions
        if d.price and d.price.worst > d.price.expected
    ]
    spent = sum(task.paid for task in film.open().home.ledger.tasks())
    assert spent <= Decimal("0.3") * 5  # those that were under way when the first one told


def test_without_a_ceiling_nothing_is_held_for_them(film: Film) -> None:
    film.report(consent=Consent(answered=True))
    assert held(film) == ["0", "0", "0", "0.028"]
