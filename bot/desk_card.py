"""A handoff as its card in the agents' channel: what an agent needs to know before taking it.

What people wrote stands in RichTextBlocks, which show text as it is; everything else that a card
shows is Markdown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.desk_words import say
from bot.replies import ADAPTIVE_CARD
from conversations import log
from conversations.models import Author
from handoff.customers import BY_CUSTOMER
from handoff.desk import BACK_TO_BOT, DISPOSITIONS
from handoff.models import Handoff, Status
from handoff.sorting import PRIORITIES
from handoff.transcript import Line, line_of
from knowledge.answers import escaped
from storage.database import Connection

Card = dict[str, Any]
FIRST, LAST = 2, 4
MAX_LINE, MAX_QUESTION = 240, 600
CLAIM, RESOLVE, GIVE_BACK = "claim", "resolve", "give_back"


@dataclass(frozen=True, slots=True)
class View:
    """`place` is 0 where there is no queue; `left_out` counts what stands between the first and the
    last lines before the request."""

    handoff: Handoff
    lines: tuple[Line, ...] = ()
    left_out: int = 0
    place: int = 0
    at: str = ""


def lines_before(connection: Connection, handoff: Handoff) -> tuple[tuple[Line, ...], int]:
    """The first and the last messages until the request, and how many there are between."""
    rows = connection.execute(
        "SELECT number FROM activities WHERE conversation_id = %(id)s AND type = 'message'"
        " AND number <= %(upto)s ORDER BY number",
        id=handoff.conversation_id,
        upto=handoff.number,
    )
    numbers = [int(row["number"]) for row in rows]
    shown = numbers if len(numbers) <= FIRST + LAST else numbers[:FIRST] + numbers[-LAST:]
    found = (log.activity(connection, handoff.conversation_id, number) for number in shown)
    return tuple(line_of(each) for each in found if each), len(numbers) - len(shown)


def card_activity(view: View, language: str, console: str, notice: str = "") -> dict[str, Any]:
    return {
        "type": "message",
        "summary": _title(view.handoff, language),
        "attachments": [
            {"contentType": ADAPTIVE_CARD, "content": card(view, language, console, notice)}
        ],
    }


def card(view: View, language: str, console: str, notice: str = "") -> Card:
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": [*_notice(notice), *_head(view, language), *_lines(view, language)],
        "actions": list(_actions(view.handoff, language, console)),
    }


def status_text(handoff: Handoff, language: str) -> str:
    agent = escaped(handoff.agent_name)
    if handoff.status is Status.RESOLVED and handoff.disposition == BACK_TO_BOT:
        return say("to_bot", language, agent=agent)
    if handoff.status.is_open and handoff.snoozed_until:
        return say("snoozed", language, time=local_time(handoff.snoozed_until))
    if handoff.status is Status.RESOLVED and handoff.disposition == BY_CUSTOMER:
        return say("ended", language)
    ended = say(handoff.disposition, language) if handoff.disposition in DISPOSITIONS else ""
    return say(handoff.status, language, agent=agent, disposition=ended)


def local_time(at: str) -> str:
    """As Teams shows it to each reader in the reader's own zone; it takes no fractions."""
    seconds = f"{at[:19]}Z"
    return f"{{{{DATE({seconds},SHORT)}}}} {{{{TIME({seconds})}}}}"


def words_of(line: Line) -> str:
    """Without the agent's name, which stands before what customers read in Teams."""
    return line.text.removeprefix(f"**{escaped(line.name)}**: ")


def _title(handoff: Handoff, language: str) -> str:
    name = handoff.customer_name or say("somebody", language)
    return say("title", language, name=name)


def _notice(notice: str) -> Iterator[Card]:
    if notice:
        yield _text(escaped(notice), weight="Bolder", color="Attention")


def _head(view: View, language: str) -> Iterator[Card]:
    handoff = view.handoff
    yield _as_written(_title(handoff, language), weight="Bolder", size="Medium")
    waiting = handoff.status is Status.WAITING
    yield _text(
        status_text(handoff, language),
        color="Warning" if waiting else "Good" if handoff.status is Status.ACTIVE else "Default",
        spacing="None",
    )
    yield _as_written(_cut(str(handoff.request.get("question", "")), MAX_QUESTION))
    yield {
        "type": "FactSet",
        "facts": [{"title": title, "value": value} for title, value in _facts(view, language)],
    }


def _facts(view: View, language: str) -> Iterator[tuple[str, str]]:
    handoff = view.handoff
    yield say("reason", language), say(handoff.reason, language)
    if view.place:
        place = say("place_at", language, place=view.place, time=local_time(view.at))
        yield say("queue", language), place
    yield say("asked_at", language), local_time(handoff.created_at)
    yield say("where", language), say(handoff.channel, language)
    yield say("language", language), say(handoff.language or "en", language)
    team = say("everybody", language) if handoff.widened else handoff.role.replace("_", " ")
    yield say("team", language), team
    if handoff.contact:
        yield say("contact", language), escaped(handoff.contact)
    if handoff.priority:
        yield say("priority", language), say(PRIORITIES[handoff.priority], language)


def _lines(view: View, language: str) -> Iterator[Card]:
    parts = [_line(line, language) for line in view.lines if line.text]
    if view.left_out:
        left_out = say("lines_left_out", language, count=view.left_out)
        parts.insert(FIRST, _as_written(left_out, spacing="None", isSubtle=True))
    if parts:
        yield {"type": "Container", "separator": True, "items": parts}


def _line(line: Line, language: str) -> Card:
    name = line.name if line.author in (Author.CUSTOMER, Author.AGENT) else ""
    who = {"type": "TextRun", "text": f"{name or say(line.author, language)}: ", "weight": "Bolder"}
    said = {"type": "TextRun", "text": _cut(words_of(line), MAX_LINE)}
    return {"type": "RichTextBlock", "spacing": "Small", "inlines": [who, said]}


def _actions(handoff: Handoff, language: str, console: str) -> Iterator[Card]:
    if handoff.status is Status.WAITING:
        yield _execute(CLAIM, say("claim", language), handoff, style="positive")
    if handoff.status is Status.ACTIVE:
        yield _resolve(handoff, language)
        yield _execute(GIVE_BACK, say("give_back", language), handoff)
    if console:
        url = f"{console}?id={quote(handoff.id, safe='')}"
        yield {"type": "Action.OpenUrl", "title": say("open", language), "url": url}


def _resolve(handoff: Handoff, language: str) -> Card:
    choices = [{"title": say(name, language), "value": name} for name in DISPOSITIONS]
    ended = {
        "type": "Input.ChoiceSet",
        "id": "disposition",
        "label": say("how_it_ended", language),
        "value": DISPOSITIONS[0],
        "choices": choices,
    }
    button = _execute(RESOLVE, say("done", language), handoff, style="positive")
    form = {"type": "AdaptiveCard", "version": "1.5", "body": [ended], "actions": [button]}
    return {"type": "Action.ShowCard", "title": say("resolve", language), "card": form}


def _execute(verb: str, title: str, handoff: Handoff, **more: str) -> Card:
    data = {"handoff": handoff.id}
    return {"type": "Action.Execute", "verb": verb, "title": title, "data": data, **more}


def _text(text: str, **more: object) -> Card:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def _as_written(text: str, **more: Any) -> Card:
    around = {name: more.pop(name) for name in ("spacing",) if name in more}
    runs: Sequence[Card] = [{"type": "TextRun", "text": text, **more}]
    return {"type": "RichTextBlock", "inlines": runs, **around}


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
