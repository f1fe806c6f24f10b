"""What staff tells the catalog and what it answers them."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from commerce.catalog.availability import Offer, offered
from commerce.catalog.measures import Measure
from commerce.catalog.model import (
    MOST_VARIANTS,
    STANDARD_TAX,
    Attributes,
    Category,
    CategoryIds,
    Chosen,
    ComparePrices,
    Grams,
    Image,
    Images,
    ImageUrl,
    Millimetres,
    Option,
    Options,
    Prices,
    Product,
    ShortLine,
    Sku,
    Status,
    TaxClass,
)
from commerce.kernel.money import MOST, Money
from commerce.kernel.schema import Input, Instant, Line, Output, Slug, Text

Position = Annotated[int, Field(ge=0, le=9_999, description="Categories of one parent stand in this order.")]


ShortText = Annotated[Text, Field(max_length=500)]


class NewVariant(Input):
    """A variant as staff writes it."""

    sku: Sku
    title: ShortLine | None = Field(None, description="Left out: its options, or the product's title.")
    options: Chosen = Field(default_factory=dict)
    prices: Prices
    weight_grams: Grams | None = None
    length_mm: Millimetres | None = Field(None, description="Of the goods as they are packed; all three sides or none.")
    width_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    requires_shipping: bool = True
    gift_card: bool = Field(
        default=False, description="Each unit sold becomes a gift card over its price; its code is mailed."
    )
    image: ImageUrl | None = None
    compare_at: ComparePrices = Field(
        default_factory=list, description="Prices that it is shown as reduced from, one per currency at most."
    )
    cost: Money | None = Field(None, description="What a piece costs the shop; no shopper is told.")
    measure: Measure | None = Field(None, description="How much is in one piece, for its unit price.")

    @model_validator(mode="after")
    def _costs_something_or_nothing(self) -> Self:
        if self.cost is not None and not 0 <= self.cost.amount <= MOST:
            message = f"a cost goes from 0 to {MOST} minor units"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _has_all_sides_or_none(self) -> Self:
        if len({side is None for side in (self.length_mm, self.width_mm, self.height_mm)}) > 1:
            message = "length, width and height are given together, or not at all"
            raise ValueError(message)
        return self


Variants = Annotated[list[NewVariant], Field(min_length=1, max_length=MOST_VARIANTS)]


class NewProduct(Input):
    """A product as staff creates it."""

    slug: Slug | None = Field(None, description="Its name in addresses; left out: made from the title.")
    title: Line
    description: Text = ""
    images: Images = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)
    category_ids: CategoryIds = Field(default_factory=list)
    status: Status = Field("draft", description="Shoppers see active products only.")
    tax_class: TaxClass = Field(STANDARD_TAX, description="What the tax rules call it: `standard`, `reduced`.")
    options: Options = Field(default_factory=list)
    variants: Variants


class ProductChanges(Input):
    """What to change of a product. A field that is left out stays as it is; lists are given whole."""

    slug: Slug = Field(default_factory=str)
    title: Line = Field(default_factory=str)
    description: Text = Field(default_factory=str)
    images: Images = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)
    category_ids: CategoryIds = Field(default_factory=list)
    status: Status = Field(default_factory=lambda: "draft", description="`archived` takes it out of the shop.")
    tax_class: TaxClass = Field(default_factory=lambda: STANDARD_TAX, description="What the tax rules call it.")
    options: Options = Field(default_factory=list)
    variants: Variants = Field(default_factory=list)


class NewCategory(Input):
    """A category as staff creates it."""

    slug: Slug | None = Field(None, description="Its name in addresses, for ever; left out: made from the title.")
    title: Line
    description: ShortText = ""
    parent_id: str | None = Field(None, max_length=60, description="The category it belongs to, for ever.")
    position: Position = 0


class CategoryChanges(Input):
    """What to change of a category. A field that is left out stays as it is."""

    title: Line = Field(default_factory=str)
    description: ShortText = Field(default_factory=str)
    position: Position = Field(default_factory=int)


class StaffVariant(Output):
    """A variant as staff sees it."""

    sku: str
    title: str
    options: dict[str, str]
    prices: list[Money]
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    requires_shipping: bool
    gift_card: bool
    image: str | None
    compare_at: list[Money]
    cost: Money | None
    measure: Measure | None
    available: int = Field(description="How many can be sold, a moment ago.")


class StaffProduct(Output):
    """A product as staff sees it."""

    id: str
    slug: str
    title: str
    description: str
    images: list[Image]
    attributes: dict[str, str]
    category_ids: list[str]
    status: Status
    tax_class: str
    options: list[Option]
    variants: list[StaffVariant]
    version: int
    created_at: Instant
    updated_at: Instant


class StaffCategory(Output):
    """A category as staff sees it."""

    id: str
    slug: str
    title: str
    description: str
    parent_id: str | None
    position: int
    version: int
    created_at: Instant
    updated_at: Instant


def staff_product(product: Product, available: Mapping[str, Offer]) -> StaffProduct:
    """Return the product as staff sees it."""
    variants = [
        StaffVariant(**_fields(variant), available=offered(available.get(variant.sku, 0)))
        for variant in product.variants
    ]
    shown = _fields(product) | {"variants": variants}
    return StaffProduct(**{name: shown[name] for name in StaffProduct.model_fields})


def staff_category(category: Category) -> StaffCategory:
    """Return the category as staff sees it."""
    return StaffCategory(**_fields(category))


def _fields(model: Output) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}
