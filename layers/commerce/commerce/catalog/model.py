"""Products, variants and categories, and the rules that need nothing but them."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer

from commerce.catalog.measures import Measure
from commerce.kernel.errors import Fault, Invalid
from commerce.kernel.money import MOST, Money
from commerce.kernel.schema import Input, Instant, Line, OptionalLine, Output
from commerce.prices.model import SkuPrices

MOST_VARIANTS = 50
MOST_SHELVES = 20
MOST_CATEGORIES = 300
DEEPEST_CATEGORY = 5
LARGEST_PRODUCT_BYTES = 100_000

MEDIA_PATH = re.compile(r"/media(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")
NOT_IN_A_URL = re.compile(r"[\s\"'<>\\^`{|}\x00-\x1f\x7f]")
NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
LONGEST_SLUG = 80


class InvalidVariants(Invalid):
    code = "catalog.invalid_variants"
    title = "The variants do not fit together"


class ProductTooLarge(Invalid):
    code = "catalog.product_too_large"
    title = f"A product takes {LARGEST_PRODUCT_BYTES:,} bytes at most; shorten its texts"


class TooManyShelves(Invalid):
    code = "catalog.too_many_shelves"
    title = f"A product is listed in {MOST_SHELVES} categories at most, counting all those above its own"


class SlugMissing(Invalid):
    code = "catalog.slug_missing"
    title = "The title gives no slug; send one"


def _is_linkable(url: str) -> str:
    if MEDIA_PATH.fullmatch(url):
        return url
    message = "this must be an https address, or a path below /media/"
    if NOT_IN_A_URL.search(url):
        raise ValueError(message)
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError(message)
    return url


def _is_priced_once(prices: list[Money]) -> list[Money]:
    if len({price.currency for price in prices}) != len(prices):
        message = "there must be one price per currency"
        raise ValueError(message)
    if any(not 0 <= price.amount <= MOST for price in prices):
        message = f"amounts go from 0 to {MOST} minor units"
        raise ValueError(message)
    return prices


ImageUrl = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_is_linkable)]
"""An https address, or a path below the shop's own /media/."""

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""Stock keeping unit, unique in the shop and safe in a path. Case matters."""

ShortLine = Annotated[Line, StringConstraints(max_length=60)]
Prices = Annotated[list[Money], Field(min_length=1, max_length=20), AfterValidator(_is_priced_once)]
"""One price per currency; nothing is free by accident, so zero is written out."""

ComparePrices = Annotated[list[Money], Field(max_length=20), AfterValidator(_is_priced_once)]
"""One price per currency at most."""

Images = Annotated[list["Image"], Field(max_length=20)]
Attributes = Annotated[dict[ShortLine, OptionalLine], Field(max_length=50)]
CategoryIds = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^cat_[a-z0-9]{1,40}$")]],
    Field(max_length=10),
    AfterValidator(lambda ids: list(dict.fromkeys(ids))),
]
"""Ids of categories; one that stands twice counts once."""

Options = Annotated[list["Option"], Field(max_length=5)]
Chosen = Annotated[dict[ShortLine, ShortLine], Field(max_length=5)]
"""One value of each of the product's options: `{"Size": "M"}`."""

