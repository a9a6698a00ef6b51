"""The bot: what kind of activity came in decides what answers it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from botbuilder.core import TurnContext
from botbuilder.core.teams import TeamsActivityHandler

from bot.mentions import strip_mentions
from bot.replies import BOT_ID
from conversations.models import Conversation, Owner
from conversations.ratings import Rating
from dialogs import conversation as dialog
from dialogs import reading
from dialogs.turn import Outcome, State, Turn
from handoff.models import RateHelp
from handoff.satisfaction import SCORES
from knowledge.live import Knowledge
from storage.times import stored_time

CALL = "call"


@dataclass(slots=True)
class Call:
    """One turn on its way through the SDK: data in, the outcome out."""

    conversation: Conversation
    body: Mapping[str, Any]
    knowledge: Knowledge
    now: datetime
    outcome: Outcome | None = field(default=None)

    @property
    def state(self) -> State:
        return State.from_dict(self.conversation.state)

    @property
    def bot_id(self) -> str:
        """What the channel calls the bot."""
        return str((self.body.get("recipient") or {}).get("id", BOT_ID))

    def silent(self) -> Outcome | None:
        """While a person answers the bot says nothing; ratings are kept all the same."""
        turn = self.turn()
        if turn.rating or turn.help_rating:
            wish = turn.help_rating
            return Outcome(turn.state, turn.language, rating=turn.rating, wish=wish)
        return None

    def turn(self) -> Turn:
        channel_data = self.body.get("channelData")
        removed = isinstance(channel_data, Mapping) and bool(channel_data.get("cardRemoved"))
        return Turn(
            text=strip_mentions(self.body, self.bot_id),
            language=self.conversation.language,
            state=self.state,
            now=self.now,
            knowledge=self.knowledge,
            card_removed=removed,
            rating=_rating(self.body),
            help_rating=_help_rating(self.body),
            waiting=self.conversation.owner is Owner.WAITING,
            just_helped=self.conversation.reopen_until > stored_time(self.now),
        )


def is_for_the_agent(conversation: Conversation, body: Mapping[str, Any]) -> bool:
    """Nothing for the bot to do: a person answers, and it is no rating."""
    return conversation.owner is Owner.AGENT and not (_rating(body) or _help_rating(body))


class SupportBot(TeamsActivityHandler):  # type: ignore[misc]  # the SDK is untyped
    """Leaves each turn's outcome in its Call; it sends nothing itself."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        call = _call(turn_context)
        turn = call.turn()
        call.outcome = dialog.at_once(turn)
        if call.outcome is None:
            asked = reading.questions(turn)
            results = dict(zip(asked, await call.knowledge.match(asked), strict=True))
            call.outcome = dialog.answer(turn, results)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        """Greet when the bot itself was added; other people joining a team are not greeted."""
        call = _call(turn_context)
        added = call.body.get("membersAdded") or []
        if any(member.get("id") == call.bot_id for member in added):
            call.outcome = dialog.welcome(call.turn())

    async def on_invoke_activity(self, turn_context: TurnContext) -> None:
        """Teams' own rating buttons; other invokes are refused before they are stored."""
        call = _call(turn_context)
        turn = call.turn()
        if turn.rating:
            call.outcome = dialog.at_once(turn)


def _call(context: TurnContext) -> Call:
    return cast(Call, context.turn_state[CALL])


def _rating(body: Mapping[str, Any]) -> Rating | None:
    """From our own buttons ({action: rate}) or from Teams' (message/submitAction)."""
    value = body.get("value")
    if not isinstance(value, Mapping):
        return None
    if value.get("action") == "rate" and value.get("rating") in ("positive", "negative"):
        rated = str(value.get("activity", "")).rpartition("|")[2]
        number = int(rated) if rated.isascii() and rated.isdigit() and len(rated) < 16 else None
        comment = str(value.get("comment") or "")[: reading.MAX_CHARACTERS]
        return Rating(value["rating"] == "positive", number, comment=comment)
    if body.get("name") == "message/submitAction" and value.get("actionName") == "feedback":
        given = value.get("actionValue")
        if isinstance(given, Mapping) and given.get("reaction") in ("like", "dislike"):
            return Rating(
                given["reaction"] == "like",
                remote_id=str(body.get("replyToId") or ""),
                comment=_comment(given.get("feedback")),
            )
    return None


def _help_rating(body: Mapping[str, Any]) -> RateHelp | None:
    """From the buttons or the card under what the desk said last: {action: rate_help, ...}."""
    value = body.get("value")
    if not isinstance(value, Mapping) or value.get("action") != "rate_help":
        return None
    score = str(value.get("score", ""))
    comment = str(value.get("comment") or "")[: reading.MAX_CHARACTERS]
    stars = next((each for each in SCORES if str(each) == score), 0)
    return RateHelp(str(value.get("handoff", ""))[:200], stars, comment)


def _comment(feedback: object) -> str:
    """Teams sends the form as JSON in a string: {"feedbackText": "..."}."""
    try:
        form = json.loads(feedback) if isinstance(feedback, str) else feedback
    except ValueError:
        return str(feedback)[: reading.MAX_CHARACTERS]
    text = form.get("feedbackText", "") if isinstance(form, Mapping) else form or ""
    return str(text)[: reading.MAX_CHARACTERS]
