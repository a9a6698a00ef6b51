"""The conversation as a file for the customer: what both sides said, by whom and when.

`GET /widget/transcript?zone=Asia/Singapore` with the conversation's token. It is made from what the
customer's own client shows: no notes, no e-mail of agents, nothing of how answers were found.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from aiohttp import web

from conversations import log
from conversations.models import Activity, Author, Conversation
from knowledge.live import Live
from storage.database import Connection, Database
from web.access import Access
from web.limits import Rate

PER_MINUTE, AT_ONCE = 6, 6
WORDS = {
    "en": {"title": "Conversation with {partner}", "you": "You", "times": "Times: {zone}"},
    "zh": {"title": "与{partner}的对话", "you": "您", "times": "时间：{zone}"},
}

_LINK = re.compile(r"\[([^\]]+)\]\(<?([^\s()<>]+)>?\)")
_MARKS = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    name: str
    text: str

    def text_in(self, zone: tzinfo) -> str:
        return f"[{self.at.astimezone(zone):%Y-%m-%d %H:%M}] {self.name}: {self.text}"


class WidgetTranscript:
    def __init__(self, database: Database, access: Access, live: Live) -> None:
        self._database = database
        self._access = access
        self._live = live
        self._rate = Rate(PER_MINUTE, AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/widget/transcript", self.transcript, allow_head=False)]

    async def transcript(self, request: web.Request) -> web.Response:
        grant = self._access.customer(request)
        self._rate.check(grant.conversation_id)
        conversation, said = await self._database.read(_read, grant.conversation_id)
        language = conversation.language if conversation else ""
        words = WORDS.get(language, WORDS["en"])
        zone = self._zone(request.query.get("zone", ""))
        partner = self._live.knowledge.partner(language)
        head = words["title"].format(partner=partner), words["times"].format(zone=zone.key)
        lines = (line.text_in(zone) for line in lines_of(said, words["you"]))
        return web.Response(
            text="\n".join((*head, "", *lines)) + "\n",
            content_type="text/plain",
            charset="utf-8",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="conversation.txt"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _zone(self, asked: str) -> ZoneInfo:
        """The customer's, or the partner's when it is not known."""
        try:
            return ZoneInfo(asked)
        except (ValueError, KeyError, OSError):
            return ZoneInfo(self._live.knowledge.policy.support.hours.time_zone)


def lines_of(said: Iterable[Activity], you: str) -> Iterator[Line]:
    """Messages that have a text; a pressed star or thumb is no message."""
    for activity in said:
        text = activity.body.get("text")
        if activity.type != "message" or not isinstance(text, str) or not text.strip():
            continue
        sender = activity.body.get("from")
        name = sender.get("name") if isinstance(sender, dict) else ""
        by_customer = activity.author is Author.CUSTOMER
        yield Line(
            datetime.fromisoformat(activity.created_at),
            you if by_customer else str(name or activity.author),
            text.strip() if by_customer else plain(text).strip(),
        )


def plain(markdown: str) -> str:
    """As people write without Markdown; lists stay as they are."""
    text = _MARKS.sub(r"\1", _LINK.sub(r"\1 (\2)", markdown))
    return _ESCAPED.sub(r"\1", text)


def _read(
    connection: Connection, conversation_id: str
) -> tuple[Conversation | None, list[Activity]]:
    said: list[Activity] = []
    while page := log.since(connection, conversation_id, said[-1].number if said else 0):
        said += page
    return log.get(connection, conversation_id), said
