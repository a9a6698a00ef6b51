"""What the assistant says besides the answers: templates that editors can change."""

from collections.abc import Mapping

from knowledge.entry import Id
from knowledge.values import Key, Many, Model, Text


class Messages(Model):
    """`common_questions` are entries that the greeting offers; `messages` are texts by name."""

    common_questions: Many[Id] = ()
    messages: Mapping[Key, Text] = {}
