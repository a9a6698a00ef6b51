"""The published version in memory. Publishing swaps one attribute; a turn reads it once."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from knowledge.answers import Answers
from knowledge.entry import KnowledgeError, Problem
from knowledge.files import MESSAGES, Content
from knowledge.matcher import Result
from knowledge.matching import Matching
from knowledge.policy import SupportPolicy
from knowledge.text import normalise

REMEMBERED = 20_000

Found = asyncio.Future[Result]


class Knowledge:
    """One immutable version: its entries, its messages, and the matcher made from them."""

    def __init__(self, version: int, content: Content, matching: Matching) -> None:
        """Raises KnowledgeError when the dialogs would miss a message."""
        if missing := content.messages.missing():
            said = f"the messages {', '.join(missing)} are missing; add them"
            raise KnowledgeError([Problem(MESSAGES, 1, said)])
        self.version = version
        self.content = content
        self._entries = {entry.id: entry for entry in content.entries}
        self._answers = Answers(content)
        self.matching = matching
        self._questions = Questions(matching)
        self._apologies = dict(self._made_apologies())

    async def warm(self, earlier: "Knowledge | None" = None) -> None:
        """What the first customer would wait for: the encoder's weights are read, and templates
        compiled that the earlier version had not."""
        await self.match(["hello"])
        known = earlier._answers.templates() if earlier else ()
        await asyncio.to_thread(self._answers.compile, known)

    def has(self, entry_id: str) -> bool:
        return entry_id in self._entries

    def title(self, entry_id: str, language: str) -> str:
        return self._entries[entry_id].title(language)

    def topic(self, entry_id: str) -> str:
        return self._entries[entry_id].topic

    def follow_ups(self, entry_id: str) -> tuple[str, ...]:
        return self._entries[entry_id].follow_ups

    def needs_account(self, entry_id: str) -> bool:
        return self._entries[entry_id].needs_account

    def takes_over(self, entry_id: str) -> bool:
        """Whether a person is called after its answer, by the policy's rule."""
        return entry_id in self.policy.handoff.take_over

    def common_questions(self) -> tuple[str, ...]:
        return self.content.messages.common_questions

    def apology(self, language: str) -> str:
        """Made when the version was loaded: it must not fail when everything else does."""
        return self._apologies[self._spoken(language)]

    def partner(self, language: str) -> str:
        return self.content.policy.partner.name[self._spoken(language)]

    def _spoken(self, language: str) -> str:
        """The language, or the partner's first where the partner does not speak it."""
        spoken = self.content.policy.partner.languages
        return language if language in spoken else spoken[0]

    def answer(self, entry_id: str, language: str, now: datetime) -> str:
        return self._answers.answer(entry_id, language, now)

    def _made_apologies(self) -> Iterator[tuple[str, str]]:
        at = datetime.now(UTC)
        for language in self.content.policy.partner.languages:
            parts = (self.say(name, language, at) for name in ("failed", "contacts"))
            yield language, "\n\n".join(parts)

    @property
    def policy(self) -> SupportPolicy:
        return self.content.policy

    def say(self, message: str, language: str, now: datetime, **desk: str | int) -> str:
        """`desk` is what the desk tells with it, such as the agent's name."""
        return self._answers.say(message, language, now, desk or None)

    async def match(self, questions: Sequence[str]) -> list[Result]:
        return await self._questions.match(questions)


class Questions:
    """Questions that wait together go as one batch, which costs a third of them one by one; what a
    question was matched to is remembered."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching
        self._known: dict[str, Result] = {}
        self._waiting: dict[str, tuple[str, Found]] = {}
        self._worker: asyncio.Task[None] | None = None

    async def match(self, questions: Sequence[str]) -> list[Result]:
        found = [self._find(question) for question in questions]
        if all(each.done() for each in found):
            return [each.result() for each in found]
        return await asyncio.gather(*map(asyncio.shield, found))  # another turn may wait for it

    def _find(self, question: str) -> Found:
        key = normalise(question)
        if key in self._waiting:
            return self._waiting[key][1]
        found: Found = asyncio.get_running_loop().create_future()
        if known := self._known.get(key):
            found.set_result(known)
            return found
        self._waiting[key] = (question, found)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return found

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            asked = [question for question, _ in batch.values()]
            try:
                results = await self._matching.match(asked)
            except Exception as error:
                for _, found in batch.values():
                    found.set_exception(error)
                continue
            for (key, (_, found)), result in zip(batch.items(), results, strict=True):
                self._remember(key, result)
                found.set_result(result)

    def _remember(self, key: str, result: Result) -> None:
        if len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[key] = result


class Live:
    """Where every turn finds the version in force."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
