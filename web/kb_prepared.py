"""What publishing some drafts would do, found out once; and how pages are told of it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.drafts import Draft
from knowledge.parts import Kind, Part
from knowledge.preparing import GoldenRun, Moved
from knowledge.publishing import NotPublishable, Prepared, Publisher
from web.kb_checks_said import Say
from web.kb_editor import PATH, Desk
from web.kb_forms import told
from web.kb_titles import title_of

KEPT = 12  # preparations that are remembered

Chosen = tuple[tuple[Part, int], ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Drafts at the revisions that were looked at, and the version they would go on top of: the
    same for every process, so that each can prepare what another was asked for first."""

    version: int
    chosen: Chosen


def all_of(desk: Desk, out: Collection[Part]) -> Chosen:
    """Every open draft that is not left out."""
    parts = desk.drafts.keys() - set(out)
    return tuple(sorted((part, desk.drafts[part].revision) for part in parts))


def left_out(desk: Desk, out: Mapping[Part, str], language: str, say: Say) -> list[dict[str, str]]:
    """What they are called, why they are left out, and where to go on writing them."""
    return [
        {
            "title": _name(desk.drafts[part], language, say),
            "why": say(f"editor.out.{out[part]}"),
            "path": _page(part),
        }
        for part in sorted(out)
    ]


def _name(draft: Draft, language: str, say: Say) -> str:
    if draft.part.kind is not Kind.ENTRY:
        return say(f"editor.kind.{draft.part.kind}")
    return title_of(draft.body, language) or draft.part.id


def _page(part: Part) -> str:
    pages = {Kind.ENTRY: f"entries/{part.id}", Kind.POLICY: "policy", Kind.MESSAGES: "messages"}
    return f"{PATH}/{pages.get(part.kind, 'golden')}"


class Preparations:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._under_way: dict[Stamp, asyncio.Task[Prepared]] = {}

    def of(self, stamp: Stamp) -> asyncio.Task[Prepared]:
        """Begun, or taken up where it is under way or done."""
        known = self._under_way.get(stamp)
        if known is None or _went_wrong(known):
            while len(self._under_way) >= KEPT:
                del self._under_way[next(iter(self._under_way))]
            known = asyncio.create_task(self._publisher.prepare(stamp.chosen))
            self._under_way[stamp] = known
        return known


def _went_wrong(task: asyncio.Task[Prepared]) -> bool:
    """What is wrong with the drafts stays wrong."""
    if not task.done():
        return False
    return task.cancelled() or not isinstance(task.exception(), NotPublishable | None)


def state_of(stamp: Stamp, task: asyncio.Task[Prepared], say: Say) -> dict[str, Any]:
    """With what has to come back for a publish of exactly this."""
    about = {
        "version": stamp.version,
        "chosen": [[str(part), revision] for part, revision in stamp.chosen],
    }
    if not task.done():
        return {**about, "state": "working"}
    error = task.exception()
    if isinstance(error, NotPublishable):
        problems = [told(each, say) for each in error.problems]
        return {**about, "state": "done", "problems": problems, "golden": None}
    if error is not None:
        return {**about, "state": "failed"}
    return {**about, "state": "done", **_report(task.result(), say)}


def _report(prepared: Prepared, say: Say) -> dict[str, Any]:
    report = prepared.report
    return {
        "problems": [told(each, say) for each in report.problems],
        "golden": golden_told(report.golden),
        "seconds": round(report.check_s + report.build_s + report.golden_s, 1),
        "changes": len(prepared.changes),
    }


def golden_told(run: GoldenRun) -> dict[str, Any]:
    return {
        "cases": run.cases,
        "passed": run.passed,
        "passed_before": run.passed_before,
        "answered": run.answered,
        "asked_back": run.asked_back,
        "answered_wrong": run.answered_wrong,
        "better": moved_told(run.better),
        "worse": moved_told(run.worse),
    }


def moved_told(moved: Sequence[Moved]) -> list[dict[str, Any]]:
    return [_moved(each) for each in moved]


def _moved(moved: Moved) -> dict[str, Any]:
    sides = {
        name: {"entry_id": each.entry_id, "confidence": each.confidence, "band": each.band}
        for name, each in (("before", moved.before), ("after", moved.after))
    }
    return {"question": moved.question, "expected": list(moved.expected), **sides}
