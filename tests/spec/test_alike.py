"""Entries that are written alike are read as the parser reads them, of which it sees but the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from project_in_memory import Folder
from published import SCHEMA

from kinoform.core.errors import SpecError
from kinoform.spec.alike import read_alike
from kinoform.spec.loading import Loading
from kinoform.spec.shape import Shape
from kinoform.spec.source import read_source
from kinoform.spec.stamps import StampedMap, StampedSeq
from kinoform.spec.steps import Known, StepDecl, declare
from kinoform.spec.tree import Map, Seq, Source

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "kinoform: 1\nname: film\nsteps:\n"
STEP = """\
  {name}:
    uses: local/text
    with:
      text: {text}
      inputs:
        - {bare}
"""


def told(tree: Any) -> Any:
    """A tree with all that is known of its places."""
    if isinstance(tree, Map):
        marks = {key: (tree.mark(key) or ())[1:] for key in tree}
        return "map", tree.offset, [*tree.places], marks, [(k, told(v)) for k, v in tree.items()]
    if isinstance(tree, Seq):
        return "list", tree.offset, [*tree.places], [told(item) for item in tree]
    return type(tree), tree


def heard(read: Callable[[Source], Any], text: str) -> Any:
    """All that a reader has to say of a file."""
    source = Source("film.yaml", text.encode())
    try:
        return told(read(source)), source.notes
    except SpecError as error:
        return [str(problem) for problem in error.problems]


def stamped(tree: Any) -> int:
    """How many entries of the blocks were made after another."""
    blocks = [block for block in tree.values() if isinstance(block, Map)]
    return sum(isinstance(x, StampedMap | StampedSeq) for block in blocks for x in block.values())


def steps(*rows: tuple[str, str, str]) -> str:
    return HEAD + "".join(STEP.format(name=n, text=t, bare=b) for n, t, b in rows)


def same(text: str) -> Any:
    """The tree, which is that of the parser."""
    assert heard(read_alike, text) == heard(read_source, text)
    return read_alike(Source("film.yaml", text.encode()))


ROWS = [(f"s{n}", f'"shot {n}: a pan"', f"${{{{ out['s{n - 1}'] }}}}") for n in range(9)]


def test_of_entries_written_alike_all_but_the_first_are_made_after_it() -> None:
    assert stamped(same(steps(*ROWS))) == len(ROWS) - 1


def test_two_kinds_may_take_turns_and_others_stand_between_them() -> None:
    other = (
        "  b{0}: {{uses: local/text, with: {{text: \"{0}, b\", inputs: ['${{{{ out.a }}}}']}}}}\n"
    )
    rare = "  rare: # a comment\n    uses: local/text\n    with: {text: |-}\n".replace("|-", "x")
    pairs = [STEP.format(name=n, text=t, bare=b) + other.format(n) for n, t, b in ROWS]
    tree = same(HEAD + "".join(pairs[:4]) + rare + "".join(pairs[4:]))
    assert stamped(tree) == 2 * (len(ROWS) - 1)


def test_texts_of_any_alphabet_and_escapes_that_all_know_may_differ() -> None:
    texts = [
        '"a"',
        '"größer „so“"',
        '"映画 🎬"',
        '"say \\"cut\\"\\n\\u00e9"',
        '"b"',
        '"\\"\\""',
        '""',
    ]
    tree = same(steps(*((f"s{n}", text, "local/x") for n, text in enumerate(texts * 3))))
    assert stamped(tree) == 19
    assert tree["steps"]["s10"]["with"]["text"] == 'say "cut"\né'


def test_numbers_and_words_have_their_type() -> None:
    bare = ["5", "2.5", "-1", "16:9", "010", "true", "null", "1_000", "0x1F"]
    tree = same(steps(*((f"s{n}", "'it''s'", text) for n, text in enumerate(bare * 2))))
    found = [step["with"]["inputs"][0] for step in tree["steps"].values()]
    assert found == [5, 2.5, -1, "16:9", "010", True, None, "1_000", 31] * 2
    assert stamped(tree) == 17


def test_comments_and_blank_lines_between_entries_are_passed_over() -> None:
    text = steps(*ROWS).replace("  s4:", "  # scene — two\n\n# at the edge\n  s4:")
    assert stamped(same(text)) == len(ROWS) - 1


def test_other_blocks_stand_before_and_after() -> None:
    shots = "shots:\n" + "".join(f"    k{n}: {{does: 'a {n}', dur: 5}}\n" for n in range(9))
    text = f"base: &base\n  x: 1\n{shots}steps:\n{steps(*ROWS)[len(HEAD) :]}more:\n  <<: *base\n"
    tree = same(text)
    assert tree["more"] == {"x": 1}
    assert stamped(tree) == 2 * (len(ROWS) - 1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("s1", '"again"', "x"), "duplicate-key"),
        (("s99", '"\\x07"', "x"), "control-character"),
        (("s99", "a: b", "x"), "syntax"),
        (("s99", '"open', "x"), "syntax"),
        (("s99", "!tag x", "x"), "tag"),
        (("s99", "*none", "x"), "unknown-anchor"),
        (("s99", "1e999", "x"), "unusable-number"),
        (("s99", "{{ x }}", "x"), "unquoted-template"),
        (("5", '"a number"', "x"), "key-not-text"),
        (("null", '"nothing"', "x"), "key-not-text"),
    ],
)
def test_what_is_wrong_in_one_entry_is_said_as_by_the_parser(
    row: tuple[str, str, str], why: str
) -> None:
    text = steps(*ROWS, row, ("end", '"x"', "x"))
    assert heard(read_alike, text) == heard(read_source, text)
    with pytest.raises(SpecError) as caught:
        read_alike(Source("film.yaml", text.encode()))
    assert why in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize("line", ["&a x", "yes", "*a", "|\n        text", '"two\n        lines"'])
def test_a_text_that_is_more_than_it_looks_is_left_to_the_parser(line: str) -> None:
    rows = [*ROWS, ("t1", line.replace("*a", "&a b"), "x"), ("t2", line, "y"), ("t3", line, "z")]
    same(steps(*rows, ("end", '"x"', "x")))


def test_in_a_bracket_over_lines_bare_text_ends_at_its_comma() -> None:
    step = "  s{0}: {{\n    uses: local/text{1}\n    }}\n"
    text = HEAD + "".join(step.format(n, ", takes" if n == 5 else "") for n in range(19))
    assert same(text)["steps"]["s5"] == {"uses": "local/text", "takes": None}


@pytest.mark.parametrize(
    "bare",
    [
        *("w # a remark", "w #", "a#b", "a:b", "a: b", "w  ", "yes", "~", "null", "true", "5", ""),
        *(
            "- a",
            "[a]",
            "{a: b}",
            "'a'",
            '"a"',
            "a, b",
            "it's",
            "*a",
            "&a",
            "!a",
            "@a",
            "a\n          b",
        ),
    ],
)
def test_one_odd_text_among_many_is_read_as_it_stands(bare: str) -> None:
    near = [("n1", '"x"', "a:b"), ("n2", '"x"', "c:d")]
    rows = [*near, *ROWS[:6], ("odd", '"x"', bare), ("odder", '"x"', f"a:b {bare}"), *ROWS[6:]]
    assert heard(read_alike, steps(*rows)) == heard(read_source, steps(*rows))


def test_a_name_for_later_means_the_last_of_those_that_have_it() -> None:
    named = "".join(f'  s{n}: &a {{text: "{n}"}}\n' for n in range(9))
    assert same(f"{HEAD}{named}  end: *a\n")["steps"]["end"] == {"text": "8"}


def test_lists_as_deep_as_their_keys_are_no_entries() -> None:
    same(HEAD + "".join(f"  s{n}:\n  - a: x{n}\n  - b\n" for n in range(9)))


def test_what_opens_before_the_entries_and_closes_after_them_is_wrong_as_ever() -> None:
    text = f"{steps(*ROWS[:2])}  odd: {{a: 1,\n{steps(*ROWS[2:])[len(HEAD) :]}b: 2}}\n"
    assert heard(read_alike, text) == heard(read_source, text)


def test_a_text_over_lines_that_looks_like_entries_is_one_text() -> None:
    step = "  s{0}:\n    uses: local/text\n    with:\n      of: b{0}\n"
    text = f'{HEAD}  a: "x\n{"".join(map(step.format, range(9)))}  z: end"\n'
    assert list(same(text)["steps"]) == ["a"]


def test_steps_that_are_told_different_things_are_declared_so() -> None:
    step = '  s{0}:\n    uses: local/text\n    takes: {0}\n    with: {{text: "{0}"}}\n'
    text = HEAD + "".join(step.format(n) for n in range(1, 9))
    tree = same(text)
    made = declare(Loading(Folder({})), tree["steps"], Known(tree, {}))
    assert [one.takes for one in made.values()] == [*range(1, 9)]
    assert stamped(tree) == 7


@pytest.mark.parametrize(
    "line",
    [
        "- " + "- x " * 50_000,
        "a: " + ': " ' * 50_000,
        "a: [" + " ''" * 50_000 + "]",
        'a: ["' + ' \\"' * 50_000,
        "a: x" + "\n" * 50_000 + "      y",
    ],
)
def test_a_hostile_line_takes_no_longer_than_its_length(line: str) -> None:
    assert heard(read_alike, f"{HEAD}  s1:\n    {line} \n  s2: x\n") == heard(
        read_source, f"{HEAD}  s1:\n    {line} \n  s2: x\n"
    )


SCALARS = st.sampled_from(
    [
        *("a", "local/text", '"x"', "'x'", '"a\\"b"', "'it''s'", "${{ out.a }}", '"{{ x }}"', "5"),
        *("true", "yes", "~", "a#b", "a #b", "x:y", "a, b", "[a]", "{a: b}", '["a"]', "&x a", "*x"),
        *("|", "", " ", "\u2028", "é", "🎬", "'open", "a\n        b", '"a\n  b"', "- a", "x: y"),
        *("-", "a  ", '"]"', "..."),
    ]
)
NAMES = st.sampled_from(["a", "b-1", "c.d", "null", "on", "5", '"q"', "é", "<<", "N" * 120, "- a"])
SHAPES = st.sampled_from(
    [
        STEP,
        "  {name}: {text}\n",
        "  {name}: {{uses: {bare}, with: {{text: {text}}}}}\n",
        "  {name}:\n    tags: [a, b]\n    of: {bare}\n    with: {{text: {text}}}\n",
        "  {name}:\n    - {text}\n    - a: {bare}\n      b: {text}\n",
    ]
)
PLAIN = st.sampled_from(["word", "local/text", "${{ out.b }}"])
QUOTED = st.integers(0, 99).map('"shot {}, wide"'.format)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A block of entries of a few shapes, some of them damaged."""
    shapes = draw(st.lists(SHAPES, min_size=1, max_size=2))
    entries = [
        shapes[n % len(shapes)].format(name=f"n{n}", text=draw(QUOTED), bare=draw(PLAIN))
        for n in range(draw(st.integers(4, 12)))
    ]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(entries) - 1))
        name = draw(NAMES | st.just(f"n{at}"))
        entries[at] = draw(SHAPES).format(name=name, text=draw(SCALARS), bare=draw(SCALARS))
    text = draw(st.sampled_from([HEAD, "steps:\n", "a: &x b\nsteps:\n"])) + "".join(entries)
    if draw(st.integers(0, 3)) == 0:
        at, sign = draw(st.integers(0, len(text))), draw(st.sampled_from("\n \"':-#{}[]&*|\t\r\0"))
        text = text[:at] + sign + text[at + draw(st.integers(0, 1)) :]
    return text + draw(st.sampled_from(["", "", "end: 1\n", "---\n", "}\n"]))


