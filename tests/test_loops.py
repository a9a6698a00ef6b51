"""What runs in the background of a process outlives its errors."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import loops
from knowledge.learning.gathering import Learning
from knowledge.process import ProcessError
from loops import forever
from tests.product import Clock
from tests.web.editors import room


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "PAUSE_S", 0.0)


async def test_a_loop_that_fails_is_on_record_and_begun_anew() -> None:
    begun: list[int] = []

    async def run() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise KeyError("oops")

    with capture_logs() as logged:
        await forever("errands", run)
    assert begun == [0, 1, 2]
    assert [(each["event"], each["loop"]) for each in logged] == [("loop_failed", "errands")] * 2


async def test_a_loop_that_is_stopped_stays_stopped() -> None:
    task = asyncio.create_task(forever("errands", asyncio.Event().wait))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_nobody_thought_of_does_not_end_grouping(
    sqlite_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again, failures = asyncio.Event(), [RuntimeError(), ProcessError("It ended early.")]

    async def gather(_: Learning) -> int:
        if failures:
            raise failures.pop(0)
        again.set()
        return 0

    monkeypatch.setattr("knowledge.learning.gathering.EVERY_S", 0.01)
    monkeypatch.setattr(Learning, "gather", gather)
    async with room(sqlite_url, clock, tmp_path):
        await asyncio.wait_for(again.wait(), 30)
