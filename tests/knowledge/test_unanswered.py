"""What got no answer is found, grouped, answered, and seen to be answered."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import log
from conversations.log import Participant
from conversations.models import Author, NewActivity
from knowledge import drafts
from knowledge.files import Content
from knowledge.learning import missed as misses
from knowledge.learning import suggestions, unanswered
from knowledge.learning.gathering import Learning
from knowledge.learning.grouping import Meanings, group
from knowledge.learning.missed import Miss, masked
from knowledge.learning.suggestions import Suggestion, with_phrasings
from knowledge.learning.unanswered import Cluster, State
from knowledge.live import Knowledge, Live
from knowledge.matcher import Matcher
from knowledge.matching import InThread
from storage.database import Connection, Database
from storage.times import stored_time
from tests.knowledge.editing import EDNA, LATE_FEE, NOW, begun, publish_parts

WEEK = timedelta(days=7)
ALIKE = ["can I pay with bitcoin", "can i pay with bitcoin?", "may I pay you with bitcoin please"]


def miss(
    connection: Connection,
    conversation: str,
    question: str,
    at: datetime = NOW,
    kind: Miss = Miss.NO_MATCH,
    number: int = 1,
) -> None:
    candidates = [("late-fee", 0.3), ("refund", 0.1)]
    misses.missed(connection, conversation, number, question, "en", kind, candidates, at)


async def learning(database: Database, path: Path) -> Learning:
    return Learning(database, live(1, await begun(database, path)), None, lambda: NOW + 2 * WEEK)


def live(version: int, content: Content) -> Live:
    return Live(Knowledge(version, content, InThread(Matcher.build(content.entries, None, []))))


async def open_clusters(database: Database) -> list[Cluster]:
    return await database.read(unanswered.clusters)


async def test_questions_alike_are_one_group_and_the_biggest_comes_first(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(miss, "c9", "where is your office")
    for number, question in enumerate(ALIKE):
        await database.write(miss, f"c{number}", question, NOW + number * WEEK)
    assert await gathers.gather() == 4
    assert await gathers.gather() == 0
    first, second = await open_clusters(database)
    assert (first.count, second.count) == (3, 1)
    assert first.languages == {"en": 3} and first.kinds == {"no_match": 3}
    assert first.candidates == ("late-fee", "refund")
    assert [count for _, count in first.weeks] == [1, 1, 1]
    assert first.weeks[0][0].isoformat() == "2026-11-23"
    assert first.question == ALIKE[0] and first.days_to_answer is None


async def test_the_newest_stand_for_a_big_group_and_all_of_it_is_counted(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    for number in range(unanswered.COMPARED + 5):
        at = NOW + number * timedelta(days=1)
        kind = Miss.HANDOFF if number % 2 else Miss.NO_MATCH
        await database.write(miss, f"c{number}", f"{ALIKE[0]} {number}", at, kind)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    assert (cluster.count, cluster.kinds) == (35, {"no_match": 18, "handoff": 17})
    assert cluster.examples[:2] == (f"{ALIKE[0]} 34", f"{ALIKE[0]} 33")
    assert [count for _, count in cluster.weeks] == [7] * 5
    assert cluster.last_missed_at == stored_time(NOW + timedelta(days=34))
    await database.write(unanswered.set_state, cluster.id, State.NOT_OURS, EDNA, NOW)
    assert await open_clusters(database) == []
    assert (await database.read(unanswered.tally)).counts[State.NOT_OURS] == 1


async def test_a_new_miss_joins_its_group_later(database: Database, tmp_path: Path) -> None:
    gathers = await learning(database, tmp_path)
    for number, question in enumerate(ALIKE):
        await database.write(miss, f"c{number}", question)
        await gathers.gather()
    [cluster] = await open_clusters(database)
    assert cluster.count == 3


async def test_a_question_that_led_to_a_person_counts_once(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    await database.write(miss, "c1", "pay with bitcoin")
    await database.write(miss, "c1", "pay with bitcoin", NOW, Miss.HANDOFF, 3)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    assert (cluster.count, cluster.kinds) == (1, {"handoff": 1})


async def test_what_was_asked_back_and_taken_suggests_a_phrasing(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    for conversation in ("c1", "c2", "c3"):
        await database.write(miss, conversation, "cost if late", NOW, Miss.ASKED_BACK)
    assert not await database.write(misses.accepted, "c1", 3, "nobody")
    for conversation in ("c1", "c2"):
        assert await database.write(misses.accepted, conversation, 3, "late-fee")
    await gathers.gather()
    [left] = await open_clusters(database)
    assert left.count == 1
    found = await database.read(suggestions.suggestions)
    assert found == [Suggestion("late-fee", "en", "cost if late", 2)]
    assert await database.write(suggestions.decide, found, True, EDNA, NOW) == found
    draft = await database.read(drafts.get, LATE_FEE)
    assert draft and draft.body["questions"]["en"][-1] == "cost if late"
    assert await database.read(suggestions.suggestions) == []


async def test_after_what_was_taken_comes_what_was_nearest(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)
    for number in range(3):
        await database.write(miss, f"c{number}", "fee how", NOW, Miss.ASKED_BACK)
    await database.write(miss, "c4", "cost if late", NOW, Miss.ASKED_BACK)
    await database.write(misses.accepted, "c4", 3, "refund")
    await database.write(miss, "c5", "pay with bitcoin")
    await gathers.gather()
    taken, nearest = await database.read(suggestions.suggestions)
    assert taken == Suggestion("refund", "en", "cost if late", 1)
    assert nearest == Suggestion("late-fee", "en", "fee how", 3, taken=False)
    await database.write(suggestions.decide, [nearest], False, EDNA, NOW)
    assert await database.read(suggestions.suggestions) == [taken]
    await database.write(suggestions.undecide, nearest)
    [cluster] = [each for each in await open_clusters(database) if each.question == "fee how"]
    await database.write(unanswered.set_state, cluster.id, State.NOT_OURS, EDNA, NOW)
    assert await database.read(suggestions.suggestions) == [taken]


async def test_what_an_entry_that_is_gone_cannot_take_stays_suggested(
    database: Database, tmp_path: Path
) -> None:
    await learning(database, tmp_path)
    for conversation, entry_id in (("c1", "late-fee"), ("c2", "refund")):
        await database.write(miss, conversation, f"about {entry_id}", NOW, Miss.ASKED_BACK)
        await database.write(misses.accepted, conversation, 3, entry_id)
    await database.write(publish_parts, {LATE_FEE: None})
    found = await database.read(suggestions.suggestions)
    [refund] = await database.write(suggestions.decide, found, True, EDNA, NOW)
    assert refund.entry_id == "refund"
    [left] = await database.read(suggestions.suggestions)
    assert left.question == "about late-fee"


async def test_a_bad_rating_counts_the_question_before_the_answer(
    database: Database, tmp_path: Path
) -> None:
    gathers = await learning(database, tmp_path)

    def rated(connection: Connection) -> None:
        log.begin(connection, Participant("c1", "web", "u", language="en"), NOW)
        body = {"type": "message", "text": "why is it so dear"}
        log.append(connection, "c1", NewActivity(Author.CUSTOMER, "message", body), NOW)
        given = NewActivity(Author.BOT, "message", {"text": "3%"}, None, "late-fee", 1, 0.9)
        log.append(connection, "c1", given, NOW)
        misses.rated(connection, "c1", 2, NOW)
        misses.rated(connection, "c1", 9, NOW)

    await database.write(rated)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    assert (cluster.question, cluster.kinds) == ("why is it so dear", {"rated": 1})
    assert cluster.candidates == ("late-fee",)


async def test_what_is_not_ours_becomes_an_example_to_learn_doubt_from(
    database: Database, tmp_path: Path
) -> None:
    await learning(database, tmp_path)
    asked = [("en", "who won the match"), ("en", "Who won the match?")]
    draft = await database.write(suggestions.add_out_of_scope, asked, EDNA, NOW)
    assert draft and draft.body == {"en": ["who won the match"]}
    golden = await database.write(suggestions.add_golden, "my fee?", "en", ["late-fee"], EDNA, NOW)
    assert golden and golden.body[-1]["question"] == "my fee?"
    assert len(await database.read(drafts.all_open)) == 2


async def test_the_agents_replies_can_become_a_draft(database: Database, tmp_path: Path) -> None:
    gathers = await learning(database, tmp_path)

    def answered(connection: Connection) -> None:
        log.begin(connection, Participant("c1", "web", "u"), NOW)
        said = {"type": "message", "text": "pay with bitcoin"}
        log.append(connection, "c1", NewActivity(Author.CUSTOMER, "message", said), NOW)
        reply = {"type": "message", "text": "We take no bitcoin."}
        log.append(connection, "c1", NewActivity(Author.AGENT, "message", reply), NOW)
        miss(connection, "c1", "pay with bitcoin")

    await database.write(answered)
    await gathers.gather()
    [cluster] = await open_clusters(database)
    assert await database.read(unanswered.replies_of_agents, cluster.id) == ["We take no bitcoin."]
    [one] = await database.read(unanswered.questions_of, cluster.id)
    assert (one.conversation_id, one.number) == ("c1", 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail me at carla.tan@example.com.sg now", "mail me at [e-mail removed] now"),
        ("call +65 6123 4567 please", "call [phone removed] please"),
        ("ring (020) 7946-0018", "ring [phone removed]"),
        ("打我电话13812345678谢谢", "打我电话[phone removed]谢谢"),
        ("IBAN DE89370400440532013000", "IBAN [IBAN removed]"),
        ("to DE89 3704 0044 0532 0130 00 please", "to [IBAN removed] please"),
        ("to gb82-west-1234-5698-7654-32.", "to [IBAN removed]."),
        ("账号NO93 8601 1117 947，谢谢", "账号[IBAN removed]，谢谢"),
        (
            "from NL91 ABNA 0417 1643 00 to MT84MALT011000012345MTLCAST001S",
            "from [IBAN removed] to [IBAN removed]",
        ),
        ("AB12 NL91 ABNA 0417 1643 00", "AB12 [IBAN removed]"),
        ("IBAN DE88370400440532013000", None),
        ("the plan ME5500 of Microsoft 365 Business Premium", None),
        ("invoice 2026-1234 of S$1,500.00 for 12 users", None),
        ("due on 2026-11-22", None),
    ],
)
def test_addresses_and_numbers_of_people_are_not_kept(text: str, shown: str | None) -> None:
    assert masked(text) == (shown or text)


@given(
    account=st.from_regex(r"[A-Z]{2}[0-9A-Z]{11,30}", fullmatch=True),
    group=st.integers(2, 8),
    gap=st.sampled_from(["", " ", "-"]),
    lower=st.booleans(),
)
def test_whatever_has_the_check_digits_of_an_iban_is_not_kept(
    account: str, group: int, gap: str, lower: bool
) -> None:
    country, number = account[:2], account[2:]
    rest = int("".join(str(int(each, 36)) for each in f"{number}{country}00")) % 97
    iban = f"{country}{98 - rest:02}{number}"
    typed = gap.join(iban[at : at + group] for at in range(0, len(iban), group))
    typed = typed.lower() if lower else typed
    assert masked(f"pay: {typed}, thanks") == "pay: [IBAN removed], thanks"


def test_the_same_questions_make_the_same_groups() -> None:
    asked = [(str(number), text) for number, text in enumerate([*ALIKE, "where are you"])]
    assert group(asked, {}, Meanings(None, [])) == ["0", "0", "0", "3"]
    assert group(asked[1:], {"a": ALIKE[:1]}, Meanings(None, [])) == ["a", "a", "3"]


def test_a_phrasing_that_is_there_is_not_added_again() -> None:
    body = {"id": "x", "questions": {"en": ["How much?"]}}
    more = with_phrasings(body, [("en", "how much"), ("zh", "多少钱"), ("en", "the  fee")])
    assert more["questions"] == {"en": ["How much?", "the fee"], "zh": ["多少钱"]}
