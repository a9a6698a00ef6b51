"""A desk over a real database, whose messages say their own names and values."""

from datetime import UTC, datetime
from pathlib import Path

from bot.replies import agent_activity, desk_activity
from conversations import log
from conversations.log import Participant
from conversations.models import Activity, Author, NewActivity
from handoff import presence, store
from handoff.customers import Customers
from handoff.desk import Desk
from handoff.escalations import Escalations
from handoff.models import Action, Agent, Handoff, HandoffRequest, News, Reason, Told
from handoff.voice import Voice
from handoff.watch import Watch
from knowledge.files import load
from storage.database import Connection, Database

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Singapore
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
POLICY = load(Path("knowledge/content")).policy
MEI = Agent("p-mei", "Mei", frozenset({"billing_admin"}))
RAJ = Agent("p-raj", "Raj", frozenset({"helpdesk_agent"}))
ADA = Agent("p-ada", "Ada", frozenset({"global_admin"}), sees_all=True)


class Plain:
    """Says the message's name and its values."""

    def told(self, handoff: Handoff, told: Told, now: datetime) -> NewActivity:
        values = ",".join(f"{name}={value}" for name, value in sorted(told.values.items()))
        text = f"<{told.message} {values}>" if values else f"<{told.message}>"
        return desk_activity(handoff.channel, handoff.language, "Bot", text, told.buttons)

    def said(self, handoff: Handoff, agent: Agent, text: str, external_id: str) -> NewActivity:
        return agent_activity(handoff.channel, "en", agent.name, text, external_id)

    def is_pressed(self, button: str, text: str, now: datetime) -> bool:
        return text == f"<{button}>"


class Office:
    """The desk's parts, a customer's way to them, and what outside systems heard. `elsewhere`:
    people may answer from a desk that nobody can see; `routes` are what entries say themselves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.heard: list[News] = []
        self.elsewhere = False
        self.routes: dict[str, str] = {}
        self.voice = Voice(Plain(), lambda: POLICY, [self._hear], lambda _: self.elsewhere)
        self.desk, self.customers = Desk(self.voice), Customers(self.voice, self.routes.get)
        self.escalations, self.watch = Escalations(self.voice), Watch(self.voice)

    def _hear(self, connection: Connection, news: News, now: datetime) -> None:
        self.heard.append(news)

    def actions(self) -> list[Action]:
        return [news.action for news in self.heard]

    async def asks(
        self,
        who: str = "carla",
        now: datetime = MONDAY,
        channel: str = "web",
        topic: str = "payments",
        entry: str = "",
    ) -> str:
        """A customer asks for a person; the handoff's id."""
        number = await self.database.write(_says, who, "human please", channel, now)
        asked = HandoffRequest(Reason.ASKED, "human please", "en", (), topic, entry)
        await self.database.write(self.customers.request, who, number, asked, now)
        return f"{who}|{number}"

    async def says(self, text: str, who: str = "carla", now: datetime = MONDAY) -> int:
        number = await self.database.write(_says, who, text, "web", now)
        await self.database.write(self.customers.wrote, who, number, now)
        return number

    async def is_at_the_desk(self, *agents: Agent, now: datetime = MONDAY) -> None:
        for agent in agents:
            await self.database.write(presence.seen, agent, now)

    async def handoff(self, handoff_id: str) -> Handoff:
        return await self.database.read(store.get, handoff_id)

    async def log(self, who: str = "carla") -> list[str]:
        rows: list[Activity] = await self.database.read(log.since, who, 0)
        return [row.body["text"] for row in rows]


def _says(connection: Connection, who: str, text: str, channel: str, now: datetime) -> int:
    log.begin(connection, Participant(who, channel, f"dl_{who}", who.title(), "en"), now)
    body = {"type": "message", "text": text}
    return log.append(connection, who, NewActivity(Author.CUSTOMER, "message", body), now)[0]
