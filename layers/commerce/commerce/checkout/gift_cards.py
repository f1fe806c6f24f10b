"""The gift cards that an order sold follow the order: issued once it is paid, disabled when it is undone."""

from typing import NamedTuple

from commerce.catalog import variants as catalog
from commerce.giftcards import issuing
from commerce.giftcards.issuing import SoldUnits
from commerce.kernel.call import Call
from commerce.kernel.log import logger
from commerce.kernel.reads import fetch
from commerce.orders.model import Order, OrderDetails, OrderStatus
from commerce.orders.queries import whole_order
from commerce.outbox.schemas import Envelope
from commerce.payments.model import PaymentStatus

PAID = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED})
"""Nothing is issued on an authorization, which may lapse, nor while a bank or a person has doubts."""


class Settled(NamedTuple):
    """What was done for an order: so many cards issued and disabled."""

    issued: int = 0
    disabled: int = 0


def follow_order(*, event: Envelope, call: Call) -> None:
    """Bring the gift cards of an order in line with it, whichever of its events says so, however late or often."""
    order_id = event.data["order_id"]
    done = settled(order_id=order_id, call=call)
    if done != Settled():
        logger.info("gift cards follow an order", order_id=order_id, issued=done.issued, disabled=done.disabled)


def settled(*, order_id: str, call: Call) -> Settled:
    """Issue the gift cards that a paid order sold; disable those of an order that was canceled or wholly refunded.

    The order is looked at again after its cards were issued: a cancellation that came in between found none of them.

    :raises OrderNotFound: when there is no such order.
    """
    whole = whole_order(order_id=order_id)
    sold = _sold(whole.details)
    if not sold:
        return Settled()
    if _is_undone(whole.order):
        return Settled(disabled=_disabled(order_id, call))
    if whole.order.status is not OrderStatus.PLACED or whole.order.payment_status not in PAID:
        return Settled()
    issued = issuing.issued_for_order(order_id=order_id, sold=sold, call=call)
    is_undone = _is_undone(whole_order(order_id=order_id).order)
    return Settled(issued=issued, disabled=_disabled(order_id, call) if is_undone else 0)


def _sold(details: OrderDetails) -> list[SoldUnits]:
    """Return the units of an order that are gift cards. What costs nothing is worth nothing."""
    skus = [line.sku for line in details.lines]
    variants = catalog.variants(answers=fetch(catalog.variant_reads(skus=skus)), skus=skus)
    return [
        SoldUnits(sku=line.sku, quantity=line.quantity, amount=line.unit_price)
        for line in details.lines
        if line.sku in variants and variants[line.sku].gift_card and line.unit_price.amount > 0
    ]


def _is_undone(order: Order) -> bool:
    return order.is_over or order.payment_status is PaymentStatus.REFUNDED


def _disabled(order_id: str, call: Call) -> int:
    return issuing.disabled_for_order(order_id=order_id, reason="The order was canceled or refunded.", call=call)
