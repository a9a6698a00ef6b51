"""What the bot sends: retried, paced, and never twice when it may have arrived."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientTimeout

from bot.bot_token import BotToken
from bot.connector import ATTEMPTS, Connector, Timing
from bot.delivery import DeliveryError
from bot.http import Http
from bot.pacing import TEAMS_LIMITS, Pacing
from bot.service_urls import ServiceUrls, address
from tests.bot.channel import APP_ID, APP_PASSWORD, Channel, Trouble

WALL = 1_795_000_000.0
ANSWER = {"type": "message", "text": "发票日期后 **30 天** 到期", "conversation": {"id": "a:1"}}


class Clock:
    """Sleeping moves it on and nothing else does."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def timing(self) -> Timing:
        return Timing(
            clock=lambda: self.seconds,
            wall=lambda: WALL + self.seconds,
            sleep=self.sleep,
            jitter=lambda: 0.5,
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    made = Http()
    yield made
    await made.close()


@pytest.fixture
def token(channel: Channel, http: Http, clock: Clock) -> BotToken:
    return BotToken(
        http, f"{channel.url}/login", APP_ID, APP_PASSWORD, "scope", lambda: clock.seconds
    )


@pytest.fixture
def connector(http: Http, token: BotToken, clock: Clock) -> Connector:
    return Connector(http, token, ServiceUrls(("127.0.0.1",)), clock.timing())


async def failure(connector: Connector, service_url: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as failed:
        await connector.send(service_url, ANSWER)
    return failed.value


async def test_it_posts_the_json_as_it_is(channel: Channel, connector: Connector) -> None:
    citation = {"type": "https://schema.org/Message", "citation": [{"position": 1}]}
    activity = {**ANSWER, "entities": [citation], "channelData": {"feedbackLoopEnabled": True}}

    assert await connector.send(channel.service_url, activity) == "1:1"

    [sent] = channel.sent
    assert sent.body == activity
    assert sent.path == "/amer/v3/conversations/a%3A1/activities"
    assert sent.headers["Authorization"] == "Bearer bot-token-1"


async def test_it_replies_updates_and_deletes(channel: Channel, connector: Connector) -> None:
    url = channel.service_url
    thread = {"id": "19:team@thread.tacv2;messageid=7"}
    await connector.send(url, {**ANSWER, "conversation": thread, "replyToId": "7"})
    await connector.update(url, {**ANSWER, "id": "1:1"})
    await connector.delete(url, "a:1", "1:1")
    created = await connector.create_conversation(url, {"isGroup": True})

    assert created == {"id": "1:4"}
    assert [(sent.method, sent.path) for sent in channel.sent] == [
        (
            "POST",
            "/amer/v3/conversations/19%3Ateam%40thread.tacv2%3Bmessageid%3D7/activities/7",
        ),
        ("PUT", "/amer/v3/conversations/a%3A1/activities/1%3A1"),
        ("DELETE", "/amer/v3/conversations/a%3A1/activities/1%3A1"),
        ("POST", "/amer/v3/conversations"),
    ]


@pytest.mark.parametrize("status", [412, 429, 502, 504])
async def test_it_tries_again_with_longer_pauses(
    channel: Channel, connector: Connector, clock: Clock, status: int
) -> None:
    channel.troubles.extend([Trouble(status)] * 3)
    assert await connector.send(channel.service_url, ANSWER) == "1:1"
    assert clock.slept == [0.75, 1.5, 3.0]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7.0),
        ("0", 0.75),
        ("Thu, 18 Nov 2026 11:06:50 GMT", None),
        ("soon", 0.75),
        ("-5", 0.75),
    ],
)
async def test_it_waits_as_long_as_the_channel_asks(
    channel: Channel, connector: Connector, clock: Clock, asked: str, waited: float | None
) -> None:
    channel.troubles.append(Trouble(429, {"Retry-After": asked}))
    await connector.send(channel.service_url, ANSWER)
    assert clock.slept == [waited or pytest.approx(10.0)]


