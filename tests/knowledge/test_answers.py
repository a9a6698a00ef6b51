"""Answers: what a template may be, what it becomes, and what it can never do."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from knowledge.answers import AnswerError, render, render_texts
from knowledge.entry import Entry
from knowledge.policy import SupportPolicy
from tests.knowledge.samples import CLOSED, OPEN, say, shipped


def changed(**partner: object) -> SupportPolicy:
    """The shipped policy with other values of the partner."""
    policy = shipped().policy
    return policy.model_copy(update={"partner": policy.partner.model_copy(update=partner)})


def test_a_long_answer_ends_with_an_error_not_with_memory() -> None:
    with pytest.raises(AnswerError, match="longer than 16 KiB"):
        say("{% for role in roles %}" + "x" * 4000 + "{% endfor %}")
    with pytest.raises(AnswerError, match="join gives too long a text"):
        say('{{ roles|map(attribute="id")|join("' + "x" * 7000 + '") }}')


@pytest.mark.parametrize(
    ("template", "en", "zh"),
    [
        ("{{ partner.name }}", "Harbourlight Cloud", "港明云"),
        ("{{ tax.name }}", "GST", "GST"),
        ("{{ payment.due_days }}", "30", "30"),
        ("{{ payment.plan.min_amount|money }}", "S$500.00", "S$500.00"),
        ("{{ microsoft.azure_reservations.refund_limit|money }}", "US$50,000.00", "US$50,000.00"),
        ("{{ collections.restore.fee|money }}", "free", "免费"),
        ("{{ tax.rate_percent|percent }}", "9%", "9%"),
        ("{{ collections.late_fee.percent|percent }}", "1.5%", "1.5%"),
        ("{{ microsoft.azure_reservations.refund_limit.amount|number }}", "50,000", "50,000"),
        ("{{ tax.as_of|date }}", "1 November 2026", "2026年11月1日"),
        ("{{ today|date }}", "22 November 2026", "2026年11月22日"),
        ("{{ tax.as_of }}", "2026-11-01", "2026-11-01"),
        ("{{ next_opening|date }}", "23 November 2026", "2026年11月23日"),
        (
            "{{ next_opening|datetime }}",
            "Monday, 23 November 2026, 09:00 (Singapore time)",
            "2026年11月23日星期一 09:00（新加坡时间）",
        ),
        (
            "{{ support.hours|weekly_hours }}",
            "Monday to Friday 09:00–18:00, Saturday 09:00–13:00 (Singapore time)",
            "周一至周五 09:00–18:00，周六 09:00–13:00（新加坡时间）",
        ),
        ("{{ support.contacts[3].hours|weekly_hours }}", "at any hour", "全天候"),
        ("{{ support.hours.special_days[0].hours|spans }}", "closed", "不营业"),
        ("{{ support.hours.special_days|map(attribute='hours')|last|spans }}", "closed", "不营业"),
        ("{{ support.hours.special_days[1].hours|spans }}", "09:00–13:00", "09:00–13:00"),
        (
            "{{ microsoft.terms.lengths|listed }}",
            "one month, one year and three years",
            "一个月、一年和三年",
        ),
        ("{{ invoices.currencies|join('/') }}", "SGD/USD", "SGD/USD"),
        (
            "{{ roles|selectattr('id', 'equalto', 'user_admin')|map(attribute='name')|first }}",
            "user admin",
            "用户管理员",
        ),
        (
            "{{ escalation.technical|selectattr('ours')|map(attribute='id')|listed }}",
            "advanced",
            "advanced",
        ),
        (
            "{{ escalation.technical|rejectattr('paid')|map(attribute='id')|listed }}",
            "signature",
            "signature",
        ),
        ("{{ escalation.technical|rejectattr('id', 'ne', 'premier')|length }}", "1", "1"),
        (
            "{% if roles|selectattr('id', 'eq', 'nobody') %}some{% else %}none{% endif %}",
            "none",
            "none",
        ),
        (
            "{{ support.contacts[0].hours|default('support hours') }}",
            "support hours",
            "support hours",
        ),
        ("{{ partner.currency|lower }} {{ 'x'|upper }}", "sgd X", "sgd X"),
        ("{{ partner['country'] }}", "SG", "SG"),
        ("{{ 'open' if open_now else 'closed' }}", "closed", "closed"),
        (
            "{% for m in roles %}{{ loop.index }}{{ ', ' if not loop.last else '' }}{% endfor %}",
            "1, 2, 3, 4, 5",
            "1, 2, 3, 4, 5",
        ),
        (
            "{% for r in roles if r.id == 'user_admin' %}{{ r.name }}{% else %}none{% endfor %}",
            "user admin",
            "用户管理员",
        ),
        ("a{# why #}b {% raw %}{{ x }}{% endraw %}", "ab {{ x }}", "ab {{ x }}"),
        (
            "**Bold** [link]({{ partner.portal.url }}) <b>",
            "**Bold** [link](https://portal.harbourlight.example) <b>",
            "**Bold** [link](https://portal.harbourlight.example) <b>",
        ),
    ],
)
def test_values_are_written_as_the_language_writes_them(template: str, en: str, zh: str) -> None:
    assert say(template, "en") == en
    assert say(template, "zh") == zh


def test_the_time_decides_what_is_said() -> None:
    template = "{% if open_now %}now{% else %}from {{ next_opening|datetime }}{% endif %}"

    assert say(template, now=OPEN) == "now"
    assert say(template).startswith("from Monday")


def test_blank_lines_of_loops_are_one() -> None:
    template = "Ways:\n\n{% for r in roles %}\n- {{ r.id }}\n{% endfor %}\n\n\nBye"

    assert "\n\n\n" not in say(template)
    assert say(template).endswith("- sales_agent\n\nBye")


@pytest.mark.parametrize(
    ("template", "said", "line"),
    [
        ("x\n{{ partner.nam }}", "nam is not there", 2),
        ("{{ roles[9].name }}", "9 is not there", 1),
        ("x\n\n{{ partner }}", "a group of values", 3),
        ("{{ roles }}", "a list", 1),
        ("{{ open_now }}", "true or false", 1),
        ("{{ support.contacts[0].hours }}", "empty", 1),
        ("x\n{{ partner.name|money }}", "money needs an amount", 2),
        ("{{ payment.due_days|money }}", "money needs an amount", 1),
        ("{{ partner.name|percent }}", "percent needs a number", 1),
        ("{{ open_now|number }}", "number needs a number", 1),
        ("{{ partner.name|date }}", "date needs a date", 1),
        ("{{ today|datetime }}", "datetime needs a time", 1),
        ("{{ partner|weekly_hours }}", "weekly_hours needs opening hours", 1),
        ("{{ partner.name|listed }}", "listed needs a list", 1),
        ("{{ roles|listed }}", "listed needs a list of texts", 1),
        ("{{ partner|join }}", "join needs a list", 1),
        ("{{ prices.service_fees|selectattr('x') }}", "x is not a key", 1),
        ("{{ roles|selectattr('id', 'matches', 'x') }}", "the test matches is not allowed", 1),
        (
            "{{ roles|selectattr('id', 'eq', 'x')|first }}",
            "first needs a list that is not empty",
            1,
        ),
        ("{{ roles|upper }}", "upper needs a text", 1),
        ("{{ payment.due_days|length }}", "length needs a list", 1),
        ("{% for x in payment.due_days %}x{% endfor %}", "not iterable", 1),
        ("{% if payment.due_days < partner.name %}x{% endif %}", "not supported", 1),
    ],
)
def test_an_answer_that_fails_says_where(template: str, said: str, line: int) -> None:
    with pytest.raises(AnswerError, match=said) as raised:
        say(template)

    assert raised.value.line == line


def entry(**answer: str) -> Entry:
    return Entry.model_validate(
        {
            "id": "x",
            "topic": "x",
            "questions": {"en": ["X?"]},
            "answer": answer,
            "owner": "billing_admin",
            "review_by": "2027-01-01",
        }
    )


def test_an_entry_answers_in_the_language_or_in_the_one_it_has() -> None:
    both, chinese = (
        entry(en="{{ partner.name }}", zh="{{ partner.name }}"),
        entry(zh="{{ partner.name }}"),
    )
    policy = shipped().policy

    assert render(both, "en", policy, CLOSED) == "Harbourlight Cloud"
    assert render(both, "zh", policy, CLOSED) == "港明云"
    assert render(chinese, "en", policy, CLOSED) == "港明云"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("[click](javascript:alert(1))", r"\[click\](javascript:alert(1))"),
        ("<script>x</script>", r"\<script\>x\</script\>"),
        ("![x](https://evil.example/p.png)", r"!\[x\](https://evil.example/p.png)"),
        ("a ** b _ c `d`", r"a \*\* b \_ c \`d\`"),
        ("a\n\n# Heading\n- x", "a # Heading - x"),
        ("a\u2028b\x85c", "a b c"),
        (r"back\slash", r"back\\slash"),
        ("snake_case_name", "snake_case_name"),
        ("{{ 7 * 7 }} {% set x = 1 %}", "{{ 7 \\* 7 }} {% set x = 1 %}"),
        ("R&D (Asia)", "R&D (Asia)"),
    ],
)
def test_a_value_of_the_policy_is_text_and_no_markdown(value: str, shown: str) -> None:
    policy = changed(name={"en": value, "zh": value})

    assert render_texts({"en": "*{{ partner.name }}*"}, "en", policy, CLOSED) == f"*{shown}*"


@pytest.mark.parametrize(
    ("locale", "symbols", "shown"),
    [
        (
            "en_US",
            {},
            "SGD500.00 on November 1, 2026, Monday, November 23, 2026, 9:00\u202fAM{}",
        ),
        (
            "en_SG",
            {},
            "$500.00 on 1 November 2026, Monday, 23 November 2026, 9:00\u202fam{}",
        ),
        (
            "en_GB",
            {"SGD": "SG$"},
            "SG$500.00 on 1 November 2026, Monday, 23 November 2026, 09:00{}",
        ),
    ],
)
def test_another_partner_writes_by_another_locale(
    locale: str, symbols: dict[str, str], shown: str
) -> None:
    policy = changed(locales={"en": locale, "zh": "zh_Hans_CN"}, currency_symbols=symbols)
    template = (
        "{{ payment.plan.min_amount|money }} on {{ tax.as_of|date }}, {{ next_opening|datetime }}"
    )

    assert render_texts({"en": template}, "en", policy, CLOSED) == shown.format(" (Singapore time)")


def answers() -> Iterator[tuple[Entry, str]]:
    for each in shipped().entries:
        for language in each.answer:
            yield each, language


def test_every_shipped_answer_is_made_in_a_tenth_of_a_millisecond() -> None:
    policy = shipped().policy
    made = [render(each, language, policy, CLOSED) for each, language in answers()]
    assert all(made)

    best = min(_seconds_for_all(policy) for _ in range(5))

    assert best / len(made) < 0.0005  # five times the aim: other work shares the machine


def _seconds_for_all(policy: SupportPolicy) -> float:
    started = time.process_time()
    for each, language in answers():
        render(each, language, policy, CLOSED)
    return time.process_time() - started


def test_two_policies_never_share_their_values() -> None:
    one, other = changed(legal_name="One"), changed(legal_name="Other")
    template = {"en": "{{ partner.legal_name }}"}

    assert render_texts(template, "en", one, CLOSED) == "One"
    assert render_texts(template, "en", other, CLOSED) == "Other"
    assert replace(shipped(), policy=one).hash != shipped().hash
