"""Money goes back: in parts, as a rest, into a dispute, beside Stripe's dashboard, and in vain."""

from collections.abc import Iterator

from tests.faults.machine.cases import Client, Context, Scenario, Step, keyed
from tests.faults.machine.shop import usd
from tests.faults.machine.steps.one_order import (
    PAID,
    announced,
    asked,
    bought,
    later,
    of_staff,
    order_of,
    past_the_door,
    reaches_out,
    refunded_at_stripe,
    said_yes,
    staff_ask,
    stays_or,
    told_well,
    tries,
)
from tests.faults.machine.world import SWEEP_SECONDS, World
from tests.support.store import Answer

STRIPE_REFUNDS = "POST refunds"
PART = 1000
NOTHING_LEFT = ("payments.refund_too_large",)


def _refund_part(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "refunds", key, {"amount": usd(PART), "reason": "a scratch"})


def _refund_rest(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "refunds", key, {"reason": "never arrived"})


def _one_or_each(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    """Expect one refund; a caller who asked more often without a key may have asked for more."""
    yield from told_well(context, scenario, done_before=NOTHING_LEFT)
    back = refunded_at_stripe(world)
    most = tries(context) if scenario.client is Client.NO_KEY else 1
    least = (
        said_yes(context) if scenario.client is Client.NO_KEY else 0 if stays_or(context, scenario, done=False) else 1
    )
    if set(back) - {PART} or not least <= len(back) <= most:
        yield f"{back} went back, and {tries(context)} tries asked for {PART} each"
    yield from _kept_true(world, context, back)


def _kept_true(world: World, context: Context, back: list[int]) -> Iterator[str]:
    """Check that the order tells of each refund, and that each was announced once."""
    order = order_of(world, context)
    ours = sorted(refund["amount"]["amount"] for refund in order.refunds if refund["state"] == "succeeded")
    if ours != sorted(back) or order.payment["refund_pending"]:
        yield f"the order tells of {ours} and {order.payment['refund_pending']} on its way, and {back} went back"
    if announced(world, "orders.refunded") != len(back):
        yield f"{back} went back, announced {announced(world, 'orders.refunded')} times"


REFUND_PART = Step(
    name="refund a part",
    prepare=bought,
    act=_refund_part,
    expect=_one_or_each,
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.NO_KEY), Scenario(Client.GIVES_UP)),
    strikes=past_the_door,
)


# ---- the rest --------------------------------------------------------------------------------------------------


def _partly_refunded(world: World) -> Context:
    context = bought(world)
    of_staff(world, context, "refunds", {"amount": usd(PART), "reason": "a scratch"})
    return context


def _everything_back(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=NOTHING_LEFT)
    if refunded_at_stripe(world) != [PART, PAID - PART]:
        yield f"{refunded_at_stripe(world)} went back of {PAID}"
    yield from _kept_true(world, context, [PART, PAID - PART])


REFUND_REST = Step(
    name="refund the rest",
    prepare=_partly_refunded,
    act=_refund_rest,
    expect=_everything_back,
    scenarios=(Scenario(Client.NO_KEY),),
    strikes=reaches_out,
)


# ---- what Stripe refuses ---------------------------------------------------------------------------------------


def _disputed(world: World) -> Context:
    """Let the shopper's bank take a part back; its webhook is still on its way."""
    context = bought(world)
    world.stripe.control("dispute", payment_intent=context["intent"], amount=PAID - PART)
    return context


