"""The carts table: one item per cart, read and written whole."""

from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from commerce.carts.model import Cart, CartLine, CartState
from commerce.customers.model import PostalAddress
from commerce.kernel import clock
from commerce.kernel.ids import new_id
from commerce.kernel.reads import Read
from commerce.kernel.records import InstantAttribute, Record, TableName
from commerce.promotions.codes import CartCode
from commerce.shipping.options import ShippingChoice
from commerce.taxes.schemas import TaxIdCheck

SK = "cart"


class CartRecord(Record):
    """pk: `cart#cart_…` · sk: `cart`.

    `revision` is random with each write, so that a repeated write recognizes itself. `expires_ttl` only collects
    garbage; `expires_at` decides. A locked cart has no `expires_ttl`: its order still needs it.
    """

    class Meta:
        table_name = TableName("carts_table")

    state = UnicodeAttribute()
    order_id = UnicodeAttribute(null=True)
    currency = UnicodeAttribute()
    lines = JSONAttribute()
    email = UnicodeAttribute(null=True)
    shipping_address = JSONAttribute(null=True)
    billing_address = JSONAttribute(null=True)
    shipping_method = UnicodeAttribute(null=True)
    tax_id = JSONAttribute(null=True)
    gift_cards = JSONAttribute(null=True)
    taken = JSONAttribute(null=True)
    shipping_choice = JSONAttribute(null=True)
    codes = JSONAttribute(null=True)
    channel = UnicodeAttribute(null=True)
    customer_groups = JSONAttribute(null=True)
    attributes = JSONAttribute(null=True)
    payment_method = UnicodeAttribute(null=True)
    hold_used_seconds = NumberAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    expires_at = InstantAttribute()
    version = NumberAttribute()
    revision = UnicodeAttribute()
    expires_ttl = NumberAttribute(null=True)

    def cart(self) -> Cart:
        """Return the cart that the item holds."""
        return Cart(
            id=self.pk.partition("#")[2],
            state=CartState(self.state),
            order_id=self.order_id,
            currency=self.currency,
            lines=tuple(CartLine(sku=sku, quantity=quantity) for sku, quantity in self.lines),
            gift_cards=tuple(self.gift_cards or ()),
            taken=self.taken or {},
            email=self.email,
            shipping_address=_address(self.shipping_address),
            billing_address=_address(self.billing_address),
            shipping_method=self.shipping_method,
            tax_id=TaxIdCheck.model_validate(self.tax_id) if self.tax_id else None,
            shipping_choice=ShippingChoice.model_validate(self.shipping_choice) if self.shipping_choice else None,
            codes=tuple(CartCode(code=code, promotion_id=promotion_id) for code, promotion_id in self.codes or ()),
            channel=self.channel,
            customer_groups=tuple(self.customer_groups or ()),
            attributes=self.attributes or {},
            payment_method=self.payment_method,
            hold_used_seconds=int(self.hold_used_seconds),
            created_at=self.created_at,
            updated_at=self.updated_at,
            expires_at=self.expires_at,
            version=int(self.version),
        )


def cart_read(cart_id: str) -> Read[CartRecord]:
    """Return the read of a cart."""
    return Read(CartRecord, f"cart#{cart_id}", SK)


def cart_keys(cart_id: str) -> CartRecord:
    """Return the item's keys, for writes that change single attributes."""
    return CartRecord(pk=f"cart#{cart_id}", sk=SK)


def cart_record(cart: Cart) -> CartRecord:
    """Return the item of an open cart."""
    return CartRecord(
        pk=f"cart#{cart.id}",
        gift_cards=list(cart.gift_cards) or None,
        sk=SK,
        state=str(cart.state),
        order_id=cart.order_id,
        currency=cart.currency,
        lines=[[line.sku, line.quantity] for line in cart.lines],
        email=cart.email,
        shipping_address=_json(cart.shipping_address),
        billing_address=_json(cart.billing_address),
        shipping_method=cart.shipping_method,
        tax_id=cart.tax_id.model_dump(mode="json") if cart.tax_id else None,
        shipping_choice=cart.shipping_choice.model_dump(mode="json") if cart.shipping_choice else None,
        codes=[[each.code, each.promotion_id] for each in cart.codes] or None,
        channel=cart.channel,
        customer_groups=list(cart.customer_groups) or None,
        attributes=cart.attributes or None,
        payment_method=cart.payment_method,
        hold_used_seconds=cart.hold_used_seconds,
        created_at=cart.created_at,
        updated_at=cart.updated_at,
        expires_at=cart.expires_at,
        version=cart.version,
        revision=new_id("rev"),
        expires_ttl=collected_after(cart.expires_at),
    )


def collected_after(expires_at: datetime) -> int:
    """Return the `expires_ttl` of a cart that expires then."""
    return clock.epoch(expires_at)


def _address(value: dict[str, str] | None) -> PostalAddress | None:
    return PostalAddress.model_validate(value) if value else None


def _json(address: PostalAddress | None) -> dict[str, str] | None:
    return address.model_dump(exclude_none=True) if address else None
