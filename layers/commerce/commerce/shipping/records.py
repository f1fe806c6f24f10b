"""The shipping table: one item holds all rules, so that a cart reads them at one key; others hold carriers' offers."""

import json
from datetime import datetime
from typing import Any, NamedTuple, Self

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from commerce.kernel import clock
from commerce.kernel.call import Call
from commerce.kernel.errors import CommerceError, Conflict
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.kernel.transactions import Write, put
from commerce.shipping.calendar import Calendar
from commerce.shipping.model import MOST_BYTES, RulesTooLarge, ShippingMethod, ShippingRules, in_order
from commerce.shipping.offers import valid_until
from commerce.shipping.options import CarrierOffer
from commerce.shipping.zones import Zone

KEY = "shipping-methods"


class AlreadyQuoted(Conflict):
    code = "shipping.already_quoted"
    title = "Somebody asked the carriers the same at the same moment"


class ShippingRecord(Record):
    class Meta:
        table_name = TableName("shipping_table")


class ShippingRulesRecord(ShippingRecord):
    """pk and sk: `shipping-methods`. Methods, zones and calendar have a version each; a change puts the whole item.

    `version` is that of the methods, which were alone here once.
    """

    version = NumberAttribute()
    revision = UnicodeAttribute()
    methods = JSONAttribute()
    zones = JSONAttribute(null=True)
    zones_version = NumberAttribute(default=0)
    calendar = JSONAttribute(null=True)
    calendar_version = NumberAttribute(default=0)
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()

    def rules(self) -> ShippingRules:
        """Return what the item holds."""
        return ShippingRules(
            methods=tuple(ShippingMethod.model_validate(method) for method in self.methods),
            zones=tuple(Zone.model_validate(zone) for zone in self.zones or ()),
            calendar=Calendar.model_validate(self.calendar) if self.calendar else None,
        )


class QuoteRecord(ShippingRecord):
    """pk: `quote#<question>` · sk: number of the window. What carriers answered is never changed.

    A failure is kept for a moment, so that the next shopper need not wait for the same, and is overwritten then.
    """

    offers = JSONAttribute()
    failed_until = OptionalInstantAttribute()
    revision = UnicodeAttribute()
    expires_ttl = NumberAttribute()

    def all(self) -> tuple[CarrierOffer, ...]:
        """Return the offers; none after a failure."""
        return tuple(CarrierOffer.model_validate(offer) for offer in self.offers)


class StoredRules(NamedTuple):
    """The rules with the versions of their parts, which are 0 while there is nothing."""

    rules: ShippingRules
    version: int = 0
    zones_version: int = 0
    calendar_version: int = 0
    revision: str | None = None
    size: int = 0

    @classmethod
    def of(cls, record: ShippingRulesRecord | None) -> Self:
        """Return what was read."""
        if record is None:
            return cls(ShippingRules())
        return cls(
            rules=record.rules(),
            version=int(record.version),
            zones_version=int(record.zones_version or 0),
            calendar_version=int(record.calendar_version or 0),
            revision=record.revision,
            size=_size(record),
        )

    def with_methods(self, methods: tuple[ShippingMethod, ...]) -> Self:
        """Return the rules with these methods."""
        return self._replace(rules=self.rules._replace(methods=in_order(methods)), version=self.version + 1)

    def with_zones(self, zones: tuple[Zone, ...]) -> Self:
        """Return the rules with these zones."""
        return self._replace(rules=self.rules._replace(zones=zones), zones_version=self.zones_version + 1)

    def with_calendar(self, calendar: Calendar) -> Self:
        """Return the rules with this calendar."""
        return self._replace(rules=self.rules._replace(calendar=calendar), calendar_version=self.calendar_version + 1)


def rules_read() -> Read[ShippingRulesRecord]:
    """Return the read of all rules."""
    return Read(ShippingRulesRecord, KEY, KEY)


def rules_write(*, stored: StoredRules, call: Call) -> Write:
    """Return the write that replaces all rules, provided that nobody changed any since they were read.

    :raises RulesTooLarge: when they take more than there is room for, and more than before.
    """
    rules = stored.rules
    record = ShippingRulesRecord(
        pk=KEY,
        sk=KEY,
        version=stored.version,
        revision=new_id("rev"),
        methods=[_lean(method) for method in rules.methods],
        zones=[_lean(zone) for zone in rules.zones] or None,
        zones_version=stored.zones_version,
        calendar=rules.calendar.model_dump(mode="json") if rules.calendar else None,
        calendar_version=stored.calendar_version,
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    if _size(record) > max(MOST_BYTES, stored.size):
        raise RulesTooLarge
    unchanged = (
        ShippingRulesRecord.revision == stored.revision if stored.revision else ShippingRulesRecord.pk.does_not_exist()
    )
    return put(record, condition=unchanged)


def quote_read(key: str, window: int) -> Read[QuoteRecord]:
    """Return the read of what carriers answered in a window."""
    return Read(QuoteRecord, f"quote#{key}", str(window))


def quote_write(
    *, key: str, window: int, offers: list[CarrierOffer], failed_until: datetime | None, now: datetime
) -> Write:
    """Return the write that keeps an answer or a failure; the refusal is `AlreadyQuoted` when there is an answer."""
    record = QuoteRecord(
        pk=f"quote#{key}",
        sk=str(window),
        offers=[offer.model_dump(mode="json") for offer in offers],
        failed_until=failed_until,
        revision=new_id("rev"),
        expires_ttl=clock.epoch(valid_until(window)),
    )
    free = QuoteRecord.pk.does_not_exist() | (QuoteRecord.failed_until <= now)
    return put(record, condition=free, refused=_already_quoted)


def _already_quoted(old: Record | None) -> CommerceError:  # noqa: ARG001 - refusals are given the item.
    return AlreadyQuoted()


def _lean(part: ShippingMethod | Zone) -> dict[str, Any]:
    """Return what is stored of a part: what has its default is left out, as it was before there was such a thing."""
    return part.model_dump(mode="json", exclude_defaults=True)


def _size(record: ShippingRulesRecord) -> int:
    parts = (record.methods, record.zones, record.calendar)
    return sum(len(json.dumps(part, separators=(",", ":"))) for part in parts)
