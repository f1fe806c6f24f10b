"""A cart at today's prices: what it costs, what is wrong with it, and how a shopper reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from commerce.carts.model import Cart, CartLine
from commerce.carts.problems import problems_of
from commerce.carts.schemas import CartProblem, CartView, CartViewLine
from commerce.catalog.model import Variant
from commerce.inventory.model import Level
from commerce.pricing import model as pricing
from commerce.pricing.model import BasketLine, Delivery, Quote
from commerce.shipping.model import ShippingMethod, ShippingOption, options


@dataclass(frozen=True)
class PricedCart:
    """A cart and all that was read to price it; the rest follows from these without further reads.

    :ivar variants: what the catalog has of the cart's SKUs, sellable or not.
    :ivar levels: the stock of the cart's SKUs, by SKU, in order of the locations' priority.
    :ivar methods: all shipping methods of the shop.
    """

    cart: Cart
    variants: Mapping[str, Variant]
    levels: Mapping[str, Sequence[Level]]
    methods: Sequence[ShippingMethod]
    prices_include_tax: bool

    @cached_property
    def sellable(self) -> dict[str, Variant]:
        """Return the variants that the shop sells in the cart's currency, by SKU."""
        return {
            sku: variant
            for sku, variant in self.variants.items()
            if variant.sellable and self.cart.currency in variant.prices
        }

    @cached_property
    def basket(self) -> tuple[BasketLine, ...]:
        """Return the lines that have a price."""
        return tuple(
            BasketLine(variant=self.sellable[line.sku], quantity=line.quantity)
            for line in self.cart.lines
            if line.sku in self.sellable
        )

    @property
    def requires_shipping(self) -> bool:
        """Tell whether any of the goods must be sent."""
        return any(line.variant.requires_shipping for line in self.basket)

    @cached_property
    def shipping_options(self) -> tuple[ShippingOption, ...]:
        """Return the methods that the cart can choose. Before there is an address, no method is ruled out by it."""
        subtotal = pricing.subtotal(currency=self.cart.currency, lines=self.basket)
        address = self.cart.shipping_address
        return options(methods=self.methods, subtotal=subtotal, country=address.country if address else None)

    @cached_property
    def shipping_option(self) -> ShippingOption | None:
        """Return the chosen method, if it is on offer."""
        return next((option for option in self.shipping_options if option.id == self.cart.shipping_method), None)

    @cached_property
    def quote(self) -> Quote:
        """Return what the cart costs."""
        return pricing.quote(
            currency=self.cart.currency,
            lines=self.basket,
            delivery=self._delivery(),
            prices_include_tax=self.prices_include_tax,
        )

    @cached_property
    def problems(self) -> tuple[CartProblem, ...]:
        """Return what is wrong with the cart."""
        return problems_of(
            self.cart,
            sellable=self.sellable,
            available={line.sku: self.available(line.sku) for line in self.cart.lines},
            requires_shipping=self.requires_shipping,
            shipping_option=self.shipping_option,
            due=self.quote.totals.due,
        )

    @property
    def blocking(self) -> tuple[CartProblem, ...]:
        """Return the problems that a checkout refuses."""
        return tuple(problem for problem in self.problems if problem.blocking)

    def available(self, sku: str) -> int:
        """Return how many pieces can be sold now, in all locations together."""
        return sum(level.available for level in self.levels.get(sku, ()))

    def view(self) -> CartView:
        """Return the cart as its shopper reads it."""
        cart, quote = self.cart, self.quote
        return CartView(
            id=cart.id,
            state=cart.state,
            order_id=cart.order_id,
            currency=cart.currency,
            lines=tuple(self._view_line(line) for line in cart.lines),
            email=cart.email,
            shipping_address=cart.shipping_address,
            billing_address=cart.billing_address,
            shipping_method=cart.shipping_method,
            requires_shipping=self.requires_shipping,
            totals=quote.totals,
            problems=self.problems,
            pricing_hash=quote.pricing_hash,
            explanation=quote.trace,
            created_at=cart.created_at,
            updated_at=cart.updated_at,
            expires_at=cart.expires_at,
            version=cart.version,
        )

    def _delivery(self) -> Delivery | None:
        option = self.shipping_option
        if option is None or not self.requires_shipping:
            return None
        method = next(method for method in self.methods if method.id == option.id)
        list_price = method.list_price(self.cart.currency) or option.price
        return Delivery(id=option.id, title=option.title, price=option.price, list_price=list_price)

    def _view_line(self, line: CartLine) -> CartViewLine:
        variant = self.variants.get(line.sku)
        if variant is None or not variant.sellable:
            return CartViewLine(sku=line.sku, quantity=line.quantity, unit_price=None, total=None, available=0)
        unit_price = variant.prices.get(self.cart.currency)
        return CartViewLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_price=unit_price,
            total=unit_price.times(line.quantity) if unit_price else None,
            product_title=variant.product_title,
            title=variant.title,
            slug=variant.product_slug,
            image=variant.image,
            options=dict(variant.options),
            available=self.available(line.sku),
        )
