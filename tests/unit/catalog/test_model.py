"""The rules of products and categories, without a store."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from commerce.catalog.model import (
    Category,
    Image,
    InvalidVariants,
    Option,
    Prices,
    Product,
    ProductTooLarge,
    ProductVariant,
    Sku,
    SlugMissing,
    TooManyShelves,
    cart_variants,
    check,
    in_order,
    line_of,
    slug_of,
)
from commerce.catalog.schemas import shop_product
from commerce.kernel.money import Money
from commerce.kernel.schema import Slug

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def a_variant(sku: str = "TEE", **more: Any) -> ProductVariant:
    return ProductVariant.model_validate({"sku": sku, "title": sku, "options": {}, "prices": [usd(1900)], **more})


def a_product(**more: Any) -> Product:
    whole = {
        "id": "prod_1",
        "slug": "tee",
        "title": "Tee",
        "description": "",
        "images": [],
        "attributes": {},
        "category_ids": [],
        "category_slugs": [],
        "shelves": [],
        "status": "active",
        "options": [],
        "variants": [a_variant()],
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Product.model_validate(whole | more)


def a_category(category_id: str, parent_id: str | None = None, *, position: int = 0, title: str = "") -> Category:
    return Category(
        id=category_id,
        slug=category_id,
        title=title or category_id,
        description="",
        parent_id=parent_id,
        position=position,
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


class TestVariants:
    SIZES = (Option(name="Size", values=["S", "M"]),)

    def test_lets_a_product_without_options_have_one_variant(self) -> None:
        check(a_product())

    @pytest.mark.parametrize(
        ("options", "variants", "param", "code"),
        [
            ((), [a_variant("A"), a_variant("B")], "variants.1.options", "catalog.duplicate_combination"),
            ((), [a_variant("A"), a_variant("A")], "variants.1.sku", "catalog.duplicate_sku"),
            ((), [a_variant(options={"Size": "S"})], "variants.0.options.Size", "catalog.unknown_option"),
            (SIZES, [a_variant()], "variants.0.options", "catalog.option_missing"),
            (SIZES, [a_variant(options={"Size": "XL"})], "variants.0.options.Size", "catalog.unknown_value"),
            (
                SIZES,
                [a_variant("A", options={"Size": "S"}), a_variant("B", options={"Size": "S"})],
                "variants.1.options",
                "catalog.duplicate_combination",
            ),
            (SIZES + SIZES, [a_variant(options={"Size": "S"})], "options.0.name", "catalog.duplicate_option"),
            (
                (Option(name="Size", values=["S", "S"]),),
                [a_variant(options={"Size": "S"})],
                "options.0.values",
                "catalog.duplicate_value",
            ),
        ],
    )
    def test_refuses_what_does_not_fit_together(
        self, options: tuple[Option, ...], variants: list[ProductVariant], param: str, code: str
    ) -> None:
        with pytest.raises(InvalidVariants) as refused:
            check(a_product(options=list(options), variants=variants))

        assert (param, code) in [(fault.param, fault.code) for fault in refused.value.errors]

    def test_names_every_fault_at_once(self) -> None:
        variants = [a_variant("A", options={"Size": "XL"}), a_variant("B", options={"Size": "XXL"})]

        with pytest.raises(InvalidVariants) as refused:
            check(a_product(options=list(self.SIZES), variants=variants))

        assert [fault.param for fault in refused.value.errors] == [
            "variants.0.options.Size",
            "variants.1.options.Size",
        ]

    def test_shows_carts_what_they_need(self) -> None:
        product = a_product(images=[Image(url="/media/tee.svg")], variants=[a_variant(weight_grams=150)])

        [seen] = cart_variants(product).values()

        assert (seen.product_title, seen.image, seen.prices, seen.weight_grams, seen.sellable) == (
            "Tee",
            "/media/tee.svg",
            {"USD": usd(1900)},
            150,
            True,
        )

    def test_takes_no_room_for_sizes_that_nobody_knows(self) -> None:
        sides: dict[str, Any] = {"length_mm": 300, "width_mm": 200, "height_mm": 100}
        known, unknown = a_product(variants=[a_variant(**sides)]), a_product(variants=[a_variant()])

        [seen], [blind] = (list(cart_variants(product).values()) for product in (known, unknown))

        assert (seen.length_mm, seen.width_mm, seen.height_mm) == (300, 200, 100)
        assert sides.items() <= seen.model_dump(mode="json").items()
        assert Product.model_validate(known.model_dump(mode="json")) == known
        assert not sides.keys() & blind.model_dump(mode="json").keys()
        assert Product.model_validate(unknown.model_dump(mode="json")) == unknown

    @pytest.mark.parametrize("status", ["draft", "archived"])
    def test_sells_only_what_is_active(self, status: str) -> None:
        [seen] = cart_variants(a_product(status=status)).values()

        assert not seen.sellable


class TestSize:
    def test_refuses_a_product_that_would_not_fit_into_its_rows(self) -> None:
        with pytest.raises(ProductTooLarge):
            check(a_product(description="ж" * 60_000))

    def test_refuses_more_shelves_than_a_transaction_takes(self) -> None:
        with pytest.raises(TooManyShelves):
            check(a_product(shelves=[f"shelf-{number}" for number in range(21)]))


class TestPrices:
    prices = TypeAdapter(Prices)

    def test_may_be_zero(self) -> None:
        assert self.prices.validate_python([{"amount": 0, "currency": "USD"}]) == [usd(0)]

    @pytest.mark.parametrize(
        "wrong",
        [
            [],
            [{"amount": -1, "currency": "USD"}],
            [{"amount": 100_000_000, "currency": "USD"}],
            [{"amount": 1.5, "currency": "USD"}],
            [{"amount": 1, "currency": "XYZ"}],
            [{"amount": 1, "currency": "USD"}, {"amount": 2, "currency": "USD"}],
        ],
    )
    def test_refuses(self, wrong: object) -> None:
        with pytest.raises(ValidationError):
            self.prices.validate_python(wrong)

    def test_leaves_out_what_has_no_price_in_the_currency(self) -> None:
        euro = a_variant("B", prices=[Money(amount=5, currency="EUR")])

        product = a_product(variants=[a_variant("A"), euro])
        shown = shop_product(product, {"A": 3}, shown={}, channel=None, currency="USD", exchange=None, now=NOW)

        assert shown is not None
        assert [(variant.sku, variant.price, variant.available) for variant in shown.variants] == [("A", usd(1900), 3)]
        assert (
            shop_product(a_product(variants=[euro]), {}, shown={}, channel=None, currency="USD", exchange=None, now=NOW)
            is None
        )


class TestImages:
    @pytest.mark.parametrize(
        "url",
        ["https://images.example.com/tee.jpg?w=800#top", "/media/demo/tee.svg", "/media/a-b_c.1.png"],
    )
    def test_may_lie_behind_https_or_in_the_shops_media(self, url: str) -> None:
        assert Image(url=url).url == url

    @pytest.mark.parametrize(
        "url",
        [
            "http://images.example.com/tee.jpg",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "//images.example.com/tee.jpg",
            "https:///tee.jpg",
            "https://user:secret@example.com/tee.jpg",
            "https://example.com/a b.jpg",
            'https://example.com/"onload="x',
            "https://example.com/\u0000",
            "https://[::1/tee.jpg",
            "/media/../v1/admin/products",
            "/media/",
            "/etc/passwd",
            "tee.jpg",
            "",
            "https://example.com/" + "a" * 1000,
        ],
    )
    def test_refuses(self, url: str) -> None:
        with pytest.raises(ValidationError):
            Image(url=url)


class TestNames:
    @pytest.mark.parametrize(
        ("title", "slug"),
        [
            ("Harbor Tee", "harbor-tee"),
            ("  Crème brûlée -- N° 5! ", "creme-brulee-n-5"),
            ("x" * 200, "x" * 80),
            ("a" * 79 + " b", "a" * 79),
        ],
    )
    def test_make_a_slug(self, title: str, slug: str) -> None:
        assert slug_of(title) == slug

    @pytest.mark.parametrize("title", ["!!!", "日本", "\U0001f9e2"])
    def test_refuses_to_guess_a_slug(self, title: str) -> None:
        with pytest.raises(SlugMissing):
            slug_of(title)

    @given(st.text(max_size=200))
    def test_make_a_slug_that_is_one_or_none(self, title: str) -> None:
        try:
            slug = slug_of(title)
        except SlugMissing:
            return

        assert TypeAdapter(Slug).validate_python(slug) == slug

    @pytest.mark.parametrize("sku", ["", ".", "..", "-a", "a b", "a/b", "a#b", "é", "a" * 81, "a\n"])
    def test_refuses_a_sku_that_is_not_safe_in_a_path(self, sku: str) -> None:
        with pytest.raises(ValidationError):
            TypeAdapter(Sku).validate_python(sku)


class TestCategories:
    def test_know_the_line_up_to_the_root(self) -> None:
        tree = {c.id: c for c in (a_category("a"), a_category("b", "a"), a_category("c", "b"))}

        assert [category.id for category in line_of(tree["c"], tree)] == ["c", "b", "a"]

    def test_stand_by_position_then_title(self) -> None:
        shown = in_order(
            [a_category("1", title="Z"), a_category("2", title="A"), a_category("3", position=0, title="M")]
        )

        assert [category.title for category in shown] == ["A", "M", "Z"]
