"""What promotions do to a cart. Imported where there are any: shops without promotions never load their engine."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from commerce.carts.model import Cart
from commerce.catalog.model import Variant
from commerce.kernel.config import settings
from commerce.prices.engine import UnitPrice
from commerce.pricing.basket import BasketLine
from commerce.promotions.actions import GiftAction
from commerce.promotions.engine import evaluate
from commerce.promotions.model import Promotion
from commerce.promotions.outcomes import Evaluation
from commerce.promotions.queries import Known
from commerce.promotions.situation import Item, Situation


def evaluated(
    cart: Cart,
    *,
    promotions: Sequence[Promotion],
    bought: Sequence[BasketLine],
    shipping: int,
    known: Known,
    gift_prices: Mapping[str, int],
    now: datetime,
) -> Evaluation:
    """Return what promotions do to a cart.

    :param bought: the lines that have a price.
    :param shipping: what is charged for it, in minor units.
    """
    address = cart.shipping_address
    situation = Situation(
        currency=cart.currency,
        now=now,
        items=tuple(
            Item(
                sku=line.variant.sku,
                product_id=line.variant.product_id,
                shelves=frozenset(line.variant.shelves),
                quantity=line.quantity,
                unit_price=line.price.amount,
            )
            for line in bought
        ),
        shipping=shipping,
        country=address.country if address else None,
        region=address.region if address else None,
        channel=cart.channel,
        customer_groups=frozenset(cart.customer_groups),
        orders_before=known.orders_before,
        payment_method=cart.payment_method,
        attributes=cart.attributes,
        codes=known.codes,
        limits=known.limits,
        gift_prices=gift_prices,
        rounding=settings().rounding_mode,
    )
    return evaluate(promotions=promotions, situation=situation)


def gift_prices(
    cart: Cart,
    *,
    promotions: Sequence[Promotion],
    bought: Sequence[BasketLine],
    variants: Mapping[str, Variant],
    price_of: Callable[[str], UnitPrice | None],
    available: Callable[[str], int],
) -> Mapping[str, int]:
    """Return what gifts cost that can be given: those that are sold, and of which enough is left."""
    named = {code.promotion_id for code in cart.codes}
    wanted = dict[str, int]()
    for promotion in promotions:
        if promotion.trigger == "automatic" or promotion.id in named:
            for action in promotion.actions:
                if isinstance(action, GiftAction):
                    wanted[action.sku] = wanted.get(action.sku, 0) + action.quantity
    lines = {line.variant.sku: line for line in bought}
    found = dict[str, int]()
    for sku, quantity in wanted.items():
        line, variant = lines.get(sku), variants.get(sku)
        price = line.price if line else price_of(sku)
        left = available(sku) - (line.quantity if line else 0)
        if variant is not None and variant.sellable and price is not None and left >= quantity:
            found[sku] = price.amount
    return found
