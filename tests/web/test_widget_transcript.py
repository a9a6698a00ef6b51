"""What a customer takes home: what was said, by whom and when, and nothing else."""

from bot.replies import agent_activity, desk_activity, rating_request
from conversations import log
from conversations.models import Author, NewActivity
from storage.database import Connection
from tests.cast import DIRECT_LINE, Carla
from tests.product import MONDAY_MORNING, Client, Start, client, start
from tests.staff import database_of
from web.widget_transcript import PER_MINUTE, plain

__all__ = ["client", "start"]

PATH = "/widget/transcript"


def _said(connection: Connection, conversation: str, *said: NewActivity) -> None:
    for each in said:
        log.append(connection, conversation, each, MONDAY_MORNING)


async def token_of(client: Client) -> dict[str, str]:
    origin = str(client.make_url("/")).rstrip("/")
    answer = await client.post("/widget/token", json={}, headers={"Origin": origin})
    return {"Authorization": f"Bearer {(await answer.json())['token']}"}


async def saved(client: Client, carla: Carla, zone: str = "") -> str:
    answer = await client.get(PATH, params={"zone": zone}, headers=carla.headers)
    assert answer.status == 200
    assert answer.content_type == "text/plain"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return await answer.text()


async def test_it_says_who_said_what_and_when(client: Client) -> None:
    async with Carla.arrives(client, "en") as carla:
        await carla.hears()
        await carla.says("When is my invoice due?")
        person = agent_activity("web", "en", "Mei Lin", "It is **due** \\- soon.", "x")
        told = desk_activity("web", "en", "Harbourlight Cloud", "Mei Lin has joined.")
        await database_of(client).write(_said, carla.conversation, told, person)
        text = await saved(client, carla, "Asia/Tokyo")
    title, zone, empty, *lines = text.splitlines()
    assert title == "Conversation with Harbourlight Cloud"
    assert (zone, empty) == ("Times: Asia/Tokyo", "")
    assert "[2026-11-23 11:00] You: When is my invoice due?" in lines
    assert "[2026-11-23 11:00] Harbourlight Cloud: Mei Lin has joined." in lines
    assert lines[-1] == "[2026-11-23 11:00] Mei Lin: It is due - soon."


async def test_it_holds_nothing_of_how_answers_were_found(client: Client) -> None:
    async with Carla.arrives(client, "en") as carla:
        await carla.hears()
        answer = await carla.says("When is my invoice due?")
        await carla.rates(answer, "positive")
        asked = rating_request("web", "en", "Bot", "How was it?", "secret-handoff", {})
        stars = {"type": "message", "value": {"action": "rate_help", "score": 4}}
        pressed = NewActivity(Author.CUSTOMER, "message", stars)
        await database_of(client).write(_said, carla.conversation, asked, pressed)
        text = await saved(client, carla)
    assert "How was it?" in text
    for internal in ("secret-handoff", "rate", "positive", "payment-due", carla.conversation, "{"):
        assert internal not in text


async def test_it_speaks_the_customers_language(client: Client) -> None:
    async with Carla.arrives(client, "zh") as carla:
        await carla.hears()
        await carla.says("账单什么时候到期？")
        text = await saved(client, carla)
    assert text.startswith("与港明云的对话\n时间：Asia/Singapore\n")
    assert "] 您: 账单什么时候到期？" in text


async def test_a_zone_nobody_knows_is_the_partners(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        for zone in ("../../etc/passwd", "Nowhere/Else", "America", "\u0000"):
            assert "Asia/Singapore" in await saved(client, carla, zone)


async def test_nobody_reads_another_conversation(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("When is my invoice due?")
        answer = await client.get(PATH, headers=await token_of(client))
        assert "invoice" not in await answer.text()
        elsewhere = carla.headers | {"Origin": "https://evil.example"}
        assert (await client.get(PATH, headers=elsewhere)).status == 403
    for headers in ({}, {"Authorization": "Bearer no"}):
        assert (await client.get(PATH, headers=headers)).status == 403
    stream = f"{DIRECT_LINE}/conversations/{carla.conversation}"
    ticket = (await (await client.get(stream, headers=carla.headers)).json())["streamUrl"]
    opened = {"Authorization": f"Bearer {ticket.rpartition('=')[2]}"}
    assert (await client.get(PATH, headers=opened)).status == 403


async def test_it_is_made_a_few_times_a_minute(start: Start) -> None:
    client = await start()
    headers = await token_of(client)
    answers = [(await client.get(PATH, headers=headers)).status for _ in range(PER_MINUTE + 1)]
    assert answers == [200] * PER_MINUTE + [429]


def test_markdown_becomes_what_people_write() -> None:
    said = "**Due** on [the page](https://a.example/x), 3 \\* 4, `a_b`"
    assert plain(said) == "Due on the page (https://a.example/x), 3 * 4, `a_b`"
