"""The process is killed between what it committed and what it sent: it all arrives, in order."""

import random
from functools import partial

import pytest

from tests.bot.receiver import Receiver
from tests.faults.agreement import webhook_heard_all
from tests.faults.office import OWED, hooked, office
from tests.faults.people import AgentAtWork, WebCustomer

KILLS = 6


@pytest.mark.timeout(200)
async def test_a_webhook_hears_everything_and_without_the_doubles_once_and_in_order(
    database_url: str,
) -> None:
    luck = random.Random(5)
    async with (
        Receiver() as receiver,
        office(database_url, **hooked(receiver)) as desk,
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
        assert await webhook_heard_all(desk, receiver) > KILLS
