"""The demo shop as its data files describe it."""

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

DATA = Path(__file__).parent / "data"

type Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$")]
type Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(?:-[A-Z0-9]+)*$", max_length=80)]
type Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
type Amounts = dict[
    Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")],
    Annotated[int, Field(ge=0)],
]
"""Minor units by currency."""


class Row(BaseModel):
    """A piece of the data: closed, strict and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DemoCategory(Row):
    """A shelf, and the shelves below it."""

    slug: Slug
    title: str
    description: str
    children: list["DemoCategory"] = Field(default_factory=list)


class DemoShippingMethod(Row):
    """A way to send goods. Without `countries` it goes everywhere."""

    id: Slug
    title: str
    prices: Amounts
    free_over: Amounts = Field(default_factory=dict)
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] | None = None


class DemoVariant(Row):
    """A SKU. `values` are those of the product's options, in their order; what is left out is the product's."""

    sku: Sku
    values: list[str] = Field(default_factory=list)
    stock: Annotated[int, Field(ge=0)]
    low_stock: Annotated[int, Field(ge=0)] | None = None
    prices: Amounts | None = None
    weight_grams: Annotated[int, Field(gt=0)] | None = None


class DemoProduct(Row):
    """A product with at least one variant."""

    slug: Slug
    title: str
    category: Slug
    motif: str
    status: Literal["draft", "active", "archived"] = "active"
    description: str
    attributes: dict[str, str]
    prices: Amounts
    weight_grams: Annotated[int, Field(gt=0)] | None = None
    requires_shipping: bool = True
    options: list[str] = Field(default_factory=list)
    variants: Annotated[list[DemoVariant], Field(min_length=1, max_length=8)]

    @model_validator(mode="after")
    def _combines_options_once(self) -> "DemoProduct":
        combinations = Counter(tuple(variant.values) for variant in self.variants)
        twice = [values for values, count in combinations.items() if count > 1]
        unlike = [variant.sku for variant in self.variants if len(variant.values) != len(self.options)]
        if twice or unlike:
            message = f"{self.slug}: combinations that stand twice {twice}, values that are not one per option {unlike}"
            raise ValueError(message)
        return self

    @property
    def image(self) -> str:
        """Return where the store serves the product's picture."""
        return f"/media/demo/{self.slug}.svg"

    def price(self, variant: DemoVariant) -> Amounts:
        """Return the prices of a variant: its own where it has some."""
        return self.prices | (variant.prices or {})


class DemoShop(Row):
    """All of the shop."""

    name: str
    categories: list[DemoCategory]
    shipping_methods: list[DemoShippingMethod]
    products: list[DemoProduct]

    @property
    def variants(self) -> list[DemoVariant]:
        """Return every SKU of the shop."""
        return [variant for product in self.products for variant in product.variants]


class Wear(Row):
    """The three colors that a product's drawing wears."""

    main: Color
    dark: Color
    light: Color


class Palette(Row):
    """The colors of a category's pictures."""

    sky: Annotated[list[Color], Field(min_length=2, max_length=2)]
    sea: Color
    ink: Color
    trim: Color
    wear: Annotated[list[Wear], Field(min_length=1)]


@lru_cache(maxsize=1)
def load_shop() -> DemoShop:
    """Read the shop from its data files.

    :raises pydantic.ValidationError: when they are wrong.
    """
    files = sorted((DATA / "products").glob("*.yaml"))
    products = [product for file in files for product in _read(file)]
    return DemoShop.model_validate(_read(DATA / "shop.yaml") | {"products": products})


@lru_cache(maxsize=1)
def load_palettes() -> dict[str, Palette]:
    """Read the palettes by category."""
    return {slug: Palette.model_validate(colors) for slug, colors in _read(DATA / "palettes.yaml").items()}


@lru_cache(maxsize=1)
def load_motifs() -> dict[str, str]:
    """Read the drawings by name: SVG fragments with places for colors."""
    return {str(name): str(drawing) for name, drawing in _read(DATA / "motifs.yaml").items()}


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
