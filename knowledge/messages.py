"""What the assistant says besides the answers: templates that editors can change."""

from collections.abc import Mapping

from knowledge.entry import Id
from knowledge.values import Key, Many, Model, Text

NEEDED = (
    *("welcome", "did_you_mean", "none_of_these", "no_match", "offer", "no_thanks"),
    *("offer_declined", "already_waiting", "rated_positive", "rated_negative", "helpful"),
    *("not_helpful", "card_removed", "too_long", "only_text", "language_changed"),
    *("failed", "contacts"),
)
"""What the dialogs say; `none_of_these` and `no_thanks` are buttons: a press sends their text."""


class Messages(Model):
    """`common_questions` are entries that the greeting offers; `messages` are texts by name."""

    common_questions: Many[Id] = ()
    messages: Mapping[Key, Text] = {}

    def missing(self) -> list[str]:
        return [name for name in NEEDED if name not in self.messages]
