"""What the partner promises and does: one typed document, for one partner."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from knowledge.billing import Collections, Invoices, Payment, Prices, Subscriptions, Tax
from knowledge.handoff_rules import Handoff
from knowledge.hours import Hours
from knowledge.microsoft import Escalation, Microsoft
from knowledge.rules import broken, wrong
from knowledge.values import (
    Count,
    Currency,
    Email,
    Fact,
    Key,
    Language,
    Line,
    Many,
    Model,
    Price,
    Text,
    TextOrLine,
    Url,
    each_once,
)


def _known_locale(name: str) -> str:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise broken("no_locale", name=name) from None
    return name


LocaleName = Annotated[str, AfterValidator(_known_locale)]
ContactHours = Annotated[
    Annotated[Hours, Tag("hours")] | Annotated[Literal["always"], Tag("always")],
    Discriminator(lambda value: "hours" if isinstance(value, dict | Hours) else "always"),
]


class Portal(Model):
    url: Url
    name: Text


class Partner(Model):
    name: Text
    legal_name: Line
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    website: Url
    portal: Portal
    currency: Currency
    languages: Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(each_once)]
    locales: dict[Language, LocaleName] = {"en": "en_GB", "zh": "zh_Hans_CN"}
    currency_symbols: dict[Currency, Line] = {}

    @model_validator(mode="after")
    def _locales_speak_their_language(self) -> Self:
        for language, name in self.locales.items():
            if Locale.parse(name).language != language:
                said = broken("other_locale", name=name, language=language)
                raise wrong((("locales", language), said))
        return self


class Contact(Model):
    """A way to reach the partner; without hours of its own it keeps the support hours."""

    kind: Literal["chat", "email", "phone", "web", "teams", "post"]
    name: Text
    value: TextOrLine
    hours: ContactHours | None = None


class ResponseTime(Model):
    what: Text
    first_reply_hours: Count
    business_time: bool


class Plan(Model):
    name: Text
    price: Price
    per: Text | None = None
    includes: Text

    @model_validator(mode="after")
    def _a_price_is_per_something(self) -> Self:
        if self.price != "free" and self.per is None:
            raise wrong((("price",), broken("price_without_per")))
        return self


class Complaints(Model):
    email: Email
    reply_days: Count
    escalated_to: Text


class Support(Model):
    provider: Literal["own", "resold", "outsourced"]
    provider_name: Text
    provides: Annotated[Many[Text], Field(min_length=1)]
    excludes: Many[Text]
    hours: Hours
    contacts: Annotated[Many[Contact], Field(min_length=1)]
    response_times: Many[ResponseTime]
    plans: Annotated[Many[Plan], Field(min_length=1)]
    complaints: Complaints


class Product(Fact):
    name: Text
    direct_portal: Url
    billing: Text


class Role(Model):
    id: Key
    name: Text
    does: Text


class SupportPolicy(Model):
    """Compared by value, kept by identity: what is worked out from a policy is worked out once."""

    partner: Partner
    support: Support
    escalation: Escalation
    products: Annotated[dict[Key, Product], Field(min_length=1, max_length=200)]
    roles: Annotated[Many[Role], AfterValidator(each_once), Field(min_length=1)]
    payment: Payment
    collections: Collections
    invoices: Invoices
    tax: Tax
    prices: Prices
    subscriptions: Subscriptions
    microsoft: Microsoft
    handoff: Handoff

    __hash__ = object.__hash__

    def owner_for(self, topic: str) -> str:
        """The role that a new entry of the topic belongs to: whoever is asked about it."""
        asked, roles = self.handoff.role_for(topic), [role.id for role in self.roles]
        return asked if asked in roles else roles[0]

    def is_open(self, at: datetime) -> bool:
        return self.support.hours.is_open(at)

    def next_opening(self, at: datetime) -> datetime | None:
        return self.support.hours.next_opening(at)

    def closes_at(self, at: datetime) -> datetime | None:
        return self.support.hours.closes_at(at)

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        return self.support.hours.open_time(start, end)
