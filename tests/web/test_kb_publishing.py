"""Publishing in the browser: who may, what stops it, and the way back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from accounts.models import Role
from knowledge import releases, versions
from knowledge.check_said import SENTENCES
from knowledge.entry import Problem
from knowledge.faults import fault
from knowledge.process import ProcessError
from knowledge.releases import Status
from knowledge.workshop import Workshop
from tests.product import Clock
from tests.staff import database_of, signed_in
from tests.web.editors import Json, Room, body_of, looked_at, room


@pytest.fixture
async def house(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    async with room(sqlite_url, clock, tmp_path) as made:
        yield made


@pytest.fixture
async def reviewed(sqlite_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Room]:
    async with room(sqlite_url, clock, tmp_path, review_before_publish=True) as made:
        yield made


async def answered(house: Room) -> str:
    asked = await house.erik.does(
        "/editor/try/ask", question="What does a late payment cost?", of="live"
    )
    return str(asked["answer"])


async def archives_refund(house: Room) -> None:
    """What makes the golden question of the refund fail."""
    page = body_of("Gone.", questions={"en": ["Refund?"], "zh": ["能退款吗？"]})
    await house.erik.saves("entry/refund", page, archived=True)


async def test_a_draft_goes_live_is_listed_and_undone_with_one_click(house: Room) -> None:
    before = await answered(house)
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    page = await house.paula.reads("/editor/publish")
    assert "It costs 3 %." in page and "Erik Lund" in page
    ready = await house.paula.prepares(("entry/late-fee", 1))
    assert (ready["state"], ready["golden"]["worse"]) == ("done", [])
    done = await house.paula.does("/editor/publish", **looked_at(ready), note="Dearer")
    assert (done["status"], done["version"]) == ("published", 2)
    assert await answered(house) == "It costs 3 %."
    assert "Dearer" in await house.erik.reads("/editor/versions")
    assert "It costs 3 %." in await house.erik.reads("/editor/versions/2")
    back = await house.paula.does("/editor/versions/1/restore", note="")
    assert (back["version"], await answered(house)) == (3, before)
    assert "Back to version 1" in await house.erik.reads("/editor/versions")


async def test_agents_read_what_was_live_in_any_version(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    assert (await house.paula.publishes()).status == 200
    first = await house.henry.reads("/editor/versions/1/entries/late-fee")
    second = await house.henry.reads("/editor/versions/2/entries/late-fee")
    assert "costs 1.5%" in first and "late_fee.percent" in first and "It costs 3 %." in second
    for path in ("9/entries/late-fee", "1/entries/nobody"):
        assert (await house.henry.staff.get(f"/editor/versions/{path}")).status == 404
    assert (await house.henry.staff.get("/editor/versions/1")).status == 403


async def test_the_draft_is_tried_beside_what_is_live(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    question = "What does a late payment cost?"
    draft = await house.erik.does("/editor/try/ask", question=question, of="draft")
    assert draft["answer"] == "It costs 3 %." != await answered(house)


async def test_a_failing_golden_question_needs_a_publishers_reason(house: Room) -> None:
    await archives_refund(house)
    ready = await house.paula.prepares()
    [worse] = ready["golden"]["worse"]
    assert (worse["question"], worse["before"]["entry_id"]) == ("refund please?", "refund")
    refused = await house.paula.tries("/editor/publish", **looked_at(ready))
    told = await refused.json()
    assert (refused.status, told["error"]["code"]) == (422, "Worse")
    assert [each["question"] for each in told["worse"]] == ["refund please?"]
    done = await house.paula.does(
        "/editor/publish", **looked_at(ready), reason="We pay nothing back"
    )
    assert done["version"] == 2
    assert "We pay nothing back" in await house.erik.reads("/editor/versions/2")
    assert "/entries/refund" in await house.erik.reads("/editor?only=archived")
    page = await house.erik.reads("/editor/entries/refund")
    assert '"archived": true' in page
    restored = await house.erik.saves("entry/refund", body_of("Back."), based_on=1, version=2)
    assert restored["status"] == "draft"


async def test_what_has_to_be_mended_is_told_and_not_published(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("{{ collections.nothing }}"))
    await house.erik.saves("entry/refund", {"answer": {"en": "{% set x = 1 %}"}})
    ready = await house.paula.prepares(("entry/late-fee", 1), ("entry/refund", 1))
    assert ready["golden"] is None and {each["entry"] for each in ready["problems"]} == {"refund"}
    refused = await house.paula.tries("/editor/publish", **looked_at(ready), reason="I want it")
    assert (refused.status, (await refused.json())["error"]["code"]) == (422, "Problems")
    one = await house.paula.prepares(("entry/late-fee", 1))
    errors = [each for each in one["problems"] if each["severity"] == "error"]
    assert {each["entry"] for each in errors} == {"late-fee"}
    refused = await house.paula.tries("/editor/publish", **looked_at(one), reason="I want it")
    assert refused.status == 422


async def test_a_version_that_changed_much_says_what_is_not_shown(
    house: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "more parts" not in await house.erik.reads("/editor/versions/1")
    monkeypatch.setattr("web.kb_versions.CHANGES_SHOWN", 1)
    page = await house.erik.reads("/editor/versions/1")
    assert page.count('"card change"') == 1
    parts = await database_of(house.erik.staff.client).read(versions.changed, 0, 1)
    assert f"And {len(parts) - 1} more parts." in page


async def test_a_clash_is_told_and_holds_up_nobody_else(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    assert (await house.paula.publishes()).status == 200
    await house.erik.saves("entry/late-fee", body_of("It costs 4 %."), based_on=1, version=2)
    await house.paula.does("/editor/versions/1/restore", note="")
    told = {"title": "What does a late payment cost?", "path": "/editor/entries/late-fee"}
    named = [{**told, "why": "Changed by somebody else meanwhile"}]
    asked = await house.erik.does("/editor/try/ask", question="Refund?", of="draft")
    assert asked["left_out"] == named
    refund = {"en": ["Refund?"], "zh": ["能退款吗？"]}
    await house.paula.saves("entry/refund", body_of("In 5 days.", questions=refund), version=3)
    asked = await house.paula.does("/editor/try/ask", question="Refund?", of="draft")
    assert (asked["answer"], asked["left_out"]) == ("In 5 days.", named)
    page = await house.paula.reads("/editor/publish")
    assert "Changed by somebody else meanwhile" in page and page.count("data-choose checked") == 1
    ready = await house.paula.prepares(("entry/late-fee", 2))
    [problem] = ready["problems"]
    assert problem["message"].startswith("Answer · English was changed by somebody else")


async def test_what_nobody_has_finished_is_left_out_and_named(house: Room) -> None:
    begun = {"title": "Can I pay by cheque?", "topic": "payments", "language": "en"}
    await house.erik.staff.post("/editor/entries", begun)
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    unfinished = "entry/can-i-pay-by-cheque"
    path = "/editor/entries/can-i-pay-by-cheque"
    named = [{"title": "Can I pay by cheque?", "why": "Not finished", "path": path}]
    question = "What does a late payment cost?"
    tried = await house.paula.does("/editor/try/ask", question=question, of="draft")
    assert (tried["answer"], tried["left_out"]) == ("It costs 3 %.", named)
    ready = await house.paula.does("/editor/publish/prepare", chosen=None)
    assert (ready["chosen"], ready["left_out"]) == ([["entry/late-fee", 1]], named)
    assert (await house.paula.prepares())["golden"]["worse"] == []
    page = await house.paula.reads("/editor/publish")
    assert "Left out:" in page and page.count("data-choose checked") == 1
    chosen = await house.paula.prepares((unfinished, 1))
    assert {each["entry"] for each in chosen["problems"]} == {"can-i-pay-by-cheque"}
    assert (await house.paula.publishes()).status == 200
    assert (await house.erik.state(unfinished))["status"] == "draft"


async def test_a_policy_with_an_empty_field_holds_nobody_up(house: Room) -> None:
    await house.erik.saves("policy", {"partner": {}})
    tried = await house.paula.does("/editor/try/ask", question="Refund?", of="draft")
    assert [each["path"] for each in tried["left_out"]] == ["/editor/policy"]


async def test_who_writes_does_not_publish(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of())
    ready = await house.erik.prepares()
    assert (await house.erik.tries("/editor/publish", **looked_at(ready))).status == 403
    assert (await house.erik.tries("/editor/publish/hand-in", **looked_at(ready))).status == 404
    assert (await house.erik.tries("/editor/versions/1/restore")).status == 403
    assert "a content publisher publishes" in await house.erik.reads("/editor/publish")
    for action in ("approve", "refuse"):
        assert (await house.erik.tries(f"/editor/publish/x/{action}")).status == 403


async def test_what_changed_since_it_was_looked_at_is_not_published(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("It costs 3 %."))
    ready = looked_at(await house.paula.prepares())
    await house.erik.does("/editor/drafts/entry/late-fee/-/discard", based_on=1)
    gone = await house.paula.tries("/editor/publish", **ready)
    assert (gone.status, (await gone.json())["error"]["code"]) == (409, "Changed")
    await house.erik.saves("entry/late-fee", body_of("It costs 4 %."), based_on=0)
    ready = looked_at(await house.paula.prepares())
    assert (await house.other.publishes()).status == 200
    late = await house.paula.tries("/editor/publish", **ready)
    assert (late.status, (await late.json())["error"]["code"]) == (409, "Changed")
    nothing = await house.paula.tries("/editor/publish", chosen=[], version=2)
    assert nothing.status == 400
    assert (await house.paula.tries("/editor/versions/9/restore")).status == 404


async def test_another_process_publishes_what_this_one_prepared(
    postgresql_url: str, clock: Clock, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with (
        room(postgresql_url, clock, tmp_path / "one") as one,
        room(postgresql_url, clock, tmp_path / "two") as two,
    ):
        await one.erik.saves("entry/late-fee", body_of("It costs 3 %."))
        ready = await one.paula.prepares()
        done = await two.paula.does("/editor/publish", **looked_at(ready), note="Dearer")
        assert (done["version"], await answered(two)) == (2, "It costs 3 %.")


async def test_a_process_that_fails_at_an_approval_says_so(
    reviewed: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await handed_in(reviewed)

    async def ends_early(*_: object) -> None:
        raise ProcessError("The process ended early.")

    with monkeypatch.context() as patched:
        patched.setattr(Workshop, "prepare", ends_early)
        failed = await reviewed.paula.tries(f"/editor/publish/{told['id']}/approve")
        assert failed.status == 503
    done = await reviewed.paula.does(f"/editor/publish/{told['id']}/approve")
    assert done["status"] == "published"


async def test_it_is_scheduled_and_withdrawn(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("Later."))
    past = await house.paula.publishes(at="2026-11-22T09:00")
    assert (past.status, (await past.json())["error"]["code"]) == (422, "Past")
    planned = await house.paula.publishes(at="2026-12-01T09:00", note="For December")
    told = await planned.json()
    assert told["status"] == "scheduled"
    assert (await house.erik.state("entry/late-fee"))["status"] == "scheduled"
    assert "For December" in await house.erik.reads("/editor/publish")
    notyours = await house.erik.tries(f"/editor/publish/{told['id']}/withdraw")
    assert (notyours.status, (await notyours.json())["error"]["code"]) == (403, "NotYours")
    done = await house.paula.does(f"/editor/publish/{told['id']}/withdraw")
    assert done["status"] == "withdrawn"
    assert (await house.paula.tries(f"/editor/publish/{told['id']}/withdraw")).status == 409


async def test_why_one_was_not_published_is_told_in_the_readers_language(
    house: Room, clock: Clock
) -> None:
    await house.erik.saves("entry/late-fee", body_of("Later."))
    planned = await (await house.paula.publishes(at="2026-12-01T09:00")).json()
    fails = Problem.of(SENTENCES, "golden_fails", "", 1, question="Refund?")
    wrong = Problem.of(SENTENCES, "fault", "", 1, fault=fault(3, "no_call"))
    database = database_of(house.client)
    before, problems = [Status.SCHEDULED], [fails, replace(wrong, entry="late-fee")]
    await database.write(
        releases.move, planned["id"], before, Status.FAILED, clock(), problems=problems
    )
    page = await house.erik.reads("/editor/publish")
    assert "golden question &#34;Refund?&#34; fails" in page
    assert "late-fee · calling something with () is not allowed" in page
    async with signed_in(house.client, database, Role.CONTENT_EDITOR, language="zh") as staff:
        page = await (await staff.get("/editor/publish")).text()
    assert "标准问题“Refund?”未通过。" in page
    assert "late-fee · 第 3 行：不能使用 () 调用。" in page


async def handed_in(house: Room) -> Json:
    await house.erik.saves("entry/late-fee", body_of("Reviewed."))
    ready = await house.erik.prepares()
    return await house.erik.does("/editor/publish/hand-in", **looked_at(ready), note="Please look")


async def test_a_second_person_approves(reviewed: Room) -> None:
    told = await handed_in(reviewed)
    assert told["status"] == "in_review"
    card = unescape(await reviewed.paula.reads("/editor/publish"))
    assert "Please look" in card and "Reviewed." in card and "2 of 2" in card
    done = await reviewed.paula.does(f"/editor/publish/{told['id']}/approve", answer="Good")
    assert (done["status"], await answered(reviewed)) == ("published", "Reviewed.")
    again = await reviewed.other.tries(f"/editor/publish/{told['id']}/approve")
    assert (again.status, (await again.json())["error"]["code"]) == (409, "Changed")


async def test_nobody_approves_their_own_and_a_no_keeps_the_draft(reviewed: Room) -> None:
    await reviewed.paula.saves("entry/late-fee", body_of("Mine."))
    told = await (await reviewed.paula.publishes()).json()
    assert told["status"] == "in_review"
    own = await reviewed.paula.tries(f"/editor/publish/{told['id']}/approve")
    assert (own.status, (await own.json())["error"]["code"]) == (409, "SecondPerson")
    done = await reviewed.other.does(f"/editor/publish/{told['id']}/refuse", answer="Say why")
    assert done["status"] == "refused"
    assert (await reviewed.paula.state("entry/late-fee"))["status"] == "draft"
    assert "Say why" in await reviewed.paula.reads("/editor/publish")


async def test_an_editors_reason_does_not_count_and_the_second_person_gives_one(
    reviewed: Room,
) -> None:
    await archives_refund(reviewed)
    ready = looked_at(await reviewed.erik.prepares())
    told = await reviewed.erik.does("/editor/publish/hand-in", **ready, reason="Please")
    card = unescape(await reviewed.paula.reads("/editor/publish"))
    assert '"question": "refund please?"' in card and "能退款吗" in card
    assert "1 of 2" in card and "Please" not in card
    path = f"/editor/publish/{told['id']}/approve"
    refused = await reviewed.paula.tries(path, answer="Fine")
    assert (refused.status, (await refused.json())["error"]["code"]) == (422, "Worse")
    done = await reviewed.paula.does(path, answer="Fine", reason="We pay nothing back")
    assert done["version"] == 2
    assert "We pay nothing back" in await reviewed.erik.reads("/editor/versions/2")


async def test_accuracy_over_time_is_drawn(house: Room) -> None:
    await house.erik.saves("entry/late-fee", body_of("Again."))
    assert (await house.paula.publishes()).status == 200
    page = await house.erik.reads("/editor/golden")
    assert '<svg class="chart"' in page and "2 of 2 at present" in page
