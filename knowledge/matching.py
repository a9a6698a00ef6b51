"""The matcher in force, in a process of its own: it works on another core while turns go on, and
reading that of a new version holds up none."""

import asyncio
import gc
import os
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from knowledge.basis import Basis
from knowledge.building import Builder
from knowledge.confidence import Thresholds
from knowledge.encoder import Encoder, load_encoder
from knowledge.files import Content
from knowledge.matcher import Band, Match, Matcher, Result
from knowledge.process import Json, Process, ProcessError, attend

MODULE = "knowledge.matching"
AHEAD, NEEDED = "ahead", "needed"  # when a process is begun
NICE = 10  # of the thread that reads the encoder's weights ahead


class Matching(Protocol):
    """A matcher, wherever it runs."""

    @property
    def thresholds(self) -> Thresholds: ...

    @property
    def full(self) -> bool:
        """Not fitted quickly or from a part."""

    async def match(self, questions: Sequence[str]) -> list[Result]:
        """One result for each; batches wait for each other."""

    async def close(self) -> None: ...


class Matchers(Protocol):
    """Opens the matcher of a content."""

    async def open(self, content: Content) -> Matching:
        """From disk, or fitted from a part. Raises ProcessError."""

    async def get_ready(self) -> None:
        """Do now what the next to be opened would wait for."""

    async def close(self) -> None: ...


class MatcherProcesses:
    """One for each matcher, and one that stands ready: its program and encoder are loaded."""

    def __init__(self, encoder: str, cache: Path, *limits: float) -> None:
        """limits: as a Matcher takes them."""
        self._arguments = (encoder, str(cache), *map(str, limits))
        self._next: Process | None = None

    async def get_ready(self) -> None:
        if self._next is None or self._next.ended:
            self._next = await self._begin(AHEAD)

    async def begin(self) -> Process:
        ready, self._next = self._next, None
        return await self._begin(NEEDED) if ready is None or ready.ended else ready

    async def _begin(self, when: str) -> Process:
        return await Process.begin(MODULE, when, *self._arguments)

    async def open(self, content: Content) -> Matching:
        matcher = MatcherProcess(self, content.basis)
        await matcher.begin()
        return matcher

    async def close(self) -> None:
        if self._next:
            await self._next.end()


class MatcherProcess:
    """The process ends when nobody holds this any more."""

    def __init__(self, processes: MatcherProcesses, basis: Basis) -> None:
        self._processes = processes
        self._basis = basis
        self._one_at_a_time = asyncio.Lock()  # two versions may share it: only an answer changed

    async def begin(self) -> None:
        """What lies on disk is read there; otherwise it is told the basis."""
        process = await self._processes.begin()
        self._kill = weakref.finalize(self, process.kill)
        digest = await asyncio.to_thread(lambda: self._basis.digest)
        opened = await process.ask({"do": "read", "digest": digest})
        if not opened["found"]:
            told, lines = self._basis.told()
            opened = await process.ask({"do": "fit", **told}, lines)
        self.thresholds = Thresholds(*opened["thresholds"])
        self.full = bool(opened["full"])
        self._process = process

    async def match(self, questions: Sequence[str]) -> list[Result]:
        """A process that died is begun again, once. Raises ProcessError."""
        asked = {"do": "match", "questions": list(questions)}
        async with self._one_at_a_time:
            try:
                answer = await self._process.ask(asked)
            except ProcessError:
                await self.begin()
                answer = await self._process.ask(asked)
        return [_heard(*each) for each in answer["results"]]

    @property
    def pid(self) -> int:
        return self._process.pid

    async def close(self) -> None:
        self._kill.detach()
        await self._process.end()


class _Desk:
    """The other side: one matcher."""

    def __init__(self, when: str, encoder: str, cache: str, *limits: str) -> None:
        self._builder = Builder(load_encoder(encoder), Path(cache), *map(float, limits))
        if self._builder.encoder:
            threading.Thread(target=_warm, args=(self._builder.encoder, when), daemon=True).start()

    def do(self, asked: Json, lines: Iterator[bytes]) -> Json:
        match asked["do"]:
            case "read":
                return self._holding(self._builder.kept(asked["digest"]))
            case "fit":
                return self._holding(self._builder.start(Basis.heard(asked, lines)))
            case _:
                return {"results": [_told(each) for each in self._held.match(asked["questions"])]}

    def _holding(self, found: tuple[Matcher, bool] | None) -> Json:
        if found is None:
            return {"found": False}
        self._held, full = found
        gc.freeze()  # it all stays: the collector, which halts everything, need not go through it
        limits = self._held.thresholds
        return {
            "found": True,
            "full": full,
            "thresholds": [limits.answer, limits.ask, limits.even],
        }


def _warm(encoder: Encoder, when: str) -> None:
    """Reads its weights, which takes a second. While nobody waits for it, turns come first."""
    if when == AHEAD and sys.platform == "linux":  # elsewhere it would be the whole process
        os.nice(NICE)
    encoder.encode(["hello"])


def _told(result: Result) -> list[Any]:
    matches = [[m.entry_id, m.confidence, m.score, m.question] for m in result.matches]
    return [result.question, matches, result.band]


def _heard(question: str, matches: list[list[Any]], band: str) -> Result:
    return Result(question, tuple(Match(*each) for each in matches), Band(band))


class InThread:
    """For a program that is soon done, and has nothing else to do."""

    def __init__(self, matcher: Matcher, full: bool = True) -> None:
        self.matcher = matcher
        self.thresholds = matcher.thresholds
        self.full = full

    async def match(self, questions: Sequence[str]) -> list[Result]:
        return await asyncio.to_thread(self.matcher.match, questions)

    async def close(self) -> None:
        """Nothing is held."""


if __name__ == "__main__":
    attend(_Desk(*sys.argv[1:]).do)
