"""The sale that an order is, read anew from orders and payments. The one place that knows both sides."""

from commerce.customers.model import PostalAddress
from commerce.invoices.sale import Buyer, Reversal, Sale, SaleLine, Tender
from commerce.orders import queries as orders
from commerce.orders.model import Order, OrderDetails, OrderLine, OrderStatus
from commerce.payments import queries as payments
from commerce.payments.model import Refund, RefundOrigin, RefundState
from commerce.payments.queries import OrderMoney

CANCELLATION = "cancellation"
"""The id of the reversal of what a canceled sale will never bring."""


def sale_of(*, order_id: str) -> Sale:
    """Return an order as an invoice tells of it.

    :raises OrderNotFound: when there is none.
    """
    whole = orders.whole_order(order_id=order_id)
    money = payments.order_money(order_id=order_id)
    order, details = whole.order, whole.details
    refunds = money.refunds if money is not None else ()
    collected = _collected(order, money)
    moments = [*([order.placed_at] if order.placed_at else []), *(each.dispatched_at for each in whole.fulfillments)]
    return Sale(
        order_id=order.id,
        order_number=order.number,
        currency=order.totals.total.currency,
        prices_include_tax=order.totals.prices_include_tax,
        placed_at=order.placed_at,
        supplied_at=min(moments, default=None),
        canceled=order.status is OrderStatus.CANCELED,
        buyer=_buyer(order, details),
        ship_to=_ship_to(details),
        lines=_lines(details),
        tax=order.totals.tax.amount,
        total=order.totals.total.amount,
        collected=collected,
        tenders=_tenders(order),
        reversals=(*_refunded(refunds), *_uncollected(order, collected)),
    )


def _lines(details: OrderDetails) -> tuple[SaleLine, ...]:
    """Return goods and shipping. Orders know no discounts and taxes per line yet: what is paid is the net."""
    goods = tuple(
        SaleLine(
            title=_title(line),
            sku=line.sku,
            quantity=line.quantity,
            unit_price=line.unit_price.amount,
            discount=0,
            net=line.total.amount,
            gross=line.total.amount,
        )
        for line in details.lines
    )
    shipping = details.shipping
    if shipping is None or not shipping.price.amount:
        return goods
    price = shipping.price.amount
    sent = SaleLine(
        title=shipping.title, quantity=1, unit_price=price, discount=0, net=price, gross=price, kind="shipping"
    )
    return (*goods, sent)


def _collected(order: Order, money: OrderMoney | None) -> int:
    """Return what of the total arrived. Money that came after the end, and goes back by itself, never counted."""
    total, due = order.totals.total.amount, order.totals.due.amount
    if money is None:
        return total - due
    late = sum(each.amount.amount for each in money.refunds if each.origin is RefundOrigin.LATE_MONEY)
    return total - due + min(due, max(0, money.payment.captured - late))


def _tenders(order: Order) -> tuple[Tender, ...]:
    total, due = order.totals.total.amount, order.totals.due.amount
    tenders = (Tender("card", due), Tender("other", total - due))
    return tuple(tender for tender in tenders if tender.amount)


def _refunded(refunds: tuple[Refund, ...]) -> tuple[Reversal, ...]:
    return tuple(
        Reversal(id=each.id, amount=each.amount.amount, reason=each.reason, at=each.updated_at)
        for each in refunds
        if each.state is RefundState.SUCCEEDED and each.origin is not RefundOrigin.LATE_MONEY
    )


def _uncollected(order: Order, collected: int) -> tuple[Reversal, ...]:
    missing = order.totals.total.amount - collected
    if order.status is not OrderStatus.CANCELED or order.closed_at is None or missing <= 0:
        return ()
    return (Reversal(id=CANCELLATION, amount=missing, reason="canceled", at=order.closed_at),)


def _buyer(order: Order, details: OrderDetails) -> Buyer:
    address = details.billing_address or details.shipping_address
    return Buyer(
        name=address.name if address else order.email,
        email=order.email,
        country=address.country if address else "",
        address=envelope(address) if address else (),
    )


def _ship_to(details: OrderDetails) -> tuple[str, ...]:
    """Return where the goods went, unless the bill went there too."""
    if details.shipping_address is None or details.billing_address in {None, details.shipping_address}:
        return ()
    return (details.shipping_address.name, *envelope(details.shipping_address))


def envelope(address: PostalAddress) -> tuple[str, ...]:
    """Return the lines of an address below the name."""
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    parts = (address.line1, address.line2, town, address.region, address.country)
    return tuple(part for part in parts if part)


def _title(line: OrderLine) -> str:
    return f"{line.title} ({line.variant_title})" if line.variant_title else line.title
