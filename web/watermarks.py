"""Pages of a conversation: what was said after a watermark, and the watermark after that."""

import json
import re
from typing import NamedTuple

from aiohttp import web

from bot.direct_line import client_activity
from conversations import log
from storage.database import Connection
from web.errors import Problem, Refused

MAX_PAGE = 1024 * 1024
"""Characters of JSON; other clients than the browsers' read no frame larger than 4 MiB."""
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class Page(NamedTuple):
    activities: list[str]
    """Each as JSON."""
    watermark: int
    """The number of the last row covered, shown or not."""

    def as_json(self) -> str:
        """The watermark is a string: the clients take the number 0 for none."""
        return f'{{"activities": [{", ".join(self.activities)}], "watermark": "{self.watermark}"}}'


def watermark_of(request: web.Request) -> int:
    """0, the beginning, when there is none. Raises Refused."""
    given = request.query.getall("watermark", [""])
    if given == [""]:
        return 0
    if len(given) > 1 or not _NUMBER.fullmatch(given[0]):
        raise Refused(Problem.WATERMARK)
    return int(given[0])


def page(connection: Connection, conversation_id: str, watermark: int) -> Page:
    """A watermark we never gave (an older copy of the database is in use) means the beginning:
    to show something twice is better than never."""
    rows = log.since(connection, conversation_id, watermark)
    if not rows and watermark > log.last_number(connection, conversation_id):
        rows = log.since(connection, conversation_id, watermark := 0)
    activities: list[str] = []
    size = 0
    for row in rows:
        activity = client_activity(row)
        text = json.dumps(activity) if activity else ""
        size += len(text)
        if size > MAX_PAGE and activities:
            break
        activities += [text] if text else []
        watermark = row.number
    return Page(activities, watermark)
