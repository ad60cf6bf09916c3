"""What is bought, once; what it costs, before."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from film import FILM, Film, executed, outcomes

from kinoform.api.consent import Consent
from kinoform.api.setting import Hosted
from kinoform.core.errors import SpendError

if TYPE_CHECKING:
    from kinoform.core.types import Action, Decision


def _prices(film: Film) -> dict[str, Decimal | None]:
    return {d.step: d.price.expected if d.price else None for d in film.plan().plan.decisions}


def test_every_step_is_priced_from_the_tables(film: Film) -> None:
    film.edit("dur: 8, starts: chain, ends: hold}", "dur: 8, starts: cut, ends: hold, big: true}")
    film.edit("duration: ${{ shot.dur }}", "duration: ${{ shot.dur }}\n      sound: true")
    film.edit('does }}", size: "1K 16:9"', 'does }}", size: "4K 16:9"')
    prices = _prices(film)
    assert prices["clip@s040"] == Decimal("1.12")
    assert prices["still@s010"] == Decimal("0.056")
    assert prices["reel"] == 0


def test_a_draft_costs_nothing_and_says_what_it_would_cost(film: Film) -> None:
    planned = film.plan(draft="all")
    assert planned.plan.price.worst == 0
    assert planned.price_real == film.plan().plan.price.expected == Decimal("3.584")


def test_nothing_is_spent_without_a_word(film: Film) -> None:
    for consent in (Consent(), Consent(yes=True), Consent(max_cost=Decimal("0.10"))):
        with pytest.raises(SpendError) as caught:
            film.report(consent=consent)
        assert caught.value.exit == 4
    assert film.bought() == 0


def test_a_budget_in_the_file_is_a_ceiling_too(film: Film) -> None:
    film.edit("models:", "budget: {run: 1.50}\nmodels:")
    with pytest.raises(SpendError):
        film.report()
    assert film.bought() == 0


def test_two_steps_with_one_request_are_one_purchase(film: Film) -> None:
    film.write(
        FILM
        + '  again:\n    uses: board\n    with: {prompt: "Wide frame, the harbour wakes", size: "1K 16:9"}\n'
    )
    report = film.report("again", "still")
    assert film.bought() == 6
    assert outcomes(report)["again"] == "reused"


def test_more_takes_buy_the_difference_and_fewer_forget_nothing(film: Film) -> None:
    one = 'kinoform: 1\nname: x\nsteps:\n  a:\n    uses: runware/klingai:kling-image@o3\n    takes: 3\n    with: {prompt: a lamp, size: "1K 1:1"}\n'
    film.write(one)
    film.run()
    assert film.bought() == 3
    film.write(one.replace("takes: 3", "takes: 5"))
    film.run()
    assert film.bought() == 5
    film.write(one.replace("takes: 3", "takes: 1"))
    assert film.run() == set()
    film.write(one.replace("takes: 3", "takes: 5"))
    assert film.run() == set()


def test_takes_are_shown_under_names_of_their_own(film: Film) -> None:
    film.write(
        'kinoform: 1\nname: x\nsteps:\n  a:\n    uses: runware/klingai:kling-image@o3\n    takes: 2\n    with: {prompt: a lamp, size: "1K 1:1"}\n'
    )
    film.run()
    names = sorted(p.name for p in (film.root / "out").iterdir())
    assert names[0] == "a.jpg"
    assert [name[-8:] for name in names[1:]] == ["_t01.jpg", "_t02.jpg"]


def test_the_same_bytes_from_a_hosted_upstream_run_nothing_downstream(made: Film) -> None:
    provider = made.provider
    old = provider.answer
    made.edit("Wide frame, {{ shot.does }}", "A wide frame, {{ shot.does }}")
    before = dict(made.plan().survey.world.heads)
    results = made.open().home.ledger.results(set(before.values()))
    same = {step: results[key].outputs[0].digest for (step, _), key in before.items()}
    store = made.open().home.store
    provider.answer = lambda action: store.path(same[action.step]).read_bytes()
    assert made.run() == {f"still@s0{n}0" for n in range(1, 7)}
    provider.answer = old


def test_a_failed_step_stops_only_what_depends_on_it(film: Film) -> None:
    film.provider.refuses = {"still@s060"}
    report = film.report()
    ended = outcomes(report)
    assert ended["still@s060"] == "failed"
    assert {s for s, o in ended.items() if o == "blocked"} == {
        "edit@s060",
        "clip@s060",
        "reel",
        "sheet",
    }
    assert ended["clip@s050"] == "done"
    film.provider.refuses = set()
    assert film.run() == {"still@s060", "edit@s060", "clip@s060", "reel", "sheet"}


def test_a_provider_that_breaks_stops_only_what_depends_on_it(film: Film) -> None:
    good = film.provider.answer

    def answer(action: Action) -> bytes:
        if action.step == "still@s060":
            raise ZeroDivisionError
        return good(action)

    film.provider.answer = answer
    report = film.report()
    assert [p.code for p in report.problems()] == ["op-crashed"]
    assert report.counts()["done"] == 17
    film.provider.answer = good
    assert film.run() == {"still@s060", "edit@s060", "clip@s060", "reel", "sheet"}


def test_another_build_of_the_cutter_buys_nothing(made: Film) -> None:
    made.ops["local/frame"] = "kinoform.testing.fakes:other_glue"
    bought = made.bought()
    _forget(made, "local/frame")
    made.edit("a boat turns into the light", "a boat turns from the light")
    assert made.run() == {
        "still@s050",
        "edit@s050",
        "clip@s050",
        "clip@s040.last_frame",
        "reel",
        "sheet",
    }
    assert made.bought() == bought + 3


IN_ORDER = """\
kinoform: 1
name: x
steps:
  a: {uses: "runware/klingai:kling-image@o3", with: {prompt: a lamp, size: "1K 1:1"}}
  b: {uses: local/text, needs: [a], with: {text: b}}
