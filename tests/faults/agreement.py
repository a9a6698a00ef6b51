"""What has to agree when everybody has stopped, whatever died meanwhile."""

import json
from collections import Counter, defaultdict
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conversations.models import Author, Owner
from handoff.models import Action, Status
from storage.database import Row
from tests.bot.receiver import Receiver
from tests.faults.office import AGENTS, Office
from tests.faults.people import AgentAtWork, WebCustomer

BEGINS = ("has joined", "takes over from here")
ENDS = ("has closed this", "has handed you back", "A colleague from the right team")
OWNER = {Status.WAITING: Owner.WAITING, Status.ACTIVE: Owner.AGENT}


async def desk_agrees(
    desk: Office, customers: list[WebCustomer], agents: list[AgentAtWork]
) -> None:
    """Whatever was answered is there once on both sides; record, history and owner say the same.
    The product is stopped, before and after."""
    latest = await desk.rows("SELECT conversation_id, MAX(id) AS id FROM handoffs GROUP BY 1")
    handoffs = {row["conversation_id"]: row["id"] for row in latest}
    await desk.server.start()
    await _read_on_both_sides(customers, agents, handoffs)
    await desk.server.stop()
    await _check_notes(desk, agents)
    histories = await _check_histories(desk)
    _check_claims(agents, histories)
    await _check_owners(desk, histories)
    for customer in customers:
        await _check_voices(desk, customer.conversation, histories)


async def webhook_heard_all(desk: Office, receiver: Receiver) -> int:
    """Everything, and without the doubles once; of each handoff what was said, and what changed, in
    order. Which of a word and a change came first when both came at once, nobody can say. How much
    that is."""
    parcels = await desk.rows("SELECT * FROM outbox")
    assert {row["status"] for row in parcels} == {"sent"}
    once = dict[str, Any]()
    for got in receiver.got:
        body = json.loads(got.body)
        once.setdefault(body["delivery"], body)
    assert once.keys() == {str(uuid5(NAMESPACE_URL, row["id"])) for row in parcels}
    said, changed = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for body in once.values():
        handoff = body["handoff"]
        if "message" in body:
            said[handoff["id"]].append(body["message"]["number"])
        elif body["event"] != "handoff.note":
            changed[handoff["id"]].append(handoff["revision"])
    for numbers in (*said.values(), *changed.values()):
        assert numbers == sorted(set(numbers))
    return len(once)


async def _read_on_both_sides(
    customers: list[WebCustomer], agents: list[AgentAtWork], handoffs: dict[str, str]
) -> None:
    said = {f"Said {one}." for agent in agents for one in agent.done["say"]}
    seen_by_customers, seen_by_agents = Counter[str](), Counter[str]()
    for customer in customers:
        read = await customer.reads()
        seen_by_customers.update(each.get("text", "") for each in read)
        sent = Counter(each.get("channelData", {}).get("clientActivityID") for each in read)
        assert {one: sent[one] for one in customer.acknowledged} == dict.fromkeys(
            customer.acknowledged, 1
        )
        lines = (await agents[0].transcript(handoffs[customer.conversation]))["activities"]
        seen_by_agents.update(each.get("text", "") for each in lines)
    assert said
    for seen in (seen_by_customers, seen_by_agents):
        assert said <= seen.keys()
        assert all(count == 1 for text, count in seen.items() if text.startswith("Said "))


async def _check_notes(desk: Office, agents: list[AgentAtWork]) -> None:
    kept = Counter(row["text"] for row in await desk.rows("SELECT text FROM handoff_notes"))
    noted = {f"Noted {one}." for agent in agents for one in agent.done["note"]}
    assert noted <= kept.keys() and set(kept.values()) == {1}


async def _check_histories(desk: Office) -> dict[str, list[Row]]:
    """Each change begins as the one before it ended, and the last one is how it stands."""
    histories = defaultdict[str, list[Row]](list)
    for row in await desk.rows("SELECT * FROM handoff_changes ORDER BY handoff_id, revision"):
        histories[row["handoff_id"]].append(row)
    for handoff in await desk.rows("SELECT * FROM handoffs"):
        history = histories[handoff["id"]]
        assert [row["revision"] for row in history] == list(range(1, len(history) + 1))
        statuses = ["", *(row["to_status"] for row in history)]
        assert [row["from_status"] for row in history] == statuses[:-1]
        assert (handoff["status"], handoff["revision"]) == (statuses[-1], len(history))
        for row in history:
            if row["action"] == Action.CLAIM:
                assert row["from_status"] != row["to_status"] == Status.ACTIVE
        assert handoff["agent_id"] == _holder(history)
    return histories


def _holder(history: list[Row]) -> str:
    """Who has it by its history; nobody is given what they have."""
    holder = ""
    for row in history:
        if row["action"] == Action.CLAIM:
            holder = row["person_id"]
        elif row["action"] == Action.ASSIGN:
            to = next(name for name in AGENTS if f'"{name.title()}"' in row["details"])
            assert to != holder
            holder = to
        elif row["to_status"] == Status.WAITING:
            holder = ""
    return holder


def _check_claims(agents: list[AgentAtWork], histories: dict[str, list[Row]]) -> None:
    """Who was told to have it, has had it."""
    for agent in agents:
        for handoff in agent.taken:
            had = [row for row in histories[handoff] if row["action"] in ("claim", "assign")]
            assert any(
                agent.id == row["person_id"] or agent.id.title() in row["details"] for row in had
            )


async def _check_owners(desk: Office, histories: dict[str, list[Row]]) -> None:
    """The conversation's owner is as its handoff says, and changed as often."""
    for conversation in await desk.rows("SELECT * FROM conversations"):
        handoffs = await desk.rows(
            "SELECT * FROM handoffs WHERE conversation_id = %(id)s", id=conversation["id"]
        )
        owners = [OWNER[row["status"]] for row in handoffs if row["status"] in OWNER]
        assert len(owners) <= 1
        assert [conversation["owner"]] == (owners or [Owner.BOT])
        changes = [row for each in handoffs for row in histories[each["id"]]]
        changed = [
            row
            for row in changes
            if row["from_status"] != row["to_status"] or row["action"] == Action.ASSIGN
        ]
        assert conversation["tenure"] == len(changed)


async def _check_voices(desk: Office, conversation: str, histories: dict[str, list[Row]]) -> None:
    """Between who takes it and who lets it go the bot is silent; all of it was said once."""
    log = await desk.rows(
        "SELECT * FROM activities WHERE conversation_id = %(id)s ORDER BY number", id=conversation
    )
    assert [row["number"] for row in log] == list(range(1, len(log) + 1))
    helped, told = False, Counter[str]()
    for row in log:
        if row["author"] == Author.SYSTEM:
            words = next((each for each in (*BEGINS, *ENDS) if each in row["body"]), "")
            told[words] += 1
            helped = words in BEGINS or (helped and words not in ENDS)
        assert not (helped and row["author"] == Author.BOT), row["body"]
    done = Counter(
        row["action"]
        for handoff, history in histories.items()
        for row in history
        if handoff.startswith(f"{conversation}|")
    )
    actions = (Action.CLAIM, Action.ASSIGN, Action.RESOLVE, Action.TO_BOT, Action.QUEUE)
    assert [told[words] for words in (*BEGINS, *ENDS)] == [done[action] for action in actions]
