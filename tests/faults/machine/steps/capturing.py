"""Staff capture an authorized payment, early, late and too late."""

from collections.abc import Iterator

from tests.faults.machine.cases import Client, Context, Scenario, Step
from tests.faults.machine.steps.one_order import (
    PAID,
    STOCK,
    UNITS,
    announced,
    bought,
    in_the_dashboard,
    order_of,
    past_the_door,
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

STRIPE_CAPTURES = "POST payment_intents/*/capture"
MANUAL = {"CAPTURE_METHOD": "manual"}
AN_HOUR, A_DAY = 3600.0, 86_400.0
AUTHORIZED_FOR = 7 * A_DAY


def _capture(world: World, context: Context, key: str | None) -> Answer | None:
    return staff_ask(world, context, "capture", key)


def _nearly_expired(world: World) -> Context:
    """Let time pass until a quarter of an hour before the sweeper captures by itself."""
    context = bought(world)
    world.tick(AUTHORIZED_FOR - A_DAY - AN_HOUR / 4)
    return context


def _capture_as_the_authorization_ends(world: World, context: Context, key: str | None) -> Answer | None:
    def ends() -> None:
        in_the_dashboard(world, f"payment_intents/{context['intent']}/cancel")
        world.drain()

    with world.going_first(STRIPE_CAPTURES, ends):
        return _capture(world, context, key)


def _captured(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from told_well(context, scenario, done_before=("orders.not_allowed_now",))
    order = order_of(world, context)
    captured, authorized = order.payment["captured"], order.payment["authorized"]
    if (captured, authorized) != (PAID, 0) and not stays_or(context, scenario, done=False):
        yield f"staff captured, and {captured} is captured, {authorized} authorized"
    if captured + authorized != PAID or order.status != "placed":
        yield f"the order is {order.status} with {captured} captured and {authorized} authorized"
    if announced(world, "orders.payment_captured") != (captured > 0):
        yield f"the capture was announced {announced(world, 'orders.payment_captured')} times"
    yield from stock_is(world, available=STOCK - UNITS, committed=UNITS)


def _captured_in_time(world: World, context: Context, scenario: Scenario) -> Iterator[str]:
    yield from _captured(world, context, scenario)
    if order_of(world, context).payment["captured"] != PAID:
        yield "neither staff nor the sweeper captured before the authorization ends"


def _lost(world: World, context: Context, _: Scenario) -> Iterator[str]:
    order = order_of(world, context)
    if (order.status, order.payment["captured"], order.payment["authorized"]) != ("canceled", 0, 0):
        yield f"the authorization is gone, and the order is {order.status} with {order.payment['authorized']}"
    if refunded_at_stripe(world) or announced(world, "orders.canceled") != 1:
        yield f"its end was announced {announced(world, 'orders.canceled')} times"
    if said_yes(context):
        yield "staff read that the payment was captured"
    last = context["answers"][-1]
    if last is None or last.code not in {"payments.provider_refused", "orders.not_allowed_now"}:
        yield "staff never read that there is nothing to capture"
    yield from stock_is(world, available=STOCK, committed=0)


CAPTURE = Step(
    name="capture",
    prepare=bought,
    act=_capture,
    expect=_captured,
    scenarios=(
        Scenario(Client.SAME_KEY, twice=True),
        Scenario(Client.NO_KEY, sweeper=False),
        Scenario(Client.GIVES_UP),
    ),
    settings=MANUAL,
    strikes=past_the_door,
)

CAPTURE_LATE = Step(
    name="capture a quarter of an hour before the sweeper does",
    prepare=_nearly_expired,
    act=_capture,
    expect=_captured_in_time,
    scenarios=(Scenario(Client.GIVES_UP),),
    settings=MANUAL,
    strikes=reaches_out,
)

CAPTURE_LOST = Step(
    name="capture an authorization that ends meanwhile",
    prepare=bought,
    act=_capture_as_the_authorization_ends,
    expect=_lost,
    scenarios=(Scenario(Client.SAME_KEY, twice=True),),
    settings=MANUAL,
    strikes=reaches_out,
)

STEPS = (CAPTURE, CAPTURE_LATE, CAPTURE_LOST)
