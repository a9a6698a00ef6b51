"""What stands beside a field while an editor writes, each with a way to mend it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entry import Entry
from knowledge.facts import Fact, facts
from knowledge.learning.grouping import Meanings
from knowledge.matcher import Band, Match, Matcher, Result
from knowledge.neighbours import (
    Code,
    Finding,
    Neighbourhood,
    findings,
    others_win,
)
from knowledge.readability import reading_grade
from tests.knowledge.samples import OPEN, shipped


def entry(entry_id: str = "draft", **changes: Any) -> Entry:
    body = {
        "id": entry_id,
        "topic": "collections",
        "questions": {"en": ["What does it cost to pay late?"], "zh": ["逾期要付多少钱？"]},
        "answer": {"en": "Nothing at all.", "zh": "不收费。"},
        "owner": "billing_admin",
        "review_by": "2027-01-01",
    }
    return Entry.model_validate({**body, **changes})


def found(draft: Entry, **more: Any) -> list[Finding]:
    return findings(draft, shipped().policy, OPEN, **more)


def codes(draft: Entry, **more: Any) -> list[str]:
    return [each.code for each in found(draft, **more)]


def answer(en: str, zh: str = "好。") -> Entry:
    return entry(answer={"en": en, "zh": zh})


def test_nothing_is_said_of_a_good_entry() -> None:
    assert codes(entry()) == []


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (answer("Pay in 30 days.", "请在 14 天内付款。"), Code.LANGUAGES_DISAGREE),
        (answer("It costs S$150.00.", "收费 S$15.00。"), Code.LANGUAGES_DISAGREE),
        (answer("Closed on 25 December.", "12月26日休息。"), Code.LANGUAGES_DISAGREE),
        (answer("We add 2 %.", "加收 3%。"), Code.LANGUAGES_DISAGREE),
        (answer("It costs 20 dollars.", "收费￥30。"), Code.LANGUAGES_DISAGREE),
        (answer("It costs 30 dollars.", "收费 30 欧元。"), Code.LANGUAGES_DISAGREE),
        (answer("We charge on Tuesdays.", "每周三扣款。"), Code.LANGUAGES_DISAGREE),
        (answer("We charge on the 15th.", "每月20日扣款。"), Code.LANGUAGES_DISAGREE),
        (answer("Until 31 Mar 2026.", "截至2026年4月30日。"), Code.LANGUAGES_DISAGREE),
        (answer("{{ payment.due_dayz }}"), Code.UNKNOWN_VARIABLE),
        (answer("{{ payment.due_days"), Code.TEMPLATE),
        (answer("{{ payment.methods | money }}"), Code.TEMPLATE),
        (answer("See [here](http//portal)."), Code.LINK),
        (answer("See [here](https://example.com/x)."), Code.LINK_EXAMPLE),
        (answer("Write to [us](mailto:nobody)."), Code.LINK),
        (answer("word " * 130), Code.MANY_WORDS),
        (answer("Hello.", "很" * 300), Code.MANY_CHARACTERS),
        (answer("Hello.", f"{'很' * 70}。"), Code.LONG_SENTENCE),
        (entry(questions={"en": ["Why?"]}), Code.QUESTIONS_MISSING),
        (entry(answer={"en": "Because."}), Code.ANSWER_MISSING),
    ],
)
def test_it_says_what_is_wrong_and_where(draft: Entry, code: Code) -> None:
    said = [each for each in found(draft) if each.code == code]
    assert said and all(each.place for each in said)


def test_hard_words_in_long_sentences_are_hard_to_read() -> None:
    hard = (
        "Notwithstanding the aforementioned contractual obligations, administrative remuneration "
        "necessitated by the unsatisfactory reconciliation of outstanding receivables will be "
        "communicated electronically to the representative responsible for organisational "
        "expenditure authorisation, subsequently constituting an irrevocable acknowledgement."
    )
    assert Code.HARD_TO_READ in codes(answer(hard))
    assert reading_grade("You can pay by card. Press the button.") < 4


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("It costs 20 dollars.", "收费 20 新元。"),
        ("It costs S$20.", "收费 20 元。"),
        ("It costs CNY 20.", "收费￥20。"),
        ("Until 31 Mar 2026.", "截至2026年3月31日。"),
        ("Monday to Friday", "周一至五"),
        ("On Saturdays and Sundays", "周六日"),
        ("At weekends", "星期六、日"),
        ("Monday to Friday", "工作日"),
    ],
)
def test_what_is_written_otherwise_is_no_contradiction(en: str, zh: str) -> None:
    assert Code.LANGUAGES_DISAGREE not in codes(answer(en, zh))


def test_values_of_the_policy_do_not_contradict_each_other() -> None:
    same = answer("Pay in {{ payment.due_days }} days.", "请在 {{ payment.due_days }} 天内付款。")
    assert codes(same) == []


OTHER = entry(
    "late-fee",
    questions={"en": ["What does it cost to pay late", "fee for paying late"], "zh": ["滞纳金"]},
    answer={"en": "We add 2 % after 14 days.", "zh": "14 天后加收 2%。"},
)


def test_a_near_duplicate_is_named_with_how_near_it_is() -> None:
    around = Neighbourhood([OTHER, entry("far", questions={"en": ["Opening hours"]})], words())
    twin = entry(questions=OTHER.questions)
    [duplicate] = [each for each in found(twin, around=around) if each.code == "near_duplicate"]
    assert (duplicate.other, round(duplicate.nearness, 2)) == ("late-fee", 1.0)


def test_entries_that_are_near_must_not_say_other_days() -> None:
    around = Neighbourhood([OTHER], words())
    draft = entry(questions=OTHER.questions, answer={"en": "After 30 days.", "zh": "30 天之后。"})
    said = [each for each in found(draft, around=around) if each.code == "entries_disagree"]
    assert sorted(each.place for each in said) == ["answer.en", "answer.zh"]
    assert said[0].values == {"here": [Fact("day", "30")], "there": [Fact("day", "14")]}


def test_a_question_that_another_entry_wins_is_named() -> None:
    far = entry("hours", questions={"en": ["When are you open", "opening hours"]})
    matcher = Matcher.build([OTHER, far], None, ["tell me a joke", "what is the weather"])
    placed = [("questions.en.0", "fee for paying late?"), ("questions.en.1", "Why is it blue")]
    results = matcher.match([text for _, text in placed])
    [won, *_] = others_win("draft", placed, results)
    assert (won.code, won.place, won.other) == (Code.SAME_QUESTION, "questions.en.0", "late-fee")
    assert list(others_win("late-fee", placed[:1], results[:1])) == []


@pytest.mark.parametrize(
    ("band", "codes"),
    [(Band.ANSWER, ["other_wins"]), (Band.ASK, ["other_first"]), (Band.NONE, [])],
)
def test_it_is_said_whether_the_other_answers_or_is_asked_first(
    band: Band, codes: list[str]
) -> None:
    result = Result("how much", (Match("late-fee", 0.4, 0.4, "fee for paying late"),), band)
    said = others_win("draft", [("questions.en.0", "how much")], [result])
    assert [each.code for each in said] == codes
    assert list(others_win("late-fee", [("questions.en.0", "how much")], [result])) == []


def test_another_draft_stands_in_for_what_is_published() -> None:
    around = Neighbourhood([OTHER], words())
    draft = entry(questions=OTHER.questions, answer={"en": "After 30 days.", "zh": "好。"})
    theirs = OTHER.model_copy(update={"answer": {"en": "After 60 days.", "zh": "好。"}})
    new = entry("new", questions=OTHER.questions, answer={"en": "After 7 days.", "zh": "好。"})
    told = found(draft, around=around, drafts={"late-fee": theirs, "new": new})
    disagree = {
        each.other: each.values["there"] for each in told if each.code == "entries_disagree"
    }
    assert disagree == {"late-fee": [Fact("day", "60")], "new": [Fact("day", "7")]}
    assert "same_question" in [each.code for each in told]
    assert not {each.other for each in found(draft, around=around, drafts={"late-fee": None})} - {
        ""
    }


def test_the_shipped_entries_are_hardly_complained_about() -> None:
    policy = shipped().policy
    said = [each for draft in shipped().entries for each in findings(draft, policy, OPEN)]
    assert len(said) < 10


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("within thirty 30 days", Fact("day", "30")),
        ("in three working days", Fact("working day", "3")),
        ("3 个工作日内", Fact("working day", "3")),
        ("两周", Fact("week", "2")),
        ("S$1,500.00 a month", Fact("amount", "1500", "SGD")),
        ("1500 新元", Fact("amount", "1500", "SGD")),
        ("20 dollars", Fact("amount", "20", "$")),
        ("Twenty US dollars", Fact("amount", "20", "USD")),
        ("20 Euros", Fact("amount", "20", "EUR")),
        ("20 €", Fact("amount", "20", "EUR")),
        ("RM 20", Fact("amount", "20", "MYR")),
        ("20 RMB", Fact("amount", "20", "CNY")),
        ("￥３０", Fact("amount", "30", "¥")),
        ("30欧元", Fact("amount", "30", "EUR")),
        ("三十港元", Fact("amount", "30", "HKD")),
        ("人民币 30 元", Fact("amount", "30", "CNY")),
        ("30 元", Fact("amount", "30")),
        ("31 Mar 2026", Fact("date", "2026-03-31")),
        ("Mar. 31, 2026", Fact("date", "2026-03-31")),
        ("31st of March", Fact("date", "03-31")),
        ("31/03/2026", Fact("date", "2026-03-31")),
        ("04/03/2026", Fact("date", "2026-03-04")),
        ("03/31/2026", Fact("date", "2026-03-31")),
        ("2026/4/30", Fact("date", "2026-04-30")),
        ("We charge on the 15th.", Fact("month day", "15")),
        ("the 15th day of each month", Fact("month day", "15")),
        ("每月20日", Fact("month day", "20")),
        ("每月二十日前付款", Fact("month day", "20")),
        ("在 15 号之前", Fact("month day", "15")),
        ("on Tuesdays", Fact("weekday", "tuesday")),
        ("Wed", Fact("weekday", "wednesday")),
        ("每周三", Fact("weekday", "wednesday")),
        ("下个星期天", Fact("weekday", "sunday")),
        ("1.50 %", Fact("percent", "1.5")),
        ("on 2026-12-25", Fact("date", "2026-12-25")),
        ("2026年12月25日", Fact("date", "2026-12-25")),
        ("25th December 2026", Fact("date", "2026-12-25")),
        ("Day 6: a fee", Fact("day", "6")),
        ("第 60 天", Fact("day", "60")),
        ("第十五天", Fact("day", "15")),
        ("十五天", Fact("day", "15")),
        ("一百二十天", Fact("day", "120")),
        ("二百零五天", Fact("day", "205")),
        ("十二个月", Fact("month", "12")),
        ("百分之十五", Fact("percent", "15")),
        ("within fifteen days", Fact("day", "15")),
        ("Twenty days", Fact("day", "20")),
        ("twenty-one business days", Fact("working day", "21")),
        ("January 5, 2026", Fact("date", "2026-01-05")),
        ("January 5th", Fact("date", "01-05")),
        ("5 January, 2026", Fact("date", "2026-01-05")),
        ("二〇二六年十二月二十五日", Fact("date", "2026-12-25")),
    ],
)
def test_facts_are_read_in_both_languages(text: str, fact: Fact) -> None:
    assert facts(text) == {fact}


@pytest.mark.parametrize(
    "text",
    [
        "one hundred and twenty days",
        "one hundred twenty-five days",
        "一万二十天",
        "May 2026",
        "三万二千元",
        "每周一次",
        "the 15th invoice",
        "第 3 号线路",
        "一块儿",
        "He sat in the sun",
        "try 2 cards",
        "九" * 5000 + "天",
    ],
)
def test_what_is_not_read_whole_is_not_read(text: str) -> None:
    assert facts(text) == set()


@given(st.integers(1, 99))
def test_every_number_is_read_in_chinese_words(number: int) -> None:
    tens, ones = divmod(number, 10)
    ten = ("十" if tens == 1 else f"{'零一二三四五六七八九'[tens]}十") if tens else ""
    chinese = ten + "零一二三四五六七八九"[ones] * bool(ones)
    assert facts(f"{chinese}天内") == facts(f"{number} days") == {Fact("day", str(number))}


def test_entries_disagree_about_one_kind_though_they_agree_about_another() -> None:
    there = entry("fee", questions=OTHER.questions, answer={"en": "In 30 days you pay SGD 80."})
    draft = entry(questions=OTHER.questions, answer={"en": "In 30 days you pay SGD 50."})
    around = Neighbourhood([there], words())
    [said] = [each for each in found(draft, around=around) if each.code == "entries_disagree"]
    assert said.values == {
        "here": [Fact("amount", "50", "SGD")],
        "there": [Fact("amount", "80", "SGD")],
    }


def test_entries_that_share_a_fact_of_a_kind_may_say_more_of_it() -> None:
    there = entry("fee", questions=OTHER.questions, answer={"en": "30 days, then 14 days."})
    draft = entry(
        questions=OTHER.questions,
        answer={"en": "{{ payment.due_days }} days, then 5 days."},
    )
    around = Neighbourhood([there], words())
    assert "entries_disagree" not in codes(draft, around=around)


def words() -> Meanings:
    return Meanings(None, [])
