"""Gift cards and store credit of a cart: what they pay of it, what keeps them from it, and how a shopper reads that."""

from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from datetime import datetime

from commerce.carts.errors import (
    GiftCardDisabled,
    GiftCardEmpty,
    GiftCardExpired,
    GiftCardNotYours,
    GiftCardWrongCurrency,
    TooManyGiftCards,
)
from commerce.carts.model import Cart, CartState
from commerce.carts.schemas import CartGiftCard, CartProblem
from commerce.giftcards import tenders as giftcards
from commerce.giftcards.errors import GiftCardNotFound
from commerce.giftcards.model import (
    MOST_CREDITS,
    MOST_GIFT_CARDS,
    GiftCardKind,
    GiftCardState,
    Tender,
    TenderPart,
    Unusable,
    paid_by,
)
from commerce.kernel.errors import CommerceError
from commerce.kernel.money import Money, grain
from commerce.kernel.reads import Answers
from commerce.pricing import charges
from commerce.pricing.basket import Bill
from commerce.pricing.model import CardPayment, Quote

REFUSALS: Mapping[Unusable, type[CommerceError]] = {
    Unusable.UNKNOWN: GiftCardNotFound,
    Unusable.DISABLED: GiftCardDisabled,
    Unusable.EXPIRED: GiftCardExpired,
    Unusable.WRONG_CURRENCY: GiftCardWrongCurrency,
    Unusable.NOT_YOURS: GiftCardNotYours,
    Unusable.EMPTY: GiftCardEmpty,
}

WHAT_TO_DO: Mapping[Unusable, str] = {
    Unusable.UNKNOWN: "There is no such gift card (any more); remove it.",
    Unusable.DISABLED: "{label} was disabled by the shop; remove it, or ask there.",
    Unusable.EXPIRED: "{label} has expired; remove it.",
    Unusable.WRONG_CURRENCY: "{label} pays in {currency} only; remove it, or change the currency of the cart.",
    Unusable.NOT_YOURS: "The store credit {label} belongs to another e-mail address; give that one, or remove it.",
    Unusable.EMPTY: "Nothing is left on {label}; remove it.",
}


def tenders_of(cart: Cart, *, answers: Answers, now: datetime) -> tuple[Tender, ...]:
    """Return the cart's cards as they were read.

    While a checkout holds the cart, and after it ordered, each has what the order took of it: that is what it pays,
    whatever was bought with the rest, or given back, since.
    """
    found = giftcards.cards(answers=answers, ids=cart.gift_cards, currency=cart.currency, email=cart.email, now=now)
    if cart.state is CartState.OPEN:
        return found
    return tuple(_as_ordered(tender, cart.taken.get(tender.id, 0)) for tender in found)


def _as_ordered(tender: Tender, taken: int) -> Tender:
    if tender.card is None:
        return tender
    card = replace(tender.card, balance=taken, state=GiftCardState.ACTIVE, expires_at=None)
    return Tender(id=tender.id, card=card, problem=None)


def payments(tenders: Sequence[Tender], *, bill: Bill, currency: str, now: datetime) -> tuple[CardPayment, ...]:
    """Return what each card pays, such that the payment provider charges what is left."""
    parts = paid_by(
        due=bill.total - bill.not_by_cards,
        cards=giftcards.usable(tenders),
        currency=currency,
        now=now,
        least=charges.least(currency),
        step=grain(currency),
        beside=bill.not_by_cards,
    )
    return tuple(
        CardPayment(
            id=part.account_id,
            part="credit" if part.kind is GiftCardKind.STORE_CREDIT else "gift_card",
            label=part.label,
            amount=part.amount,
        )
        for part in parts
    )


def parts_of(quote: Quote) -> tuple[TenderPart, ...]:
    """Return what each card pays, as it is taken from them."""
    return tuple(
        TenderPart(
            account_id=payment.id,
            kind=GiftCardKind.STORE_CREDIT if payment.part == "credit" else GiftCardKind.GIFT_CARD,
            label=payment.label,
            amount=payment.amount,
        )
        for payment in quote.payments
    )


def problems_of(tenders: Sequence[Tender]) -> Iterator[CartProblem]:
    """Yield what keeps cards from paying."""
    for tender in tenders:
        if tender.problem is not None:
            card = tender.card
            message = WHAT_TO_DO[tender.problem].format(
                label=card.label if card else "", currency=card.currency if card else ""
            )
            yield CartProblem(
                code="carts.gift_card_unusable", blocking=True, param=f"gift_cards.{tender.id}", message=message
            )


def shown(tenders: Sequence[Tender], quote: Quote) -> tuple[CartGiftCard, ...]:
    """Return the cards as a shopper reads them."""
    amounts = {payment.id: payment.amount for payment in quote.payments}
    return tuple(_shown(tender, amounts.get(tender.id, 0), quote.totals.total.currency) for tender in tenders)


def _shown(tender: Tender, amount: int, currency: str) -> CartGiftCard:
    card = tender.card
    return CartGiftCard(
        id=tender.id,
        kind=card.kind if card else None,
        label=card.label if card else None,
        balance=Money(amount=card.balance, currency=card.currency) if card else None,
        expires_at=card.expires_at if card else None,
        amount=Money(amount=amount, currency=currency),
        problem=tender.problem,
    )


def check_added(tenders: Sequence[Tender], *, card_id: str) -> None:
    """Check that a card which is added can pay, and that there is room for it.

    :raises TooManyGiftCards: when there is none.
    :raises CommerceError: one of `REFUSALS`, when it cannot pay.
    """
    added = next(tender for tender in tenders if tender.id == card_id)
    if added.problem is not None:
        raise REFUSALS[added.problem]
    credits_ = sum(1 for each in tenders if each.card is not None and each.card.kind is GiftCardKind.STORE_CREDIT)
    if credits_ > MOST_CREDITS or len(tenders) - credits_ > MOST_GIFT_CARDS:
        raise TooManyGiftCards
