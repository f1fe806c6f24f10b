"""Shipping methods: flat prices per currency, free from a subtotal on, and the countries they serve."""

from collections.abc import Sequence

from pydantic import Field

from commerce.kernel.errors import Conflict, NotFound
from commerce.kernel.money import Money
from commerce.kernel.schema import Output

MOST_METHODS = 50
"""All methods are kept in one item, which every cart reads."""


class ShippingMethodNotFound(NotFound):
    code = "shipping.method_not_found"
    title = "There is no such shipping method"


class TooManyMethods(Conflict):
    code = "shipping.too_many_methods"
    title = f"A shop has {MOST_METHODS} shipping methods at most; delete one first"


class ShippingMethod(Output):
    """A way to send goods, at a flat price."""

    id: str
    title: str
    prices: tuple[Money, ...] = Field(description="One per currency; the method is offered in these currencies only.")
    free_over: tuple[Money, ...] = Field((), description="Subtotals from which on it is free, one per currency.")
    countries: tuple[str, ...] | None = Field(None, description="Where it delivers to (ISO 3166-1); null: everywhere.")
    position: int = Field(0, description="Methods are listed by position, then id.")
    active: bool = Field(default=True, description="Whether shoppers can choose it.")

    def serves(self, country: str | None) -> bool:
        """Tell whether shoppers in this country can choose it. None (not known yet) rules nothing out."""
        reaches = self.countries is None or country is None or country in self.countries
        return self.active and reaches

    def list_price(self, currency: str) -> Money | None:
        """Return what it costs before any condition makes it cheaper; None where it has no price."""
        return _in(currency, self.prices)

    def price_at(self, subtotal: Money) -> Money | None:
        """Return what it costs at this subtotal; None where it has no price in the currency."""
        price = self.list_price(subtotal.currency)
        free_over = _in(subtotal.currency, self.free_over)
        if price is not None and free_over is not None and subtotal.amount >= free_over.amount:
            return Money.zero(subtotal.currency)
        return price


class ShippingOption(Output):
    """A shipping method as one cart can choose it."""

    id: str
    title: str
    price: Money


def in_order(methods: Sequence[ShippingMethod]) -> tuple[ShippingMethod, ...]:
    """Return the methods in the order in which the shop shows them."""
    return tuple(sorted(methods, key=lambda method: (method.position, method.id)))


def options(*, methods: Sequence[ShippingMethod], subtotal: Money, country: str | None) -> tuple[ShippingOption, ...]:
    """Return what a cart can choose, in the shop's order and in the subtotal's currency.

    :param country: where the goods go; None while nobody knows, and then no method is ruled out by it.
    """
    return tuple(
        ShippingOption(id=method.id, title=method.title, price=price)
        for method in in_order(methods)
        if method.serves(country) and (price := method.price_at(subtotal)) is not None
    )


def _in(currency: str, amounts: Sequence[Money]) -> Money | None:
    return next((amount for amount in amounts if amount.currency == currency), None)