@given(files())
def test_whatever_stands_in_a_file_it_is_read_as_by_the_parser(text: str) -> None:
    assert heard(read_alike, text) == heard(read_source, text)


SHAPE = Shape(SCHEMA)
FIELDS = st.sampled_from(
    [
        *("takes: 2", "takes: two", "takes: true", "takes: 1", "pick: first", "pick: last"),
        *("tags: [a, b]", "tags: a", 'timeout: "5m"', "timeout: 0s", "timeout: 5", "needs: [n1]"),
        *("needs: [x]", "when: true", "when: x", "foreach: shots", "foreach: shot", "other: x"),
    ]
)
USES = st.sampled_from(
    ["local/text", "local/text", "local/text", "board", "bord", "{x}", "5", "[a]"]
)
WITH = st.sampled_from(['{prompt: "a"}', '{prompt: "b", of: "${{ out.n1 }}"}', "{}", "word", '"a"'])
DECLARED = st.sampled_from(["n1", "n2", "N3", "a@b", "con", "draft", "n4", "é"])


@st.composite
def films(draw: st.DrawFn) -> str:
    """A film of steps that say the same of themselves, mostly."""
    field, with_ = draw(FIELDS | st.just("tags: [a]")), draw(WITH)
    entries = []
    for number in range(draw(st.integers(5, 12))):
        odd = draw(st.integers(0, 9)) == 0
        name = draw(DECLARED) if odd else f"s{number}"
        fields = draw(FIELDS) if odd else field
        entries.append(f"  {name}:\n    uses: {draw(USES)}\n    {fields}\n    with: {with_}\n")
    return "models: {board: p/m}\nshots: {k1: {}}\nsteps:\n" + "".join(entries)


def declared(read: Callable[[Source], Any], text: str) -> Any:
    """All that is made of a film, and all that is said of it."""
    loading = Loading(Folder({}))
    try:
        tree = read(Source("film.yaml", text.encode()))
    except SpecError:
        return None
    known = Known(tree["models"], {"shots": tree["shots"]})
    steps = declare(loading, tree["steps"], known)
    made = [
        (step.where, step.tree, *(getattr(step, name) for name in StepDecl.__match_args__[:-1]))
        for step in steps.values()
    ]
    return made, loading.problems, SHAPE.check(tree)


@given(films())
def test_steps_that_are_written_alike_are_declared_and_judged_as_each_by_itself(text: str) -> None:
    assert declared(read_alike, text) == declared(read_source, text)
