"""What an episode is, and what each figure makes of it; on both databases."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conversations import log, metrics
from conversations.episodes import Episode, questions_in
from conversations.metrics import FIGURES, Report, Scope, Value
from conversations.models import Author, NewActivity
from knowledge.learning.missed import Miss
from storage.database import Connection, Database
from tests.product import MONDAY_MORNING as NOW
from tests.web.learning import Told, tell

TOPICS = {"payment-methods": "payments", "refund": "payments", "tax": "invoices"}
MONTH = Scope(NOW - timedelta(days=30), NOW)


async def report_of(database: Database, *told: Told, scope: Scope = MONTH) -> Report:
    for each in told:
        await database.write(tell, each, NOW)
    return await database.read(metrics.report, scope, TOPICS)


def number(report: Report, figure: str) -> tuple[int, int]:
    found = report.value(FIGURES[figure])
    return found.part, found.whole


def says(
    connection: Connection, conversation: str, at: datetime, body: Mapping[str, object]
) -> None:
    asked = NewActivity(Author.CUSTOMER, "message", {"type": "message", **body})
    log.append(connection, conversation, asked, at)


async def test_a_day_of_silence_ends_an_episode(database: Database) -> None:
    told = Told("c1", "how do I pay", 10, entry="payment-methods")
    began = NOW - timedelta(days=10)
    await report_of(database, told)
    for hours in (20, 43, 68):  # each after the one before: 20 h, 23 h, 25 h
        await database.write(says, "c1", began + timedelta(hours=hours), {"text": "and then?"})
    first, second = (await report_of(database)).episodes
    assert (first.number, second.number) == (1, 5)
    assert (len(first.answers), len(second.answers)) == (1, 0)


async def test_a_resolved_request_ends_an_episode_and_a_rating_begins_none(
    database: Database,
) -> None:
    told = Told("c1", "a person please", 10, reason="asked", score=4)
    report = await report_of(database, told)
    rated = {"value": {"action": "rate_help", "score": 4}}
    later = NOW - timedelta(days=10) + timedelta(hours=2)
    await database.write(says, "c1", later, rated)
    assert len((await report_of(database)).episodes) == 1
    await database.write(says, "c1", later, {"text": "one more thing"})
    report = await report_of(database)
    assert [each.number for each in report.episodes] == [1, 4]
    assert number(report, "handoff") == (1, 2)
    assert number(report, "satisfaction") == (4, 1)


async def test_coverage_counts_episodes_with_a_question(database: Database) -> None:
    report = await report_of(
        database,
        Told("c1", "how do I pay", 3, entry="payment-methods"),
        Told("c2", "bitcoin?", 3, kind=Miss.NO_MATCH),
        Told("c3", "how late", 3, kind=Miss.ASKED_BACK, accepted="refund", entry="refund"),
        Told("c4", "hello", 3),
    )
    assert number(report, "episodes") == (4, 4)
    assert number(report, "questions")[0] == 3
    assert number(report, "coverage") == (2, 3)
    assert number(report, "missed")[0] == 1


async def test_a_question_that_was_answered_and_led_to_a_person_counts_once(
    database: Database,
) -> None:
    report = await report_of(
        database,
        Told("c1", "how do I pay", 3, kind=Miss.HANDOFF, entry="payment-methods", reason="asked"),
        Told("c2", "bitcoin?", 3, kind=Miss.HANDOFF, reason="no_match"),
        Told("c3", "so dear", 3, kind=Miss.RATED, entry="tax", rating="negative"),
    )
    assert number(report, "questions")[0] == 3
    assert number(report, "missed")[0] == 1
    assert number(report, "handoff") == (2, 3)


@pytest.mark.parametrize(
    ("spoiled", "contained"),
    [
        (Told("c1", "q", 3, entry="tax"), True),
        (Told("c1", "q", 3, entry="tax", rating="positive"), True),
        (Told("c1", "q", 3, entry="tax", rating="negative"), False),
        (Told("c1", "q", 3, entry="tax", reason="asked"), False),
        (Told("c1", "q", 3.5, entry="tax", user="again"), False),
        (Told("c1", "q", 4.5, entry="tax", user="again"), True),
        (Told("c1", "q", 3, kind=Miss.NO_MATCH), False),
    ],
)
async def test_contained_is_answered_without_person_bad_rating_or_return(
    database: Database, spoiled: Told, contained: bool
) -> None:
    back = Told("c2", "hello again", 3, user="again")
    report = await report_of(database, spoiled, back)
    assert number(report, "containment") == (int(contained), 1)


async def test_wrong_is_of_the_answers_that_were_rated(database: Database) -> None:
    report = await report_of(
        database,
        Told("c1", "q", 3, entry="tax", rating="negative"),
        Told("c2", "q", 3, entry="tax", rating="positive"),
        Told("c3", "q", 3, entry="refund"),
    )
    assert number(report, "wrong") == (1, 2)
    by_entry = report.by("entry")
    assert metrics.value(FIGURES["wrong"], by_entry["refund"]) == Value(0, 0)
    assert metrics.value(FIGURES["wrong"], by_entry["tax"]).ratio == 0.5


async def test_every_number_is_made_of_its_rows(database: Database) -> None:
    report = await report_of(
        database,
        Told("c1", "q", 3, entry="tax", rating="negative"),
        Told("c2", "bitcoin?", 3, kind=Miss.NO_MATCH),
        Told("c3", "a person", 3, reason="asked", score=5),
    )
    for figure in FIGURES.values():
        rows = report.rows(figure)
        assert sum(figure.part(each) for each in rows) == report.value(figure).part
    assert [each.conversation_id for each in report.rows(FIGURES["coverage"], rest=True)] == ["c2"]


async def test_it_is_narrowed_and_grouped(database: Database) -> None:
    told = (
        Told("c1", "q", 3, "en", "web", entry="tax"),
        Told("c2", "q", 3, "zh", "msteams", entry="refund"),
        Told("c3", "q", 3, "zh", "web", kind=Miss.NO_MATCH, reason="no_match"),
    )
    report = await report_of(database, *told)
    assert {key: len(found) for key, found in report.by("language").items()} == {"zh": 2, "en": 1}
    assert {key: len(found) for key, found in report.by("reason").items()} == {"no_match": 1}
    assert {key: len(found) for key, found in report.by("topic").items()} == {
        "payments": 2,
        "invoices": 1,
    }
    for narrowed, left in (
        ({"language": "zh"}, 2),
        ({"channel": "web"}, 2),
        ({"topic": "invoices"}, 1),
        ({"entry": "refund"}, 1),
        ({"reason": "no_match"}, 1),
        ({"language": "zh", "channel": "msteams"}, 1),
        ({"entry": "nobody"}, 0),
    ):
        scope = Scope(MONTH.start, MONTH.end, **narrowed)
        assert len((await report_of(database, scope=scope)).episodes) == left, narrowed


async def test_an_episode_is_in_the_language_that_was_spoken_in_it(database: Database) -> None:
    def hears(connection: Connection, conversation: str, language: str, days_ago: float) -> None:
        said = NewActivity(Author.BOT, "message", {"type": "message", "locale": language})
        log.append(connection, conversation, said, NOW - timedelta(days=days_ago))
        connection.execute("UPDATE conversations SET language = %(to)s", to=language)

    for days_ago, language in ((9, "en"), (6, "zh"), (3, "en")):
        await report_of(database, Told("c1", "q", days_ago, "en", "msteams"))
        await database.write(hears, "c1", language, days_ago)
    await report_of(database, Told("c1", "q", 1, "en", "msteams"))
    episodes = (await report_of(database)).episodes
    assert [each.language for each in episodes] == ["en", "zh", "en", "en"]


async def test_the_days_are_the_partners_and_all_of_the_period(database: Database) -> None:
    zone = ZoneInfo("Asia/Singapore")
    start = datetime(2026, 11, 16, tzinfo=zone)
    scope = Scope(start, start + timedelta(days=7))
    late = (NOW - datetime(2026, 11, 17, 16, 30, tzinfo=NOW.tzinfo)) / timedelta(days=1)
    report = await report_of(database, Told("c1", "q", late, entry="tax"), scope=scope)
    days = report.over_time(FIGURES["episodes"], zone)
    assert [each.part for each in days.values()] == [0, 0, 1, 0, 0, 0, 0]
    assert next(iter(days)).isoformat() == "2026-11-16"
    assert len(report.over_time(FIGURES["episodes"], zone, 7)) == 1


async def test_what_began_before_the_period_is_not_counted_again(database: Database) -> None:
    told = Told("c1", "q", 2.5, entry="tax")
    await report_of(database, told)
    await database.write(says, "c1", NOW - timedelta(days=1.8), {"text": "and?"})
    scope = Scope(NOW - timedelta(days=2), NOW)
    assert (await report_of(database, scope=scope)).episodes == []


async def test_what_was_asked_is_read_for_the_rows(database: Database) -> None:
    told = Told("c1", "the question", 3, entry="tax", rating="negative", more=("hello",))
    report = await report_of(database, told)
    first = await database.read(questions_in, report.episodes)
    assert ['"text":"hello"' in each for each in first["c1", 1]] == [True]
    wrong = await database.read(questions_in, report.episodes, -1)
    assert ['"text":"the question"' in each for each in wrong["c1", 1]] == [True]
    assert await database.read(questions_in, report.episodes, 1) == {("c1", 1): []}
    assert await database.read(questions_in, list[Episode]()) == {}


async def test_the_handoffs_of_a_reason_are_a_share_of_all_episodes(database: Database) -> None:
    report = await report_of(
        database,
        Told("c1", "a person", 3, reason="asked"),
        Told("c2", "q", 3, entry="tax"),
        Told("c3", "q", 3, entry="tax", reason="no_match"),
        Told("c4", "q", 3, entry="tax"),
    )
    handoff, reasons = FIGURES["handoff"], report.by("reason")
    assert report.value_of(handoff, "reason", reasons["asked"]) == Value(1, 4)
    assert report.value_of(handoff, "channel", report.by("channel")["web"]) == Value(2, 4)
