"""What the guides for editors say of the matcher is what the matcher does."""

import re
from functools import cache
from pathlib import Path

import pytest

from bot import terminal
from config import Settings
from knowledge.building import Builder
from knowledge.encoder import Encoder, load_encoder
from knowledge.live import Knowledge
from knowledge.matcher import Band, Matcher
from knowledge.matching import InThread
from knowledge.neighbours import others_win
from tests.docs.examples import GUIDES, Example, examples
from tests.knowledge.samples import shipped
from tests.product import CACHE, MONDAY_MORNING, matcher_once

EXAMPLES = [example for guide in GUIDES for example in examples(guide)]
BANDS = {"answer": "answer", "ask": "did you mean", "none": "no match"}
READ_AS = re.compile(r" \(read as: (.+)\)$")
WRONG = re.compile(r"at most (\d+) % wrong")


@cache
def encoder() -> Encoder | None:
    return load_encoder("default")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what was fitted is kept from one example to the next."""
    return tmp_path_factory.mktemp("cache")


def matcher_of(example: Example, folder: Path) -> Matcher:
    if example.content is shipped():
        return matcher_once(shipped(), Settings(cache=CACHE, dev=True))
    wrong = WRONG.search(example.kind)
    builder = Builder(encoder(), folder, int(wrong[1]) / 100 if wrong else 0.02)
    return builder.build(example.content.basis)


def of_kind(kind: str) -> list[Example]:
    return [example for example in EXAMPLES if example.kind.split()[0] == kind]


@pytest.mark.parametrize("example", of_kind("match"), ids=str)
def test_a_question_finds_what_the_guide_says(example: Example, folder: Path) -> None:
    matcher = matcher_of(example, folder)
    assert tuple(found(matcher, line) for line in example.lines) == example.lines


def found(matcher: Matcher, line: str) -> str:
    """The line as it should stand."""
    asked, _, said = line.partition(" -> ")
    question = READ_AS.sub("", asked)
    (result,) = matcher.match([question])
    if READ_AS.search(asked):
        asked = f"{question} (read as: {result.question})"
    names_entry = result.band is Band.ANSWER or "(" in said
    band = BANDS[result.band]
    return f"{asked} -> " + (f"{result.matches[0].entry_id} ({band})" if names_entry else band)


@pytest.mark.parametrize("example", of_kind("talk"), ids=str)
async def test_a_conversation_goes_as_the_guide_says(example: Example, folder: Path) -> None:
    knowledge = Knowledge(1, example.content, InThread(matcher_of(example, folder)))
    said = [line.removeprefix("> ") for line in example.lines if line.startswith("> ")]
    heard = [text async for text in terminal.chat(knowledge, said, lambda: MONDAY_MORNING)]
    told = [line for text in heard[1:] for line in text.splitlines()]
    assert [line for line in example.lines if not line.startswith("> ")] == told


@pytest.mark.parametrize("example", of_kind("check"), ids=str)
def test_a_check_finds_what_the_guide_says(example: Example, folder: Path) -> None:
    matcher = matcher_of(example, folder)
    assert tuple(checked(example, matcher, line) for line in example.lines) == example.lines


def checked(example: Example, matcher: Matcher, line: str) -> str:
    """What the editor is told when the question is added to the entry that stands before it."""
    added, _, _ = line.partition(" -> ")
    entry_id, _, question = added.partition(" + ")
    told = others_win(entry_id, [("questions.en.0", question)], matcher.match([question]))
    winners = [each.other for each in told]
    return f"{added} -> " + (f"{winners[0]} answers this now" if winners else "nothing to mend")


def test_no_example_is_left_out() -> None:
    assert {example.kind.split()[0] for example in EXAMPLES} == {"match", "talk", "check"}


def test_the_guides_give_the_same_advice_in_both_languages() -> None:
    english, chinese = ({(e.section, e.kind) for e in EXAMPLES if e.guide == g} for g in GUIDES)
    assert english == chinese
