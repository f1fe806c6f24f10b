"""What is stored, and what Stripe's books say: one consistent sight, kept up to date write by write."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.faults.machine.engine import Engine, Key, Raw, plain_item

Document = dict[str, Any]
BUCKETS = ("available", "reserved", "committed", "dispatched", "damaged", "quality_hold", "written_off")
PREFIX = "test-"


@dataclass(frozen=True, slots=True)
class Order:
    """An order with everything that is stored of it."""

    header: Document
    details: Document
    parcels: tuple[Document, ...]
    payment: Document
    refunds: tuple[Document, ...]
    disputes: tuple[Document, ...]

    @property
    def id(self) -> str:
        return str(self.header["id"])

    @property
    def status(self) -> str:
        return str(self.header["status"])

    def left(self) -> Counter[tuple[str, str]]:
        """Return the units that are allocated and not dispatched, by SKU and location."""
        units: Counter[tuple[str, str]] = Counter()
        for part in self.details["allocations"]:
            units[part["sku"], part["location"]] += part["quantity"]
        for line in (line for parcel in self.parcels for line in parcel["lines"]):
            units[line["sku"], line["location"]] -= line["quantity"]
        return units

    def sent(self) -> Counter[tuple[str, str]]:
        """Return the units that were dispatched, by SKU and location."""
        units: Counter[tuple[str, str]] = Counter()
        for line in (line for parcel in self.parcels for line in parcel["lines"]):
            units[line["sku"], line["location"]] += line["quantity"]
        return units


class Mirror:
    """Every item of every table, read again from the engine after each write to it.

    :ivar raw: the items in DynamoDB's JSON.
    :ivar appeared: what was written under a new key since somebody took it: what a stream calls INSERT.
    """

    def __init__(self, engine: Engine, tables: Iterator[str]) -> None:
        self._engine = engine
        self._tables = tuple(tables)
        self.raw: dict[Key, Raw] = {}
        self._plain: dict[Key, Document] = {}
        self.appeared: list[tuple[Key, Raw]] = []

    def look(self, keys: list[Key]) -> None:
        """Read items again that were written."""
        found = self._engine.read(dict.fromkeys(keys))
        for key in keys:
            self._take(key, found.get(key))

    def _take(self, key: Key, item: Raw | None) -> None:
        self._plain.pop(key, None)
        if item is None:
            self.raw.pop(key, None)
            return
        if key not in self.raw:
            self.appeared.append((key, item))
        self.raw[key] = item

    def scanned(self) -> dict[Key, Raw]:
        """Return every item as the engine has it."""
        return {key: item for table in self._tables for key, item in self._engine.scan(table)}

    def put_back(self, items: Mapping[Key, Raw]) -> None:
        """Make the tables hold these items and nothing else."""
        changes: dict[Key, Raw | None] = dict.fromkeys(self.raw.keys() - items.keys())
        changes |= {key: item for key, item in items.items() if self.raw.get(key) != item}
        self._engine.write(changes)
        for key in changes:
            self._plain.pop(key, None)
        self.raw = dict(items)
        self.appeared.clear()

    def drop(self, keys: list[Key]) -> None:
        """Delete items."""
        self._engine.write(dict.fromkeys(keys))
        for key in keys:
            self._take(key, None)

    def rows(self, table: str) -> Iterator[tuple[str, str, Document]]:
        """Return partition key, sort key and item of each row of a table (`orders`)."""
        name = PREFIX + table
        for key in [key for key in self.raw if key[0] == name]:
            yield key[1], key[2], self._read(key)

    def _read(self, key: Key) -> Document:
        found = self._plain.get(key)
        if found is None:
            found = self._plain[key] = plain_item(self.raw[key])
        return found


class Picture:
    """What the checkers look at."""

    def __init__(self, mirror: Mirror, stripe: Mapping[str, Mapping[str, Document]], now: datetime) -> None:
        self._mirror = mirror
        self._stripe = stripe
        self.now = now
        self.orders = {order.id: order for order in self._orders()}

    def _orders(self) -> Iterator[Order]:
        parts: defaultdict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(list))
        for pk, sk, row in (*self._mirror.rows("orders"), *self._mirror.rows("payments")):
            kind = sk.partition("#")[0]
            if kind in {"order", "details", "payment"}:
                parts[pk][kind] = row["document"]
            elif kind in {"fulfillment", "refund", "dispute"}:
                parts[pk][kind].append(row["document"])
        for found in parts.values():
            yield Order(
                header=found["order"],
                details=found["details"],
                parcels=tuple(found["fulfillment"]),
                payment=found["payment"],
                refunds=tuple(found["refund"]),
                disputes=tuple(found["dispute"]),
            )

    @property
    def levels(self) -> dict[tuple[str, str], Document]:
        """Return each stock level by SKU and location; one that is split over shards is their sum."""
        found: dict[tuple[str, str], Document] = {}
        for (sku, location, shard), row in sorted(self.level_rows.items()):
            if not shard:
                found[sku, location] = row
                continue
            whole = found.get((sku, location), {})
            sums = {name: whole.get(name, 0) + row.get(name, 0) for name in (*BUCKETS, "received", "revision")}
            found[sku, location] = whole | sums
        return found

    @property
    def level_rows(self) -> dict[tuple[str, str, int], Document]:
        """Return the rows of stock levels by SKU, location and shard."""
        found: dict[tuple[str, str, int], Document] = {}
        for pk, sk, row in self._mirror.rows("inventory"):
            kind, _, place = sk.partition("#")
            if kind == "level":
                location, _, shard = place.partition("#")
                found[pk.removeprefix("sku#"), location, int(shard or 0)] = row
        return found

    def rows(self, table: str) -> Iterator[tuple[str, str, Document]]:
        """Return partition key, sort key and item of each row of a table."""
        return self._mirror.rows(table)

    @property
    def movements(self) -> list[Document]:
        """Return every movement document."""
        return [row for _, sk, row in self._mirror.rows("inventory") if sk == "movement"]

    @property
    def reviews(self) -> list[Document]:
        """Return every matter that was parked for a person."""
        return [row["document"] for _, sk, row in self._mirror.rows("payments") if sk == "review"]

    @property
    def open_checkouts(self) -> dict[str, int]:
        """Return how many checkouts are counted against each limit."""
        return {pk: row["open_count"] for pk, _, row in self._mirror.rows("checkouts")}

    @property
    def carts(self) -> dict[str, Document]:
        """Return every cart by its id."""
        return {pk.removeprefix("cart#"): row for pk, _, row in self._mirror.rows("carts")}

    @property
    def announced(self) -> dict[str, list[Document]]:
        """Return the outbox by aggregate, in order."""
        found: defaultdict[str, list[Document]] = defaultdict(list)
        for pk, _, row in self._mirror.rows("outbox"):
            found[pk].append(row)
        return {pk: sorted(rows, key=lambda row: row["sequence"]) for pk, rows in found.items()}

    def at_stripe(self, kind: str) -> list[Document]:
        """Return Stripe's objects of a kind, oldest first."""
        return list(self._stripe.get(kind, {}).values())

    def intents_of(self, order: Order) -> list[Document]:
        """Return the PaymentIntents that the store made for an order; others may name it too."""
        ours = {"order_id": order.id, "purpose": "charge"}
        return [each for each in self.at_stripe("payment_intent") if ours.items() <= each["metadata"].items()]

    def refunds_of(self, intent: Document) -> list[Document]:
        """Return what Stripe sent back, or is sending back, of an intent."""
        lost = {"failed", "canceled"}
        refunds = [each for each in self.at_stripe("refund") if each["payment_intent"] == intent["id"]]
        return [refund for refund in refunds if refund["status"] not in lost]

    def at_the_bank(self, intent: Document) -> int:
        """Return what shoppers' banks hold, or keep, of an intent's money because it is disputed."""
        over = {"won", "warning_closed", "prevented"}
        disputes = [each for each in self.at_stripe("dispute") if each["payment_intent"] == intent["id"]]
        return sum(dispute["amount"] for dispute in disputes if dispute["status"] not in over)
