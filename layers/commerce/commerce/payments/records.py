"""Rows of PaymentsTable. Private to this package.

payment   pk order id          sk `payment`
refund    pk order id          sk `refund#<refund id>`
dispute   pk order id          sk `dispute#<dispute id>`
intent    pk `intent#<id>`     sk `intent`               which order an intent of Stripe belongs to
review    pk `review#<id>`     sk `review`               gsi1 `reviews#open|resolved` by time
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from commerce.kernel.records import DocumentAttribute, Record, TableName


class _Reviews(GlobalSecondaryIndex["PaymentRow"]):
    class Meta:
        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class PaymentRow(Record):
    """Any row of the table: what conditions test stands beside the document."""

    class Meta:
        table_name = TableName("payments_table")

    version = NumberAttribute(default=1)
    document = DocumentAttribute()
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    reviews = _Reviews()
