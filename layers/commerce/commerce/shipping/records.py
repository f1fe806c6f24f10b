"""The shipping table: one item holds all methods, so that a cart reads them at one key."""

from collections.abc import Sequence

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from commerce.kernel.call import Call
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, Record, TableName
from commerce.kernel.transactions import Write, put
from commerce.shipping.model import ShippingMethod

KEY = "shipping-methods"


class ShippingMethodsRecord(Record):
    """pk and sk: `shipping-methods`. The only item of the table."""

    class Meta:
        table_name = TableName("shipping_table")

    version = NumberAttribute()
    revision = UnicodeAttribute()
    methods = JSONAttribute()
    updated_at = InstantAttribute()
    updated_by = UnicodeAttribute()

    def all(self) -> tuple[ShippingMethod, ...]:
        """Return the methods, in the shop's order."""
        return tuple(ShippingMethod.model_validate(method) for method in self.methods)


def methods_read() -> Read[ShippingMethodsRecord]:
    """Return the read of all methods."""
    return Read(ShippingMethodsRecord, KEY, KEY)


def methods_write(*, methods: Sequence[ShippingMethod], seen_version: int, call: Call) -> Write:
    """Return the write that replaces all methods, provided that nobody did since version `seen_version`."""
    record = ShippingMethodsRecord(
        pk=KEY,
        sk=KEY,
        version=seen_version + 1,
        revision=new_id("rev"),
        methods=[method.model_dump(mode="json") for method in methods],
        updated_at=call.now,
        updated_by=str(call.actor),
    )
    unchanged = (
        ShippingMethodsRecord.version == seen_version if seen_version else ShippingMethodsRecord.pk.does_not_exist()
    )
    return put(record, condition=unchanged)
