"""Collections: in place, from CSV, from YAML files; keys, fields and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_in_memory import document, faults, found, spots

CSV = "shots: {from: shots.csv, key: id}\n"
GLOB = 'shots: {from: "shots/*.yaml"}\n'


def csv_faults(data: str | bytes, block: str = CSV) -> list[tuple[str, str]]:
    return spots(faults(lambda: document(block, {"shots.csv": data})))


def test_items_in_place_keep_their_order_and_may_hold_templates() -> None:
    shots = document("shots:\n  b: {dur: 5}\n  a: {does: '{{ vars.x }}'}\n").shots
    assert shots.order == ("b", "a")
    assert shots.items["b"] == {"dur": 5}
    assert not shots.inert
    assert str(shots.where("a")) == "pipeline.yaml:4:3"


def test_a_collection_that_was_not_written_is_empty() -> None:
    made = document("vars: {}\n")
    assert (made.shots.order, made.characters.order, made.styles.order) == ((), (), ())
    assert made.data == {}


def test_rows_of_a_csv_file_are_items_typed_by_the_table() -> None:
    data = "\ufeffid,dur,take,ratio,chain,note\r\n010,5,010,16:9,TRUE,\r\ns020,2.5,007,null,false,'x'\r\n"
    shots = document(CSV, {"shots.csv": data}).shots
    assert shots.items["010"] == {
        "id": "010", "dur": 5, "take": "010", "ratio": "16:9", "chain": True, "note": None,
    }  # fmt: skip
    assert shots.items["s020"]["ratio"] == "null"
    assert shots.items["s020"]["note"] == "'x'"
    assert shots.inert
    assert str(shots.where("s020")) == "shots.csv:3:1"


def test_the_key_is_text_and_so_are_the_columns_that_ask_for_it() -> None:
    block = "shots: {from: shots.csv, key: id, text: [take]}\n"
    shots = document(block, {"shots.csv": "id,take,dur\n10,7,7\n1e5,,8\n"}).shots
    assert shots.items["10"] == {"id": "10", "take": "7", "dur": 7}
    assert shots.items["1e5"] == {"id": "1e5", "take": None, "dur": 8}


def test_a_quoted_cell_holds_commas_quotes_lines_and_templates() -> None:
    data = 'id,does\na,"one, ""two""\nthree"\n\nb,{{ vars.x }} ${{ y }}\n'
    shots = document(CSV, {"shots.csv": data}).shots
    assert shots.items["a"]["does"] == 'one, "two"\nthree'
    assert shots.items["b"]["does"] == "{{ vars.x }} ${{ y }}"
    assert str(shots.where("b")) == "shots.csv:5:1"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", [("bad-csv", "shots.csv:1:1")]),
        ("id,id\na,b\n", [("bad-column", "shots.csv:1:1")]),
        ("id,\na,b\n", [("bad-column", "shots.csv:1:1")]),
        ("id, dur\na,b\n", [("bad-column", "shots.csv:1:1")]),
        ("id,prev,next\na,b,c\n", [("bad-column", "shots.csv:1:1"), ("bad-column", "shots.csv:1:1")]),
        ("id;dur\na;b\n", [("bad-column", "shots.csv:1:1")]),
        ("id,dur\na,1\nb\nc,1,2\n", [("ragged-row", "shots.csv:3:1"), ("ragged-row", "shots.csv:4:1")]),
        ('id,dur\na,"x\ny"\n"b"c,1\n', [("bad-csv", "shots.csv:4:1")]),
        ('id,dur\na,"open\n', [("bad-csv", "shots.csv:2:1")]),
        ("id,dur\na,1\na,2\nA,3\n", [("same-name", "shots.csv:3:1"), ("same-name", "shots.csv:4:1")]),
        ("id,dur\n,1\n", [("bad-key", "shots.csv:2:1")]),
        ("id,dur\na b,1\nframe,2\n", [("bad-name", "shots.csv:2:1"), ("bad-name", "shots.csv:3:1")]),
        ("id,omit\na,maybe\n", [("wrong-type", "shots.csv:2:1")]),
        (b"id,dur\na,\xff\n", [("encoding", "shots.csv:2:3")]),
        (b"id,dur\na,\x00\n", [("control-character", "shots.csv:2:3")]),
        ("name,dur\na,1\n", [("unknown-column", "pipeline.yaml:2:31")]),
    ],
)  # fmt: skip
def test_faults_of_a_csv_file_are_located_in_it(
    data: str | bytes, expected: list[tuple[str, str]]
) -> None:
    assert csv_faults(data) == expected


def test_a_csv_file_needs_a_key_and_its_columns_must_exist() -> None:
    block = "shots: {from: shots.csv, text: [tkae]}\n"
    problems = faults(lambda: document(block, {"shots.csv": "id,take\na,1\n"}))
    assert [problem.code for problem in problems] == ["missing-key", "unknown-column"]
    assert [problem.hint for problem in problems] == [
        "for example `key: id`",
        "did you mean `take`?",
    ]


def test_each_file_of_a_pattern_is_an_item_by_name() -> None:
    files = {"shots/b.yaml": "dur: 1\n", "shots/a.yaml": "does: '{{ x }}'\n", "other/c.yaml": "{}"}
    made = document(GLOB, files)
    assert made.shots.order == ("a", "b")
    assert made.shots.inert
    assert str(made.shots.where("b")) == "shots/b.yaml:1:1"
    assert set(made.reads) == {"pipeline.yaml", "shots/a.yaml", "shots/b.yaml"}


def test_a_field_can_be_the_key_of_a_file() -> None:
    block = 'shots: {from: "shots/*.yaml", key: id}\n'
    made = document(block, {"shots/b.yaml": "id: s010\n", "shots/a.yaml": "id: s020\n"})
    assert made.shots.order == ("s020", "s010")
    problems = faults(lambda: document(block, {"shots/a.yaml": "id: 10\n", "shots/b.yaml": "{}\n"}))
    assert spots(problems) == [("bad-key", "shots/a.yaml:1:1"), ("bad-key", "shots/b.yaml:1:1")]


def test_one_yaml_file_is_a_map_of_items() -> None:
    made = document("data: {markets: {from: m.yaml}}\n", {"m.yaml": "NO: {tongue: nb}\nfr: 5\n"})
    assert made.data["markets"].items == {"NO": {"tongue": "nb"}, "fr": 5}
    assert made.data["markets"].name == "data.markets"
    problems = faults(lambda: document("shots: {from: m.yaml}\n", {"m.yaml": "- a\n"}))
    assert spots(problems) == [("wrong-type", "m.yaml:1:1")]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("shots: {from: nope.csv, key: id}\n", ("no-such-file", "2:15")),
        ('shots: {from: "nope/*.yaml"}\n', ("no-such-file", "2:15")),
        ("shots: {from: ../x.csv, key: id}\n", ("bad-path", "2:15")),
        ("shots: {from: /etc/x.yaml}\n", ("bad-path", "2:15")),
        ('shots: {from: "C:x/*.yaml"}\n', ("bad-path", "2:15")),
        ("shots: {from: x.xlsx, key: id}\n", ("bad-form", "2:15")),
        ('shots: {from: "x/*.csv", key: id}\n', ("bad-form", "2:15")),
    ],
)
def test_sources_that_cannot_be_are_refused_where_they_are_named(
    block: str, expected: tuple[str, str]
) -> None:
    code, place = expected
    assert spots(faults(lambda: document(block))) == [(code, f"pipeline.yaml:{place}")]


def test_what_is_left_out_keeps_its_place() -> None:
    shots = document("shots: {a: {}, b: {omit: true}, c: {omit: false}}\n").shots
    assert (shots.order, shots.omitted) == (("a", "b", "c"), frozenset({"b"}))
    from_file = document(CSV, {"shots.csv": "id,omit\na,TRUE\nb,\nc,false\n"}).shots
    assert from_file.omitted == frozenset({"a"})


@pytest.mark.parametrize("field", ["key", "prev", "next", "index"])
def test_a_field_that_every_item_has_by_itself_is_refused(field: str) -> None:
    problems = faults(lambda: document(f"shots:\n  a: {{x: 1, {field}: 2}}\n"))
    assert spots(problems) == [("reserved-field", "pipeline.yaml:3:13")]


def test_a_shot_may_be_called_prev_but_not_like_a_frame() -> None:
    assert document("shots: {prev: {}}\n").shots.order == ("prev",)
    problems = faults(lambda: document("shots: {first_frame: {}, S1: {}, s1: {}}\n"))
    assert [problem.code for problem in problems] == ["bad-name", "same-name"]


def test_keys_of_two_normal_forms_are_one() -> None:
    assert document("shots: {cafe\u0301: {}}\n").shots.order == ("caf\u00e9",)
    data = "id\ncafe\u0301\ncaf\u00e9\n"
    assert csv_faults(data) == [("same-name", "shots.csv:3:1")]


@given(st.binary(max_size=80) | st.text(st.sampled_from('a,b"\n\r;é\t 1'), max_size=60))
def test_any_bytes_of_a_csv_file_are_read_or_refused_with_places(data: str | bytes) -> None:
    head = b"id,x\n"
    body = data if isinstance(data, bytes) else data.encode()
    bare = found(lambda: document(CSV, {"shots.csv": body}))
    headed = found(lambda: document(CSV, {"shots.csv": head + body}))
    assert all(problem.where for problem in (*bare, *headed))
