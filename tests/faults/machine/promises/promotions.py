"""Promotions: what is taken off adds up, is counted once, and can be had again when its order ends."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from commerce.promotions.uses import Uses
from tests.faults.machine.guarantees import promised
from tests.faults.machine.picture import Document, Order, Picture

if TYPE_CHECKING:
    from tests.faults.machine.world import World

SIGNS = {"subtotal": 1, "discount": -1, "shipping": 1, "tax": 1, "contained_tax": 0}
"""How each part of an explanation counts in the total."""

PAID_OTHERWISE: tuple[str, ...] = ()
"""Which of an order's totals are paid before Stripe is asked for the rest."""

PARTS = 4
"""In how many rows a limit lies (ADR 0027)."""


@promised("G3", always=True)
def an_order_adds_up(picture: Picture, _: "World") -> Iterator[str]:
    """An order costs what its lines, promotions, shipping and taxes say: its explanation, replayed, gives its total."""
    for order in picture.orders.values():
        name, details = f"order {order.header['number']}", order.details
        totals = {part: _amount(value) for part, value in order.header["totals"].items() if isinstance(value, dict)}
        replayed = sum(SIGNS[step["part"]] * _amount(step["amount"]) for step in details["explanation"])
        if replayed != totals["total"]:
            yield f"{name} costs {totals['total']}, and its explanation gives {replayed}"
        if order.payment["due"] != totals["total"] - sum(totals[part] for part in PAID_OTHERWISE):
            yield f"{name} costs {totals['total']}, and {order.payment['due']} are to be paid"
        lines = details["lines"]
        sums = {
            "subtotal": sum(_amount(line["total"]) + _amount(line["restated"]) for line in lines),
            "discount": sum(_amount(tried["amount"]) for tried in details.get("promotions", ()) if tried["applied"]),
            "tax": sum(
                _amount(each["tax"]) for each in (*(line["tax"] for line in lines), details.get("shipping_tax")) if each
            ),
        }
        wrong = {part: (sum_, totals[part]) for part, sum_ in sums.items() if sum_ != totals[part]}
        if wrong:
            yield f"{name}: what it is made of, and what its totals say: {wrong}"
        off = sum(_amount(line["discount"]) for line in lines) + _off(order, "shipping_method")
        if off != totals["discount"]:
            yield f"{name}: {off} are taken off its lines and its shipping, and {totals['discount']} in all"


@promised("G8", always=True)
def what_is_taken_off_is_counted(picture: Picture, _: "World") -> Iterator[str]:
    """An order has used up what its explanation says that it got: of each limit of a promotion, and its code."""
    limits = _limits(picture)
    limited = {row["pk"].removeprefix("code#") for row in _rows(picture, "code#") if row.get("uses_at_most")}
    for order in picture.orders.values():
        used = {use["promotion_id"]: use for use in _used(order)["uses"]}
        for tried in (each for each in order.details.get("promotions", ()) if each["applied"]):
            limit, code = limits.get(tried["promotion_id"], {}), tried["code"] if tried["code"] in limited else None
            expected = {
                "counted": "uses" in limit,
                "amount": _off(order, source=f"promotion:{tried['promotion_id']}") if "budget" in limit else None,
                "by_customer": "uses_per_customer" in limit,
            }
            use = used.get(tried["promotion_id"], {"counted": False, "amount": None, "by_customer": False})
            if {name: use[name] for name in expected} != expected or (code and use.get("code") != code):
                yield f"order {order.header['number']} got {tried['promotion_id']} ({expected}), and used up {use}"


@promised("G8", always=True)
def promotions_keep_their_limits(picture: Picture, _: "World") -> Iterator[str]:
    """Of each part of a promotion's limits, what is given is what is left and what open and placed orders hold."""
    held = _held(picture)
    given: Counter[tuple[str, str]] = Counter()
    for row in (row for row in _rows(picture, "promotion#") if row["sk"].startswith("limit#")):
        name, part = row["pk"].removeprefix("promotion#"), int(row["sk"].removeprefix("limit#"))
        amounts = {"uses": (row["uses_given"], row["uses_left"])}
        amounts |= {each: (row["budget_given"][each], left) for each, left in row["budget_left"].items()}
        for kind, (had, left) in amounts.items():
            given[name, kind] += had
            in_orders = held.pop((name, part, kind), 0)
            if not 0 <= left <= had or had - left != in_orders:
                yield f"part {part} of {name} has {left} of {had} {kind} left, and orders hold {in_orders}"
    if any(held.values()):
        yield f"orders hold {dict(held)} of limits that are not there"
    for what, amount in _limited(picture):
        if given[what] != amount:
            yield f"{what} is limited to {amount}, and its parts were given {given[what]}"


