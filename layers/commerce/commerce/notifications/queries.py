"""What mails tell is read anew when they are written: an event only says that something happened."""

from commerce.giftcards import handing_over
from commerce.giftcards.model import GiftCardKind
from commerce.inventory import queries as inventory
from commerce.notifications.model import GiftCardMail, MailLine, OrderMail
from commerce.orders import queries as orders
from commerce.orders.model import OrderLine
from commerce.orders.tokens import order_token


def order_mail(*, order_id: str) -> OrderMail:
    """Return an order as a mail shows it.

    :raises OrderNotFound: when there is none.
    """
    whole = orders.whole_order(order_id=order_id)
    return OrderMail(
        order_id=whole.order.id,
        number=whole.order.number,
        email=whole.order.email,
        lines=tuple(MailLine(_title(line), line.quantity, line.total) for line in whole.details.lines),
        totals=whole.order.totals,
        shipping_title=whole.details.shipping.title if whole.details.shipping else None,
        shipping_address=whole.details.shipping_address,
        order_token=order_token(whole.order),
    )


def gift_card_mail(*, card_id: str) -> GiftCardMail | None:
    """Return a gift card as a mail shows it, or None when nobody is to get its code by mail.

    :raises GiftCardNotFound: when there is none.
    """
    found = handing_over.to_mail(card_id=card_id)
    if found is None:
        return None
    order = orders.whole_order(order_id=found.order_id).order if found.order_id else None
    email = order.email if order is not None else found.email
    if not email:
        return None
    return GiftCardMail(
        email=email,
        is_credit=found.kind is GiftCardKind.STORE_CREDIT,
        code=found.code,
        amount=found.amount,
        expires=found.expires_at.strftime("%Y-%m-%d %H:%M") if found.expires_at else None,
        order_number=order.number if order is not None else None,
    )


def order_number(*, order_id: str) -> str:
    """Return the number by which people know an order.

    :raises OrderNotFound: when there is none.
    """
    return orders.whole_order(order_id=order_id).order.number


def low_stock(*, sku: str, location: str) -> tuple[int, int] | None:
    """Return what is available now and the threshold, or None when it is not low any more."""
    level = inventory.stored_levels(sku=sku).get(location)
    if level is None or level.low_stock_threshold is None or level.available > level.low_stock_threshold:
        return None
    return level.available, level.low_stock_threshold


def _title(line: OrderLine) -> str:
    return f"{line.title} ({line.variant_title})" if line.variant_title else line.title
