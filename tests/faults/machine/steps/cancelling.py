"""An order ends: the shopper goes back to the cart, or staff cancel."""

from collections.abc import Callable, Iterator

from tests.faults.machine.cases import Client, Context, Scenario, Shopper, Step, keyed
from tests.faults.machine.shop import usd
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    UNITS,
    announced,
    asked,
    bought,
    later,
    of_staff,
    order_of,
    past_the_door,
    pending,
    reaches_out,
    refunded_at_stripe,
    said_yes,
    staff_ask,
    stays_or,
    stock_is,
    told_well,
)
from tests.faults.machine.world import World
from tests.support.store import Answer

STRIPE_CANCELS = "POST payment_intents/*/cancel"
SLOW = {"ALLOW_SLOW_PAYMENTS": "true"}
MANUAL = {"CAPTURE_METHOD": "manual"}
ENDS = "orders.canceled", "orders.expired"
"""What announces that an order is over."""

STILL_OPEN = {"pending", "placed", "expired"}
"""What a wish to cancel that never arrived leaves behind."""


def _closed(world: World, context: Context, *statuses: str, refunds: list[int]) -> Iterator[str]:
    """Check an order that is over: nothing is held for it, its money is back, and it was said once."""
    order = order_of(world, context)
    if order.status not in statuses:
        yield f"the order is {order.status}, and should be {' or '.join(statuses)}"
    if refunded_at_stripe(world) != refunds:
        yield f"{refunded_at_stripe(world)} went back, and should be {refunds}"
    if announced(world, *ENDS) != 1:
        yield f"its end was announced {announced(world, *ENDS)} times"


# ---- the shopper goes back to the cart -------------------------------------------------------------------------


def _leave(world: World, context: Context, key: str | None) -> Answer | None:
    return asked(world, context, "DELETE", f"/v1/carts/{context['cart']}/checkout", **keyed(key))


def _leave_as_the_payment_goes_through(world: World, context: Context, key: str | None) -> Answer | None:
    with world.going_first(STRIPE_CANCELS, lambda: world.pay(context["intent"])):
        return _leave(world, context, key)


def _order_again(world: World, context: Context, scenario: Scenario, answer: Answer | None) -> None:
    if scenario.shopper is Shopper.NEVER or answer is None or answer.status >= 500:
        return
    cart = later(world, "GET", f"/v1/carts/{context['cart']}").body
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    checkout = later(world, "POST", f"/v1/carts/{context['cart']}/checkout", body).body
    world.pay(checkout["payment"]["intent_id"])
    context["again"] = checkout["order"]["id"]


def _back_in_the_cart(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=("checkout.not_open",))
    # Who gave up may find that the sweeper, or Stripe's word of the canceled intent, came first.
    statuses = ("canceled", "expired") if scenario.client is Client.GIVES_UP else ("canceled",)
    yield from _closed(world, context, *statuses, refunds=[])
    again = world.picture().orders.get(context.get("again", ""))
    sold = UNITS if again else 0
    yield from stock_is(world, available=STOCK - sold, reserved=0, committed=sold)
    cart = world.picture().carts[context["cart"]]
    if (again.status if again else "") != ("placed" if "again" in context else ""):
        yield "the shopper ordered again and paid, and that order is not placed"
    if cart["state"] != ("ordered" if again else "open"):
        yield f"the cart is {cart['state']}"


def _paid_and_placed(world: World, context: Context, _: Scenario) -> Iterator[str]:
    order = order_of(world, context)
    if (order.status, order.payment["captured"], refunded_at_stripe(world)) != ("placed", PAID, []):
        yield f"the shopper paid, and the order is {order.status} with {refunded_at_stripe(world)} sent back"
    if said_yes(context):
        yield "the shopper reads that they are back in the cart"
    last = context["answers"][-1]
    if last is None or (last.status >= 400 and last.code != "checkout.already_paid"):
        yield "the shopper never reads that the order is paid"


LEAVE = Step(
    name="leave checkout",
    prepare=pending,
    act=_leave,
    after=_order_again,
    expect=_back_in_the_cart,
    scenarios=(
        Scenario(Client.SAME_KEY, Shopper.EARLY, sweeper=False),
        Scenario(Client.NO_KEY, Shopper.NEVER, twice=True),
        Scenario(Client.GIVES_UP, Shopper.NEVER),
    ),
    strikes=past_the_door,
)

LEAVE_WHILE_PAYING = Step(
    name="leave checkout as the payment goes through",
    prepare=pending,
    act=_leave_as_the_payment_goes_through,
    expect=_paid_and_placed,
    scenarios=(Scenario(Client.SAME_KEY, twice=True),),
    strikes=reaches_out,
)

