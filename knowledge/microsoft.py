"""What is Microsoft's: its rules for customers, and the ways a partner reaches it."""

from typing import Annotated

from pydantic import AfterValidator, Field

from knowledge.values import (
    Count,
    Fact,
    Key,
    Many,
    Model,
    Money,
    Text,
    TextOrLine,
    ascending,
    each_once,
)


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
    technical: Annotated[Many[TechnicalVehicle], AfterValidator(each_once), Field(min_length=1)]
    update_every_hours: Count


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
    years: Annotated[Many[Count], AfterValidator(ascending), Field(min_length=1)]
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
