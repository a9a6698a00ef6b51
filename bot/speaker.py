"""What the desk and its agents say, in the customer's language and as the channel shows it."""

from datetime import datetime
from typing import Any

from bot.replies import agent_activity, desk_activity, rating_request
from conversations.models import NewActivity
from dialogs.reading import LANGUAGES, is_one_of
from handoff.models import Agent, Handoff, Told
from knowledge.live import Live


class DeskSpeaker:
    def __init__(self, live: Live) -> None:
        self._live = live

    def told(self, handoff: Handoff, told: Told, now: datetime) -> NewActivity:
        knowledge, language = self._live.knowledge, handoff.language or "en"
        text = knowledge.say(told.message, language, now, **told.values)
        name = knowledge.partner(language)
        if told.rates:
            words = {
                "comment": knowledge.say("comment", language, now),
                "send": knowledge.say("send", language, now),
            }
            return rating_request(handoff.channel, language, name, text, told.rates, words)
        known = (button for button in told.buttons if self._has(button))
        buttons = [knowledge.say(button, language, now) for button in known]
        return desk_activity(handoff.channel, language, name, text, buttons, _standing(handoff))

    def said(self, handoff: Handoff, agent: Agent, text: str, external_id: str) -> NewActivity:
        language = handoff.language or "en"
        return agent_activity(handoff.channel, language, agent.name, text, external_id)

    def is_pressed(self, button: str, text: str, now: datetime) -> bool:
        if not self._has(button):
            return False
        say = self._live.knowledge.say
        return is_one_of(text, (say(button, language, now) for language in LANGUAGES))

    def _has(self, button: str) -> bool:
        """Versions published before there was such a button have no text for it."""
        return button in self._live.knowledge.content.messages.messages


def _standing(handoff: Handoff) -> dict[str, Any]:
    """How things stand now, so that the chat can show who has the conversation."""
    status, agent = handoff.status, handoff.agent_name
    return {"handoff": {"id": handoff.id, "status": status, "agent": agent}}
