"""What a request leaves behind, in words: rows made, changed and removed, objects at Stripe, mails.

Two requests of one kind have the same footprint, so twenty with one key must have that of one.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.scene import Scene

NOT_COUNTED = frozenset({"availability_revision", "expires_ttl", "low_stock_threshold"})
"""Numbers that are set, not counted. How often the catalog is told of stock depends on how streams are batched."""

NUMBERS = ("tradewind-OrdersTable", "numbers", "orders")
"""The row that leases order numbers: how many are leased depends on how many processes there are."""

LOOKUPS = "lookups#"
"""The rows that count lookups of gift card codes: which there are depends on the hour."""

ROUNDS = frozenset({("tradewind-PricesTable", "pages", "pages"), ("tradewind-InventoryTable", "locations", "shown")})
"""The rows that tell how far pages show the price lists and the locations: a clock moves them, whatever is asked."""

PROJECTED = frozenset({"availability_revision", "projected_at", "revisions"})
"""What the catalog is told again by that clock, also where nothing is different; a number that is not there is 0."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """All that is stored at one moment, here and at Stripe, and how many mails were sent."""

    rows: Mapping[tuple[str, str, str], Mapping[str, Any]]
    at_stripe: Counter[str]
    mails: int

    @classmethod
    def of(cls, scene: Scene) -> "Footprint":
        """Let everything come to rest, and look."""
        scene.drain()
        rows = {}
        for table in scene.control.get("/tables").json()["items"]:
            for item in scene.control.get(f"/tables/{table['name']}").json()["items"]:
                told = {name: value for name, value in item.items() if name not in PROJECTED and value != 0}
                rows[table["name"], item["pk"], item["sk"]] = told
        rows = {
            key: row for key, row in rows.items() if key not in {NUMBERS, *ROUNDS} and not key[1].startswith(LOOKUPS)
        }
        objects = scene.control.get("/stripe/info").json()["objects"]
        mails = scene.control.get("/emails").json()["items"]
        return cls(rows=rows, at_stripe=Counter(objects), mails=len(mails))

    def since(self, before: "Footprint") -> Counter[str]:
        """Say what was done since then: what kind of thing, and how often."""
        done: Counter[str] = Counter()
        for key, row in self.rows.items():
            if key not in before.rows:
                done[f"{_kind(key, row)} made"] += 1
            elif row != before.rows[key]:
                done[f"{_kind(key, row)} changed {_moved(before.rows[key], row)}"] += 1
        for key, row in before.rows.items():
            if key not in self.rows:
                done[f"{_kind(key, row)} removed"] += 1
        done.update({f"stripe {kind}": number for kind, number in (self.at_stripe - before.at_stripe).items()})
        if self.mails != before.mails:
            done["mail sent"] += self.mails - before.mails
        return done


def _kind(key: tuple[str, str, str], row: Mapping[str, Any]) -> str:
    """Name a row without its ids: `OrdersTable ord order`, `OutboxTable order orders.placed`."""
    table, pk, sk = key
    if sk == "once":
        return "idempotency row"
    about = row.get("type") or row.get("reason") or row.get("state") or ""
    parts = (table.partition("-")[2], re.split(r"[#_]", pk)[0], re.split(r"[#_\d]", sk)[0], about)
    return " ".join(filter(None, parts))


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say by how much a row's numbers moved: `available-5 reserved+5 version+1`."""
    moved = []
    for name in sorted((before.keys() | after.keys()) - NOT_COUNTED):
        old, new = before.get(name, 0), after.get(name, 0)
        if isinstance(old, int) and isinstance(new, int) and old != new:
            moved.append(f"{name}{new - old:+d}")
    return " ".join(moved)
