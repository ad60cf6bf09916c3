"""What was spent, as a table, as CSV and as data."""

from __future__ import annotations

import csv
import io

from paid_work import Work

from kinoform.core.costs import MONEY, Spent, of_task
from kinoform.views import costs as views


def spent(work: Work) -> list[Spent]:
    return [of_task(task, lambda _: "2026-11-27") for task in work.tasks()]


def shoot() -> Work:
    work = Work()
    work.bought("still@s010", "0.028")
    work.bought("clip@s010", "0.56")
    work.then(work.begin("clip@s020", "0.56"), "ack")
    work.then(work.begin("clip@s030", "0.56"), "refused", code="moderated")
    work.then(work.begin("clip@s040", "0.56"), "ack", "gone", paid="0.56")
    return work


def test_a_table_has_a_row_for_each_and_a_sum() -> None:
    assert list(views.rows(spent(shoot()), "step")) == [
        ("still", "1", "$0.028", "", "$0.028", "", "", ""),
        ("clip", "4", "$2.24", "$0.56", "$1.12", "", "$0.56", "$0.56"),
        ("total", "5", "$2.268", "$0.56", "$1.148", "", "$0.56", "$0.56"),
    ]
    assert list(views.words(spent(shoot()))) == [
        (
            "$1.148 paid for 3 tasks, $0.56 held for what is under way,"
            " 1 task refused, free as far as the provider said"
        ),
        "paid for nothing: $0.56 lost",
    ]


def test_one_row_needs_no_sum_and_a_step_without_shots_is_named() -> None:
    work = Work()
    work.bought("poster", "0.028")
    assert list(views.rows(spent(work), "shot")) == [
        ("(no shot)", "1", "$0.028", "", "$0.028", "", "", "")
    ]


def test_what_nobody_confirmed_is_marked_as_the_worst_case() -> None:
    work = Work()
    work.bought("poster", "0.028")
    work.then(work.begin("clip", "0.56"), "ack", "refused", paid="0.56", assumed="0.56")
    assert list(views.rows(spent(work), "step"))[1:] == [
        ("clip", "1", "$0.56", "", "$0.56", "$0.56", "", "$0.56"),
        ("total", "2", "$0.588", "", "$0.588", "$0.56", "", "$0.56"),
    ]
    assert list(views.words(spent(work)))[1:] == [
        "$0.56 of that is the worst case: no provider said what was taken",
        "paid for nothing: $0.56 refused",
    ]


def test_as_data_money_is_exact_text() -> None:
    found = views.document(spent(shoot()), "step", {"project": None})
    assert found["total"] == {
        "tasks": 5, "refusals": 1, "estimate": "2.268", "reserved": "0.56", "paid": "1.148",
        "assumed": "0", "refused": "0.56", "wasted": "0.56",
    }  # fmt: skip
    assert [row["name"] for row in found["rows"]] == ["still", "clip"]
    assert (found["wasted"], found["currency"]) == ({"lost": "0.56"}, "USD")


def test_a_sheet_takes_no_name_for_a_formula() -> None:
    work = Work()
    for name in ("=2+5", "+1", "-1", "@sum", "plain", 'a,"b'):
        work.bought(name, "0.10")
    rows = list(csv.reader(io.StringIO(views.table(spent(work), "step"))))
    assert rows[0] == ["step", "tasks", *MONEY]
    names = [row[0] for row in rows[1:]]
    assert names == ["'=2+5", "'+1", "'-1", "", "plain", 'a,"b']
    assert rows[1][1:] == ["1", "0.1", "0", "0.1", "0", "0", "0"]
