"""How each handler is brought to do what its budget is for.

An endpoint is called with the example of its operation and an Idempotency-Key, the dearer way. Workers have their
scenarios here, one function each, which sets the stage and returns the one invocation that counts.
"""

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from commerce.entrypoints import custom_resource
from commerce.kernel import clock
from commerce.kernel.config import settings
from commerce.orders import operations as orders
from tests.cost.meter import Invocation
from tests.faults.input.inside import capturing
from tests.faults.machine.outside import queue_event, stream_event
from tests.functional.budgets.shop import Shop
from tests.functional.workers.prices.feed import Feed, file_of, running_feed
from tests.support import aws, pumps
from tests.support.document import Operation, operations
from tests.support.examples import EXAMPLES
from tests.support.store import ROOT, routes

Scenario = Callable[[Shop], Invocation]

SCENARIOS: dict[str, Scenario] = {}
"""By the handler's path below functions/, with what happens behind a colon where there is more than one."""

HOLD_SECONDS = 31 * 60
LATE_SECONDS = 3 * 60
FEE_SECONDS = 5


def scenario(name: str) -> Callable[[Scenario], Scenario]:
    """Make a function the scenario of a handler."""

    def register(function: Scenario) -> Scenario:
        SCENARIOS[name] = function
        return function

    return register


# ---- endpoints ---------------------------------------------------------------------------------------------


def handler_of(operation: Operation) -> str:
    """Return the handler's path below functions/."""
    for method, _, path, file in routes():
        if (method, path) == (operation.method, operation.path):
            return str(file.relative_to(ROOT / "functions").with_suffix(""))
    raise LookupError(operation.id)


def called(operation: Operation) -> Scenario:
    """Return the scenario that calls an operation with its example."""

    def call(shop: Shop) -> Invocation:
        example = EXAMPLES[operation.id]
        with capturing(example.capture):
            request = example.prepared(shop.scene)
            headers = {"Idempotency-Key": f"budget-of-{operation.id}"} if operation.takes_key else {}
            if operation.scope:
                headers["Authorization"] = f"Bearer {shop.scene.info['staff_key']}"
            shop.forget()
            answer = shop.scene.send(operation, request, headers)
        assert answer.is_success, answer.text
        return shop.measured(handler_of(operation))

    return call


SCENARIOS |= {handler_of(operation): called(operation) for operation in operations().values()}


@scenario("storefront/checkout/begin_checkout: leases order numbers")
def leasing(shop: Shop) -> Invocation:
    cart = shop.scene.ready_cart()
    shop.forget()
    orders._leased.clear()
    assert shop.scene.check_out(cart).is_success
    return shop.measured("storefront/checkout/begin_checkout")


@scenario("storefront/checkout/begin_checkout: again")
def again(shop: Shop) -> Invocation:
    cart = shop.scene.ready_cart()
    agreed = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    for _ in range(2):
        shop.forget()
        path, key = f"/v1/carts/{cart['id']}/checkout", {"Idempotency-Key": "again"}
        assert shop.scene.web.post(path, json=agreed, headers=key).is_success
    return shop.measured("storefront/checkout/begin_checkout")


@scenario("storefront/carts/set_cart_line: without a key")
def set_without_key(shop: Shop) -> Invocation:
    cart = shop.scene.ready_cart()
    shop.forget()
    assert shop.scene.web.put(f"/v1/carts/{cart['id']}/lines/{shop.scene.mug}", json={"quantity": 2}).is_success
    return shop.measured("storefront/carts/set_cart_line")


def unknown(audience: str, path: str) -> None:
    """Register the answer to an address that does not exist."""

    @scenario(f"{audience}/edge/unknown_route")
    def ask(shop: Shop) -> Invocation:
        shop.forget()
        assert shop.scene.web.get(path).status_code == 404
        return shop.measured(f"{audience}/edge/unknown_route")


unknown("storefront", "/v1/nothing")
unknown("admin", "/v1/admin/nothing")
unknown("workers", "/v1/webhooks/nothing")


