"""The fault plan: when each rule fires, what a plan may say, and what is told of it."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import running
from kinoform.core.errors import SpecError
from kinoform.emulator.fault_plan import POINTS, read_plan
from kinoform.emulator.faults import Faults
from kinoform.spec.shape import ANNOTATIONS, MAKERS, OTHER_KEYWORDS

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "schemas" / "faults.json").read_text("utf-8")
)


def faults(*rules: dict[str, Any], seed: int = 0, at: list[float] | None = None) -> Faults:
    """A plan in force; `at[0]` is what its clock says."""
    time = at if at is not None else [0.0]
    made = Faults(seed, lambda: time[0])
    made.load(list(rules))
    return made


def fired(plan: Faults, times: int, point: str = "poll", **detail: str) -> list[int]:
    """At which of so many times, from 1, something goes wrong."""
    return [n for n in range(1, times + 1) if plan.at(point, "runware", detail)]


def codes(text: str) -> list[tuple[str, int]]:
    """What is wrong with a plan: code and line."""
    with pytest.raises(SpecError) as caught:
        read_plan("plan.yaml", text.encode())
    return [(each.code, each.where.line if each.where else 0) for each in caught.value.problems]


def test_nothing_goes_wrong_without_a_plan() -> None:
    assert fired(Faults(), 20) == []


def test_a_rule_without_match_fires_each_time_at_its_point_only() -> None:
    plan = faults({"point": "poll", "fault": "drop"})
    assert fired(plan, 3) == [1, 2, 3]
    assert fired(plan, 3, point="list") == []


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"first": 2}, [1, 2]),
        ({"every": 3}, [3, 6]),
        ({"first": 4, "every": 2}, [2, 4]),
        ({"task": 2}, [2]),
        ({"probability": 0}, []),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_a_match_says_at_which_times(match: dict[str, Any], expected: list[int]) -> None:
    assert fired(faults({"point": "poll", "fault": "drop", "match": match}), 7) == expected


def test_times_is_the_most_that_a_rule_fires() -> None:
    plan = faults({"point": "poll", "fault": "drop", "match": {"every": 2}, "times": 2})
    assert fired(plan, 20) == [2, 4]


def test_the_number_of_a_task_stays_however_often_it_comes_by() -> None:
    plan = faults({"point": "poll", "fault": "drop", "match": {"task": 2}})
    seen = [bool(plan.at("poll", "runware", {"task": name})) for name in "aababb"]
    assert seen == [False, False, True, False, True, True]


def test_per_task_each_task_is_counted_by_itself() -> None:
    plan = faults({"point": "poll", "fault": "empty", "match": {"first": 1, "per": "task"}})
    seen = [bool(plan.at("poll", "runware", {"task": name})) for name in "abab"]
    assert seen == [True, True, False, False]


def test_a_window_is_seconds_of_the_emulators_clock() -> None:
    at = [0.0]
    plan = faults({"point": "poll", "fault": "drop", "match": {"from": 10, "until": 20}}, at=at)
    seen = []
    for at[0] in (0.0, 10.0, 20.0, 20.1):
        seen.append(bool(plan.at("poll", "wavespeed", {})))
    assert seen == [False, True, True, False]


def test_a_provider_and_a_model_narrow_a_rule() -> None:
    plan = faults(
        {"point": "task", "provider": "runware", "model": "klingai:kling-video@*", "fault": "empty"}
    )
    assert plan.at("task", "runware", {"model": "klingai:kling-video@o3-pro"})
    assert not plan.at("task", "wavespeed", {"model": "klingai:kling-video@o3-pro"})
    assert not plan.at("task", "runware", {"model": "klingai:kling-image@o3"})


def test_the_first_rule_that_fires_decides_and_the_others_count_on() -> None:
    plan = faults(
        {"point": "poll", "fault": "drop", "match": {"every": 2}},
        {"point": "poll", "fault": "html", "match": {"every": 3}},
    )
    kinds = [found.kind if (found := plan.at("poll", "", {})) else "" for _ in range(6)]
    assert kinds == ["", "drop", "html", "drop", "", "drop"]
    assert [row["fired"] for row in plan.report()] == [3, 1]
    assert [row["asked"] for row in plan.report()] == [6, 6]


@given(seed=st.integers(0, 2**40), order=st.permutations("abcdefgh"))
def test_chance_hangs_on_seed_rule_and_task_and_not_on_the_order(
    seed: int, order: list[str]
) -> None:
    rule = {"point": "task", "fault": "partial", "match": {"probability": 0.5}}

    def struck(names: list[str]) -> set[str]:
        plan = faults(rule, seed=seed)
        return {name for name in names if plan.at("task", "runware", {"task": name})}

    assert struck(order) == struck(sorted(order))


def test_chance_is_about_as_large_as_it_says() -> None:
    plan = faults({"point": "poll", "fault": "drop", "match": {"probability": 0.15}}, seed=4)
    assert 250 <= len(fired(plan, 2000)) <= 350


def test_another_seed_strikes_others_and_a_plan_may_name_it() -> None:
    rule = {"point": "poll", "fault": "drop", "match": {"probability": 0.5}}
    one = fired(faults(rule, seed=1), 50)
    assert one != fired(faults(rule, seed=2), 50)
    named = Faults(seed=2)
    named.load({"seed": 1, "rules": [rule]})
    assert fired(named, 50) == one


def test_settings_that_are_not_given_have_their_defaults() -> None:
    plan = faults({"point": "poll", "fault": {"status": {"status": 429, "retry-after": 30}}})
    found = plan.at("poll", "runware", {})
    assert found
    assert found.kind == "status"
    assert found.params == {
        "status": 429, "retry-after": 30, "body": "", "media": "application/json", "headers": {}
    }  # fmt: skip


def test_a_plan_is_replaced_or_added_to() -> None:
    plan = faults({"point": "poll", "fault": "drop"})
    plan.load("rules: [{point: list, fault: empty}]", add=True)
    assert [row["point"] for row in plan.report()] == ["poll", "list"]
    plan.load("")
    assert plan.report() == []


def test_every_fault_of_a_plan_is_said_at_its_place() -> None:
    text = """\
