"""The ways in which a cart can be sent, asked of carriers where the shop has some."""

from dataclasses import replace

from commerce.carts.queries import priced_cart
from commerce.kernel.call import Call
from commerce.kernel.paging import Page
from commerce.shipping.options import ShippingOption


def cart_shipping_options(*, cart_id: str, call: Call) -> Page[ShippingOption]:
    """Return the shipping methods that a cart can choose; none when there are goods and none of them is sent.

    Carriers are asked here and nowhere else; whoever does not answer within two seconds is replaced by own rates.

    :raises CartNotFound: when there is none, or when it has expired.
    """
    found = priced_cart(cart_id=cart_id, call=call)
    if found.carrier_questions:
        from commerce.shipping import quoting  # noqa: PLC0415 - only for shops that ask carriers.

        found = replace(found, offers=quoting.offers(asked=found.carrier_questions, now=call.now))
    is_sent = found.requires_shipping or not found.basket
    return Page(items=list(found.shipping_options) if is_sent else [], next_cursor=None)
