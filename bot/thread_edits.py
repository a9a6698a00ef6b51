"""An agent edits or deletes in Teams what was written to a customer.

In Teams the customer's copy is changed. On the web it has been read: a line below it corrects it.
The log keeps what was said before, and what became of it.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.delivery import DeliveryError
from bot.desk_courier import BY_TEAMS, DeskCourier
from bot.desk_words import say
from bot.teams import TeamsChannel
from conversations import log, outbox
from conversations.models import WEB, Activity, Author, NewActivity, activity_id
from conversations.outbox import Letter, Parcel
from handoff import store
from handoff.models import Agent, Handoff
from handoff.voice import Voice
from storage.database import Connection, Database

CHANNEL = "teams-corrections"
CORRECTION = ("Correction: {text}", "更正：{text}")
WITHDRAWN = ("I withdraw this message: “{text}”", "我撤回此消息：“{text}”")


class ThreadEdits:
    def __init__(self, voice: Voice, courier: DeskCourier) -> None:
        self._voice = voice
        self._courier = courier

    def changed(
        self,
        connection: Connection,
        handoff: Handoff,
        message_id: str,
        text: str,
        version: str,
        now: datetime,
    ) -> None:
        """`version` tells one edit of the message from the next."""
        if not text:
            return
        said = _said(connection, handoff, message_id)
        if said is None:
            _change_note(connection, handoff, message_id, text)
            return
        edit = hashlib.sha256(f"{version}|{text}".encode()).hexdigest()[:16]
        self._correct(connection, handoff, said, f"{message_id}|{edit}", text, now)

    def withdrawn(
        self, connection: Connection, handoff: Handoff, message_id: str, now: datetime
    ) -> None:
        said = _said(connection, handoff, message_id)
        if said is None:
            _remove_note(connection, handoff, message_id)
        else:
            self._correct(connection, handoff, said, f"{message_id}|deleted", "", now)

    def _correct(
        self,
        connection: Connection,
        handoff: Handoff,
        said: tuple[Activity, Agent],
        edit_id: str,
        text: str,
        now: datetime,
    ) -> None:
        """`text` is empty for what is withdrawn."""
        on_web = handoff.channel == WEB
        row = self._row(handoff, said, f"edit|{edit_id}", text)
        if on_web:
            _, fresh = self._voice.append(connection, handoff, row, now)
        else:
            _, fresh = log.append(connection, handoff.conversation_id, row, now)
            self._post(connection, handoff, said[0].number, edit_id, dict(row.body), now)
        if fresh:
            connection.notify(store.TOPIC, handoff.conversation_id)
            word = f"{'corrected' if text else 'withdrawn'}_{'web' if on_web else 'teams'}"
            told = say(word, self._courier.language)
            self._courier.line(connection, handoff.id, f"edit|{edit_id}", told, now)

    def _row(
        self, handoff: Handoff, said: tuple[Activity, Agent], external_id: str, text: str
    ) -> NewActivity:
        before, agent = said
        corrects = activity_id(handoff.conversation_id, before.number)
        if handoff.channel == WEB:
            words = CORRECTION if text else WITHDRAWN
            shown = words[handoff.language == "zh"].format(text=text or before.body.get("text", ""))
            row = self._voice.speaker.said(handoff, agent, shown, external_id)
            data = {**row.body.get("channelData", {}), "corrects": corrects}
            return NewActivity(row.author, row.type, {**row.body, "channelData": data}, external_id)
        row = self._voice.speaker.said(handoff, agent, text, external_id)
        kind = "messageUpdate" if text else "messageDelete"
        body = {**row.body, "type": kind, "text": row.body["text"] if text else "", "id": corrects}
        return NewActivity(Author.AGENT, kind, body, external_id)

    def _post(
        self,
        connection: Connection,
        handoff: Handoff,
        number: int,
        edit_id: str,
        body: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Doing either twice does no harm."""
        conversation_id = handoff.conversation_id
        payload = {"conversation": conversation_id, "number": number, "body": body}
        lane = f"{CHANNEL}|{conversation_id}|{number}"
        letter = Letter(f"{CHANNEL}|{edit_id}", lane, CHANNEL, payload, repeatable=True)
        outbox.post(connection, letter, now)


def corrections(database: Database, teams: TeamsChannel) -> Callable[[Parcel], Any]:
    """The sender of what changes a customer's copy in Teams."""

    async def deliver(parcel: Parcel) -> str:
        conversation_id, number = parcel.payload["conversation"], parcel.payload["number"]
        remote_id = await database.read(outbox.remote_id_of, f"{conversation_id}|{number}")
        if not remote_id:
            raise DeliveryError("the message has not been delivered yet")
        kept = await database.read(log.get, conversation_id)
        if kept is None:
            raise DeliveryError("there is no such conversation", permanent=True)
        body = parcel.payload["body"]
        if body["type"] == "messageUpdate":
            changed = {**body, "type": "message", "id": remote_id}
            return await teams.update(kept.reference, changed)
        await teams.delete(kept.reference, remote_id)
        return remote_id

    return deliver


def _said(
    connection: Connection, handoff: Handoff, message_id: str
) -> tuple[Activity, Agent] | None:
    """What was said to the customer by that message, and by whom."""
    rows = connection.execute(
        "SELECT * FROM activities WHERE conversation_id = %(id)s AND author = 'agent'"
        " AND external_id IS NOT NULL ORDER BY number",
        id=handoff.conversation_id,
    )
    for row in rows:
        kind, _, rest = row["external_id"].partition("|")
        agent_id, _, client_id = rest.rpartition("|")
        if kind == "agent" and client_id == f"{BY_TEAMS}{message_id}":
            activity = Activity.from_row(row)
            return activity, Agent(agent_id, str(activity.body["from"]["name"]))
    return None


def _note_ids(connection: Connection, handoff: Handoff, message_id: str) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM handoff_notes WHERE handoff_id = %(id)s", id=handoff.id
    )
    return [row["id"] for row in rows if row["id"].endswith(f"|{BY_TEAMS}{message_id}")]


def _change_note(connection: Connection, handoff: Handoff, message_id: str, text: str) -> None:
    for note_id in _note_ids(connection, handoff, message_id):
        connection.execute(
            "UPDATE handoff_notes SET text = %(text)s WHERE id = %(id)s", text=text, id=note_id
        )
        connection.notify(store.TOPIC, handoff.conversation_id)


def _remove_note(connection: Connection, handoff: Handoff, message_id: str) -> None:
    for note_id in _note_ids(connection, handoff, message_id):
        connection.execute("DELETE FROM handoff_notes WHERE id = %(id)s", id=note_id)
        connection.notify(store.TOPIC, handoff.conversation_id)
