"""Ways in which a cart can be sent, as shoppers read them and carts keep the one that they chose."""

from typing import Literal

from pydantic import Field

from commerce.customers.model import PostalAddress
from commerce.kernel.money import Money
from commerce.kernel.schema import Input, Instant, Output
from commerce.shipping.days import Clock, Date, Day, Weekday

Kind = Literal["delivery", "pickup", "carrier"]


class OpeningHours(Input):
    """When a pickup point is open; a day may stand more than once."""

    weekday: Weekday = Field(description="Monday is 1, Sunday 7.")
    opens: Clock
    closes: Clock


class PickupPoint(Output):
    """A place of the shop's own where shoppers fetch their goods."""

    address: PostalAddress
    opening_hours: list[OpeningHours] = Field([], description="None: it is open on the calendar's delivery days.")
    closed_days: list[Day] = Field([], description="Days on which it is closed all the same.")
    instructions: str = Field("", description="What shoppers should bring or know.")
    location: str | None = Field(
        None, description="The stock location that goods are fetched from; null: they may come from any."
    )


class PricePart(Output):
    """One part of a price; together they are the price."""

    source: Literal["prices", "table", "carrier", "surcharge", "free_over"]
    title: str
    amount: Money


class DeliveryPromise(Output):
    """The first and the last day on which goods arrive, or lie ready."""

    earliest: Date
    latest: Date


class CarrierPoint(Output):
    """A carrier's pickup point, as the carrier names it."""

    id: str
    name: str
    line1: str
    city: str
    postal_code: str
    country: str
    metres: int | None = Field(None, description="From the address.")


class CarrierOffer(Output):
    """What a carrier asked for one parcel, at one moment: never changed, and good until then.

    :ivar amount: minor units of the currency that was asked for.
    """

    id: str
    method_id: str
    title: str
    service: str
    amount: int
    currency: str
    days: int | None = None
    valid_until: Instant
    point: CarrierPoint | None = None


class ShippingOption(Output):
    """A shipping method, or an offer of a carrier, as one cart can choose it."""

    id: str
    title: str
    price: Money
    kind: Kind = "delivery"
    method_id: str = ""
    promise: DeliveryPromise | None = Field(None, description="When the goods arrive; null: no day is promised.")
    guaranteed: bool = Field(default=False, description="Whether a later day than the promised one must be agreed to.")
    estimated: bool = Field(default=False, description="Whether the price waits for the address; this is the lowest.")
    parts: tuple[PricePart, ...] = Field((), description="What the price is made of.")
    pickup: PickupPoint | None = None
    point: CarrierPoint | None = None
    valid_until: Instant | None = Field(None, description="How long a carrier's offer can be ordered.")


class ShippingChoice(Output):
    """What a shopper was told when they chose: the day that was promised, the offer that was made."""

    promise: DeliveryPromise | None = None
    offer: CarrierOffer | None = None
