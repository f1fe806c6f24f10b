"""An order, and the ways it may go. Pure: no I/O, no clock.

`status` is monotone: pending -> placed | expired | canceled, and placed -> canceled. Nothing leaves a terminal state.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from commerce.customers.model import PostalAddress
from commerce.giftcards.parts import CardPart
from commerce.kernel.errors import Conflict, Fault
from commerce.kernel.money import Money
from commerce.kernel.rounding import Rounding
from commerce.kernel.schema import Instant, Output
from commerce.payments.model import PaymentStatus
from commerce.pricing.model import ExchangedPrice, Totals, TriedPromotion
from commerce.promotions.uses import Uses
from commerce.taxes.schemas import TaxedLine, TaxIdCheck


class OrderStatus(StrEnum):
    PENDING = "pending"
    PLACED = "placed"
    EXPIRED = "expired"
    CANCELED = "canceled"


MAY_BECOME: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PLACED, OrderStatus.EXPIRED, OrderStatus.CANCELED}),
    OrderStatus.PLACED: frozenset({OrderStatus.CANCELED}),
    OrderStatus.EXPIRED: frozenset(),
    OrderStatus.CANCELED: frozenset(),
}


class FulfillmentStatus(StrEnum):
    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    RETURNED = "returned"


class NotAllowedNow(Conflict):
    """The order's state does not admit this."""

    code = "orders.not_allowed_now"
    title = "The order's state does not allow this"


class NothingToDispatch(Conflict):
    code = "orders.nothing_to_dispatch"
    title = "More than what is left to dispatch"


class OrderLine(Output, extra="ignore"):
    """What was bought, with its price frozen.

    :ivar quantity: all pieces, those that promotions gave among them.
    :ivar total: before promotions.
    """

    sku: str
    product_id: str
    title: str
    variant_title: str
    options: dict[str, str]
    image: str | None
    quantity: int = Field(ge=1)
    gift_quantity: int = 0
    unit_price: Money
    price_source: str = "catalog.price"
    compare_at: Money | None = None
    lowest_price_30_days: Money | None = None
    exchange: ExchangedPrice | None = None
    total: Money
    discount: Money | None = None
    restated: Money | None = None
    tax: TaxedLine | None = None


class Allocated(Output, extra="ignore"):
    """Which location a line's units come from, and which shard of its level; 0: the only one, or the first."""

    sku: str
    location: str
    quantity: int = Field(ge=1)
    shard: int = Field(0, ge=0)


class AllocatedBy(Output, extra="ignore"):
    """Why its units come from where they come from."""

    strategy: str = Field(description="The rule by which locations were chosen.")
    because: tuple[str, ...] = Field(description="A sentence for each location that was chosen or passed over.")


class ChosenShipping(Output, extra="ignore"):
    """The shipping method as it was chosen."""

    id: str
    title: str
    price: Money


class CancelRequest(Output, extra="ignore"):
    """Staff asked to cancel while the payment was in flight."""

    reason: str
    by: str
    at: Instant


class Order(Output, extra="ignore"):
    """The small part that changes. What never changes stands in `OrderDetails`."""

    id: str
    number: str
    cart_id: str
    status: OrderStatus
    payment_status: PaymentStatus
    fulfillment_status: FulfillmentStatus = FulfillmentStatus.UNFULFILLED
    email: str
    totals: Totals
    item_count: int
    created_at: Instant
    hold_expires_at: Instant
    placed_at: Instant | None = None
    closed_at: Instant | None = None
    attention_at: Instant | None = None
    cancel_request: CancelRequest | None = None
    limit_keys: tuple[str, ...] = ()
    token_epoch: int = 1
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Tell whether the order may still be paid."""
        return self.status is OrderStatus.PENDING

    @property
    def is_over(self) -> bool:
        """Tell whether the order ended without a sale: whatever money it has left is the shopper's."""
        return self.status in {OrderStatus.EXPIRED, OrderStatus.CANCELED}

    def became(self, status: OrderStatus, *, now: datetime) -> Self:
        """Return the order in another status.

        :raises NotAllowedNow: when the present status does not lead there.
        """
        if status not in MAY_BECOME[self.status]:
            detail = f"The order is {self.status}; it cannot become {status}."
            raise NotAllowedNow(detail)
        moment = "placed_at" if status is OrderStatus.PLACED else "closed_at"
        return self.model_copy(update={"status": status, moment: now})


