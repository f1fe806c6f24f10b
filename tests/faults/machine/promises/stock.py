"""Stock, holds, limits, and the one way that an order goes."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.faults.machine.guarantees import MAY_BECOME, promised
from tests.faults.machine.picture import BUCKETS, Picture

if TYPE_CHECKING:
    from tests.faults.machine.world import World

SWEEP = timedelta(minutes=5)
PER_EMAIL, PER_NETWORK = 3, 100
"""Open checkouts that one e-mail and one network may have (the settings' defaults)."""


@promised("G1", always=True)
def stock_is_conserved(picture: Picture, _: "World") -> Iterator[str]:
    """Per SKU and location the buckets sum to what was received, none is negative, and each is what orders hold."""
    held: dict[str, Counter[tuple[str, str]]] = {"reserved": Counter(), "committed": Counter(), "dispatched": Counter()}
    for order in picture.orders.values():
        if order.status == "pending":
            held["reserved"].update(order.left())
        elif order.status == "placed":
            held["committed"].update(order.left())
        held["dispatched"].update(order.sent())
    moved = _moved(picture)
    levels = picture.levels
    for key in levels.keys() | moved.keys() | held["reserved"].keys() | held["committed"].keys():
        level = levels.get(key, {})
        amounts = {name: level.get(name, 0) for name in (*BUCKETS, "received")}
        where = f"{key[0]} at {key[1]}"
        if min(amounts.values()) < 0:
            yield f"{where} is negative: {amounts}"
        if sum(amounts[name] for name in BUCKETS) != amounts["received"]:
            yield f"{where} does not sum to what was received: {amounts}"
        for name, units in held.items():
            if amounts[name] != units[key]:
                yield f"{where} has {amounts[name]} {name}, and orders hold {units[key]}"
        if any(amounts[name] != moved.get(key, Counter())[name] for name in amounts):
            yield f"{where} is not the sum of its movements: {amounts}"


def _moved(picture: Picture) -> dict[tuple[str, str], Counter[str]]:
    sums: dict[tuple[str, str], Counter[str]] = {}
    for document in picture.movements:
        for move in document["moves"]:
            changes = sums.setdefault((move["sku"], move["location"]), Counter())
            source, target = move.get("from"), move.get("to")
            changes[source or "received"] -= move["quantity"] if source else -move["quantity"]
            changes[target or "received"] += move["quantity"] if target else -move["quantity"]
    return sums


@promised("G3", always=True)
def what_is_ordered_is_held(picture: Picture, _: "World") -> Iterator[str]:
    """All units of an order's lines are allocated, also when several lines name one SKU."""
    for order in picture.orders.values():
        ordered, allocated = Counter[str](), Counter[str]()
        for line in order.details["lines"]:
            ordered[line["sku"]] += line["quantity"]
        for part in order.details["allocations"]:
            allocated[part["sku"]] += part["quantity"]
        if ordered != allocated:
            yield f"order {order.header['number']} is about {dict(ordered)}, and holds {dict(allocated)}"


@promised("G5", always=False)
def holds_end(picture: Picture, world: "World") -> Iterator[str]:
    """No hold outlives its deadline by more than one sweep, and no cart stays locked without an open order."""
    for order in picture.orders.values():
        ends = datetime.fromisoformat(order.header["hold_expires_at"])
        if order.status == "pending" and not order.payment["processing"] and ends + SWEEP < world.now:
            yield f"order {order.header['number']} still holds its stock {world.now - ends} after its deadline"
    for cart_id, cart in picture.carts.items():
        order_of_cart = picture.orders.get(cart.get("order_id") or "")
        status = order_of_cart.status if order_of_cart else "missing"
        if cart["state"] == "locked" and status != "pending":
            yield f"cart {cart_id} is locked by an order that is {status}"
        if cart["state"] == "ordered" and status not in {"placed", "canceled"}:
            yield f"cart {cart_id} is ordered, and its order is {status}"


@promised("G8", always=True)
def limits_are_kept(picture: Picture, _: "World") -> Iterator[str]:
    """Limited things never go below zero or over their limit, and are given back exactly once."""
    taken: Counter[str] = Counter()
    for order in picture.orders.values():
        if order.status == "pending":
            taken.update(order.header["limit_keys"])
    counted = picture.open_checkouts
    for key in counted.keys() | taken.keys():
        most = PER_EMAIL if key.startswith("open#email#") else PER_NETWORK
        if counted.get(key, 0) != taken[key]:
            yield f"{key.split('#')[1]}: {counted.get(key, 0)} open checkouts are counted, and there are {taken[key]}"
        if not 0 <= counted.get(key, 0) <= most:
            yield f"{key.split('#')[1]}: {counted.get(key, 0)} open checkouts of {most} allowed"


@promised("G9", always=True)
def statuses_only_go_forward(picture: Picture, world: "World") -> Iterator[str]:
    """`order.status` is monotone: nothing leaves a terminal state, whatever the order of events."""
    for order in picture.orders.values():
        before = world.statuses.get(order.id, "pending" if order.status == "pending" else order.status)
        if order.status not in MAY_BECOME[before]:
            yield f"order {order.header['number']} was {before} and became {order.status}"
        world.statuses[order.id] = order.status
    for order_id in world.statuses.keys() - picture.orders.keys():
        yield f"order {order_id} was there and is gone"
