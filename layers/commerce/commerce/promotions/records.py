"""Rows of PromotionsTable; docs/data-model/promotions.md charts them. Private to this package."""

import json
from collections.abc import Iterable
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from commerce.kernel.reads import Read
from commerce.kernel.records import DocumentAttribute, InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.promotions.known import KnownCode, Shard
from commerce.promotions.limits import NUMBERS

BY_KIND = "gsi1"
PROMOTIONS = "promotions"
DELETED = "deleted"
"""Partition of what was deleted: a promotion that is put under the same id goes on from its version."""

ACTIVE = "active"
LIMIT = "limit#"
BATCH = "batch#"
CODE = "code"
ORDERS = "orders"


class _ByKind(GlobalSecondaryIndex["PromotionsRow"]):
    class Meta:
        index_name = BY_KIND
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class PromotionsRow(Record):
    """A row of the table. gsi1 lists promotions by status, and codes by promotion."""

    class Meta:
        table_name = TableName("promotions_table")

    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    by_kind = _ByKind()


class PromotionRecord(PromotionsRow):
    """pk: `promotions` (`deleted` when it was deleted) · sk: the id · gsi1: `promotions#status`, id."""

    document = JSONAttribute()
    version = NumberAttribute()
    revision = UnicodeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()


class ActiveRecord(PromotionsRow):
    """pk and sk: `active`. All active promotions, for carts."""

    promotions = JSONAttribute()
    version = NumberAttribute()
    revision = UnicodeAttribute()


class LimitRecord(PromotionsRow):
    """pk: `promotion#id` · sk: `limit#number`. A part of what the shop shares: what it was given, what is left."""

    uses_given = NumberAttribute(default=0)
    uses_left = NumberAttribute(default=0)
    budget_given = DocumentAttribute(default=dict)
    budget_left = DocumentAttribute(default=dict)

    @property
    def number(self) -> int:
        """Return which part it is."""
        return int(self.sk.removeprefix(LIMIT))

    def shard(self) -> Shard:
        """Return what is left in it."""
        return Shard(number=self.number, uses=int(self.uses_left), budget=dict(self.budget_left))


class BatchRecord(PromotionsRow):
    """pk: `promotion#id` · sk: `batch#name`. How far a batch of codes has come."""

    quantity = NumberAttribute()
    made = NumberAttribute()
    prefix = UnicodeAttribute(default="")
    uses_at_most = NumberAttribute()
    ends_at = OptionalInstantAttribute()
    revision = UnicodeAttribute()

    @property
    def name(self) -> str:
        """Return the batch's name."""
        return self.sk.removeprefix(BATCH)


class CodeRecord(PromotionsRow):
    """pk: `code#CODE` · sk: `code` · gsi1: `codes#promotion`, `batch#CODE`."""

    promotion_id = UnicodeAttribute()
    text = UnicodeAttribute()
    batch = UnicodeAttribute(null=True)
    uses_at_most = NumberAttribute(null=True)
    uses_left = NumberAttribute(null=True)
    used_by = UnicodeAttribute(null=True)
    ends_at = OptionalInstantAttribute()
    revision = UnicodeAttribute()
    created_at = InstantAttribute()
    created_by = UnicodeAttribute()

    @property
    def most(self) -> int | None:
        """Return how often it works in all; None: as often as its promotion."""
        return whole(self.uses_at_most)

    def left(self) -> int | None:
        """Return how often it still works; None: as often as its promotion."""
        if self.most == 1:
            return 0 if self.used_by else 1
        return whole(self.uses_left)

    def known(self) -> KnownCode:
        """Return what carts know of it."""
        return KnownCode(
            code=self.pk.partition("#")[2],
            promotion_id=self.promotion_id,
            ends_at=self.ends_at,
            uses_at_most=self.most,
            uses_left=self.left(),
        )


class CustomerRecord(PromotionsRow):
    """pk: `customer#keyed hash` · sk: `promotion#id`. How often a customer used a promotion."""

    uses = NumberAttribute(default=0)


class OrdersRecord(PromotionsRow):
    """pk: `customer#keyed hash` · sk: `orders`. How many orders the customer has."""

    orders = NumberAttribute(default=0)
    changed_at = InstantAttribute()


def whole(number: float | None) -> int | None:
    """Return a number as DynamoDB gives it, which may be missing."""
    return None if number is None else int(number)


def size(documents: Any) -> int:
    """Return how many bytes something takes as JSON."""
    return len(json.dumps(documents).encode())


def promotion_pk(promotion_id: str) -> str:
    """Return the partition of a promotion's limits and batches."""
    return f"promotion#{promotion_id}"


def code_pk(code: str) -> str:
    """Return the partition of a normalized code."""
    return f"code#{code}"


def customer_pk(key: str) -> str:
    """Return the partition of a customer."""
    return f"customer#{key}"


def codes_pk(promotion_id: str) -> str:
    """Return the partition of gsi1 that lists a promotion's codes."""
    return f"codes#{promotion_id}"


def status_pk(status: str) -> str:
    """Return the partition of gsi1 that lists the promotions of a status."""
    return f"{PROMOTIONS}#{status}"


def code_sort_key(code: str, batch: str | None) -> str:
    """Return where a code stands in its list; single codes come before all batches."""
    return f"{batch or ''}#{code}"


def limit_row(promotion_id: str, number: int) -> LimitRecord:
    """Return the keys of a part of a promotion's limits."""
    return LimitRecord(pk=promotion_pk(promotion_id), sk=f"{LIMIT}{number}")


def customer_row(key: str, promotion_id: str) -> CustomerRecord:
    """Return the keys of a customer's uses of a promotion."""
    return CustomerRecord(pk=customer_pk(key), sk=promotion_pk(promotion_id))


def orders_row(key: str) -> OrdersRecord:
    """Return the keys of the count of a customer's orders."""
    return OrdersRecord(pk=customer_pk(key), sk=ORDERS)


def code_row(code: str) -> CodeRecord:
    """Return the keys of a code."""
    return CodeRecord(pk=code_pk(code), sk=CODE)


def budget_left(currency: str) -> Path:
    """Return where the rest of a budget stands in a part."""
    return LimitRecord.budget_left[currency]


def budget_given(currency: str) -> Path:
    """Return where the share of a budget stands in a part."""
    return LimitRecord.budget_given[currency]


def active_read() -> Read[ActiveRecord]:
    """Return the read of all active promotions."""
    return Read(ActiveRecord, ACTIVE, ACTIVE)


def code_read(code: str) -> Read[CodeRecord]:
    """Return the read of a code."""
    return Read(CodeRecord, code_pk(code), CODE)


def limit_reads(promotion_id: str) -> list[Read[LimitRecord]]:
    """Return the reads of all parts of a promotion's limits."""
    return [Read(LimitRecord, promotion_pk(promotion_id), f"{LIMIT}{number}") for number in NUMBERS]


def customer_reads(keys: Iterable[str], promotion_id: str) -> list[Read[CustomerRecord]]:
    """Return the reads of a customer's uses of a promotion, under each key."""
    return [Read(CustomerRecord, customer_pk(key), promotion_pk(promotion_id)) for key in keys]


def orders_reads(keys: Iterable[str]) -> list[Read[OrdersRecord]]:
    """Return the reads that tell whether a customer has an order, under each key."""
    return [Read(OrdersRecord, customer_pk(key), ORDERS) for key in keys]
