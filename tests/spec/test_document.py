"""The whole front: files in, one checked document out, every fault at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mutated_pipelines import mutated
from project_in_memory import Folder, document, faults, found, spots
from published import SCHEMA

from kinoform.core.canon import digest_of
from kinoform.spec.document import load

FILM = (Path(__file__).parents[2] / "pipelines" / "hello" / "pipeline.yaml").read_text("utf-8")
STEP = "steps: {a: {uses: p/m}}\n"


def first_fault(text: str, **files: str) -> tuple[str, str, str]:
    """(code, place, hint) of the only fault."""
    (problem,) = faults(lambda: document(text, files))
    return problem.code, str(problem.where or ""), problem.hint


def test_a_shipped_pipeline_is_a_document_without_warnings() -> None:
    made = load(Folder({"pipeline.yaml": FILM}), "pipeline.yaml", schema=SCHEMA)
    assert made.steps
    assert not made.warnings


def test_a_step_says_all_that_is_declared_of_it() -> None:
    made = document("""
        models: {board: p/m}
        shots: {s1: {}}
        data: {markets: {fr: {}}}
        steps:
          first: {uses: p/m}
          still:
            uses: board
            with: {prompt: x}
            foreach: {shot: shots, market: data.markets}
            when: ${{ shot.dur > 5 }}
            takes: 3
            pick: review
            needs: [first]
            tags: [night]
            timeout: 10m
    """)
    step = made.steps["still"]
    assert (step.uses, step.with_, step.when) == ("board", {"prompt": "x"}, "${{ shot.dur > 5 }}")
    assert list(step.foreach.items()) == [("shot", "shots"), ("market", "data.markets")]
    assert (step.takes, step.pick, step.needs, step.tags) == (3, "review", ("first",), ("night",))
    assert (step.timeout, str(step.where)) == (600.0, "pipeline.yaml:8:3")
    assert made.steps["first"].with_ == {}
    assert made.steps["first"].when is True
    assert made.steps["first"].timeout is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("45", 45), ("1.5m", 90)]
)
def test_a_timeout_is_seconds(text: str, seconds: float) -> None:
    made = document(f"steps: {{a: {{uses: p/m, timeout: {text}}}}}\n")
    assert made.steps["a"].timeout == seconds


@pytest.mark.parametrize(
    ("name", "loop"), [("shots", "shot"), ("characters", "character"), ("styles", "style")]
)
def test_the_cast_has_a_singular(name: str, loop: str) -> None:
    made = document(f"{name}: {{x: {{}}}}\nsteps: {{a: {{uses: p/m, foreach: {name}}}}}\n")
    assert made.steps["a"].foreach == {loop: name}


def test_models_are_ids_with_a_preference() -> None:
    made = document("models: {a: p/m, b: {any: [p/m, q/n]}, c: {any: [p/m], prefer: cheapest}}\n")
    assert [(m.ids, m.prefer) for m in made.models.values()] == [
        (("p/m",), "first"),
        (("p/m", "q/n"), "first"),
        (("p/m",), "cheapest"),
    ]


def test_a_budget_is_exact_money() -> None:
    budget = document("budget: {run: 15.10, ask_above: 0}\n").budget
    assert (budget.run, budget.total, budget.ask_above) == (Decimal("15.1"), None, Decimal(0))


def test_every_file_that_was_read_is_named_with_its_digest() -> None:
    files = {"more.yaml": "shots: {from: s.csv, key: id}\n", "s.csv": "id\na\n"}
    reads = document("include: [more.yaml]\n", files).reads
    assert set(reads) == {"pipeline.yaml", "more.yaml", "s.csv"}
    assert reads["s.csv"] == digest_of(b"id\na\n")


@given(mutated(), st.sampled_from(["", "final", "x"]), st.sampled_from([{}, {"fps": "x"}]))
def test_any_damaged_pipeline_loads_or_says_what_is_wrong(
    tree: object, profile: str, given_variables: dict[str, str]
) -> None:
    files = {"a.yaml": "shots: {s9: {}}\n", "shots.csv": "id,take\nc,1\n", "r/x.yaml": "w: 1\n"}
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)
    problems = found(
        lambda: document(text.encode(), files, profile=profile, variables=given_variables)
    )
    unplaced = {"unknown-profile", "unknown-variable", "wrong-type"}
    assert all(problem.where or problem.code in unplaced for problem in problems)


@given(st.binary(max_size=60))
def test_any_bytes_load_or_say_what_is_wrong(data: bytes) -> None:
    whole = b"kinoform: 1\nsteps: {a: {uses: p/m}}\n" + data
    assert all(
        problem.where
        for problem in (*found(lambda: document(data)), *found(lambda: document(whole)))
    )


# include


def test_blocks_of_included_files_join_and_keep_their_places() -> None:
    files = {
        "a.yaml": "shots: {s2: {}}\nsteps:\n  b: {uses: p/m}\nexports: [{as: file, of: b, to: b.mp4}]\n",
        "b.yaml": "include: [c.yaml]\n",
        "c.yaml": "vars: {x: 1}\n",
    }
    made = document(f"include: [a.yaml, ./b.yaml]\nshots: {{s1: {{}}}}\n{STEP}", files)
    assert made.shots.order == ("s1", "s2")
    assert list(made.steps) == ["a", "b"]
    assert str(made.steps["b"].where) == "a.yaml:3:3"
    assert str(made.shots.where("s2")) == "a.yaml:1:9"
    assert made.vars == {"x": 1}
    assert [str(export.where) for export in made.exports] == ["a.yaml:4:11"]


def test_a_key_stands_in_one_file_only() -> None:
    code, place, _ = first_fault(f"include: a.yaml\n{STEP}", **{"a.yaml": STEP})
    assert (code, place) == ("duplicate-key", "a.yaml:1:9")


def test_a_collection_from_a_file_is_given_once() -> None:
    files = {"a.yaml": "shots: {from: s.csv, key: id}\n", "s.csv": "id\nb\n"}
    assert first_fault("include: a.yaml\nshots: {a: {}}\n", **files)[:2] == (
        "duplicate-key",
        "a.yaml:1:1",
    )


def test_included_files_have_no_head() -> None:
    text = "kinoform: 1\nname: x\nshots: {}\n"
    problems = faults(lambda: document("include: a.yaml\n", {"a.yaml": text}))
    assert spots(problems) == [("main-file-only", "a.yaml:1:1"), ("main-file-only", "a.yaml:2:1")]


def test_files_that_include_each_other_are_read_once() -> None:
    files = {"a.yaml": "include: [b.yaml]\n", "b.yaml": "include: [a.yaml, pipeline.yaml]\n"}
    problems = faults(lambda: document("include: a.yaml\n", files))
    assert spots(problems) == [("included-twice", "b.yaml:1:11"), ("included-twice", "b.yaml:1:19")]


@pytest.mark.parametrize(
    "path", ["../x.yaml", "/etc/passwd", "a/../../x", "C:x", "a\\\\b", "x\\0y"]
)
def test_a_path_that_leaves_the_project_is_never_opened(path: str) -> None:
    whole = f'kinoform: 1\ninclude: ["{path}"]\n'
    folder = Folder({"pipeline.yaml": whole})
    problems = faults(lambda: load(folder, "pipeline.yaml", schema=SCHEMA))
    assert problems[0].code in {"bad-path", "control-character"}
    assert folder.asked == ["pipeline.yaml"]


def test_a_file_that_is_not_there_is_named_where_it_is_asked_for() -> None:
    assert first_fault("include: [a.yaml]\n")[:2] == ("no-such-file", "pipeline.yaml:2:11")
    (problem,) = faults(lambda: load(Folder({}), "pipeline.yaml", schema=SCHEMA))
    assert problem.code == "no-such-file"


@pytest.mark.parametrize("text", [b"", b"# only words\n", b"- a\n", b"text\n", b"5\n"])
def test_a_file_that_is_no_map_says_how_to_begin(text: bytes) -> None:
    (problem,) = faults(lambda: document(text))
    assert (problem.code, problem.hint) == ("wrong-type", "begin with `kinoform: 1`")


# profiles and variables


PROFILED = """
    vars: {size: 1K, fps: 24, deep: {a: 1, b: 2}}
    models: {board: p/m}
    budget: {run: 1, total: 9}
    profiles:
      final: {vars: {size: 2K, deep: {b: 3}}, models: {board: q/n}, budget: {run: 5}}
