"""Keys that come, go and do not answer; tokens that are remembered; settings that cannot work."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot import channel_keys
from bot.authentication import AnonymousAuthentication, Authentication, Refused, TeamsSettings
from bot.http import Http
from tests.bot.channel import APP_ID, Channel
from tests.bot.conftest import Bot


@dataclass
class Clock:
    """Monotonic and wall time in one, moved by the test."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    def wall(self) -> float:
        return time.time() + self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def authentication(channel: Channel, clock: Clock) -> AsyncIterator[Authentication]:
    http = Http()
    made = Authentication(channel.settings(), http, wall=clock.wall, clock=clock.monotonic)
    yield made
    await made.close()
    await http.close()


async def refusal(authentication: Authentication, token: str) -> Refused:
    with pytest.raises(Refused) as refused:
        await authentication.verify(f"Bearer {token}")
    return refused.value


async def test_it_knows_who_calls(channel: Channel, authentication: Authentication) -> None:
    caller = await authentication.verify(f"bearer {channel.token()}")

    assert caller.claims["serviceurl"] == channel.service_url
    assert caller.endorsements == {"msteams", "webchat"}
    authentication.admit(caller, channel.activity())


async def test_a_rotated_key_is_served_at_the_first_message(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    await authentication.verify(f"Bearer {channel.token()}")
    clock.seconds = 61
    channel.key_id = "second"

    await authentication.verify(f"Bearer {channel.token()}")

    assert channel.key_fetches == 2


async def test_a_key_that_was_withdrawn_is_no_longer_believed(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    old = channel.token(jti="not seen before")
    await authentication.verify(f"Bearer {channel.token()}")
    clock.seconds = 61
    channel.key_id = "second"
    await authentication.verify(f"Bearer {channel.token()}")

    assert (await refusal(authentication, old)).reason == "unknown_key"


async def test_many_unknown_keys_cause_one_fetch_a_minute(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    await authentication.verify(f"Bearer {channel.token()}")
    clock.seconds = 61

    token = channel.token(key="unknown")
    refused = await asyncio.gather(*(refusal(authentication, token) for _ in range(50)))
    assert {each.status for each in refused} == {401}
    assert channel.key_fetches == 2

    clock.seconds = 120
    await refusal(authentication, token)
    assert channel.key_fetches == 2

    clock.seconds = 122
    await refusal(authentication, token)
    assert channel.key_fetches == 3


async def test_first_messages_that_come_together_share_one_fetch(
    channel: Channel, authentication: Authentication
) -> None:
    tokens = [channel.token(jti=str(number)) for number in range(20)]
    await asyncio.gather(*(authentication.verify(f"Bearer {token}") for token in tokens))
    assert channel.key_fetches == 1


async def test_one_caller_going_away_does_not_end_the_fetch(
    channel: Channel, authentication: Authentication
) -> None:
    channel.metadata_gate.clear()
    impatient = asyncio.create_task(authentication.verify(f"Bearer {channel.token()}"))
    patient = asyncio.create_task(authentication.verify(f"Bearer {channel.token(jti='2')}"))
    await channel.asked_for_keys(1)
    impatient.cancel()
    channel.metadata_gate.set()

    assert (await patient).claims["aud"] == APP_ID


async def test_old_keys_are_used_while_new_ones_are_fetched(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    await authentication.verify(f"Bearer {channel.token()}")
    clock.seconds = channel_keys.FRESH_SECONDS + 1
    channel.metadata_gate.clear()

    fresh = channel.token(exp=int(clock.wall()) + 3600)
    await authentication.verify(f"Bearer {fresh}")

    await channel.asked_for_keys(2)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"jwks_uri": null}',
        b'{"jwks_uri": "http://attacker.example/keys"}',
        b'{"jwks_uri": "file:///etc/passwd"}',
        b'{"jwks_uri": "https://["}',
        b" " * (2 * 1024 * 1024),
    ],
    ids=lambda junk: repr(junk[:30]),
)
async def test_known_keys_survive_junk(
    channel: Channel, authentication: Authentication, clock: Clock, junk: bytes
) -> None:
    await authentication.verify(f"Bearer {channel.token()}")
    channel.metadata_answer, clock.seconds = junk, 61

    assert (await refusal(authentication, channel.token(key="unknown"))).status == 401
    await authentication.verify(f"Bearer {channel.token(jti='again')}")


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {"keys": []},
        {"keys": "none"},
        {"keys": [None, 1, {}]},
        {"keys": [{"kty": "RSA", "kid": "first", "endorsements": ["msteams"]}]},
        {"keys": [{"kty": "RSA", "kid": "first", "n": "%", "e": "AQAB", "endorsements": []}]},
        {"keys": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0", "endorsements": ["msteams"]}]},
        {"keys": [{"kty": "RSA", "kid": "first", "n": "u1SU", "e": "AQAB", "endorsements": []}]},
    ],
    ids=str,
)
async def test_keys_that_cannot_be_used_are_no_keys(
    channel: Channel, authentication: Authentication, keys: Any
) -> None:
    channel.keys_answer = keys
    assert (await refusal(authentication, channel.token())).reason == "unknown_key"


