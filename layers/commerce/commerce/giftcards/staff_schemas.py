"""Gift cards and store credit as staff send and read them."""

import re
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from commerce.customers.model import Email
from commerce.giftcards.model import GiftCardEntryKind, GiftCardKind, GiftCardState
from commerce.giftcards.records import AccountRecord, EntryRecord, label
from commerce.kernel.money import MOST, Money
from commerce.kernel.schema import Input, Instant, Line, Output

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def _is_a_moment(value: object) -> object:
    """Refuse what pydantic would make a moment of otherwise: numbers, dates, and times of no place."""
    if isinstance(value, datetime) or (isinstance(value, str) and MOMENT.fullmatch(value)):
        return value
    message = "this must be a time with its offset, for example 2027-12-31T23:00:00Z"
    raise ValueError(message)


def _is_worth_something(amount: Money) -> Money:
    if not 1 <= amount.amount <= MOST:
        message = f"amounts go from 1 to {MOST} minor units"
        raise ValueError(message)
    return amount


def _is_change(delta: int) -> int:
    if delta == 0:
        message = "a change of 0 changes nothing"
        raise ValueError(message)
    return delta


Moment = Annotated[Instant, BeforeValidator(_is_a_moment)]
Worth = Annotated[Money, AfterValidator(_is_worth_something)]
Delta = Annotated[int, Field(ge=-MOST, le=MOST), AfterValidator(_is_change)]
Seen = Annotated[
    int,
    Field(
        ge=0,
        le=MOST,
        description="The balance that you saw; if it changed, you get a 409 with the present one.",
    ),
]


class NewGiftCard(Input):
    """A gift card or store credit to be issued."""

    kind: Annotated[GiftCardKind, Strict(strict=False)] = Field(
        GiftCardKind.GIFT_CARD, description="Store credit can be used by carts with its `email` alone."
    )
    amount: Worth = Field(description="What is put on it.")
    expires_at: Moment | None = Field(
        None, description="Until when it can be used; null: for ever. Left out: by the shop's rule."
    )
    email: Email | None = Field(None, description="Whose it is (store credit), or whom it is for.")
    send_mail: bool = Field(default=False, description="Whether the code is mailed to `email`.")
    note: Line | None = Field(None, description="Why, for the books.")


class BalanceAdjustment(Input):
    """A correction of a balance."""

    delta: Delta = Field(description="Minor units to add (positive) or to take away (negative); never 0.")
    reason: Line = Field(description="Why, for the books.")
    expected_balance: Seen | None = None


class GiftCardDisabling(Input):
    """Why a card shall pay no more."""

    reason: Line = Field(description="Why, for the books.")


class StaffGiftCard(Output):
    """A gift card or store credit as staff see it, without its code."""

    id: str
    kind: GiftCardKind
    label: str = Field(description="The last four letters of its code.")
    state: GiftCardState
    initial: Money = Field(description="What was put on it when it was issued.")
    balance: Money
    spent: Money = Field(description="What paid for orders and did not come back.")
    expires_at: Instant | None
    email: str | None = Field(description="Whose it is (store credit), or whom it is for.")
    note: str | None
    order_id: str | None = Field(description="The order that sold it; null when staff issued it.")
    issued_at: Instant
    issued_by: str
    disabled_at: Instant | None
    disabled_reason: str | None
    version: int

    @classmethod
    def of(cls, record: AccountRecord, **more: object) -> Self:
        """Return a stored card as staff see it."""
        shown = {
            "id": record.pk,
            "kind": record.kind,
            "label": label(record.last_four),
            "state": record.state,
            "expires_at": record.expires_at,
            "email": record.email,
            "note": record.note,
            "order_id": record.order_id,
            "issued_at": record.issued_at,
            "issued_by": record.issued_by,
            "disabled_at": record.disabled_at,
            "disabled_reason": record.disabled_reason,
            "version": int(record.version),
        }
        amounts = {
            name: Money(amount=int(getattr(record, name)), currency=record.currency)
            for name in ("initial", "balance", "spent")
        }
        return cls.model_validate(shown | amounts | more)


class IssuedGiftCard(StaffGiftCard):
    """A card that was just issued, with its code. No other answer to staff holds one."""

    code: str | None = Field(description="What the shopper types in. Null in a dry run. Repeats get it again.")
    dry_run: bool = Field(description="True: nothing was issued, this is what would be.")


class GiftCardEntry(Output):
    """One line of a card's ledger."""

    sequence: int = Field(description="Counts the card's entries, from 1.")
    kind: GiftCardEntryKind
    amount: Money = Field(description="What the balance changed by, with its sign; 0 where only the state changed.")
    balance_after: Money
    reference: str = Field(description="What caused it: an order, a refund, an adjustment.")
    order_id: str | None
    note: str | None
    actor: str
    occurred_at: Instant

    @classmethod
    def of(cls, record: EntryRecord, *, currency: str) -> Self:
        """Return a stored entry as staff see it."""
        return cls(
            sequence=int(record.sequence),
            kind=GiftCardEntryKind(record.kind),
            amount=Money(amount=int(record.amount), currency=currency),
            balance_after=Money(amount=int(record.balance_after), currency=currency),
            reference=record.reference,
            order_id=record.order_id,
            note=record.note,
            actor=record.actor,
            occurred_at=record.occurred_at,
        )


class GiftCardLedger(StaffGiftCard):
    """A card with its entries, the newest first."""

    items: list[GiftCardEntry] = Field(description="The entries of its ledger.")
    next_cursor: str | None = Field(description="Send it as `cursor` to read on; null at the end.")


class GiftCardChange(StaffGiftCard):
    """A card after a change."""

    dry_run: bool = Field(description="True: nothing was changed, this is what would be.")
