"""The shipping table: one item holds all rules, so that a cart reads them at one key; others hold carriers' offers."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from commerce.kernel import clock
from commerce.kernel.errors import CommerceError, Conflict
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName
from commerce.kernel.transactions import Write, put
from commerce.shipping.options import CarrierOffer
from commerce.shipping.windows import valid_until

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


def rules_read() -> Read[ShippingRulesRecord]:
    """Return the read of all rules."""
    return Read(ShippingRulesRecord, KEY, KEY)


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
