"""What is put in beside a parcel that is handed over at once leaves behind it."""

from pathlib import Path

import pytest

from bot.deliveries import Deliveries
from conversations import log, outbox
from conversations.log import Participant
from conversations.models import Author, NewActivity
from conversations.outbox import Letter, Parcel
from storage.database import Connection, open_database
from tests.handoff.office import MONDAY

CARLA = Participant("c1", "post", "29:carla")
REPLY = NewActivity(Author.BOT, "message", {"type": "message", "text": "In 30 days."})


def replied(connection: Connection, lettered: bool) -> Parcel:
    log.begin(connection, CARLA, MONDAY)
    number, _ = log.append(connection, "c1", REPLY, MONDAY)
    conversation = log.get(connection, "c1")
    assert conversation
    said = [REPLY.at("c1", number, MONDAY)]
    parcel = outbox.hand_over(connection, conversation, said, MONDAY)
    assert parcel
    if lettered:
        outbox.post(connection, Letter("beside", "c1", "post", {}), MONDAY)
    return parcel


@pytest.mark.parametrize("lettered", [True, False])
async def test_a_letter_beside_a_reply_that_is_handed_over_leaves_right_after_it(
    tmp_path: Path, lettered: bool
) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/billing.db")
    sent: list[str] = []

    async def sender(parcel: Parcel) -> str:
        sent.append(parcel.id)
        return ""

    deliveries = Deliveries(database, {"post": sender}, lambda: MONDAY)
    deliveries.send(await database.write(replied, lettered))
    await deliveries.settled()
    assert sent == ["c1|1", *(["beside"] if lettered else [])]
    deliveries.close()
    await database.close()
