"""Reading YAML: what comes out, what is refused, and where it says so."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from project_in_memory import faults, found, refused

from kinoform.spec.source import MAX_ALIASES, MAX_DEPTH, read, read_source
from kinoform.spec.tree import Map, Seq, Source

if TYPE_CHECKING:
    from collections.abc import Callable

PARSERS = [pytest.param(False, id="c"), pytest.param(True, id="pure")]


def test_a_document_becomes_plain_maps_lists_and_values() -> None:
    tree = read("f.yaml", b"a: 1\nb: [x, 2.5, true, ~]\nc: {d: 'e'}\n")
    assert tree == {"a": 1, "b": ["x", 2.5, True, None], "c": {"d": "e"}}
    assert (type(tree), type(tree["b"]), type(tree["c"])) == (Map, Seq, Map)


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"\n\n", b"---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_none(data: bytes) -> None:
    assert read("f.yaml", data) is None


def test_the_collector_runs_again_after_reading_and_after_a_refusal() -> None:
    assert gc.isenabled()
    read("f.yaml", b"a: 1")
    refused("a: [")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        read("f.yaml", b"a: 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert read("f.yaml", b"\xef\xbb\xbfa: 1") == {"a": 1}


def test_windows_line_ends_give_the_same_text() -> None:
    unix = "a: |\n  one\n  two\nb: 'x\n\n  y'\n"
    assert read("f.yaml", unix.replace("\n", "\r\n").encode()) == read("f.yaml", unix.encode())


def test_accents_and_emoji_of_values_come_through_unchanged() -> None:
    nfd, nfc = "cafe\u0301", "caf\u00e9"
    tree = read("f.yaml", f"a: {nfd}\nb: {nfc}\nc: 🎬 to 👩🏽‍🚀\n".encode())
    assert list(tree.values()) == [nfd, nfc, "🎬 to 👩🏽‍🚀"]


def test_keys_are_nfc_so_that_one_name_is_one_key() -> None:
    assert list(read("f.yaml", "cafe\u0301: 1".encode())) == ["caf\u00e9"]
    assert refused("caf\u00e9: 1\ncafe\u0301: 2\n") == [("duplicate-key", "2:1")]


def test_an_alias_shares_a_value_and_merge_keys_fill_up() -> None:
    tree = read(
        "f.yaml",
        b"base: &a {x: 1, y: 2}\nmore: &b {y: 3, z: 4}\n"
        b"one: {<<: *a, x: 9}\ntwo:\n  y: 0\n  <<: [*a, *b]\nthree: *a\n",
    )
    assert tree["one"] == {"x": 9, "y": 2}
    assert tree["two"] == {"y": 0, "x": 1, "z": 4}
    assert tree["three"] is tree["base"]


def test_an_earlier_map_of_a_merge_list_wins() -> None:
    tree = read("f.yaml", b"a: &a {x: 1}\nb: &b {x: 2}\nc:\n  <<: [*a, *b]\n")
    assert tree["c"] == {"x": 1}


def test_a_quoted_merge_sign_is_a_key() -> None:
    assert read("f.yaml", b'"<<": 1\n') == {"<<": 1}
    assert read("f.yaml", b'a: &a {x: 1}\nb: {"<<": 1, <<: *a}\n')["b"] == {"<<": 1, "x": 1}


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a: 1\nb: 2\na: 3\n", [("duplicate-key", "3:1")]),
        ("a: 1\n'a': 3\n", [("duplicate-key", "2:1")]),
        ("<<: 5\n", [("bad-merge", "1:5")]),
        ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", [("duplicate-key", "4:7")]),
        ("10: x\n", [("key-not-text", "1:1")]),
        ("true: x\n1.5: y\n", [("key-not-text", "1:1"), ("key-not-text", "2:1")]),
        ("? [a]\n: b\n", [("key-not-text", "1:3")]),
        ("a: !wow it is\n", [("tag", "1:4")]),
        ("a: !!str 5\nb: !!python/object:os.system x\n", [("tag", "1:4"), ("tag", "2:4")]),
        ("a: ! look\n", [("tag", "1:4")]),
        ("!!map {a: 1}\n", [("tag", "1:1")]),
        ("a: &a [*a]\n", [("recursive-alias", "1:8")]),
        ("a: &a {b: {c: *a}}\n", [("recursive-alias", "1:15")]),
        ("a: *nobody\n", [("unknown-anchor", "1:4")]),
        ("a: 1\n---\nb: 2\n", [("several-documents", "2:1")]),
        ("a: .inf\nb: -.INF\nc: .NaN\nd: .inf\n", [("unusable-number", f"{n}:4") for n in (1, 2, 3, 4)]),
        (f"a: {'7' * 5000}\n", [("unusable-number", "1:4")]),
        ("a:\n\tb: 1\n", [("tab", "2:1")]),
        ("a: 'b\n", [("syntax", "1:4")]),
        ("a: [1, 2\n", [("syntax", "1:4")]),
        ('a: "\\q"\n', None),
        ("'{{ x }}': 5\n", [("template-in-key", "1:1")]),
    ],
)  # fmt: skip
def test_what_is_refused_and_where(
    text: str, codes: list[tuple[str, str]] | None, *, pure: bool
) -> None:
    found = refused(text, pure=pure)
    assert found == codes if codes is not None else found[0][0] == "syntax"


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("a: {{ x }}\n", "1:4"),
        ("{a: ${{ x }}}\n", "1:5"),
        ("[${{ x }}]\n", "1:2"),
        ("{a: {{ x }}}\n", "1:5"),
        ("a:\n  - {{ x }}\n", "2:5"),
        ("a: {{ x }} and more\n", "1:4"),
        ("{{ x }}: 5\n", "1:1"),
        ("a: {b: 1,\n  c: ${{ out.x['s010'] }}}\n", "2:6"),
    ],
)
def test_a_bare_template_that_yaml_reads_as_a_map_gets_the_quoting_hint(
    text: str, spot: str, *, pure: bool
) -> None:
    assert refused(text, pure=pure) == [("unquoted-template", spot)]
    assert '"${{ ... }}"' in faults(lambda: read("f.yaml", text.encode()))[0].hint


def test_a_whole_value_expression_needs_no_quotes_in_a_block() -> None:
    assert read("f.yaml", b"a: ${{ out.x['s010'] }}\n") == {"a": "${{ out.x['s010'] }}"}


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    "text",
    ["*bold* start", "& then", "! look", "% done", "@home", "- dash", "a: b", "`code`", "[x] y", '"a" b'],
)  # fmt: skip
def test_prompt_lines_that_yaml_cannot_read_bare_name_the_fix(text: str, *, pure: bool) -> None:
    problems = faults(lambda: read("f.yaml", f"prompt: {text}\n".encode(), pure=pure))
    assert any("quote" in problem.hint for problem in problems)
    assert {problem.where.line for problem in problems if problem.where} == {1}


@pytest.mark.parametrize(
    "text", ["*bold*", "&c", "!x", "%x", "@x", "- x", "a: b", "x # y", "`c`", "{{ a }}"]
)
def test_in_a_block_every_prompt_line_stands_as_it_is(text: str) -> None:
    assert read("f.yaml", f"prompt: |\n  {text}\n  next\n".encode())["prompt"] == f"{text}\nnext\n"


def test_a_sign_before_bare_text_that_names_it_is_remarked() -> None:
    source = Source("f.yaml", b"a: &hero lights\nb: yes\nc: NO\non: x\n")
    read_source(source)
    assert [(code, word) for _, code, word in source.notes] == [
        ("boolean-word", "yes"),
        ("unused-anchor", "hero"),
    ]


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: x\x80y\n", ("encoding", "1:5")),
        (b"\xff\xfea\x00:\x00", ("encoding", "1:1")),
        (b"a: 1\nb: \xed\xa0\x80\n", ("encoding", "2:4")),
        (b"a: 1\nb: x\x00y\n", ("control-character", "2:5")),
        (b"a: \x1b[31m\n", ("control-character", "1:4")),
        (b'a: "\\0"\n', ("control-character", "1:4")),
        (b'a: "\\e[31m"\n', ("control-character", "1:4")),
    ],
)
def test_bytes_that_are_no_text_are_refused(
    data: bytes, expected: tuple[str, str], *, pure: bool
) -> None:
    assert refused(data, pure=pure) == [expected]


@pytest.mark.parametrize("pure", PARSERS)
def test_a_lone_surrogate_is_refused(*, pure: bool) -> None:
    assert refused('a: "\\ud800"\n', pure=pure)[0][0] in {"control-character", "syntax"}


def test_every_fault_is_found_at_once_and_a_syntax_error_ends_the_list() -> None:
    assert refused("a: 1\na: 2\n5: x\nb: !t y\nc: [\n") == [
        ("duplicate-key", "2:1"),
        ("key-not-text", "3:1"),
        ("tag", "4:4"),
        ("syntax", "6:1"),
    ]


def test_the_limits_themselves_are_allowed() -> None:
    assert read("f.yaml", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert refused("[" * (MAX_DEPTH + 1)) == [("too-deep", f"1:{MAX_DEPTH + 1}")]
    uses = "- *a\n" * MAX_ALIASES
    assert len(read("f.yaml", f"- &a x\n{uses}".encode())) == MAX_ALIASES + 1
    assert refused(f"- &a x\n{uses}- *a\n")[0][0] == "too-many-aliases"


def test_a_small_file_may_use_an_anchor_in_every_shot() -> None:
    shots = "".join(f"s{n:03}: {{<<: *look, n: {n}}}\n" for n in range(200))
    tree = read("f.yaml", f"base: &look {{a: 1, b: 2, c: [1, 2, 3]}}\n{shots}".encode())
    assert tree["s199"] == {"n": 199, "a": 1, "b": 2, "c": [1, 2, 3]}


def _or_refused(call: Callable[[], object]) -> None:
    problems = found(call)
    assert all(p.where and p.where.line >= 1 and p.where.col >= 1 for p in problems)
    assert all(p.message.isprintable() and len(p.message) < 300 for p in problems)


YAML_BITS = st.lists(
    st.sampled_from([
        "a", "b: ", ": ", "- ", "? ", "\n", "  ", "\t", "[", "]", "{", "}", ",", "&x ", "*x", "!t ", "!!str ",
        "|\n", ">-\n", '"', "'", "\\", "#", "%TAG ! x:\n", "---\n", "...\n", "<<: ", "{{", "}}", "${{", "1", ".inf",
        "0x", "é", "e\u0301", "🎬", "\r\n", "\r", "\u2028", "\x85", "\ufeff", "\0", "\\ud800", "~", "yes",
    ])
)  # fmt: skip


@given(st.binary(max_size=60))
@example(b'"\\U99999999"')
@example(b"%YAML 1.99999999999999999999\n--- a")
def test_any_bytes_load_or_are_refused_with_places(data: bytes) -> None:
    _or_refused(lambda: read("f.yaml", data))
    _or_refused(lambda: read("f.yaml", data, pure=True))


@given(YAML_BITS)
def test_any_bits_of_yaml_load_or_are_refused_with_places(bits: list[str]) -> None:
    data = "".join(bits).encode()
    _or_refused(lambda: read("f.yaml", data))
    _or_refused(lambda: read("f.yaml", data, pure=True))


PLAIN = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff\u2028\u2029"))
    | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(PLAIN)
def test_what_a_yaml_writer_wrote_in_quotes_is_read_back(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    plain = text.replace('!!int "', '"').replace('!!bool "', '"').replace('!!null "', '"')
    assert read("f.yaml", plain.encode()) == _as_text(value)


def _as_text(value: object) -> object:
    """Booleans, numbers and none as the quoted words that the writer made of them."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)
