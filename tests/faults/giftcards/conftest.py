"""Gift cards on DynamoDB Local, used by many threads at once."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from commerce.adapters import ssm
from commerce.giftcards import operations, staff_operations
from commerce.giftcards.errors import InsufficientBalance
from commerce.giftcards.model import Card, TenderPart, paid_by
from commerce.giftcards.records import AccountRecord
from commerce.giftcards.staff_schemas import BalanceAdjustment, GiftCardDisabling, NewGiftCard
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.errors import WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.money import Money
from commerce.kernel.reads import get
from commerce.kernel.transactions import commit
from tests.support.racing import staff_call
from tests.support.store import SECRETS

PATIENCE = 60
"""How often somebody who was overtaken looks again."""


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    """The secrets, without SSM."""
    with patch.object(ssm, "secret", SECRETS.__getitem__):
        yield


def issued(amount: int = 5000, **more: Any) -> str:
    """Issue a card and return its id."""
    new = NewGiftCard(amount=Money(amount=amount, currency="USD"), **more)
    return staff_operations.issue(new=new, call=staff_call(), dry_run=False).id


def card(card_id: str) -> Card:
    """Return a card as it is stored now."""
    record = get(AccountRecord, card_id, "account")
    assert record is not None
    return record.card()


def parts_of(due: int, *cards: Card) -> tuple[TenderPart, ...]:
    return paid_by(due=due, cards=cards, currency="USD", now=clock.now())


def redeem(
    due: int, *card_ids: str, order_id: str = "", patience: int = PATIENCE
) -> tuple[str, tuple[TenderPart, ...]]:
    """Pay as much of an order as the cards hold, looking again when somebody was faster, as a checkout does."""
    order_id = order_id or new_id("ord")
    for _ in range(patience):
        cards = [card(card_id) for card_id in card_ids]
        parts = parts_of(due, *cards)
        if sum(part.amount for part in parts) < due:
            raise InsufficientBalance
        call = system_call(worker="test", now=clock.now())
        try:
            commit(operations.redeemed(parts=parts, cards=cards, order_id=order_id, call=call))
        except (InsufficientBalance, WriteConflict):
            continue
        return order_id, parts
    raise WriteConflict


def release(order_id: str, parts: tuple[TenderPart, ...]) -> None:
    again(lambda: operations.released(parts=parts, order_id=order_id, call=a_call()))


def refund(order_id: str, parts: tuple[TenderPart, ...], refund_id: str) -> None:
    again(lambda: operations.refunded(parts=parts, refund_id=refund_id, order_id=order_id, call=a_call()))


def again(writes: Any) -> None:
    """Read, decide, commit, until nobody is in the way; a cause that had its effect ends in WriteConflict."""
    for attempt in range(PATIENCE):
        try:
            commit(writes())
        except WriteConflict:
            if attempt == PATIENCE - 1:
                raise
        else:
            return


def once(writes: Any) -> None:
    """Try a single time."""
    commit(writes())


def a_call() -> Any:
    return system_call(worker="test", now=clock.now())


def adjust(card_id: str, delta: int, *, key: str | None = None, seen: int | None = None) -> None:
    new = BalanceAdjustment(delta=delta, reason="counted", expected_balance=seen)
    staff_operations.adjust(card_id=card_id, new=new, call=staff_call(key), dry_run=False)


def disable(card_id: str) -> None:
    staff_operations.disable(card_id=card_id, new=GiftCardDisabling(reason="lost"), call=staff_call())


def announced(tables: Any) -> list[str]:
    """Return the types of all events about gift cards."""
    items = tables.scan(TableName="test-outbox", ConsistentRead=True)["Items"]
    return sorted(item["type"]["S"] for item in items)
