"""Reply -> the activity of a channel. Nothing else builds what customers see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conversations.models import WEB, Author, NewActivity
from dialogs.turn import Reply
from handoff.satisfaction import SCORES
from knowledge.answers import escaped

BOT_ID = "billing-assistant"
AGENT_ID = "agent"
HERO_CARD = "application/vnd.microsoft.card.hero"
ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"

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


def desk_activity(
    channel: str,
    language: str,
    bot_name: str,
    text: str,
    buttons: Sequence[str] = (),
    data: Activity | None = None,
) -> NewActivity:
    """What the desk tells a customer, under the bot's name; `data` is for our own chat."""
    web = channel == WEB
    actions: Activity = {}
    if buttons:
        actions = _suggested(map(_im_back, buttons)) if web else _card(map(_im_back, buttons))
    shown = {"text": text, "textFormat": "markdown", **actions}
    return _system(shown, language, bot_name, data if web else None)


def rating_request(
    channel: str, language: str, bot_name: str, text: str, handoff_id: str, words: Mapping[str, str]
) -> NewActivity:
    """Asks for 1 to 5 about a person's help: buttons on the web, a card with a comment in Teams."""
    value = {"action": "rate_help", "handoff": handoff_id}
    if channel == WEB:
        stars = [
            {"type": "postBack", "title": f"{score}", "value": {**value, "score": score}}
            for score in SCORES
        ]
        asked = {"text": text, "textFormat": "markdown", **_suggested(stars)}
        data = {"rateHelp": handoff_id}
    else:
        asked, data = _rating_card(text, value, words), {}
    return _system(asked, language, bot_name, data)


def agent_activity(
    channel: str, language: str, agent_name: str, text: str, external_id: str
) -> NewActivity:
    """Teams shows everything under the bot's name, so the agent's stands in the text."""
    shown = text if channel == WEB else f"**{escaped(agent_name)}**: {text}"
    body = {
        "type": "message",
        "text": shown,
        "textFormat": "markdown",
        "locale": language,
        "from": {"id": AGENT_ID, "name": agent_name, "role": "bot"},
        "channelData": {"author": "agent"},
    }
    return NewActivity(Author.AGENT, "message", body, external_id=external_id)


def _system(
    shown: Activity, language: str, bot_name: str, data: Activity | None = None
) -> NewActivity:
    body = {
        **shown,
        "type": "message",
        "locale": language,
        "from": {"id": BOT_ID, "name": bot_name, "role": "bot"},
        "channelData": {"author": "system", **(data or {})},
    }
    return NewActivity(Author.SYSTEM, "message", body)


def _rating_card(text: str, value: Activity, words: Mapping[str, str]) -> Activity:
    choices = [{"title": str(score), "value": str(score)} for score in SCORES]
    card = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [
            {"type": "TextBlock", "text": text, "wrap": True},
            {
                "type": "Input.ChoiceSet",
                "id": "score",
                "style": "expanded",
                "isRequired": True,
                "errorMessage": text,
                "choices": choices,
            },
            {
                "type": "Input.Text",
                "id": "comment",
                "isMultiline": True,
                "maxLength": 1000,
                "placeholder": words["comment"],
            },
        ],
        "actions": [{"type": "Action.Submit", "title": words["send"], "data": value}],
    }
    return {"attachments": [{"contentType": ADAPTIVE_CARD, "content": card}]}


def _suggested(actions: Iterable[Activity]) -> Activity:
    return {"suggestedActions": {"to": [], "actions": list(actions)}}


def _card(actions: Iterable[Activity]) -> Activity:
    content = {"buttons": list(actions)}
    return {"attachments": [{"contentType": HERO_CARD, "content": content}]}


def _web(reply: Reply, words: Mapping[str, str]) -> Activity:
    """Suggested actions: the rating ones come back with a value, the others as ordinary text."""
    actions = [_im_back(text) for text in reply.buttons]
    if reply.can_be_rated:
        actions += [_rate(words["helpful"], "positive"), _rate(words["not_helpful"], "negative")]
    activity: Activity = {"text": reply.text, "textFormat": "markdown"}
    if actions:
        activity |= _suggested(actions)
    return activity | _rating_data(reply)


def _teams(reply: Reply, words: Mapping[str, str]) -> Activity:
    """Choices stand on a card: Teams shows only the first few suggested actions, and drops them."""
    activity: Activity = {"text": reply.text, "textFormat": "markdown"}
    if reply.buttons:
        activity |= _card(map(_im_back, reply.buttons))
    return activity | _rating_data(reply)


def _rating_data(reply: Reply) -> Activity:
    return {"channelData": {"feedbackLoopEnabled": True}} if reply.can_be_rated else {}


def _im_back(text: str) -> Activity:
    return {"type": "imBack", "title": text, "value": text}


def _rate(title: str, rating: str) -> Activity:
    return {"type": "postBack", "title": title, "value": {"action": "rate", "rating": rating}}