async def test_a_wait_longer_than_a_minute_is_left_to_the_outbox(
    channel: Channel, connector: Connector, clock: Clock
) -> None:
    channel.troubles.append(Trouble(429, {"Retry-After": "3600"}))
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown, clock.slept) == (False, False, [])


@pytest.mark.parametrize(
    ("status", "permanent", "unknown"),
    [
        (400, True, False),
        (403, True, False),
        (404, True, False),
        (413, True, False),
        (302, True, False),
        (503, False, False),
        (500, False, True),
    ],
)
async def test_it_does_not_repeat(
    channel: Channel, connector: Connector, status: int, permanent: bool, unknown: bool
) -> None:
    channel.troubles.append(Trouble(status, {"Location": f"{channel.url}/login"}))
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown) == (permanent, unknown)
    assert channel.sent == []
    assert len(channel.logins) == 1


@pytest.mark.parametrize(("status", "unknown"), [(429, False), (412, False), (502, True)])
async def test_it_gives_up_in_the_end(
    channel: Channel, connector: Connector, status: int, unknown: bool
) -> None:
    channel.troubles.extend([Trouble(status)] * ATTEMPTS)
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown) == (False, unknown)
    assert not channel.troubles


async def test_a_connector_that_does_not_answer_may_have_it_all_the_same(
    channel: Channel, token: BotToken, clock: Clock
) -> None:
    impatient = Http(ClientTimeout(total=0.1))
    connector = Connector(impatient, token, ServiceUrls(("127.0.0.1",)), clock.timing())
    channel.troubles.append(Trouble(fault="hang"))
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown, clock.slept) == (False, True, [])
    await impatient.close()


@pytest.mark.parametrize("fault", ["reset", "taken_then_reset"])
async def test_what_may_have_arrived_is_not_sent_again(
    channel: Channel, connector: Connector, clock: Clock, fault: str
) -> None:
    channel.troubles.append(Trouble(fault=fault))
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown, clock.slept) == (False, True, [])
    assert len(channel.sent) <= 1


async def test_an_update_may_be_repeated(channel: Channel, connector: Connector) -> None:
    channel.troubles.append(Trouble(fault="taken_then_reset"))
    await connector.update(channel.service_url, {**ANSWER, "id": "1:1"})
    assert len(channel.sent) == 2


async def test_a_connection_that_never_came_about_is_tried_again(
    connector: Connector, clock: Clock
) -> None:
    failed = await failure(connector, "http://127.0.0.1:9/")
    assert (failed.permanent, failed.unknown) == (False, False)
    assert len(clock.slept) == ATTEMPTS - 1


@pytest.mark.parametrize(
    "url", ["https://attacker.example/", "http://127.0.0.2/", "http://localhost/", None]
)
async def test_no_token_is_fetched_for_an_address_that_is_not_listed(
    channel: Channel, connector: Connector, url: Any
) -> None:
    failed = await failure(connector, url)
    assert failed.permanent
    assert channel.logins == []


async def test_a_token_serves_until_5_minutes_before_its_end(
    channel: Channel, connector: Connector, clock: Clock
) -> None:
    for seconds, logins in [(0, 1), (3299, 1), (3301, 2)]:
        clock.seconds = seconds
        await connector.send(channel.service_url, ANSWER)
        assert len(channel.logins) == logins
    assert channel.logins[0] == {
        "grant_type": "client_credentials",
        "client_id": APP_ID,
        "client_secret": APP_PASSWORD,
        "scope": "scope",
    }


async def test_sends_that_start_together_share_one_login(
    channel: Channel, connector: Connector
) -> None:
    sends = (
        connector.send(channel.service_url, {**ANSWER, "conversation": {"id": str(number)}})
        for number in range(20)
    )
    await asyncio.gather(*sends)
    assert (len(channel.sent), len(channel.logins)) == (20, 1)


