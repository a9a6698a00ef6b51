"""The kinds of value a policy is made of: text per language, money, days, addresses."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
)

from knowledge.rules import broken, wrong

T = TypeVar("T")

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def each_once(values: tuple[T, ...]) -> tuple[T, ...]:
    """Refuses a list in which an id, or a plain value, stands twice."""
    seen: list[object] = []
    for position, value in enumerate(values):
        name = getattr(value, "id", value)
        if name in seen:
            raise wrong(((position,), broken("twice", name=name)))
        seen.append(name)
    return values


def ascending(days: tuple[int, ...]) -> tuple[int, ...]:
    if list(days) != sorted(set(days)):
        raise broken("not_rising")
    return days


def _in_every_language(text: object, info: ValidationInfo) -> object:
    if not isinstance(text, dict):
        raise broken("not_by_language")
    languages = (info.context or {}).get("languages", LANGUAGES)
    for language in text:
        if language not in languages:
            raise wrong(((language,), broken("not_spoken", name=language)))
    if missing := [each for each in languages if each not in text]:
        raise wrong(*(((), broken("text_missing", language=each)) for each in missing))
    return text


def _iso(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise broken("no_date", text=value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise broken("no_such_day", text=value) from None


_time_zones = cache(available_timezones)  # each call would read a directory tree
_currencies = cache(list_currencies)


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise broken("no_time_zone", name=name)
    return name


def _known_currency(code: str) -> str:
    if code not in _currencies():
        raise broken("no_currency", name=code)
    return code


Line = Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]
Text = Annotated[dict[str, Line], BeforeValidator(_in_every_language)]
"""What customers read, per language; every language of partner.languages is there."""

TextOrLine = Annotated[
    Annotated[Text, Tag("languages")] | Annotated[Line, Tag("line")],
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "line"),
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Many = Annotated[tuple[T, ...], Field(max_length=200)]
Day = Annotated[date, BeforeValidator(_iso)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Url = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9._~:/?#@!$&'+,;=%-]+$")]
Email = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]


class Money(Model):
    amount: Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=4)]
    currency: Currency


def _price_kind(value: Any) -> str:
    return "money" if isinstance(value, dict | Money) else "free"


Price = Annotated[
    Annotated[Money, Tag("money")] | Annotated[Literal["free"], Tag("free")],
    Discriminator(_price_kind),
]


class Fact(Model):
    """A fact that is somebody else's, so an editor can look it up and see how old it is."""

    source: Line
    as_of: Day
