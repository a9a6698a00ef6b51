"""One record an episode, one owner at a time, and every change with its name and time."""

import asyncio
from datetime import timedelta

import pytest

from conversations import log, outbox
from conversations.models import Author, Conversation, NewActivity, Owner
from handoff import presence, store
from handoff.models import (
    Action,
    AlreadyClaimed,
    DeskError,
    HandoffRequest,
    NotFound,
    NotOpen,
    NotYours,
    RateHelp,
    Reason,
    Status,
)
from handoff.presence import Availability
from handoff.transcript import transcript
from storage.database import Database
from storage.times import stored_time
from tests.handoff.office import ADA, MEI, MONDAY, RAJ, SUNDAY, Office

LATER = MONDAY + timedelta(minutes=3)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def owner(office: Office, who: str = "carla") -> Conversation:
    kept = await office.database.read(log.get, who)
    assert kept
    return kept


async def test_twenty_requests_make_one_record_one_message_and_one_piece_of_news(
    office: Office,
) -> None:
    await office.asks("dora")
    asked = HandoffRequest(Reason.ASKED, "human", "en")
    made = await asyncio.gather(
        *(
            office.database.write(office.customers.request, "dora", number, asked, MONDAY)
            for number in range(20)
        )
    )
    assert not any(made)
    assert len(await office.log("dora")) == 2
    assert office.actions() == [Action.REQUEST]
    assert (await owner(office, "dora")).owner is Owner.WAITING


async def test_what_was_written_before_the_requests_turn_ran_is_news_too(office: Office) -> None:
    number = await office.says("human please")
    later = await office.says("it is about invoice 7")
    asked = HandoffRequest(Reason.ASKED, "human please", "en")
    await office.database.write(office.customers.request, "carla", number, asked, MONDAY)
    assert [(news.action, news.number) for news in office.heard] == [
        (Action.REQUEST, 0),
        (Action.SAY, later),
    ]


async def test_of_fifty_who_claim_one_has_it_and_the_others_read_who(office: Office) -> None:
    handoff_id = await office.asks()
    agents = [type(MEI)(f"p{i}", f"Agent {i}", frozenset({"billing_admin"})) for i in range(50)]
    claims = await asyncio.gather(
        *(office.database.write(office.desk.claim, handoff_id, a, LATER) for a in agents),
        return_exceptions=True,
    )
    (winner,) = [claim for claim in claims if not isinstance(claim, BaseException)]
    refusals = [claim for claim in claims if isinstance(claim, AlreadyClaimed)]
    assert len(refusals) == 49
    assert {refusal.by for refusal in refusals} == {winner.agent_name}
    assert (await office.log())[-1] == f"<joined agent={winner.agent_name}>"
    history = await office.database.read(store.history, handoff_id)
    assert [(row["action"], row["to_status"]) for row in history] == [
        ("request", "waiting"),
        ("claim", "active"),
    ]


async def test_a_reply_of_the_bot_from_before_the_claim_is_dropped(office: Office) -> None:
    handoff_id = await office.asks()
    before = await owner(office)
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    await office.database.write(office.desk.give_to_bot, handoff_id, MEI, LATER)
    late = NewActivity(Author.BOT, "message", {"type": "message", "text": "late"})
    numbers = await office.database.write(log.append_replies, before, [late], {}, "en", LATER)
    assert numbers is None  # though the bot owns the conversation again by now
    assert "late" not in await office.log()


async def test_the_owner_talks_and_nobody_else(office: Office) -> None:
    handoff_id = await office.asks()
    with pytest.raises(NotYours):
        await office.database.write(office.desk.say, handoff_id, MEI, "hi", "1", LATER)
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    for _ in range(3):  # sent again by a page that lost its answer
        await office.database.write(office.desk.say, handoff_id, MEI, "Hello Carla", "1", LATER)
    with pytest.raises(NotYours, match="Mei has this conversation"):
        await office.database.write(office.desk.say, handoff_id, RAJ, "me too", "1", LATER)
    assert (await office.log())[-1] == "Hello Carla"
    assert (await office.log()).count("Hello Carla") == 1
    assert (await office.handoff(handoff_id)).replied_at


async def test_what_an_agent_says_to_a_teams_customer_leaves_by_the_outbox(office: Office) -> None:
    handoff_id = await office.asks("tom", channel="msteams")
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    number = await office.database.write(office.desk.say, handoff_id, MEI, "Hello", "1", LATER)
    states = await office.database.read(outbox.states, "tom")
    assert states[number] == "queued"
    assert (await office.log("tom"))[-1] == "**Mei**: Hello"


