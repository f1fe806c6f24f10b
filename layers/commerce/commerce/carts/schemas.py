"""Carts as shoppers send and read them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from commerce.carts.model import MOST_PIECES, CartState
from commerce.customers.model import Address, Email, PostalAddress
from commerce.giftcards.codes import Code
from commerce.giftcards.model import GiftCardKind, Unusable
from commerce.kernel.money import CurrencyCode, Money
from commerce.kernel.schema import Handle, Input, Instant, Line, Output
from commerce.pricing.model import ExchangedPrice, Step, Totals, TriedPromotion
from commerce.promotions.codes import CodeText
from commerce.shipping.options import ShippingOption
from commerce.taxes.schemas import TaxedLine, TaxIdCheck

ProblemCode = Literal[
    "carts.empty",
    "carts.line_unavailable",
    "carts.insufficient_stock",
    "carts.email_missing",
    "carts.shipping_address_missing",
    "carts.shipping_method_missing",
    "carts.shipping_method_unavailable",
    "carts.shipping_offer_lapsed",
    "carts.delivery_promise_changed",
    "carts.total_too_small",
    "carts.total_too_large",
    "carts.total_not_chargeable",
    "carts.tax_id_not_confirmed",
    "carts.gift_card_unusable",
    "carts.taxes_unknown",
    "carts.code_not_applied",
]

Channel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
"""A channel, a group of customers, or a name or value of an attribute."""

AttributeValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
CartAttributes = Annotated[dict[Channel, AttributeValue], Field(max_length=10)]


class NewCart(Input):
    """What a cart starts with."""

    currency: CurrencyCode | None = Field(None, description="ISO 4217 code; without it, the shop's own currency.")
    channel: Channel | None = Field(None, description="Where it is sold, for price lists and promotions of a channel.")


class SetCartLine(Input):
    """How many pieces of the SKU the cart is to hold."""

    quantity: Annotated[int, Field(ge=0, le=MOST_PIECES, description="The whole quantity, not a change; 0 removes.")]


class ChangeCart(Input):
    """What is to change: fields that are left out stay, null clears."""

    email: Email | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = Field(None, description="Null: bills go where the goods go.")
    shipping_method: Handle | None = Field(None, description="`id` of one of the cart's shipping methods.")
    tax_id: Annotated[Line, Field(max_length=40)] | None = Field(
        None, description="For businesses: the number under which they are registered for value added tax."
    )
    currency: CurrencyCode | None = Field(None, description="All prices change with it; null: the shop's own.")
    channel: Channel | None = None
    attributes: CartAttributes | None = Field(
        None, description="All of them, for the conditions of promotions; null: none."
    )
    payment_method: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,40}$")] | None = Field(
        None, description="Stripe's type of payment method (`card`): only it can pay then. Null: any."
    )


class AddCode(Input):
    """A code of a promotion, as the shopper typed it."""

    code: CodeText


class PutCustomerGroups(Input):
    """All groups of customers that the shopper of the cart belongs to."""

    customer_groups: Annotated[list[Channel], Field(max_length=20)]


class AddGiftCard(Input):
    """Which gift card or store credit shall pay."""

    code: Code = Field(description="The code as it is printed: spaces, hyphens and case do not matter.")


class CartGiftCard(Output):
    """A gift card or store credit that shall pay for the cart. Its code stands nowhere."""

    id: str
    kind: GiftCardKind | None = Field(description="Null when there is no such card (any more).")
    label: str | None = Field(description="The last four letters of the code, for display.")
    balance: Money | None = Field(description="What is on it; once the cart was ordered, what the order took of it.")
    expires_at: Instant | None
    amount: Money = Field(description="What it pays of this cart.")
    problem: Unusable | None = Field(description="Why it cannot pay; `carts.gift_card_unusable` says what to do.")


class CartProblem(Output):
    """Something about the cart that the shopper should know, or must mend before the checkout."""

    code: ProblemCode
    blocking: bool = Field(description="Whether the checkout refuses the cart because of it.")
    param: str = Field(description="What it is about, for example `lines.TEE-S.quantity`.")
    message: str = Field(description="The same, for a person.")
    available: int | None = Field(None, description="For stock: how many there are.")
    shipping_methods: tuple[ShippingOption, ...] | None = Field(
        None, description="For shipping: what is on offer, as far as it is known without asking carriers."
    )


class CartViewLine(Output):
    """One line, priced now. What the shop does not sell (any more) has no prices and no title."""

    sku: str
    quantity: int = Field(description="Pieces that the shopper wants.")
    gift_quantity: int = Field(0, description="Pieces that promotions add.")
    unit_price: Money | None
    compare_at: Money | None = Field(None, description="The higher price that it is shown as reduced from.")
    lowest_price_30_days: Money | None = Field(
        None, description="The lowest price of the 30 days before the reduction."
    )
    exchange: ExchangedPrice | None = Field(None, description="How the price came from another currency.")
    total: Money | None = Field(description="unit_price x (quantity + gift_quantity).")
    discount: Money | None = Field(None, description="What promotions take off the total.")
    restated: Money | None = Field(None, description="What the destination's tax changes of the total, if anything.")
    tax: TaxedLine | None = None
    product_title: str | None = None
    title: str | None = None
    slug: str | None = None
    image: str | None = None
    options: dict[str, str] = Field(default_factory=dict)
    available: int = Field(description="How many the shop can sell now.")


class CartView(Output):
    """A cart, priced at the moment of reading."""

    id: str = Field(description="Whoever knows it may read and change the cart.")
    state: CartState
    order_id: str | None = Field(description="The order that holds the cart, or that it became.")
    currency: str
    lines: tuple[CartViewLine, ...]
    email: str | None
    shipping_address: PostalAddress | None
    billing_address: PostalAddress | None
    shipping_method: str | None
    shipping_tax: TaxedLine | None
    tax_id: TaxIdCheck | None
    gift_cards: tuple[CartGiftCard, ...] = Field(description="What shall pay, in the order in which it was added.")
    shipping_option: ShippingOption | None = Field(None, description="The chosen method as it is on offer now.")
    requires_shipping: bool = Field(description="Whether the checkout needs an address and a shipping method.")
    codes: tuple[str, ...] = Field(description="As they are compared; what came of them stands in `promotions`.")
    promotions: tuple[TriedPromotion, ...] = Field(description="Each promotion and code that was tried, and why.")
    channel: str | None
    customer_groups: tuple[str, ...]
    attributes: dict[str, str]
    payment_method: str | None
    totals: Totals
    problems: tuple[CartProblem, ...] = Field(description="While one is blocking, the checkout refuses the cart.")
    pricing_hash: str = Field(description="Names all that the shopper agrees to; the checkout takes it back.")
    explanation: tuple[Step, ...] = Field(description="How the total came about, step by step.")
    created_at: Instant
    updated_at: Instant
    expires_at: Instant = Field(description="Each change of the cart puts it off.")
    version: int
