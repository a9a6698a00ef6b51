"""What the assistant says besides the answers: templates that editors can change."""

from collections.abc import Mapping

from knowledge.entry import Id
from knowledge.values import Key, Many, Model, Text

NEEDED = (
    *("welcome", "did_you_mean", "none_of_these", "no_match", "offer", "no_thanks"),
    *("offer_declined", "already_waiting", "rated_positive", "rated_negative", "helpful"),
    *("not_helpful", "card_removed", "too_long", "only_text", "language_changed"),
    *("failed", "contacts"),
    *("waiting", "waiting_closed", "contact_kept", "contact_wrong", "joined", "passed_on"),
    *("back_in_queue", "next_in_queue", "still_waiting", "agent_away", "escalated", "closed"),
    *("back_to_bot", "reopened", "leave_queue", "left_queue", "stay_quiet", "quiet", "expired"),
    *("rate_help", "rated_help", "comment", "send"),
)
"""What the dialogs and the desk say; `none_of_these`, `no_thanks`, `leave_queue` and `stay_quiet`
are buttons: a press sends their text."""

DESK_SAMPLE: Mapping[str, str | int] = {
    "agent": "Mei",
    "contact": "ann@example.com",
    "minutes": 4,
    "place": 2,
    "present": 1,
    "reference": "MS-1234",
    "vehicle": "Premier",
}
"""What `desk` holds in a message, as `check` fills it: which of it there is depends on what is
told; `minutes` is 0 when nobody can say, `present` counts the agents who are there, and is -1 when
nobody can say."""


class Messages(Model):
    """`common_questions` are entries that the greeting offers; `messages` are texts by name."""

    common_questions: Many[Id] = ()
    messages: Mapping[Key, Text] = {}

    def missing(self) -> list[str]:
        return [name for name in NEEDED if name not in self.messages]
