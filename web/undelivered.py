"""What did not leave and needs a person: for everybody who answers customers, of the conversations
they may see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from accounts import audit
from accounts.models import Person
from accounts.permissions import Permission
from handoff import undelivered
from storage.database import Connection, Database
from web.agent_people import agent_of
from web.guard import Guard, form
from web.rendering import Rendering
from web.sign_in import see_other

PATH = "/agent/undelivered"
SENT_AGAIN = "delivery.sent_again"


@dataclass(frozen=True, slots=True)
class UndeliveredPages:
    database: Database
    guard: Guard
    rendering: Rendering
    now: Callable[[], datetime]

    def routes(self) -> list[web.RouteDef]:
        answer = Permission.ANSWER
        return [
            self.guard.get(PATH, answer, self.page),
            self.guard.post(f"{PATH}/send-again", answer, self.send_again),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        found = await self.database.read(undelivered.listed, agent_of(person))
        return await self.rendering.page(request, person, "agent/undelivered.html", found=found)

    async def send_again(self, request: web.Request, person: Person) -> web.Response:
        parcel = (await form(request)).get("id", "")
        await self.database.write(_send_again, person, parcel, self.now())
        return see_other(PATH)


def _send_again(connection: Connection, person: Person, parcel: str, now: datetime) -> None:
    if undelivered.send_again(connection, agent_of(person), parcel, now):
        audit.record(connection, person.id, SENT_AGAIN, parcel, {}, now)
