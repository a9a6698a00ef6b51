"""Questions that got no answer, written in the commit of the turn that had none.

One row a question and conversation: a question that was missed, and led to a person, is one miss.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.database import Connection, Row
from storage.times import stored_time

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<!\d)(?:\+|00)\d(?:[\s().-]{0,2}\d){6,13}"  # with the country's number
    r"|\(0\d{1,4}\)(?:[\s.-]?\d){6,8}"
    r"|(?<![\d.,-])1[3-9]\d{9}(?!\d)"  # mobile, China
    r"|(?<![A-Za-z\d.,$-])[3689]\d{3} ?\d{4}(?![\d.,-])"  # Singapore
)


_IBAN = re.compile(r"(?<![A-Za-z\d])(?=[A-Za-z]{2}(?:[ -]?\d){2}(?:[ -]?[A-Za-z\d]){11})", re.ASCII)
_IBAN_ENDS = re.compile(r"[A-Za-z\d](?![A-Za-z\d])", re.ASCII)
_IBAN_LENGTHS = range(15, 35)  # ISO 13616, without spaces
_IBAN_REACH = 34 + 33  # each character with a space or a hyphen behind it


class Miss(StrEnum):
    """Why a question counts as not answered."""

    NO_MATCH = "no_match"
    ASKED_BACK = "asked_back"  # did you mean; `accepted` names the entry that was taken
    RATED = "rated"  # an answer was given, and it did not help
    HANDOFF = "handoff"
    PROPOSED = "proposed"  # by an agent at the desk


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that did not do: the entry, and the version that it was given from."""

    entry_id: str
    version: int


NOTHING = Given("", 0)


@dataclass(frozen=True, slots=True)
class Missed:
    """`question` is masked; `candidates` are entries and confidences, best first. `version` was in
    force; where an answer was given, it is that answer's, and `given` its entry."""

    conversation_id: str
    number: int  # of the customer's activity in the log
    question: str
    language: str
    kind: Miss
    candidates: tuple[tuple[str, float], ...]
    missed_at: str
    accepted: str
    cluster: str
    version: int
    given: str


def missed(
    connection: Connection,
    conversation_id: str,
    number: int,
    question: str,
    language: str,
    kind: Miss,
    candidates: Sequence[tuple[str, float]],
    now: datetime,
    given: Given = NOTHING,
) -> None:
    """The same question again in a conversation only changes why it counts, and since when."""
    told = masked(question).strip()
    if not told:
        return
    again = connection.execute(
        "UPDATE missed_questions SET kind = %(kind)s, given = %(given)s,"
        " version = COALESCE(NULLIF(%(version)s, 0), (SELECT version FROM knowledge_head))"
        " WHERE conversation_id = %(id)s AND question = %(question)s RETURNING number",
        kind=kind,
        given=given.entry_id,
        version=given.version,
        id=conversation_id,
        question=told,
    )
    if again:
        return
    connection.execute(
        "INSERT INTO missed_questions (conversation_id, number, question, language, kind,"
        " candidates, version, missed_at, given) SELECT %(id)s, %(number)s, %(question)s,"
        " %(language)s, %(kind)s, %(candidates)s, COALESCE(NULLIF(%(version)s, 0), version),"
        " %(at)s, %(given)s FROM knowledge_head WHERE id = 1 ON CONFLICT (conversation_id, number)"
        " DO UPDATE SET kind = excluded.kind, version = excluded.version, given = excluded.given",
        id=conversation_id,
        number=number,
        question=told,
        language=language,
        kind=kind,
        candidates=json.dumps([list(each) for each in candidates]),
        at=stored_time(now),
        given=given.entry_id,
        version=given.version,
    )


def rated(connection: Connection, conversation_id: str, number: int, now: datetime) -> None:
    """The answer with this number got a bad rating: what it answered was missed."""
    answers = connection.execute(
        "SELECT entry_id, version, confidence FROM activities"
        " WHERE conversation_id = %(id)s AND number = %(number)s AND entry_id IS NOT NULL",
        id=conversation_id,
        number=number,
    )
    asked = connection.execute(
        "SELECT a.number, a.body, c.language FROM activities a"
        " JOIN conversations c ON c.id = a.conversation_id"
        " WHERE a.conversation_id = %(id)s AND a.number < %(number)s"
        " AND a.author = 'customer' AND a.type = 'message' ORDER BY a.number DESC LIMIT 1",
        id=conversation_id,
        number=number,
    )
    if answers and asked:
        given = Given(answers[0]["entry_id"], int(answers[0]["version"] or 0))
        candidates = [(given.entry_id, float(answers[0]["confidence"] or 0.0))]
        text = str(json.loads(asked[0]["body"]).get("text") or "")
        where = (conversation_id, int(asked[0]["number"]))
        language = asked[0]["language"]
        missed(connection, *where, text, language, Miss.RATED, candidates, now, given)


def accepted(connection: Connection, conversation_id: str, number: int, entry_id: str) -> bool:
    """The customer took an entry that was asked back about, in activity `number`; False when the
    last thing missed was not asked back, or not about that entry."""
    rows = connection.execute(
        "SELECT number, kind, candidates FROM missed_questions WHERE conversation_id = %(id)s"
        " AND number < %(number)s ORDER BY number DESC LIMIT 1",
        id=conversation_id,
        number=number,
    )
    if not rows or rows[0]["kind"] != Miss.ASKED_BACK:
        return False
    if entry_id not in (each[0] for each in json.loads(rows[0]["candidates"])):
        return False
    connection.execute(
        "UPDATE missed_questions SET accepted = %(entry)s"
        " WHERE conversation_id = %(id)s AND number = %(number)s",
        entry=entry_id,
        id=conversation_id,
        number=rows[0]["number"],
    )
    return True


def masked(text: str) -> str:
    """Without IBANs, e-mail addresses and telephone numbers; cards were taken out before."""
    return _PHONE.sub("[phone removed]", _EMAIL.sub("[e-mail removed]", _without_ibans(text)))


def _without_ibans(text: str) -> str:
    kept, at = "", 0
    for begins in _IBAN.finditer(text):
        end = _end_of_iban(text, begins.start()) if begins.start() >= at else 0
        if end:
            kept, at = f"{kept}{text[at : begins.start()]}[IBAN removed]", end
    return kept + text[at:]


def _end_of_iban(text: str, start: int) -> int:
    """Where its check digits are right (ISO 13616), of several places the last; 0 for none."""
    ends = [each.end() for each in _IBAN_ENDS.finditer(text, start, start + _IBAN_REACH)]
    for end in reversed(ends):
        number = re.sub("[ -]", "", text[start:end])
        if number.isalnum() and number.isascii() and len(number) in _IBAN_LENGTHS:
            digits = "".join(str(int(each, 36)) for each in number[4:] + number[:4])
            if int(digits) % 97 == 1:
                return end
    return 0


def from_row(row: Row) -> Missed:
    return Missed(
        conversation_id=row["conversation_id"],
        number=int(row["number"]),
        question=row["question"],
        language=row["language"],
        kind=Miss(row["kind"]),
        candidates=tuple((each[0], each[1]) for each in json.loads(row["candidates"])),
        missed_at=row["missed_at"],
        accepted=row["accepted"],
        cluster=row["cluster"],
        version=int(row["version"]),
        given=row["given"],
    )