@scenario("admin/staff/authorize_staff")
def authorize(shop: Shop) -> Invocation:
    token = shop.scene.staff_key("catalog:read")["token"]  # API Gateway remembers what it was told of the others.
    shop.forget()
    assert shop.scene.web.get("/v1/admin/categories", headers={"Authorization": f"Bearer {token}"}).is_success
    return shop.measured("admin/staff/authorize_staff")


# ---- workers -----------------------------------------------------------------------------------------------


def paid(shop: Shop, quantity: int = 1) -> dict[str, dict[str, Any]]:
    """Let a shopper pay; return what Stripe would post, by type. Nothing is delivered yet."""
    shop.scene.drain()
    answer = shop.scene.check_out(shop.scene.ready_cart(quantity))
    assert answer.is_success, answer.text
    shop.store.stripe.new_events()
    assert shop.scene.pay(answer.json()).is_success
    return {event["type"]: event for event in shop.store.stripe.new_events()}


@scenario("workers/payments/on_stripe_event: paid")
def settle(shop: Shop) -> Invocation:
    event = paid(shop)["payment_intent.succeeded"]
    return shop.invoke("payments/on_stripe_event", queue_event(json.dumps(event)))


@scenario("workers/payments/on_stripe_event: paid, told again")
def settle_again(shop: Shop) -> Invocation:
    event = queue_event(json.dumps(paid(shop)["payment_intent.succeeded"]))
    shop.invoke("payments/on_stripe_event", event)
    return shop.invoke("payments/on_stripe_event", event)


@scenario("workers/payments/on_stripe_event: the fee")
def fee(shop: Shop) -> Invocation:
    events = paid(shop)
    shop.invoke("payments/on_stripe_event", queue_event(json.dumps(events["payment_intent.succeeded"])))
    shop.later(FEE_SECONDS)
    later = {event["type"]: event for event in shop.store.stripe.new_events()}
    return shop.invoke("payments/on_stripe_event", queue_event(json.dumps((events | later)["charge.updated"])))


@scenario("workers/checkout/sweep_orders: nothing is due")
def sweep_nothing(shop: Shop) -> Invocation:
    shop.scene.tick(HOLD_SECONDS)
    shop.invoke("checkout/sweep_orders")
    return shop.invoke("checkout/sweep_orders")


@scenario("workers/checkout/sweep_orders: a hold ends")
def sweep(shop: Shop) -> Invocation:
    shop.scene.tick(HOLD_SECONDS)
    shop.invoke("checkout/sweep_orders")
    assert shop.scene.check_out(shop.scene.ready_cart()).is_success
    shop.store.drain()
    shop.later(HOLD_SECONDS)
    return shop.invoke("checkout/sweep_orders")


@scenario("workers/checkout/reconcile_stripe: nothing is left")
def reconcile_nothing(shop: Shop) -> Invocation:
    shop.scene.drain()
    shop.store.stripe.reset()
    return shop.invoke("checkout/reconcile_stripe")


@scenario("workers/checkout/reconcile_stripe: a payment")
def reconcile(shop: Shop) -> Invocation:
    shop.scene.drain()
    shop.store.stripe.reset()
    paid(shop)
    return shop.invoke("checkout/reconcile_stripe")


@scenario("workers/outbox/publish_events: an event")
def publish(shop: Shop) -> Invocation:
    shop.scene.drain()
    shop.scene.new_category()
    return shop.invoke("outbox/publish_events", stream_event(shop.waiting("outbox")))


@scenario("workers/outbox/republish_events: nothing is left")
def republish_nothing(shop: Shop) -> Invocation:
    shop.scene.drain()
    return shop.invoke("outbox/republish_events")


@scenario("workers/outbox/republish_events: an event")
def republish(shop: Shop) -> Invocation:
    shop.scene.drain()
    shop.scene.new_category()
    shop.later(LATE_SECONDS)
    return shop.invoke("outbox/republish_events")


@scenario("workers/inventory/project_movements: one line")
def project(shop: Shop) -> Invocation:
    shop.scene.drain()
    assert shop.scene.check_out(shop.scene.ready_cart()).is_success
    return shop.invoke("inventory/project_movements", stream_event(shop.waiting("inventory")))


