"""A process of the product, as far as publishing goes."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge import folder, matching
from knowledge.basis import Basis
from knowledge.building import Builder
from knowledge.files import Content, load
from knowledge.live import Knowledge, Live
from knowledge.parts import Body, Kind, Part
from knowledge.preparing import Found, Moved, Report, prepare, today
from knowledge.process import ProcessError
from knowledge.publishing import Publisher
from knowledge.swapping import Swapping
from knowledge.workshop import Workshop
from storage.database import Database
from tests.knowledge.editing import GOLDEN, NOW, saved, small
from tests.product import Clock

REFUND = Part(Kind.ENTRY, "refund")
FINDS, FINDS_NOTHING = Found("refund", 0.9, "answer"), Found("", 0.0, "none")
WORSE = Moved("refund please?", "en", ("refund",), FINDS, FINDS_NOTHING)


class InThread(Workshop):
    """Does here in a thread what the workshop does in a process."""

    def __init__(self, builder: Builder) -> None:
        super().__init__("none", Path(), 0.02)
        self._builder = builder
        self.fitted: list[str] = []
        self.worse: tuple[Moved, ...] = ()
        self.is_broken = False

    async def prepare(self, before: Content, after: Content, now: datetime) -> Report:
        if self.is_broken:
            raise ProcessError("It ended early.")
        report = await asyncio.to_thread(prepare, before, after, self._builder, now)
        worse = (*report.golden.worse, *self.worse)
        return replace(report, golden=replace(report.golden, worse=worse))

    async def fit(self, basis: Basis) -> None:
        await asyncio.to_thread(self._builder.build, basis)
        self.fitted.append(basis.digest)

    async def get_ready(self) -> None:
        """Nothing is waited for."""

    async def open(self, content: Content) -> matching.InThread:
        return matching.InThread(*await asyncio.to_thread(self._builder.start, content.basis))


@dataclass
class Process:
    """One process of the product, as far as knowledge goes."""

    database: Database
    live: Live
    publisher: Publisher
    swapping: Swapping
    workshop: InThread
    clock: Clock
    running: list[asyncio.Task[None]] = field(default_factory=list)

    def runs(self) -> None:
        run = self.swapping.run(self.publisher.publish_scheduled)
        self.running.append(asyncio.create_task(run))

    def says(self, entry: str = "late-fee") -> str:
        return self.live.knowledge.answer(entry, "en", self.clock.now)


async def process(database: Database, path: Path, clock: Clock, review: bool = False) -> Process:
    content = small(path) if not (path / "content").exists() else folder_again(path)
    start = await database.write(folder.start, content, NOW)
    builder = Builder(None, path / "cache")
    valid = today(start.content, clock.now)
    live = Live(Knowledge(start.version, valid, matching.InThread(builder.build(valid.basis))))
    workshop = InThread(builder)
    swapping = Swapping(database, live, start.content, builder, workshop, workshop, clock)
    publisher = Publisher(database, swapping, workshop, clock, review)
    return Process(database, live, publisher, swapping, workshop, clock)


def folder_again(path: Path) -> Content:
    return replace(load(path / "content"), golden=GOLDEN)


async def draft(one: Process, body: Body, **more: Any) -> None:
    await saved(one.database, body, **{"version": one.live.knowledge.version, **more})


async def until(condition: Any) -> None:
    """A few thousand turns of the loop, each of which other threads may use."""
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")
