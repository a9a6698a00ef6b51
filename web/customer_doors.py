"""Every way in for customers on the web: Direct Line, its streams, the widget and its pages."""

from aiohttp import web

from bot.inbound import Receiver
from conversations.streams import Streams
from knowledge.live import Live
from storage.database import Database
from web.access import Access
from web.direct_line import DirectLine
from web.direct_line_stream import StreamSockets
from web.health import health_routes
from web.origins import Origins
from web.pages import page_routes
from web.proxies import Proxies
from web.tokens import Tokens
from web.widget_tokens import WidgetTokens
from web.widget_transcript import WidgetTranscript


class CustomerDoors:
    """`sites` may show the widget; an address may begin `tokens_per_minute` conversations."""

    def __init__(
        self,
        database: Database,
        streams: Streams,
        turns: Receiver,
        live: Live,
        tokens: Tokens,
        origins: Origins,
        proxies: Proxies,
        sites: tuple[str, ...],
        tokens_per_minute: int,
    ) -> None:
        access = Access(tokens, origins)
        self._sockets = StreamSockets(database, streams, access, proxies)
        self._routes = [
            *DirectLine(database, streams, turns, tokens, origins).routes(),
            *self._sockets.routes(),
            *WidgetTokens(tokens, origins, proxies, tokens_per_minute).routes(),
            *WidgetTranscript(database, access, live).routes(),
            *page_routes(lambda: live.knowledge.policy, origins, sites),
            *health_routes(database, live),
        ]

    def routes(self) -> list[web.RouteDef]:
        return self._routes

    async def stop(self, app: web.Application) -> None:
        """Streams say that they come back."""
        await self._sockets.stop(app)
