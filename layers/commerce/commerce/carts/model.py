"""A cart: what the shopper wants and where it should go. Prices are no part of it; they are looked up at each read."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from commerce.carts.errors import (
    MOST_LINES,
    CartLocked,
    CartOrdered,
    CodeNotFound,
    GiftCardNotInCart,
    LineNotFound,
    TooManyLines,
)
from commerce.customers.model import PostalAddress
from commerce.kernel.schema import Output
from commerce.promotions.bounds import MOST_CODES
from commerce.promotions.codes import CartCode
from commerce.promotions.errors import TooManyCodes
from commerce.shipping.options import ShippingChoice
from commerce.taxes.schemas import TaxIdCheck

KEPT = timedelta(days=30)
"""How long a cart lives after its last change."""

MOST_PIECES = 999


class CartState(StrEnum):
    """open -> locked (a checkout holds it) -> open again, or ordered (for good)."""

    OPEN = "open"
    LOCKED = "locked"
    ORDERED = "ordered"


class CartLine(Output):
    """A SKU stands in one line only; the line keeps its place when its quantity changes."""

    sku: str
    quantity: int


class Cart(Output):
    """The state of a cart.

    :ivar order_id: the order that holds the cart, or that it became; None while it is open.
    :ivar shipping_choice: what the shopper was told of the shipping method when they chose it.
    :ivar codes: codes of promotions that the shopper typed, in their order.
    :ivar channel: through which channel it is sold, as the storefront says.
    :ivar customer_groups: groups of customers that staff put the shopper into.
    :ivar attributes: what the storefront says about the cart besides, for the conditions of promotions.
    :ivar payment_method: Stripe's type of payment method that the shopper chose; None: any.
    :ivar gift_cards: the ids of the gift cards and store credit that shall pay, in the order in which they were added.
    :ivar taken: what the cart's checkout took from each of them, in minor units, while it holds or after it ordered.
    :ivar hold_used_seconds: for how long its checkouts have held stock, all together.
    :ivar version: grows by one with each change.
    """

    id: str
    state: CartState = CartState.OPEN
    gift_cards: tuple[str, ...] = ()
    taken: dict[str, int] = Field(default_factory=dict)
    order_id: str | None = None
    currency: str
    lines: tuple[CartLine, ...] = ()
    email: str | None = None
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    shipping_method: str | None = None
    tax_id: TaxIdCheck | None = None
    shipping_choice: ShippingChoice | None = None
    codes: tuple[CartCode, ...] = ()
    channel: str | None = None
    customer_groups: tuple[str, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)
    payment_method: str | None = None
    hold_used_seconds: int = 0
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    version: int = 1

    @property
    def skus(self) -> tuple[str, ...]:
        """Return the SKUs, in the order of the lines."""
        return tuple(line.sku for line in self.lines)

    def is_over(self, *, now: datetime) -> bool:
        """Tell whether the cart has expired. One that a checkout holds does not."""
        return self.state is not CartState.LOCKED and self.expires_at <= now

    def check_open(self) -> None:
        """Check that the cart may be changed.

        :raises CartLocked: while a checkout holds it.
        :raises CartOrdered: when it became an order.
        """
        if self.state is CartState.LOCKED:
            raise CartLocked(order_id=self.order_id or "")
        if self.state is CartState.ORDERED:
            raise CartOrdered(order_id=self.order_id or "")

    def with_quantity(self, *, sku: str, quantity: int) -> Self:
        """Return the cart with so many of this SKU; zero removes the line.

        :raises TooManyLines: when a new line finds no room.
        """
        if quantity == 0:
            return self.model_copy(update={"lines": tuple(line for line in self.lines if line.sku != sku)})
        wanted = CartLine(sku=sku, quantity=quantity)
        if sku in self.skus:
            lines = tuple(wanted if line.sku == sku else line for line in self.lines)
        elif len(self.lines) >= MOST_LINES:
            raise TooManyLines
        else:
            lines = (*self.lines, wanted)
        return self.model_copy(update={"lines": lines})

    def without_line(self, *, sku: str) -> Self:
        """Return the cart without the line.

        :raises LineNotFound: when there is none.
        """
        if sku not in self.skus:
            detail = f"The cart has no line '{sku}'."
            raise LineNotFound(detail)
        return self.with_quantity(sku=sku, quantity=0)

    def with_code(self, code: CartCode) -> Self:
        """Return the cart with a code; one that it has stays where it is.

        :raises TooManyCodes: when there is no room.
        """
        if any(each.code == code.code for each in self.codes):
            return self.model_copy(
                update={"codes": tuple(code if each.code == code.code else each for each in self.codes)}
            )
        if len(self.codes) >= MOST_CODES:
            raise TooManyCodes
        return self.model_copy(update={"codes": (*self.codes, code)})

    def without_code(self, code: str) -> Self:
        """Return the cart without a code.

        :raises CodeNotFound: when it has no such code.
        """
        kept = tuple(each for each in self.codes if each.code != code)
        if len(kept) == len(self.codes):
            detail = f"The cart has no code '{code}'."
            raise CodeNotFound(detail)
        return self.model_copy(update={"codes": kept})

    def with_gift_card(self, card_id: str) -> Self:
        """Return the cart with the gift card or store credit among what shall pay."""
        return self.model_copy(update={"gift_cards": (*self.gift_cards, card_id)})

    def without_gift_card(self, card_id: str) -> Self:
        """Return the cart without the gift card or store credit.

        :raises GiftCardNotInCart: when it has none of this id.
        """
        if card_id not in self.gift_cards:
            raise GiftCardNotInCart
        return self.model_copy(update={"gift_cards": tuple(each for each in self.gift_cards if each != card_id)})

    def touched(self, *, now: datetime) -> Self:
        """Return the cart as its next version, living on from now."""
        return self.model_copy(update={"version": self.version + 1, "updated_at": now, "expires_at": now + KEPT})


def new_cart(*, cart_id: str, currency: str, now: datetime) -> Cart:
    """Return an empty cart."""
    return Cart(id=cart_id, currency=currency, created_at=now, updated_at=now, expires_at=now + KEPT)
