"""What follows from a change by itself: its announcement, the stock that the catalog shows, and who is told."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.faults.machine.cases import Context, Scenario, Step
from tests.faults.machine.modes import Fault, Mode
from tests.faults.machine.shop import filled_cart, open_shop
from tests.faults.machine.steps.deliveries import (
    ALONE,
    SWEPT,
    TWICE,
    delivered_again,
    effects,
)
from tests.faults.machine.steps.misfits import MONEY_FOR_AN_UNKNOWN_ORDER
from tests.faults.machine.steps.one_order import STOCK, UNITS, announced, pending
from tests.faults.machine.world import SWEEP_SECONDS, VISIBILITY_SECONDS, World
from tests.support.shop import check_out

THRESHOLD = STOCK - 1
TRIES = 5
LOW, RECOVERED = "inventory.stock_low", "inventory.stock_recovered"


# ---- events leave --------------------------------------------------------------------------------------------------


def _placed_unannounced(world: World) -> Context:
    """Sell something, and let nobody have heard of it."""
    context = pending(world)
    world.pay(context["intent"])
    world.post_webhooks()
    world.consume_events()
    return context


def _two_orders_unannounced(world: World) -> Context:
    """Leave the events of two orders in the stream, the second with two of them."""
    context = _placed_unannounced(world)
    checkout = check_out(world.store, filled_cart(world, email="grace@example.com"))
    assert checkout.status == 201, checkout.body
    return context


def _lost(prepare: Callable[[World], Context]) -> Callable[[World], Context]:
    """Return the preparation whose records no stream brings any more, when the schedule takes them up."""

    def prepared(world: World) -> Context:
        context = prepare(world)
        world.lose_streams()
        world.wait(SWEEP_SECONDS)
        return context

    return prepared


def _late(world: World) -> Context:
    context = _placed_unannounced(world)
    world.wait(SWEEP_SECONDS)
    return context


def _publish(world: World, _context: Context, _key: str | None) -> None:
    world.publish_events()


def _republish(world: World, _context: Context, _key: str | None) -> None:
    world.invoke("outbox/republish_events")


def _in_order(world: World, _: Context, __: Scenario) -> Iterator[str]:
    """Expect each order's events on the bus, first seen one after the other, and marked as published."""
    seen: dict[str, list[int]] = defaultdict(list)
    for event in world.bus:
        if event["sequence"] not in seen[event["aggregate"]]:
            seen[event["aggregate"]].append(event["sequence"])
    for aggregate, rows in world.picture().announced.items():
        if aggregate.startswith("order#") and seen[aggregate] != [row["sequence"] for row in rows]:
            yield f"{len(rows)} changes of {aggregate} reached the bus as {seen[aggregate]}"
        if any("gsi1pk" in row for row in rows):
            yield f"a change of {aggregate} is not marked as published"


def _mailed(mails: int) -> Callable[[World, Context, Scenario], Iterator[str]]:
    """Return the expectation that so many mails and alerts went out, each once if nothing was in doubt."""

    def expect(world: World, _: Context, __: Scenario) -> Iterator[str]:
        if not mails <= len(world.mails) <= mails + world.mails_that_may_repeat:
            yield f"{len(world.mails)} mails and alerts went out, and should be {mails}"
        unsent = [row["type"] for _, _, row in world.picture().rows("notifications") if "sent_at" not in row]
        if unsent:
            yield f"nobody was told of {unsent}"

    return expect


PUBLISH = Step(
    name="publish events from the stream",
    prepare=_two_orders_unannounced,
    act=_publish,
    after=delivered_again,
    expect=_in_order,
    scenarios=(ALONE,),
    by_client=False,
)
REPUBLISH = Step(
    name="publish events that the stream lost",
    prepare=_lost(_placed_unannounced),
    act=_republish,
    after=delivered_again,
    expect=_mailed(1),
    scenarios=(SWEPT,),
    by_client=False,
)
REPUBLISH_BESIDE_THE_STREAM = Step(
    name="publish events that the stream brings as well",
    prepare=_late,
    act=_republish,
    after=delivered_again,
    expect=_mailed(1),
    scenarios=(SWEPT,),
    by_client=False,
    strikes=effects,
)


