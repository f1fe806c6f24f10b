"""Telling people what happened, once per event.

A row is claimed with a lease before the mail leaves and marked as sent afterwards. SES and SNS know no idempotency:
when we die between the two, the mail goes out again. A second delivery of an event that was sent does nothing.
"""

from collections.abc import Callable
from datetime import timedelta

from commerce.adapters import alerts, mail
from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.config import settings
from commerce.kernel.errors import CommerceError, Conflict
from commerce.kernel.ids import new_id
from commerce.kernel.log import logger
from commerce.kernel.money import Money
from commerce.kernel.records import Record
from commerce.kernel.transactions import Write, commit, put, update
from commerce.notifications import letters, queries
from commerce.notifications.model import Alert, Letter
from commerce.notifications.records import NoticeRecord
from commerce.outbox.schemas import BusMessage, Envelope
from commerce.payments.events import ReviewOpened

LEASE = timedelta(minutes=2)
"""Longer than the function may run (30 s), shorter than the queue waits before it delivers again (180 s)."""

KEPT = timedelta(days=400)
"""How long we remember; the bus's archive can replay 90 days."""


class AlreadySent(Conflict):
    code = "notifications.already_sent"
    title = "This was sent before"


class BeingSent(Conflict):
    code = "notifications.being_sent"
    title = "This is being sent right now"
    retryable = True


def deliver(*, body: str, call: Call) -> None:
    """Tell whoever should know of the event that a queue's message holds. Repeating it sends nothing twice.

    :raises CommerceError: when it could not be sent now; the queue delivers it again.
    """
    event = BusMessage.model_validate_json(body).detail
    write = _WRITERS.get(event.type)
    message = write(event) if write is not None else None
    if message is None:
        logger.info("nothing to tell", event_id=event.event_id, type=event.type)
        return
    try:
        _claim(event, call=call)
    except AlreadySent:
        logger.info("told before", event_id=event.event_id, type=event.type)
        return
    message_id = _send(message)
    commit([_sent(event, message_id=message_id, call=call)])
    logger.info("told", event_id=event.event_id, type=event.type, message_id=message_id)


def _confirmation(event: Envelope) -> Letter:
    return letters.confirmation(queries.order_mail(order_id=event.data["order_id"]))


def _refund(event: Envelope) -> Letter:
    order = queries.order_mail(order_id=event.data["order_id"])
    amount = Money.model_validate(event.data["amount"])
    to_cards = event.data.get("to_cards")
    return letters.refund(
        order, amount=amount, to_cards=Money.model_validate(to_cards) if to_cards else Money.zero(amount.currency)
    )


def _low_stock(event: Envelope) -> Alert | None:
    sku, location = event.data["sku"], event.data["location"]
    found = queries.low_stock(sku=sku, location=location)
    if found is None:
        return None
    available, threshold = found
    return letters.low_stock(sku=sku, location=location, available=available, threshold=threshold)


def _review(event: Envelope) -> Alert:
    review = ReviewOpened.model_validate({name: event.data.get(name) for name in ReviewOpened.model_fields})
    return letters.review(review_id=review.review_id, kind=review.kind, order_id=review.order_id, detail=review.detail)


def _gift_card(event: Envelope) -> Letter | None:
    mail = queries.gift_card_mail(card_id=event.data["card_id"])
    return letters.gift_card(mail) if mail is not None else None


def _gift_card_lost(event: Envelope) -> Alert | None:
    card_id, order_id, spent = event.data["card_id"], event.data["order_id"], Money.model_validate(event.data["spent"])
    if order_id is None or spent.amount == 0:
        return None
    return letters.gift_card_lost(card_id=card_id, order_number=queries.order_number(order_id=order_id), spent=spent)


_WRITERS: dict[str, Callable[[Envelope], Letter | Alert | None]] = {
    "orders.placed": _confirmation,
    "orders.refunded": _refund,
    "inventory.stock_low": _low_stock,
    "payments.review_opened": _review,
    "giftcards.issued": _gift_card,
    "giftcards.disabled": _gift_card_lost,
}


def _claim(event: Envelope, *, call: Call) -> None:
    record = NoticeRecord(
        pk=f"notice#{event.event_id}",
        sk="notice",
        type=event.type,
        claim=new_id("claim"),
        claimed_at=call.now,
        leased_until=call.now + LEASE,
        expires_ttl=clock.epoch(call.now + KEPT),
    )
    abandoned = NoticeRecord.sent_at.does_not_exist() & (NoticeRecord.leased_until < call.now)
    commit([put(record, condition=NoticeRecord.pk.does_not_exist() | abandoned, refused=_claimed_before)])


def _claimed_before(old: Record | None) -> CommerceError:
    was_sent = isinstance(old, NoticeRecord) and old.sent_at is not None
    return AlreadySent() if was_sent else BeingSent()


def _send(message: Letter | Alert) -> str:
    if isinstance(message, Alert):
        return alerts.publish(subject=message.subject, text=message.text)
    return mail.send(
        to=message.to,
        sender_name=settings().shop_name,
        subject=message.subject,
        text=message.text,
        html=message.html,
    )


def _sent(event: Envelope, *, message_id: str, call: Call) -> Write:
    return update(
        NoticeRecord(pk=f"notice#{event.event_id}", sk="notice"),
        NoticeRecord.sent_at.set(call.now),
        NoticeRecord.message_id.set(message_id),
        NoticeRecord.leased_until.remove(),
    )
