"""What people know of the shop: what they were told and what they did, added up by hand.

Nothing here knows how the shop works inside. It reads what the shop answers, as anybody can.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAY_FOLLOW = {"pending": {"placed", "expired", "canceled"}, "placed": {"canceled"}, "expired": set(), "canceled": set()}
Place = tuple[str, str]
"""A SKU at a location."""

SHIPPING = {"USD": 500, "JPY": 600}
OFF = {"few": {"USD": 200, "JPY": 220}, "once": {"USD": 100, "JPY": 110}}
"""What promotions take off an order of goods; each has a code, which is its name in capitals."""


@dataclass
class Shelf:
    """The units of a SKU that staff brought in at one place, net.

    :ivar perhaps: changes of which nobody knows whether they happened.
    """

    received: int = 0
    perhaps: list[int] = field(default_factory=list)

    def changed(self, units: int, *, certainly: int, perhaps: int) -> None:
        """Note a change that happened so often, and perhaps so often beyond that."""
        self.received += units * certainly
        self.perhaps += [units] * perhaps

    def possible(self) -> set[int]:
        """Return what may be there."""
        sums = {self.received}
        for units in self.perhaps:
            sums |= {units + each for each in sums}
        return sums


@dataclass
class KnownOrder:
    """An order as people were told of it."""

    id: str
    number: str
    cart_id: str
    total: Mapping[str, Any]
    lines: Counter[str]
    status: str
    token: str | None = None
    captured: int = 0
    parcels: dict[str, Counter[str]] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ware:
    """What is sold under a SKU, by the price list on the wall."""

    product_id: str
    prices: dict[str, int]
    is_sent: bool


class Notebook:
    """What everybody knows together.

    :ivar contradictions: where the shop said something else than before, in words.
    """

    def __init__(self, wares: Mapping[str, Ware], shelves: Mapping[Place, int]) -> None:
        self.wares = {sku: Ware(ware.product_id, dict(ware.prices), ware.is_sent) for sku, ware in wares.items()}
        self.shelves = {place: Shelf(received) for place, received in shelves.items()}
        self.orders: dict[str, KnownOrder] = {}
        self.contradictions: list[str] = []

    def total(
        self, lines: Iterable[Mapping[str, Any]], *, currency: str, is_sent: bool, promotions: Iterable[str] = ()
    ) -> int:
        """Add up what these lines cost today, with these promotions."""
        goods: int = sum(self.wares[line["sku"]].prices[currency] * line["quantity"] for line in lines)
        off = min(goods, sum(OFF[name][currency] for name in promotions))
        return goods - off + (SHIPPING[currency] if is_sent else 0)

    def hear(self, body: Any) -> None:
        """Take in an answer of the shop, and compare it with what it said before."""
        if not isinstance(body, dict) or body.get("dry_run"):
            return
        order = body.get("order", body)
        if str(order.get("id", "")).startswith("ord_"):
            known = self._known(order)
            known.token = body.get("order_token", known.token)

    def _known(self, told: Mapping[str, Any]) -> KnownOrder:
        lines = _units(told["lines"])
        known = self.orders.get(told["id"])
        if known is None:
            if any(other.number == told["number"] for other in self.orders.values()):
                self.contradictions.append(f"two orders have the number {told['number']}")
            known = KnownOrder(
                told["id"], told["number"], told["cart_id"], told["totals"]["total"], lines, told["status"]
            )
            self.orders[known.id] = known
        self._compare(known, told, lines)
        return known

    def _compare(self, known: KnownOrder, told: Mapping[str, Any], lines: Counter[str]) -> None:
        agreed = (known.number, known.cart_id, known.total, known.lines)
        if agreed != (told["number"], told["cart_id"], told["totals"]["total"], lines):
            self._contradicts(known, "is another order than before")
        if told["status"] != known.status and told["status"] not in MAY_FOLLOW[known.status]:
            self._contradicts(known, f"was {known.status}, and is {told['status']}")
        known.status = told["status"]
        parcels = {parcel["id"]: _units(parcel["lines"]) for parcel in told["fulfillments"]}
        if any(parcels.get(name) != units for name, units in known.parcels.items()):
            self._contradicts(known, "lost a parcel")
        known.parcels |= parcels
        if "payment" in told:
            self._compare_money(known, told)

    def _compare_money(self, known: KnownOrder, told: Mapping[str, Any]) -> None:
        captured = told["payment"]["captured"]["amount"]
        if captured < known.captured:
            self._contradicts(known, f"had {known.captured} captured, and has {captured}")
        known.captured = captured
        refunds = {refund["id"]: refund["amount"] for refund in told["refunds"]}
        if any(refunds.get(name) != amount for name, amount in known.refunds.items()):
            self._contradicts(known, "lost a refund")
        known.refunds |= refunds

    def _contradicts(self, known: KnownOrder, what: str) -> None:
        self.contradictions.append(f"order {known.number} {what}")

    def stock_contradictions(self, received: Mapping[Place, int]) -> Iterator[str]:
        """Compare what staff brought in with what is recorded as received."""
        for place, shelf in self.shelves.items():
            possible, recorded = shelf.possible(), received.get(place, 0)
            if recorded not in possible:
                yield f"staff brought in {sorted(possible)} of {place}, and {recorded} are recorded"

    def settle(self, received: Mapping[Place, int]) -> None:
        """Note what is there, when nothing is on its way any more."""
        for place, shelf in self.shelves.items():
            shelf.received, shelf.perhaps = received.get(place, 0), []

    def sales_contradictions(self, sku: str, levels: Sequence[Mapping[str, int]]) -> Iterator[str]:
        """Compare what staff are told of a SKU's stock with what was ordered and sent, by all orders that are known."""
        reserved = sold = sent = 0
        for order in self.orders.values():
            parcels = sum(units[sku] for units in order.parcels.values())
            sent += parcels
            if order.status == "pending":
                reserved += order.lines[sku]
            else:
                sold += order.lines[sku] if order.status == "placed" else parcels
        received = sum(shelf.received for (ware, _), shelf in self.shelves.items() if ware == sku)
        expected = {"available": received - reserved - sold, "reserved": reserved, "sold": sold, "dispatched": sent}
        counted = {name: sum(level[name] for level in levels) for name in expected}
        if counted != expected:
            yield f"{sku} has {counted}, and by the orders that people know it should have {expected}"


def _units(lines: Iterable[Mapping[str, Any]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in lines:
        units[line["sku"]] += line["quantity"]
    return units
