"""One open page of the console: the frames it sends, the conversation it follows, and the bounded
queue of what it still has to be told."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from accounts import store as people
from accounts.models import Person
from bot.json_body import BadBody, parse_json
from bot.replies import AGENT_ID
from conversations import outbox
from conversations.streams import Body, Streams
from handoff import lists, presence, said
from handoff.models import Handoff, NotFound, Status
from knowledge.live import Live
from storage.database import Connection, Database, StorageError
from storage.json_text import json_text
from web import agent_shapes, agent_viewers
from web.agent_people import agent_of
from web.agent_viewers import Viewers
from web.errors import Refused
from web.limits import Rate

MAX_FRAME_BYTES = 64 * 1024
QUEUED = 256
FRAMES_PER_MINUTE, FRAMES_AT_ONCE = 240, 60
SLOW_AFTER_S = 20.0
CLOSE_WITHIN_S = 2.0
LOOK_AGAIN_S = 2.0
"""After which what is on its way to another channel is looked at again."""

logger = structlog.get_logger()
Frame = dict[str, Any]


class PageSocket:
    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.Request,
        person: Person,
        language: str,
        database: Database,
        streams: Streams,
        live: Live,
        viewers: Viewers,
        now: Callable[[], datetime],
        beat_s: float,
    ) -> None:
        self._socket = socket
        self._request = request
        self._person = person
        self._language = language
        self._database = database
        self._streams = streams
        self._live = live
        self._viewers = viewers
        self._now = now
        self._beat_s = beat_s
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(QUEUED)
        self._full = asyncio.Event()
        self._watching = ""
        self._following: asyncio.Task[None] | None = None
        self._handoff: Handoff | None = None
        self._stale = False
        self._wake: Callable[[], None] | None = None

    def looks_as(self, other: "PageSocket") -> bool:
        """The same person at the same conversation, on another page."""
        return self is not other and (self._person.id, self._watching) == (
            other._person.id,
            other._watching,
        )

    def put(self, frame: Frame) -> None:
        """Who does not take 256 frames is closed, and continues at the last number it has."""
        if frame["type"] == "queue" and self._frames.qsize() > QUEUED // 2:
            return
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._full.set()

    def heard(self, conversation_id: str) -> None:
        """The empty key means that news may have been missed."""
        known = self._handoff
        if known and conversation_id in ("", known.conversation_id) and self._wake:
            self._stale = True
            self._wake()

    def tell_viewers(self, handoff_id: str) -> None:
        if handoff_id == self._watching:
            people = self._viewers.of(handoff_id)
            self.put({"type": "viewers", "id": handoff_id, "people": people})

    async def read(self) -> None:
        """What the page sends, by a table; anything else is left alone."""
        rate = Rate(FRAMES_PER_MINUTE, FRAMES_AT_ONCE)
        known = {"watch": self._watch, "typing": self._typing}
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                rate.check("")
                frame = parse_json(message.data.encode("utf-8", "surrogatepass"))
            except Refused:
                return await self.close(WSCloseCode.POLICY_VIOLATION, "too many frames")
            except BadBody:
                return await self.close(WSCloseCode.UNSUPPORTED_DATA, "not understood")
            for name in known.keys() & frame.keys():
                await known[name](frame)
        return None

    async def write(self) -> None:
        full = asyncio.create_task(self._full.wait())
        sending = asyncio.create_task(self._send_all())
        try:
            await asyncio.wait((full, sending), return_when=asyncio.FIRST_COMPLETED)
            if self._full.is_set():
                await self.close(WSCloseCode.TRY_AGAIN_LATER, "too slow")
        finally:
            for task in (full, sending):
                task.cancel()
            await asyncio.gather(full, sending, return_exceptions=True)

    async def beat(self) -> None:
        """The agent is there, and looks at this conversation."""
        while True:
            with suppress(StorageError):
                await self._database.write(self._seen, self._watching, True)
            await asyncio.sleep(self._beat_s)

    async def leave(self, told: bool) -> None:
        await self._stop_following()
        if told and self._watching:
            with suppress(StorageError):
                await self._database.write(self._looks, self._watching, False)
        self._let_go()

    async def close(self, code: WSCloseCode, reason: str) -> None:
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._socket.close(code=code, message=reason.encode())
        self._let_go()

    def _let_go(self) -> None:
        """Who takes nothing would otherwise keep the connection, and us, for minutes."""
        transport = self._request.transport
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()

    async def _send_all(self) -> None:
        with suppress(TimeoutError, ConnectionError):
            while True:
                frame = await self._frames.get()
                async with asyncio.timeout(SLOW_AFTER_S):
                    await self._socket.send_str(json_text(frame))
                self._frames.task_done()

    async def _watch(self, frame: Frame) -> None:
        """Another conversation, or none; `after` is the last number the page has of it."""
        wanted, after = frame.get("watch"), frame.get("after")
        await self._stop_following()
        before, self._watching = self._watching, wanted if isinstance(wanted, str) else ""
        with suppress(StorageError):
            if before and before != self._watching:
                await self._database.write(self._looks, before, False)
            if self._watching:
                number = after if isinstance(after, int) and after >= 0 else 0
                follow = self._follow(self._watching, number)
                self._following = asyncio.create_task(follow)

    async def _typing(self, frame: Frame) -> None:
        """Shown to the customer while the agent who has the conversation writes."""
        handoff = self._handoff
        if not handoff or handoff.agent_id != self._person.id:
            return
        if handoff.status is Status.ACTIVE:
            sender = {"id": AGENT_ID, "name": self._person.name, "role": "bot"}
            body = {"type": "typing", "from": sender, "channelData": {"author": "agent"}}
            self._streams.whisper(handoff.conversation_id, body)

    async def _stop_following(self) -> None:
        task, self._following, self._handoff = self._following, None, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, handoff_id: str, after: int) -> None:
        try:
            handoff = await self._database.write(self._begin, handoff_id)
            self._handoff = handoff
            await self._keep_telling(handoff, after)
        except NotFound:
            self._handoff = None
            self.put({"type": "gone", "id": handoff_id})
        except StorageError as error:
            logger.error("conversation_not_read", error=str(error))
            await self.close(WSCloseCode.TRY_AGAIN_LATER, "try again")
        except Exception:
            logger.exception("conversation_not_followed")
            await self.close(WSCloseCode.INTERNAL_ERROR, "")

    async def _keep_telling(self, handoff: Handoff, after: int) -> None:
        deliveries: dict[int, str] | None = None
        self._stale = True
        news = asyncio.Event()
        with self._streams.follow(handoff.conversation_id, news.set) as follower:
            self._wake = news.set
            self.tell_viewers(handoff.id)
            while True:
                await news.wait()
                news.clear()
                whispers = follower.overheard()
                stale, self._stale = self._stale, False
                while True:
                    found = await self._database.read(self._news, handoff.id, after, stale)
                    self._handoff, stale = found["handoff"], False
                    after, more = self._told(handoff.id, found, after)
                    if not more:
                        break
                    await self._frames.join()
                deliveries = self._tell_deliveries(handoff.id, found["deliveries"], deliveries)
                self._tell_typing(handoff.id, whispers)

    def _told(self, handoff_id: str, found: Frame, after: int) -> tuple[int, bool]:
        """The number up to which the page now knows, and whether there is more."""
        if detail := found["detail"]:
            self.put({"type": "detail", "id": handoff_id, "detail": detail})
        if not found["last"]:
            return after, False
        last = found["last"]
        self.put({"type": "lines", "id": handoff_id, "lines": found["lines"], "last": last})
        return last, found["more"]

    def _tell_deliveries(
        self, handoff_id: str, states: dict[int, str], before: dict[int, str] | None
    ) -> dict[int, str]:
        if states != before and (states or before):
            self.put({"type": "deliveries", "id": handoff_id, "states": states})
        if self._wake and outbox.ON_ITS_WAY & set(states.values()):
            asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._wake)
        return states

    def _tell_typing(self, handoff_id: str, whispers: list[Body]) -> None:
        for body in whispers:
            sender = body.get("from", {})
            who = "customer" if sender.get("role") == "user" else "agent"
            is_own = sender.get("name") == self._person.name
            if body.get("type") == "typing" and sender and not (who == "agent" and is_own):
                name = str(sender.get("name") or "")[:100]
                self.put({"type": "typing", "id": handoff_id, "who": who, "name": name})

    def _news(
        self, connection: Connection, handoff_id: str, after: int, stale: bool
    ) -> dict[str, Any]:
        """As the person's roles are now, not when the page was opened."""
        agent = agent_of(people.get(connection, self._person.id) or self._person)
        handoff = lists.visible(connection, agent, handoff_id)
        found = said.after(connection, agent, handoff.conversation_id, after)
        deliveries = outbox.states(connection, handoff.conversation_id)
        knowledge, detail = self._live.knowledge, None
        if stale:
            detail = agent_shapes.detail(connection, agent, handoff, knowledge, self._language)
        return {
            "handoff": handoff,
            "lines": agent_shapes.lines(found, deliveries, knowledge, self._language),
            "last": found[-1].activity.number if found else 0,
            "more": len(found) == said.PAGE,
            "detail": detail,
            "deliveries": deliveries,
        }

    def _begin(self, connection: Connection, handoff_id: str) -> Handoff:
        agent = agent_of(people.get(connection, self._person.id) or self._person)
        handoff = lists.visible(connection, agent, handoff_id)
        self._looks(connection, handoff_id, True)
        return handoff

    def _seen(self, connection: Connection, handoff_id: str, looking: bool) -> None:
        person = people.get(connection, self._person.id) or self._person
        presence.seen(connection, agent_of(person), self._now())
        if handoff_id:
            self._looks(connection, handoff_id, looking)

    def _looks(self, connection: Connection, handoff_id: str, looking: bool) -> None:
        agent_viewers.tell(connection, handoff_id, self._person.id, self._person.name, looking)
