"""A cart at today's prices: what it costs, what is wrong with it, and how a shopper reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from commerce.carts import gift_cards
from commerce.carts.model import Cart, CartLine
from commerce.carts.problems import Chosen, problems_of
from commerce.carts.schemas import CartProblem, CartView, CartViewLine
from commerce.catalog.model import Variant
from commerce.catalog.unit_prices import Market, unit_price, usual_market
from commerce.customers.model import PostalAddress
from commerce.giftcards.model import Tender, TenderPart
from commerce.inventory.model import Level
from commerce.kernel.money import Money
from commerce.prices.engine import UnitPrice
from commerce.prices.queries import ShopPrices
from commerce.pricing import model as pricing
from commerce.pricing.model import BasketLine, Bill, CardPayment, Delivery, Quote
from commerce.shipping import engine
from commerce.shipping import queries as shipping
from commerce.shipping.model import ShippingChoice, ShippingOption, ShippingRules
from commerce.shipping.offers import Question, holds, questions
from commerce.shipping.parcel import Parcel, parcel_of
from commerce.shipping.zones import Destination
from commerce.taxes.engine import Taxable
from commerce.taxes.model import TaxRules
from commerce.taxes.places import short_region
from commerce.taxes.provider import Address, Basket, Computed, computed
from commerce.taxes.schemas import buyer_of

PRICED = ("unit_price", "compare_at", "lowest_price_30_days", "exchange", "total", "tax")
"""What a line shows of its quote."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every cart of the shop."""

    shipping: ShippingRules = field(default_factory=ShippingRules)
    tax_rules: TaxRules = field(default_factory=TaxRules)
    prices: ShopPrices = field(default_factory=ShopPrices)


