"""POST /v1/admin/products"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.admin.catalog.interleaved import before_the_first_commit
from tests.support.calls import counted
from tests.support.products import product, put_on_sale, shelf, variant
from tests.support.store import Store, running_store

ROUTE = "/v1/admin/products"

FULL: dict[str, Any] = {
    "slug": "fisherman-sweater",
    "title": "Fisherman <script>alert(1)</script> Sweater",
    "description": "Oiled wool.\nWarm.",
    "images": [{"url": "/media/sweater.svg", "alt": "A sweater"}, {"url": "https://images.example.com/s.jpg"}],
    "attributes": {"Material": "Wool"},
    "status": "active",
    "options": [{"name": "Color", "values": ["Navy", "Oat"]}, {"name": "Size", "values": ["S", "M"]}],
    "variants": [
        {
            "sku": "SWEATER-NAVY-S",
            "options": {"Color": "Navy", "Size": "S"},
            "prices": [{"amount": 16800, "currency": "USD"}, {"amount": 25200, "currency": "JPY"}],
            "weight_grams": 780,
            "length_mm": 400,
            "width_mm": 300,
            "height_mm": 80,
            "image": "https://images.example.com/navy.jpg",
        },
        {
            "sku": "SWEATER-OAT-M",
            "title": "Oat, medium",
            "options": {"Color": "Oat", "Size": "M"},
            "prices": [{"amount": 0, "currency": "USD"}],
            "requires_shipping": False,
        },
    ],
}


class TestCreateProduct:
    def test_answers_the_whole_product(self, store: Store) -> None:
        knits = shelf(store, "Knits")

        answer = store.post(ROUTE, FULL | {"category_ids": [knits["id"]]})

        assert answer.status == 201
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.body == {
            "id": answer.body["id"],
            "slug": "fisherman-sweater",
            "title": "Fisherman <script>alert(1)</script> Sweater",
            "description": "Oiled wool.\nWarm.",
            "images": [
                {"url": "/media/sweater.svg", "alt": "A sweater"},
                {"url": "https://images.example.com/s.jpg", "alt": ""},
            ],
            "attributes": {"Material": "Wool"},
            "category_ids": [knits["id"]],
            "status": "active",
            "tax_class": "standard",
            "options": FULL["options"],
            "variants": [
                {
                    "sku": "SWEATER-NAVY-S",
                    "title": "Navy / S",
                    "options": {"Color": "Navy", "Size": "S"},
                    "prices": [{"amount": 16800, "currency": "USD"}, {"amount": 25200, "currency": "JPY"}],
                    "weight_grams": 780,
                    "length_mm": 400,
                    "width_mm": 300,
                    "height_mm": 80,
                    "requires_shipping": True,
                    "gift_card": False,
                    "image": "https://images.example.com/navy.jpg",
                    "compare_at": [],
                    "cost": None,
                    "measure": None,
                    "available": 0,
                },
                {
                    "sku": "SWEATER-OAT-M",
                    "title": "Oat, medium",
                    "options": {"Color": "Oat", "Size": "M"},
                    "prices": [{"amount": 0, "currency": "USD"}],
                    "weight_grams": None,
                    "length_mm": None,
                    "width_mm": None,
                    "height_mm": None,
                    "requires_shipping": False,
                    "gift_card": False,
                    "image": None,
                    "compare_at": [],
                    "cost": None,
                    "measure": None,
                    "available": 0,
                },
            ],
            "version": 1,
            "created_at": answer.body["created_at"],
            "updated_at": answer.body["created_at"],
        }
        assert store.get(f"{ROUTE}/{answer.body['id']}").body == answer.body

    def test_makes_a_draft_and_a_slug_by_itself(self, store: Store) -> None:
        answer = store.post(ROUTE, {"title": "Salt & Smoke", "variants": [variant("SALT")]})

        assert (answer.status, answer.body["status"], answer.body["slug"]) == (201, "draft", "salt-smoke")
        assert answer.body["variants"][0]["title"] == "Salt & Smoke"

    def test_announces_it(self, store: Store) -> None:
        made = put_on_sale(store)

        [event] = store.items("outbox")
        assert event["pk"]["S"] == f"product#{made['id']}"
        assert event["type"]["S"] == "catalog.product_created"
        assert event["sequence"]["N"] == "1"
        assert event["actor"]["S"] == "staff:key_test"

    def test_takes_three_reads_and_one_transaction(self, store: Store) -> None:
        knits = shelf(store, "Knits")

        with counted(store) as calls:
            store.post(ROUTE, product(category_ids=[knits["id"]]), headers={"Idempotency-Key": "once"})

        assert calls == {"GetItem": 1, "Query": 1, "BatchGetItem": 1, "TransactWriteItems": 1}

    def test_takes_the_largest_product(self, store: Store) -> None:
        root = None
        for number in range(5):
            root = shelf(store, f"Level {number}", parent_id=root["id"] if root else None)
        leaves = [shelf(store, f"Leaf {number}") for number in range(9)]
        skus = [f"SKU-{number}" for number in range(50)]
        assert root is not None

        answer = store.post(
            ROUTE,
            product(skus=skus, description="d" * 20_000, category_ids=[root["id"], *(leaf["id"] for leaf in leaves)]),
        )

        assert answer.status == 201, answer.body
        assert len(answer.body["variants"]) == 50


class TestRepeat:
    def test_gives_the_same_product_again(self, store: Store) -> None:
        first = store.post(ROUTE, FULL, headers={"Idempotency-Key": "k1"})
        rows = store.items("catalog")

        again = store.post(ROUTE, FULL, headers={"Idempotency-Key": "k1"})

        assert (again.status, again.body) == (201, first.body)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert store.items("catalog") == rows

    def test_refuses_another_product_under_the_same_key(self, store: Store) -> None:
        store.post(ROUTE, FULL, headers={"Idempotency-Key": "k1"})

        answer = store.post(ROUTE, FULL | {"title": "Other"}, headers={"Idempotency-Key": "k1"})

        assert (answer.status, answer.code) == (422, "idempotency.key_reused")

    def test_makes_one_product_when_two_run_at_once(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        headers = {"Idempotency-Key": "k1"}
        meanwhile = before_the_first_commit(monkeypatch, lambda: store.post(ROUTE, FULL, headers=headers))

        late = store.post(ROUTE, FULL, headers=headers)

        assert (late.status, late.body) == (201, meanwhile[0].body)
        assert late.headers["Idempotent-Replayed"] == "true"
        assert len(store.get(ROUTE).body["items"]) == 1


class TestTaken:
    def test_refuses_a_slug_twice(self, store: Store) -> None:
        put_on_sale(store, slug="tee")

        answer = store.post(ROUTE, product(slug="tee", skus=["OTHER"]))

        assert (answer.status, answer.code) == (409, "catalog.slug_taken")
        assert [error["param"] for error in answer.body["errors"]] == ["slug"]
        assert len(store.get(ROUTE).body["items"]) == 1

    def test_refuses_a_sku_twice_and_names_each(self, store: Store) -> None:
        put_on_sale(store, skus=["A", "B"])

        answer = store.post(ROUTE, product("Other", skus=["C", "B", "A"]))

        assert (answer.status, answer.code) == (409, "catalog.sku_taken")
        assert [error["param"] for error in answer.body["errors"]] == ["variants.1.sku", "variants.2.sku"]
        assert len(store.get(ROUTE).body["items"]) == 1

    @pytest.mark.parametrize(
        ("late", "code"),
        [
            (product("Harbor tee", skus=["OTHER"]), "catalog.slug_taken"),
            (product("Other", skus=["TEE"]), "catalog.sku_taken"),
        ],
    )
    def test_lets_one_win_when_two_run_at_once(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, late: dict[str, Any], code: str
    ) -> None:
        meanwhile = before_the_first_commit(monkeypatch, lambda: store.post(ROUTE, product("Harbor tee")))

        answer = store.post(ROUTE, late)

        assert meanwhile[0].status == 201
        assert (answer.status, answer.code) == (409, code)
        assert len(store.get(ROUTE).body["items"]) == 1


def wrong(**fields: Any) -> dict[str, Any]:
    return product() | fields


class TestBadInput:
    @pytest.fixture(scope="class")
    @classmethod
    def store(cls) -> Iterator[Store]:
        """One store for all of them: nothing here may change it."""
        with running_store() as running:
            yield running

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({}, "title"),
            (wrong(title=""), "title"),
            (wrong(title=" "), "title"),
            (wrong(title="a\nb"), "title"),
            (wrong(title="a\u0000b"), "title"),
            (wrong(title="a" * 201), "title"),
            (wrong(title=None), "title"),
            (wrong(slug="Not A Slug"), "slug"),
            (wrong(slug="prod_1"), "slug"),
            (wrong(description="\u0007"), "description"),
            (wrong(status="deleted"), "status"),
            (wrong(price=1), "price"),
            (wrong(version=7), "version"),
            (wrong(images=[{"url": "http://a.example/x.jpg"}]), "images.0.url"),
            (wrong(images=[{"url": "javascript:alert(1)"}]), "images.0.url"),
            (wrong(attributes={str(number): "" for number in range(51)}), "attributes"),
            (wrong(category_ids=["x"]), "category_ids.0"),
            (wrong(category_ids=[f"cat_{number}" for number in range(11)]), "category_ids"),
            (wrong(options=[{"name": "Size", "values": []}]), "options.0.values"),
            (wrong(options=[{"name": "S" * 61, "values": ["a"]}]), "options.0.name"),
            (wrong(variants=[]), "variants"),
            (wrong(variants=[variant(f"S{number}") for number in range(51)]), "variants"),
            (wrong(variants=[variant("a/b")]), "variants.0.sku"),
            (wrong(variants=[variant("A", -1)]), "variants.0.prices"),
            (wrong(variants=[variant("A", 10**12)]), "variants.0.prices"),
            (wrong(variants=[variant("A", currency="usd")]), "variants.0.prices.0.currency"),
            (wrong(variants=[variant("A", weight_grams=-1)]), "variants.0.weight_grams"),
            (wrong(variants=[variant("A", weight_grams=1.5)]), "variants.0.weight_grams"),
            (wrong(variants=[variant("A", weight_grams="1")]), "variants.0.weight_grams"),
            (wrong(variants=[variant("A", length_mm=0, width_mm=1, height_mm=1)]), "variants.0.length_mm"),
            (wrong(variants=[variant("A", length_mm=100_001, width_mm=1, height_mm=1)]), "variants.0.length_mm"),
            (wrong(variants=[variant("A", length_mm=10, width_mm=10)]), "variants.0"),
            (wrong(variants=[variant("A", requires_shipping="yes")]), "variants.0.requires_shipping"),
            (wrong(variants=[variant("A", options={"Size": "S"})]), "variants.0.options.Size"),
            (wrong(variants=[variant("A"), variant("B")]), "variants.1.options"),
            (wrong(category_ids=["cat_unknown"]), "category_ids.0"),
        ],
    )
    def test_says_which_field_and_writes_nothing(self, store: Store, body: dict[str, Any], param: str) -> None:
        answer = store.post(ROUTE, body)

        assert answer.status == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert param in [error["param"] for error in answer.body["errors"]]
        assert store.items("catalog") == []

    def test_says_when_it_is_too_large(self, store: Store) -> None:
        answer = store.post(ROUTE, product(description="d" * 70_000))

        assert (answer.status, answer.code) == (413, "request.too_large")


class TestScope:
    def test_wants_catalog_write(self, store: Store) -> None:
        store.staff_scopes = "catalog:read orders:write"

        answer = store.post(ROUTE, product())

        assert (answer.status, answer.code) == (403, "request.forbidden")
        assert store.items("catalog") == []
