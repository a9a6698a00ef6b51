"""What leaves the desk for other places and comes back from them, put together from the settings.

Whatever is not configured has no courier, so nothing is ever put into the outbox for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot import thread_edits
from bot.deliveries import Sender
from bot.desk_courier import CHANNEL, DeskCourier
from bot.desk_threads import Place
from bot.teams import TeamsChannel
from bot.teams_desk import REPLIES, Colleagues, TeamsDesk, deliver_reply
from bot.thread_edits import ThreadEdits
from handoff.desk import Desk
from handoff.voice import Courier, Voice
from knowledge.policy import SupportPolicy
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Empty is not configured; without `teams_channel` an agent may connect one."""

    base_url: str
    teams_channel: str = ""
    teams_service_url: str = ""


class Outside:
    def __init__(
        self,
        database: Database,
        teams: TeamsChannel,
        policy: Callable[[], SupportPolicy],
        addresses: Addresses,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._now = now
        channel, url = addresses.teams_channel, addresses.teams_service_url
        fixed = Place(channel, url) if channel else None
        self._desk = DeskCourier(database, teams, policy, fixed, addresses.base_url, now)
        self.couriers: list[Courier] = [self._desk]
        self.senders: dict[str, Sender] = {
            CHANNEL: self._desk.deliver,
            REPLIES: deliver_reply(teams),
            thread_edits.CHANNEL: thread_edits.corrections(database, teams),
        }

    def teams_desk(self, voice: Voice, desk: Desk, colleagues: Colleagues) -> TeamsDesk:
        edits = ThreadEdits(voice, self._desk)
        return TeamsDesk(self._database, desk, self._desk, colleagues, edits, self._now)
