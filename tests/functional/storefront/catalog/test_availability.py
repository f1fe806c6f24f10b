"""How many can be bought, as shoppers see it: projected from stock into a product and all its listings."""

import pytest

from commerce.catalog import operations, variants
from commerce.kernel import clock
from commerce.kernel.reads import fetch
from tests.support.calls import counted
from tests.support.products import put_on_sale, shelf
from tests.support.store import Store

PLACES = ("/v1/products", "/v1/products?category=tees", "/v1/categories/clothing/products")


def stocked(sku: str, available: int, revision: int) -> None:
    operations.record_availability(sku=sku, available=available, revision=revision, now=clock.now())


def everywhere(store: Store, sku: str = "TEE") -> set[int]:
    """How many of a SKU can be bought, wherever a shopper or staff looks."""
    products = [item for path in PLACES for item in store.get(path).body["items"]]
    products += [*store.get("/v1/admin/products").body["items"], store.get("/v1/products/harbor-tee").body]
    return {variant["available"] for product in products for variant in product["variants"] if variant["sku"] == sku}


@pytest.fixture
def shop(store: Store) -> Store:
    clothing = shelf(store, "Clothing")
    tees = shelf(store, "Tees", parent_id=clothing["id"])
    put_on_sale(store, skus=["TEE", "TEE.XL"], category_ids=[tees["id"]])
    return store


class TestRecordAvailability:
    def test_shows_wherever_the_product_is_shown(self, shop: Store) -> None:
        stocked("TEE", 7, 1)
        stocked("TEE.XL", 2, 1)

        assert everywhere(shop) == {7}
        assert everywhere(shop, "TEE.XL") == {2}

    @pytest.mark.parametrize("revision", [4, 5])
    def test_never_goes_back(self, shop: Store, revision: int) -> None:
        stocked("TEE", 7, 5)

        stocked("TEE", 9, revision)

        assert everywhere(shop) == {7}

    def test_may_fall_to_nothing(self, shop: Store) -> None:
        stocked("TEE", 7, 1)
        stocked("TEE", 0, 2)

        assert everywhere(shop) == {0}

    def test_finishes_what_it_left_undone(self, shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as crash:
            crash.setattr(operations, "listing_keys", lambda _: [])
            stocked("TEE", 7, 1)
        assert everywhere(shop) == {0, 7}

        stocked("TEE", 7, 1)

        assert everywhere(shop) == {7}

    def test_leaves_the_version_alone(self, shop: Store) -> None:
        stocked("TEE", 7, 1)

        [product] = shop.get("/v1/admin/products").body["items"]
        answer = shop.patch(f"/v1/admin/products/{product['id']}", {"title": "x"}, headers={"If-Match": '"1"'})

        assert answer.status == 200
        assert len(shop.items("outbox")) == 4

    def test_takes_one_update_per_row(self, shop: Store) -> None:
        with counted(shop) as calls:
            stocked("TEE", 7, 1)

        assert calls == {"UpdateItem": 6}

    def test_may_come_before_the_product(self, store: Store) -> None:
        stocked("TEE", 7, 3)
        stocked("TEE", 1, 2)

        made = put_on_sale(store)

        assert made["variants"][0]["available"] == 7
        assert store.get("/v1/products/harbor-tee").body["variants"][0]["available"] == 7

    def test_makes_no_product_of_stock_alone(self, store: Store) -> None:
        stocked("TEE", 7, 1)

        reads = variants.variant_reads(skus=["TEE", "NOTHING"])

        assert variants.variants(answers=fetch(reads), skus=["TEE", "NOTHING"]) == {}
        assert store.get("/v1/products").body["items"] == []

    def test_follows_drafts_too(self, store: Store) -> None:
        put_on_sale(store, status="draft")

        stocked("TEE", 7, 1)

        assert store.get("/v1/admin/products?status=draft").body["items"][0]["variants"][0]["available"] == 7
        assert store.get("/v1/products").body["items"] == []


class TestVariants:
    def test_tell_carts_what_they_sell(self, shop: Store) -> None:
        reads = variants.variant_reads(skus=["TEE", "NOTHING"])
        with counted(shop) as calls:
            answers = fetch(reads)

        found = variants.variants(answers=answers, skus=["TEE", "NOTHING"])

        [product] = shop.get("/v1/admin/products").body["items"]
        assert calls == {"BatchGetItem": 1}
        assert {sku: variant.model_dump(mode="json") for sku, variant in found.items()} == {
            "TEE": {
                "sku": "TEE",
                "product_id": product["id"],
                "product_title": "Harbor tee",
                "product_slug": "harbor-tee",
                "title": "TEE",
                "options": {"Size": "TEE"},
                "image": None,
                "prices": {"USD": {"amount": 1900, "currency": "USD"}},
                "sellable": True,
                "weight_grams": None,
                "requires_shipping": True,
                "tax_class": "standard",
                "gift_card": False,
                "shelves": ["tees", "clothing"],
                "compare_at": {},
                "cost": None,
                "measure": None,
                "listed_at": product["created_at"],
                "sku_prices": {"entries": {}, "timeline": {}, "version": 0},
            }
        }

    @pytest.mark.parametrize("status", ["draft", "archived"])
    def test_are_not_sellable_while_their_product_is_not_active(self, store: Store, status: str) -> None:
        put_on_sale(store, status=status)

        found = variants.variants(answers=fetch(variants.variant_reads(skus=["TEE"])), skus=["TEE"])

        assert not found["TEE"].sellable