"""


def test_what_a_target_follows_in_order_only_is_made_before_it(film: Film) -> None:
    film.write(IN_ORDER)
    film.provider.refuses = {"a"}
    assert outcomes(film.report("b")) == {"a": "failed", "b": "blocked"}
    film.provider.refuses = set()
    assert film.run("b") == {"a", "b"}
    film.edit("text: b", "text: c")
    assert film.run("b") == {"b"}


def test_a_lost_purchase_that_is_followed_in_order_only_stops_nothing(film: Film) -> None:
    film.write(IN_ORDER)
    film.run()
    for digest in _outputs(film, "a"):
        _delete(film, digest)
    film.edit("text: b", "text: c")
    assert outcomes(film.report("b")) == {"a": "lost", "b": "done"}


def _forget(made: Film, op: str) -> None:
    """Delete the bytes of everything that this op made."""
    home = made.open().home
    for event in home.ledger.events():
        if event.kind == "result" and event.data["op"] == op:
            for output in event.data["outputs"]:
                _delete(made, output["digest"])


def _delete(made: Film, digest: str) -> None:
    name = digest.removeprefix("sha256:")
    for path in made.home.rglob(f"*{name[2:]}"):
        path.unlink()


def _outputs(made: Film, step: str) -> list[str]:
    home = made.open().home
    key = home.ledger.heads(str(made.root.resolve()))[step, 1]
    return [blob.digest for blob in home.ledger.results({key})[key].outputs]


def test_local_results_that_are_gone_are_made_again(made: Film) -> None:
    _forget(made, "local/concat")
    assert made.run() == {"reel"}


def test_a_purchase_whose_bytes_are_gone_is_lost_and_not_bought_again(made: Film) -> None:
    bought = made.bought()
    (digest,) = _outputs(made, "still@s060")
    _delete(made, digest)
    planned = made.plan()
    verdicts = {d.step: d.verdict for d in planned.plan.decisions}
    assert verdicts["still@s060"] == "lost"
    assert verdicts["edit@s060"] == verdicts["clip@s060"] == "reuse"
    assert planned.lost == ()
    assert executed(made.report()) == set()
    assert made.bought() == bought


def test_a_lost_purchase_that_somebody_needs_is_said(made: Film) -> None:
    for digest in _outputs(made, "clip@s060"):
        _delete(made, digest)
    made.edit('clips: "${{ out.clip.all }}"', "clips: [\"${{ out.clip['s060'] }}\"]")
    planned = made.plan()
    assert planned.lost == ("clip@s060",)
    report = made.report()
    assert outcomes(report)["reel"] == "blocked"
    assert made.bought() == 18


def test_a_hosted_step_without_a_provider_ends_as_blocked(film: Film) -> None:
    project = film.open(hosted=Hosted())
    report = project.run(project.plan())
    assert outcomes(report)["still@s010"] == "blocked"
    assert {p.code for p in report.problems()} == {"no-provider"}


def test_a_priced_decision_names_what_it_waits_for(film: Film) -> None:
    decisions: dict[str, Decision] = {d.step: d for d in film.plan().plan.decisions}
    assert decisions["clip@s040"].reasons[0].path == "clip@s030.last_frame"
    price = decisions["clip@s040"].price
    assert price is not None
    assert (price.floor, price.worst) == (Decimal(0), Decimal("0.896"))
