"""What is garbage: laws over any store, any records, any policy."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kinoform.core.garbage import (
    COSTLY,
    DAY,
    YOUNG,
    Fate,
    History,
    Names,
    Policy,
    Thing,
    judge,
    mentioned,
    summed,
)
from kinoform.core.types import Blob, Event, Result

NOW = 100_000 * DAY
DIGESTS = [f"sha256:{number:064x}" for number in range(6)]

digests = st.sampled_from(DIGESTS)
ages = st.floats(0, 400 * DAY)
things = st.lists(
    st.builds(lambda d, size, age: Thing(d, size, NOW - age), digests, st.integers(0, 9), ages),
    unique_by=lambda thing: thing.digest,
)
results = st.lists(
    st.builds(
        lambda kind, out, read: Result(
            "k", "step", 1, "op", kind, (Blob(out, 1, "image/png"),), {"params": {"$bytes": read}}
        ),
        st.sampled_from(["hosted", "local", "draft"]),
        digests,
        digests,
    ),
    max_size=6,
)
policies = st.builds(Policy, st.sampled_from([0.0, 7.0, 30.0]), st.booleans())
keeps = st.dictionaries(digests, st.just("in use"))


def names_of(found: list[Result], used: float = 0.0) -> Names:
    names = Names()
    for result in found:
        names.result(result, used)
    return names


@given(things, results, keeps, policies)
def test_what_goes_is_old_unneeded_and_unpaid_unless_it_was_named(
    held: list[Thing], found: list[Result], kept: dict[str, str], policy: Policy
) -> None:
    paid = {result.outputs[0].digest for result in found if result.kind == "hosted"}
    fates = judge(held, names_of(found), kept, policy, NOW)
    assert [fate.thing for fate in fates] == held
    for fate in fates:
        if fate.goes:
            assert NOW - fate.thing.at >= max(YOUNG, policy.days * DAY)
            assert fate.thing.digest not in kept
            assert policy.paid or fate.thing.digest not in paid
            assert policy.paid or fate.sort not in COSTLY
        else:
            assert fate.why


@given(things, results, keeps, policies)
def test_more_reasons_to_keep_never_make_more_go(
    held: list[Thing], found: list[Result], kept: dict[str, str], policy: Policy
) -> None:
    def going(more: dict[str, str], by: Policy) -> set[str]:
        fates = judge(held, names_of(found), more, by, NOW)
        return {fate.thing.digest for fate in fates if fate.goes}

    base = going(kept, policy)
    assert going(kept | dict.fromkeys(DIGESTS[:3], "picked"), policy) <= base
    assert going(kept, replace(policy, days=policy.days + 7)) <= base
    assert going(kept, replace(policy, paid=False)) <= base


@given(things, results, keeps, policies)
def test_sums_lose_no_object_and_no_byte(
    held: list[Thing], found: list[Result], kept: dict[str, str], policy: Policy
) -> None:
    fates = judge(held, names_of(found), kept, policy, NOW)
    sums = summed(fates)
    assert sum(each.count for each in sums) == len(held)
    assert sum(each.size for each in sums) == sum(thing.size for thing in held)


def test_bytes_of_two_records_are_worth_the_more() -> None:
    local = Result("k", "a", 1, "op", "local", (Blob(DIGESTS[0], 1, "image/png"),), {})
    bought = replace(local, kind="hosted", step="b")
    for order in ([local, bought], [bought, local]):
        assert names_of(order).sorts[DIGESTS[0]] == "paid"


def test_what_no_record_names_is_unknown_and_stays() -> None:
    (fate,) = judge([Thing(DIGESTS[0], 1, 0.0)], Names(), {}, Policy(0.0), NOW)
    assert (fate.sort, fate.goes) == ("unknown", False)
    assert isinstance(fate, Fate)


def test_digests_are_found_wherever_they_stand() -> None:
    data = {"a": [DIGESTS[0], {"b": f"as {DIGESTS[1]} in a text"}], "c": 3, "d": ("x", DIGESTS[2])}
    assert list(mentioned(data)) == DIGESTS[:3]


def test_a_key_that_was_replaced_counts_as_used_until_then() -> None:
    history = History()
    for at, key in ((1.0, "old"), (5.0, "new")):
        history.hear(Event(at, "r", "p", "result", "reel", 1, key))
    history.hear(Event(9.0, "r", "p", "started", "reel", 1, "new"))
    assert history.used == {"old": 5.0, "new": 5.0}
    assert history.heads == {("p", "reel", 1): "new"}
