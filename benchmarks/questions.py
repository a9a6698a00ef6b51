"""Labelled questions: read, drawn to learn from, multiplied, misspelt."""

import csv
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHARACTERS_A_TYPO = 20
TRIES = 5  # made up for each row that is wanted


@dataclass(frozen=True)
class Row:
    text: str
    category: str


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [Row(row["text"], row["category"]) for row in csv.DictReader(file)]


def draw(rows: Sequence[Row], shots: int | None, seed: int) -> tuple[list[Row], list[Row]]:
    """So many phrasings of each category and all that is out of scope; and the rest."""
    if shots is None:
        return list(rows), []
    dice = random.Random(seed)
    numbers: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        numbers.setdefault(row.category, []).append(number)
    taken = set(numbers.pop("", []))
    for category in sorted(numbers):
        taken |= set(dice.sample(numbers[category], min(shots, len(numbers[category]))))
    rest = [row for number, row in enumerate(rows) if number not in taken]
    return [rows[number] for number in sorted(taken)], rest


def padded(rows: Sequence[Row], count: int, dice: random.Random) -> list[Row]:
    """So many different rows: the beginning of one phrasing and the end of another of its category.

    Fewer where so few phrasings do not make as many.
    """
    by_category: dict[str, list[list[str]]] = {}
    for row in rows:
        by_category.setdefault(row.category, []).append(row.text.split())
    made = dict.fromkeys(rows)
    for _ in range(TRIES * count):
        if len(made) >= count:
            break
        category = dice.choice(rows).category
        first, last = dice.choices(by_category[category], k=2)
        text = " ".join(first[: len(first) // 2] + last[len(last) // 2 :])
        made[Row(text, category)] = None
    return list(made)


def named(rows: Sequence[Row]) -> list[Row]:
    """What each category is called, as one who asks."""
    categories = sorted({row.category for row in rows} - {""})
    return [Row(" ".join(re.findall("[a-z0-9]+", name.lower())), name) for name in categories]


def with_typos(text: str, dice: random.Random) -> str:
    """One letter in twenty is dropped, doubled, replaced or changes places with the next."""
    letters = list(text)
    for _ in range(max(1, round(len(text) / CHARACTERS_A_TYPO))):
        at = dice.randrange(max(len(letters) - 1, 1))
        match dice.randrange(4):
            case 0 if len(letters) > 2:
                del letters[at]
            case 1:
                letters.insert(at, letters[at])
            case 2:
                letters[at] = dice.choice("abcdefghijklmnopqrstuvwxyz")
            case _:
                letters[at : at + 2] = reversed(letters[at : at + 2])
    return "".join(letters)
