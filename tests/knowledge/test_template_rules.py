"""What a template may not be: hostile, oversized, or random."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import nodes

from knowledge.answers import AnswerError
from knowledge.filters import MAX_OUTPUT
from knowledge.template_rules import MAX_SOURCE, PARSER, template_faults
from tests.knowledge.samples import say

HOSTILE = [
    # calls and attributes
    "{{ partner.name.upper() }}",
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ partner['__class__'] }}",
    "{{ partner|attr('__class__') }}",
    "{{ (partner).__init__ }}",
    "{{ partner.items() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum(n=20000) }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner(',') }}",
    "{{ namespace(x=1) }}",
    "{{ dict(a=1) }}",
    "{{ range(100000000) }}",
    "{{ loop }}",
    "{{ loop.index }}",
    "{{ caller() }}",
    "{{ varargs }}",
    "{{ _formats }}",
    "{{ _formats.money }}",
    "{{ __builtins__ }}",
    "{{ get_flashed_messages() }}",
    "{{ 'x'.format(partner) }}",
    "{{ '%s' % partner }}",
    # growing without bound
    "{{ 'x' * 300000000 }}",
    "{{ 'x'|center(300000000) }}",
    "{{ 'x'|ljust(300000000) }}",
    "{{ '%300000000s'|format('x') }}",
    "{{ 2 ** 99999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ 1 + 1 }}",
    "{{ -1 }}",
    "{{ 7 // 0 }}",
    "{{ roles[0:2] }}",
    "{{ 'x'|batch(3) }}",
    "{{ 'x'|indent(300000000) }}",
    "{{ 'x'|replace('x', 'xxxxxxxx') }}",
    "{{ 'x'|wordwrap(1) }}",
    "{{ roles|tojson }}",
    "{{ roles|pprint }}",
    "{{ roles|xmlattr }}",
    "{{ '<b>'|safe }}",
    "{{ roles|groupby('id') }}",
    "{{ roles|sum }}",
    "{{ roles|random }}",
    "{{ roles|list }}",
    "{{ 'a b'|urlize }}",
    # loops
    "{% for a in roles %}{% for b in roles %}x{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}x{% endfor %}",
    "{% for i in [1, 2, 3] %}x{% endfor %}",
    "{% for i in 'abc' %}x{% endfor %}",
    "{% for a, b in roles %}x{% endfor %}",
    "{% for r in roles recursive %}{{ loop(roles) }}{% endfor %}",
    "{% for partner in roles %}x{% endfor %}",
    "{% for loop in roles %}x{% endfor %}",
    "{% for _x in roles %}x{% endfor %}",
    "{% for r in roles %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for r in roles %}{{ loop.__class__ }}{% endfor %}",
    "{% for r in roles %}x{% endfor %}{{ r.name }}",
    # statements
    "{% set x = 1 %}",
    "{% set x %}y{% endset %}",
    "{% macro m() %}x{% endmacro %}",
    "{% call partner() %}x{% endcall %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'base.html' %}",
    "{% block a %}x{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% autoescape false %}x{% endautoescape %}",
    "{% do roles.append(1) %}",
    "{% trans %}x{% endtrans %}",
    "{% continue %}",
    # tests and filters used to reach further
    "{{ partner is callable }}",
    "{{ partner is filter('money') }}",
    "{{ roles|map('upper')|list }}",
    "{{ roles|map(attribute='id', default=1) }}",
    "{{ roles|map(*roles) }}",
    "{{ roles|map(**partner) }}",
    "{{ roles|join }}{{ roles|join(', ', attribute='id') }}",
    "{{ roles|selectattr }}",
    "{{ partner[partner.name] }}",
    "{{ partner[1.5] }}",
    "{{ partner[None] }}",
    "{{ {'a': 1} }}",
    # what is no template
    "{{ partner.name",
    "{% if open_now %}",
    "{% endif %}",
    "{{ }}",
    "{{ ( }}",
    "{% if %}x{% endif %}",
    "{{ 'x }}",
    "{# never closed",
    "{% nonsense %}",
]


@pytest.mark.parametrize("template", HOSTILE)
def test_it_refuses_a_hostile_template_at_its_line(template: str) -> None:
    started = time.process_time()
    faults = template_faults(f"Hello.\n\n{template}\n")

    assert time.process_time() - started < 0.05
    assert faults
    assert all(3 <= fault.line <= 5 for fault in faults), [str(fault) for fault in faults]
    with pytest.raises(AnswerError):
        say(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "not " * 1500 + "open_now }}",
        "{% if open_now %}" * 300,
        "{% if open_now %}" * 100 + "{% endif %}" * 100,
        "{{ partner" + ".name" * 1000 + " }}",
        "{{ partner.name" + "|upper" * 1000 + " }}",
        "{{ " + "9" * 7000 + " }}",
        "{{ 1" + " == 1" * 1000 + " }}",
        "{{ partner.name }}" * 400,
        "{{ [" * 500,
        "x" * (MAX_SOURCE + 1),
        "界" * (MAX_SOURCE // 3 + 1),
        "{%" * 4000,
        "{#" * 4000,
        "{{" + " " * 8000,
        "{% raw %}" * 800,
    ],
    ids=range(16),
)
def test_it_refuses_an_oversized_template_quickly(template: str) -> None:
    started = time.process_time()

    assert template_faults(template)
    assert time.process_time() - started < 0.25


def test_it_says_what_is_wrong_and_where() -> None:
    faults = template_faults(
        "Fine: {{ partner.name }}\n{{ price }}\n{{ paymet.due_days }}\n{{ 3|abs }}{{ x.y() }}"
    )

    assert [str(fault) for fault in faults] == [
        "Line 2: price is not known here; did you mean prices?",
        "Line 3: paymet is not known here; did you mean payment?",
        "Line 4: filter abs is not allowed",
        "Line 4: calling something with () is not allowed",
    ]


PIECES = st.sampled_from(
    [
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "for x in roles",
        "endfor",
        "if open_now",
        "else",
        "endif",
        "x.id",
        "partner.name",
        "|upper",
        "|money",
        "|join(', ')",
        "|listed",
        "loop.index",
        "'a'",
        "12",
        "-",
        "*",
        "~",
        "(",
        ")",
        "[",
        "]",
        "==",
        " and ",
        " not ",
        "set y = 1",
        "__class__",
        ".",
        "roles",
        "{#",
        "#}",
        "\n",
        "text",
        "**bold**",
        "support.hours|weekly_hours",
        "next_opening|datetime",
        "|selectattr('id', 'eq', 'a')",
        "|map(attribute='name')",
        "|first",
        "|length",
        "raw",
        "{{",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_passes_renders_or_fails_as_an_answer(template: str) -> None:
    started = time.process_time()
    try:
        text = say(template)
    except AnswerError:
        text = ""

    assert time.process_time() - started < 0.5
    assert len(text.encode()) <= MAX_OUTPUT
    if not template_faults(template):
        kinds = {type(node) for node in PARSER.parse(template).find_all(nodes.Node)}
        assert not kinds & {nodes.Call, nodes.Assign, nodes.Add, nodes.Mul, nodes.Concat}
