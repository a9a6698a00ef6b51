"""The matcher in a process of its own says what it says here, and outlives that process."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from knowledge.building import Builder
from knowledge.files import Content
from knowledge.live import Knowledge
from knowledge.matching import AHEAD, MatcherProcess, MatcherProcesses
from knowledge.process import Process, ProcessError
from tests.knowledge.editing import small

ASKED = ["What does a late payment cost?", "refund", "Wo ist der Bahnhof?", "！？"]


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return small(tmp_path)


@pytest.fixture
async def opened(content: Content, tmp_path: Path) -> AsyncIterator[MatcherProcess]:
    matching = await MatcherProcesses("none", tmp_path / "cache", 0.02).open(content)
    assert isinstance(matching, MatcherProcess)
    yield matching
    await matching.close()


async def test_it_finds_what_a_matcher_here_finds(
    opened: MatcherProcess, content: Content, tmp_path: Path
) -> None:
    here, full = Builder(None, tmp_path / "cache").start(content.basis)
    assert await opened.match(ASKED) == here.match(ASKED)
    assert (opened.thresholds, opened.full) == (here.thresholds, full)


async def test_it_turns_away_as_many_as_it_is_told_to(content: Content, tmp_path: Path) -> None:
    asks = []
    for most in (0.03, 0.9):
        matching = await MatcherProcesses("none", tmp_path / "cache", 0.02, most).open(content)
        here, _ = Builder(None, tmp_path / "cache", 0.02, most).start(content.basis)
        assert matching.thresholds == here.thresholds
        asks.append(matching.thresholds.ask)
        await matching.close()
    assert asks[0] < asks[1]


async def test_a_question_is_answered_although_the_process_died(opened: MatcherProcess) -> None:
    before = await opened.match(ASKED)
    os.kill(opened.pid, signal.SIGKILL)
    assert await opened.match(ASKED) == before


async def test_two_versions_that_share_it_may_ask_at_once(
    opened: MatcherProcess, content: Content
) -> None:
    before, after = (Knowledge(number, content, opened) for number in (1, 2))
    asked = [each.match([f"refund {n}"]) for n in range(20) for each in (before, after)]
    found = await asyncio.gather(*asked)
    assert [each[0].question for each in found] == [f"refund {n // 2}" for n in range(40)]


async def test_a_content_that_cannot_be_read_is_an_error_and_no_process(tmp_path: Path) -> None:
    matchers = MatcherProcesses("none", tmp_path / "cache", 0.02)
    await matchers.get_ready()
    process = await matchers.begin()
    with pytest.raises(ProcessError, match="KeyError"):
        await process.ask({"do": "fit"})
    assert process.ended


async def test_a_version_nobody_holds_any_more_has_no_process(
    content: Content, tmp_path: Path
) -> None:
    matching = await MatcherProcesses("none", tmp_path / "cache", 0.02).open(content)
    assert isinstance(matching, MatcherProcess)
    knowledge, pid = Knowledge(1, content, matching), matching.pid
    assert (await knowledge.match(["refund"]))[0].matches
    del knowledge, matching
    gc.collect()
    async with asyncio.timeout(10):
        with suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                await asyncio.sleep(0.01)


async def test_the_process_that_stands_ready_is_taken(content: Content, tmp_path: Path) -> None:
    matchers = MatcherProcesses("none", tmp_path / "cache", 0.02)
    await matchers.get_ready()
    ready = await matchers.begin()
    await ready.end()
    await matchers.get_ready()
    await matchers.get_ready()
    matching = await matchers.open(content)
    again = await matchers.open(content)
    assert isinstance(matching, MatcherProcess) and isinstance(again, MatcherProcess)
    assert matching.pid != again.pid
    assert await matching.match(ASKED) == await again.match(ASKED)
    for each in (matching, again, matchers):
        await each.close()


async def test_an_encoder_that_is_read_ahead_gives_way_to_turns() -> None:
    """Only the thread that reads gives way, for a process cannot become more important again."""
    process = await Process.begin("knowledge.matching", AHEAD, "default", "unused", "0.02")
    async with asyncio.timeout(60):
        found = await asyncio.to_thread(seen_giving_way, process)
    assert found[str(process.pid)] == os.getpriority(os.PRIO_PROCESS, 0)
    await process.end()


def seen_giving_way(process: Process) -> dict[str, int]:
    """How nice each thread is, at a moment when one has given way."""
    found: dict[str, int] = {}
    while 10 not in found.values() and not process.ended:
        found = {}
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            with suppress(OSError):  # it ended meanwhile
                told = (thread / "stat").read_text().rpartition(")")[2].split()
                found[thread.name] = int(told[16])
    return found