@scenario("workers/inventory/project_movements: stock falls low")
def project_low(shop: Shop) -> Invocation:
    sku = shop.scene.new_product(stock=10, threshold=9)
    assert shop.scene.check_out(shop.scene.cart(sku, 2, email="low@example.com")).is_success
    return shop.invoke("inventory/project_movements", stream_event(shop.waiting("inventory")))


@scenario("workers/inventory/reproject_movements: nothing is left")
def reproject_nothing(shop: Shop) -> Invocation:
    shop.scene.drain()
    return shop.invoke("inventory/reproject_movements")


@scenario("workers/inventory/show_availability: nothing has changed")
def show_the_same_availability(shop: Shop) -> Invocation:
    shop.invoke("inventory/show_availability")
    return shop.invoke("inventory/show_availability")


def told_by_rule(shop: Shop, kind: str) -> dict[str, Any]:
    """Return the event with which a rule of the bus invokes a worker: the newest of its kind."""
    detail = next(event for event in reversed(shop.store.pumps.bus) if event["type"] == kind)
    return {"source": "tradewind", "detail-type": kind, "detail": detail}


@scenario("workers/invoices/issue_invoices: an invoice")
def invoice(shop: Shop) -> Invocation:
    with patch.dict(pumps.RULES, clear=True):
        shop.scene.ordered(paid=True)
    return shop.invoke("invoices/issue_invoices", told_by_rule(shop, "orders.placed"))


@scenario("workers/invoices/issue_invoices: told again")
def invoice_again(shop: Shop) -> Invocation:
    shop.scene.ordered(paid=True)
    return shop.invoke("invoices/issue_invoices", told_by_rule(shop, "orders.placed"))


@scenario("workers/invoices/issue_invoices: a credit note")
def credit_note(shop: Shop) -> Invocation:
    checkout = shop.scene.ordered(paid=True)
    with patch.dict(pumps.RULES, clear=True):
        path, body = f"/orders/{checkout['order']['id']}/refunds", {"reason": "scratched"}
        assert shop.scene.staff.post(path, json=body).is_success
        shop.scene.drain()
    return shop.invoke("invoices/issue_invoices", told_by_rule(shop, "orders.refunded"))


@scenario("workers/invoices/issue_waiting_invoices: nothing waits")
def nothing_waits(shop: Shop) -> Invocation:
    return shop.invoke("invoices/issue_waiting_invoices")


def announced(shop: Shop, kind: str) -> dict[str, Any]:
    """Return the event that invokes the mail worker: the newest of its kind on the bus."""
    detail = next(event for event in reversed(shop.store.pumps.bus) if event["type"] == kind)
    detail = detail | {"event_id": f"{detail['event_id']}-again"}
    return queue_event(json.dumps({"source": "tradewind", "detail-type": kind, "detail": detail}))


def order_event(shop: Shop, checkout: dict[str, Any]) -> dict[str, Any]:
    """Return the event by which the bus tells that an order was placed."""
    event = next(
        event
        for event in reversed(shop.store.pumps.bus)
        if event["type"] == "orders.placed" and event["data"]["order_id"] == checkout["order"]["id"]
    )
    return {"source": "tradewind", "detail-type": "orders.placed", "detail": event}


@scenario("workers/giftcards/on_order_changed: it sold none")
def follow_an_order(shop: Shop) -> Invocation:
    event = order_event(shop, shop.scene.ordered(paid=True))
    return shop.invoke("giftcards/on_order_changed", event)


@scenario("workers/giftcards/on_order_changed: it sold a gift card")
def issue_what_was_sold(shop: Shop) -> Invocation:
    sku = shop.scene.new_gift_card_product()
    with patch("commerce.giftcards.issuing.issued_for_order", return_value=0):
        answer = shop.scene.check_out(shop.scene.cart(sku, email="gift@example.com"))
        assert answer.is_success, answer.text
        assert shop.scene.pay(answer.json()).is_success
        shop.scene.drain()
    return shop.invoke("giftcards/on_order_changed", order_event(shop, answer.json()))


@scenario("workers/giftcards/write_off_gift_cards: nothing is due")
def write_off_nothing(shop: Shop) -> Invocation:
    return shop.invoke("giftcards/write_off_gift_cards")


