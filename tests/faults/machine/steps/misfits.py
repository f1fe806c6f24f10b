"""Stripe tells of money that does not fit: of another amount, mode or intent, of no order, or too late."""

from typing import Any
from urllib.parse import urlencode

from tests.faults.machine.cases import Context
from tests.faults.machine.picture import Document
from tests.faults.machine.steps.deliveries import (
    BANK_DEBIT,
    MANUAL,
    PART,
    SLOW,
    SWEPT,
    consumed,
    ends,
    every_call,
    paid,
    pays_with_another_card,
)
from tests.faults.machine.steps.one_order import (
    PAID,
    bought,
    of_staff,
    pending,
)
from tests.faults.machine.world import HOLD_SECONDS, World
from tests.support.payments import SECRET_KEY


def _at_stripes_api(world: World, path: str, **fields: Any) -> Document:
    """Call Stripe's API past the store, as another application with its key does; return the object."""
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    answer = world.stripe.request("POST", f"{world.stripe.url}/v1/{path}", headers, urlencode(fields))
    assert answer.status == 200, answer.body
    return world.stripe.table("payment_intent")[
        path.partition("/")[2] or list(world.stripe.table("payment_intent"))[-1]
    ]


def _paid_elsewhere(world: World, order_id: str) -> str:
    """Let another application on the account take money in the name of an order."""
    made = _at_stripes_api(
        world,
        "payment_intents",
        amount=PAID,
        currency="usd",
        confirm="true",
        payment_method="pm_card_visa",
        return_url="https://shop.example/return",
        **{"metadata[order_id]": order_id, "metadata[store]": "test-orders"},
    )
    return str(made["id"])


def _of_another_amount(world: World) -> Context:
    context = pending(world)
    _at_stripes_api(world, f"payment_intents/{context['intent']}", amount=PAID - PART)
    world.pay(context["intent"])
    return context


def _of_the_other_mode(world: World) -> Context:
    context = paid(world)
    for event in world.stripe.table("event").values():
        event["livemode"] = event["livemode"] or event["type"] == "payment_intent.succeeded"
    return context


def _through_another_intent(world: World) -> Context:
    context = pending(world)
    return context | {"other": _paid_elsewhere(world, context["order"])}


def _for_an_unknown_order(world: World) -> Context:
    context = bought(world)
    _paid_elsewhere(world, "ord_nobody_knows")
    return context


def _said_of_an_expired_order(world: World) -> Context:
    """Let an event tell of money that Stripe itself does not know of."""
    context = pending(world)
    world.tick(HOLD_SECONDS + 60)
    told = world.stripe.intent(context["intent"]) | {"status": "succeeded", "amount_received": PAID}
    world.stripe.service.ledger.announce("payment_intent.succeeded", told)
    return context


def _wanted_canceled_and_paid(world: World) -> Context:
    context = bought(world, method=BANK_DEBIT)
    of_staff(world, context, "cancel", {"reason": "cannot deliver"})
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="succeed")
    return context


def _wanted_canceled_and_authorized(world: World) -> Context:
    context = pending(world)
    world.stripe.control("faults", match={"path": "confirm"}, mode="processing", seconds=86_400)
    world.pay(context["intent"])
    world.drain()
    of_staff(world, context, "cancel", {"reason": "cannot deliver"})
    assert world.at_stripe("process", payment_intent=context["intent"], outcome="succeed")
    return context


MONEY_OF_ANOTHER_AMOUNT = consumed(
    "park money of another amount",
    _of_another_amount,
    expect=ends("expired", captured=0, reviews=("amount_mismatch",)),
    scenarios=(SWEPT,),
    strikes=every_call,
)
MONEY_OF_THE_OTHER_MODE = consumed(
    "park money of the other live mode",
    _of_the_other_mode,
    expect=ends("pending", captured=0, reviews=("livemode_mismatch",)),
)
MONEY_THROUGH_ANOTHER_INTENT = consumed(
    "park money that came through another intent",
    _through_another_intent,
    "payment_intent.succeeded",
    expect=ends("placed", captured=PAID, reviews=("other_intent",)),
    after=pays_with_another_card,
)
MONEY_FOR_AN_UNKNOWN_ORDER = consumed(
    "park money for an order that does not exist",
    _for_an_unknown_order,
    "payment_intent.succeeded",
    expect=ends("placed", reviews=("unknown_order",)),
    scenarios=(SWEPT,),
)
MONEY_THAT_STRIPE_DOES_NOT_KNOW = consumed(
    "park money for an expired order that Stripe does not know of",
    _said_of_an_expired_order,
    expect=ends("expired", captured=0, reviews=("amount_mismatch",)),
)
MONEY_COMES_LATE = consumed(
    "send money back that came after staff canceled",
    _wanted_canceled_and_paid,
    expect=ends("canceled", captured=PAID, refunded=PAID, back=(PAID,)),
    scenarios=(SWEPT,),
    settings=SLOW,
    strikes=every_call,
)
AUTHORIZATION_COMES_LATE = consumed(
    "let go of an authorization that came after staff canceled",
    _wanted_canceled_and_authorized,
    expect=ends("canceled", captured=0, authorized=0),
    scenarios=(SWEPT,),
    settings=MANUAL,
)

STEPS = (
    MONEY_OF_ANOTHER_AMOUNT,
    MONEY_OF_THE_OTHER_MODE,
    MONEY_THROUGH_ANOTHER_INTENT,
    MONEY_FOR_AN_UNKNOWN_ORDER,
    MONEY_THAT_STRIPE_DOES_NOT_KNOW,
    MONEY_COMES_LATE,
    AUTHORIZATION_COMES_LATE,
)
