"""A small engine over the real log: stores what comes, greets, and repeats what was said."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.inbound import Inbound
from bot.replies import BOT_ID
from conversations import log
from conversations.log import Participant
from conversations.models import Author, NewActivity, activity_id
from storage.database import Connection, Database, StorageError

GREETING = "Welcome."


class EchoTurns:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.broken = False

    async def receive(self, inbound: Inbound) -> str:
        if self.broken:
            raise StorageError("disk full at /var/secret/path")
        number = await self._database.write(_store, inbound, datetime.now(UTC))
        return activity_id(inbound.conversation_id, number)


def _store(connection: Connection, inbound: Inbound, now: datetime) -> int:
    body = inbound.activity
    who = Participant(inbound.conversation_id, inbound.channel, body["from"]["id"])
    log.begin(connection, who, now)
    new = NewActivity(Author.CUSTOMER, body["type"], body, external_id=inbound.external_id)
    number, fresh = log.append(connection, inbound.conversation_id, new, now)
    said = _answer(body)
    if fresh and said:
        log.append(connection, inbound.conversation_id, bot_says(said), now)
    return number


def _answer(body: Mapping[str, Any]) -> str:
    if body["type"] == "conversationUpdate":
        return GREETING
    return f"You said: {body['text']}" if body.get("text") else ""


def bot_says(text: str) -> NewActivity:
    sender = {"id": BOT_ID, "name": "Assistant", "role": "bot"}
    body = {"type": "message", "from": sender, "text": text, "textFormat": "markdown"}
    return NewActivity(Author.BOT, "message", body)
