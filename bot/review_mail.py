"""Who owns an answer whose review date has come hears of it once, by mail."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.mail_text import Mail, say
from conversations.outbox import Letter
from knowledge.entry import Entry
from storage.database import Connection

TO_OWNERS = "owners"
NAMED = 50
LIST_PATH = "/editor?only=review_due"

Owners = Callable[[Connection, str], Mapping[str, str]]
"""E-mail addresses of those who are to hear of what a role owns, each with its language."""


def letters(
    connection: Connection, due: Sequence[Entry], owners: Owners, channel: str
) -> list[Letter]:
    """One for each person, with all that has come due for them; the first names it."""
    roles = {entry.owner for entry in due}
    of_role = {role: owners(connection, role) for role in roles}
    languages = {to: spoken for each in of_role.values() for to, spoken in each.items()}
    theirs: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in due:
        for to in of_role[entry.owner]:
            theirs[to].append(entry)
    return [_letter(to, languages[to], entries, channel) for to, entries in theirs.items()]


def _letter(to: str, language: str, entries: Sequence[Entry], channel: str) -> Letter:
    first, lane = entries[0], f"{channel}|{TO_OWNERS}|{to}"
    payload = {
        "kind": TO_OWNERS,
        "to": to,
        "language": language,
        "count": len(entries),
        "titles": [f"{each.title(language)} ({each.review_by})" for each in entries[:NAMED]],
    }
    return Letter(f"{lane}|{first.id}|{first.review_by}", lane, channel, payload)


def mail_of(payload: Mapping[str, Any], base_url: str) -> Mail:
    language, count, titles = payload["language"], payload["count"], payload["titles"]
    said = [say("review_why", language), "\n".join(titles)]
    if count > len(titles):
        said.append(say("review_more", language, count=count - len(titles)))
    link = (say("open_list", language), f"{base_url}{LIST_PATH}")
    subject, footer = say("review", language, count=count), say("replies_not_read", language)
    return Mail(subject, tuple(said), link, footer, language)
