"""Every value knows its line and column, also after merges, aliases and odd line ends."""

from __future__ import annotations

import bisect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.spec.source import read, text_where, where, where_key
from kinoform.spec.tree import Source

TEXT = """\
a: 1
"b": &x
  c: [p, {d: q}]
  e: |
    one {{ x }}
      two
    three
f: {<<: *x, g: >
    folded
    text
  }
h: *x
i: "quoted {{ x }}
  more"
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), "1:1", "1:1"),
        (("a",), "1:1", "1:4"),
        (("b",), "2:1", "2:6"),
        (("b", "c", 0), "3:7", "3:7"),
        (("b", "c", 1, "d"), "3:11", "3:14"),
        (("h",), "12:1", "12:4"),
        (("h", "c"), "3:3", "3:6"),
        (("missing", "x"), "1:1", "1:1"),
        (("b", "c", 7), "3:6", "3:6"),
        (("b", "c", -1), "3:6", "3:6"),
    ],
)
def test_a_path_leads_to_its_key_and_its_value(
    path: tuple[str | int, ...], key: str, value: str
) -> None:
    tree = read("f.yaml", TEXT.replace("g: >\n    folded\n    text\n  }", "g: 1\n\n\n  }").encode())
    assert str(where_key(tree, path)) == f"f.yaml:{key}"
    assert str(where(tree, path)) == f"f.yaml:{value}"


def test_a_merged_entry_stands_where_it_was_written() -> None:
    tree = read("f.yaml", b"a: &a\n  x: 1\nb:\n  <<: *a\n  y: 2\n")
    assert str(where(tree, ["b", "x"])) == "f.yaml:2:6"
    assert str(where(tree, ["b", "y"])) == "f.yaml:5:6"


@pytest.mark.parametrize(("line", "spot"), [(1, "3:5"), (2, "4:7"), (3, "5:5"), (99, "8:1")])
def test_a_line_of_a_literal_block_is_a_line_of_the_file(line: int, spot: str) -> None:
    text = b"# head\ne: &name |-\n    one\n      two\n    three\nf: 1\n\n"
    assert str(text_where(read("f.yaml", text), ["e"], line)) == f"f.yaml:{spot}"


@pytest.mark.parametrize("value", [">\n  one\n  two", '"one\n  two"', "'one\n  two'", "one\n  two"])
def test_other_text_points_at_its_beginning(value: str) -> None:
    tree = read("f.yaml", f"a: {value}\n".encode())
    assert str(text_where(tree, ["a"], 2)) == "f.yaml:1:4"


def test_template_lines_are_right_with_windows_line_ends() -> None:
    tree = read("f.yaml", b"a: |\r\n  one\r\n  two\r\n")
    assert str(text_where(tree, ["a"], 2)) == "f.yaml:3:3"


def test_columns_count_characters_and_not_bytes() -> None:
    tree = read("f.yaml", "é: {ü: 🎬, b: x}\n".encode())
    assert str(where(tree, ["é", "b"])) == "f.yaml:1:14"


def test_the_rare_line_ends_of_yaml_do_not_shift_what_follows() -> None:
    tree = read("f.yaml", "a: 'x\u2028y'\nb: 1\r\nc: 2\rd: 3\n".encode())
    assert [where(tree, [key]).line for key in "abcd"] == [1, 2, 3, 4]


@given(st.text(st.sampled_from("ab é🎬\n\r"), max_size=40), st.integers(0, 40))
def test_a_place_is_the_line_and_column_that_an_editor_shows(text: str, offset: int) -> None:
    source = Source("f", text.encode())
    unified = source.data.decode()
    starts = [0, *(n + 1 for n, char in enumerate(unified) if char == "\n")]
    offset = min(offset, len(unified))
    if offset == starts[-1] == len(unified) and offset and unified[-1] != "\n":
        return
    line = bisect.bisect_right(starts, offset)
    place = source.place(offset)
    assert (place.line, place.col) == (line, offset - starts[line - 1] + 1)
    assert "".join(source.line(n) for n in range(1, len(starts) + 1)) == unified
