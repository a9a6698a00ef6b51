"""A message's way: store, acknowledge, run the turn, commit it, deliver.

A turn runs on data and is committed at once: its replies, the new state, a handoff, a rating and
"handled" together. A crash anywhere loses nothing and doubles nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import structlog
from botbuilder.core import TurnContext

from bot.deliveries import Deliveries
from bot.inbound import Inbound, InvokeAnswer, participant
from bot.lessons import learn
from bot.replies import to_activities
from bot.support_bot import CALL, Call, SupportBot, is_for_the_agent
from conversations import log, outbox, pending
from conversations.log import Participant
from conversations.masking import mask_activity
from conversations.models import (
    EDITS,
    WEB,
    Activity,
    Author,
    Conversation,
    NewActivity,
    Owner,
    activity_id,
)
from conversations.outbox import Parcel
from conversations.pending import Owed
from dialogs.turn import Outcome, Reply
from handoff.customers import Customers
from handoff.models import Reason
from knowledge.live import Live
from storage.database import Connection, Database, StorageError

OWES_A_TURN = {"message", "conversationUpdate", "invoke"}
SHOW_TYPING_AFTER_S = 0.4
SWEEP_EVERY_S = 2.0
OVERDUE = timedelta(seconds=5)
INTERRUPTED = timedelta(seconds=30)

logger = structlog.get_logger()
CARD_ACTION = "adaptiveCard/action"
Whisper = Callable[[str, dict[str, Any]], None]


class Written(NamedTuple):
    """What became of a turn's commit, and what is to be sent of it at once."""

    kept: bool
    parcel: Parcel | None = None


class Adapter(Protocol):
    """The SDK's side of a channel."""

    async def run_turn(
        self, activity: Mapping[str, Any], logic: Callable[[TurnContext], Awaitable[None]]
    ) -> object: ...


class AgentsDoor(Protocol):
    """Takes what agents write and press in their own channel, before it is a customer's."""

    async def receive(self, inbound: Inbound) -> bool: ...

    async def invoke(self, inbound: Inbound) -> InvokeAnswer: ...


