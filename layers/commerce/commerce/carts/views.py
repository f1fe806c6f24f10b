"""How a priced cart is read: by its shopper, and whole by staff."""

from collections.abc import Iterator

from commerce.carts import gift_cards
from commerce.carts.model import CartLine
from commerce.carts.priced import PricedCart
from commerce.carts.schemas import CartView, CartViewLine
from commerce.pricing.model import Step, TriedPromotion

PRICED = ("gift_quantity", "unit_price", "compare_at", "lowest_price_30_days", "exchange", "total", "discount", "tax")
"""What a line shows of its quote."""

OF_OTHERS = frozenset({"not_in_force", "country", "region", "channel", "customer_group"})
"""Prices that were passed over for these reasons are other shoppers', or not announced yet."""

UNANNOUNCED = frozenset(
    {"promotions.not_started", "promotions.other_customers", "promotions.other_channel", "promotions.attribute_missing"}
)
"""Promotions without a code that do not apply for these reasons are nobody's business either."""


def view_of(priced: PricedCart, *, to_staff: bool = False) -> CartView:
    """Return a cart as its shopper reads it.

    :param to_staff: with the prices and promotions of others that were tried too.
    """
    cart, quote = priced.cart, priced.quote
    return CartView(
        id=cart.id,
        state=cart.state,
        order_id=cart.order_id,
        currency=cart.currency,
        lines=(*(_line(priced, line) for line in cart.lines), *_given_lines(priced)),
        email=cart.email,
        shipping_address=cart.shipping_address,
        billing_address=cart.billing_address,
        shipping_method=cart.shipping_method,
        shipping_tax=quote.shipping_tax,
        tax_id=cart.tax_id,
        shipping_option=priced.shipping_option if priced.requires_shipping else None,
        requires_shipping=priced.requires_shipping,
        gift_cards=gift_cards.shown(priced.tenders, quote),
        codes=tuple(code.code for code in cart.codes),
        promotions=quote.promotions if to_staff else tuple(filter(_is_announced, quote.promotions)),
        channel=cart.channel,
        customer_groups=cart.customer_groups,
        attributes=cart.attributes,
        payment_method=cart.payment_method,
        totals=quote.totals,
        problems=priced.problems,
        pricing_hash=quote.pricing_hash,
        explanation=quote.trace if to_staff else tuple(map(_for_shopper, quote.trace)),
        created_at=cart.created_at,
        updated_at=cart.updated_at,
        expires_at=cart.expires_at,
        version=cart.version,
    )


def _for_shopper(step: Step) -> Step:
    return step.model_copy(update={"tried": tuple(each for each in step.tried if each.reason not in OF_OTHERS)})


def _is_announced(tried: TriedPromotion) -> bool:
    return tried.code is not None or tried.reason not in UNANNOUNCED


def _given_lines(priced: PricedCart) -> Iterator[CartViewLine]:
    """Yield the lines of what promotions give and the shopper did not put into the cart."""
    return (
        _line(priced, CartLine(sku=line.variant.sku, quantity=0))
        for line in priced.basket
        if line.quantity == line.gifts
    )


def _line(priced: PricedCart, line: CartLine) -> CartViewLine:
    variant = priced.variants.get(line.sku)
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
        available=priced.servable(line.sku),
    )
    quoted = next((each for each in priced.quote.lines if each.sku == line.sku), None)
    if quoted is None:
        return shown
    amounts = {name: getattr(quoted, name) for name in PRICED}
    return shown.model_copy(update=amounts | {"restated": quoted.restated if quoted.restated.amount else None})
