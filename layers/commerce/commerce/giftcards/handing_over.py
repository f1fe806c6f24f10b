"""How a code reaches its owner by mail, some time after its card was issued."""

from dataclasses import dataclass, field
from datetime import datetime

from commerce.giftcards.errors import GiftCardNotFound
from commerce.giftcards.issuing import code_of
from commerce.giftcards.model import GiftCardKind, GiftCardState
from commerce.giftcards.records import ACCOUNT, AccountRecord
from commerce.kernel.money import Money
from commerce.kernel.reads import get


@dataclass(frozen=True, slots=True)
class Handed:
    """A card with its code.

    :param email: whom staff sent it to; None for a card that an order sold: it goes to the order's shopper.
    """

    kind: GiftCardKind
    code: str = field(repr=False)
    amount: Money
    expires_at: datetime | None
    email: str | None = field(repr=False)
    order_id: str | None


def to_mail(*, card_id: str) -> Handed | None:
    """Return a card whose code is to be mailed; None when it is not, or was disabled before the mail was written.

    :raises GiftCardNotFound: when there is none.
    """
    record = get(AccountRecord, card_id, ACCOUNT)
    if record is None:
        raise GiftCardNotFound
    if not record.is_mailed or record.state == GiftCardState.DISABLED:
        return None
    return Handed(
        kind=GiftCardKind(record.kind),
        code=code_of(record),
        amount=Money(amount=int(record.initial), currency=record.currency),
        expires_at=record.expires_at,
        email=record.email,
        order_id=record.order_id,
    )
