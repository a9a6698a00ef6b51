"""What the policy refuses: each mistake is named at its line, with what to do about it."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from knowledge.entry import Problem
from knowledge.files import load
from tests.knowledge.samples import SHIPPED, problems_of, shipped, shipped_copy

Spoil = Callable[[str, str], list[Problem]]


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """The problems after one text of the shipped policy is replaced by another."""

    def spoilt(old: str, new: str) -> list[Problem]:
        policy = shipped_copy(tmp_path / "content") / "policy.yaml"
        text = policy.read_text(encoding="utf-8")
        assert old in text
        policy.write_text(text.replace(old, new, 1), encoding="utf-8")
        return problems_of(policy.parent)

    return spoilt


def test_a_new_entry_belongs_to_who_is_asked_about_its_topic() -> None:
    policy = shipped().policy
    assert policy.owner_for("subscriptions") == "sales_agent"
    handoff = policy.handoff.model_copy(update={"otherwise": "nobody"})
    strange = policy.model_copy(update={"handoff": handoff})
    assert strange.owner_for("weather") == policy.roles[0].id


def line_of(text: str) -> int:
    """The line of the shipped policy on which the text stands first."""
    whole = (SHIPPED / "policy.yaml").read_text(encoding="utf-8")
    return whole[: whole.index(text)].count("\n") + 1


MISTAKES = [
    ("  due_days: 30", "  due_day: 30", "payment.due_day is not a key that is read here; did you"),
    ("  due_days: 30", "  due_days: 30\n  cheques: x", "payment.cheques is not a key"),
    ("  due_days: 30", '  due_days: "30"', "payment.due_days must be a whole number, not 30."),
    ("  due_days: 30", "  due_days: 3.5", "payment.due_days must be a whole number, not 3.5."),
    ("  due_days: 30", "  due_days: -1", "payment.due_days must be 0 or more."),
    ("  due_days: 30", "  due_days:", "payment.due_days must be a whole number, not empty."),
    ("billing_goes_on: true", "billing_goes_on: no", "must be true or false, not no."),
    ("  legal_name: Harbourlight Cloud Pte. Ltd.", "  legal_name: 42", "put it in quotes."),
    ("  legal_name: Harbourlight Cloud Pte. Ltd.", '  legal_name: " "', "is empty; write it."),
    ("  country: SG", "  country: Singapore", "country code of two letters"),
    ("  website: https://www", "  website: http://www", "must be an https:// address"),
    ("  website: https://www", "  website: javascript://www", "must be an https:// address"),
    ("  currency: SGD", "  currency: SGX", "SGX is not a currency; write an ISO 4217 code"),
    ("languages: [en, zh]", "languages: [en, zh, en]", "en is there twice"),
    ("languages: [en, zh]", "languages: [en, zh, fr]", "must be 'en' or 'zh', not fr."),
    ("locales: {en: en_GB", "locales: {en: xx_YY", "xx_YY is not a locale; write one such as"),
    ("locales: {en: en_GB", "locales: {en: de_DE", "de_DE is not a locale of en"),
    (
        "  name: {en: Harbourlight Cloud, zh: 港明云}",
        "  name: {en: Harbourlight Cloud}",
        "the text in zh is missing; add it.",
    ),
    (
        "  name: {en: Harbourlight Cloud, zh: 港明云}",
        "  name: Harbourlight",
        "must be text in each language",
    ),
    (
        "  name: {en: Harbourlight Cloud, zh: 港明云}",
        "  name: {en: A, zh: B, fr: C}",
        '"fr" is not one of partner.languages',
    ),
    ("  provider: own", "  provider: ours", "must be 'own', 'resold' or 'outsourced', not ours."),
    ("time_zone: Asia/Singapore", "time_zone: Singapore Time", "write an IANA name such as"),
    (
        'monday: ["09:00-18:00"]',
        'monday: ["9:00-18:00"]',
        'is not a span; write it as "09:00-18:00"',
    ),
    ('monday: ["09:00-18:00"]', "monday: [10:00, 12:00]", '"10:00" is not a span'),
    ('monday: ["09:00-18:00"]', "monday: [600]", "must be text, not 600; put it in quotes."),
    ('monday: ["09:00-18:00"]', 'monday: ["09:00-12:00", "11:00-13:00"]', "overlap; make one span"),
    ('monday: ["09:00-18:00"]', 'monday: "09:00-18:00"', "must be a list"),
    (
        'saturday: ["09:00-13:00"]\n      sunday: []',
        'saturday: ["20:00-03:00"]\n      sunday: ["02:00-04:00"]',
        "of saturday runs into",
    ),
    ("      sunday: []\n", "", "support.hours.weekly.sunday is missing; add it."),
    ("date: 2027-02-06", "date: 2027-02-05", "2027-02-05 is there twice; keep one of them."),
    ("date: 2027-02-06", "date: 2027-02-30", "2027-02-30 is not a day of the calendar."),
    ("date: 2027-02-06", "date: 6.2.2027", "6.2.2027 is not a date; write it as 2026-12-25."),
    ("date: 2027-02-06", "date: 20270206", "must be a date such as 2026-12-25, not 20270206."),
    ("{date: 2027-02-06", "{date: 2027-02-06, until: 2027-02-05", "until must be after date"),
    ("price: {amount: 12.00, currency: SGD}", "price: 12.00", "must be 'free', not 12.00."),
    (
        "price: {amount: 12.00, currency: SGD}",
        "price: {amount: 12.00}",
        "price.currency is missing",
    ),
    (
        "price: {amount: 12.00, currency: SGD}",
        "price: {amount: cheap, currency: SGD}",
        "must be a number, not cheap.",
    ),
    ("      per: {en: user and month, zh: 每用户每月}\n", "", "a price needs `per`"),
    ("hours: always", "hours: sometimes", "must be 'always', not sometimes."),
    (
        "email: service.quality@harbourlight.example",
        "email: service quality",
        "is not of the right form",
    ),
    ("- {id: user_admin, name", "- {id: global_admin, name", "global_admin is there twice"),
    ("{day: 6, id: late_fee", "{day: 1, id: late_fee", "day 1 must come after day 1."),
    (
        "{day: 30, id: suspend",
        "{day: 29, id: suspend",
        "the stage suspend is on day 29; write the same day",
    ),
    ("  cancel_after_days: 60", "  cancel_after_days: 61", "the stage cancel is on day 60"),
    ("card_retry_days: [3, 7]", "card_retry_days: [7, 3]", "must rise from one to the next"),
    ("rate_percent: 9", "rate_percent: 109", "tax.rate_percent must be 100 or less."),
    ("swift: EXMPSGSG", "swift: EXMP", "payment.bank.swift is not of the right form: EXMP."),
    ("  source: IRAS, current GST rates\n", "", "tax.source is missing; add it."),
    (
        "  rate_percent: 9\n",
        "  rate_percent: 9\n  source: again\n",
        "source stands here a second time",
    ),
    (
        '  azure_usage: {source: "Microsoft Learn, Azure cost management", as_of: 2026-11-01}',
        "  azure_usage: {source: x}",
        "microsoft.azure_usage.as_of is missing",
    ),
    ("handoff:\n", "handoff: []\nextra:\n", "handoff must be keys with values, not a list."),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_it_names_the_mistake_at_its_line(spoil: Spoil, old: str, new: str, said: str) -> None:
    problems = spoil(old, new)

    assert problems
    assert any(said in problem.message for problem in problems), [str(each) for each in problems]
    (found,) = [problem for problem in problems if said in problem.message]
    assert found.file.endswith("policy.yaml")
    assert abs(found.line - line_of(old)) <= 12 and found.line > 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  due_days: 30", "  due_day: 30"),
        ("time_zone: Asia/Singapore", "time_zone: Nowhere"),
        ("date: 2027-02-06", "date: 2027-02-05"),
        ('wednesday: ["09:00-18:00"]', 'wednesday: ["10:00-09:60"]'),
        ("rate_percent: 9", "rate_percent: nine"),
        ("  provider: own", "  provider: ours"),
    ],
)
def test_the_line_is_that_of_the_value(spoil: Spoil, old: str, new: str) -> None:
    assert line_of(old) in [problem.line for problem in spoil(old, new)]


def test_all_problems_come_at_once(spoil: Spoil) -> None:
    first, last = "  currency: SGD\n", "  currency: SGX\n  mood: calm\n  country: 1\n"

    said = "\n".join(problem.message for problem in spoil(first, last))

    assert "SGX" in said and "partner.mood" in said and "country stands here a second time" in said


def test_a_partner_can_speak_one_language(tmp_path: Path) -> None:
    policy = shipped_copy(tmp_path / "content", "[]") / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    text = re.sub(r', zh: ("[^"]*"|[^{}]*?)\}', "}", text).replace("[en, zh]", "[en]")
    policy.write_text(text, encoding="utf-8")
    (policy.parent / "messages.yaml").unlink()

    assert load(policy.parent).policy.partner.name == {"en": "Harbourlight Cloud"}


def test_the_shipped_policy_says_what_it_says() -> None:
    policy = load(SHIPPED).policy

    assert policy.support.plans[1].price != "free"
    assert str(policy.support.plans[1].price.amount) == "12.00"
    assert policy.collections.late_fee.percent == Decimal("1.5")
    assert [stage.day for stage in policy.collections.stages] == [1, 6, 15, 30, 60]
    assert policy.is_open(datetime.fromisoformat("2026-11-23T09:00:00+08:00"))
    assert not policy.is_open(datetime.fromisoformat("2026-12-25T09:00:00+08:00"))
    opens = policy.next_opening(datetime.fromisoformat("2026-12-24T18:00:00+08:00"))
    assert opens == datetime.fromisoformat("2026-12-26T09:00:00+08:00")
    closes = policy.closes_at(datetime.fromisoformat("2026-12-24T10:00:00+08:00"))
    assert closes == datetime.fromisoformat("2026-12-24T18:00:00+08:00")
