"""What staff ask about prices, and how they read the answer."""

from typing import Annotated

from pydantic import Field, StringConstraints

from commerce.carts.errors import MOST_LINES
from commerce.carts.model import MOST_PIECES
from commerce.carts.schemas import CartAttributes, CartProblem, CartViewLine, Channel
from commerce.catalog.model import Sku
from commerce.customers.model import CountryCode, Email
from commerce.kernel.money import CurrencyCode
from commerce.kernel.schema import Handle, Input, Instant, Line, Output
from commerce.pricing.model import Step, Totals, TriedPromotion
from commerce.promotions.bounds import MOST_CODES
from commerce.promotions.codes import CodeText
from commerce.promotions.goods import Moment
from commerce.shipping.options import ShippingOption
from commerce.taxes.schemas import TaxedLine, TaxIdCheck


class SimulatedLine(Input):
    """So many pieces of a SKU."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES)]


class SimulatedDestination(Input):
    """Where the goods would go, as far as prices ask."""

    country: CountryCode
    region: Line | None = None
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)] | None = None
    city: Line | None = None


class SimulatePrice(Input):
    """A cart that never is: for whom, what, where to and when."""

    lines: Annotated[list[SimulatedLine], Field(min_length=1, max_length=MOST_LINES)]
    at: Moment | None = Field(None, description="When it would be ordered; null: now. Limits are those of today.")
    currency: CurrencyCode | None = Field(None, description="Null: the shop's own.")
    email: Email | None = Field(None, description="Whose limits and first order count.")
    destination: SimulatedDestination | None = None
    shipping_method: Handle | None = None
    tax_id: Annotated[Line, Field(max_length=40)] | None = None
    codes: Annotated[list[CodeText], Field(max_length=MOST_CODES)] = Field(default_factory=list)
    channel: Channel | None = None
    customer_groups: Annotated[list[Channel], Field(max_length=20)] = Field(default_factory=list)
    attributes: CartAttributes = Field(default_factory=dict)
    payment_method: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{2,40}$")] | None = None


class SimulatedPrice(Output):
    """What such a cart would cost, and why. Nothing is kept, held or counted."""

    at: Instant
    currency: str
    lines: tuple[CartViewLine, ...]
    totals: Totals
    promotions: tuple[TriedPromotion, ...]
    shipping_option: ShippingOption | None
    shipping_options: tuple[ShippingOption, ...] = Field(
        description="As far as they are known without asking carriers."
    )
    shipping_tax: TaxedLine | None
    tax_id: TaxIdCheck | None
    problems: tuple[CartProblem, ...] = Field(description="What would keep it from being ordered.")
    explanation: tuple[Step, ...]
    pricing_hash: str
