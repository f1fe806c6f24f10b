"""A cart at today's prices: what it costs, what is wrong with it, and how a shopper reads it."""

from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from commerce.carts import gift_cards
from commerce.carts.model import Cart, CartState
from commerce.carts.problems import Chosen, problems_of, problems_of_codes
from commerce.carts.schemas import CartProblem
from commerce.catalog.model import Variant
from commerce.catalog.unit_prices import Market, unit_price, usual_market
from commerce.customers.model import PostalAddress
from commerce.giftcards.model import Tender, TenderPart
from commerce.inventory.allocation import Destination, plan
from commerce.inventory.errors import InsufficientStock
from commerce.inventory.locations import Location, Locations, usual_locations
from commerce.inventory.model import Level
from commerce.kernel.money import Money
from commerce.prices.engine import UnitPrice
from commerce.prices.queries import ShopPrices
from commerce.pricing import quotes
from commerce.pricing.basket import BasketLine, Bill, Delivery
from commerce.pricing.model import SHIPPING, CardPayment, Quote
from commerce.promotions.outcomes import Evaluation, Gift
from commerce.promotions.queries import Known
from commerce.shipping import queries as shipping
from commerce.shipping.options import ShippingChoice, ShippingOption
from commerce.shipping.rules import ShippingRules
from commerce.taxes.lines import Taxable
from commerce.taxes.model import TaxRules
from commerce.taxes.places import short_region
from commerce.taxes.provider import Address, Basket, Computed, computed
from commerce.taxes.schemas import buyer_of

if TYPE_CHECKING:
    from commerce.adapters.stripe_tax import Calculation
    from commerce.promotions.model import Promotion
    from commerce.shipping.engine import Offers, Option
    from commerce.shipping.offers import Question
    from commerce.shipping.parcel import Parcel


@dataclass(frozen=True, slots=True)
class Terms:
    """What is read along with a cart: what holds for every cart of the shop, and what was kept of this one.

    :ivar calculation: what Stripe Tax said of the cart last.
    """

    shipping: ShippingRules = field(default_factory=ShippingRules)
    tax_rules: TaxRules = field(default_factory=TaxRules)
    prices: ShopPrices = field(default_factory=ShopPrices)
    promotions: "tuple[Promotion, ...]" = ()
    locations: Locations = field(default_factory=usual_locations)
    calculation: "Calculation | None" = None