def _refund_beside_the_dashboard(world: World, context: Context, key: str | None) -> Answer | None:
    def refunds() -> None:
        world.stripe.control("dashboard_refund", payment_intent=context["intent"], amount=PAID - PART // 2)
        world.drain()

    with world.going_first(STRIPE_REFUNDS, refunds):
        return _refund_part(world, context, key)


def _refused(world: World, context: Context, others: list[int]) -> Iterator[str]:
    """Check that a refund which Stripe refuses is told as failed, and that its amount is free again."""
    order = order_of(world, context)
    if refunded_at_stripe(world) != others:
        yield f"{refunded_at_stripe(world)} went back, and should be {others}"
    ours = [refund["state"] for refund in order.refunds if refund["origin"] == "staff"]
    if set(ours) - {"failed"} or len(ours) > tries(context):
        yield f"our refunds are {ours}"
    if order.payment["refund_pending"]:
        yield f"{order.payment['refund_pending']} is still set aside"
    if any(
        answer and answer.status < 300 and answer.body["refund"]["state"] == "succeeded"
        for answer in context["answers"]
    ):
        yield "staff read that the refund succeeded"


def _refused_for_the_dispute(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    yield from _refused(world, context, [])


def _refused_for_the_dashboard(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=NOTHING_LEFT)
    yield from _refused(world, context, [PAID - PART // 2] if world.picture().at_stripe("refund") else [])


REFUND_DISPUTED = Step(
    name="refund a disputed payment",
    prepare=_disputed,
    act=_refund_part,
    expect=_refused_for_the_dispute,
    scenarios=(Scenario(Client.SAME_KEY, twice=True),),
    strikes=reaches_out,
)

REFUND_BESIDE_DASHBOARD = Step(
    name="refund what the dashboard refunds at the same time",
    prepare=bought,
    act=_refund_beside_the_dashboard,
    expect=_refused_for_the_dashboard,
    scenarios=(Scenario(Client.NO_KEY, twice=True),),
    strikes=reaches_out,
)


# ---- what fails later ------------------------------------------------------------------------------------------


def _bank_sends_it_back(world: World, context: Context, _scenario: Scenario, _answer: Answer | None) -> None:
    """Let every refund fail after all, also one that only the sweeper could send, and send the money another way."""
    world.tick(SWEEP_SECONDS)
    for refund in world.picture().at_stripe("refund"):
        world.stripe.control("refund/fail", refund=refund["id"], failure_reason="lost_or_stolen_card")
    world.drain()
    body = {"amount": usd(PAID), "reason": "to another card"}
    context["again"] = later(world, "POST", f"/v1/admin/orders/{context['order']}/refunds", body)


def _refunded_at_last(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario)
    if context["again"].status != 201:
        yield f"after the failure staff cannot refund again: {context['again'].code}"
    elif refunded_at_stripe(world) != [PAID]:
        yield f"{refunded_at_stripe(world)} went back of {PAID}"


REFUND_FAILS_LATER = Step(
    name="refund that fails at the bank",
    prepare=bought,
    act=_refund_part,
    after=_bank_sends_it_back,
    expect=_refunded_at_last,
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=reaches_out,
)


# ---- what a person looks at ------------------------------------------------------------------------------------


def _in_review(world: World) -> Context:
    """Cancel an order whose refund then fails: its money has to go back another way."""
    context = bought(world)
    of_staff(world, context, "cancel")
    (refund,) = world.picture().at_stripe("refund")
    world.stripe.control("refund/fail", refund=refund["id"], failure_reason="lost_or_stolen_card")
    world.drain()
    (review,) = world.picture().reviews
    return context | {"review": review["id"]}


def _resolve(world: World, context: Context, key: str | None) -> Answer | None:
    path = f"/v1/admin/payment-reviews/{context['review']}/resolution"
    return asked(world, context, "POST", path, {"note": "sent by bank transfer"}, **keyed(key))


def _resolved(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=("payments.review_already_resolved",))
    (review,), order = world.picture().reviews, order_of(world, context)
    is_open = review["state"] == "open"
    if is_open and not stays_or(context, scenario, done=False):
        yield "staff resolved the review, and it is open"
    if order.payment["reviews_open"] != is_open:
        yield f"the order counts {order.payment['reviews_open']} open reviews, and the review is {review['state']}"
    if announced(world, "payments.review_resolved") == is_open:
        yield f"its end was announced {announced(world, 'payments.review_resolved')} times"


RESOLVE = Step(
    name="resolve a review",
    prepare=_in_review,
    act=_resolve,
    expect=_resolved,
    scenarios=(Scenario(Client.SAME_KEY), Scenario(Client.NO_KEY)),
    strikes=past_the_door,
)

STEPS = (
    REFUND_PART,
    REFUND_REST,
    REFUND_DISPUTED,
    REFUND_BESIDE_DASHBOARD,
    REFUND_FAILS_LATER,
    RESOLVE,
)
