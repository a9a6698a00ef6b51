"""Publishing an edit of a large knowledge base while customers are answered.

The entries are the shipped ones, varied. One entry gets a new question and a new answer; that is
prepared in a process of its own (check, index, golden questions), published and swapped in here.
Meanwhile customers ask without pause; a turn is read, matched, answered and committed as in the
product. `swap_ms` is from the commit until the new version answers, `slowest_turn_ms` the longest
turn from the start of preparing until half a second after the swap, `memory_mb` what this process
holds at the end. An edit that changes only an answer is measured as `answer_only_s`, all in all.

    python -m benchmarks.publish [--json] [--sizes 1000 10000]
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one question, one core

import structlog
import uvloop

from conversations import log
from conversations.log import Participant
from conversations.models import Author, NewActivity
from dialogs import conversation as dialog
from dialogs import reading
from dialogs.turn import State, Turn
from installation import ready_to_serve
from knowledge import drafts, folder
from knowledge.building import Builder
from knowledge.editing import Editing
from knowledge.encoder import load_encoder
from knowledge.entry import Entry
from knowledge.files import Content, load
from knowledge.live import Knowledge, Live
from knowledge.matching import MatcherProcesses
from knowledge.parts import Kind, Part
from knowledge.versions import Who
from knowledge.workshop import Workshop
from storage.database import Database, open_database

SHIPPED = Path(__file__).parent.parent / "knowledge" / "content"
QUESTIONS = 5  # an entry and language
GOLDEN = 500
CUSTOMERS = 2
PAUSE_S = 0.05
PLACES = ("harbour", "orchard", "lantern", "meadow", "granite", "willow", "copper", "juniper")
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EDNA = Who("edna", "Edna")


def generated(size: int) -> Content:
    """So many entries: the shipped ones for one branch after the other."""
    shipped = load(SHIPPED)
    entries = [entry for entry in shipped.entries if entry.topic != "conversation"]
    small_talk = [entry for entry in shipped.entries if entry.topic == "conversation"]
    varied = list(_varied(entries, size - len(small_talk)))
    ids = {entry.id for entry in (*varied, *small_talk)}
    golden = [case for case in shipped.golden if set(case.expected) <= ids][:GOLDEN]
    everything = sorted([*varied, *small_talk], key=lambda entry: entry.id)
    return replace(shipped, entries=tuple(everything), golden=tuple(golden))


def _varied(entries: list[Entry], size: int) -> Iterator[Entry]:
    for number in range(size):
        entry, branch = entries[number % len(entries)], number // len(entries)
        place = f"{PLACES[branch % len(PLACES)]} {branch}"
        yield entry if not branch else _for_branch(entry, branch, place)


def _for_branch(entry: Entry, branch: int, place: str) -> Entry:
    texts = {
        language: tuple(
            f"{questions[(branch + n) % len(questions)]} ({place})" for n in range(QUESTIONS)
        )
        for language, questions in entry.questions.items()
    }
    answers = {language: f"{text}\n\n{place}\n" for language, text in entry.answer.items()}
    changes = {"id": f"{entry.id}-{branch}", "questions": texts, "answer": answers}
    return entry.model_copy(update=changes)


@dataclass
class Customers:
    """Ask one thing after the other; each answer has to be of one version alone."""

    database: Database
    live: Live
    questions: list[str]
    turns_ms: list[float] = field(default_factory=list)
    failed: int = 0

    async def ask(self, customer: int) -> None:
        who = Participant(f"c{customer}", "web", f"u{customer}", language="en")
        await self.database.write(log.begin, who, NOW)
        number = customer
        while True:
            question = self.questions[number % len(self.questions)]
            began = time.perf_counter()
            try:
                await self._turn(who.conversation_id, question)
            except Exception:
                structlog.get_logger().exception("turn_failed")
                self.failed += 1
            self.turns_ms.append((time.perf_counter() - began) * 1000)
            number += CUSTOMERS
            await asyncio.sleep(PAUSE_S)

    async def _turn(self, conversation_id: str, question: str) -> None:
        said = NewActivity(Author.CUSTOMER, "message", {"type": "message", "text": question})
        await self.database.write(log.append, conversation_id, said, NOW)
        conversation = await self.database.read(log.get, conversation_id)
        assert conversation
        knowledge = self.live.knowledge
        turn = Turn(question, "en", State.from_dict(conversation.state), NOW, knowledge)
        asked = reading.questions(turn)
        results = dict(zip(asked, await knowledge.match(asked), strict=True))
        outcome = dialog.respond(turn, results)
        replies = [
            NewActivity(Author.BOT, "message", {"text": r.text}, None, r.entry_id, r.version)
            for r in outcome.replies
        ]
        written = await self.database.write(
            log.append_replies, conversation, replies, outcome.state.as_dict(), "en", NOW
        )
        if not written or any(r.version not in (None, knowledge.version) for r in outcome.replies):
            self.failed += 1


async def measure(size: int, scratch: Path) -> dict[str, float]:
    content = generated(size)
    builder = Builder(load_encoder("default"), scratch / "cache")
    database = await open_database(f"sqlite:///{scratch / 'billing.db'}")
    start = await database.write(folder.start, content, NOW)
    given = ("default", scratch / "cache", 0.02)
    matchers, workshop = MatcherProcesses(*given), Workshop(*given)
    matching = await matchers.open(start.content)  # fits it first, unmeasured
    live = Live(Knowledge(start.version, start.content, matching))
    editing = Editing(database, live, start, builder, workshop, matchers, False, lambda: NOW)
    customers = Customers(database, live, [case.question for case in content.golden])
    tasks = [asyncio.create_task(customers.ask(number)) for number in range(CUSTOMERS)]
    tasks.append(asyncio.create_task(editing.run()))
    await live.knowledge.warm()  # as `serve` does
    ready_to_serve()
    await asyncio.sleep(5)
    try:
        return await _edits(editing, database, live, customers, content)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await editing.close()
        await live.knowledge.matching.close()
        await matchers.close()
        await database.close()


async def _edits(
    editing: Editing, database: Database, live: Live, customers: Customers, content: Content
) -> dict[str, float]:
    part = Part(Kind.ENTRY, content.entries[len(content.entries) // 2].id)
    body = content.part(part) or {}
    body = {**body, "answer": {**body["answer"], "en": "Edited."}}
    customers.turns_ms.clear()
    began = time.perf_counter()
    await database.write(drafts.save, part, body, 0, 1, EDNA, NOW)
    prepared = await editing.publisher.prepare()
    await editing.publisher.publish(prepared, EDNA, "An answer", "measured")
    answer_only = time.perf_counter() - began

    more = {**body["questions"], "en": [*body["questions"]["en"], "is this one quite new"]}
    await database.write(drafts.save, part, {**body, "questions": more}, 1, 2, EDNA, NOW)
    prepared = await editing.publisher.prepare()
    began = time.perf_counter()
    await editing.publisher.publish(prepared, EDNA, "A question", "measured")
    swap = time.perf_counter() - began
    assert live.knowledge.version == 3
    await asyncio.sleep(0.5)
    report = prepared.report
    return {
        "entries": len(content.entries),
        "check_s": round(report.check_s, 2),
        "golden_s": round(report.golden_s, 2),
        "build_s": round(report.build_s, 2),
        "swap_ms": round(swap * 1000, 1),
        "answer_only_s": round(answer_only, 2),
        "memory_mb": round(_resident_mb()),
        "turns": len(customers.turns_ms),
        "slowest_turn_ms": round(max(customers.turns_ms), 1),
        "failed_turns": customers.failed,
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found = {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory(dir=".") as scratch:
            found[str(size)] = uvloop.run(measure(size, Path(scratch)))
    if options.json:
        print(json.dumps(found))
        return
    for name in next(iter(found.values())):
        print(f"{name:16}", *(f"{figures[name]:>12}" for figures in found.values()))


if __name__ == "__main__":
    main()
