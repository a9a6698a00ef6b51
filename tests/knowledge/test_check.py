"""What can be wrong with a knowledge base that reads well, and that ours is well."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.check import check, check_folder, telling_moments
from knowledge.entry import Severity
from knowledge.files import Content
from knowledge.golden import Case
from tests.knowledge.samples import (
    CLOSED,
    ENTRY,
    OPEN,
    SHIPPED,
    content_of,
    shipped,
    shipped_copy,
)

MANY = "".join(f"      - What does late payment number {n} cost?\n" for n in range(2, 11))
MANY_ZH = "".join(f"      - 第{n}次逾期付款要多少钱？\n" for n in range(2, 11))
WELL = ENTRY.replace(
    "      - What does a late payment cost?\n", f"      - What does a late payment cost?\n{MANY}"
).replace("      - 逾期付款要多少钱？\n", f"      - 逾期付款要多少钱？\n{MANY_ZH}")
ANSWER = "      A late payment costs {{ collections.late_fee.percent | percent }}.\n"
LINE = WELL[: WELL.index(ANSWER)].count("\n") + 1


def found(folder: Path, entries: str) -> list[str]:
    problems = check_folder(shipped_copy(folder, entries), CLOSED)
    return [f"{each.severity} {each.line}: {each.message}" for each in problems]


def test_the_sample_is_well(tmp_path: Path) -> None:
    assert found(tmp_path / "content", WELL) == []


def test_what_we_ship_is_well() -> None:
    assert check(shipped(), datetime(2026, 11, 22, 4, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("owner: billing_admin", "owner: boss", "error 3: owner boss is no role; use one of"),
        (
            "  questions:",
            "  route: boss\n  questions:",
            "error 5: route boss is no role; use one of",
        ),
        (
            "  questions:",
            "  follow_ups: [refund]\n  questions:",
            "error 5: follow_ups: there is no entry refund.",
        ),
        (
            "  questions:",
            "  follow_ups:\n    - late-fee\n  questions:",
            "error 6: follow_ups: late-fee adds nothing; choose another.",
        ),
        ("2027-05-31", "2026-11-21", "warning 4: review_by 2026-11-21 has passed"),
        (MANY, "", "warning 6: 1 questions in en; write 10 or more."),
        (
            "    zh: |\n      逾期付款加收 {{ collections.late_fee.percent | percent }}。\n",
            "",
            "warning 28: no answer in zh;",
        ),
        (
            f"    zh:\n      - 逾期付款要多少钱？\n{MANY_ZH}",
            "",
            "warning 5: no questions in zh;",
        ),
        ("payment number 10 cost", "PAYMENT number 9, cost", "warning 16: the question"),
    ],
)
def test_it_finds_what_is_wrong_with_an_entry(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in WELL
    problems = found(tmp_path / "content", WELL.replace(old, new))

    assert any(problem.startswith(said) for problem in problems), problems


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Pay {{ payment.due_day }} days", "0: answer.en: payment.due_day is not in the policy."),
        (
            "{% if open_now %}{% if not open_now %}{{ tax.nam }}{% endif %}{% endif %}",
            "0: answer.en: tax.nam is not in the policy.",
        ),
        (
            "A\n\n      {% for r in roles %}{{ r.nam }}{% endfor %}",
            "2: answer.en: r.nam is not in the policy.",
        ),
        ("{{ roles[9].id }}", "0: answer.en: roles.9 is not in the policy."),
        (
            "{{ (roles|first).nam }}{{ roles[0].name }}",
            "0: answer.en: ….nam is not in the policy.",
        ),
        ("{{ roles|upper }}", "0: answer.en: upper needs a text."),
        ("A\n      {{ roles }}", "1: answer.en: what is to be shown is a list"),
        ("{{ partner.name if open_now else roles }}", "0: answer.en: what is to be shown"),
        ("{{ roles if open_now else partner.name }}", "0: answer.en: what is to be shown"),
        (
            '{% if not open_now and today|date == "25 December 2026" %}{{ roles }}{% endif %}',
            "0: answer.en: what is to be shown is a list",
        ),
        ("word " * 121, "0: answer.en: 121 words; shorten it to 120."),
        ("a <b>c</b>", "0: answer.en: HTML is not shown; write Markdown."),
        ("<script>\n      x\n      </script>", "0: answer.en: HTML is not shown"),
        ("[a](javascript:alert(1))", "0: answer.en: the link javascript:alert(1) must start"),
        ("[a](http://b.example)", "0: answer.en: the link http://b.example must start with"),
        ("[a](//b.example)", "0: answer.en: the link //b.example must start with https:"),
        ("[a](/b)", "0: answer.en: the link /b must start with https:, mailto: or tel:."),
        ("<data:text/html,x>", "0: answer.en: the link data:text/html,x must start"),
        ("![a](http://b.example/c.png)", "0: answer.en: the link http://b.example/c.png must"),
        ("[a][b]\n\n      [b]: ftp://c", "0: answer.en: the link ftp://c must start"),
    ],
)
def test_it_finds_what_is_wrong_with_an_answer(tmp_path: Path, answer: str, said: str) -> None:
    problems = check_folder(
        shipped_copy(tmp_path / "content", WELL.replace(ANSWER, f"      {answer}\n")), CLOSED
    )

    places = [f"{problem.line - LINE}: {problem.message}" for problem in problems]
    assert any(place.startswith(said) for place in places), places
    assert all(problem.entry == "late-fee" for problem in problems)
    assert all(problem.severity == Severity.ERROR for problem in problems)


def test_chinese_is_counted_in_characters(tmp_path: Path) -> None:
    long = WELL.replace("      逾期付款加收", "      " + "长" * 240 + "逾期付款加收")

    (problem,) = found(tmp_path / "content", long)

    assert "answer.zh: 246 Chinese characters; shorten it to 240." in problem


def test_good_links_and_markdown_pass(tmp_path: Path) -> None:
    good = (
        "**A** [b](https://c.example/d?e=f) [g](mailto:h@i.example) [j](tel:+6560000123)\n"
        "      - [portal]({{ partner.portal.url }}) {{ roles|map(attribute='name')|listed }}"
    )

    assert found(tmp_path / "content", WELL.replace(ANSWER, f"      {good}\n")) == []


def test_a_question_belongs_to_one_entry(tmp_path: Path) -> None:
    other = WELL.replace("late-fee", "late-fee-2").replace("late payment", "very late payment")
    other = other.replace("逾期", "严重逾期").replace(
        "- What does a very late payment cost?", "- what does a LATE payment cost"
    )

    (problem,) = found(tmp_path / "content", WELL + other)

    line = WELL.count("\n") + 7
    assert problem.startswith(f'error {line}: the title "what does a LATE payment cost" is also')
    assert "late-fee (" in problem and "some.yaml:7); keep it in one entry." in problem


def test_messages_are_checked_like_answers(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content", WELL)
    messages = (SHIPPED / "messages.yaml").read_text(encoding="utf-8")
    start = messages.index("    en: I am sorry, I have no answer")
    messages = messages[:start] + "    en: '{{ roles }}'\n#" + messages[start:]
    (folder / "messages.yaml").write_text(messages, encoding="utf-8")

    problems = check_folder(folder, CLOSED)

    line = messages[:start].count("\n") + 1
    assert [each.line for each in problems if "no_match.en: what is to be" in each.message] == [
        line
    ]
    assert any("common_questions: there is no entry payment-due" in str(each) for each in problems)
    assert {Path(each.file).name for each in problems} == {"messages.yaml"}


def test_a_stored_content_is_checked_without_lines(tmp_path: Path) -> None:
    stored = content_of(tmp_path / "content", WELL.replace("owner: billing_admin", "owner: boss"))

    (problem,) = check(Content.from_json(stored.as_json()), CLOSED)

    assert str(problem).startswith("error: late-fee: owner boss is no role; use one of")


def test_errors_come_before_warnings_and_print_as_places(tmp_path: Path) -> None:
    spoilt = ENTRY.replace("owner: billing_admin", "owner: boss").replace("2027-05", "2025-05")
    folder = shipped_copy(tmp_path / "content", spoilt)

    problems = check_folder(folder, CLOSED)

    assert [each.severity for each in problems] == ["error", "warning", "warning", "warning"]
    assert str(problems[0]).startswith(f"{folder}/entries/some.yaml:3: error: late-fee: owner")


def test_a_base_that_cannot_be_read_is_one_list_too(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content", WELL.replace("late-fee", "Late Fee", 1))
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("due_days: 30", "due_days: x"))

    assert len(check_folder(folder, CLOSED)) == 2


def test_answers_are_tried_open_closed_and_on_a_holiday() -> None:
    moments = telling_moments(shipped().policy, OPEN)

    assert [moment.astimezone(UTC).isoformat() for moment in moments] == [
        "2026-11-23T02:00:00+00:00",
        "2026-11-24T01:00:00+00:00",
        "2026-12-25T04:00:00+00:00",
        "2026-11-29T04:00:00+00:00",
    ]


def test_a_message_that_the_dialogs_say_is_missed(tmp_path: Path) -> None:
    folder = shipped_copy(tmp_path / "content", WELL)
    messages = (folder / "messages.yaml").read_text(encoding="utf-8")
    (folder / "messages.yaml").write_text(messages.replace("  offer:", "  offered:"))
    (problem,) = check_folder(folder, CLOSED)
    assert "the message offer is missing" in problem.message


def golden_said(folder: Path, rows: str) -> list[str]:
    shipped_copy(folder, WELL).joinpath("golden.csv").write_text(
        f"question,language,expected\n{rows}", encoding="utf-8"
    )
    (folder / "out_of_scope.yaml").write_text("en:\n  - Will it rain?\n", encoding="utf-8")
    return [str(each).removeprefix(f"{folder}/") for each in check_folder(folder, CLOSED)]


def test_a_golden_question_is_nothing_that_is_learned_from(tmp_path: Path) -> None:
    rows = "what if i pay late,en,late-fee\nWHAT does a late payment cost,en,late-fee\n"

    said = golden_said(tmp_path / "content", f"{rows}will it rain,en,\n")
    copied, learned = (each for each in said if ".csv:2" not in each and ".csv:1:" not in each)

    assert copied.startswith(
        'golden.csv:3: warning: golden question "WHAT does a late payment cost" is one of late-fee'
    )
    assert copied.endswith("some.yaml:7); ask in other words.")
    assert learned.startswith(
        'golden.csv:4: warning: golden question "will it rain" is also an exam'
    )


def test_a_golden_question_expects_entries_that_there_are(tmp_path: Path) -> None:
    said = golden_said(tmp_path / "content", "what if i pay late,en,late-fee|latefee\n")

    assert (
        'golden.csv:2: warning: golden question "what if i pay late" expects latefee, '
        "which is no entry; name another or remove the question."
    ) in said


def test_too_few_golden_questions_are_one_warning_a_language(tmp_path: Path) -> None:
    rows = "".join(f"how dear is day {n},en,late-fee\n" for n in range(3))
    rows += "迟付怎么算,zh,late-fee\n迟付要罚吗,zh,late-fee\n"
    rows += "".join(f"what is {n} times {n},en,\n" for n in range(79))

    assert golden_said(tmp_path / "content", rows) == [
        "golden.csv:1: warning: entries with fewer than 3 golden questions in zh: 1 (late-fee); "
        "add some.",
        "golden.csv:1: warning: 79 golden questions expect nothing; 80 or more would show that "
        "what is out of scope stays unanswered.",
    ]


def test_only_some_of_many_entries_are_named(tmp_path: Path) -> None:
    content = content_of(tmp_path / "content")
    late_fee = content.entries[0]
    many = tuple(late_fee.model_copy(update={"id": f"fee-{n}"}) for n in range(9))
    asked = replace(content, entries=many, golden=(Case("how dear is it", "en", ("fee-0",)),))

    said = [each.message for each in check(asked, CLOSED) if each.code == "few_golden"]

    assert [message.split(": ")[1] for message in said] == [
        "9 (fee-0, fee-1, fee-2, fee-3, fee-4, …); add some."
    ] * 2
