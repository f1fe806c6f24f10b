"""The sale that an order is, read anew from orders and payments. The one place that knows both sides."""

from dataclasses import replace
from fractions import Fraction

from commerce.customers.model import PostalAddress
from commerce.invoices.sale import Buyer, Exchange, LineTax, Reversal, Sale, SaleLine, TaxTreatment, Tender
from commerce.orders import queries as orders
from commerce.orders.model import Order, OrderDetails, OrderLine, OrderStatus
from commerce.payments import queries as payments
from commerce.payments.model import LOST, Refund, RefundOrigin, RefundState
from commerce.payments.queries import OrderMoney
from commerce.prices.exchange import rate_between
from commerce.prices.rate_queries import present_rates
from commerce.taxes.places import Place, plain_code, short_region
from commerce.taxes.schemas import TaxedLine

WITHOUT_TAX = {
    "exempt": TaxTreatment.EXEMPT,
    "export": TaxTreatment.EXPORT,
    "reverse_charge": TaxTreatment.REVERSE_CHARGE,
}
"""The reasons of the tax rules for which an invoice must say why it has no tax."""

CANCELLATION = "cancellation"
"""The id of the reversal of what a canceled sale will never bring."""


def sale_of(*, order_id: str, tax_currency: str | None = None) -> Sale:
    """Return an order as an invoice tells of it.

    :param tax_currency: in which the seller owes tax; where the order is in another one, the rate is looked up.
    :raises OrderNotFound: when there is none.
    """
    whole = orders.whole_order(order_id=order_id)
    money = payments.order_money(order_id=order_id)
    order, details = whole.order, whole.details
    refunds = money.refunds if money is not None else ()
    collected, currency = _collected(order, money), order.totals.total.currency
    moments = [*([order.placed_at] if order.placed_at else []), *(each.dispatched_at for each in whole.fulfillments)]
    return Sale(
        order_id=order.id,
        order_number=order.number,
        currency=currency,
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
        exchange=_exchange(currency, tax_currency) if tax_currency not in {None, currency} else None,
        sent_to=_sent_to(details),
        rounding=details.rounding_mode,
    )


def _lines(details: OrderDetails) -> tuple[SaleLine, ...]:
    """Return goods and shipping, each as it is taxed."""
    goods = tuple(
        _taxed(
            SaleLine(
                title=_title(line),
                sku=line.sku,
                quantity=line.quantity,
                unit_price=line.unit_price.amount,
                discount=0,
                net=line.total.amount,
                gross=line.total.amount,
            ),
            line.tax,
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
    return (*goods, _taxed(sent, details.shipping_tax))


def _taxed(line: SaleLine, tax: TaxedLine | None) -> SaleLine:
    """Return a line with its tax; orders from before the shop knew taxes have none.

    What was taxed is what the discounts left of the line; restated, it is what is charged.
    """
    if tax is None:
        return line
    return replace(
        line,
        discount=line.quantity * line.unit_price - tax.amount.amount,
        restated=tax.charged.amount - tax.amount.amount,
        net=tax.net.amount,
        gross=tax.gross.amount,
        taxes=_taxes(tax),
        rule=tax.rule,
        reason=tax.reason,
        country=tax.country,
    )


def _taxes(tax: TaxedLine) -> tuple[LineTax, ...]:
    """Return a line's taxes. What a seller charges no tax on because they are not registered bears none at all."""
    treatment = WITHOUT_TAX.get(tax.reason)
    if treatment is not None and not tax.tax.amount:
        return (LineTax(title="", treatment=treatment, rate=Fraction(), amount=0),)
    return tuple(
        LineTax(
            title=part.name,
            treatment=TaxTreatment.STANDARD if not part.rate or Fraction(part.rate) else TaxTreatment.ZERO,
            rate=Fraction(part.rate) if part.rate else None,
            amount=part.tax.amount,
            net=part.net.amount if part.net is not None else None,
        )
        for part in tax.parts
    )


def _collected(order: Order, money: OrderMoney | None) -> int:
    """Return what of the total arrived: from the payment provider, and from gift cards and store credit.

    Money that came after the end, and goes back by itself, never counted. An order that was canceled before the
    provider's part was captured gave its cards back what they had paid.
    """
    due = order.totals.due.amount
    if money is None:
        return order.totals.total.amount - due
    late = sum(each.amount.amount for each in money.refunds if each.origin is RefundOrigin.LATE_MONEY)
    return money.payment.by_cards + min(due, max(0, money.payment.captured - late))


def _tenders(order: Order) -> tuple[Tender, ...]:
    totals = order.totals
    tenders = (
        Tender("card", totals.due.amount),
        Tender("gift_card", totals.gift_cards.amount),
        Tender("credit", totals.credit.amount),
    )
    return tuple(tender for tender in tenders if tender.amount)


def _refunded(refunds: tuple[Refund, ...]) -> tuple[Reversal, ...]:
    """Return what went back. Of a refund that failed at the payment provider the gift cards keep their part."""
    went_back = {each.id: _went_back(each) for each in refunds if each.origin is not RefundOrigin.LATE_MONEY}
    return tuple(
        Reversal(id=each.id, amount=amount, reason=each.reason, at=each.updated_at)
        for each in refunds
        if (amount := went_back.get(each.id, 0))
    )


def _went_back(refund: Refund) -> int:
    if refund.state is RefundState.SUCCEEDED:
        return refund.amount.amount
    return refund.sum_to_cards.amount if refund.state in LOST else 0


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
        tax_id=details.tax_id,
    )


def _ship_to(details: OrderDetails) -> tuple[str, ...]:
    """Return where the goods went, unless the bill went there too."""
    if details.shipping_address is None or details.billing_address in {None, details.shipping_address}:
        return ()
    return (details.shipping_address.name, *envelope(details.shipping_address))


def _sent_to(details: OrderDetails) -> Place | None:
    """Return where the goods went, as taxes tell places apart; None where nothing was sent."""
    to = details.shipping_address
    if to is None or details.shipping is None:
        return None
    return Place(to.country, short_region(to.country, to.region), plain_code(to.postal_code))


def _exchange(source: str, target: str | None) -> Exchange | None:
    """Return what one unit of a currency is worth in another, as the shop knows it now; None when it does not."""
    rate = rate_between(present_rates(), source, target) if target is not None else None
    if rate is None or target is None:
        return None
    return Exchange(currency=target, rate=rate.rate, source=rate.source, at=rate.at)


def envelope(address: PostalAddress) -> tuple[str, ...]:
    """Return the lines of an address below the name."""
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    parts = (address.line1, address.line2, town, address.region, address.country)
    return tuple(part for part in parts if part)


def _title(line: OrderLine) -> str:
    return f"{line.title} ({line.variant_title})" if line.variant_title else line.title
