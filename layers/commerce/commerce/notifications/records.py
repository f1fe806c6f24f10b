"""How we remember what was sent: one row per event, without a word of what it said or to whom."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName


class NoticeRecord(Record):
    """pk: `notice#evt_…` · sk: `notice`. Claimed with a lease before sending, marked as sent afterwards."""

    class Meta:
        table_name = TableName("notifications_table")

    type = UnicodeAttribute()
    claim = UnicodeAttribute()
    claimed_at = InstantAttribute()
    leased_until = OptionalInstantAttribute()
    sent_at = OptionalInstantAttribute()
    message_id = UnicodeAttribute(null=True)
    expires_ttl = NumberAttribute()
