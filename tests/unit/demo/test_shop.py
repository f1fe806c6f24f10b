from collections import Counter

import pytest
from iso4217 import Currency

from commerce.catalog.staff_schemas import NewCategory, NewProduct
from commerce.shipping.schemas import PutShippingMethod
from local.demo.requests import category_body, product_body, shipping_method_body
from local.demo.seed import shelves
from local.demo.shop import DemoProduct, load_motifs, load_palettes, load_shop

SHOP = load_shop()
CURRENCIES = {"USD", "EUR", "JPY", "KWD"}


class TestProducts:
    def test_there_are_enough_to_browse(self):
        assert len(SHOP.products) >= 60
        assert len(SHOP.variants) >= 180
        assert Counter(product.status for product in SHOP.products).keys() == {"active", "draft", "archived"}

    def test_every_slug_and_sku_stands_once(self):
        slugs = Counter(product.slug for product in SHOP.products)
        skus = Counter(variant.sku for variant in SHOP.variants)

        assert [name for name, count in (slugs + skus).items() if count > 1] == []

    def test_titles_stand_once(self):
        assert len({product.title for product in SHOP.products}) == len(SHOP.products)

    @pytest.mark.parametrize("product", SHOP.products, ids=lambda product: product.slug)
    def test_is_what_the_admin_api_takes(self, product):
        body = product_body(product, category_id="cat_a")

        taken = NewProduct.model_validate(body)

        assert [variant.sku for variant in taken.variants] == [variant.sku for variant in product.variants]

    @pytest.mark.parametrize("product", SHOP.products, ids=lambda product: product.slug)
    def test_is_described_in_two_to_four_sentences(self, product):
        assert 2 <= product.description.count(". ") + 1 <= 4
        assert product.description.endswith(".")

    @pytest.mark.parametrize("product", SHOP.products, ids=lambda product: product.slug)
    def test_costs_something_unless_it_is_free_everywhere(self, product):
        amounts = [amount for variant in product.variants for amount in product.price(variant).values()]

        assert all(amounts) or not any(amounts)

    @pytest.mark.parametrize("product", SHOP.products, ids=lambda product: product.slug)
    def test_prices_its_variants_in_the_same_currencies(self, product):
        currencies = {frozenset(product.price(variant)) for variant in product.variants}

        assert len(currencies) == 1
        assert {"USD", "EUR"} <= next(iter(currencies)) <= CURRENCIES

    def test_amounts_in_three_decimals_end_in_zero_as_stripe_wants(self):
        wrong = [
            (variant.sku, currency)
            for product in SHOP.products
            for variant in product.variants
            for currency, amount in product.price(variant).items()
            if Currency(currency).exponent == 3 and amount % 10
        ]

        assert wrong == []

    def test_weigh_something_when_they_are_shipped(self):
        weightless = [
            variant.sku
            for product in SHOP.products
            for variant in product.variants
            if product.requires_shipping and not (variant.weight_grams or product.weight_grams)
        ]

        assert weightless == []

    def test_one_is_free_and_needs_no_shipping(self):
        free = [product for product in SHOP.products if not any(product.prices.values())]

        assert any(not product.requires_shipping for product in free)

    def test_refuses_a_combination_that_stands_twice(self):
        product = SHOP.products[0].model_dump()
        product["variants"][1]["values"] = product["variants"][0]["values"]

        with pytest.raises(ValueError, match="stand twice"):
            DemoProduct.model_validate(product)

    def test_refuses_values_that_are_not_one_per_option(self):
        product = SHOP.products[0].model_dump()
        product["variants"][0]["values"] = []

        with pytest.raises(ValueError, match="not one per option"):
            DemoProduct.model_validate(product)


class TestStock:
    def test_nothing_is_low_before_somebody_buys(self):
        low = [
            variant.sku
            for variant in SHOP.variants
            if variant.low_stock is not None and variant.stock <= variant.low_stock
        ]

        assert low == []

    def test_one_purchase_makes_some_low(self):
        assert [variant for variant in SHOP.variants if variant.stock - 1 == variant.low_stock]

    def test_some_are_sold_out(self):
        assert [variant for variant in SHOP.variants if variant.stock == 0]


class TestCategories:
    def test_are_a_tree_of_two_levels(self):
        assert all(not child.children for category in SHOP.categories for child in category.children)
        assert len(list(shelves(SHOP))) >= 12

    def test_stand_once(self):
        slugs = [category.slug for _, category, _ in shelves(SHOP)]

        assert len(set(slugs)) == len(slugs)

    def test_are_what_the_admin_api_takes(self):
        for position, category, parent in shelves(SHOP):
            NewCategory.model_validate(category_body(category, parent_id=parent, position=position))

    def test_the_lower_ones_are_the_products_shelves(self):
        lowest = {child.slug for category in SHOP.categories for child in category.children}

        assert {product.category for product in SHOP.products} == lowest
        assert load_palettes().keys() == lowest

    def test_every_motif_is_drawn_and_used(self):
        assert {product.motif for product in SHOP.products} == load_motifs().keys()


class TestShippingMethods:
    def test_are_what_the_admin_api_takes(self):
        for position, method in enumerate(SHOP.shipping_methods):
            PutShippingMethod.model_validate(shipping_method_body(method, position=position))

    def test_have_a_price_in_every_currency(self):
        assert all(method.prices.keys() == CURRENCIES for method in SHOP.shipping_methods)

    def test_one_is_free_over_75_dollars(self):
        assert [method.id for method in SHOP.shipping_methods if method.free_over.get("USD") == 7500] == ["standard"]

    def test_one_stays_in_the_european_union(self):
        (method,) = [method for method in SHOP.shipping_methods if method.countries]

        assert len(method.countries or []) == 27
        assert "US" not in (method.countries or [])
