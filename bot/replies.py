"""Reply -> the activity of a channel. Nothing else builds what customers see."""

from collections.abc import Mapping
from typing import Any

from conversations.models import Author, NewActivity
from dialogs.turn import Reply

BOT_ID = "billing-assistant"
WEB = "web"

Activity = dict[str, Any]


def to_activities(
    replies: tuple[Reply, ...], channel: str, language: str, bot_name: str, words: Mapping[str, str]
) -> list[NewActivity]:
    """Buttons belong to the last thing said. `words` names the rating buttons."""
    build = _web if channel == WEB else _teams
    return [
        NewActivity(
            Author.BOT,
            "message",
            {**build(reply, words), "type": "message", "locale": language}
            | {"from": {"id": BOT_ID, "name": bot_name, "role": "bot"}},
            entry_id=reply.entry_id,
            version=reply.version,
            confidence=reply.confidence,
        )
        for reply in replies
    ]


def _web(reply: Reply, words: Mapping[str, str]) -> Activity:
    """Suggested actions: the rating ones come back with a value, the others as ordinary text."""
    actions = [_im_back(text) for text in reply.buttons]
    if reply.can_be_rated:
        actions += [_rate(words["helpful"], "positive"), _rate(words["not_helpful"], "negative")]
    activity: Activity = {"text": reply.text, "textFormat": "markdown"}
    if actions:
        activity["suggestedActions"] = {"to": [], "actions": actions}
    return activity | _rating_data(reply)


def _teams(reply: Reply, words: Mapping[str, str]) -> Activity:
    """Choices stand on a card: Teams shows only the first few suggested actions, and drops them."""
    activity: Activity = {"text": reply.text, "textFormat": "markdown"}
    if reply.buttons:
        activity["attachments"] = [
            {
                "contentType": "application/vnd.microsoft.card.hero",
                "content": {"buttons": [_im_back(text) for text in reply.buttons]},
            }
        ]
    return activity | _rating_data(reply)


def _rating_data(reply: Reply) -> Activity:
    return {"channelData": {"feedbackLoopEnabled": True}} if reply.can_be_rated else {}


def _im_back(text: str) -> Activity:
    return {"type": "imBack", "title": text, "value": text}


def _rate(title: str, rating: str) -> Activity:
    return {"type": "postBack", "title": title, "value": {"action": "rate", "rating": rating}}
