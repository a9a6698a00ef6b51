"""How a page gets its tokens, and gets them again after a long sleep."""

import time
from typing import Any

import pytest

from tests.web.conftest import SECRET, SHOP, Channel, Start, texts
from web.errors import Problem
from web.tokens import BadToken, Grant, Purpose, Tokens, new_grant

PAGE = {"Origin": SHOP}


async def test_a_page_wakes_up_after_hours_and_goes_on(start: Start) -> None:
    asleep = await start(clock=lambda: time.time() - 5 * 3600)
    before = await asleep.begin()
    await before.say("Before the night")
    awake = await start()
    before.channel = awake
    assert (await before.call("POST", "/tokens/refresh")).status == 403
    after = await awake.begin(resume=before.resume)
    assert (after.conversation, after.user_id) == (before.conversation, before.user_id)
    await after.say("In the morning")
    assert texts((await after.read())["activities"])[0:4:3] == ["Welcome.", "In the morning"]


async def test_every_visitor_is_somebody_else(channel: Channel) -> None:
    visitors = [await channel.begin() for _ in range(20)]
    assert len({visitor.user_id for visitor in visitors}) == 20
    assert len({visitor.conversation for visitor in visitors}) == 20
    assert all(len(visitor.user_id) > 20 for visitor in visitors)


@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        ({}, {}, Problem.ORIGIN),
        ({}, {"Origin": "https://evil.example"}, Problem.ORIGIN),
        ({}, {"Origin": "null"}, Problem.ORIGIN),
        ({"resume": ""}, PAGE, Problem.TOKEN),
        ({"resume": "a.b.c"}, PAGE, Problem.TOKEN),
        ({"resume": 5}, PAGE, Problem.TOKEN),
        ({"conversationId": "of-somebody-else"}, PAGE, Problem.UNKNOWN_FIELD),
        ({"user": {"id": "dl_somebody"}}, PAGE, Problem.UNKNOWN_FIELD),
    ],
)
async def test_it_refuses_other_pages_and_other_wishes(
    channel: Channel, body: dict[str, Any], headers: dict[str, str], problem: Problem
) -> None:
    answer = await channel.client.post("/widget/token", json=body, headers=headers)
    status, code, message = problem.value
    assert (answer.status, await answer.json()) == (
        status,
        {"error": {"code": code, "message": message}},
    )


async def test_a_talk_token_is_no_resume_credential(channel: Channel) -> None:
    customer = await channel.begin()
    for credential in (customer.token, customer.ticket):
        body = {"resume": credential}
        answer = await channel.client.post("/widget/token", json=body, headers=PAGE)
        assert answer.status == 403


async def test_an_address_begins_only_so_many(start: Start) -> None:
    channel = await start(tokens_per_minute=3)
    customers = [await channel.begin() for _ in range(3)]
    refused = await channel.client.post("/widget/token", json={}, headers=PAGE)
    assert (refused.status, int(refused.headers["Retry-After"]) > 1) == (429, True)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    resumed = await channel.begin(resume=customers[0].resume)
    assert resumed.conversation == customers[0].conversation
    guessed = await channel.client.post("/widget/token", json={"resume": "x"}, headers=PAGE)
    assert guessed.status == 429


def test_a_changed_secret_opens_old_tokens_as_long_as_it_is_listed() -> None:
    grant = new_grant()
    old = Tokens(("old" * 20,)).issue(grant)
    both = Tokens(("new" * 20, "old" * 20))
    assert both.read(old).conversation_id == grant.conversation_id
    new = both.issue(grant)
    assert Tokens(("new" * 20,)).read(new).user_id == grant.user_id
    with pytest.raises(BadToken):
        Tokens(("new" * 20,)).read(old)
    with pytest.raises(BadToken):
        Tokens(("old" * 20,)).read(new)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_is_good_for_its_time_and_its_purpose(purpose: Purpose) -> None:
    now = 1_000_000.0
    tokens = Tokens((SECRET,), lambda: now)
    token = tokens.issue(Grant("c", "dl_u", "Ada", ("https://a.example",)), purpose)
    found = tokens.read(token, purpose)
    assert (found.conversation_id, found.user_id, found.user_name) == ("c", "dl_u", "Ada")
    assert found.origins == ("https://a.example",)
    for other in set(Purpose) - {purpose}:
        with pytest.raises(BadToken):
            tokens.read(token, other)
    now = found.expires_at - 1
    tokens.read(token, purpose)
    now = found.expires_at
    with pytest.raises(BadToken):
        tokens.read(token, purpose)


def test_it_signs_nothing_without_a_secret() -> None:
    with pytest.raises(ValueError):
        Tokens(())