class Turns:
    """Receives activities and sees to it that each gets its turn, in order per conversation."""

    def __init__(
        self,
        database: Database,
        live: Live,
        adapters: Mapping[str, Adapter],
        deliveries: Deliveries,
        customers: Customers,
        whisper: Whisper,
        now: Callable[[], datetime],
        agents: AgentsDoor | None = None,
    ) -> None:
        self._database = database
        self._agents = agents
        self._live = live
        self._deliveries = deliveries
        self._customers = customers
        self._whisper = whisper
        self._now = now
        self._bot = SupportBot()
        self._adapters = adapters
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def receive(self, inbound: Inbound) -> str:
        """Store an activity; it is on disk when this returns its id, and its turn runs after.

        The same external id again gives the same id and no second turn. Raises StorageError.
        """
        if self._agents and inbound.channel != WEB and await self._agents.receive(inbound):
            return inbound.external_id
        body, card_removed = mask_activity(inbound.activity)
        if card_removed:
            data = body.get("channelData")
            body["channelData"] = {**(data if isinstance(data, dict) else {}), "cardRemoved": True}
        kind = str(body.get("type", ""))
        new = NewActivity(Author.CUSTOMER, kind, body, external_id=inbound.external_id)
        number, owed = await self._database.write(
            self._store, participant(inbound), new, kind in OWES_A_TURN, self._now()
        )
        if owed:
            self._schedule(inbound.conversation_id, owed)
        return activity_id(inbound.conversation_id, number)

    async def invoke(self, inbound: Inbound) -> InvokeAnswer:
        """Answered at once, as Teams wants it: its rating buttons, and those of agents' cards."""
        if self._agents and inbound.activity.get("name") == CARD_ACTION:
            return await self._agents.invoke(inbound)
        if inbound.activity.get("name") != "message/submitAction":
            return InvokeAnswer(501, None)
        await self.receive(inbound)
        return InvokeAnswer(200, {})

    async def sweep(self) -> None:
        """Forever: take up turns and deliveries that a crash or an outage left behind."""
        overdue = timedelta(0)
        interrupted = INTERRUPTED if self._database.shared else timedelta(0)
        while True:
            with suppress(StorageError):
                await self._deliveries.give_up_interrupted(interrupted)
                await self._take_up(self._now() - overdue)
            overdue, interrupted = OVERDUE, INTERRUPTED
            await asyncio.sleep(SWEEP_EVERY_S)

    async def settled(self) -> None:
        """Wait until no turn and no delivery is under way."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._deliveries.settled()

    async def _take_up(self, before: datetime) -> None:
        for conversation_id in await self._database.read(pending.conversations_owed, before):
            self._schedule(conversation_id)
        for lane in await self._database.read(outbox.lanes_due, self._now()):
            self._deliveries.schedule(lane)

    def _schedule(self, conversation_id: str, owed: Owed | None = None) -> None:
        """`owed` saves reading it again where the caller has just stored it."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._run(conversation_id, owed))
        self._running[conversation_id] = task

    async def _run(self, conversation_id: str, owed: Owed | None) -> None:
        more = True
        try:
            while more:
                if owed is None:  # who comes before that is read has no run of its own
                    self._again.discard(conversation_id)
                    owed = await self._database.read(pending.first, conversation_id)
                if owed:
                    await self._turn(owed.conversation, owed.activity)
                more = bool(owed and owed.more) or conversation_id in self._again
                owed = None
        except StorageError as error:
            logger.error("turn_not_committed", conversation=conversation_id, error=str(error))
        finally:
            del self._running[conversation_id]

    async def _turn(self, conversation: Conversation, asked: Activity) -> None:
        typing = asyncio.get_running_loop().call_later(
            SHOW_TYPING_AFTER_S, self._show_typing, conversation
        )
        try:
            outcome = await self._outcome(conversation, asked)
        finally:
            typing.cancel()
        await self._commit(conversation, asked, outcome)

    async def _outcome(self, conversation: Conversation, asked: Activity) -> Outcome | None:
        """None: nothing to say. Whatever fails, fails toward people."""
        call = Call(conversation, asked.body, self._live.knowledge, self._now())
        if conversation.owner is Owner.AGENT:
            return call.silent()

        async def logic(context: TurnContext) -> None:
            context.turn_state[CALL] = call
            await self._bot.on_turn(context)

        try:
            await self._adapters[conversation.channel].run_turn(asked.body, logic)
        except Exception:
            logger.exception("turn_failed", conversation=conversation.id, number=asked.number)
            return _apology(call)
        return call.outcome

    async def _commit(
        self, conversation: Conversation, asked: Activity, outcome: Outcome | None
    ) -> None:
        try:
            written = await self._write(conversation, asked.number, outcome)
        except StorageError:
            raise
        except Exception:
            # Or the turn would be owed, and fail, for ever.
            logger.exception("turn_not_granted", conversation=conversation.id, number=asked.number)
            sorry = _apology(Call(conversation, asked.body, self._live.knowledge, self._now()))
            written = await self._write(conversation, asked.number, sorry)
        if not written.kept:
            logger.info("reply_dropped", conversation=conversation.id, number=asked.number)
        elif written.parcel:
            self._deliveries.send(written.parcel)

    async def _write(
        self, conversation: Conversation, number: int, outcome: Outcome | None
    ) -> Written:
        replies = self._activities(conversation, outcome)
        return await self._database.write(
            self._commit_turn, conversation, number, outcome, replies, self._now()
        )

    def _activities(self, conversation: Conversation, outcome: Outcome | None) -> list[NewActivity]:
        if outcome is None:
            return []
        knowledge, language = self._live.knowledge, outcome.language or "en"
        words = {
            name: knowledge.say(name, language, self._now()) for name in ("helpful", "not_helpful")
        }
        return to_activities(
            outcome.replies, conversation.channel, language, knowledge.partner(language), words
        )

    def _store(
        self,
        connection: Connection,
        who: Participant,
        new: NewActivity,
        owes: bool,
        now: datetime,
    ) -> tuple[int, Owed | None]:
        """The activity's number, and the turn to run first if this one owes a turn."""
        conversation, number, fresh = log.arrive(connection, who, new, now)
        if fresh and conversation.owner is not Owner.BOT and new.type in {"message", *EDITS}:
            self._customers.wrote(connection, conversation.id, number, now)
        if not (fresh and owes):
            return number, None
        if is_for_the_agent(conversation, new.body):
            return number, None
        asked = new.at(conversation.id, number, now)
        return number, pending.owe(connection, conversation, asked, now)

    def _commit_turn(
        self,
        connection: Connection,
        conversation: Conversation,
        number: int,
        outcome: Outcome | None,
        replies: list[NewActivity],
        now: datetime,
    ) -> Written:
        """Not kept when another process was first or the owner has changed: nothing was said."""
        if not pending.settle(connection, conversation.id, number):
            return Written(kept=False)
        if outcome is None:
            return Written(kept=True)
        numbers = log.append_replies(
            connection, conversation, replies, outcome.state.as_dict(), outcome.language, now
        )
        if numbers is None:
            return Written(kept=False)
        parcel = None
        if numbers and conversation.channel != WEB:
            said = [
                reply.at(conversation.id, each, now)
                for each, reply in zip(numbers, replies, strict=True)
            ]
            parcel = outbox.hand_over(connection, conversation, said, now)
        learn(connection, conversation, number, outcome, now)
        if outcome.wish:
            self._customers.grant(connection, conversation.id, number, outcome.wish, now)
        return Written(True, parcel)

    def _show_typing(self, conversation: Conversation) -> None:
        if conversation.channel == WEB:
            self._whisper(conversation.id, {"type": "typing"})


def _apology(call: Call) -> Outcome:
    language = call.conversation.language or "en"
    state = replace(call.state, offer=Reason.ERROR)
    return Outcome(state, language, (Reply(call.knowledge.apology(language)),))
