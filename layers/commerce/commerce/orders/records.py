"""Rows of OrdersTable. Private to this package.

order         pk order id     sk `order`
              gsi1 `orders#<status>` by time · gsi2 (sparse) `attention#<shard>` by when
details       pk order id     sk `details`            frozen at checkout
fulfillment   pk order id     sk `fulfillment#<id>`
number        pk `numbers`    sk `orders`             the next order number that is not leased to anybody
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from commerce.kernel.records import DocumentAttribute, Record, TableName


class _ByStatus(GlobalSecondaryIndex["OrderRow"]):
    class Meta:
        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class _Attention(GlobalSecondaryIndex["OrderRow"]):
    class Meta:
        index_name = "gsi2"
        projection = KeysOnlyProjection()

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi2sk = UnicodeAttribute(range_key=True)


class OrderRow(Record):
    """Any row of an order: what conditions test stands beside the document."""

    class Meta:
        table_name = TableName("orders_table")

    version = NumberAttribute(default=1)
    document = DocumentAttribute(default=dict)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    by_status = _ByStatus()
    attention = _Attention()


class NumberRow(Record):
    """The counter of order numbers."""

    class Meta:
        table_name = TableName("orders_table")

    next_number = NumberAttribute()
