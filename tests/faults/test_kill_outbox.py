"""The process is killed between what it committed and what it sent: it all arrives, in order."""

import json
import random
from functools import partial
from uuid import NAMESPACE_URL, uuid5

import pytest

from conversations import outbox
from tests.bot.receiver import Receiver
from tests.faults.office import office
from tests.faults.people import AgentAtWork, WebCustomer

KILLS = 6
SECRET = "a secret that is at least 32 characters long"
OWED = (
    "SELECT conversation_id FROM pending_turns"
    " UNION ALL SELECT id FROM outbox WHERE status IN ('queued', 'sending')"
)


@pytest.mark.timeout(200)
async def test_a_webhook_hears_everything_and_without_the_doubles_once_and_in_order(
    database_url: str,
) -> None:
    luck = random.Random(5)
    async with (
        Receiver() as receiver,
        office(
            database_url,
            webhook_urls=[receiver.url],
            webhook_secret=[SECRET],
            webhook_allow_private=True,
        ) as desk,
    ):
        carla = WebCustomer(desk.session, desk.server.url, "carla", random.Random(1), desk.progress)
        await carla.begins()
        everybody: list[WebCustomer | AgentAtWork] = [carla, *desk.agents()]
        for _ in range(KILLS):
            heard = partial(receiver.arrived, len(receiver.got) + luck.randint(1, 6))
            await desk.works(everybody, heard, after_minutes=1)
        for each in everybody:
            await each.finishes()
        await desk.settles(OWED)
        heard_ids = [json.loads(got.body)["delivery"] for got in receiver.got]
        parcels = await desk.rows(f"SELECT * FROM outbox ORDER BY lane, {outbox.ORDER}")
        assert {row["status"] for row in parcels} == {"sent"}
        once = list(dict.fromkeys(heard_ids))
        told = {str(uuid5(NAMESPACE_URL, row["id"])): row["lane"] for row in parcels}
        assert len(once) == len(told) > KILLS
        assert sorted(once, key=lambda one: told[one]) == list(told)
