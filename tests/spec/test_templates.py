"""Templates compute text from declared values, and nothing else."""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinoform.spec.speech import TemplateFault
from kinoform.spec.template import Templates, holds_template

PARTIALS = {
    "prompts/look.j2": "{{ vars.light }} light",
    "prompts/self.j2": "{% include 'self.j2' %}",
    "prompts/bad.j2": "fine\n{{ nope }}\n",
    "prompts/broken.j2": "{% if %}",
    "secret": "outside",
    "prompts/../secret": "outside",
}


def _read(name: str) -> str:
    if name not in PARTIALS:
        raise FileNotFoundError(name)
    return PARTIALS[name]


def _value(text: str, **context: Any) -> Any:
    return Templates(_read).leaf(text)(context)


def _fault(text: str, **context: Any) -> TemplateFault:
    with pytest.raises(TemplateFault) as caught:
        _value(text, **context)
    return caught.value


def test_a_template_in_text_gives_text() -> None:
    assert _value("{{ n }} lamps", n=3) == "3 lamps"


@pytest.mark.parametrize("value", [5, 2.5, True, None, [1, 2], {"a": 1}, "text"])
def test_a_whole_value_keeps_its_type(value: object) -> None:
    assert _value("${{ x }}", x=value) == value


def test_a_map_may_be_written_inside_a_whole_value() -> None:
    assert _value("${{ {'a': {'b': 1}} }}") == {"a": {"b": 1}}


@pytest.mark.parametrize(
    "text", ["${{ a }} b", "a ${{ b }}", "${{ a }} ${{ b }}", "${{ a", "{{ x }} ${{ a }}"]
)
def test_the_two_forms_do_not_mix(text: str) -> None:
    fault = _fault(text, a=1, b=2, x=3)
    assert fault.code == "mixed-template"
    assert "{{ }}" in fault.hint


@pytest.mark.parametrize(
    ("text", "context", "near"),
    [("{{ vars.lihgt }}", {"vars": {"light": 1}}, "light"), ("{{ shto }}", {"shot": 1}, "shot")],
)
def test_an_undefined_name_says_what_is_near(text: str, context: dict[str, Any], near: str) -> None:
    fault = _fault(text, **context)
    assert fault.code == "undefined-name"
    assert near in fault.hint


def test_keys_come_first_and_methods_never() -> None:
    assert _value("{{ x.items }}", x={"items": 3}) == "3"
    assert _fault("{{ x.keys() }}", x={"a": 1}).code == "undefined-name"
    assert _fault("{{ 'a'.upper() }}").code == "undefined-name"
    assert _value("{{ 'a'|upper }}") == "A"


def test_an_attribute_of_none_is_none() -> None:
    assert _value("${{ x.next.chain }}", x={"next": None}) is None
    assert _value("{{ 'b' if x.next.chain else 'c' }}", x={"next": None}) == "c"


@pytest.mark.parametrize(
    ("value", "code"), [(None, "none-in-text"), ([1], "not-text"), ({"a": 1}, "not-text")]
)
def test_what_is_no_text_does_not_become_one(value: object, code: str) -> None:
    assert _fault("a {{ x }}", x=value).code == code
    assert _fault("a {{ 'b' ~ x }}", x=value).code == code


def test_partials_come_from_prompts_only() -> None:
    assert _value("{% include 'look.j2' %}", vars={"light": "dusk"}) == "dusk light"
    assert _fault("{% include '../secret' %}").code == "no-such-partial"
    assert _fault("{% include 'self.j2' %}").code == "template-too-long"


@pytest.mark.parametrize(
    "name", ["now()", "random()", "env", "lipsum()", "cycler(1)", "joiner()", "namespace()"]
)
def test_nothing_but_declared_values_is_there(name: str) -> None:
    assert _fault(f"{{{{ {name} }}}}").code == "undefined-name"


@pytest.mark.parametrize(
    "text", ["{{ x|random }}", "{{ x|attr('y') }}", "{{ x|pprint }}", "{{ x|tojson }}"]
)
def test_filters_that_are_not_deterministic_or_not_text_are_gone(text: str) -> None:
    assert _fault(text, x=[1]).code == "template-syntax"


ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ x.__init__.__globals__ }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ x['__class__'] }}",
    "{{ self.__dict__ }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '%s'|format(x.__class__) }}",
    "{{ x|map(attribute='__class__')|list|string }}",
    "{{ cycler.__init__ }}",
    "{{ range.__self__ }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_the_sandbox_is_not_left(text: str) -> None:
    with pytest.raises(TemplateFault):
        _value(text, x=[object])


