"""Stock, holds, limits, and the one way that an order goes."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.faults.machine.guarantees import MAY_BECOME, promised
from tests.faults.machine.picture import BUCKETS, Document, Picture

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
    yield from _rows_are_explained(picture)
    levels = picture.levels
    for key in levels.keys() | held["reserved"].keys() | held["committed"].keys():
        level = levels.get(key, {})
        for name, units in held.items():
            if level.get(name, 0) != units[key]:
                yield f"{key[0]} at {key[1]} has {level.get(name, 0)} {name}, and orders hold {units[key]}"


def _rows_are_explained(picture: Picture) -> Iterator[str]:
    """Check each row by itself, also the shards of a split level."""
    rows, moved = picture.level_rows, _moved(picture.movements)
    for key in rows.keys() | moved.keys():
        row = rows.get(key, {})
        amounts = {name: row.get(name, 0) for name in (*BUCKETS, "received")}
        where = f"{key[0]} at {key[1]}" + (f", shard {key[2]}," if key[2] else "")
        if min(amounts.values()) < 0:
            yield f"{where} is negative: {amounts}"
        if sum(amounts[name] for name in BUCKETS) != amounts["received"]:
            yield f"{where} does not sum to what was received: {amounts}"
        if any(amounts[name] != moved.get(key, Counter())[name] for name in amounts):
            yield f"{where} is not the sum of its movements: {amounts}"


@promised("G1", always=True)
def evening_out_makes_no_units(picture: Picture, _: "World") -> Iterator[str]:
    """Units that change shards leave as many as arrive."""
    for document in picture.movements:
        if document["reason"] == "rebalance":
            sums: Counter[tuple[str, str]] = Counter()
            for (sku, location, _shard), changes in _moved([document]).items():
                sums[sku, location] += changes["received"]
            for (sku, location), more in sums.items():
                if more:
                    yield f"the shards of {sku} at {location} gained {more} units together"


@promised("G1", always=False)
def what_is_available_is_for_sale(picture: Picture, _: "World") -> Iterator[str]:
    """No available unit stays in a shard that buyers do not look at."""
    rows = picture.level_rows
    for (sku, location, shard), row in rows.items():
        if row.get("available", 0) and shard >= rows.get((sku, location, 0), {}).get("shards", 1):
            yield f"{row['available']} of {sku} at {location} lie in shard {shard}, which nobody sells from"


def _moved(movements: list[Document]) -> dict[tuple[str, str, int], Counter[str]]:
    sums: dict[tuple[str, str, int], Counter[str]] = {}
    for document in movements:
        for move in document["moves"]:
            changes = sums.setdefault((move["sku"], move["location"], move.get("shard", 0)), Counter())
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
