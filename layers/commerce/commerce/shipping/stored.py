"""The rules of shipping as they are stored. Whoever imports this has methods, zones and the calendar too."""

import json
from typing import Any, NamedTuple, Self

from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.transactions import Write, put
from commerce.shipping.calendar import Calendar
from commerce.shipping.model import MOST_BYTES, RulesTooLarge, ShippingMethod, in_order
from commerce.shipping.records import KEY, ShippingRulesRecord
from commerce.shipping.rules import ShippingRules
from commerce.shipping.zones import Zone


def rules_of(record: ShippingRulesRecord) -> ShippingRules:
    """Return what an item holds."""
    return ShippingRules(
        methods=tuple(ShippingMethod.model_validate(method) for method in record.methods),
        zones=tuple(Zone.model_validate(zone) for zone in record.zones or ()),
        calendar=Calendar.model_validate(record.calendar) if record.calendar else None,
    )


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
            rules=rules_of(record),
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


def _lean(part: ShippingMethod | Zone) -> dict[str, Any]:
    """Return what is stored of a part: what has its default is left out, as it was before there was such a thing."""
    return part.model_dump(mode="json", exclude_defaults=True)


def _size(record: ShippingRulesRecord) -> int:
    parts = (record.methods, record.zones, record.calendar)
    return sum(len(json.dumps(part, separators=(",", ":"))) for part in parts)
