"""Rows of GiftCardsTable; docs/data-model/giftcards.md charts them. Private to this package."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from commerce.giftcards.model import Card, GiftCardEntryKind, GiftCardKind, GiftCardState
from commerce.kernel import clock
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, OptionalInstantAttribute, Record, TableName, connection

ACCOUNT = "account"
ENTRY = "entry#"
SOLD = "card#"
EXPIRING = "expiring"


class _Lists(GlobalSecondaryIndex["GiftCardRecord"]):
    class Meta:
        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class _Expiring(GlobalSecondaryIndex["GiftCardRecord"]):
    class Meta:
        index_name = "gsi2"
        projection = KeysOnlyProjection()

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi2sk = UnicodeAttribute(range_key=True)


class GiftCardRecord(Record):
    """A row of the table. gsi1 lists cards by state, and the entries of a card; gsi2 (sparse) cards by their expiry."""

    class Meta:
        table_name = TableName("gift_cards_table")

    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute(null=True)
    gsi2sk = UnicodeAttribute(null=True)
    lists = _Lists()
    expiring = _Expiring()


class AccountRecord(GiftCardRecord):
    """pk: the card's id, a keyed hash of its code · sk: `account` · gsi1: `cards#<state>` by time and id."""

    kind = UnicodeAttribute()
    state = UnicodeAttribute()
    currency = UnicodeAttribute()
    initial = NumberAttribute()
    balance = NumberAttribute()
    spent = NumberAttribute(default=0)
    version = NumberAttribute(default=1)
    announced = NumberAttribute(default=1)
    expires_at = OptionalInstantAttribute()
    seed = UnicodeAttribute()
    key_number = NumberAttribute()
    last_four = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    is_mailed = BooleanAttribute(default=False)
    note = UnicodeAttribute(null=True)
    order_id = UnicodeAttribute(null=True)
    issued_at = InstantAttribute()
    issued_by = UnicodeAttribute()
    disabled_at = OptionalInstantAttribute()
    disabled_reason = UnicodeAttribute(null=True)

    def card(self) -> Card:
        """Return the card that the row holds."""
        return Card(
            id=self.pk,
            kind=GiftCardKind(self.kind),
            label=label(self.last_four),
            currency=self.currency,
            balance=int(self.balance),
            spent=int(self.spent),
            expires_at=self.expires_at,
            state=GiftCardState(self.state),
            email=self.email,
            version=int(self.version),
            announced=int(self.announced),
        )


class EntryRecord(GiftCardRecord):
    """pk: the card's id · sk: `entry#<kind>#<reference>`, so that a cause counts once · gsi1: `entries#<id>`, in order.

    `amount` is what the balance changed by, with its sign.
    """

    sequence = NumberAttribute()
    kind = UnicodeAttribute()
    amount = NumberAttribute()
    balance_after = NumberAttribute()
    reference = UnicodeAttribute()
    order_id = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    actor = UnicodeAttribute()
    occurred_at = InstantAttribute()


class SoldRecord(GiftCardRecord):
    """pk: `order#<order id>` · sk: `card#<SKU>#<unit>`: which card was issued for a unit that an order sold."""

    card_id = UnicodeAttribute()


class LookupsRecord(GiftCardRecord):
    """pk: `lookups#<keyed hash of a network>` · sk: when ten minutes began. How many codes were asked about in them."""

    lookups = NumberAttribute(default=0)
    expires_ttl = NumberAttribute()


def label(last_four: str) -> str:
    """Return what people know a card by."""
    return f"•••• {last_four}"


def account_read(card_id: str) -> Read[AccountRecord]:
    """Return the read of a card."""
    return Read(AccountRecord, card_id, ACCOUNT)


def listed_under(state: GiftCardState) -> str:
    """Return the partition of gsi1 that holds the cards of a state."""
    return f"cards#{state}"


def list_position(*, issued_at: datetime, card_id: str) -> str:
    """Return where a card stands in the list of its state."""
    return f"{clock.text(issued_at)}#{card_id}"


def entries_of(card_id: str) -> str:
    """Return the partition of gsi1 that holds a card's entries."""
    return f"entries#{card_id}"


def entry_sk(kind: GiftCardEntryKind, reference: str) -> str:
    """Return the place of an entry: its cause."""
    return f"{ENTRY}{kind}#{reference}"


def order_pk(order_id: str) -> str:
    """Return the partition of the cards that an order sold."""
    return f"order#{order_id}"


def sold_sk(sku: str, unit: int) -> str:
    """Return the place of one unit among them."""
    return f"{SOLD}{sku}#{unit:05d}"


def whole_table() -> Iterator[AccountRecord | EntryRecord]:
    """Read every card and entry of the table: for commands, never for requests."""
    start: dict[str, Any] = {}
    while True:
        page = connection().dispatch(
            "Scan", {"TableName": GiftCardRecord.Meta.table_name, "ConsistentRead": True, **start}
        )
        for raw in page["Items"]:
            sk = raw["sk"]["S"]
            if sk == ACCOUNT:
                yield AccountRecord.from_raw_data(raw)
            elif sk.startswith(ENTRY):
                yield EntryRecord.from_raw_data(raw)
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