async def test_a_key_without_endorsements_vouches_for_no_channel(
    channel: Channel, authentication: Authentication
) -> None:
    channel.endorsements = []
    caller = await authentication.verify(f"Bearer {channel.token()}")
    with pytest.raises(Refused) as refused:
        authentication.admit(caller, channel.activity())
    assert (refused.value.status, refused.value.reason) == (403, "endorsement")


async def test_a_key_server_that_hangs_disturbs_nobody_else(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.post()
    monkeypatch.setattr(channel_keys, "REFETCH_SECONDS", 0.0)
    monkeypatch.setattr(channel_keys, "FETCH_SECONDS", 60.0)
    bot.channel.metadata_gate.clear()

    stuck = asyncio.create_task(bot.post(token=bot.channel.token(key="unknown")))
    await bot.channel.asked_for_keys(2)
    answers = [await bot.post() for _ in range(20)]

    assert {status for status, _ in answers} == {202}
    assert not stuck.done()
    bot.channel.metadata_gate.set()
    assert (await stuck)[0] == 401


async def test_a_key_server_that_hangs_is_given_up(
    channel: Channel, authentication: Authentication, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert channel_keys.FETCH_SECONDS == 3.0
    monkeypatch.setattr(channel_keys, "FETCH_SECONDS", 0.05)
    channel.metadata_gate.clear()
    assert (await refusal(authentication, channel.token())).reason == "unknown_key"


async def test_no_key_server_at_all_is_401(channel: Channel, clock: Clock) -> None:
    http = Http()
    settings = channel.settings(openid_metadata_url="http://127.0.0.1:9/nothing")
    authentication = Authentication(settings, http, clock=clock.monotonic)
    assert (await refusal(authentication, channel.token())).status == 401
    await authentication.close()
    await http.close()


async def test_a_verified_token_is_remembered_only_until_it_ends(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    token = channel.token(exp=int(time.time()) + 600)
    first = await authentication.verify(f"Bearer {token}")
    assert await authentication.verify(f"Bearer {token}") is first

    clock.seconds = 600 + 299
    assert await authentication.verify(f"Bearer {token}") is first

    clock.seconds = 600 + 301
    assert (await refusal(authentication, token)).reason == "expired"


async def test_a_remembered_token_is_checked_again_after_an_hour(
    channel: Channel, authentication: Authentication, clock: Clock
) -> None:
    token = channel.token(exp=int(time.time()) + 10 * 3600)
    first = await authentication.verify(f"Bearer {token}")
    clock.seconds = 3601
    assert await authentication.verify(f"Bearer {token}") is not first


async def test_without_an_app_only_this_machine_is_answered() -> None:
    anonymous = AnonymousAuthentication()
    caller = await anonymous.verify(None)

    anonymous.admit(caller, {"serviceUrl": "http://localhost:56150/", "channelId": "emulator"})
    with pytest.raises(Refused):
        anonymous.admit(caller, {"serviceUrl": "https://smba.trafficmanager.net/amer/"})


def test_the_login_follows_the_app_type() -> None:
    def login(**changes: Any) -> str:
        return TeamsSettings(app_id=APP_ID, **changes).login_url

    host = "https://login.microsoftonline.com"
    assert login() == f"{host}/botframework.com/oauth2/v2.0/token"
    single = login(app_type="SingleTenant", tenant_id="contoso")
    assert single == f"{host}/contoso/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"app_type": "UserAssignedMSI"}, "register the bot as SingleTenant with a client secret"),
        ({"app_type": "SingleTenant"}, "needs MicrosoftAppTenantId"),
        ({"openid_metadata_url": "http://keys.example/"}, "must be https"),
        ({"token_url": "http://login.example/"}, "must be https"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        TeamsSettings(app_id=APP_ID, **changes)


def test_settings_do_not_show_the_secret() -> None:
    assert "hunter2" not in repr(TeamsSettings(app_id=APP_ID, app_password="hunter2"))
