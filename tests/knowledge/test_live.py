"""Questions that wait together are matched together, and no turn depends on another's end."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from threading import Event
from typing import cast

from knowledge.confidence import Thresholds
from knowledge.live import Questions
from knowledge.matcher import Band, Matcher, Result
from knowledge.matching import InThread


class Held:
    """Finds nothing, and not before it may."""

    thresholds = Thresholds(1.0, 1.0, 1.0)

    def __init__(self) -> None:
        self.began, self.may = Event(), Event()
        self.asked: list[list[str]] = []

    def match(self, questions: Sequence[str]) -> list[Result]:
        self.asked.append(list(questions))
        self.began.set()
        self.may.wait()
        return [Result(question, (), Band.NONE) for question in questions]


async def test_a_turn_that_is_given_up_does_not_take_along_those_of_its_batch() -> None:
    matcher = Held()
    questions = Questions(InThread(cast(Matcher, matcher)))
    first = asyncio.create_task(questions.match(["first"]))
    await asyncio.to_thread(matcher.began.wait)
    given_up = asyncio.create_task(questions.match(["same"]))
    others = [asyncio.create_task(questions.match([text])) for text in ("same", "other")]
    await asyncio.sleep(0)
    given_up.cancel()
    with suppress(asyncio.CancelledError):
        await given_up
    matcher.may.set()
    assert [(await each)[0].question for each in (first, *others)] == ["first", "same", "other"]
    assert matcher.asked == [["first"], ["same", "other"]]
