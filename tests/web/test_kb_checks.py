"""What an editor is told beside the fields while writing: faults, neighbours, other drafts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from accounts.models import Role
from tests.knowledge.samples import shipped
from tests.product import Clock
from tests.staff import database_of, signed_in
from tests.web.editors import Room, Writer, body_of, room


@pytest.fixture
async def house(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    async with room(sqlite_url, clock, tmp_path) as made:
        yield made


async def test_faults_are_told_with_field_line_and_what_to_do(house: Room) -> None:
    answer = {"en": "Fine.\n\n{{ payment.due_day }} days", "zh": "好\n{% set x = 1 %}"}
    seen = await house.erik.looks("late-fee", body_of(answer=answer, owner=""))
    found = {(each["field"], each["line"]): each for each in seen["findings"]}
    assert found["answer.en", 3]["code"] == "unknown_variable"
    assert found["answer.zh", 2]["code"] == "template"
    assert all(each["mend"] for each in seen["findings"])
    assert seen["previews"]["zh"]["error"]["line"] == 2
    unfinished = await house.erik.looks("late-fee", {"answer": {"en": "Hello."}})
    fields = {each["field"] for each in unfinished["problems"]}
    assert {"topic", "questions"} <= fields


async def test_drafts_are_compared_with_each_other(house: Room) -> None:
    euros = {"en": ["Do you take euros?"], "zh": ["可以付欧元吗？"]}
    await house.paula.saves("entry/refund", body_of("In 30 days.", questions=euros))
    draft = body_of("In 14 days.", questions=euros)
    while (seen := await house.erik.looks("late-fee", draft, beside=True))["comparing"]:
        pass
    told = {each["code"]: each for each in seen["findings"]}
    assert told["same_question"]["other"] == told["near_duplicate"]["other"] == "refund"
    assert told["entries_disagree"]["message"] == (
        "This says 14 days; “Do you take euros?” says 30 days."
    )


async def test_neighbours_are_told_beside_the_questions(house: Room) -> None:
    taken = {"en": ["What does a late payment cost?", "Refund?"], "zh": ["逾期付款要多少钱？"]}
    seen = await house.erik.looks("late-fee", body_of(questions=taken), beside=True)
    [same] = [each for each in seen["findings"] if each["code"] == "same_question"]
    assert (same["field"], same["other"], same["title"]) == ("questions.en.1", "refund", "Refund?")
    many = {"en": [f"How about {number} euros" for number in range(14)], "zh": ["欧元？"]}
    seen = await house.erik.looks("late-fee", body_of(questions=many), beside=True)
    left = [each["message"] for each in seen["findings"] if each["code"] == "not_asked"]
    assert left == ["2 more new questions in English were not tried here."]
    moved = await house.erik.does(
        "/editor/entries/late-fee/move", question="Money back?", language="en", to="refund"
    )
    assert moved == {"moved": "refund"}
    assert "Money back?" in await house.erik.reads("/editor/entries/refund")


async def test_a_chinese_editor_reads_what_is_wrong_with_the_policy_in_chinese(house: Room) -> None:
    body = shipped().policy.model_dump(mode="json")
    hours = body["support"]["hours"]
    hours["time_zone"] = "Mars/Base"
    hours["weekly"] |= {"saturday": ["20:00-03:00"], "sunday": ["02:00-04:00"]}
    body["collections"]["cancel_after_days"] = 61
    body["partner"]["locales"]["zh"] = "de_DE"
    body["tax"]["rate_percent"] = None
    del body["support"]["provider_name"]["zh"]
    database = database_of(house.client)
    async with signed_in(house.client, database, Role.CONTENT_EDITOR, language="zh") as staff:
        told = await Writer(staff).does("/editor/policy/look", body=body)
    said = {each["field"]: each["message"] for each in told["problems"]}
    assert said == {
        "support.provider_name": "缺少中文文本，请补上。",
        "partner.locales.zh": "de_DE 不是中文的区域格式。",
        "support.hours.time_zone": "没有时区 Mars/Base，请填写 IANA 名称，例如 Asia/Singapore。",
        "support.hours.weekly.saturday": "星期六的 20:00-03:00 与星期日的 02:00-04:00 重叠，"
        "请缩短其中一个。",
        "collections.cancel_after_days": "阶段 cancel 在第 60 天，此处须填写同一天。",
        "tax.rate_percent": "tax.rate_percent 须为数字。",
    }