TaxClass = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""What the tax rules call the goods: `standard`, `reduced`, `books`."""

STANDARD_TAX = "standard"
SIDES = frozenset({"length_mm", "width_mm", "height_mm"})

Grams = Annotated[int, Field(ge=0, le=1_000_000)]
Millimetres = Annotated[int, Field(ge=1, le=100_000)]
"""A side of the goods as they are packed."""

Status = Literal["draft", "active", "archived"]


class Image(Input):
    """A picture."""

    url: ImageUrl
    alt: OptionalLine = Field("", description="What the picture shows, for those who cannot see it.")


class Option(Input):
    """Something that a shopper chooses, and what there is to choose from."""

    name: ShortLine
    values: Annotated[list[ShortLine], Field(min_length=1, max_length=50)]


class Sized(Output):
    """Something whose size as it is packed may be known; it takes no room in a row while it is not."""

    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None

    @model_serializer(mode="wrap")
    def _without_unknown_sides(self, dumped: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = dumped(self)
        return {name: value for name, value in fields.items() if value is not None or name not in SIDES}


class ProductVariant(Sized, extra="ignore"):
    """One thing that can be bought.

    :ivar compare_at: prices that it is shown as reduced from.
    :ivar cost: what a piece costs the shop; staff alone sees it.
    """

    sku: str
    title: str
    options: dict[str, str]
    prices: list[Money]
    weight_grams: int | None = None
    requires_shipping: bool = True
    gift_card: bool = False
    image: str | None = None
    compare_at: list[Money] = Field(default_factory=list)
    cost: Money | None = None
    measure: Measure | None = None

    def price(self, currency: str) -> Money | None:
        """Return the price in this currency, or None when it has none."""
        return next((price for price in self.prices if price.currency == currency), None)


class Product(Output, extra="ignore"):
    """What the merchant offers. How much of it there is belongs to the stock.

    :param shelves: slugs of the categories that list it: its own and all above them.
    """

    id: str
    slug: str
    title: str
    description: str
    images: list[Image]
    attributes: dict[str, str]
    category_ids: list[str]
    category_slugs: list[str]
    shelves: list[str]
    status: Status
    tax_class: str = STANDARD_TAX
    options: list[Option]
    variants: list[ProductVariant]
    version: int
    created_at: Instant
    updated_at: Instant

    @property
    def skus(self) -> list[str]:
        """Return the SKUs of all variants, in their order."""
        return [variant.sku for variant in self.variants]

    def stored(self) -> dict[str, Any]:
        """Return it as its rows keep it: every page reads them, so what a variant does not have is left out."""
        absent = {
            place: {name for name in ("compare_at", "cost", "measure") if not getattr(variant, name)}
            for place, variant in enumerate(self.variants)
        }
        return self.model_dump(mode="json", exclude={"variants": absent})


class Variant(Sized, extra="ignore"):
    """What a cart line needs to know of the variant it sells.

    :param sellable: whether the product is active and still has this variant.
    :param gift_card: whether each unit of it is a gift card over its price.
    :param shelves: slugs of the categories that list the product.
    :param cost: what a piece costs the shop; no shopper is told.
    :param listed_at: when the product came into the catalog; None in rows of before there was this.
    :param sku_prices: its prices in price lists, and what it cost before. They are kept beside the rest.
    """

    sku: str
    product_id: str
    product_title: str
    product_slug: str
    title: str
    options: dict[str, str]
    image: str | None
    prices: dict[str, Money]
    sellable: bool
    weight_grams: int | None
    requires_shipping: bool
    tax_class: str = STANDARD_TAX
    gift_card: bool = False
    shelves: tuple[str, ...] = ()
    compare_at: dict[str, Money] = Field(default_factory=dict)
    cost: Money | None = None
    measure: Measure | None = None
    listed_at: Instant | None = None
    sku_prices: SkuPrices = Field(default_factory=SkuPrices)

    def stored(self) -> dict[str, Any]:
        """Return it as its row keeps it: without what is kept beside it, and what is not there."""
        absent = {name for name in ("compare_at", "cost", "measure", "listed_at") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude={"sku_prices", *absent})


class Category(Output, extra="ignore"):
    """A shelf of the shop. Slug and parent never change."""

    id: str
    slug: str
    title: str
    description: str
    parent_id: str | None
    position: int
    version: int
    created_at: Instant
    updated_at: Instant


def slug_of(title: str) -> str:
    """Return the slug that a title suggests.

    :raises SlugMissing: when the title has no letter or digit that a slug may hold.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = NOT_IN_A_SLUG.sub("-", plain)[:LONGEST_SLUG].strip("-")
    if not slug:
        raise SlugMissing(errors=(Fault("slug", "catalog.slug_missing", SlugMissing.title),))
    return slug


