"""A shopper's journey from the first page to the mail, with everything that it sets off, seen by the meter.

At a small shop's pace: each change of a table reaches its worker alone, as nothing else happens at that moment. Where
more goes on, streams and queues deliver several at once, and an order takes fewer invocations.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from commerce.checkout.receiving import APPLIED
from commerce.kernel import clock
from tests.cost.meter import Invocation, Meter
from tests.cost.price_table import Usage
from tests.cost.shop import CATEGORIES, SIZES, sku
from tests.faults.machine.outside import queue_event, stream_event
from tests.support import aws
from tests.support import store as support
from tests.support.aws import forget_secrets
from tests.support.pumps import NOTIFIED
from tests.support.shop import ADDRESS
from tests.support.store import ROOT, Answer, LambdaContext, Store

PAGES = 20
BROWSE, CART, CHECKOUT, PAY, PROJECT, PUBLISH, MAIL, LOOK, ALERT, PARCEL = (
    "browse 20 pages",
    "fill a cart",
    "check out",
    "payment arrives",
    "show the new stock",
    "publish events",
    "mail the confirmation",
    "look at the order",
    "warn of low stock",
    "staff send the parcel",
)
BUYING = (CART, CHECKOUT, PAY, PROJECT, PUBLISH, MAIL, LOOK)
"""The steps of an order."""

APART = (ALERT, PARCEL)
"""What does not come with every order, or comes later."""

PER_MESSAGE = 2
"""Requests to SQS for each message beside the one that sent it: Lambda receives it and deletes it."""

FEE_SECONDS = 5
AUTHORIZER = ROOT / "functions" / "admin" / "staff" / "authorize_staff.py"


@dataclass
class Step:
    """A part of the journey.

    :ivar beside: what it uses that no function calls for itself.
    """

    name: str
    invocations: list[Invocation] = field(default_factory=list)
    beside: Usage = field(default_factory=Usage)

    @property
    def totals(self) -> dict[str, float]:
        """Return what is the same on every machine."""
        calls = [call for invocation in self.invocations for call in invocation.calls]
        return {
            "invocations": len(self.invocations),
            "calls": len(calls),
            "read_units": sum(call.read_units for call in calls),
            "write_units": sum(call.write_units for call in calls),
        }


class Journey:
    """One shopper. Each of their calls meets a process whose secrets are more than five minutes old."""

    def __init__(self, store: Store, meter: Meter) -> None:
        self._store = store
        self._meter = meter
        self.steps: dict[str, Step] = {name: Step(name) for name in (BROWSE, *BUYING)}

    def browse(self) -> None:
        """Look at ten lists and ten products; no page is remembered anywhere."""
        with self._step(BROWSE):
            first = self._ok(self._store.get("/v1/products?limit=20"))
            self._ok(self._store.get(f"/v1/products?limit=20&cursor={first['next_cursor']}"))
            for number in range(8):
                self._ok(self._store.get(f"/v1/categories/shelf-{number % CATEGORIES}/products?limit=20"))
            for number in range(10):
                self._ok(self._store.get(f"/v1/products/tee-{number}"))

    def buy(self, *skus: str, quantity: int = 1) -> None:
        """Buy articles, pay by card, and look at the order twice."""
        with self._step(CART):
            cart = self._fill(*skus, quantity=quantity)
        with self._step(CHECKOUT):
            body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
            key = {"Idempotency-Key": f"checkout-of-{cart['id']}"}
            checkout = self._ok(self._store.post(f"/v1/carts/{cart['id']}/checkout", body, headers=key))
        self.settle_down()
        self._store.stripe.pay(checkout["payment"]["intent_id"])
        self._webhooks()
        self.settle_down()
        self._later(FEE_SECONDS)
        self._webhooks()
        self.settle_down()
        with self._step(LOOK):
            for _ in range(2):
                token = {"Order-Token": checkout["order_token"]}
                order = self._ok(self._store.get(f"/v1/orders/{checkout['order']['id']}", headers=token))
        assert order["payment_status"] == "paid", order
        self.order_id: str = order["id"]

    def send(self, authorization: str) -> None:
        """Look at the order as staff, and send all of it in one parcel. API Gateway asks the authorizer once."""
        path = f"/v1/admin/orders/{self.order_id}"
        with self._step(PARCEL) as step:
            event = {"routeKey": "GET /v1/admin/orders/{order_id}", "headers": {"authorization": authorization}}
            assert support.load(AUTHORIZER).handler(event, LambdaContext())["isAuthorized"]
            order = self._ok(self._store.get(path))
            headers = {"If-Match": f'"{order["version"]}"', "Idempotency-Key": "parcel"}
            self._ok(self._store.post(f"{path}/fulfillments", {}, headers=headers))
        self.settle_down()
        for name in (PROJECT, PUBLISH):
            step.invocations += self.steps[name].invocations[-1:]

    def clocks(self) -> dict[str, Invocation]:
        """Run every clock when there is nothing to do; return each run by its function."""
        self._store.stripe.reset()  # Else there would be events that Stripe could not deliver.
        names = ("checkout/sweep_orders", "checkout/reconcile_stripe", "outbox/republish_events")
        found = {}
        stock = ("inventory/reproject_movements", "inventory/show_availability")
        prices = ("catalog/show_prices", "prices/fetch_exchange_rates")
        others = ("giftcards/write_off_gift_cards", "invoices/issue_waiting_invoices")
        for name in (*names, *stock, *prices, *others):
            self._meter.take()
            forget_secrets()
            self._store.invoke(name)
            [found[f"workers/{name}"]] = self._meter.take()
        return found

    def _fill(self, *skus: str, quantity: int) -> dict[str, Any]:
        cart_id = self._ok(self._store.post("/v1/carts", {}, headers={"Idempotency-Key": f"cart-of-{'-'.join(skus)}"}))[
            "id"
        ]
        path = f"/v1/carts/{cart_id}"
        for each in skus:
            self._ok(self._store.put(f"{path}/lines/{each}", {"quantity": quantity}))
        self._ok(self._store.patch(path, {"email": "ada@example.com", "shipping_address": ADDRESS}))
        self._ok(self._store.get(f"{path}/shipping-methods"))
        self._ok(self._store.patch(path, {"shipping_method": "standard"}))
        cart: dict[str, Any] = self._ok(self._store.get(path))
        return cart

    # ---- what follows by itself -----------------------------------------------------------------------------

    def settle_down(self) -> None:
        """Deliver each change to its worker, and each message to its consumer, until nothing moves."""
        while self._project() + self._publish():
            pass

    def _webhooks(self) -> None:
        """Let Stripe post what the store asked for, and the worker take it from the queue."""
        for event in self._store.stripe.new_events():
            if event["type"] not in APPLIED:
                continue
            with self._step(PAY) as step:
                assert self._store.pumps.post_webhook(json.dumps(event)).status == 200
                self._take_message()
                forget_secrets()
                self._store.invoke("payments/on_stripe_event", queue_event(json.dumps(event)))
                step.beside["sqs.request"] += PER_MESSAGE

    @staticmethod
    def _take_message() -> None:
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName="stripe-events")["QueueUrl"]
        [message] = sqs.receive_message(QueueUrl=url)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def _project(self) -> int:
        images = [item for item in self._store.items("inventory") if "gsi1pk" in item]
        for image in images:
            with self._step(PROJECT):
                self._store.invoke("inventory/project_movements", stream_event([image]))
        return len(images)

    def _publish(self) -> int:
        images = [item for item in self._store.items("outbox") if "gsi1pk" in item]
        for image in sorted(images, key=lambda item: (item["occurred_at"]["S"], item["pk"]["S"], item["sk"]["S"])):
            with self._step(PUBLISH):
                self._store.invoke("outbox/publish_events", stream_event([image]))
            if (kind := image["type"]["S"]) in NOTIFIED:
                self._notify(image, MAIL if kind.startswith("orders.") else ALERT)
        return len(images)

    def _notify(self, image: dict[str, Any], name: str) -> None:
        """Deliver an event by rule and queue to the worker that tells people."""
        detail = {
            "event_id": image["event_id"]["S"],
            "type": image["type"]["S"],
            "version": 1,
            "aggregate": image["pk"]["S"],
            "sequence": int(image["sequence"]["N"]),
            "occurred_at": image["occurred_at"]["S"],
            "actor": image["actor"]["S"],
            "data": json.loads(image["data"]["S"]),
        }
        body = json.dumps({"source": "tradewind", "detail-type": detail["type"], "detail": detail})
        with self._step(name) as step:
            self._store.invoke("notifications/deliver_notification", queue_event(body))
            step.beside["sqs.request"] += 1 + PER_MESSAGE

    # ---- the notebook ---------------------------------------------------------------------------------------

    @contextmanager
    def _step(self, name: str) -> Iterator[Step]:
        step = self.steps.setdefault(name, Step(name))
        self._meter.take()
        forget_secrets()
        yield step
        step.invocations += self._meter.take()

    @staticmethod
    def _ok(answer: Answer) -> Any:
        assert answer.status in {200, 201}, answer.body
        forget_secrets()
        return answer.body

    def _later(self, seconds: float) -> None:
        self._store._offset += seconds
        clock.set_offset(self._store._offset)


def walk(store: Store, meter: Meter, number: int = 0) -> Journey:
    """Browse, and buy two articles that nobody bought before."""
    journey = Journey(store, meter)
    journey.browse()
    journey.buy(*(sku(number * 2 + place, SIZES[place]) for place in range(2)))
    return journey


def apart(store: Store, meter: Meter, number: int = 47) -> tuple[Step, ...]:
    """Sell an article below its threshold and send it; return the steps that do not come with every order."""
    key = store.post("/v1/admin/staff-keys", {"name": "Dispatch", "scopes": ["orders:read", "orders:write"]}).body
    article = sku(number, "S")
    path = f"/v1/admin/stock/{article}/levels/main/low-stock-threshold"
    assert store.put(path, {"threshold": 999}).status == 200
    journey = Journey(store, meter)
    journey.settle_down()
    journey.buy(article)
    journey.send(f"Bearer {key['token']}")
    return tuple(journey.steps[name] for name in APART)
