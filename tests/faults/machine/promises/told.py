"""What was told: to clients, who rely on it, and to whoever listens."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.faults.machine.guarantees import MAY_BECOME, promised
from tests.faults.machine.picture import Document, Picture
from tests.support.pumps import NOTIFIED

if TYPE_CHECKING:
    from tests.faults.machine.world import World

SWEEP = timedelta(minutes=5)
PER_EMAIL, PER_NETWORK = 3, 100
"""Open checkouts that one e-mail and one network may have (the settings' defaults)."""


NOT_ALWAYS_TOLD = {"inventory.stock_low", "giftcards.issued", "giftcards.disabled"}
"""Stock that has recovered by the time somebody could be told is not worth telling, and few cards go by mail."""


@promised("G10", always=False)
def answers_are_kept(picture: Picture, world: "World") -> Iterator[str]:
    """A 2xx answer to a client survives any later fault; nobody is told "paid" for an order that later is not."""
    movements = {pk.removeprefix("movement#") for pk, sk, _ in picture.rows("inventory") if sk == "movement"}
    for told in world.history:
        body = told.answer.body if told.answer is not None and told.is_success else None
        if not isinstance(body, dict) or body.get("dry_run"):
            continue
        yield from _order_kept(picture, body.get("order") or body)
        if isinstance(refund := body.get("refund"), dict) and not _refund_kept(picture, refund):
            yield f"a client was told of the refund {refund['id']}, and it is not there"
        if body.get("movement_id") is not None and body["movement_id"] not in movements:
            yield f"a client was told of the movement {body['movement_id']}, and it is not there"


def _order_kept(picture: Picture, told: Document) -> Iterator[str]:
    if not str(told.get("id", "")).startswith("ord_"):
        return
    order = picture.orders.get(told["id"])
    if order is None:
        yield f"a client was told of the order {told['id']}, and it is not there"
        return
    if told["totals"]["total"]["amount"] != order.header["totals"]["total"]["amount"]:
        yield f"order {told['number']} was answered with another total"
    if order.status not in MAY_BECOME[told["status"]]:
        yield f"a client was told that order {told['number']} is {told['status']}, and it is {order.status}"
    if told["payment_status"] == "paid" and order.payment["captured"] < order.payment["due"]:
        yield f"a client was told that order {told['number']} is paid, and it is not"


def _refund_kept(picture: Picture, told: Document) -> bool:
    order = picture.orders.get(told.get("order_id", ""))
    orders = [order] if order else list(picture.orders.values())
    return any(
        refund["id"] == told["id"] and refund["amount"] == told["amount"] for each in orders for refund in each.refunds
    )


@promised("G12", always=False)
def nothing_answers_500(_: Picture, world: "World") -> Iterator[str]:
    """No input and no fault makes a 500; a fault makes a 503 that says when to come back."""
    for told in world.history:
        answer = told.answer
        if answer is None or answer.status < 500:
            continue
        if answer.status != 503 or not answer.body.get("retryable"):
            yield f"{told.method} {told.path} answered {answer.status} {answer.body.get('code')}"


@promised("G14", always=False)
def changes_are_announced(picture: Picture, world: "World") -> Iterator[str]:
    """Each change is announced at least once, in order and without a gap; each consumer takes effect once."""
    announced = picture.announced
    for order in picture.orders.values():
        sequences = [row["sequence"] for row in announced.get(f"order#{order.id}", [])]
        if sequences != list(range(1, order.header["version"] + 1)):
            yield f"order {order.header['number']} is at version {order.header['version']} and announced {sequences}"
    arrived = {event["event_id"] for event in world.bus}
    for rows in announced.values():
        for row in rows:
            if row["event_id"] not in arrived:
                yield f"{row['type']} never reached the bus"
            if "gsi1pk" in row:
                yield f"{row['type']} is not marked as published"
    for review in picture.reviews:
        sequences = [row["sequence"] for row in announced.get(f"review#{review['id']}", [])]
        if sequences != list(range(1, review["version"] + 1)):
            yield f"review {review['kind']} is at version {review['version']} and announced {sequences}"
    yield from _told_once(picture, world)
    yield from _projected(picture)
    yield from _shown(picture)
    yield from _low_stock_told(picture)


def _told_once(picture: Picture, world: "World") -> Iterator[str]:
    notices = [row for _, _, row in picture.rows("notifications")]
    for notice in notices:
        if "sent_at" not in notice:
            yield f"nobody was told of {notice['type']}"
    noticed = {pk.removeprefix("notice#") for pk, _, _ in picture.rows("notifications")}
    for rows in picture.announced.values():
        for row in rows:
            if row["type"] in {*NOTIFIED} - NOT_ALWAYS_TOLD and row["event_id"] not in noticed:
                yield f"nobody was to be told of {row['type']}"
    if len(world.mails) > len(notices) + world.mails_that_may_repeat:
        yield f"{len(world.mails)} mails were sent for {len(notices)} events"
    if len(world.mails) < len(notices):
        yield f"{len(notices)} events count as told, and {len(world.mails)} mails were sent"


def _projected(picture: Picture) -> Iterator[str]:
    told: Counter[str] = Counter()
    for _, sk, row in picture.rows("inventory"):
        if sk.startswith("history#"):
            told[row["movement_id"]] += 1
    for pk, sk, row in picture.rows("inventory"):
        if sk == "movement":
            name = pk.removeprefix("movement#")
            if told[name] != len(row["moves"]) or "gsi1pk" in row:
                yield f"movement {name} ({row['reason']}) is told {told[name]} times in the histories"


def _shown(picture: Picture) -> Iterator[str]:
    """Find the catalog's rows that show another stock than there is, once all movements are projected."""
    available, revisions = Counter[str](), Counter[str]()
    for (sku, _), level in picture.levels.items():
        available[sku] += level.get("available", 0)
        revisions[sku] += level.get("revision", 0)  # A level with a threshold and no unit yet has none.
    for pk, sk, row in picture.rows("catalog"):
        shown = row["available"] if isinstance(row.get("available"), dict) else {}
        seen = row["revisions"] if shown else {}
        if sk == "variant":
            sku = pk.removeprefix("sku#")
            shown, seen = {sku: row["available"]}, {sku: row["availability_revision"]}
        for sku, units in shown.items():
            if revisions[sku] and (units != available[sku] or seen[sku] > revisions[sku]):
                yield f"{pk} shows {units} of {sku} (revision {seen[sku]}), and there are {available[sku]}"


def _low_stock_told(picture: Picture) -> Iterator[str]:
    """Find levels whose flag is wrong, or whose crossings were not told one by one."""
    announced = picture.announced
    for (sku, location), level in picture.levels.items():
        threshold = level.get("low_stock_threshold")
        is_low = threshold is not None and level.get("available", 0) <= threshold
        if threshold is not None and bool(level.get("low_announced")) != is_low:
            yield f"{sku} at {location} has {level.get('available', 0)} and its low-stock flag says otherwise"
        told = announced.get(f"stock#{sku}#{location}", [])
        if [row["sequence"] for row in told] != list(range(1, level.get("alert_sequence", 0) + 1)):
            yield f"{sku} at {location} crossed its threshold {level['alert_sequence']} times, told {len(told)} times"