class OrderDetails(Output, extra="ignore"):
    """What was agreed at checkout; it never changes.

    :ivar promotion_uses: what it used up of promotions' limits, for when it is given back.
    :ivar tax_id_check: what justified that a business was charged no tax.
    :ivar tax_calculation_id: Stripe Tax's, where it computed the taxes.
    :ivar rounding_mode: the shop's when the order was made; whatever is computed of its amounts later uses it.
    """

    lines: tuple[OrderLine, ...]
    allocations: tuple[Allocated, ...]
    allocated_by: AllocatedBy | None = None
    shipping: ChosenShipping | None
    shipping_tax: TaxedLine | None = None
    tax_id: str | None = None
    tax_id_check: TaxIdCheck | None = None
    tax_calculation_id: str | None = None
    rounding_mode: Rounding = Rounding.HALF_UP
    shipping_address: PostalAddress | None
    billing_address: PostalAddress | None
    promotions: tuple[TriedPromotion, ...] = ()
    promotion_uses: Uses | None = None
    gift_cards: tuple[CardPart, ...] = ()
    explanation: list[dict[str, Any]]
    pricing_hash: str


class Dispatched(Output, extra="ignore"):
    """Units of a line that left a location."""

    sku: str
    location: str
    quantity: int = Field(ge=1)


class Fulfillment(Output, extra="ignore"):
    """One parcel."""

    id: str
    lines: tuple[Dispatched, ...]
    carrier: str | None
    tracking_number: str | None
    dispatched_at: Instant
    by: str


def remaining(details: OrderDetails, fulfillments: Iterable[Fulfillment]) -> list[Allocated]:
    """Return what is allocated and not dispatched yet, per SKU, location and shard.

    A location's units leave in the order in which they were allocated; `picked` keeps to it. So a parcel need not say
    which shards its units were counted in.
    """
    gone: dict[tuple[str, str], int] = {}
    for line in (line for parcel in fulfillments for line in parcel.lines):
        gone[line.sku, line.location] = gone.get((line.sku, line.location), 0) + line.quantity
    left: list[Allocated] = []
    for part in details.allocations:
        taken = min(part.quantity, gone.get((part.sku, part.location), 0))
        if taken:
            gone[part.sku, part.location] -= taken
        if taken < part.quantity:
            left.append(part.model_copy(update={"quantity": part.quantity - taken}))
    return left


def sent(parts: Iterable[Allocated]) -> tuple[Dispatched, ...]:
    """Return a parcel's lines: what leaves each location, whichever shards it is counted in."""
    units: dict[tuple[str, str], int] = {}
    for part in parts:
        units[part.sku, part.location] = units.get((part.sku, part.location), 0) + part.quantity
    return tuple(
        Dispatched(sku=sku, location=location, quantity=quantity) for (sku, location), quantity in units.items()
    )


def picked(*, left: Iterable[Allocated], wanted: dict[str, int] | None) -> tuple[Allocated, ...]:
    """Return which units go into a parcel: those wanted, or all that are left.

    :raises NothingToDispatch: when more is wanted than is left, or nothing is left.
    """
    parts = list(left)
    asked = wanted if wanted is not None else {}
    if wanted is None:
        for part in parts:
            asked[part.sku] = asked.get(part.sku, 0) + part.quantity
    available = {sku: sum(part.quantity for part in parts if part.sku == sku) for sku in asked}
    faults = tuple(
        Fault(
            param=f"lines.{sku}.quantity",
            code=NothingToDispatch.code,
            message=f"{quantity} asked, {available[sku]} left to dispatch.",
        )
        for sku, quantity in asked.items()
        if quantity > available[sku]
    )
    if faults or not asked:
        raise NothingToDispatch(errors=faults)
    chosen: list[Allocated] = []
    for part in parts:
        quantity = min(part.quantity, asked.get(part.sku, 0))
        if quantity:
            asked[part.sku] -= quantity
            chosen.append(part.model_copy(update={"quantity": quantity}))
    return tuple(chosen)
