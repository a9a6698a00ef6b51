"""The whole conversation as it is attached: every activity, counted, and a checksum over all.

A row is [number, author, time, type, text, entry, version]; its canonical form is that list as
JSON without spaces, one a line. The checksum is SHA-256 of those lines.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conversations import log
from conversations.models import Activity
from storage.database import Connection
from storage.json_text import json_text


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    author: str
    name: str
    at: str
    type: str
    text: str
    entry_id: str | None
    version: int | None
    confidence: float | None

    def as_text(self) -> str:
        return f"[{self.number}] {self.at} {self.name or self.author}: {self.text}"

    def canonical(self) -> str:
        row = [self.number, self.author, self.at, self.type, self.text, self.entry_id, self.version]
        return json_text(row)


@dataclass(frozen=True, slots=True)
class Transcript:
    """`of`: how many the conversation has counted, so that what is missing shows."""

    conversation_id: str
    lines: tuple[Line, ...]
    of: int

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for line in self.lines:
            digest.update(line.canonical().encode() + b"\n")
        return digest.hexdigest()

    def as_text(self) -> str:
        """To read, paste or attach."""
        head = f"{self.conversation_id}: {self.count} of {self.of}, SHA-256 {self.sha256}"
        said = (line.as_text() for line in self.lines if line.text)
        return "\n".join((head, "", *said)) + "\n"

    def summary(self) -> dict[str, Any]:
        return {"count": self.count, "of": self.of, "sha256": self.sha256}

    def as_json(self) -> dict[str, Any]:
        return {
            "conversation": self.conversation_id,
            **self.summary(),
            "activities": [
                {name: getattr(line, name) for name in Line.__slots__} for line in self.lines
            ],
        }


def transcript(connection: Connection, conversation_id: str, upto: int = 0) -> Transcript:
    """Every activity until number `upto`, or all there are."""
    last = log.last_number(connection, conversation_id)
    of = min(upto or last, last)
    return Transcript(conversation_id, tuple(_lines(connection, conversation_id, upto)), of)


def _lines(connection: Connection, conversation_id: str, upto: int) -> Iterator[Line]:
    number = 0
    while page := log.since(connection, conversation_id, number):
        for activity in page:
            if upto and activity.number > upto:
                return
            yield line_of(activity)
        number = page[-1].number


def line_of(activity: Activity) -> Line:
    text = activity.body.get("text")
    sender = activity.body.get("from")
    name = sender.get("name") if isinstance(sender, dict) else ""
    return Line(
        activity.number,
        activity.author,
        str(name or ""),
        activity.created_at,
        activity.type,
        text if isinstance(text, str) else _value(activity.body),
        activity.entry_id,
        activity.version,
        activity.confidence,
    )


def _value(body: dict[str, Any]) -> str:
    """A pressed button has no text, only what it stands for."""
    value = body.get("value")
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
