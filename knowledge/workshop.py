"""Prepares and fits in a process of its own, at low priority, so that no turn waits for it.

The process is told contents part by part, and of a known one only what changed.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from subprocess import Popen

from pydantic import TypeAdapter

from knowledge.basis import Basis
from knowledge.building import Builder
from knowledge.encoder import load_encoder
from knowledge.files import Content
from knowledge.parts import Part, differing
from knowledge.preparing import Known, Report, prepare
from knowledge.process import Json, Process, Streams, attend

MODULE = "knowledge.workshop"
IDLE_S = 300.0
KEPT = 4  # contents the process remembers
PREPARING, FITTING = 10, 19  # how nice: an editor waits for what is prepared, nobody for a fit
REPORT = TypeAdapter(Report)


class Workshop:
    """Used from one event loop."""

    def __init__(self, encoder: str, cache: Path, *limits: float) -> None:
        """limits: as a Builder takes them."""
        self._arguments = (encoder, str(cache), *map(str, limits))
        self._bench: _Told | None = None
        self._fitting: Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def prepare(self, before: Content, after: Content, now: datetime) -> Report:
        """The index of what `after` says at that time is on disk when this returns."""
        await asyncio.to_thread(lambda: (before.hash, after.hash))  # slow the first time
        async with self._one_at_a_time:
            if self._bench is None or self._bench.ended:
                self._bench = await _Told.begin(MODULE, *self._arguments, nice=PREPARING)
            await self._bench.tell(before, None)
            await self._bench.tell(after, before)
            asked = {"do": "prepare", "before": before.hash, "after": after.hash}
            answer = await self._bench.ask({**asked, "now": now.isoformat()})
        return REPORT.validate_python(answer["report"])

    async def fit(self, basis: Basis) -> None:
        """In full; one that is under way for another basis is given up."""
        if self._fitting is not None:
            await self._fitting.end()
        digest = await asyncio.to_thread(lambda: basis.digest)
        self._fitting = process = await Process.begin(MODULE, *self._arguments, nice=FITTING)
        try:
            done = await process.ask({"do": "fit_kept", "digest": digest})
            if not done["found"]:
                told, lines = basis.told()
                await process.ask({"do": "fit", **told}, lines)
        finally:
            await process.end()

    async def close(self) -> None:
        for process in (self._bench, self._fitting):
            if process is not None:
                await process.end()


class _Told(Process):
    """Remembers which contents it was told, and tells only what differs."""

    def __init__(self, module: str, process: Popen[bytes], streams: Streams) -> None:
        super().__init__(module, process, streams)
        self._told: list[str] = []

    async def tell(self, content: Content, like: Content | None) -> None:
        """Make a content known, by its difference from one that is known."""
        if content.hash in self._told:
            self._told.remove(content.hash)
            self._told.append(content.hash)
            await self.ask({"do": "recall", "content": content.hash})
            return
        known = like if like is not None and like.hash in self._told else None
        lines = list(await asyncio.to_thread(lambda: list(_lines(content, known))))
        head = {"do": "know", "like": known.hash if known else "", "lines": len(lines)}
        await self.ask({**head, "content": content.hash}, lines)
        self._told = [*self._told, content.hash][-KEPT:]


def _lines(content: Content, like: Content | None) -> Iterator[str]:
    """The parts that differ from the known content; null takes one out."""
    told = set(differing(like.part_hashes if like else {}, content.part_hashes))
    for part, body in content.bodies(told):
        yield json.dumps([str(part), body])
    for part in told - content.part_hashes.keys():
        yield json.dumps([str(part), None])


class _Bench:
    """The other side: what the process does with what it is told."""

    def __init__(self, encoder: str, cache: str, *limits: str) -> None:
        self._builder = Builder(load_encoder(encoder), Path(cache), *map(float, limits))
        self._contents: dict[str, Content] = {}
        self._known: dict[str, Known] = {}

    def do(self, asked: Json, lines: Iterable[bytes]) -> Json:
        match asked["do"]:
            case "know":
                self._know(asked["content"], asked["like"], lines)
            case "recall":
                self._contents[asked["content"]] = self._contents.pop(asked["content"])
            case "prepare":
                before, after = (self._contents[asked[name]] for name in ("before", "after"))
                now = datetime.fromisoformat(asked["now"])
                report = prepare(before, after, self._builder, now, self._known)
                return {"report": REPORT.dump_python(report, mode="json")}
            case "fit_kept":
                return {"found": self._builder.fit_kept(asked["digest"])}
            case "fit":
                self._builder.build(Basis.heard(asked, lines))
        return {}

    def _know(self, name: str, like: str, lines: Iterable[bytes]) -> None:
        told = {Part.read(part): body for part, body in map(json.loads, lines)}
        if like:
            content = self._contents[like].with_parts(told)
        else:  # whoever tells it has read it
            content = Content.from_parts(told, with_templates=False)
        self._contents[name] = content
        while len(self._contents) > KEPT:
            del self._contents[next(iter(self._contents))]


if __name__ == "__main__":
    attend(_Bench(*sys.argv[1:]).do, IDLE_S)
