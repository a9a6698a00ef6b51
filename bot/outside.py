"""What leaves the desk for other places and comes back from them, put together from the settings.

Whatever is not configured has no courier, so nothing is ever put into the outbox for it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot import desk_threads, hub, mail, thread_edits, webhooks
from bot.deliveries import Sender
from bot.desk_courier import CHANNEL, DeskCourier
from bot.desk_threads import Place
from bot.hub import Hub
from bot.mail import Mailer, Server
from bot.review_mail import Owners
from bot.teams import TeamsChannel
from bot.teams_desk import REPLIES, Colleagues, TeamsDesk, deliver_reply
from bot.thread_edits import ThreadEdits
from bot.webhooks import Webhooks
from handoff.desk import Desk
from handoff.voice import Courier, Voice
from knowledge.entry import Entry
from knowledge.policy import SupportPolicy
from knowledge.reminders import Reminder
from storage.database import Connection, Database


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Empty is not configured; without `teams_channel` an agent may connect one."""

    base_url: str
    teams_channel: str = ""
    teams_service_url: str = ""
    webhook_urls: tuple[str, ...] = ()
    webhook_secret: tuple[str, ...] = field(default=(), repr=False)
    webhook_allow_private: bool = False
    hub_url: str = ""
    hub_secret: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_to: tuple[str, ...] = ()


class Outside:
    def __init__(
        self,
        database: Database,
        teams: TeamsChannel,
        policy: Callable[[], SupportPolicy],
        addresses: Addresses,
        now: Callable[[], datetime],
        owners: Owners,
    ) -> None:
        """owners: who hears of what a role is to read again."""
        self._owners = owners
        self._reminders: list[Reminder] = []
        self._database = database
        self._policy = policy
        self._now = now
        self._addresses = addresses
        self._closing: list[Callable[[], Awaitable[None]]] = []
        channel, url = addresses.teams_channel, addresses.teams_service_url
        fixed = Place(channel, url) if channel else None
        self._desk = DeskCourier(database, teams, policy, fixed, addresses.base_url, now)
        self.couriers: list[Courier] = [self._desk]
        self.senders: dict[str, Sender] = {
            CHANNEL: self._desk.deliver,
            REPLIES: deliver_reply(teams),
            thread_edits.CHANNEL: thread_edits.corrections(database, teams),
        }
        self._hub = self._add_hub()
        self._add_webhooks()
        self._add_mail()

    def teams_desk(self, voice: Voice, desk: Desk, colleagues: Colleagues) -> TeamsDesk:
        edits = ThreadEdits(voice, self._desk)
        return TeamsDesk(self._database, desk, self._desk, colleagues, edits, self._now)

    def has_desk(self, connection: Connection) -> bool:
        """Whether people may answer elsewhere, where nobody can see if they are there."""
        if self._addresses.hub_url or self._addresses.webhook_urls:
            return True
        return desk_threads.connected(connection, self._desk.fixed) is not None

    def remind(self, connection: Connection, due: Sequence[Entry], now: datetime) -> None:
        """Their owners, where there is a way to reach them."""
        for reminder in self._reminders:
            reminder(connection, due, now)

    async def keep_asking(self, desk: Desk) -> None:
        """Forever, where there is a hub to ask."""
        if self._hub:
            await self._hub.keep_asking(desk)

    async def close(self) -> None:
        for close in self._closing:
            await close()

    def _add_hub(self) -> Hub | None:
        if not self._addresses.hub_url:
            return None
        made = Hub(self._database, self._addresses.hub_url, self._addresses.hub_secret, self._now)
        self._add(hub.CHANNEL, made, made.deliver, made.close)
        return made

    def _add_webhooks(self) -> None:
        given = self._addresses
        if given.webhook_urls:
            urls, secrets = given.webhook_urls, given.webhook_secret
            private = given.webhook_allow_private
            made = Webhooks(self._database, urls, secrets, private, self._now)
            self._add(webhooks.CHANNEL, made, made.deliver, made.close)

    def _add_mail(self) -> None:
        given = self._addresses
        if given.smtp_url:
            server = Server.read(given.smtp_url)
            made = Mailer(
                self._database,
                server,
                given.mail_from,
                given.mail_to,
                self._policy,
                given.base_url,
                self._now,
                owners=self._owners,
            )
            self._reminders.append(made.remind)
            self._add(mail.CHANNEL, made, made.deliver)

    def _add(
        self,
        channel: str,
        courier: Courier,
        sender: Sender,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.couriers.append(courier)
        self.senders[channel] = sender
        if close:
            self._closing.append(close)
