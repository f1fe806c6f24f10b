"""Gift cards and store credit: what is on them, what they paid, and what came back."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.faults.machine.guarantees import promised
from tests.faults.machine.picture import Document, Order, Picture

if TYPE_CHECKING:
    from tests.faults.machine.world import World

PAYS = {"redeem", "release", "refund"}
"""The entries that orders make."""


@promised("G8", always=True)
def cards_are_sums_of_their_entries(picture: Picture, _: "World") -> Iterator[str]:
    """A card's balance is never negative, and with what it spent it is what was put in less what was written off."""
    entries = _entries(picture)
    for card_id, card in _cards(picture).items():
        kinds = Counter[str]()
        for entry in entries[card_id]:
            kinds[entry["kind"]] += entry["amount"]
        put_in = kinds["issue"] + kinds["adjust"] + kinds["expire"]
        spent = -sum(kinds[kind] for kind in PAYS)
        name = f"card {card['last_four']}"
        if (card["balance"], card["spent"]) != (put_in - spent, spent):
            yield f"{name} has {card['balance']} and spent {card['spent']}, its entries say {put_in - spent}, {spent}"
        if min(card["balance"], card["spent"]) < 0:
            yield f"{name} has {card['balance']} and spent {card['spent']}"
        if card["version"] != len(entries[card_id]):
            yield f"{name} changed {card['version']} times, and has {len(entries[card_id])} entries"


@promised("G3", always=True)
def cards_and_stripe_pay_the_total(picture: Picture, _: "World") -> Iterator[str]:
    """What an order's cards paid and what is due at Stripe are its total, and cards pay for no other order."""
    for order in picture.orders.values():
        payment, total = order.payment, order.header["totals"]["total"]["amount"]
        paid = sum(_paid(order).values())
        if paid + payment["due"] != total:
            yield f"order {order.header['number']}: {paid} by cards and {payment['due']} due are not {total}"
        if order.status in {"pending", "placed"} and payment["by_cards"] != paid:
            yield f"order {order.header['number']} has {payment['by_cards']} of its cards, and they paid {paid}"
    for order_id, parts in _taken(picture).items():
        if order_id not in picture.orders:
            yield f"{sum(parts.values())} of cards is held for an order that does not exist"


@promised("G8", always=True)
def unpaid_orders_hold_no_card(picture: Picture, _: "World") -> Iterator[str]:
    """What an order keeps of its cards is what they paid less what went back; nothing, once it is closed unpaid."""
    taken = _taken(picture)
    for order in picture.orders.values():
        payment, name = order.payment, f"order {order.header['number']} ({order.status})"
        kept = sum(taken[order.id].values())
        if kept != payment["by_cards"] - payment["returned_to_cards"]:
            yield f"{name} keeps {kept} of its cards, and says {payment['by_cards']} - {payment['returned_to_cards']}"
        is_unpaid = payment["due"] > 0 and payment["captured"] == 0
        if order.status in {"expired", "canceled"} and is_unpaid and kept:
            yield f"{name} was never paid, and keeps {kept} of its cards"


@promised("G7", always=True)
def cards_get_no_more_than_they_paid(picture: Picture, _: "World") -> Iterator[str]:
    """No card gets more back of an order than it paid, and each refund's part is on it once, from the start."""
    refunded: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for card_id, entries in _entries(picture).items():
        for entry in entries:
            if entry["kind"] == "refund":
                refunded[entry["reference"]][card_id] += entry["amount"]
    for order in picture.orders.values():
        back, paid, name = Counter[str](), _paid(order), f"order {order.header['number']}"
        for refund in order.refunds:
            parts = Counter({part["id"]: part["amount"]["amount"] for part in refund["to_cards"]})
            back += parts
            if refunded[refund["id"]] != parts:
                yield f"{name}: a refund gives {dict(parts)}, and the cards got {dict(refunded[refund['id']])}"
        if any(amount > paid[card_id] for card_id, amount in back.items()):
            yield f"{name}: {dict(back)} went back onto cards that paid {dict(paid)}"
        if sum(back.values()) != order.payment["returned_to_cards"]:
            yield f"{name}: {dict(back)} went back onto cards, and it says {order.payment['returned_to_cards']}"


@promised("G4", always=False)
def nothing_is_kept_of_what_is_over(picture: Picture, _: "World") -> Iterator[str]:
    """Money of cards ends in a placed order, or back on the cards: a canceled order keeps what staff kept of it."""
    for order in picture.orders.values():
        payment = order.payment
        kept = payment["by_cards"] - payment["returned_to_cards"]
        if order.status == "expired" and kept:
            yield f"order {order.header['number']} is expired, and keeps {kept} of its cards"


def _cards(picture: Picture) -> dict[str, Document]:
    return {pk: row for pk, sk, row in picture.rows("gift_cards") if sk == "account"}


def _entries(picture: Picture) -> defaultdict[str, list[Document]]:
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for pk, sk, row in picture.rows("gift_cards"):
        if sk.startswith("entry#"):
            found[pk].append(row)
    return found


def _taken(picture: Picture) -> defaultdict[str, Counter[str]]:
    """Return what is off the cards for each order, by order and card."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for card_id, entries in _entries(picture).items():
        for entry in entries:
            if entry["kind"] in PAYS:
                found[entry["order_id"]][card_id] -= entry["amount"]
    return found


def _paid(order: Order) -> Counter[str]:
    return Counter({part["id"]: part["amount"]["amount"] for part in order.details.get("gift_cards", [])})
