"""How the partner bills: payment, collections, invoices, tax and prices."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from knowledge.rules import broken, wrong
from knowledge.values import (
    Count,
    Currency,
    Fact,
    Key,
    Line,
    Many,
    Model,
    Money,
    Percent,
    Price,
    Text,
    TextOrLine,
    ascending,
    each_once,
)


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
    methods: Annotated[Many[PaymentMethod], AfterValidator(each_once), Field(min_length=1)]
    not_accepted: Text
    card_fee_percent: Percent
    card_retry_days: Annotated[Many[Count], AfterValidator(ascending)]
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
    for number, (before, stage) in enumerate(pairwise(stages), 1):
        if stage.day <= before.day:
            said = broken("stage_order", day=stage.day, before=before.day)
            raise wrong(((number, "day"), said))
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
        AfterValidator(each_once),
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
        days: tuple[tuple[str, tuple[str, ...], int], ...] = (
            ("suspend", ("suspension", "after_days"), self.suspension.after_days),
            ("cancel", ("cancel_after_days",), self.cancel_after_days),
        )
        for stage, place, day in days:
            if (there := day_of.get(stage, day)) != day:
                raise wrong((place, broken("stage_day", stage=stage, day=there)))
        return self


class Invoices(Model):
    issued_day: Annotated[int, Field(ge=1, le=28)]
    sent_by: Text
    formats: Many[Line]
    kept_years: Count
    correction_days: Count
    recipients_max: Count
    statement_days: Count
    currencies: Annotated[Many[Currency], AfterValidator(each_once), Field(min_length=1)]


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
