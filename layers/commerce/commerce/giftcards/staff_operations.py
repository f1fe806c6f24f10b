"""What staff do with gift cards and store credit: issue, adjust, disable."""

from datetime import timedelta

from commerce.giftcards import issuing, staff_queries
from commerce.giftcards.entries import Change, again_after_a_clash, changed
from commerce.giftcards.errors import (
    BalanceTooLarge,
    ExpiryInThePast,
    InsufficientBalance,
    RecipientMissing,
    StaleBalance,
)
from commerce.giftcards.events import GiftCardAdjusted
from commerce.giftcards.model import GiftCardEntryKind, GiftCardKind, GiftCardState
from commerce.giftcards.records import AccountRecord
from commerce.giftcards.staff_schemas import (
    BalanceAdjustment,
    GiftCardChange,
    GiftCardDisabling,
    IssuedGiftCard,
    NewGiftCard,
)
from commerce.kernel.call import Call
from commerce.kernel.errors import Fault
from commerce.kernel.ids import new_id
from commerce.kernel.money import MOST, Money
from commerce.kernel.outbox import announce
from commerce.kernel.transactions import commit

LONGEST = timedelta(days=36_500)


def issue(*, new: NewGiftCard, call: Call, dry_run: bool) -> IssuedGiftCard:
    """Issue a card and show its code.

    :raises RecipientMissing: when store credit or a mail has no address.
    :raises ExpiryInThePast: when it would have expired already, or is set for more than a century.
    """
    _check(new, call)
    given = "expires_at" in new.model_fields_set
    record = issuing.new_account(
        kind=new.kind,
        amount=new.amount,
        expires_at=new.expires_at if given else issuing.expiry_by_default(call.now),
        email=new.email,
        is_mailed=new.send_mail,
        note=new.note,
        call=call,
    )
    if dry_run:
        return IssuedGiftCard.of(record, code=None, dry_run=True)
    commit([call.once.row(record.pk) if call.once else None, *issuing.issued(record, call=call)])
    return IssuedGiftCard.of(record, code=issuing.code_of(record), dry_run=False)


def issued_again(*, resource: str, call: Call) -> IssuedGiftCard:  # noqa: ARG001 - the edge's signature.
    """Answer a repeated request with the card that the first one issued, and its code."""
    record = staff_queries.account(card_id=resource)
    return IssuedGiftCard.of(record, code=issuing.code_of(record), dry_run=False)


@again_after_a_clash
def adjust(*, card_id: str, new: BalanceAdjustment, call: Call, dry_run: bool) -> GiftCardChange:
    """Correct a balance by a difference.

    :raises GiftCardNotFound: when there is no such card.
    :raises StaleVersion: when the caller saw another version.
    :raises StaleBalance: when the caller saw another balance than there is.
    :raises InsufficientBalance: when less is left than is to be taken away.
    :raises BalanceTooLarge: when more would be on it than an order can cost.
    :raises WriteConflict: when others kept changing it.
    """
    record = staff_queries.account(card_id=card_id)
    call.check_version(int(record.version))
    _check_adjustment(record, new)
    if dry_run:
        after = _after(record, balance=int(record.balance) + new.delta)
        return GiftCardChange.of(after, dry_run=True)
    _adjusted(record, new, call)
    return _changed(card_id)


@again_after_a_clash
def disable(*, card_id: str, new: GiftCardDisabling, call: Call) -> GiftCardChange:
    """Let a card pay no more, for ever. What is left on it stays on it. GiftCardDisabling it again changes nothing.

    :raises GiftCardNotFound: when there is no such card.
    :raises StaleVersion: when the caller saw another version.
    :raises WriteConflict: when others kept changing it.
    """
    record = staff_queries.account(card_id=card_id)
    call.check_version(int(record.version))
    once = call.once.row(card_id) if call.once else None
    is_done = record.state == GiftCardState.DISABLED
    commit([once] if is_done else [once, *issuing.disabled(record, reason=new.reason, call=call)])
    return _changed(card_id)


def changed_again(*, resource: str, call: Call) -> GiftCardChange:  # noqa: ARG001 - the edge's signature.
    """Answer a repeated change with the card as it is now."""
    return _changed(resource)


def _check(new: NewGiftCard, call: Call) -> None:
    if new.email is None and (new.kind is GiftCardKind.STORE_CREDIT or new.send_mail):
        fault = Fault(param="email", code=RecipientMissing.code, message=RecipientMissing.title)
        raise RecipientMissing(errors=(fault,))
    if new.expires_at is not None and not call.now < new.expires_at <= call.now + LONGEST:
        message = "The expiry lies ahead, by a hundred years at most."
        raise ExpiryInThePast(message, errors=(Fault(param="expires_at", code=ExpiryInThePast.code, message=message),))


def _check_adjustment(record: AccountRecord, new: BalanceAdjustment) -> None:
    balance = int(record.balance)
    if new.expected_balance is not None and new.expected_balance != balance:
        raise StaleBalance.of(expected=new.expected_balance, current=balance)
    if balance + new.delta < 0:
        raise InsufficientBalance.of(
            label=record.card().label,
            balance=Money(amount=balance, currency=record.currency),
            wanted=Money(amount=-new.delta, currency=record.currency),
            param="delta",
        )
    if balance + new.delta > MOST:
        message = f"A balance goes up to {Money(amount=MOST, currency=record.currency)}."
        raise BalanceTooLarge(message, errors=(Fault(param="delta", code=BalanceTooLarge.code, message=message),))


def _adjusted(record: AccountRecord, new: BalanceAdjustment, call: Call) -> None:
    card = record.card()
    sequence = card.announced + 1
    change = Change(GiftCardEntryKind.ADJUST, new.delta, reference=new_id("adj"), note=new.reason, param="delta")
    event = GiftCardAdjusted(
        card_id=card.id,
        delta=Money(amount=new.delta, currency=card.currency),
        balance=Money(amount=card.balance + new.delta, currency=card.currency),
        reason=new.reason,
    )
    commit(
        [
            call.once.row(card.id) if call.once else None,
            *changed(card, change, AccountRecord.announced.set(sequence), call=call),
            announce(event, aggregate=issuing.aggregate(card.id), sequence=sequence, call=call),
        ]
    )


def _after(record: AccountRecord, *, balance: int) -> AccountRecord:
    record.balance = balance
    return record


def _changed(card_id: str) -> GiftCardChange:
    return GiftCardChange.of(staff_queries.account(card_id=card_id), dry_run=False)