async def test_notes_never_enter_the_conversation(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.note, handoff_id, RAJ, "owes 3 months", "n1", LATER)
    assert "owes 3 months" not in " ".join(await office.log())
    everything = await office.database.read(transcript, "carla")
    assert "owes" not in everything.as_text()


async def test_given_to_a_colleague_and_back_to_the_queue_the_customer_is_told(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    await office.database.write(office.desk.assign, handoff_id, MEI, RAJ, LATER)
    assert (await office.log())[-1] == "<passed_on agent=Raj>"
    back = await office.database.write(office.desk.give_back, handoff_id, RAJ, "sales_agent", LATER)
    assert (back.status, back.role, back.agent_id) == (Status.WAITING, "sales_agent", "")
    assert (await office.log())[-1].startswith("<back_in_queue")
    assert (await owner(office)).owner is Owner.WAITING


async def test_resolved_it_is_the_bots_again_and_can_be_rated_once(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    rating = RateHelp(handoff_id, 5)
    assert not await office.database.write(office.customers.rate, "carla", rating, LATER)
    await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", LATER)
    kept = await owner(office)
    assert kept.owner is Owner.BOT and kept.reopen_until > "2026-11-24"
    assert await office.database.write(office.customers.rate, "carla", rating, LATER)
    assert not await office.database.write(office.customers.rate, "carla", rating, LATER)
    assert not await office.database.write(office.customers.rate, "mallory", rating, LATER)
    assert (await office.log())[-1] == "<rated_help>"
    with pytest.raises(NotOpen):
        await office.database.write(office.desk.say, handoff_id, MEI, "still there?", "9", LATER)


async def test_ended_by_the_customer_it_can_be_rated_and_goes_on_if_written_again(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    await office.says("<end_help>")
    assert (await office.handoff(handoff_id)).status is Status.WAITING
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    await office.says("<end_help>", now=LATER)
    assert (await office.handoff(handoff_id)).status is Status.RESOLVED
    assert (await office.log())[-2:] == ["<closed agent=>", "<rate_help>"]
    assert office.actions()[-2:] == [Action.SAY, Action.END]
    kept = await owner(office)
    assert kept.owner is Owner.BOT and kept.reopen_until > "2026-11-24"
    rating = RateHelp(handoff_id, 5)
    assert await office.database.write(office.customers.rate, "carla", rating, LATER)


async def test_an_agent_can_take_up_again_what_was_closed_too_early(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", LATER)
    again = await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    assert (again.status, again.disposition) == (Status.ACTIVE, "")
    assert (await owner(office)).owner is Owner.AGENT
    await office.database.write(office.desk.give_to_bot, handoff_id, MEI, LATER)
    number = await office.says("human again")
    asked = HandoffRequest(Reason.ASKED, "human again", "en")
    await office.database.write(office.customers.request, "carla", number, asked, LATER)
    with pytest.raises(DeskError, match="take that request"):
        await office.database.write(office.desk.claim, handoff_id, MEI, LATER)


async def test_reopened_it_goes_to_the_same_agent_if_present_else_to_the_queue(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    await office.is_at_the_desk(MEI, now=LATER)
    for present, status in ((True, Status.ACTIVE), (False, Status.WAITING)):
        now = LATER if present else LATER + timedelta(hours=2)
        current = await office.handoff(handoff_id)
        if current.status is Status.WAITING:
            await office.database.write(office.desk.claim, handoff_id, MEI, now)
        await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", now)
        number = await office.says("one more thing", now=now)
        await office.database.write(office.customers.reopen, "carla", number, now)
        again = await office.handoff(handoff_id)
        assert again.status is status
        if present:
            assert again.agent_id == MEI.id
    assert len(await office.database.read(store.episodes, "carla")) == 1


async def test_reopened_it_stands_behind_those_who_wait(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", MONDAY)
    await office.asks("dora", LATER)
    back = LATER + timedelta(minutes=1)
    number = await office.says("one more thing", now=back)
    await office.database.write(office.customers.reopen, "carla", number, back)
    assert (await office.log())[-1] == "<reopened minutes=0,place=2,present=0>"
    await office.database.write(office.desk.claim, handoff_id, MEI, back)
    await office.asks("emil", back)
    await office.database.write(office.desk.give_back, handoff_id, MEI, "", back)
    assert (await office.log())[-1].startswith("<back_in_queue minutes=0,place=2,")


async def test_reopened_it_goes_back_to_an_agent_in_teams_in_opening_hours_only(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    evening = MONDAY.replace(hour=11)  # 19:00 in Singapore
    for now, status in ((LATER, Status.ACTIVE), (evening, Status.WAITING)):
        await office.database.write(office.desk.claim, handoff_id, MEI, now, "teams")
        await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", now)
        number = await office.says("one more thing", now=now)
        await office.database.write(office.customers.reopen, "carla", number, now)
        assert (await office.handoff(handoff_id)).status is status


async def test_whoever_stops_waiting_is_out_of_the_queue(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.customers.leave_queue, "carla", LATER)
    assert (await office.handoff(handoff_id)).status is Status.ABANDONED
    assert (await office.log())[-1] == "<left_queue>"
    assert (await owner(office)).owner is Owner.BOT
    with pytest.raises(NotOpen):
        await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    with pytest.raises(NotFound):
        await office.database.write(office.desk.claim, "nobody|1", MEI, LATER)


async def test_who_was_helped_before_and_stops_waiting_is_asked_how_it_was(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    await office.database.write(office.desk.give_back, handoff_id, MEI, "", LATER)
    await office.database.write(office.customers.leave_queue, "carla", LATER)
    assert (await office.log())[-2:] == ["<left_queue>", "<rate_help>"]
    rating = RateHelp(handoff_id, 4)
    assert await office.database.write(office.customers.rate, "carla", rating, LATER)


async def test_who_has_hands_full_is_there_and_who_cannot_be_seen_may_be(office: Office) -> None:
    await office.database.write(presence.set_availability, MEI, Availability.AVAILABLE, 1, MONDAY)
    await office.database.write(office.desk.claim, await office.asks("c0"), MEI, MONDAY)
    await office.asks("c1")
    assert "present=1" in (await office.log("c1"))[-1]
    await office.database.write(presence.set_availability, MEI, Availability.AWAY, 1, MONDAY)
    await office.database.write(office.customers.remind, "c1", MONDAY)
    assert "present=0" in (await office.log("c1"))[-1]
    office.elsewhere = True
    await office.database.write(office.customers.remind, "c1", MONDAY)
    assert "present=-1" in (await office.log("c1"))[-1]


async def test_the_place_is_true_and_the_estimate_comes_from_real_claims(office: Office) -> None:
    await office.is_at_the_desk(MEI)
    await office.asks("c0")
    assert (await office.log("c0"))[-1] == "<waiting minutes=0,place=1,present=1>"
    for number in range(5):
        handoff_id = await office.asks(f"d{number}", topic="subscriptions")
        await office.database.write(
            office.desk.claim, handoff_id, ADA, MONDAY + timedelta(minutes=6)
        )
    await office.is_at_the_desk(MEI, now=LATER)
    await office.asks("c1", now=LATER)
    assert (await office.log("c1"))[-1] == "<waiting minutes=6,place=2,present=1>"
    await office.asks("c2", now=LATER, topic="support")
    assert (await office.log("c2"))[-1] == "<waiting minutes=6,place=1,present=0>"


async def test_outside_the_hours_it_says_so_and_an_address_makes_it_a_message(
    office: Office,
) -> None:
    handoff_id = await office.asks(now=SUNDAY)
    assert (await office.log())[-1] == "<waiting_closed>"
    await office.database.write(office.customers.leave_contact, "carla", "ann@example.com", SUNDAY)
    assert (await office.log())[-1] == "<contact_kept contact=ann@example.com>"
    assert (await office.handoff(handoff_id)).contact == "ann@example.com"


async def test_topics_go_to_roles_and_a_global_admin_sees_all(office: Office) -> None:
    handoff = await office.handoff(await office.asks(topic="subscriptions"))
    assert handoff.role == "sales_agent"
    assert not MEI.may_see(handoff) and ADA.may_see(handoff)


async def test_an_entrys_own_route_comes_before_the_policys(office: Office) -> None:
    office.routes["late-fee"] = "sales_agent"
    own = await office.handoff(await office.asks("c0", entry="late-fee"))
    other = await office.handoff(await office.asks("c1", entry="due-date"))
    assert (own.role, other.role) == ("sales_agent", "billing_admin")


async def test_an_escalation_and_what_becomes_of_it_is_kept_with_who_and_when(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, LATER)
    escalation = await office.database.write(
        office.escalations.begin, handoff_id, MEI, "advanced", "MS-77", "please check", LATER
    )
    assert "reference=MS-77" in (await office.log())[-1]
    update = office.escalations.update
    for status in ("answered", "answered", "closed"):
        await office.database.write(update, escalation, RAJ, status, "MS-77", LATER)
    history = await office.database.read(store.history, handoff_id)
    changes = [row for row in history if row["action"] == Action.ESCALATION]
    assert [(row["details"]["was"], row["details"]["became"]) for row in changes] == [
        ("open", "answered"),
        ("answered", "closed"),
    ]
    assert {(row["person_name"], row["at"]) for row in changes} == {("Raj", stored_time(LATER))}
