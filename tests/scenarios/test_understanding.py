"""How Carla is understood: asked back, two questions at once, words that point back, few words."""

import pytest

from app import DATABASE
from storage.database import Connection, Row
from tests.cast import Carla, titles
from tests.product import SUNDAY, Client, Clock


@pytest.mark.parametrize(
    ("unclear", "meant", "answer"),
    [
        (
            "how do I add and remove licences",
            "How do I remove licences I no longer need?",
            "lets seats be reduced",
        ),
        ("怎么加减许可证", "怎样减少不需要的许可证？", "续订"),
    ],
)
async def test_asked_back_she_picks_what_she_meant(
    client: Client, unclear: str, meant: str, answer: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        question = await carla.says(unclear)
        assert titles(question)[0] == meant and len(titles(question)) == 4
        assert answer in (await carla.says(meant))["text"]


@pytest.mark.parametrize(
    ("unclear", "none", "offer", "no", "declined"),
    [
        (
            "how do I add and remove licences",
            "None of these",
            "Shall I ask a person",
            "No, thanks",
            "All right",
        ),
        ("怎么加减许可证", "都不是", "需要我为您转接人工吗", "不用了", "好的"),
    ],
)
async def test_asked_back_about_nothing_she_meant_she_is_offered_a_person(
    client: Client, unclear: str, none: str, offer: str, no: str, declined: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        assert titles(await carla.says(unclear))[-1] == none
        offered = await carla.says(none)
        assert offer in offered["text"]
        assert titles(offered)[1] == no
        assert (await carla.says(no))["text"].startswith(declined)
    assert await _handoffs(client) == []


@pytest.mark.parametrize(
    ("asked", "first", "second"),
    [
        ("when is my invoice due and how can I pay?", "**30 days**", "You can pay by"),
        ("I was charged twice and when is my invoice due", "same amount twice", "**30 days**"),
        ("账单什么时候到期，怎么付款？", "**30 天**", "您可以使用以下方式付款"),
        ("怎么取消订阅，另外账单什么时候到期", "按比例退款", "**30 天**"),
    ],
)
async def test_two_questions_at_once_get_both_answers(
    client: Client, asked: str, first: str, second: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        assert first in (await carla.says(asked))["text"]
        assert second in (await carla.hears())["text"]


@pytest.mark.parametrize(
    ("asked", "about", "back", "other"),
    [
        (
            "What support do I get for Microsoft 365 and Office 365?",
            "Outlook",
            "and for Dynamics?",
            "Dynamics 365",
        ),
        ("Microsoft 365 有哪些支持服务？", "Outlook", "那 Dynamics 呢？", "Dynamics 365"),
    ],
)
async def test_a_few_words_that_point_back_are_read_with_what_was_answered(
    client: Client, asked: str, about: str, back: str, other: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        assert about in (await carla.says(asked))["text"]
        answer = await carla.says(back)
        assert other in answer["text"] and about not in answer["text"]
        assert answer["channelData"]["feedbackLoopEnabled"]


async def test_what_could_be_two_things_is_asked_back_and_not_the_last_answer_again(
    client: Client,
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("how do I cancel my subscription")
        question = await carla.says("and for Azure?")
        assert "Did you mean" in question["text"]
        assert "What support do I get for Azure?" in titles(question)


async def test_in_chinese_nobody_knows_so_a_person_is_offered_and_comes(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        miss = await carla.says("今晚吃什么好")
        assert "这个问题我没有答案" in miss["text"] and "现在是服务时间" in miss["text"]
        assert "第 1 位" in (await carla.says("好的"))["text"]
    assert [each["reason"] for each in await _handoffs(client)] == ["no_match"]


async def test_the_name_of_a_product_does_not_change_the_language(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("怎么付款")
        for name in ("Azure", "PayNow", "Microsoft 365"):
            assert (await carla.says(name))["locale"] == "zh"
        assert (await carla.says("when is my invoice due"))["locale"] == "en"
        assert (await carla.says("Azure"))["locale"] == "en"


@pytest.mark.parametrize("noted", ["ok", "好的", "thanks"])
async def test_taking_note_of_an_answer_puts_nobody_in_the_queue(
    client: Client, noted: str
) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        answer = await carla.says("Can I get a copy of an invoice?")
        assert titles(answer)[0] == "Can I talk to a person?"
        assert "queue" not in (await carla.says(noted))["text"]
        assert await _handoffs(client) == []
        assert "number 1 in the queue" in (await carla.says("yes please, a person"))["text"]
    assert len(await _handoffs(client)) == 1


async def test_out_of_hours_her_address_is_kept_and_her_invoice_number_is_none(
    client: Client, clock: Clock
) -> None:
    clock.now = SUNDAY
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("talk to a human")
        assert "reach you at" not in (await carla.says("my invoice 20240117 is wrong"))["text"]
        kept = await carla.says("call me at 6123 4567")
        assert "reach you at 6123 4567" in kept["text"]
    assert [each["contact"] for each in await _handoffs(client)] == ["6123 4567"]


async def _handoffs(client: Client) -> list[Row]:
    def handoffs(connection: Connection) -> list[Row]:
        return connection.execute("SELECT * FROM handoffs")

    return await client.app[DATABASE].read(handoffs)