HOSTILE = [
    "{{ 'a' * 10**9 }}",
    "{{ [1] * 10**9 }}",
    "{{ 2**64**64**64 }}",
    "{{ range(10**9)|list|length }}",
    "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "{% set a='xxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{% set a='xxxxxxxx' %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 60 + "{{ a }}",
    "{% set a=[1,1,1,1] %}" + "{% set a = a + a %}" * 60 + "{{ a|length }}",
    "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ 'x'|center(10**9) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ 'a'|indent(10**9) }}",
    "{{ ('a' * 60000)|replace('a', 'b' * 60000) }}",
    "{{ '%0*d' % (10**9, 1) }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_work_and_size_are_bounded(text: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _fault(text).code in (
        "template-too-large",
        "template-too-long",
        "template-failed",
        "template-forbidden",
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024


def test_a_thousand_greedy_leaves_share_one_budget() -> None:
    templates = Templates(_read)

    def render_all() -> None:
        for _ in range(1000):
            templates.leaf("{% for a in range(90000) %}{% endfor %}")({})

    with pytest.raises(TemplateFault):
        render_all()


def test_a_fault_says_its_line() -> None:
    assert _fault("one\ntwo {{ x }}\n").line == 2
    assert _fault("one\n{% if %}\n").line == 2


@given(st.text())
def test_text_without_templates_stays_as_it_is(text: str) -> None:
    if not holds_template(text):
        assert "{{" not in text
    assert _value("{{ x }}", x=text) == text or len(text) > 64 * 1024


@given(st.text(alphabet="{}%$# abc\n'|.()[]~*+-0", max_size=60))
def test_any_text_evaluates_or_says_why_not(text: str) -> None:
    with suppress(TemplateFault):
        _value(text, a=1, b="x", c=[1])


@pytest.mark.parametrize(
    "text",
    [
        "{{ ([x] * 60000)|join|length }}",
        "{{ ([x] * 60000)|upper|length }}",
        "{{ '%s'|format([x] * 60000)|length }}",
        "{{ ('%s' * 30000)|format(*([x] * 30000))|length }}",
        "{{ ([[1] * 60000] * 60000)|sum(start=[])|length }}",
        "{{ ('a b' * 20000)|wordwrap(1, wrapstring=x)|length }}",
        "{{ 1|round(99999999, 'ceil') }}",
        "{% set y %}{% for i in range(99999) %}{{ 'a' * 60000 }}{% endfor %}{% endset %}{{ y }}",
    ],
)
def test_nothing_large_is_made_on_the_way_to_something_small(text: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _fault(text, x="x" * 60_000).code.startswith(("template-", "not-text"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_text_that_filters_read_counts_against_the_budget_of_the_file() -> None:
    templates = Templates(_read)

    def render_all() -> None:
        for number in range(1000):
            templates.leaf(f"{{{{ ('a b' * 10000)|wordwrap(9)|length }}}} {number}")({})

    with pytest.raises(TemplateFault, match="of this pipeline"):
        render_all()


def test_a_default_may_stand_for_what_is_missing() -> None:
    assert _value("{{ x.y|default('none yet') }}", x={}) == "none yet"
    assert _value("{{ x.y is defined }}", x={}) == "false"


def test_join_refuses_none_and_joins_the_rest() -> None:
    assert _value("{{ x|join(', ') }}", x=["a", 1, True]) == "a, 1, true"
    assert _value("{{ x|join('-', attribute='n') }}", x=[{"n": 1}, {"n": 2}]) == "1-2"
    assert _fault("{{ x|join }}", x=["a", None]).code == "none-in-text"


def test_a_fault_in_a_partial_names_the_partial_and_its_line() -> None:
    fault = _fault("one\n{% include 'bad.j2' %}")
    assert (fault.partial, fault.line) == ("bad.j2", 2)
    fault = _fault("{% include 'broken.j2' %}")
    assert (fault.code, fault.partial, fault.line) == ("template-syntax", "broken.j2", 1)


def test_a_wrong_filter_says_what_is_near() -> None:
    assert "upper" in _fault("{{ 'a'|uper }}").hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ x[3] }}", "the list has no item 3"),
        ("{{ x.next }}", "a list has no 'next'"),
        ("{{ n.next }}", "'next' is not defined here"),
        ("{{ n(1) }}", "a number is no function"),
    ],
)
def test_what_is_not_there_is_said_in_words_that_fit(text: str, said: str) -> None:
    assert _fault(text, x=[1], n=1).message == said


def test_templates_of_a_megabyte_are_not_even_read() -> None:
    assert _fault("{{ x }}" * 100_000, x=1).code == "template-too-large"