@dataclass(frozen=True)
class PricedCart:
    """A cart and all that was read to price it; the rest follows from these without further reads.

    :ivar variants: what the catalog has of the cart's SKUs, sellable or not.
    :ivar levels: the stock of the cart's SKUs, by SKU, in order of the locations' priority.
    :ivar now: when it is priced.
    :ivar tenders: the gift cards and store credit that the cart names.
    :ivar offers: what carriers offered for the cart, where that was looked up; None: the one that it chose, if any.
    """

    cart: Cart
    variants: Mapping[str, Variant]
    levels: Mapping[str, Sequence[Level]]
    terms: Terms
    now: datetime
    tenders: tuple[Tender, ...] = ()
    offers: engine.Offers | None = None

    @cached_property
    def sellable(self) -> dict[str, Variant]:
        """Return the variants that the shop sells in the cart's currency, by SKU."""
        return {sku: variant for sku, variant in self.variants.items() if variant.sellable and self._price_of(sku, 1)}

    @cached_property
    def basket(self) -> tuple[BasketLine, ...]:
        """Return the lines that have a price."""
        priced = ((line, self._price_of(line.sku, line.quantity)) for line in self.cart.lines)
        return tuple(
            BasketLine(variant=self.sellable[line.sku], quantity=line.quantity, price=price)
            for line, price in priced
            if line.sku in self.sellable and price is not None
        )

    def _price_of(self, sku: str, quantity: int) -> UnitPrice | None:
        if sku not in self.variants:
            return None
        return unit_price(
            variant=self.variants[sku],
            quantity=quantity,
            currency=self.cart.currency,
            market=_market(self.cart.shipping_address),
            shop=self.terms.prices,
            stock=self.available(sku),
            now=self.now,
        )

    @property
    def requires_shipping(self) -> bool:
        """Tell whether any of the goods must be sent."""
        return any(line.variant.requires_shipping for line in self.basket)

    @cached_property
    def parcel(self) -> Parcel:
        """Return what is sent."""
        return parcel_of(
            lines=[(line.variant, line.quantity) for line in self.basket],
            amount=pricing.subtotal(currency=self.cart.currency, lines=self.basket).amount,
        )

    @cached_property
    def carrier_questions(self) -> tuple[Question, ...]:
        """Return what carriers would be asked about the cart; nothing in shops that ask none."""
        return questions(
            rules=self.terms.shipping, parcel=self.parcel, destination=self._destination, currency=self.cart.currency
        )

    @cached_property
    def shipping_ways(self) -> tuple[engine.Option, ...]:
        """Return the ways in which the cart can be sent. Before there is an address, none is ruled out by it."""
        return engine.options(
            methods=self.terms.shipping.methods,
            zones=self.terms.shipping.zones,
            parcel=self.parcel,
            destination=self._destination,
            currency=self.cart.currency,
            now=self.now,
            calendar=self.terms.shipping.calendar,
            offers=self._chosen_offer if self.offers is None else self.offers,
        )

    @cached_property
    def shipping_way(self) -> engine.Option | None:
        """Return the way that the cart chose, if it is on offer."""
        return next((way for way in self.shipping_ways if way.id == self.cart.shipping_method), None)

    @property
    def shipping_options(self) -> tuple[ShippingOption, ...]:
        """Return the ways in which the cart can be sent, as a shopper reads them."""
        return tuple(shipping.shown(way) for way in self.shipping_ways)

    @cached_property
    def shipping_option(self) -> ShippingOption | None:
        """Return the chosen way, if it is on offer, as a shopper reads it."""
        return shipping.shown(self.shipping_way) if self.shipping_way else None

    @property
    def choice(self) -> ShippingChoice | None:
        """Return what is to be kept of the chosen way: what a shopper is told of it now."""
        way, option = self.shipping_way, self.shipping_option
        if way is None or option is None or (option.promise is None and way.offer is None):
            return None
        return ShippingChoice(promise=option.promise, offer=way.offer)

    @property
    def choice_is_gone(self) -> bool:
        """Tell whether what the cart chose is not on offer any more."""
        return self.cart.shipping_method is not None and self.shipping_way is None

    @property
    def offer_lapsed(self) -> bool:
        """Tell whether the cart chose a carrier's offer that does not hold any more, or not for what it is now."""
        choice = self.cart.shipping_choice
        return choice is not None and choice.offer is not None and not self._chosen_offer

    @cached_property
    def quote(self) -> Quote:
        """Return what the cart costs."""
        return pricing.quote(
            currency=self.cart.currency,
            lines=self.basket,
            delivery=self._delivery,
            taxes=self.taxes.taxed,
            pays=self._paid_by_cards,
        )

    def _paid_by_cards(self, bill: Bill) -> tuple[CardPayment, ...]:
        return gift_cards.payments(self.tenders, bill=bill, currency=self.cart.currency, now=self.now)

    @property
    def parts(self) -> tuple[TenderPart, ...]:
        """Return what each gift card and credit pays."""
        return gift_cards.parts_of(self.quote)

    @cached_property
    def taxes(self) -> Computed:
        """Return the taxes of the lines and of the shipping."""
        cart, delivery = self.cart, self._delivery
        goods = [
            Taxable(
                key=line.variant.sku,
                amount=line.total.amount,
                tax_class=line.variant.tax_class,
            )
            for line in self.basket
        ]
        sent = [Taxable(key=pricing.SHIPPING, amount=delivery.price.amount, is_shipping=True)] if delivery else []
        return computed(
            Basket(
                items=(*goods, *sent),
                currency=cart.currency,
                rules=self.terms.tax_rules,
                address=_destination(cart.shipping_address or cart.billing_address),
                now=self.now,
                buyer=buyer_of(cart.tax_id),
            )
        )

    @cached_property
    def problems(self) -> tuple[CartProblem, ...]:
        """Return what is wrong with the cart."""
        return problems_of(
            self.cart,
            sellable=self.sellable,
            available={line.sku: self.available(line.sku) for line in self.cart.lines},
            requires_shipping=self.requires_shipping,
            shipping=Chosen(
                option=self.shipping_option,
                instead=self.shipping_options if self.choice_is_gone else (),
                lapsed=self.offer_lapsed,
            ),
            due=self.quote.totals.due,
            taxes_are_known=self.taxes.may_be_charged,
            gift_cards=gift_cards.problems_of(self.tenders),
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
            shipping_tax=quote.shipping_tax,
            tax_id=cart.tax_id,
            shipping_option=self.shipping_option if self.requires_shipping else None,
            requires_shipping=self.requires_shipping,
            gift_cards=gift_cards.shown(self.tenders, quote),
            totals=quote.totals,
            problems=self.problems,
            pricing_hash=quote.pricing_hash,
            explanation=quote.trace,
            created_at=cart.created_at,
            updated_at=cart.updated_at,
            expires_at=cart.expires_at,
            version=cart.version,
        )

    @cached_property
    def _delivery(self) -> Delivery | None:
        way = self.shipping_way
        if way is None or not self.requires_shipping:
            return None
        currency = self.cart.currency
        price, list_price = (Money(amount=amount, currency=currency) for amount in (way.price, way.list_price))
        return Delivery(id=way.id, title=way.title, price=price, list_price=list_price)

    @property
    def _destination(self) -> Destination | None:
        address = self.cart.shipping_address
        if address is None:
            return None
        return Destination(address.country, address.region, address.postal_code, address.city)

    @cached_property
    def _chosen_offer(self) -> engine.Offers:
        choice = self.cart.shipping_choice
        offer = choice.offer if choice else None
        if offer is None:
            return {}
        asked = next((each for each in self.carrier_questions if each.method_id == offer.method_id), None)
        return {offer.method_id: (offer,)} if holds(offer=offer, asked=asked, now=self.now) else {}

    def _view_line(self, line: CartLine) -> CartViewLine:
        variant = self.variants.get(line.sku)
        if variant is None or not variant.sellable:
            return CartViewLine(sku=line.sku, quantity=line.quantity, unit_price=None, total=None, available=0)
        shown = CartViewLine(
            sku=line.sku,
            quantity=line.quantity,
            unit_price=None,
            total=None,
            product_title=variant.product_title,
            title=variant.title,
            slug=variant.product_slug,
            image=variant.image,
            options=dict(variant.options),
            available=self.available(line.sku),
        )
        quoted = next((each for each in self.quote.lines if each.sku == line.sku), None)
        if quoted is None:
            return shown
        priced = {name: getattr(quoted, name) for name in PRICED}
        return shown.model_copy(update=priced | {"restated": quoted.restated if quoted.restated.amount else None})


def _market(address: PostalAddress | None) -> Market:
    if address is None:
        return usual_market()
    region = short_region(address.country, address.region)
    return Market(country=address.country, region=f"{address.country}-{region}" if region else None)


def _destination(address: PostalAddress | None) -> Address | None:
    """Return where the goods go, or bills do where nothing is sent."""
    if address is None:
        return None
    return Address(
        country=address.country,
        region=address.region,
        postal_code=address.postal_code,
        city=address.city,
        line1=address.line1,
        line2=address.line2,
    )
