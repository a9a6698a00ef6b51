"""An answer as a channel would show it, for those who write it."""

from collections.abc import Mapping, Sequence

from bot.replies import Activity, to_activities
from dialogs.faq import CANDIDATES
from dialogs.person import TALK_TO_HUMAN
from dialogs.turn import Reply
from knowledge.entry import CHITCHAT, Entry


def preview(
    entry: Entry,
    text: str,
    titles: Mapping[str, str],
    channel: str,
    language: str,
    bot_name: str,
    words: Mapping[str, str],
) -> Activity:
    """`text` is the rendered answer; `titles` are those of the entries that there are."""
    shown: Sequence[str] = entry.follow_ups
    if entry.needs_account:
        shown = [TALK_TO_HUMAN, *(each for each in shown if each != TALK_TO_HUMAN)]
    buttons = tuple(titles[each] for each in shown if each in titles)[:CANDIDATES]
    rated = None if entry.topic == CHITCHAT else entry.id
    reply = Reply(text, buttons, entry_id=rated)
    [activity] = to_activities((reply,), channel, language, bot_name, words)
    return dict(activity.body)