@scenario("workers/giftcards/write_off_gift_cards: a card")
def write_off(shop: Shop) -> Invocation:
    shop.scene.new_gift_card(expires_at=clock.text(clock.now() + timedelta(seconds=1)))
    with shop.in_days(91):
        return shop.invoke("giftcards/write_off_gift_cards")


@scenario("workers/taxes/record_sale: the rules computed it")
def record_no_sale(shop: Shop) -> Invocation:
    event = order_event(shop, shop.scene.ordered(paid=True))
    return shop.invoke("taxes/record_sale", event)


@scenario("workers/taxes/record_sale: Stripe Tax computed it")
def record_a_sale(shop: Shop) -> Invocation:
    with patch.dict(os.environ, {"TAX_PROVIDER": "stripe_tax"}), patch("commerce.checkout.sales_taxes.recorded"):
        settings.cache_clear()
        checkout = shop.scene.ordered(paid=True)
        shop.scene.drain()
    settings.cache_clear()
    return shop.invoke("taxes/record_sale", order_event(shop, checkout))


@scenario("workers/notifications/deliver_notification: a gift card")
def hand_over(shop: Shop) -> Invocation:
    shop.scene.new_gift_card(send_mail=True)
    shop.scene.drain()
    return shop.invoke("notifications/deliver_notification", announced(shop, "giftcards.issued"))


@scenario("workers/notifications/deliver_notification: an order")
def confirm(shop: Shop) -> Invocation:
    shop.scene.ordered(paid=True)
    return shop.invoke("notifications/deliver_notification", announced(shop, "orders.placed"))


@scenario("workers/notifications/deliver_notification: low stock")
def warn(shop: Shop) -> Invocation:
    sku = shop.scene.new_product(stock=10, threshold=9)
    assert shop.scene.check_out(shop.scene.cart(sku, 2, email="warn@example.com")).is_success
    shop.scene.drain()
    return shop.invoke("notifications/deliver_notification", announced(shop, "inventory.stock_low"))


@scenario("workers/catalog/show_prices: nothing has changed")
def show_nothing(shop: Shop) -> Invocation:
    terms = {"title": "Sale", "kind": "sale", "currency": "CHF", "adjustment": {"off_basis_points": 1000}}
    assert shop.scene.staff.put("/price-lists/budget-sale", json=terms).is_success
    shop.invoke("catalog/show_prices")
    return shop.invoke("catalog/show_prices")


def fetched(shop: Shop, feed: Feed) -> Invocation:
    with shop.configured(EXCHANGE_RATES_SOURCE="ecb", EXCHANGE_RATES_URL=feed.url):
        return shop.invoke("prices/fetch_exchange_rates")


@scenario("workers/prices/fetch_exchange_rates: a new day")
def fetch_a_day(shop: Shop) -> Invocation:
    with running_feed() as feed:
        feed.content = file_of("2026-01-02", USD="1.25", JPY="160")
        return fetched(shop, feed)


@scenario("workers/prices/fetch_exchange_rates: the same day")
def fetch_again(shop: Shop) -> Invocation:
    with running_feed() as feed:
        feed.content = file_of("2026-01-02", USD="1.25", JPY="160")
        fetched(shop, feed)
        return fetched(shop, feed)


@scenario("workers/prices/fetch_exchange_rates: no source")
def fetch_nothing(shop: Shop) -> Invocation:
    return shop.invoke("prices/fetch_exchange_rates")


@scenario("workers/setup/prepare_store: everything is there")
def prepare(shop: Shop) -> Invocation:
    event = json.loads((ROOT / "events" / "deploy" / "create_prepared_store.json").read_text())
    name = "/tradewind/webhook-secret-of-a-deploy"
    secret = "whsec_0123456789abcdef0123456789abcdef"
    aws.client("ssm").put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    with shop.configured(STRIPE_WEBHOOK_SECRET_NAME=name), patch.object(custom_resource, "_send") as told:
        invocation = shop.invoke("setup/prepare_store", event)
    assert told.call_args.args[1]["Status"] == "SUCCESS", told.call_args
    return invocation


def handlers() -> Iterator[str]:
    """Return every handler below functions/."""
    for file in sorted((ROOT / "functions").glob("*/*/*.py")):
        yield str(file.relative_to(ROOT / "functions").with_suffix(""))