def _held(picture: Picture) -> Counter[tuple[str, int, str]]:
    """Return what living orders hold of each part of each limit."""
    held: Counter[tuple[str, int, str]] = Counter()
    for order in _living(picture):
        used = _used(order)
        for use in (use for use in used["uses"] if use["shard"] is not None):
            held[use["promotion_id"], use["shard"], "uses"] += use["counted"]
            held[use["promotion_id"], use["shard"], used["currency"]] += use["amount"] or 0
    return held


def _limited(picture: Picture) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the limits that the shop shares: the uses of each promotion, and its budget in each currency."""
    for name, limits in _limits(picture).items():
        if "uses" in limits:
            yield (name, "uses"), limits["uses"]
        for each in limits.get("budget", ()):
            yield (name, each["currency"]), each["amount"]


@promised("G8", always=True)
def a_code_works_for_one_order(picture: Picture, _: "World") -> Iterator[str]:
    """A code that works once is held by at most one open or placed order, and is free when that has ended."""
    holders: dict[str, list[str]] = {}
    for order in _living(picture):
        for use in _used(order)["uses"]:
            if use["code_is"] == "once":
                holders.setdefault(use["code"], []).append(order.id)
    for row in (row for row in _rows(picture, "code#") if row.get("uses_at_most") == 1):
        code = row["pk"].removeprefix("code#")
        marked, holding = [row["used_by"]] if row.get("used_by") else [], holders.pop(code, [])
        if len(holding) > 1 or marked != holding:
            yield f"the code {code} is marked as used by {marked}, and used by {holding}"
    if holders:
        yield f"orders use codes that are not there: {holders}"


@promised("G8", always=True)
def customers_are_counted(picture: Picture, _: "World") -> Iterator[str]:
    """Of a customer are counted the uses of open and placed orders, the placed orders, and an open first one."""
    counted: Counter[tuple[str, str]] = Counter()
    for order in _living(picture):
        used = _used(order)
        counted.update(
            (used["customer"], f"promotion#{use['promotion_id']}") for use in used["uses"] if use["by_customer"]
        )
        counted[used["customer"], "orders"] += order.status == "placed" or used["is_first_order"]
        counted[used["customer"], "first"] += used["is_first_order"]
    limits = {f"promotion#{name}": each for name, each in _limits(picture).items()}
    for row in _rows(picture, "customer#"):
        customer, what = row["pk"].removeprefix("customer#"), row["sk"]
        number, there = row.get("uses", row.get("orders")), counted.pop((customer, what), 0)
        most = limits.get(what, {}).get("uses_per_customer")
        if number != there or (most is not None and number > most):
            yield f"a customer has {number} {what} of {most}, and {there} orders count"
    twice = [customer for (customer, what), times in counted.items() if what == "first" and times > 1]
    lost = {what for (_, what), times in counted.items() if what != "first" and times}
    if twice or lost:
        yield f"{len(twice)} customers have two first orders, and nobody counted {sorted(lost)}"


def _living(picture: Picture) -> Iterator[Order]:
    return (order for order in picture.orders.values() if order.status in {"pending", "placed"})


def _used(order: Order) -> Document:
    """Return what an order used up, with what its row leaves out."""
    return Uses.model_validate(order.details["promotion_uses"]).model_dump()


def _off(order: Order, subject: str | None = None, *, source: str | None = None) -> int:
    """Return what is taken off one thing, or by one promotion."""
    steps = (step for step in order.details["explanation"] if step["part"] == "discount")
    return sum(
        _amount(step["amount"])
        for step in steps
        if subject in {None, step["subject"]} and source in {None, step["source"]}
    )


def _limits(picture: Picture) -> dict[str, Document]:
    """Return the limits of each promotion, as staff set them."""
    return {row["sk"]: json.loads(row["document"]).get("limits", {}) for row in _rows(picture, "promotions")}


def _rows(picture: Picture, prefix: str) -> Iterator[Document]:
    return (row for pk, _, row in picture.rows("promotions") if pk.startswith(prefix))


def _amount(money: Document) -> int:
    amount: int = money["amount"]
    return amount
