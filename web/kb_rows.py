"""The entries as the list shows them: what each is, filtered and sorted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.entry import CHITCHAT
from knowledge.parts import Body, Kind, Part
from storage.database import Connection
from web.kb_editor import Desk
from web.kb_titles import title_of

FILTERS = ("draft", "review_due", "language_missing", "low_rating", "never_matched", "archived")
SORTS = ("title", "topic", "status", "review_by", "answered", "rating")
FEWEST_RATINGS = 3
LOW = 0.6  # share of ratings that are positive


@dataclass(frozen=True, slots=True)
class Use:
    """How often an entry answered, and how it was rated."""

    answered: int = 0
    positive: int = 0
    negative: int = 0

    @property
    def rating(self) -> float | None:
        rated = self.positive + self.negative
        return self.positive / rated if rated else None

    @property
    def is_low(self) -> bool:
        rating = self.rating
        rated = self.positive + self.negative
        return rating is not None and rated >= FEWEST_RATINGS and rating < LOW


@dataclass(frozen=True, slots=True)
class EntryRow:
    id: str
    title: str
    topic: str
    status: str  # as Desk.status says
    owner: str
    review_by: str
    review_due: bool
    missing: tuple[str, ...]  # languages
    questions: int
    changed_by: str
    changed_at: str
    use: Use
    body: Body

    def holds(self, terms: Sequence[str]) -> bool:
        """Somewhere in its texts, whatever the case; put together only where somebody searches."""
        texts = "\n".join(_searched(self.id, self.body)).lower() if terms else ""
        return all(term in texts for term in terms)


def rows(
    desk: Desk,
    archived: Mapping[Part, Body],
    languages: Sequence[str],
    language: str,
    today: str,
    uses: Mapping[str, Use],
) -> list[EntryRow]:
    """archived: the entries that are no longer there, with their last texts."""
    parts = {**archived, **desk.published, **desk.drafts}
    entries = sorted(part for part in parts if part.kind is Kind.ENTRY)
    return [_row(desk, part, archived, languages, language, today, uses) for part in entries]


def _row(
    desk: Desk,
    part: Part,
    archived: Mapping[Part, Body],
    languages: Sequence[str],
    language: str,
    today: str,
    uses: Mapping[str, Use],
) -> EntryRow:
    body = desk.body(part) or archived.get(part) or {}
    draft = desk.drafts.get(part)
    status = desk.status(part)
    questions, said = body.get("questions") or {}, body.get("answer") or {}
    review_by = str(body.get("review_by") or "")
    return EntryRow(
        id=part.id,
        title=title_of(body, language) or part.id,
        topic=str(body.get("topic") or ""),
        status="archived" if status == "none" else status,
        owner=str(body.get("owner") or ""),
        review_by=review_by,
        review_due=bool(review_by) and review_by <= today,
        missing=tuple(each for each in languages if not (questions.get(each) and said.get(each))),
        questions=sum(len(texts) for texts in questions.values()),
        changed_by=draft.who.name if draft else "",
        changed_at=draft.saved_at if draft else "",
        use=uses.get(part.id, Use()),
        body=body,
    )


def _searched(entry_id: str, body: Body) -> Iterator[str]:
    yield entry_id
    yield from map(str, body.get("labels") or ())
    for texts in (body.get("questions") or {}).values():
        yield from map(str, texts)
    yield from map(str, (body.get("answer") or {}).values())


IS: Mapping[str, Callable[[EntryRow], bool]] = {
    "draft": lambda row: row.status in ("draft", "in_review", "scheduled"),
    "review_due": lambda row: row.review_due,
    "language_missing": lambda row: bool(row.missing),
    "low_rating": lambda row: row.use.is_low,
    "never_matched": lambda row: not row.use.answered and row.topic != CHITCHAT,
    "archived": lambda row: row.status == "archived",
}
KEYS: Mapping[str, Callable[[EntryRow], Any]] = {
    "title": lambda row: row.title.lower(),
    "topic": lambda row: (row.topic, row.title.lower()),
    "status": lambda row: (row.status, row.title.lower()),
    "review_by": lambda row: (row.review_by, row.title.lower()),
    "answered": lambda row: row.use.answered,
    "rating": lambda row: -1.0 if row.use.rating is None else row.use.rating,
}


def listed(
    found: Sequence[EntryRow], words: str, topic: str, only: str, sort: str, down: bool
) -> list[EntryRow]:
    """Archived entries show up only when asked for."""
    wanted = IS.get(only)
    terms = words.lower().split()
    shown = [
        row
        for row in found
        if (wanted is None or wanted(row))
        and (row.status == "archived") == (only == "archived")
        and (not topic or row.topic == topic)
        and row.holds(terms)
    ]
    return sorted(shown, key=KEYS.get(sort, KEYS["topic"]), reverse=down)


def counts(found: Sequence[EntryRow]) -> dict[str, int]:
    there = [row for row in found if row.status != "archived"]
    tally = {name: sum(is_it(row) for row in there) for name, is_it in IS.items()}
    return tally | {"all": len(there), "archived": len(found) - len(there)}


def uses(connection: Connection) -> dict[str, Use]:
    """Of all that the log still holds."""
    answered = connection.execute(
        "SELECT entry_id, COUNT(*) AS count FROM activities WHERE entry_id IS NOT NULL"
        " GROUP BY entry_id"
    )
    rated = connection.execute(
        "SELECT entry_id, SUM(CASE WHEN rating = 'positive' THEN 1 ELSE 0 END) AS positive,"
        " COUNT(*) AS count FROM ratings GROUP BY entry_id"
    )
    found = {row["entry_id"]: Use(int(row["count"])) for row in answered}
    for row in rated:
        positive = int(row["positive"])
        known = found.get(row["entry_id"], Use())
        found[row["entry_id"]] = Use(known.answered, positive, int(row["count"]) - positive)
    return found