async def test_a_token_the_channel_refuses_is_replaced_once(
    channel: Channel, connector: Connector
) -> None:
    channel.troubles.append(Trouble(401))
    await connector.send(channel.service_url, ANSWER)
    assert channel.sent[0].headers["Authorization"] == "Bearer bot-token-2"

    channel.troubles.extend([Trouble(401)] * 2)
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown) == (False, False)


async def test_a_login_that_fails_delivers_nothing_and_can_be_tried_later(
    channel: Channel, connector: Connector
) -> None:
    channel.grant = {"error": "invalid_client"}
    failed = await failure(connector, channel.service_url)
    assert (failed.permanent, failed.unknown) == (False, False)
    assert APP_PASSWORD not in str(failed)

    channel.grant = {}
    await connector.send(channel.service_url, ANSWER)
    assert len(channel.sent) == 1


async def test_one_thread_is_paced_and_others_are_not(
    channel: Channel, connector: Connector, clock: Clock
) -> None:
    for _ in range(8):
        await connector.send(channel.service_url, ANSWER)
    assert clock.slept == [1.0]

    await connector.send(channel.service_url, {**ANSWER, "conversation": {"id": "a:2"}})
    assert clock.slept == [1.0]


@pytest.mark.parametrize("between", [0.0, 0.13, 0.4, 1.9])
def test_pacing_keeps_every_limit(between: float) -> None:
    pacing, now = Pacing(), 0.0
    slots = []
    for _ in range(2500):
        slots.append(now + pacing.reserve("thread", now))
        now += between
    for count, seconds in TEAMS_LIMITS:
        spans = [later - earlier for earlier, later in zip(slots, slots[count:], strict=False)]
        assert min(spans) >= seconds - 1e-6
    assert slots == sorted(slots)


def test_pacing_does_not_slow_a_thread_that_keeps_the_limits() -> None:
    pacing = Pacing()
    assert [pacing.reserve("thread", 2.1 * number) for number in range(1000)] == [0.0] * 1000


def test_pacing_forgets_the_threads_not_used_for_longest() -> None:
    pacing = Pacing(((1, 1000.0),))
    for number in range(10_001):
        pacing.reserve(str(number), 0.0)
    assert pacing.reserve("0", 0.0) == 0.0
    assert pacing.reserve("10000", 0.0) == 1000.0


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/amer/", True),
        ("https://SMBA.TrafficManager.net", True),
        ("https://europe.webchat.botframework.com/", True),
        ("https://gov.example:8443/teams/", True),
        ("http://localhost:3978/", True),
        ("https://[::1]:3978/", True),
        ("https://gov.example/teams/", False),
        ("http://gov.example:8443/teams/", False),
        ("https://botframework.com/", False),
        ("https://.botframework.com/", False),
        ("https://smba.trafficmanager.net./", False),
        ("https://smba.trafficmanager.net:99999/", False),
        ("https://smba.trafficmanager.net/#", False),
        ("https://smba.trafficmanager.net//evil/", False),
        ("https://smba.trafficmanager\u3002net/", False),
        ("https://:secret@smba.trafficmanager.net/", False),
        (" https://smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net/\r\nHost: x", False),
        ("https://smba.trafficmanager.net/" + "a" * 2048, False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_service_urls_allow_only_what_is_listed(url: object, allowed: bool) -> None:
    hosts = ("smba.trafficmanager.net", "*.botframework.com", "gov.example:8443")
    assert ServiceUrls((*hosts, "localhost", "::1")).allows(url) is allowed


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    built = address("https://host/amer/", "v3", "conversations", "../x?y#z", "activities")
    assert built.raw_path == "/amer/v3/conversations/..%2Fx%3Fy%23z/activities"
    assert (built.raw_query_string, built.raw_fragment) == ("", "")
