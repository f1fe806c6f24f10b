"""Stripe Tax hears of a sale once, and once of what went back."""

from collections.abc import Iterator

from tests.faults.machine.cases import Context, Scenario, Step
from tests.faults.machine.shop import usd
from tests.faults.machine.steps.deliveries import ALONE, PART, TWICE, delivered_again
from tests.faults.machine.steps.one_order import bought, pending, reaches_out
from tests.faults.machine.world import World

TAXED = {"TAX_PROVIDER": "stripe_tax"}


def _sold(world: World) -> Context:
    """Sell something, and let the bus hear of it."""
    context = pending(world)
    world.pay(context["intent"])
    world.post_webhooks()
    world.consume_events()
    world.publish_events()
    return context


def _refunded(world: World) -> Context:
    """Send a part of the money back, and let the bus hear of it."""
    context = bought(world)
    answer = world.store.post(
        f"/v1/admin/orders/{context['order']}/refunds", {"amount": usd(PART), "reason": "a scratch"}
    )
    assert answer.status == 201, answer.body
    world.publish_events()
    return context | {"refund": answer.body["refund"]["id"]}


def _record(world: World, _context: Context, _key: str | None) -> None:
    world.record_sales()


def _recorded_once(world: World, context: Context, _: Scenario) -> Iterator[str]:
    """Expect the sale, and what went back of it, each exactly once in Stripe Tax's reports and in our books."""
    refund = context.get("refund")
    wanted = sorted([context["order"], *([f"{context['order']}-{refund}"] if refund else [])])
    found = sorted(each["reference"] for each in world.picture().at_stripe("tax.transaction"))
    if found != wanted:
        yield f"Stripe Tax holds {found}, and should hold {wanted}"
    kept = [sk for pk, sk, _ in world.picture().rows("taxes") if pk.startswith("transaction#")]
    if len(kept) != len(wanted):
        yield f"we remember {kept}, and Stripe Tax should hold {wanted}"


RECORD = Step(
    name="record a sale at Stripe Tax",
    prepare=_sold,
    act=_record,
    after=delivered_again,
    expect=_recorded_once,
    scenarios=(ALONE, TWICE),
    settings=TAXED,
    by_client=False,
)
REVERSE = Step(
    name="record a refund at Stripe Tax",
    prepare=_refunded,
    act=_record,
    after=delivered_again,
    expect=_recorded_once,
    scenarios=(ALONE,),
    settings=TAXED,
    by_client=False,
    strikes=reaches_out,
)

STEPS = (RECORD, REVERSE)
