"""How staff keys are stored: one partition, as a shop has few of them, read by id or listed by age."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName

KEYS = "staff_keys"


class StaffKeyRecord(Record):
    """pk: `staff_keys` · sk: the key's id, which sorts by time of making.

    `scopes` is one sorted text: a set has no order, and a repeated write must be the same to the letter.
    """

    class Meta:
        table_name = TableName("staff_table")

    name = UnicodeAttribute()
    scopes = UnicodeAttribute()
    secret_sha256 = UnicodeAttribute()
    version = NumberAttribute(default=1)
    created_at = InstantAttribute()
    created_by = UnicodeAttribute()
    revoked_at = OptionalInstantAttribute()
    revoked_by = UnicodeAttribute(null=True)
