"""The process is killed between what it committed and what Teams took. Teams cannot tell what it
has already, so nothing is sent twice, unless a person says so."""

import html
import json
import random
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from storage.database import Row
from tests.bot.channel import APP_ID, APP_PASSWORD, Channel, Sent
from tests.faults.office import OWED, office
from tests.faults.people import AgentAtWork, TeamsCustomer

KILLS = 8
CUSTOMERS = 3
PARCELS = (
    "SELECT o.*, a.body FROM outbox o JOIN activities a"
    " ON a.conversation_id = o.conversation_id AND a.number = o.number ORDER BY o.number"
)


def registered(channel: Channel) -> dict[str, Any]:
    known = channel.settings()
    return {
        "app_id": APP_ID,
        "app_password": APP_PASSWORD,
        "openid_metadata_url": known.openid_metadata_url,
        "token_url": known.token_url,
        "service_url_hosts": list(known.service_url_hosts),
    }


@pytest.mark.timeout(300)
async def test_teams_gets_nothing_twice_and_what_it_may_have_waits_for_a_person(
    database_url: str,
) -> None:
    luck = random.Random(3)
    async with Channel() as channel, office(database_url, **registered(channel)) as desk:
        customers = [
            TeamsCustomer(
                desk.session,
                desk.server.url,
                f"tom{n}",
                random.Random(n),
                desk.progress,
                conversation=f"a:tom{n}",
                pause_s=0.2,
                channel=channel,
            )
            for n in range(CUSTOMERS)
        ]
        agents = desk.agents()
        everybody: list[TeamsCustomer | AgentAtWork] = [*customers, *agents]
        for _ in range(KILLS):
            arrived = partial(channel.arrived, len(channel.sent) + luck.randint(1, 6))
            await desk.works(everybody, arrived, after_minutes=1)
        for each in everybody:
            await each.finishes()
        await desk.settles(OWED)
        unknown = _check(await desk.rows(PARCELS), channel.sent)
        await desk.server.start()
        before = len(channel.sent)
        assert "May have arrived" in html.unescape(await agents[0].sends_again(unknown["id"]))
        await channel.arrived(before + 1)
        await desk.settles(OWED)
        again = next(each for each in await desk.rows(PARCELS) if each["id"] == unknown["id"])
        assert again["status"] == "sent"
        assert [_told(each) for each in channel.sent[before:]] == [_meant(again)]


def _check(parcels: list[Row], arrived: list[Sent]) -> Row:
    """Whatever arrived was sent once, in order, or is shown as what may have arrived; one of those
    that did."""
    assert {row["status"] for row in parcels} == {"sent", "unknown"}
    known: dict[int, Row] = {}
    for row in parcels:
        if row["status"] == "sent":
            place = int(row["remote_id"].removeprefix("1:")) - 1
            assert place not in known and _told(arrived[place]) == _meant(row)
            known[place] = row
    for lane in {row["lane"] for row in parcels}:
        numbers = [
            known[place]["number"] for place in sorted(known) if known[place]["lane"] == lane
        ]
        assert numbers == sorted(numbers)
    unsure = [row for row in parcels if row["status"] == "unknown"]
    more = Counter(_told(each) for place, each in enumerate(arrived) if place not in known)
    assert more and more <= Counter(map(_meant, unsure))
    return next(row for row in unsure if _meant(row) in more)


def _told(sent: Sent) -> tuple[str, str]:
    return sent.body["conversation"]["id"], _words(sent.body)


def _meant(row: Row) -> tuple[str, str]:
    return row["lane"], _words(json.loads(row["body"]))


def _words(body: Mapping[str, Any]) -> str:
    return json.dumps([body.get("text"), body.get("attachments")], sort_keys=True)
