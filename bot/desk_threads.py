"""The agents' channel in Teams, and which of its threads belongs to which handoff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff import store
from handoff.models import Handoff
from storage.database import Connection
from storage.times import stored_time

FIXED, CHOSEN = "fixed", "chosen"
ROOT = ";messageid="


@dataclass(frozen=True, slots=True)
class Place:
    """The channel where handoffs are shown, and the connector that serves it."""

    channel_id: str
    service_url: str

    def is_home_of(self, activity: Mapping[str, Any]) -> bool:
        return channel_of(activity) == self.channel_id


@dataclass(frozen=True, slots=True)
class Thread:
    """`shown` is the revision of the handoff that its card shows."""

    handoff_id: str
    conversation_id: str
    activity_id: str
    service_url: str
    shown: int

    @property
    def reference(self) -> dict[str, Any]:
        return reference(self.service_url, self.conversation_id)


def reference(service_url: str, conversation_id: str) -> dict[str, Any]:
    where = {"id": conversation_id}
    return {"channelId": "msteams", "serviceUrl": service_url, "conversation": where}


def channel_of(activity: Mapping[str, Any]) -> str:
    """The channel's id, whichever of its threads was written in."""
    return str(activity["conversation"]["id"]).partition(ROOT)[0]


def connected(connection: Connection, fixed: Place | None) -> Place | None:
    """The channel of the settings, or else the one that an agent has connected; where it is served
    is learnt from what comes out of it."""
    key = FIXED if fixed else CHOSEN
    rows = connection.execute("SELECT * FROM desk_channels WHERE id = %(id)s", id=key)
    known = Place(rows[0]["channel_id"], rows[0]["service_url"]) if rows else None
    if fixed and not (known and known.channel_id == fixed.channel_id):
        return fixed
    return known


def connect(
    connection: Connection, place: Place, who: str, now: datetime, key: str = CHOSEN
) -> None:
    """`key` FIXED only remembers where the channel of the settings is served."""
    connection.execute(
        "INSERT INTO desk_channels (id, channel_id, service_url, set_by, set_at)"
        " VALUES (%(id)s, %(channel)s, %(url)s, %(who)s, %(at)s) ON CONFLICT (id) DO UPDATE"
        " SET channel_id = excluded.channel_id, service_url = excluded.service_url,"
        " set_by = excluded.set_by, set_at = excluded.set_at",
        id=key,
        channel=place.channel_id,
        url=place.service_url,
        who=who,
        at=stored_time(now),
    )


def begin(
    connection: Connection,
    handoff: Handoff,
    conversation_id: str,
    root: str,
    url: str,
    now: datetime,
) -> None:
    connection.execute(
        "INSERT INTO desk_threads (handoff_id, conversation_id, activity_id, service_url, shown,"
        " created_at) VALUES (%(id)s, %(conversation)s, %(root)s, %(url)s, %(shown)s, %(at)s)"
        " ON CONFLICT (handoff_id) DO UPDATE SET conversation_id = excluded.conversation_id,"
        " activity_id = excluded.activity_id, shown = excluded.shown",
        id=handoff.id,
        conversation=conversation_id,
        root=root,
        url=url,
        shown=handoff.revision,
        at=stored_time(now),
    )


def shows(connection: Connection, handoff: Handoff) -> None:
    connection.execute(
        "UPDATE desk_threads SET shown = %(shown)s WHERE handoff_id = %(id)s AND shown < %(shown)s",
        shown=handoff.revision,
        id=handoff.id,
    )


def of_handoff(connection: Connection, handoff_id: str) -> Thread | None:
    rows = connection.execute("SELECT * FROM desk_threads WHERE handoff_id = %(id)s", id=handoff_id)
    return _thread(rows[0]) if rows else None


def of_conversation(connection: Connection, conversation_id: str) -> Handoff | None:
    """The handoff whose thread it is."""
    rows = connection.execute(
        "SELECT handoff_id FROM desk_threads WHERE conversation_id = %(id)s", id=conversation_id
    )
    return store.get(connection, rows[0]["handoff_id"]) if rows else None


def _thread(row: Mapping[str, Any]) -> Thread:
    return Thread(**{name: row[name] for name in Thread.__slots__})
