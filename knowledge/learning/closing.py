"""Whether what is in force answers a group of questions: better than when they were missed."""

from collections.abc import Sequence

from knowledge import drafts, versions
from knowledge.learning.missed import Miss, Missed
from knowledge.learning.unanswered import Cluster, State
from knowledge.matcher import Band, Result
from knowledge.parts import Kind, Part
from storage.database import Connection

ANSWERED_SHARE = 0.5  # of a group's questions that have to hit
NOTHING_FOUND = (Miss.NO_MATCH, Miss.PROPOSED)
DID_NOT_DO = (Miss.RATED, Miss.HANDOFF)
"""An answer that was given may have been the reason."""


def answered_by(
    connection: Connection, cluster: Cluster, results: Sequence[Result], version: int
) -> str:
    """The entry; empty unless half of the group's questions that are asked again hit. `results` are
    theirs, from that version. A drafted group waits until its draft is published, and only for
    that entry."""
    wanted = cluster.entry_id if cluster.state is State.DRAFTED else ""
    if wanted and not _is_published(connection, wanted, cluster.drafted_version or 0, version):
        return ""
    hits = [
        result.matches[0].entry_id
        for miss, result in zip(cluster.asked_again, results, strict=True)
        if _hits(miss, result, wanted) and _is_better(connection, miss, result, version)
    ]
    if not hits or len(hits) < ANSWERED_SHARE * len(results):
        return ""
    return max(hits, key=hits.count)


def _is_published(connection: Connection, entry_id: str, drafted: int, version: int) -> bool:
    part = Part(Kind.ENTRY, entry_id)
    return drafts.get(connection, part) is None and _differs(connection, part, drafted, version)


def _hits(miss: Missed, result: Result, wanted: str) -> bool:
    """Answered at once; to be asked back about the wanted entry first is better than nothing, and
    not better than what was asked back or answered before."""
    if not result.matches or (wanted and result.matches[0].entry_id != wanted):
        return False
    enough = (Band.ANSWER, Band.ASK) if wanted and miss.kind in NOTHING_FOUND else (Band.ANSWER,)
    return result.band in enough


def _is_better(connection: Connection, miss: Missed, result: Result, version: int) -> bool:
    """The answer that did not do is not given again: another entry, or what was changed since."""
    if miss.kind not in DID_NOT_DO:
        return True
    entry_id = result.matches[0].entry_id
    if miss.given and entry_id != miss.given:
        return True
    return _differs(connection, Part(Kind.ENTRY, entry_id), miss.version, version)


def _differs(connection: Connection, part: Part, before: int, now: int) -> bool:
    then, newest = (versions.manifest_of(connection, each).get(part) for each in (before, now))
    return then != newest
