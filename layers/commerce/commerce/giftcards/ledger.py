"""The audit: balances are the sum of their entries, or it says where not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from commerce.giftcards.model import GiftCardEntryKind
from commerce.giftcards.records import AccountRecord, EntryRecord, whole_table


class Difference(NamedTuple):
    """Something in the table that does not add up.

    :param what: `balance`, `spent`, `entries` (their number), `entry N` (its balance after), `order ID` (what it gave
        back beyond what it took), or `sign` (an amount below zero).
    """

    card_id: str
    what: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.card_id}: {self.what} is {self.found}, expected {self.expected}"


def differences() -> tuple[Difference, ...]:
    """Compare cards and their entries; nothing is returned when all is well.

    It reads the whole table and takes no snapshot: while cards are used, a difference counts only if it is seen again.
    """
    accounts: dict[str, AccountRecord] = {}
    entries: defaultdict[str, list[EntryRecord]] = defaultdict(list)
    for row in whole_table():
        match row:
            case AccountRecord():
                accounts[row.pk] = row
            case EntryRecord():
                entries[row.pk].append(row)
    found = [
        difference
        for card_id in accounts.keys() | entries.keys()
        for difference in _of_card(card_id, accounts.get(card_id), entries[card_id])
    ]
    return tuple(sorted(found, key=lambda difference: (difference.card_id, difference.what)))


def _of_card(card_id: str, account: AccountRecord | None, entries: Iterable[EntryRecord]) -> Iterator[Difference]:
    told = sorted(entries, key=lambda entry: int(entry.sequence))
    balance, by_order = 0, defaultdict[str, int](int)
    for place, entry in enumerate(told, start=1):
        balance += int(entry.amount)
        if (place, balance) != (int(entry.sequence), int(entry.balance_after)):
            yield Difference(card_id, f"entry {place}", expected=balance, found=int(entry.balance_after))
        if entry.kind in {GiftCardEntryKind.REDEEM, GiftCardEntryKind.RELEASE, GiftCardEntryKind.REFUND}:
            by_order[entry.order_id or ""] -= int(entry.amount)
    sums = {"balance": balance, "spent": sum(by_order.values()), "version": len(told)}
    for name, expected in sums.items():
        held = int(getattr(account, name)) if account is not None else 0
        if held != expected:
            yield Difference(card_id, name, expected=expected, found=held)
        if held < 0:
            yield Difference(card_id, f"sign of {name}", expected=0, found=held)
    for order_id, spent in by_order.items():
        if spent < 0:
            yield Difference(card_id, f"order {order_id}", expected=0, found=spent)
