"""What a promotion does: a closed set. Each action works on what the actions before it left."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from commerce.catalog.model import Sku
from commerce.kernel.schema import Input
from commerce.promotions.goods import (
    EVERYTHING,
    WHOLE,
    Amounts,
    AnyList,
    BasisPoints,
    GoodsSelection,
    Pieces,
    SomeAmounts,
    Times,
)

MOST_TIERS = 10
MOST_GIFTS = 99


class Level(IntEnum):
    """When an action has its turn: those of lines first, then those of the whole order, then those of shipping."""

    LINES = 0
    ORDER = 1
    SHIPPING = 2


class Action(Input):
    """One thing that a promotion takes off."""

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.LINES

    def amounts(self) -> Iterator[Amounts]:
        """Return the lists of amounts that must name the cart's currency."""
        yield from ()


class PercentOffItems(Action):
    """A percentage of each of these lines, rounded line by line."""

    kind: Literal["percent_off_items"]
    of: GoodsSelection = EVERYTHING
    off_basis_points: BasisPoints
    at_most: Amounts = Field((), description="No more than this in all.")

    def amounts(self) -> Iterator[Amounts]:
        """Return the cap."""
        yield self.at_most


class PercentOffOrder(Action):
    """A percentage of all goods together, rounded once and shared out over the lines."""

    kind: Literal["percent_off_order"]
    off_basis_points: BasisPoints
    at_most: Amounts = Field((), description="No more than this.")

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.ORDER

    def amounts(self) -> Iterator[Amounts]:
        """Return the cap."""
        yield self.at_most


class AmountOffItems(Action):
    """An amount off each of these lines, or off each piece of them."""

    kind: Literal["amount_off_items"]
    of: GoodsSelection = EVERYTHING
    off: SomeAmounts
    each: Literal["line", "piece"]

    def amounts(self) -> Iterator[Amounts]:
        """Return the amounts."""
        yield self.off


class AmountOffOrder(Action):
    """An amount off all goods together, shared out over the lines."""

    kind: Literal["amount_off_order"]
    off: SomeAmounts

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.ORDER

    def amounts(self) -> Iterator[Amounts]:
        """Return the amounts."""
        yield self.off


class FixedPrice(Action):
    """Each piece of these goods costs this, where it would cost more."""

    kind: Literal["fixed_price"]
    of: GoodsSelection = EVERYTHING
    price: SomeAmounts

    def amounts(self) -> Iterator[Amounts]:
        """Return the prices."""
        yield self.price


class BuyXGetY(Action):
    """For so many pieces of some goods, so many of others cost less: the cheapest of them.

    A piece counts as bought or as gotten, never as both. Where fewer pieces are there to get, those are reduced.
    """

    kind: Literal["buy_x_get_y"]
    buy: GoodsSelection = EVERYTHING
    buy_quantity: Pieces
    get: GoodsSelection = EVERYTHING
    get_quantity: Pieces
    off_basis_points: BasisPoints = WHOLE
    times_at_most: Times | None = None


class CheapestFree(Action):
    """Of every so many pieces of these goods one is free: the cheapest of all that are there."""

    kind: Literal["cheapest_free"]
    of: GoodsSelection = EVERYTHING
    every: Annotated[int, Field(ge=2, le=999)]
    times_at_most: Times | None = None


class PromotionTier(Input):
    """From a subtotal or a quantity on, a percentage or an amount."""

    from_subtotal: Amounts = ()
    from_quantity: Pieces | None = None
    off_basis_points: BasisPoints | None = None
    off: Amounts = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.from_subtotal) == (self.from_quantity is not None):
            message = "name from_subtotal or from_quantity, one of them"
            raise ValueError(message)
        if bool(self.off) == (self.off_basis_points is not None):
            message = "name off or off_basis_points, one of them"
            raise ValueError(message)
        return self


class Tiered(Action):
    """The more, the more off: the highest tier that these goods reach, before any promotion, decides.

    Tiers of some goods have their turn with the lines, tiers of all goods with the order.
    """

    kind: Literal["tiered"]
    of: GoodsSelection = EVERYTHING
    tiers: Annotated[tuple[PromotionTier, ...], AnyList, Field(min_length=1, max_length=MOST_TIERS)]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for lower, upper in zip(self.tiers, self.tiers[1:], strict=False):
            if (lower.from_quantity is None) != (upper.from_quantity is None):
                message = "all tiers begin at a subtotal, or all at a quantity"
                raise ValueError(message)
            if not _is_below(lower, upper):
                message = "each tier begins above the one before it, in the same currencies"
                raise ValueError(message)
        return self

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.ORDER if self.of.is_everything else Level.LINES

    def amounts(self) -> Iterator[Amounts]:
        """Return where tiers begin, and what they take off."""
        for tier in self.tiers:
            yield from (tier.from_subtotal, tier.off)


def _is_below(lower: PromotionTier, upper: PromotionTier) -> bool:
    if lower.from_quantity is not None and upper.from_quantity is not None:
        return lower.from_quantity < upper.from_quantity
    begins = {amount.currency: amount.amount for amount in lower.from_subtotal}
    above = {amount.currency: amount.amount for amount in upper.from_subtotal}
    return begins.keys() == above.keys() and all(begins[currency] < above[currency] for currency in begins)


class PercentOffShipping(Action):
    """A percentage of the shipping."""

    kind: Literal["percent_off_shipping"]
    off_basis_points: BasisPoints
    at_most: Amounts = Field((), description="No more than this.")

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.SHIPPING

    def amounts(self) -> Iterator[Amounts]:
        """Return the cap."""
        yield self.at_most


class FreeShipping(Action):
    """The shipping costs nothing, or so much less."""

    kind: Literal["free_shipping"]
    at_most: Amounts = Field((), description="No more than this off; empty: all of it.")

    @property
    def level(self) -> Level:
        """Return when it has its turn."""
        return Level.SHIPPING

    def amounts(self) -> Iterator[Amounts]:
        """Return the cap."""
        yield self.at_most


class GiftAction(Action):
    """So many pieces of a SKU are added, at no price."""

    kind: Literal["gift"]
    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_GIFTS)] = 1


AnyAction = Annotated[
    PercentOffItems
    | PercentOffOrder
    | PercentOffShipping
    | AmountOffItems
    | AmountOffOrder
    | FixedPrice
    | BuyXGetY
    | CheapestFree
    | FreeShipping
    | Tiered
    | GiftAction,
    Field(discriminator="kind"),
]
