"""The matcher in force, in a process of its own: it works on another core while turns go on, and
reading that of a new version holds up none."""

import asyncio
import gc
import json
import sys
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from knowledge.building import Asked, Base, Builder, Ways
from knowledge.confidence import Thresholds
from knowledge.encoder import load_encoder
from knowledge.matcher import Band, Match, Matcher, Result
from knowledge.process import Json, Process, ProcessError, attend

MODULE = "knowledge.matching"


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


class Matchers:
    """Opens the matcher of a content."""

    def __init__(self, encoder: str, cache: Path, *limits: float) -> None:
        """limits: as a Builder takes them."""
        self._arguments = (encoder, str(cache), *map(str, limits))
        self._next: Process | None = None

    async def get_ready(self) -> None:
        """Begin a process for the next content: it loads its program meanwhile."""
        self._next = await self.begin()

    async def begin(self) -> Process:
        begun, self._next = self._next, None
        return begun or await Process.begin(MODULE, *self._arguments)

    async def open(self, content: Base) -> Matching:
        """From disk, or fitted from a part. Raises ProcessError."""
        matcher = MatcherProcess(self, Asked.of(content))
        await matcher.begin()
        return matcher


class MatcherProcess:
    """The process ends when nobody holds this any more."""

    def __init__(self, matchers: Matchers, asked: Asked) -> None:
        self._matchers = matchers
        self._asked = asked
        self._one_at_a_time = asyncio.Lock()  # two versions may share it: only an answer changed

    async def begin(self) -> None:
        process = await self._matchers.begin()
        self._kill = weakref.finalize(self, process.kill)
        told = {"do": "open", "out_of_scope": self._asked.out_of_scope}
        lines = len(self._asked.entries)
        opened = await process.ask({**told, "lines": lines}, map(json.dumps, self._asked.entries))
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

    def __init__(self, encoder: str, cache: str, *limits: str) -> None:
        self._builder = Builder(load_encoder(encoder), Path(cache), *map(float, limits))

    def do(self, asked: Json, lines: Iterator[bytes]) -> Json:
        if asked["do"] == "open":
            return self._open(asked["out_of_scope"], map(json.loads, lines))
        return {"results": [_told(each) for each in self._matcher.match(asked["questions"])]}

    def _open(self, out_of_scope: dict[str, Any], entries: Iterable[Any]) -> Json:
        ways = (Ways(entry_id, _tuples(questions)) for entry_id, questions in entries)
        asked = Asked(tuple(ways), _tuples(out_of_scope))
        self._matcher, full = self._builder.start(asked)
        gc.freeze()  # it all stays: the collector, which halts everything, need not go through it
        limits = self._matcher.thresholds
        return {"full": full, "thresholds": [limits.answer, limits.ask, limits.even]}


def _tuples(texts: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(each) for language, each in texts.items()}


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