"""


def test_without_a_profile_the_file_holds() -> None:
    made = document(PROFILED)
    assert made.vars == {"size": "1K", "fps": 24, "deep": {"a": 1, "b": 2}}
    assert made.profiles == ("final",)


def test_a_profile_is_merged_deeply_over_the_file() -> None:
    made = document(PROFILED, profile="final")
    assert made.vars == {"size": "2K", "fps": 24, "deep": {"a": 1, "b": 3}}
    assert made.models["board"].ids == ("q/n",)
    assert (made.budget.run, made.budget.total) == (Decimal(5), Decimal(9))


def test_a_variable_of_the_command_line_beats_the_profile_and_is_no_template() -> None:
    made = document(PROFILED, profile="final", variables={"size": "{{ x }}", "fps": "25"})
    assert (made.vars["size"], made.vars["fps"]) == ("{{ x }}", 25)
    assert made.given == {"size", "fps"}


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [("1", "2", 2), ("1.5", "2", 2.0), ("true", "false", False), ("x", "5", "5"), ("x", "", ""),
     ("null", "5", 5), ("null", "x y", "x y"), ("null", "", None), ("'${{ vars.b }}'", "7", 7)],
)  # fmt: skip
def test_a_given_variable_has_the_type_of_its_default(
    default: str, text: str, value: object
) -> None:
    made = document(f"vars: {{a: {default}, b: 1}}\n", variables={"a": text})
    assert made.vars["a"] == value
    assert type(made.vars["a"]) is type(value)


@pytest.mark.parametrize(
    ("default", "text", "says"),
    [("1", "x", "a whole number"), ("1", "1.5", "a whole number"), ("1.5", "x", "a number"), ("1", "true", "whole"),
     ("true", "yes", "true or false"), ("true", "1", "true or false"), ("{x: 1}", "x", "a map"), ("1", ".inf", "whole")],
)  # fmt: skip
def test_a_given_variable_of_another_type_is_told_what_is_wanted(
    default: str, text: str, says: str
) -> None:
    (problem,) = faults(lambda: document(f"vars: {{a: {default}}}\n", variables={"a": text}))
    assert problem.code == "wrong-type"
    assert says in problem.message


def test_nothing_new_appears_by_profile_or_command_line() -> None:
    text = PROFILED.replace("size: 2K", "szie: 2K").replace("board: q/n", "baord: q/n")
    problems = faults(lambda: document(text, profile="finel", variables={"fsp": "1"}))
    assert [(problem.code, problem.hint) for problem in problems] == [
        ("unknown-variable", "did you mean `size`?"),
        ("unknown-alias", "did you mean `board`?"),
        ("unknown-profile", "did you mean `final`?"),
        ("unknown-variable", "did you mean `fps`?"),
    ]


# references by name


@pytest.mark.parametrize(
    ("step", "code", "place", "says"),
    [
        ("uses: bord", "unknown-alias", "5:19", "did you mean `board`?"),
        ("uses: p/m, foreach: shot", "unknown-collection", "5:33", "did you mean `shots`?"),
        ("uses: p/m, foreach: markets", "unknown-collection", "5:33", "foreach: {item: data.markets}"),
        ("uses: p/m, foreach: data.markets", "unknown-collection", "5:33", "foreach: {item: data.markets}"),
        ("uses: p/m, foreach: characters", "unknown-collection", "5:33", "there is"),
        ("uses: p/m, foreach: {m: data.market}", "unknown-collection", "5:37", "did you mean `data.markets`?"),
        ("uses: p/m, foreach: {out: shots}", "bad-name", "5:34", "something else"),
        ("uses: p/m, foreach: {a-b: shots}", "bad-name", "5:34", "something else"),
        ("uses: p/m, needs: [stil]", "unknown-step", "5:32", "did you mean `still`?"),
        ("uses: p/m, needs: [still@s9]", "unknown-step", "5:32", "s1"),
        ("uses: p/m, needs: [still@s1.fr]", "unknown-step", "5:32", "write `still@KEY of shots`"),
        ("uses: p/m, needs: [x@s1]", "unknown-step", "5:32", "write `x` alone"),
        ("uses: p/m, timeout: 0s", "too-small", "5:33", ""),
    ],
)  # fmt: skip
def test_a_step_names_what_exists(step: str, code: str, place: str, says: str) -> None:
    text = (
        "models: {board: p/m}\nshots: {s1: {}}\ndata: {markets: {fr: {}}}\n"
        f"steps: {{x: {{{step}}}, still: {{uses: p/m, foreach: shots}}}}\n"
    )
    seen, spot, hint = first_fault(text)
    assert (seen, spot) == (code, f"pipeline.yaml:{place}")
    assert says in hint


def test_a_broken_collection_is_said_once() -> None:
    text = "shots: {from: no.csv, key: id}\nsteps: {a: {uses: p/m, foreach: shots}, b: {uses: p/m, needs: [a@s1]}}\n"
    assert first_fault(text)[0] == "no-such-file"


def test_step_names_are_one_in_every_file_system() -> None:
    problems = faults(
        lambda: document(
            "steps: {A: {uses: p/m}, a: {uses: p/m}, draft: {uses: p/m}, nul: {uses: p/m}}"
        )
    )
    assert [problem.code for problem in problems] == ["same-name", "bad-name", "bad-name"]


@pytest.mark.parametrize(
    ("export", "code", "says"),
    [
        ("{as: otio, of: a, to: x}", "not-built-yet", "what is built: file"),
        ("{as: file, of: b, to: x}", "unknown-step", "there is a"),
        ("{as: file, of: a@s1, to: x}", "unknown-step", "write `a` alone"),
        ("{as: file, of: a, to: ../x}", "bad-path", ""),
        ("{as: file, of: a, to: picks/x}", "bad-path", ""),
        ("{as: file, of: a, to: kinoform.lock/x}", "bad-path", ""),
        ("{as: file, of: a, to: pipeline.yaml}", "bad-path", "write elsewhere"),
        ("{as: file, of: a, to: x}, {as: file, of: a, to: ./X}", "same-name", "write elsewhere"),
    ],
)  # fmt: skip
def test_an_export_is_a_copy_of_a_step_to_a_free_place(export: str, code: str, says: str) -> None:
    seen, _, hint = first_fault(f"{STEP}exports: [{export}]\n")
    assert seen == code
    assert says in hint


def test_moves_lead_from_what_is_gone_to_what_is_there() -> None:
    text = "shots: {s2: {}}\nsteps: {b: {uses: p/m, foreach: shots}}\n"
    good = document(text + "moved: [{from: a, to: x}, {from: x, to: b}, {from: b@s1, to: b@s2}]\n")
    assert [(move.old, move.new) for move in good.moved] == [
        ("a", "x"),
        ("x", "b"),
        ("b@s1", "b@s2"),
    ]
    for move in ("{from: a, to: c}", "{from: b, to: b}", "{from: a, to: b@s2}"):
        assert first_fault(f"{text}moved: [{move}]\n")[0] in {"unknown-step", "bad-move"}


# all at once


def test_the_faults_of_all_files_come_together_in_their_order() -> None:
    text = """
        nmae: x
        include: [a.yaml, gone.yaml]
        shots: {from: s.csv, key: id}
        steps: {a: {uses: nobody, takes: 0}}
    """
    files = {"a.yaml": "steps: {b: 5}\nstyles: {ink: !t x}\n", "s.csv": "id,dur\na\n"}
    assert spots(faults(lambda: document(text, files))) == [
        ("tag", "a.yaml:2:15"),
        ("unknown-key", "pipeline.yaml:3:1"),
        ("no-such-file", "pipeline.yaml:4:19"),
        ("unknown-alias", "pipeline.yaml:6:19"),
        ("too-small", "pipeline.yaml:6:34"),
        ("ragged-row", "s.csv:2:1"),
    ]


def test_the_list_of_faults_has_an_end() -> None:
    steps = "".join(f"  s{n}: {{uses: nobody}}\n" for n in range(3000))
    problems = faults(lambda: document(f"steps:\n{steps}"))
    assert (len(problems), problems[-1].code) == (1001, "too-many-faults")


def test_words_that_old_tools_read_as_truths_are_remarked_and_stay_text() -> None:
    made = document("vars: {a: yes, b: NO, c: 'on', on: 16:9, d: 010}\n")
    assert list(made.vars.values()) == ["yes", "NO", "on", "16:9", "010"]
    assert [(p.code, p.severity, str(p.where)) for p in made.warnings] == [
        ("boolean-word", "warning", "pipeline.yaml:2:11")
    ]