LEAVE_PAID = Step(
    name="leave checkout after the payment",
    prepare=bought,
    act=_leave,
    expect=_paid_and_placed,
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=past_the_door,
)


# ---- staff cancel ----------------------------------------------------------------------------------------------


def _cancel(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "cancel", key, {"reason": "cannot deliver"})


def _cancel_as_the_payment_goes_through(world: World, context: Context, key: str | None) -> Answer | None:
    def pays() -> None:
        world.pay(context["intent"])
        world.drain()

    with world.going_first(STRIPE_CANCELS, pays):
        return _cancel(world, context, key)


def _canceled(*, refunds: list[int], available: int = STOCK, dispatched: int = 0) -> Callable[..., Iterator[str]]:
    """Return the expectation that a cancellation takes all of its effect, or none when its caller gave up."""

    def expect(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
        yield from told_well(context, scenario, done_before=("orders.not_allowed_now",))
        order = order_of(world, context)
        if not stays_or(context, scenario, done=order.status == "canceled"):
            yield f"staff canceled, and the order is {order.status}"
        if order.status == "canceled":
            yield from _closed(world, context, "canceled", refunds=refunds)
            yield from stock_is(world, available=available, reserved=0, committed=0, dispatched=dispatched)

    return expect


def _held_by_hand(world: World) -> Context:
    return bought(world)


def _partly_done(world: World) -> Context:
    context = bought(world)
    of_staff(world, context, "refunds", {"amount": usd(1000), "reason": "a scratch"})
    of_staff(world, context, "fulfillments", {"lines": [{"sku": "MUG-BLUE", "quantity": 1}]})
    return context


def _bank_debit(world: World) -> Context:
    return bought(world, method="pm_usBankAccount_success")


def _the_bank(outcome: str) -> Callable[..., None]:
    def says(world: World, context: Context, _scenario: Scenario, _answer: Answer | None) -> None:
        world.drain()
        world.stripe.control("process", payment_intent=context["intent"], outcome=outcome)

    return says


CANCEL_UNPAID = Step(
    name="cancel an unpaid order",
    prepare=pending,
    act=_cancel,
    expect=_canceled(refunds=[]),
    scenarios=(Scenario(Client.SAME_KEY, Shopper.NEVER, sweeper=False),),
    strikes=past_the_door,
)

CANCEL_WHILE_PAYING = Step(
    name="cancel an order as its payment goes through",
    prepare=pending,
    act=_cancel_as_the_payment_goes_through,
    expect=_canceled(refunds=[PAID]),
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=reaches_out,
)

CANCEL_PAID = Step(
    name="cancel a paid order",
    prepare=bought,
    act=_cancel,
    expect=_canceled(refunds=[PAID]),
    scenarios=(
        Scenario(Client.SAME_KEY, twice=True),
        Scenario(Client.NO_KEY),
        Scenario(Client.GIVES_UP),
    ),
)

CANCEL_AUTHORIZED = Step(
    name="cancel an authorized order",
    prepare=bought,
    act=_cancel,
    expect=_canceled(refunds=[]),
    scenarios=(Scenario(Client.SAME_KEY), Scenario(Client.GIVES_UP, twice=True)),
    settings=MANUAL,
    strikes=reaches_out,
)

CANCEL_PARTLY_DONE = Step(
    name="cancel an order that was partly refunded and partly sent",
    prepare=_partly_done,
    act=_cancel,
    expect=_canceled(refunds=[1000, PAID - 1000], available=STOCK - 1, dispatched=1),
    scenarios=(Scenario(Client.SAME_KEY),),
    strikes=reaches_out,
)

CANCEL_PROCESSING_SUCCEEDS = Step(
    name="cancel an order whose bank debit then succeeds",
    prepare=_bank_debit,
    act=_cancel,
    after=_the_bank("succeed"),
    expect=_canceled(refunds=[PAID]),
    scenarios=(Scenario(Client.SAME_KEY, twice=True), Scenario(Client.GIVES_UP)),
    settings=SLOW,
    strikes=reaches_out,
)

CANCEL_PROCESSING_FAILS = Step(
    name="cancel an order whose bank debit then fails",
    prepare=_bank_debit,
    act=_cancel,
    after=_the_bank("fail"),
    expect=_canceled(refunds=[]),
    scenarios=(Scenario(Client.NO_KEY),),
    settings=SLOW,
    strikes=reaches_out,
)

STEPS = (
    LEAVE,
    LEAVE_WHILE_PAYING,
    LEAVE_PAID,
    CANCEL_UNPAID,
    CANCEL_WHILE_PAYING,
    CANCEL_PAID,
    CANCEL_AUTHORIZED,
    CANCEL_PARTLY_DONE,
    CANCEL_PROCESSING_SUCCEEDS,
    CANCEL_PROCESSING_FAILS,
)