# ---- stock shows -----------------------------------------------------------------------------------------------------


def _crossing(world: World) -> Context:
    """Sell so many that little is left."""
    open_shop(world, stock=STOCK)
    level = "/v1/admin/stock/MUG-BLUE/levels/main/low-stock-threshold"
    said = world.store.put(level, {"threshold": THRESHOLD})
    assert said.status == 200, said.body
    world.drain()
    checkout = check_out(world.store, filled_cart(world))
    assert checkout.status == 201, checkout.body
    return {"intent": checkout.body["payment"]["intent_id"], "slug": "mug-blue"}


def _project(world: World, _context: Context, _key: str | None) -> None:
    world.project_movements()


def _reproject(world: World, _context: Context, _key: str | None) -> None:
    world.invoke("inventory/reproject_movements")


def _stays_sold(world: World, context: Context, *_: object) -> None:
    world.pay(context["intent"])
    delivered_again(world)


def _low_once(world: World, context: Context, _: Scenario) -> Iterator[str]:
    """Expect what is left in the catalog, and one word of it to the merchant."""
    if (told := announced(world, LOW)) != 1:
        yield f"low stock was announced {told} times"
    if announced(world, RECOVERED):
        yield "it was announced that stock recovered, and it did not"
    shown = world.store.get(f"/v1/products/{context['slug']}").body["variants"][0]["available"]
    if shown != STOCK - UNITS:
        yield f"the product page shows {shown}, and there are {STOCK - UNITS}"
    alerts = world.mails.count("sns")
    if not 1 <= alerts <= 1 + world.mails_that_may_repeat:
        yield f"the merchant was alerted {alerts} times"


PROJECT = Step(
    name="show a sale that leaves little",
    prepare=_crossing,
    act=_project,
    after=_stays_sold,
    expect=_low_once,
    scenarios=(ALONE,),
    by_client=False,
)
REPROJECT = Step(
    name="show a sale that the stream lost",
    prepare=_lost(_crossing),
    act=_reproject,
    after=_stays_sold,
    expect=_low_once,
    scenarios=(SWEPT,),
    by_client=False,
    strikes=lambda call: call.operation in {"Query", "GetItem", "TransactWriteItems"},
)


# ---- people are told -------------------------------------------------------------------------------------------------


def _mail_waits(world: World) -> Context:
    context = _placed_unannounced(world)
    world.publish_events()
    return context


def _alert_waits(world: World) -> Context:
    context = MONEY_FOR_AN_UNKNOWN_ORDER.prepare(world)
    world.consume_events()
    world.publish_events()
    return context


def _mail_is_given_up(world: World) -> Context:
    """Let SES be down for as long as the queue is patient."""
    context = _mail_waits(world)
    for _ in range(TRIES):
        with world.wire.watching(Fault(1, Mode.OUTAGE, "SendEmail")):
            assert world.notify() == 1
        world.wait(VISIBILITY_SECONDS + 20)
    assert (world.notify(), world.undelivered) == (0, 1), "after five tries a message is a dead letter"
    return context


def _tell(world: World, _context: Context, _key: str | None) -> None:
    world.notify()


def _tell_after_all(world: World, _context: Context, _key: str | None) -> None:
    world.redrive()
    world.notify()


MAIL = Step(
    name="mail the shopper",
    prepare=_mail_waits,
    act=_tell,
    after=delivered_again,
    expect=_mailed(1),
    scenarios=(TWICE,),
    by_client=False,
)
ALERT = Step(
    name="alert the merchant of money that waits",
    prepare=_alert_waits,
    act=_tell,
    after=delivered_again,
    expect=_mailed(2),
    scenarios=(ALONE,),
    by_client=False,
)
DEAD_LETTER = Step(
    name="mail the shopper when a dead letter is given back",
    prepare=_mail_is_given_up,
    act=_tell_after_all,
    after=delivered_again,
    expect=_mailed(1),
    scenarios=(SWEPT,),
    by_client=False,
    strikes=effects,
)

STEPS = (
    PUBLISH,
    REPUBLISH,
    REPUBLISH_BESIDE_THE_STREAM,
    PROJECT,
    REPROJECT,
    MAIL,
    ALERT,
    DEAD_LETTER,
)
