"""What the partner promises and does: one typed document, for one partner."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag, model_validator

from knowledge.hours import Hours
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
    Money,
    Percent,
    Price,
    Text,
    TextOrLine,
    Url,
    first_repeated,
    wrong,
)


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuses a list in which an id, or a plain value, stands twice."""
    repeated = first_repeated(getattr(value, "id", value) for value in values)
    if repeated:
        raise wrong((repeated[0],), f"{repeated[1]} is there twice; keep one of them")
    return values


def _ascending(days: tuple[int, ...]) -> tuple[int, ...]:
    if list(days) != sorted(set(days)):
        raise ValueError("the days must rise from one to the next")
    return days


def _known_locale(name: str) -> str:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{name} is not a locale; write one such as en_GB") from None
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
    languages: Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(_each_once)]
    locales: dict[Language, LocaleName] = {"en": "en_GB", "zh": "zh_Hans_CN"}
    currency_symbols: dict[Currency, Line] = {}

    @model_validator(mode="after")
    def _locales_speak_their_language(self) -> Self:
        for language, name in self.locales.items():
            if Locale.parse(name).language != language:
                raise wrong(("locales", language), f"{name} is not a locale of {language}")
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
            raise wrong(("price",), "a price needs `per`: what it is paid for, such as a month")
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


class CommercialVehicle(Model):
    vehicle: Text
    open_to: Text


class TechnicalVehicle(Model):
    """A way to escalate to Microsoft; `ours` marks the one the partner has."""

    id: Key
    name: TextOrLine
    paid: bool
    ours: bool = False
    needs: Text | None = None


class Escalation(Fact):
    commercial: CommercialVehicle
    technical: Annotated[Many[TechnicalVehicle], AfterValidator(_each_once), Field(min_length=1)]
    update_every_hours: Count


class Product(Model):
    name: Text
    direct_portal: Url
    billing: Text


class Role(Model):
    id: Key
    name: Text
    does: Text


class PaymentMethod(Model):
    id: Key
    name: Text


class DirectDebit(Model):
    setup_days: Count
    notice_days: Count
    provider: Text


class Bank(Model):
    account_name: Line
    bank_name: TextOrLine
    account_number: Line
    swift: Annotated[str, StringConstraints(pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
    paynow_id: Line | None = None
    reference: Text


class PaymentPlan(Model):
    max_instalments: Count
    min_amount: Money
    decide_days: Count
    fee_percent: Percent


class PaymentDispute(Model):
    within_days: Count
    decide_days: Count


class Payment(Model):
    due_days: Count
    grace_days: Count
    methods: Annotated[Many[PaymentMethod], AfterValidator(_each_once), Field(min_length=1)]
    not_accepted: Text
    card_fee_percent: Percent
    card_retry_days: Annotated[Many[Count], AfterValidator(_ascending)]
    direct_debit: DirectDebit
    bank: Bank
    receipt_days: Count
    refund_days: Count
    refund_to: Text
    plan: PaymentPlan
    dispute: PaymentDispute


class Stage(Model):
    """What happens so many days after the due date."""

    day: Count
    id: Key
    does: Text


def _one_after_the_other(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    for number in range(1, len(stages)):
        if stages[number].day <= stages[number - 1].day:
            said = f"day {stages[number].day} must come after day {stages[number - 1].day}"
            raise wrong((number, "day"), said)
    return stages


class LateFee(Model):
    percent: Percent
    per: Text
    minimum: Money


class Suspension(Model):
    after_days: Count
    notice_days: Count
    billing_goes_on: bool


class Restore(Model):
    within_hours: Count
    fee: Price


class DataRetention(Fact):
    days: Count


class Collections(Model):
    reminder_days_before: Count
    stages: Annotated[
        Many[Stage],
        AfterValidator(_each_once),
        AfterValidator(_one_after_the_other),
        Field(min_length=1),
    ]
    late_fee: LateFee
    suspension: Suspension
    restore: Restore
    cancel_after_days: Count
    data_retention: DataRetention

    @model_validator(mode="after")
    def _stages_and_days_agree(self) -> Self:
        day_of = {stage.id: stage.day for stage in self.stages}
        if day_of.get("suspend", self.suspension.after_days) != self.suspension.after_days:
            said = f"the stage suspend is on day {day_of['suspend']}; write the same day here"
            raise wrong(("suspension", "after_days"), said)
        if day_of.get("cancel", self.cancel_after_days) != self.cancel_after_days:
            said = f"the stage cancel is on day {day_of['cancel']}; write the same day here"
            raise wrong(("cancel_after_days",), said)
        return self


class Invoices(Model):
    issued_day: Annotated[int, Field(ge=1, le=28)]
    sent_by: Text
    formats: Many[Line]
    kept_years: Count
    correction_days: Count
    recipients_max: Count
    statement_days: Count
    currencies: Annotated[Many[Currency], AfterValidator(_each_once), Field(min_length=1)]


class Tax(Fact):
    name: TextOrLine
    rate_percent: Percent
    registration: Line
    exemption: Text
    exemption_days: Count


class ServiceFee(Model):
    name: Text
    price: Price


class Prices(Model):
    change_notice_days: Count
    discounts: Many[Text]
    programmes: Text
    programme_check_days: Count
    service_fees: Many[ServiceFee]
    dispute_reversal_fee: Money


class Subscriptions(Model):
    order_hours: Count
    renewal_notice_days: Count
    transfer_days: Count
    closing_days: Count


class Cancellation(Fact):
    window_days: Count
    rule: Text


class Seats(Fact):
    reduce_within_days: Count


class Terms(Fact):
    lengths: Annotated[Many[Text], Field(min_length=1)]


class PerpetualSoftware(Fact):
    refund_days: Count


class Marketplace(Fact):
    refund_hours: Count


class SubscriptionEnd(Fact):
    expired_days: Count
    disabled_days: Count
    deleted_after_days: Count


class AzureReservations(Fact):
    years: Annotated[Many[Count], AfterValidator(_ascending), Field(min_length=1)]
    refund_limit: Money
    refund_limit_months: Count


class Microsoft(Model):
    """Facts that are Microsoft's, each with where and when it was read."""

    cancellation: Cancellation
    seats: Seats
    terms: Terms
    perpetual_software: PerpetualSoftware
    marketplace: Marketplace
    subscription_end: SubscriptionEnd
    azure_reservations: AzureReservations
    azure_usage: Fact


class Handoff(Model):
    contact_check: Text


class SupportPolicy(Model):
    """Compared by value, kept by identity: what is worked out from a policy is worked out once."""

    partner: Partner
    support: Support
    escalation: Escalation
    products: Annotated[dict[Key, Product], Field(min_length=1, max_length=200)]
    roles: Annotated[Many[Role], AfterValidator(_each_once), Field(min_length=1)]
    payment: Payment
    collections: Collections
    invoices: Invoices
    tax: Tax
    prices: Prices
    subscriptions: Subscriptions
    microsoft: Microsoft
    handoff: Handoff

    __hash__ = object.__hash__

    def is_open(self, at: datetime) -> bool:
        return self.support.hours.is_open(at)

    def next_opening(self, at: datetime) -> datetime | None:
        return self.support.hours.next_opening(at)

    def closes_at(self, at: datetime) -> datetime | None:
        return self.support.hours.closes_at(at)
