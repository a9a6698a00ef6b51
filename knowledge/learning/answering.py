"""What an editor does about a group of questions: a new entry, more phrasings, or not ours; and
taking that back."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge import drafts, versions
from knowledge.drafts import Draft
from knowledge.interchange.markup import literal
from knowledge.interchange.naming import new_id
from knowledge.learning import unanswered
from knowledge.learning.missed import masked
from knowledge.learning.suggestions import add_out_of_scope, add_phrasings
from knowledge.learning.unanswered import State
from knowledge.parts import Body, Kind, Part
from knowledge.text import key_of
from knowledge.versions import Who
from storage.database import Connection

READ_AGAIN_WITHIN = timedelta(days=90)  # a new entry's text came from a chat

Question = tuple[str, str]  # its language, and the text


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a draft begins with; `answer` is what somebody said, never a template."""

    topic: str
    owner: str
    questions: Sequence[Question]
    answer: str
    language: str  # of the answer


def write(connection: Connection, new: NewEntry, who: Who, now: datetime) -> Draft:
    """A draft of an entry that there was not; the first question is its title."""
    part = Part(Kind.ENTRY, new_id(new.questions[0][1], new.topic, _taken(connection)))
    questions: dict[str, list[str]] = {}
    for language, text in new.questions:
        there = questions.setdefault(language, [])
        if key_of(text) not in map(key_of, there):
            there.append(" ".join(text.split()))
    answer = literal(masked(new.answer)).strip()
    body = {
        "id": part.id,
        "topic": new.topic,
        "questions": questions,
        "answer": {new.language: f"{answer}\n"} if answer else {},
        "owner": new.owner,
        "review_by": (now + READ_AGAIN_WITHIN).date().isoformat(),
    }
    version = versions.head(connection).version
    return drafts.save(connection, part, body, 0, version, who, now)


def write_for(
    connection: Connection, cluster_id: str, new: NewEntry, who: Who, now: datetime
) -> Draft:
    """The group waits for this draft to be published."""
    draft = write(connection, new, who, now)
    unanswered.set_state(connection, cluster_id, State.DRAFTED, who, now, draft.part.id)
    return draft


def add_to(
    connection: Connection,
    cluster_id: str,
    entry_id: str,
    questions: Sequence[Question],
    who: Who,
    now: datetime,
) -> Draft | None:
    """None when there is no such entry: nothing is changed then."""
    draft = add_phrasings(connection, entry_id, questions, who, now)
    if draft:
        unanswered.set_state(connection, cluster_id, State.DRAFTED, who, now, entry_id)
    return draft


def is_not_ours(connection: Connection, cluster_id: str, who: Who, now: datetime) -> None:
    """Its questions become examples of what nobody here answers."""
    add_out_of_scope(connection, questions_of(connection, cluster_id), who, now)
    unanswered.set_state(connection, cluster_id, State.NOT_OURS, who, now)


def take_back(connection: Connection, cluster_id: str, who: Who, now: datetime) -> bool:
    """The group is open again, and what it brought into drafts is out of them; what is published
    stays. False when somebody has written on the new entry since: their draft stays, too."""
    rows = connection.execute("SELECT * FROM missed_clusters WHERE id = %(id)s", id=cluster_id)
    if not rows:
        return True
    questions = questions_of(connection, cluster_id)
    state, entry_id = State(rows[0]["state"]), rows[0]["entry_id"]
    unanswered.set_state(connection, cluster_id, State.OPEN, who, now)
    if state is State.NOT_OURS:
        without(connection, Part(Kind.OUT_OF_SCOPE), questions, who, now)
    elif state is State.DRAFTED and entry_id:
        return without(connection, Part(Kind.ENTRY, entry_id), questions, who, now)
    return True


def without(
    connection: Connection, part: Part, questions: Sequence[Question], who: Who, now: datetime
) -> bool:
    """Takes questions out of a draft unless they are published. A new entry that nobody has
    written on is discarded; False when somebody has."""
    draft = drafts.get(connection, part)
    if draft is None:
        return True
    newest = versions.head(connection).version
    published = versions.bodies_of(connection, newest, [part]).get(part)
    if published is None:
        if draft.revision == 1 and draft.who.id == who.id:
            drafts.discard(connection, part, draft.revision)
            return True
        return False
    body = _less(part, draft.body, questions, published)
    if body == published:
        drafts.discard(connection, part, draft.revision)
    else:
        drafts.save(connection, part, body, draft.revision, newest, who, now, draft.archived)
    return True


def discard_written(connection: Connection, question: Question, who: Who) -> None:
    """The new entry that this person began with the question, unless somebody wrote on it."""
    for draft in drafts.all_open(connection):
        begun = draft.part.kind is Kind.ENTRY and draft.revision == 1 and draft.who.id == who.id
        if begun and draft.body.get("questions") == {question[0]: [question[1]]}:
            drafts.discard(connection, draft.part, draft.revision)


def questions_of(connection: Connection, cluster_id: str) -> list[Question]:
    """Each once: the one that the group is called by, then the newest first."""
    found = [
        (each.language, each.question) for each in unanswered.questions_of(connection, cluster_id)
    ]
    named = connection.execute(
        "SELECT language, question FROM missed_clusters WHERE id = %(id)s", id=cluster_id
    )
    title = [(row["language"], row["question"]) for row in named if found]
    once: dict[str, Question] = {}
    for language, text in [*title, *reversed(found)]:
        once.setdefault(key_of(text), (language or "en", text))
    return list(once.values())


def _less(part: Part, body: Body, questions: Sequence[Question], published: Body) -> Body:
    of_entry = part.kind is Kind.ENTRY
    before, after = (each.get("questions", {}) if of_entry else each for each in (published, body))
    there = {(language, text) for language, texts in before.items() for text in texts}
    gone = {(language, key_of(text)) for language, text in questions}
    left = {
        language: [
            text
            for text in texts
            if (language, text) in there or (language, key_of(text)) not in gone
        ]
        for language, texts in after.items()
    }
    left = {language: texts for language, texts in left.items() if texts}
    return {**body, "questions": left} if of_entry else left


def _taken(connection: Connection) -> Container[str]:
    """Ids in use, also by drafts and by what was once deleted."""
    rows = connection.execute("SELECT id FROM drafts WHERE kind = 'entry'")
    newest = versions.head(connection).version
    return {row["id"] for row in rows} | {
        part.id for part in versions.manifest_of(connection, newest)
    }
