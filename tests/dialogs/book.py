"""A knowledge base that says its own names, and a customer's turn on plain values."""

from dataclasses import replace
from datetime import UTC, datetime

from dialogs import conversation, reading
from dialogs.turn import Outcome, State, Turn
from knowledge.matcher import Band, Match, Result

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Book:
    """Three answers and messages that say their own names."""

    version = 7
    topics = {
        "payment-due": "collections",
        "azure-support": "support",
        "invoice-copy": "invoices",
        "complaint": "support",
        "thanks": "conversation",
        "talk-to-human": "conversation",
    }

    def has(self, entry_id: str) -> bool:
        return entry_id in self.topics

    def title(self, entry_id: str, language: str) -> str:
        return f"{entry_id}?" if language == "en" else f"{entry_id}吗"

    def topic(self, entry_id: str) -> str:
        return self.topics[entry_id]

    def follow_ups(self, entry_id: str) -> tuple[str, ...]:
        return ("invoice-copy", "gone") if entry_id == "payment-due" else ()

    def needs_account(self, entry_id: str) -> bool:
        return entry_id == "invoice-copy"

    def takes_over(self, entry_id: str) -> bool:
        return entry_id == "complaint"

    def common_questions(self) -> tuple[str, ...]:
        return ("payment-due", "gone")

    def answer(self, entry_id: str, language: str, now: datetime) -> str:
        return f"answer {entry_id} {language}"

    def say(self, message: str, language: str, now: datetime, **desk: str | int) -> str:
        texts = {
            ("leave_queue", "en"): "Stop waiting",
            ("stay_quiet", "en"): "Only a person, please",
            ("none_of_these", "en"): "None of these",
            ("none_of_these", "zh"): "都不是",
            ("no_thanks", "en"): "No, thanks",
        }
        return texts.get((message, language), f"<{message} {language}>")


def turn(text: str, state: State | None = None, language: str = "en", **more: object) -> Turn:
    made = Turn(text, language, state or State(), NOW, Book())
    return replace(made, **more)  # type: ignore[arg-type]


def found(band: Band, *entries: str, confidence: float = 0.95) -> Result:
    matches = tuple(
        Match(entry, confidence / (i + 1), 0.5, entry) for i, entry in enumerate(entries)
    )
    return Result("", matches, band)


NOTHING = found(Band.NONE, "payment-due", confidence=0.1)


def play(asked: Turn, **results: Result) -> Outcome:
    """Respond with these results by question (`_` for every other)."""
    every = results.pop("_", NOTHING)
    known = {name.replace("_", " "): result for name, result in results.items()}
    return conversation.respond(asked, {q: known.get(q, every) for q in reading.questions(asked)})
