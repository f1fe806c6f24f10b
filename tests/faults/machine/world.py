"""A whole store that can be put back: real handlers, DynamoDB Local, the local Stripe, queues, streams and a clock."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from moto.sqs.models import sqs_backends

from commerce.adapters.ssm import secret
from commerce.checkout import sweeping
from commerce.checkout.receiving import APPLIED
from commerce.inventory import projection
from commerce.inventory import records as inventory_records
from commerce.kernel import clock
from commerce.kernel import outbox as kernel_outbox
from commerce.kernel.config import settings
from commerce.orders import operations as orders
from commerce.outbox import operations as outbox
from local.templates.names import ACCOUNT
from tests.faults.machine import promises
from tests.faults.machine.engine import Engine, Key, Raw
from tests.faults.machine.history import Told
from tests.faults.machine.outside import FIRST_RECORD, Deliveries, Message, queue_event, stream_event
from tests.faults.machine.picture import PREFIX, Mirror, Picture
from tests.faults.machine.stripe_inside import Books, InsideStripe
from tests.faults.machine.subject import Subject
from tests.faults.machine.wire import Outgoing, Wire, keys_written
from tests.support.aws import REGION
from tests.support.payments import signed
from tests.support.pumps import FOLLOWED_BY_STRIPE_TAX, NOTIFIED
from tests.support.store import TABLES, Store, running_store

VISIBILITY_SECONDS = 180.0
"""When a queue gives a failed message out again (functions/workers/template.yaml)."""

INVOKED_AGAIN_SECONDS = 60.0
"""When Lambda invokes a function again that failed asynchronously, the first time."""

MOST_RECEIVED = 5
"""After that a queue gives up; the same number stands in template.yaml."""

STREAMED = frozenset({f"{PREFIX}inventory", f"{PREFIX}outbox"})
ROUNDS = 40
SWEEP_SECONDS = 5 * 60.0
HOLD_SECONDS = 30 * 60.0
FEW_SHARDS = 2
SHARDED: tuple[tuple[Any, str], ...] = (
    (orders, "ATTENTION_SHARDS"),
    (sweeping, "ATTENTION_SHARDS"),
    (kernel_outbox, "SHARDS"),
    (outbox, "SHARDS"),
    (inventory_records, "SHARDS"),
    (projection, "SHARDS"),
)
"""The sweepers ask each shard; what they find there is the same with two of them, and found sooner."""


@dataclass(frozen=True)
class Saved:
    """Everything that a store and its surroundings know, what is on its way included."""

    items: Mapping[Key, Raw]
    books: Books
    acknowledged: frozenset[str]
    offset: float
    webhooks: tuple[Message, ...]
    queues: Mapping[str, tuple[Message, ...]]
    dead: tuple[Message, ...]
    appeared: tuple[tuple[Key, Raw], ...]
    mails: tuple[str, ...]
    bus: tuple[dict[str, Any], ...]
    told: tuple[Told, ...]


class World(Subject):
    """One store and all that surrounds it, in one thread. Every committed write is looked at by the checkers.

    :ivar violations: the promises that were broken since `begin`, in words.
    :ivar mails: what was sent to people: (service, event that caused it).
    :ivar bus: the events that reached the bus, each as often as it did.
    :ivar refunds: the refunds of ours that were seen so far.
    """

    def __init__(self, store: Store, stripe: InsideStripe, wire: Wire, engine: Engine) -> None:
        super().__init__(store, stripe, wire)
        self.deliveries = Deliveries()
        self.mirror = Mirror(engine, (PREFIX + name for name in TABLES))
        self.violations: list[str] = []
        self.bus: list[dict[str, Any]] = []
        self.mails: list[str] = []
        self.during_stripe: Callable[[Outgoing], None] | None = None
        self.checks = True
        self._sqs = sqs_backends[ACCOUNT][REGION]
        self._unmarked_mails = 0
        self._enqueued = 0
        self._acknowledged: set[str] = set()
        self._webhooks: dict[str, Message] = {}
        self._queues: dict[str, list[Message]] = {"stripe-events": [], "notifications": [], "sales": []}
        self._dead: list[Message] = []
        self.refunds: set[str] = set()
        self._statuses: dict[str, str] = {}
        wire.on_effect = self._happened

    def save(self) -> Saved:
        """Remember everything."""
        return Saved(
            items=dict(self.mirror.raw),
            books=self.stripe.books(),
            acknowledged=self.acknowledged,
            offset=self._offset,
            webhooks=tuple(map(copy, self._webhooks.values())),
            queues={name: tuple(map(copy, queue)) for name, queue in self._queues.items()},
            dead=tuple(map(copy, self._dead)),
            appeared=tuple(self.mirror.appeared),
            mails=tuple(self.mails),
            bus=tuple(self.bus),
            told=tuple(self.history),
        )

    def put_back(self, saved: Saved, *, seed: int = 0) -> None:
        """Be as everything was, in a fresh process."""
        self.mirror.put_back(saved.items)
        self.stripe.put_back(saved.books)
        self._acknowledged = set(saved.acknowledged)
        self._webhooks = {message.body["id"]: copy(message) for message in saved.webhooks}
        self._queues = {name: list(map(copy, queue)) for name, queue in saved.queues.items()}
        self._dead = list(map(copy, saved.dead))
        self.mirror.appeared = list(saved.appeared)
        self.violations = []
        self.mails = list(saved.mails)
        self._unmarked_mails = 0
        self.bus = list(saved.bus)
        self.invocations = []
        self.history.put_back(list(saved.told))
        self._statuses = {}
        self.refunds = {sk.partition("#")[2] for _, _, sk in saved.items if sk.startswith("refund#")}
        self._offset = saved.offset
        clock.set_offset(saved.offset)
        self.deliveries = Deliveries(chance=random.Random(seed))
        self.during_stripe = None
        self.wire.forget()
        # Nobody receives from moto's queues, and moto looks at each message in them for each that is sent.
        for queue in self._sqs.queues.values():
            queue._messages.clear()
        self.new_process()

    def forget_what_expired(self) -> None:
        """Delete what DynamoDB's time to live may delete by now, which it does at once, late or never."""
        now = self.now.timestamp()
        gone = [key for key, item in self.mirror.raw.items() if float(item.get("expires_ttl", {}).get("N", now)) < now]
        self.mirror.drop(gone)

    # ---- deliveries -----------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Deliver what is due until nothing moves: webhooks, queues, streams, the bus."""
        for _ in range(ROUNDS):
            moved = self.post_webhooks() + self.consume_events() + self.consume_streams() + self.notify()
            if not (moved + self.record_sales()):
                return
        self.violations.append(f"G14 something still moves after {ROUNDS} rounds")

    def sweep(self) -> None:
        """Run the schedules as they run every five minutes. One that would find nothing is left out."""
        now = clock.text(self.now)
        marks = [item for item in self.mirror.raw.values() if "gsi2sk" in item and item["gsi2sk"]["S"] <= now]
        if marks:
            self.invoke("checkout/sweep_orders")
        waiting = Counter(
            key[0] for key, item in self.mirror.raw.items() if item.get("gsi1pk", {}).get("S", "").startswith("un")
        )
        if waiting[f"{PREFIX}outbox"]:
            self.invoke("outbox/republish_events")
        if waiting[f"{PREFIX}inventory"]:
            self.invoke("inventory/reproject_movements")

    def tick(self, seconds: float) -> None:
        """Let time pass and run what is due: deliveries, the schedules, and what follows from them."""
        self.wait(seconds)
        self.drain()
        self.sweep()
        self.drain()

    def redeliver(self) -> None:
        """Let Stripe deliver every event of the past once more, in any order."""
        self._acknowledged.clear()
        self.deliveries.shuffled = True
        self.drain()

    def hold_back(self, events: Iterable[str], *, seconds: float) -> None:
        """Let Stripe deliver these events no earlier than that, for the first time or once more."""
        for event in events:
            self._acknowledged.discard(event)
            self._webhooks[event] = Message(self.stripe.table("event")[event], self._in(seconds))

    def post_webhooks(self, *types: str) -> int:
        """Let Stripe post what is due, or only events of these types; return how many there were."""
        events = [event for name, event in self.stripe.table("event").items() if name not in self._acknowledged]
        for event in events:
            self._webhooks.setdefault(event["id"], Message(event, self.now))
        due = [message for message in self._webhooks.values() if message.due <= self.now]
        due = [message for message in due if not types or message.body["type"] in types]
        for message in self.deliveries.order(due):
            if self._is_taken(message.body):
                self._acknowledged.add(message.body["id"])
                self.stripe.delivered(message.body["id"])
                self._webhooks.pop(message.body["id"], None)
            else:
                message.due = self._in(5)
        return len(due)

    def _is_taken(self, event: Mapping[str, Any]) -> bool:
        """Post a webhook and tell whether it is answered with 2xx, as it may only be when the queue has it."""
        body, enqueued = json.dumps(event), self._enqueued
        answer = self.call("POST", "/v1/webhooks/stripe", raw=body, headers={"Stripe-Signature": signed(body)})
        taken = answer is not None and 200 <= answer.status < 300
        if taken and event["type"] in APPLIED and self._enqueued == enqueued:
            self.violations.append(f"G6 {event['type']} was answered with 2xx, and no queue has it")
        return taken

    def lose_webhooks(self) -> None:
        """Let nothing arrive of what Stripe has not delivered yet: it gives up after three days."""
        self._acknowledged.update(self.stripe.table("event"))
        self._webhooks.clear()

    def redrive(self) -> None:
        """Give the dead letters back to their queues, as an operator does once the cause is mended."""
        for message in self._dead:
            queue = "notifications" if "detail-type" in json.loads(message.body) else "stripe-events"
            self._queues[queue].append(Message(message.body, self.now))
        self._dead.clear()

    def consume_events(self) -> int:
        return self._consume("stripe-events", "payments/on_stripe_event")

    def notify(self) -> int:
        return self._consume("notifications", "notifications/deliver_notification")

    def record_sales(self) -> int:
        """Hand the bus's events of orders to whoever tells Stripe Tax, again and again until that succeeds."""
        due = [message for message in self._queues["sales"] if message.due <= self.now]
        done: list[Message] = []
        for message in self.deliveries.order(due):
            if self.invoke("taxes/record_sale", json.loads(message.body)) is None:
                done.append(message)
            else:
                message.due = self._in(INVOKED_AGAIN_SECONDS)
        self._queues["sales"] = [message for message in self._queues["sales"] if not any(message is it for it in done)]
        return len(due)

    @property
    def mails_that_may_repeat(self) -> int:
        """Return how many mails left without a mark: SES and SNS know no idempotency, and each may go out again."""
        return self.wire.unheard_mails + self._unmarked_mails

    def _consume(self, queue: str, worker: str) -> int:
        due = [message for message in self._queues[queue] if message.due <= self.now]
        done: list[Message] = []
        for message in self.deliveries.order(due):
            message.received += 1
            mails, unheard = len(self.mails), self.wire.unheard_mails
            result = self.invoke(worker, queue_event(message.body))
            if result == {"batchItemFailures": []}:
                done.append(message)
                continue
            self._unmarked_mails += len(self.mails) - mails - (self.wire.unheard_mails - unheard)
            message.due = self._in(VISIBILITY_SECONDS)
            if message.received >= MOST_RECEIVED:
                self._dead.append(message)
                done.append(message)
        self._queues[queue] = [message for message in self._queues[queue] if not any(message is each for each in done)]
        return len(due)

    def consume_streams(self) -> int:
        return self.project_movements() + self.publish_events()

    def project_movements(self) -> int:
        """Hand each new movement to what follows from it."""
        movements = self._new_items("inventory", sk="movement")
        for image in self.deliveries.order(movements):
            self._stream("inventory/project_movements", [image])
        return len(movements)

    def publish_events(self) -> int:
        """Hand the outbox's new events to their publisher."""
        events = self._new_items("outbox")
        if events:
            for batch in [events, events] if self.deliveries.twice else [events]:
                self._stream("outbox/publish_events", batch)
        return len(events)

    def lose_streams(self) -> None:
        """Let the streams forget what nobody has read: they keep a record for a day."""
        self.mirror.appeared.clear()

    def _new_items(self, table: str, *, sk: str | None = None) -> list[Raw]:
        """Take the new items of a table from its stream."""
        appeared, name = self.mirror.appeared, PREFIX + table
        self.mirror.appeared = [(key, item) for key, item in appeared if key[0] in STREAMED and key[0] != name]
        return [item for key, item in appeared if key[0] == name and sk in {None, key[2]}]

    def _stream(self, worker: str, images: list[Raw]) -> None:
        """Hand a batch over, and again from the first record that failed, as often as Lambda does."""
        for _ in range(MOST_RECEIVED):
            result = self.invoke(worker, stream_event(images))
            if result == {"batchItemFailures": []}:
                return
            if isinstance(result, dict):
                failed = [int(each["itemIdentifier"]) for each in result["batchItemFailures"]]
                images = images[min(failed) - FIRST_RECORD :]

    # ---- what happened --------------------------------------------------------------------------------------

    def _happened(self, call: Outgoing) -> None:
        if call.service == "dynamodb":
            if call.changes:
                self.mirror.look(keys_written(call))
                self.look()
        elif call.service == "stripe":
            self.look()
            if self.during_stripe is not None:
                meanwhile, self.during_stripe = self.during_stripe, None
                with self.wire.unwatched(), self._another_process():
                    meanwhile(call)
        elif call.service == "sqs":
            self._enqueued += 1
            self._queues["stripe-events"].append(Message(call.body["MessageBody"], self.now))
        elif call.service == "events":
            for entry in call.body["Entries"]:
                self._published(json.loads(entry["Detail"]))
        elif call.service in {"sesv2", "sns"}:
            self.mails.append(call.service)

    def _published(self, event: dict[str, Any]) -> None:
        """Let the bus bring an event to whoever its rules name."""
        self.bus.append(event)
        body = json.dumps({"source": "tradewind", "detail-type": event["type"], "detail": event})
        if event["type"] in FOLLOWED_BY_STRIPE_TAX and settings().tax_provider == "stripe_tax":
            self._queues["sales"].append(Message(body, self.now))
        if event["type"] in NOTIFIED:
            self._queues["notifications"].append(Message(body, self.now))

    def look(self) -> None:
        """Run the checkers of every committed state."""
        if self.checks:
            self.violations += promises.broken(self.picture(), self, only_committed=True)

    def picture(self) -> Picture:
        """Return what is stored and what Stripe has, now."""
        return Picture(self.mirror, self.stripe.service.ledger.tables, self.now)

    def check(self, *, swept: bool) -> list[str]:
        """Run every checker on what there is now, and return all promises that were broken since the case began.

        :param swept: faults have stopped and two sweeps have passed.
        """
        self.violations += promises.broken(self.picture(), self, only_committed=not swept)
        return list(dict.fromkeys(self.violations))

    @property
    def undelivered(self) -> int:
        """Return how many messages are still on their way, or were given up."""
        return sum(map(len, self._queues.values())) + len(self._dead) + len(self._webhooks)

    @property
    def acknowledged(self) -> frozenset[str]:
        """Return the ids of Stripe's events that the store answered with 2xx."""
        return frozenset(self._acknowledged)

    @property
    def statuses(self) -> dict[str, str]:
        """Return the last status that each order was seen with."""
        return self._statuses


@contextmanager
def running_world(dynamodb_url: str, **environment: str) -> Iterator[World]:
    """Run an empty store under the machine, with its tables on the DynamoDB Local at that address."""
    stripe = InsideStripe()
    engine = Engine(dynamodb_url)
    with ExitStack() as stack:
        for module, name in SHARDED:
            stack.enter_context(patch.object(module, name, FEW_SHARDS))
        store = stack.enter_context(running_store(stripe, AWS_ENDPOINT_URL_DYNAMODB=dynamodb_url, **environment))
        secret(settings().stripe_secret_key_name)
        wire = Wire(stripe)
        with wire.installed():
            yield World(store, stripe, wire, engine)
    engine.close()
    stripe.close()
