"""What the desk tells customers is true at any hour, and of a desk that nobody can see."""

from datetime import datetime
from pathlib import Path

import pytest

from knowledge.answers import Answers
from knowledge.files import load
from knowledge.messages import DESK_SAMPLE
from tests.handoff.office import MONDAY, SUNDAY

ANSWERS = Answers(load(Path("knowledge/content")))
NOBODY = {"en": "nobody is at the desk right now", "zh": "暂时没有同事在线"}
MONDAY_AT_NINE = {"en": "Monday, 23 November 2026, 09:00", "zh": "2026年11月23日"}


def said(message: str, language: str, now: datetime, **desk: int) -> str:
    return ANSWERS.say(message, language, now, {**DESK_SAMPLE, **desk})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("message", ["waiting", "already_waiting", "still_waiting"])
def test_nobody_is_there_is_said_only_where_it_is_known(message: str, language: str) -> None:
    for present in (-1, 0, 1):
        text = said(message, language, MONDAY, present=present)
        assert (NOBODY[language] in text) == (present == 0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "message", ["already_waiting", "still_waiting", "agent_away", "back_in_queue", "reopened"]
)
def test_outside_the_hours_it_says_when_somebody_is_back(message: str, language: str) -> None:
    assert MONDAY_AT_NINE[language] in said(message, language, SUNDAY)
    assert MONDAY_AT_NINE[language] not in said(message, language, MONDAY)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_how_long_the_way_back_is_open_is_the_policys(language: str) -> None:
    assert "24" in said("closed", language, MONDAY)


def test_who_ended_it_is_said() -> None:
    assert said("closed", "en", MONDAY).startswith("Mei has closed this conversation. ")
    ended = ANSWERS.say("closed", "en", MONDAY, {"agent": ""})
    assert ended.startswith("You have ended this conversation. ")
