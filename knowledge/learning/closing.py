"""Whether what is in force answers a group of questions: better than when they were missed. And
whether anybody still writes an answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial

from knowledge import drafts, versions
from knowledge.learning import unanswered
from knowledge.learning.missed import Miss, Missed
from knowledge.learning.unanswered import Cluster, State
from knowledge.matcher import Band, Result
from knowledge.parts import Kind, Part
from knowledge.versions import NOBODY
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
    manifest = cache(partial(versions.manifest_of, connection))

    def differs(entry_id: str, before: int) -> bool:
        then, now = (manifest(each).get(Part(Kind.ENTRY, entry_id)) for each in (before, version))
        return then != now

    wanted = cluster.entry_id if cluster.state is State.DRAFTED else ""
    if wanted and (
        drafts.get(connection, Part(Kind.ENTRY, wanted))
        or not differs(wanted, cluster.drafted_version or 0)
    ):
        return ""
    hits = [
        result.matches[0].entry_id
        for miss, result in zip(cluster.asked_again, results, strict=True)
        if _hits(miss, result, wanted) and _is_better(miss, result, differs)
    ]
    if not hits or len(hits) < ANSWERED_SHARE * len(results):
        return ""
    return max(hits, key=hits.count)


def reopen(connection: Connection, version: int, now: datetime) -> None:
    """What was asked of this version and waits for a draft that there is no more: it was discarded,
    or is published and no answer. Nothing while a newer version has not been asked."""
    if versions.head(connection).version != version:
        return
    left = connection.execute(
        "SELECT id FROM missed_clusters c WHERE state = 'drafted' AND NOT EXISTS (SELECT 1 FROM"
        " drafts d WHERE d.kind = 'entry' AND d.id = c.entry_id AND d.state = 'open')"
    )
    for row in left:
        unanswered.set_state(connection, row["id"], State.OPEN, NOBODY, now)


def _hits(miss: Missed, result: Result, wanted: str) -> bool:
    """Answered at once; to be asked back about the wanted entry first is better than nothing, and
    not better than what was asked back or answered before."""
    if not result.matches or (wanted and result.matches[0].entry_id != wanted):
        return False
    enough = (Band.ANSWER, Band.ASK) if wanted and miss.kind in NOTHING_FOUND else (Band.ANSWER,)
    return result.band in enough


def _is_better(miss: Missed, result: Result, differs: Callable[[str, int], bool]) -> bool:
    """The answer that did not do is not given again: another entry, or what was changed since."""
    if miss.kind not in DID_NOT_DO:
        return True
    entry_id = result.matches[0].entry_id
    if miss.given and entry_id != miss.given:
        return True
    return differs(entry_id, miss.version)
