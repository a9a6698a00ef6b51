"""Whatever is cut where: the pages together are the conversation, once and in order."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import log
from conversations.log import Participant
from conversations.models import Author, NewActivity
from storage.database import Connection, Database
from tests.web.conftest import Channel, texts
from tests.web.echo import bot_says
from web.watermarks import Page, page

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HIDDEN = NewActivity(Author.CUSTOMER, "conversationUpdate", {"type": "conversationUpdate"})

_steps = st.lists(
    st.one_of(
        st.sampled_from([1, 2, 5, log.PAGE + 5]),  # so many are said
        st.sampled_from(["hidden", "read", "lost", "back", "large"]),
    ),
    max_size=12,
)
_names = count()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_steps)
async def test_the_pages_are_the_conversation(database: Database, steps: list[int | str]) -> None:
    """`lost`: the answer never arrived; `back`: an older tab goes on from where it was."""
    name = f"conversation-{next(_names)}"
    await database.write(log.begin, Participant(name, "web", "dl_x"), NOW)
    seen: list[str] = []
    said, watermark = 0, 0
    kept: tuple[list[str], int] = ([], 0)
    for step in steps:
        if isinstance(step, int) or step == "large":
            amount, size = (3, 400_000) if isinstance(step, str) else (step, 0)
            await database.write(_say, name, said, amount, size)
            said += amount
        elif step == "hidden":
            await database.write(log.append, name, HIDDEN, NOW)
        elif step == "lost":
            await database.read(page, name, watermark)
        elif step == "back":
            kept, (seen, watermark) = (list(seen), watermark), kept
        else:
            found = await database.read(page, name, watermark)
            seen, watermark = seen + _numbers(found), found.watermark
    for reader in ((seen, watermark), kept):
        assert await _to_the_end(database, name, *reader) == [str(n) for n in range(said)]


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.sampled_from(["at once", "midway", "after"]), min_size=1, max_size=6))
async def test_streams_cut_anywhere_are_the_conversation(channel: Channel, cuts: list[str]) -> None:
    """Something is said into each stream, which is then dropped; the next one goes on."""
    customer = await channel.begin()
    seen: list[str] = []
    watermark = ""
    for number, cut in enumerate(cuts):
        stream = await customer.stream(watermark)
        saying = asyncio.create_task(customer.say(f"Message {number}"))
        if cut == "midway":
            await stream.frame()
        elif cut == "after":
            await stream.until(f"You said: Message {number}")
        await stream.socket.close()
        await saying
        seen, watermark = seen + texts(stream.seen), stream.watermark or watermark
    rest = [*seen]
    while (left := await customer.read(watermark))["activities"]:
        rest, watermark = rest + texts(left["activities"]), left["watermark"]
    said = [text for n in range(len(cuts)) for text in (f"Message {n}", f"You said: Message {n}")]
    assert rest == ["Welcome.", *said]


@pytest.mark.parametrize("size", [10, 400_000, 2_000_000])
async def test_a_page_is_no_larger_than_a_client_reads(database: Database, size: int) -> None:
    await database.write(log.begin, Participant("c", "web", "dl_x"), NOW)
    await database.write(_say, "c", 0, 5, size)
    found = await database.read(page, "c", 0)
    assert found.activities
    assert len(found.as_json()) < max(1_100_000, size + 1000)
    assert await _to_the_end(database, "c", [], 0) == ["0", "1", "2", "3", "4"]


async def _to_the_end(database: Database, name: str, seen: list[str], watermark: int) -> list[str]:
    while (found := await database.read(page, name, watermark)).watermark != watermark:
        seen, watermark = seen + _numbers(found), found.watermark
    return seen


def _numbers(found: Page) -> list[str]:
    return [json.loads(activity)["text"].split()[0] for activity in found.activities]


def _say(connection: Connection, name: str, first: int, amount: int, size: int) -> None:
    for number in range(first, first + amount):
        log.append(connection, name, bot_says(f"{number} {'x' * size}"), NOW)
