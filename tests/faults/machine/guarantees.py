"""The promises as code: one checker for each, with the name that docs/guarantees.md gives it.

Some hold in every committed state and are checked after every write; the others hold when faults have stopped and two
sweeps have passed. A checker says in words what it found; silence means that the promise holds.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.faults.machine.picture import BUCKETS, Document, Order, Picture
from tests.support.pumps import NOTIFIED

if TYPE_CHECKING:
    from tests.faults.machine.world import World

Checker = Callable[[Picture, "World"], Iterator[str]]
SWEEP = timedelta(minutes=5)
MAY_BECOME = {
    "pending": {"pending", "placed", "expired", "canceled"},
    "placed": {"placed", "canceled"},
    "expired": {"expired"},
    "canceled": {"canceled"},
}
PER_EMAIL, PER_NETWORK = 3, 100
"""Open checkouts that one e-mail and one network may have (the settings' defaults)."""


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One promise: its number, whether it holds in every committed state, and its checker."""

    number: str
    always: bool
    check: Checker

    @property
    def sentence(self) -> str:
        """Return the promise in words."""
        return (self.check.__doc__ or "").strip().splitlines()[0]


GUARANTEES: list[Guarantee] = []


def promised(number: str, *, always: bool) -> Callable[[Checker], Checker]:
    """Register a checker."""

    def register(check: Checker) -> Checker:
        GUARANTEES.append(Guarantee(number, always, check))
        return check

    return register


def broken(picture: Picture, world: "World", *, only_committed: bool) -> list[str]:
    """Return the promises that do not hold, in words."""
    found: list[str] = []
    for guarantee in GUARANTEES:
        if guarantee.always or not only_committed:
            found += [f"{guarantee.number} {what}" for what in guarantee.check(picture, world)]
    return found


@promised("G1", always=True)
def stock_is_conserved(picture: Picture, _: "World") -> Iterator[str]:
    """Per SKU and location the buckets sum to what was received, none is negative, and each is what orders hold."""
    held: dict[str, Counter[tuple[str, str]]] = {"reserved": Counter(), "committed": Counter(), "dispatched": Counter()}
    for order in picture.orders.values():
        if order.status == "pending":
            held["reserved"].update(order.left())
        elif order.status == "placed":
            held["committed"].update(order.left())
        held["dispatched"].update(order.sent())
    moved = _moved(picture)
    levels = picture.levels
    for key in levels.keys() | moved.keys() | held["reserved"].keys() | held["committed"].keys():
        level = levels.get(key, {})
        amounts = {name: level.get(name, 0) for name in (*BUCKETS, "received")}
        where = f"{key[0]} at {key[1]}"
        if min(amounts.values()) < 0:
            yield f"{where} is negative: {amounts}"
        if sum(amounts[name] for name in BUCKETS) != amounts["received"]:
            yield f"{where} does not sum to what was received: {amounts}"
        for name, units in held.items():
            if amounts[name] != units[key]:
                yield f"{where} has {amounts[name]} {name}, and orders hold {units[key]}"
        if any(amounts[name] != moved.get(key, Counter())[name] for name in amounts):
            yield f"{where} is not the sum of its movements: {amounts}"


def _moved(picture: Picture) -> dict[tuple[str, str], Counter[str]]:
    sums: dict[tuple[str, str], Counter[str]] = {}
    for document in picture.movements:
        for move in document["moves"]:
            changes = sums.setdefault((move["sku"], move["location"]), Counter())
            source, target = move.get("from"), move.get("to")
            changes[source or "received"] -= move["quantity"] if source else -move["quantity"]
            changes[target or "received"] += move["quantity"] if target else -move["quantity"]
    return sums


@promised("G2", always=True)
def an_order_is_charged_once(picture: Picture, _: "World") -> Iterator[str]:
    """At most one live PaymentIntent and one capture per order, and one refund at Stripe per refund of ours."""
    for order in picture.orders.values():
        intents = picture.intents_of(order)
        live = [intent["id"] for intent in intents if intent["status"] != "canceled"]
        if len(live) > 1:
            yield f"order {order.header['number']} has {len(live)} live payment intents"
        if sum(intent["amount_received"] > 0 for intent in intents) > 1:
            yield f"order {order.header['number']} was charged more than once"
    sent = Counter(
        refund["metadata"]["refund_id"]
        for refund in picture.at_stripe("refund")
        if "refund_id" in refund["metadata"] and refund["status"] not in {"failed", "canceled"}
    )
    for refund_id, times in sent.items():
        if times > 1:
            yield f"refund {refund_id} was made {times} times at Stripe"


@promised("G3", always=True)
def a_placed_order_is_paid(picture: Picture, _: "World") -> Iterator[str]:
    """An order is placed only if its own intent carries the stored amount, currency and live mode."""
    intents = {intent["id"]: intent for intent in picture.at_stripe("payment_intent")}
    for order in picture.orders.values():
        payment = order.payment
        if order.status != "placed" or payment["due"] == 0:
            continue
        name = f"order {order.header['number']} is placed"
        intent = intents.get(payment["intent_id"])
        if intent is None:
            yield f"{name}, and Stripe knows no intent {payment['intent_id']}"
            continue
        if intent["status"] not in {"succeeded", "requires_capture", "canceled"}:
            yield f"{name}, and its intent is {intent['status']}"
        if payment["captured"] + payment["authorized"] <= 0:
            yield f"{name}, and nothing is captured or authorized"
        if payment["captured"] and payment["captured"] != intent["amount_received"]:
            yield f"{name} with {payment['captured']} captured, and Stripe received {intent['amount_received']}"
        if (intent["amount"], intent["currency"].upper()) != (payment["due"], payment["currency"]):
            yield f"{name} for {payment['due']} {payment['currency']}, and its intent is over {intent['amount']}"
        if intent["livemode"] != payment["livemode"] or intent["metadata"].get("order_id") != order.id:
            yield f"{name} by an intent of another order or mode"


@promised("G3", always=True)
def what_is_ordered_is_held(picture: Picture, _: "World") -> Iterator[str]:
    """All units of an order's lines are allocated, also when several lines name one SKU."""
    for order in picture.orders.values():
        ordered, allocated = Counter[str](), Counter[str]()
        for line in order.details["lines"]:
            ordered[line["sku"]] += line["quantity"]
        for part in order.details["allocations"]:
            allocated[part["sku"]] += part["quantity"]
        if ordered != allocated:
            yield f"order {order.header['number']} is about {dict(ordered)}, and holds {dict(allocated)}"


@promised("G4", always=True)
def nobody_pays_for_what_is_closed(picture: Picture, _: "World") -> Iterator[str]:
    """An order is closed only after its intent is: nothing can be paid any more, unless a person was told."""
    reviewed = {review["intent_id"] for review in picture.reviews}
    for order in picture.orders.values():
        if order.status in {"expired", "canceled"}:
            for intent in picture.intents_of(order):
                if intent["status"] not in {"succeeded", "canceled"} and intent["id"] not in reviewed:
                    yield f"order {order.header['number']} is {order.status}, and its intent is {intent['status']}"


@promised("G4", always=False)
def money_ends_somewhere(picture: Picture, _: "World") -> Iterator[str]:
    """Money that arrived ends in a paid order, a full refund, or an open review. Never silent."""
    reviewed = {review["intent_id"] for review in picture.reviews}
    for intent in picture.at_stripe("payment_intent"):
        order = picture.orders.get(intent["metadata"].get("order_id", ""))
        if intent["id"] in reviewed:
            continue
        if order is None:
            if intent["amount_received"]:
                yield f"{intent['id']} brought money for an order that does not exist"
            continue
        name = f"order {order.header['number']} ({order.status})"
        if order.status in {"expired", "canceled"}:
            if intent["status"] in {"requires_capture", "processing"}:
                yield f"{name} is closed and its intent is {intent['status']}"
            back = sum(refund["amount"] for refund in picture.refunds_of(intent)) + picture.at_the_bank(intent)
            if back != intent["amount_received"]:
                yield f"{name} is closed; {intent['amount_received']} arrived and {back} went back"
        elif intent["amount_received"] and order.payment["captured"] != intent["amount_received"]:
            yield f"{name}: {intent['amount_received']} arrived and {order.payment['captured']} is recorded"
        elif intent["status"] == "requires_capture" and order.status != "placed":
            yield f"{name}: an authorization was not noticed"


@promised("G4", always=False)
def refunds_are_sent(picture: Picture, _: "World") -> Iterator[str]:
    """A refund that was asked for reaches Stripe, or is told as failed."""
    for order in picture.orders.values():
        for refund in order.refunds:
            if refund["state"] == "requested":
                yield f"order {order.header['number']}: a refund of {refund['amount']} was never sent"


@promised("G5", always=False)
def holds_end(picture: Picture, world: "World") -> Iterator[str]:
    """No hold outlives its deadline by more than one sweep, and no cart stays locked without an open order."""
    for order in picture.orders.values():
        ends = datetime.fromisoformat(order.header["hold_expires_at"])
        if order.status == "pending" and not order.payment["processing"] and ends + SWEEP < world.now:
            yield f"order {order.header['number']} still holds its stock {world.now - ends} after its deadline"
    for cart_id, cart in picture.carts.items():
        order_of_cart = picture.orders.get(cart.get("order_id") or "")
        status = order_of_cart.status if order_of_cart else "missing"
        if cart["state"] == "locked" and status != "pending":
            yield f"cart {cart_id} is locked by an order that is {status}"
        if cart["state"] == "ordered" and status not in {"placed", "canceled"}:
            yield f"cart {cart_id} is ordered, and its order is {status}"


@promised("G6", always=False)
def events_have_their_effect(picture: Picture, world: "World") -> Iterator[str]:
    """A webhook that was answered 2xx has its effect, once: Stripe's books and ours agree, and nothing is left over."""
    if world.undelivered:
        yield f"{world.undelivered} messages were given up or never arrive"
    for order in picture.orders.values():
        refunds = [refund for intent in picture.intents_of(order) for refund in picture.refunds_of(intent)]
        there = sum(refund["amount"] for refund in refunds if refund["status"] == "succeeded")
        if order.payment["refunded"] != there:
            yield f"order {order.header['number']}: {there} went back at Stripe, {order.payment['refunded']} with us"
        disputed = sum(picture.at_the_bank(intent) for intent in picture.intents_of(order))
        if order.payment["disputed"] != disputed:
            yield f"order {order.header['number']}: {disputed} is disputed, and we know of {order.payment['disputed']}"


@promised("G7", always=True)
def refunds_stay_below_captures(picture: Picture, _: "World") -> Iterator[str]:
    """What we refund never exceeds what was captured, and each refund counts once; Stripe's own facts may."""
    for order in picture.orders.values():
        payment, name = order.payment, f"order {order.header['number']}"
        states = Counter[str]()
        for refund in order.refunds:
            states[refund["state"]] += refund["amount"]
        if payment["refunded"] != states["succeeded"]:
            yield f"{name} says {payment['refunded']} refunded, its refunds {states['succeeded']}"
        if payment["refund_pending"] != states["requested"] + states["pending"]:
            yield f"{name} sets {payment['refund_pending']} aside for refunds, which are {dict(states)}"
        if not _stripes_own(order) and payment["refunded"] + payment["refund_pending"] > payment["captured"]:
            yield f"{name}: {payment['refunded']} + {payment['refund_pending']} refunded of {payment['captured']}"


@promised("G7", always=True)
def refunds_fit_when_they_are_asked_for(picture: Picture, world: "World") -> Iterator[str]:
    """What we start to refund was captured, and is neither refunded, nor on its way back, nor disputed by then."""
    for order in picture.orders.values():
        payment = order.payment
        new = [refund for refund in order.refunds if refund["id"] not in world.refunds]
        world.refunds.update(refund["id"] for refund in new)
        taken = payment["refunded"] + payment["refund_pending"] + payment["disputed"]
        if taken > payment["captured"] and any(refund["origin"] != "provider" for refund in new):
            yield f"order {order.header['number']}: a refund makes it {taken} that go back of {payment['captured']}"


@promised("G7", always=False)
def an_excess_is_reviewed(picture: Picture, _: "World") -> Iterator[str]:
    """When Stripe sent back more than had arrived, in refunds and disputes together, a person hears of it."""
    reviewed = {review["order_id"] for review in picture.reviews if review["kind"] == "excess_refund"}
    for order in picture.orders.values():
        payment = order.payment
        if payment["refunded"] + payment["disputed"] > payment["captured"] and order.id not in reviewed:
            yield (
                f"order {order.header['number']}: {payment['refunded']} refunded + {payment['disputed']} disputed of "
                f"{payment['captured']}, and nobody was told"
            )


def _stripes_own(order: Order) -> bool:
    return any(refund["origin"] == "provider" for refund in order.refunds)


@promised("G8", always=True)
def limits_are_kept(picture: Picture, _: "World") -> Iterator[str]:
    """Limited things never go below zero or over their limit, and are given back exactly once."""
    taken: Counter[str] = Counter()
    for order in picture.orders.values():
        if order.status == "pending":
            taken.update(order.header["limit_keys"])
    counted = picture.open_checkouts
    for key in counted.keys() | taken.keys():
        most = PER_EMAIL if key.startswith("open#email#") else PER_NETWORK
        if counted.get(key, 0) != taken[key]:
            yield f"{key.split('#')[1]}: {counted.get(key, 0)} open checkouts are counted, and there are {taken[key]}"
        if not 0 <= counted.get(key, 0) <= most:
            yield f"{key.split('#')[1]}: {counted.get(key, 0)} open checkouts of {most} allowed"


@promised("G9", always=True)
def statuses_only_go_forward(picture: Picture, world: "World") -> Iterator[str]:
    """`order.status` is monotone: nothing leaves a terminal state, whatever the order of events."""
    for order in picture.orders.values():
        before = world.statuses.get(order.id, "pending" if order.status == "pending" else order.status)
        if order.status not in MAY_BECOME[before]:
            yield f"order {order.header['number']} was {before} and became {order.status}"
        world.statuses[order.id] = order.status
    for order_id in world.statuses.keys() - picture.orders.keys():
        yield f"order {order_id} was there and is gone"


@promised("G10", always=False)
def answers_are_kept(picture: Picture, world: "World") -> Iterator[str]:
    """A 2xx answer to a client survives any later fault; nobody is told "paid" for an order that later is not."""
    movements = {pk.removeprefix("movement#") for pk, sk, _ in picture.rows("inventory") if sk == "movement"}
    for told in world.history:
        body = told.answer.body if told.answer is not None and told.is_success else None
        if not isinstance(body, dict) or body.get("dry_run"):
            continue
        yield from _order_kept(picture, body.get("order") or body)
        if isinstance(refund := body.get("refund"), dict) and not _refund_kept(picture, refund):
            yield f"a client was told of the refund {refund['id']}, and it is not there"
        if body.get("movement_id") is not None and body["movement_id"] not in movements:
            yield f"a client was told of the movement {body['movement_id']}, and it is not there"


def _order_kept(picture: Picture, told: Document) -> Iterator[str]:
    if not str(told.get("id", "")).startswith("ord_"):
        return
    order = picture.orders.get(told["id"])
    if order is None:
        yield f"a client was told of the order {told['id']}, and it is not there"
        return
    if told["totals"]["total"]["amount"] != order.header["totals"]["total"]["amount"]:
        yield f"order {told['number']} was answered with another total"
    if order.status not in MAY_BECOME[told["status"]]:
        yield f"a client was told that order {told['number']} is {told['status']}, and it is {order.status}"
    if told["payment_status"] == "paid" and order.payment["captured"] < order.payment["due"]:
        yield f"a client was told that order {told['number']} is paid, and it is not"


def _refund_kept(picture: Picture, told: Document) -> bool:
    order = picture.orders.get(told.get("order_id", ""))
    orders = [order] if order else list(picture.orders.values())
    return any(
        refund["id"] == told["id"] and refund["amount"] == told["amount"] for each in orders for refund in each.refunds
    )


@promised("G12", always=False)
def nothing_answers_500(_: Picture, world: "World") -> Iterator[str]:
    """No input and no fault makes a 500; a fault makes a 503 that says when to come back."""
    for told in world.history:
        answer = told.answer
        if answer is None or answer.status < 500:
            continue
        if answer.status != 503 or not answer.body.get("retryable"):
            yield f"{told.method} {told.path} answered {answer.status} {answer.body.get('code')}"


@promised("G14", always=False)
def changes_are_announced(picture: Picture, world: "World") -> Iterator[str]:
    """Each change is announced at least once, in order and without a gap; each consumer takes effect once."""
    announced = picture.announced
    for order in picture.orders.values():
        sequences = [row["sequence"] for row in announced.get(f"order#{order.id}", [])]
        if sequences != list(range(1, order.header["version"] + 1)):
            yield f"order {order.header['number']} is at version {order.header['version']} and announced {sequences}"
    arrived = {event["event_id"] for event in world.bus}
    for rows in announced.values():
        for row in rows:
            if row["event_id"] not in arrived:
                yield f"{row['type']} never reached the bus"
            if "gsi1pk" in row:
                yield f"{row['type']} is not marked as published"
    for review in picture.reviews:
        sequences = [row["sequence"] for row in announced.get(f"review#{review['id']}", [])]
        if sequences != list(range(1, review["version"] + 1)):
            yield f"review {review['kind']} is at version {review['version']} and announced {sequences}"
    yield from _told_once(picture, world)
    yield from _projected(picture)
    yield from _shown(picture)
    yield from _low_stock_told(picture)


def _told_once(picture: Picture, world: "World") -> Iterator[str]:
    notices = [row for _, _, row in picture.rows("notifications")]
    for notice in notices:
        if "sent_at" not in notice:
            yield f"nobody was told of {notice['type']}"
    noticed = {pk.removeprefix("notice#") for pk, _, _ in picture.rows("notifications")}
    for rows in picture.announced.values():
        for row in rows:
            # Stock that has recovered by the time somebody could be told is not worth telling.
            if row["type"] in {*NOTIFIED} - {"inventory.stock_low"} and row["event_id"] not in noticed:
                yield f"nobody was to be told of {row['type']}"
    if len(world.mails) > len(notices) + world.mails_that_may_repeat:
        yield f"{len(world.mails)} mails were sent for {len(notices)} events"
    if len(world.mails) < len(notices):
        yield f"{len(notices)} events count as told, and {len(world.mails)} mails were sent"


def _projected(picture: Picture) -> Iterator[str]:
    told: Counter[str] = Counter()
    for _, sk, row in picture.rows("inventory"):
        if sk.startswith("history#"):
            told[row["movement_id"]] += 1
    for pk, sk, row in picture.rows("inventory"):
        if sk == "movement":
            name = pk.removeprefix("movement#")
            if told[name] != len(row["moves"]) or "gsi1pk" in row:
                yield f"movement {name} ({row['reason']}) is told {told[name]} times in the histories"


def _shown(picture: Picture) -> Iterator[str]:
    """Find the catalog's rows that show another stock than there is, once all movements are projected."""
    available, revisions = Counter[str](), Counter[str]()
    for (sku, _), level in picture.levels.items():
        available[sku] += level.get("available", 0)
        revisions[sku] += level["revision"]
    for pk, sk, row in picture.rows("catalog"):
        shown = row["available"] if isinstance(row.get("available"), dict) else {}
        seen = row["revisions"] if shown else {}
        if sk == "variant":
            sku = pk.removeprefix("sku#")
            shown, seen = {sku: row["available"]}, {sku: row["availability_revision"]}
        for sku, units in shown.items():
            if revisions[sku] and (units, seen[sku]) != (available[sku], revisions[sku]):
                yield f"{pk} shows {units} of {sku} (revision {seen[sku]}), and there are {available[sku]}"


def _low_stock_told(picture: Picture) -> Iterator[str]:
    """Find levels whose flag is wrong, or whose crossings were not told one by one."""
    announced = picture.announced
    for (sku, location), level in picture.levels.items():
        threshold = level.get("low_stock_threshold")
        is_low = threshold is not None and level.get("available", 0) <= threshold
        if threshold is not None and bool(level.get("low_announced")) != is_low:
            yield f"{sku} at {location} has {level.get('available', 0)} and its low-stock flag says otherwise"
        told = announced.get(f"stock#{sku}#{location}", [])
        if [row["sequence"] for row in told] != list(range(1, level.get("alert_sequence", 0) + 1)):
            yield f"{sku} at {location} crossed its threshold {level['alert_sequence']} times, told {len(told)} times"


def digest(picture: Picture) -> dict[str, Any]:
    """Return what money and stock say, to compare before and after something that must change nothing."""
    amounts = ("captured", "authorized", "refunded", "refund_pending", "disputed", "canceled", "reviews_open")
    return {
        "orders": {
            order.id: (order.status, order.header["version"], *(order.payment[name] for name in amounts))
            for order in picture.orders.values()
        },
        "levels": {key: tuple(level.get(name, 0) for name in BUCKETS) for key, level in picture.levels.items()},
        "refunds": sorted(refund["id"] for refund in picture.at_stripe("refund")),
    }