def cart_variants(product: Product) -> dict[str, Variant]:
    """Return what carts see of the product, by SKU."""
    picture = product.images[0].url if product.images else None
    return {
        variant.sku: Variant(
            sku=variant.sku,
            product_id=product.id,
            product_title=product.title,
            product_slug=product.slug,
            title=variant.title,
            options=variant.options,
            image=variant.image or picture,
            prices={price.currency: price for price in variant.prices},
            sellable=product.status == "active",
            weight_grams=variant.weight_grams,
            length_mm=variant.length_mm,
            width_mm=variant.width_mm,
            height_mm=variant.height_mm,
            requires_shipping=variant.requires_shipping,
            tax_class=product.tax_class,
            gift_card=variant.gift_card,
            shelves=tuple(product.shelves),
            compare_at={price.currency: price for price in variant.compare_at},
            cost=variant.cost,
            measure=variant.measure,
            listed_at=product.created_at,
        )
        for variant in product.variants
    }


def check(product: Product) -> None:
    """Refuse a product whose parts do not fit together, or that does not fit into the store's rows.

    :raises InvalidVariants: for SKUs or combinations that stand twice, and for values that the options do not have.
    :raises TooManyShelves: when its categories and all above them are too many.
    :raises ProductTooLarge: when it takes too many bytes.
    """
    faults = (*_option_faults(product.options), *_variant_faults(product))
    if faults:
        raise InvalidVariants("; ".join(fault.message for fault in faults[:3]), errors=faults)
    if len(product.shelves) > MOST_SHELVES:
        raise TooManyShelves(errors=(Fault("category_ids", TooManyShelves.code, TooManyShelves.title),))
    if len(json.dumps(product.model_dump(mode="json"), ensure_ascii=False).encode()) > LARGEST_PRODUCT_BYTES:
        raise ProductTooLarge


def _option_faults(options: Sequence[Option]) -> Iterator[Fault]:
    names = Counter(option.name for option in options)
    for place, option in enumerate(options):
        if names[option.name] > 1:
            yield Fault(f"options.{place}.name", "catalog.duplicate_option", f"'{option.name}' stands twice.")
        if len(set(option.values)) != len(option.values):
            message = f"A value of '{option.name}' stands twice."
            yield Fault(f"options.{place}.values", "catalog.duplicate_value", message)


def _variant_faults(product: Product) -> Iterator[Fault]:
    offered = {option.name: option.values for option in product.options}
    skus: set[str] = set()
    combinations: set[tuple[tuple[str, str], ...]] = set()
    for place, variant in enumerate(product.variants):
        where = f"variants.{place}"
        if variant.sku in skus:
            yield Fault(f"{where}.sku", "catalog.duplicate_sku", f"'{variant.sku}' stands twice.")
        skus.add(variant.sku)
        combination = tuple(sorted(variant.options.items()))
        if combination in combinations:
            message = f"'{variant.sku}' has the same options as another variant."
            yield Fault(f"{where}.options", "catalog.duplicate_combination", message)
        combinations.add(combination)
        yield from _choice_faults(f"{where}.options", variant.options, offered)


def _choice_faults(where: str, chosen: Mapping[str, str], offered: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    for name in offered.keys() - chosen.keys():
        yield Fault(where, "catalog.option_missing", f"The option '{name}' has no value.")
    for name, value in chosen.items():
        if name not in offered:
            yield Fault(f"{where}.{name}", "catalog.unknown_option", f"The product has no option '{name}'.")
        elif value not in offered[name]:
            message = f"'{value}' is not among the values of '{name}'."
            yield Fault(f"{where}.{name}", "catalog.unknown_value", message)


def line_of(category: Category, by_id: Mapping[str, Category]) -> list[Category]:
    """Return the category and all above it, from the nearest to the root."""
    line = [category]
    while line[-1].parent_id is not None:
        line.append(by_id[line[-1].parent_id])
    return line


def in_order(categories: Sequence[Category]) -> list[Category]:
    """Return categories as they are shown: by position, then title."""
    return sorted(categories, key=lambda category: (category.position, category.title, category.id))