@dataclass(frozen=True)
class PricedCart:
    """A cart and all that was read to price it; the rest follows from these without further reads.

    :ivar variants: what the catalog has of the cart's SKUs, sellable or not.
    :ivar levels: what is offered of the cart's SKUs, by SKU, in order of the locations' priority.
    :ivar known: what is known of its codes and of the limits of promotions.
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
    offers: "Offers | None" = None
    known: Known = field(default_factory=Known)

    @cached_property
    def sellable(self) -> dict[str, Variant]:
        """Return the variants that the shop sells in the cart's currency, by SKU."""
        return {sku: variant for sku, variant in self.variants.items() if variant.sellable and self._price_of(sku, 1)}

    @cached_property
    def basket(self) -> tuple[BasketLine, ...]:
        """Return the lines that have a price, and what promotions give."""
        return self._with_gifts(self.promotions.gifts)

    @cached_property
    def promotions(self) -> Evaluation:
        """Return what promotions do to the cart."""
        way = self.shipping_way
        price = way.price if way is not None and self.requires_shipping else 0
        return self._evaluated(shipping=price) if price else self._promotions_of_goods

    @cached_property
    def _promotions_of_goods(self) -> Evaluation:
        """Return what promotions would do if nothing were charged for the shipping: that is priced by what is left."""
        return self._evaluated(shipping=0)

    def _evaluated(self, *, shipping: int) -> Evaluation:
        cart = self.cart
        if not self.terms.promotions and not cart.codes:
            return Evaluation(currency=cart.currency)
        # Conditions, actions and the engine that applies them: only for what has promotions.
        from commerce.carts import promoted  # noqa: PLC0415

        return promoted.evaluated(
            cart,
            promotions=self.terms.promotions,
            bought=self._bought,
            shipping=shipping,
            known=self.known,
            gift_prices=self._gift_prices,
            now=self.now,
        )

    @cached_property
    def _gift_prices(self) -> Mapping[str, int]:
        from commerce.carts import promoted  # noqa: PLC0415 - as above.

        return promoted.gift_prices(
            self.cart,
            promotions=self.terms.promotions,
            bought=self._bought,
            variants=self.variants,
            price_of=lambda sku: self._price_of(sku, 1),
            available=self.available,
        )

    def _with_gifts(self, gifts: Sequence[Gift]) -> tuple[BasketLine, ...]:
        lines = {line.variant.sku: line for line in self._bought}
        for gift in sorted(gifts, key=lambda gift: gift.sku):
            line, price = lines.get(gift.sku), self._price_of(gift.sku, 1)
            if line is not None:
                lines[gift.sku] = replace(
                    line, quantity=line.quantity + gift.quantity, gifts=line.gifts + gift.quantity
                )
            elif price is not None:
                variant = self.variants[gift.sku]
                lines[gift.sku] = BasketLine(variant=variant, quantity=gift.quantity, price=price, gifts=gift.quantity)
        return tuple(lines.values())

    @cached_property
    def _bought(self) -> tuple[BasketLine, ...]:
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
            market=_market(self.cart),
            shop=self.terms.prices,
            stock=self.available(sku),
            now=self.now,
        )

    @cached_property
    def _goods(self) -> tuple[BasketLine, ...]:
        """Return what is sent, before the shipping has a price."""
        return self._with_gifts(self._promotions_of_goods.gifts)

    @cached_property
    def requires_shipping(self) -> bool:
        """Tell whether any of the goods must be sent."""
        return any(line.variant.requires_shipping for line in self._goods)

    @cached_property
    def carrier_questions(self) -> "tuple[Question, ...]":
        """Return what carriers would be asked about the cart; nothing in shops that ask none."""
        if not self.terms.shipping.methods:
            return ()
        # Zones, rates, the calendar and what carriers are asked: only for shops that send something.
        from commerce.carts import sending  # noqa: PLC0415

        return sending.questions_of(self.cart, rules=self.terms.shipping, parcel=self._parcel)

    @cached_property
    def shipping_ways(self) -> "tuple[Option, ...]":
        """Return the ways in which the cart can be sent. Before there is an address, none is ruled out by it."""
        if not self.terms.shipping.methods:
            return ()
        from commerce.carts import sending  # noqa: PLC0415 - as above.

        return sending.ways(
            self.cart,
            rules=self.terms.shipping,
            parcel=self._parcel,
            offers=self.offers,
            asked=self.carrier_questions,
            now=self.now,
            sites=sending.Sites(self.terms.locations.selling(self.cart.channel), self._leaving),
        )

    @cached_property
    def _leaving(self) -> tuple[Location, ...]:
        """Return where parcels would leave from now; nothing where every location keeps to the shop's calendar."""
        selling = self.terms.locations.selling(self.cart.channel)
        if not any(place.calendar is not None for place in selling):
            return ()
        ids = {place.id for place in selling if place.ships}
        sent = {line.variant.sku: line.quantity for line in self._goods if line.variant.requires_shipping}
        levels = {sku: [level for level in self.levels.get(sku, ()) if level.location in ids] for sku in sent}
        try:
            found = plan(
                wanted=sent,
                levels=levels,
                places=selling,
                strategy=self.terms.locations.strategy,
                destination=self.destination,
            )
        except InsufficientStock:
            return ()
        leaving = {part.location for part in found.allocations}
        return tuple(place for place in selling if place.id in leaving)

    @property
    def destination(self) -> Destination | None:
        """Return where the goods go, as far as the choice of locations minds; None where nothing is sent."""
        address = self.cart.shipping_address if self.requires_shipping else None
        return Destination(address.country, address.region, address.postal_code) if address else None

    @cached_property
    def _parcel(self) -> "Parcel":
        """Return what is sent, at what promotions leave of its price."""
        from commerce.shipping.parcel import parcel_of  # noqa: PLC0415 - as above.

        off = quotes.off_lines(lines=self._goods, promotions=self._promotions_of_goods)
        return parcel_of(
            lines=[(line.variant, line.quantity) for line in self._goods],
            amount=quotes.subtotal(currency=self.cart.currency, lines=self._goods).amount - sum(off.values()),
        )

    @cached_property
    def shipping_way(self) -> "Option | None":
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
        if choice is None or choice.offer is None:
            return False
        if not self.carrier_questions:
            return True
        from commerce.carts import sending  # noqa: PLC0415 - as above.

        return not sending.chosen_offer(self.cart, asked=self.carrier_questions, now=self.now)

    @cached_property
    def quote(self) -> Quote:
        """Return what the cart costs."""
        return quotes.quote(
            currency=self.cart.currency,
            lines=self.basket,
            delivery=self._delivery,
            promotions=self.promotions,
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
        off = quotes.off_lines(lines=self.basket, promotions=self.promotions)
        goods = [
            Taxable(
                key=line.variant.sku,
                amount=line.total.amount - off[line.variant.sku],
                tax_class=line.variant.tax_class,
            )
            for line in self.basket
        ]
        sent = []
        if delivery is not None:
            charged = delivery.price.amount - quotes.off_shipping(promotions=self.promotions)
            sent = [Taxable(key=SHIPPING, amount=charged, is_shipping=True)]
        return computed(
            Basket(
                items=(*goods, *sent),
                currency=cart.currency,
                rules=self.terms.tax_rules,
                address=_destination(cart.shipping_address or cart.billing_address),
                now=self.now,
                buyer=buyer_of(cart.tax_id),
            ),
            stored=self.terms.calculation,
            may_ask=cart.state is not CartState.ORDERED,  # What it cost stands in its order.
        )

    @cached_property
    def problems(self) -> tuple[CartProblem, ...]:
        """Return what is wrong with the cart."""
        return problems_of(
            self.cart,
            sellable=self.sellable,
            available={line.sku: self.servable(line.sku) for line in self.cart.lines},
            requires_shipping=self.requires_shipping,
            shipping=Chosen(
                option=self.shipping_option,
                instead=self.shipping_options if self.choice_is_gone else (),
                lapsed=self.offer_lapsed,
            ),
            due=self.quote.totals.due,
            taxes_are_known=self.taxes.may_be_charged,
            also=(*problems_of_codes(self.quote.promotions), *gift_cards.problems_of(self.tenders)),
        )

    @property
    def blocking(self) -> tuple[CartProblem, ...]:
        """Return the problems that a checkout refuses."""
        return tuple(problem for problem in self.problems if problem.blocking)

    def available(self, sku: str) -> int:
        """Return how many pieces can be sold now, in all locations together."""
        return sum(level.available for level in self.levels.get(sku, ()))

    @cached_property
    def sources(self) -> tuple[Location, ...]:
        """Return the locations that goods may come from in the way that the cart chose, in order of priority.

        What is fetched lies where it is fetched, if the shop says which location that is; what is sent leaves from
        where parcels leave.
        """
        selling = self.terms.locations.selling(self.cart.channel)
        way = self.shipping_way
        if way is None or not self.requires_shipping:
            return selling
        point = way.method.pickup
        if point is None:
            return tuple(place for place in selling if place.ships)
        if point.location is None:
            return selling
        return tuple(place for place in selling if place.pickup and place.id == point.location)

    def levels_for(self, sku: str) -> Sequence[Level]:
        """Return the levels of a SKU that it may come from; what is not sent comes from anywhere."""
        levels = self.levels.get(sku, ())
        if not self.variants[sku].requires_shipping:
            return levels
        ids = {place.id for place in self.sources}
        return [level for level in levels if level.location in ids]

    def servable(self, sku: str) -> int:
        """Return how many pieces can be sold in the way that the cart chose."""
        return sum(level.available for level in self.levels_for(sku)) if sku in self.variants else 0

    @cached_property
    def _delivery(self) -> Delivery | None:
        way = self.shipping_way
        if way is None or not self.requires_shipping:
            return None
        currency = self.cart.currency
        price, list_price = (Money(amount=amount, currency=currency) for amount in (way.price, way.list_price))
        return Delivery(id=way.id, title=way.title, price=price, list_price=list_price)


def _market(cart: Cart) -> Market:
    address, groups = cart.shipping_address, frozenset(cart.customer_groups)
    if address is None:
        return replace(usual_market(), channel=cart.channel, customer_groups=groups)
    region = short_region(address.country, address.region)
    return Market(
        country=address.country,
        region=f"{address.country}-{region}" if region else None,
        channel=cart.channel,
        customer_groups=groups,
    )


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