rules:
  - {point: pol, fault: drop}
  - {point: poll, falt: drop, fault: html}
  - {point: poll, fault: {delay: {}}}
"""
    assert codes(text) == [("not-a-choice", 2), ("unknown-key", 3), ("missing-key", 4)]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{point: poll, fault: delay}", "missing-key"),
        ("{point: task, fault: drop}", "fault-not-here"),
        ("{point: poll, fault: {drop: {}, html: {}}}", "fault-not-here"),
        ("{point: poll, fault: drop, match: {probability: 1.5}}", "not-a-share"),
        ("{point: download, fault: {truncate: {share: 2}}}", "not-a-share"),
    ],
)
def test_what_no_schema_can_say_is_checked_too(rule: str, code: str) -> None:
    assert codes(f"rules: [{rule}]") == [(code, 1)]


def test_what_is_no_map_is_no_plan() -> None:
    assert codes("[1]") == [("no-fault-plan", 0)]


def test_a_broken_plan_leaves_the_one_before_in_force() -> None:
    plan = faults({"point": "poll", "fault": "drop"})
    with pytest.raises(SpecError):
        plan.load([{"point": "nowhere"}])
    assert plan.at("poll", "runware", {})


def _rules() -> dict[str, Any]:
    defined: dict[str, Any] = SCHEMA["$defs"]
    return defined


def test_the_schema_knows_every_point_and_every_fault_in_both_forms() -> None:
    rule = _rules()["rule"]["properties"]
    assert tuple(rule["point"]["enum"]) == tuple(POINTS)
    assert rule["fault"]["anyOf"][0]["enum"] == list(_rules()["fault"]["properties"])


def test_the_schema_describes_every_fault_and_uses_checked_keywords_only() -> None:
    words = set(re.findall(r'"([$a-zA-Z]+)": ', json.dumps(SCHEMA)))
    names = {name for each in _rules().values() for name in each.get("properties", {})}
    names |= {n for f in _rules()["fault"]["properties"].values() for n in f.get("properties", {})}
    known = set(MAKERS) | OTHER_KEYWORDS | ANNOTATIONS | {"default"}
    assert words <= known | names | set(_rules()) | {"seed", "rules", "date"}
    assert all("description" in each for each in _rules()["fault"]["properties"].values())


def test_a_plan_can_be_added_to_while_the_emulator_runs() -> None:
    with running() as server:
        server.faults({"point": "poll", "fault": "drop"})
        url = f"{server.base}/_emulator/faults?add=1"
        body = b"rules: [{point: list, fault: empty}]"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(urllib.request.Request(url, body)).close()  # noqa: S310  (loopback only)
        assert server.fired() == [0, 0]
