"""Money: charged once, for what was taken; back once, and never more than came."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.faults.machine.guarantees import promised
from tests.faults.machine.picture import Order, Picture

if TYPE_CHECKING:
    from tests.faults.machine.world import World

SWEEP = timedelta(minutes=5)
PER_EMAIL, PER_NETWORK = 3, 100
"""Open checkouts that one e-mail and one network may have (the settings' defaults)."""


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
                yield f"order {order.header['number']}: a refund of {refund['amount']['amount']} was never sent"


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
            states[refund["state"]] += refund["to_provider"]["amount"]
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
