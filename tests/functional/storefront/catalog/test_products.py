"""GET /v1/products, GET /v1/products/{slug_or_id}, GET /v1/categories and GET /v1/categories/{slug}/products"""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.calls import counted
from tests.support.products import product, put_on_sale, shelf, variant
from tests.support.store import ROOT, LambdaContext, Store, load, running_store

FRESH = "public, max-age=15, stale-while-revalidate=30"


def titles(store: Store, path: str) -> list[str]:
    answer = store.get(path)
    assert answer.status == 200, answer.body
    return [item["title"] for item in answer.body["items"]]


class TestGetProduct:
    def test_shows_what_a_shop_needs(self, store: Store) -> None:
        clothing = shelf(store, "Clothing")
        tees = shelf(store, "Tees", parent_id=clothing["id"])
        made = put_on_sale(
            store,
            {
                "title": "Harbor <script>tee</script>",
                "slug": "harbor-tee",
                "description": "Soft.",
                "status": "active",
                "images": [{"url": "/media/tee.svg", "alt": "A tee"}],
                "attributes": {"Fit": "Loose"},
                "category_ids": [tees["id"]],
                "options": [{"name": "Size", "values": ["S", "M"]}],
                "variants": [
                    variant("TEE-S", options={"Size": "S"}, weight_grams=150),
                    variant("TEE-M", 2100, options={"Size": "M"}, image="/media/m.svg"),
                ],
            },
        )

        answer = store.get("/v1/products/harbor-tee")

        assert answer.status == 200
        assert answer.headers["Cache-Control"] == FRESH
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.body == {
            "id": made["id"],
            "slug": "harbor-tee",
            "title": "Harbor <script>tee</script>",
            "description": "Soft.",
            "images": [{"url": "/media/tee.svg", "alt": "A tee"}],
            "attributes": {"Fit": "Loose"},
            "categories": ["tees"],
            "options": [{"name": "Size", "values": ["S", "M"]}],
            "variants": [
                {
                    "sku": "TEE-S",
                    "title": "S",
                    "options": {"Size": "S"},
                    "price": {"amount": 1900, "currency": "USD"},
                    "compare_at": None,
                    "lowest_price_30_days": None,
                    "unit_price_measure": None,
                    "available": 0,
                    "stock": "out",
                    "gift_card": False,
                    "image": None,
                },
                {
                    "sku": "TEE-M",
                    "title": "M",
                    "options": {"Size": "M"},
                    "price": {"amount": 2100, "currency": "USD"},
                    "compare_at": None,
                    "lowest_price_30_days": None,
                    "unit_price_measure": None,
                    "available": 0,
                    "stock": "out",
                    "gift_card": False,
                    "image": "/media/m.svg",
                },
            ],
        }
        assert store.get(f"/v1/products/{made['id']}").body == answer.body
        assert store.get("/v1/products").body == {"items": [answer.body], "next_cursor": None}
        assert store.get("/v1/categories/clothing/products").body == {"items": [answer.body], "next_cursor": None}

    def test_takes_one_read_by_slug_or_id(self, store: Store) -> None:
        made = put_on_sale(store)

        with counted(store) as by_slug:
            store.get("/v1/products/harbor-tee")
        with counted(store) as by_id:
            store.get(f"/v1/products/{made['id']}")

        assert (by_slug, by_id) == ({"Query": 1}, {"GetItem": 1})

    @pytest.mark.parametrize("status", ["draft", "archived"])
    def test_hides_what_is_not_active_as_if_it_did_not_exist(self, store: Store, status: str) -> None:
        made = put_on_sale(store, status=status)

        hidden, missing = store.get("/v1/products/harbor-tee"), store.get("/v1/products/nothing")

        assert hidden.status == 404
        assert hidden.body | {"request_id": ""} == missing.body | {"request_id": ""}
        assert hidden.code == "catalog.product_not_found"
        assert store.get(f"/v1/products/{made['id']}").status == 404

    def test_shows_prices_in_the_currency(self, store: Store) -> None:
        prices = [{"amount": 1900, "currency": "USD"}, {"amount": 2800, "currency": "JPY"}]
        put_on_sale(
            store,
            product(skus=["S", "M"])
            | {
                "variants": [
                    variant("S", options={"Size": "S"}) | {"prices": prices},
                    variant("M", options={"Size": "M"}),
                ]
            },
        )

        shown = store.get("/v1/products/harbor-tee?currency=JPY").body["variants"]

        assert [(v["sku"], v["price"]) for v in shown] == [("S", {"amount": 2800, "currency": "JPY"})]
        assert store.get("/v1/products/harbor-tee?currency=EUR").status == 404
        assert titles(store, "/v1/products?currency=JPY") == ["Harbor tee"]
        assert titles(store, "/v1/products?currency=EUR") == []

    @pytest.mark.parametrize("hostile", ["..", "%2e%2e", "a%00b", "a b", "<script>", "prod_", "😀", "a" * 101])
    def test_finds_nothing_under_hostile_names(self, store: Store, hostile: str) -> None:
        answer = store.get(f"/v1/products/{hostile}")

        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


class TestListProducts:
    def test_shows_only_what_is_active(self, store: Store) -> None:
        tees = shelf(store, "Tees")
        for status in ("draft", "active", "archived"):
            put_on_sale(store, title=status, skus=[status], status=status, category_ids=[tees["id"]])

        assert titles(store, "/v1/products") == ["active"]
        assert titles(store, "/v1/products?category=tees") == ["active"]
        assert titles(store, "/v1/categories/tees/products") == ["active"]

    @pytest.mark.parametrize("path", ["/v1/products?", "/v1/products?category=tees&", "/v1/categories/tees/products?"])
    def test_goes_on_where_the_page_ended(self, store: Store, path: str) -> None:
        tees = shelf(store, "Tees")
        for number in range(4):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"], category_ids=[tees["id"]])

        first = store.get(f"{path}limit=2").body
        with counted(store) as calls:
            second = store.get(f"{path}limit=2&cursor={first['next_cursor']}").body

        assert [item["title"] for item in first["items"]] == ["Tee 3", "Tee 2"]
        assert [item["title"] for item in second["items"]] == ["Tee 1", "Tee 0"]
        assert second["next_cursor"] is None
        assert calls == {"Query": 1}

    def test_keeps_its_place_while_products_come_and_go(self, store: Store) -> None:
        made = [put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"]) for number in range(3)]
        cursor = store.get("/v1/products?limit=1").body["next_cursor"]
        put_on_sale(store, title="New", skus=["NEW"])
        store.patch(f"/v1/admin/products/{made[2]['id']}", {"status": "archived"})

        assert titles(store, f"/v1/products?cursor={cursor}") == ["Tee 1", "Tee 0"]

    def test_lists_a_product_in_the_categories_above_its_own(self, store: Store) -> None:
        clothing = shelf(store, "Clothing")
        tees = shelf(store, "Tees", parent_id=clothing["id"])
        hats = shelf(store, "Hats", parent_id=clothing["id"])
        put_on_sale(store, title="Tee", skus=["TEE"], category_ids=[tees["id"]])
        put_on_sale(store, title="Hat", skus=["HAT"], category_ids=[hats["id"], tees["id"]])

        assert titles(store, "/v1/products?category=clothing") == ["Hat", "Tee"]
        assert titles(store, "/v1/products?category=tees") == ["Hat", "Tee"]
        assert titles(store, "/v1/products?category=hats") == ["Hat"]

    @pytest.mark.parametrize("path", ["/v1/products", "/v1/products?category=tees", "/v1/categories/tees/products"])
    def test_takes_one_query(self, store: Store, path: str) -> None:
        tees = shelf(store, "Tees")
        put_on_sale(store, category_ids=[tees["id"]])

        with counted(store) as calls:
            answer = store.get(path)

        assert answer.headers["Cache-Control"] == FRESH
        assert calls == {"Query": 1}

    def test_answers_an_empty_category_and_not_an_unknown_one(self, store: Store) -> None:
        shelf(store, "Tees")

        assert store.get("/v1/categories/tees/products").body == {"items": [], "next_cursor": None}
        for path in ("/v1/categories/hats/products", "/v1/products?category=hats"):
            answer = store.get(path)
            assert (answer.status, answer.code) == (404, "catalog.category_not_found")

    def test_ends_a_page_at_one_megabyte(self, store: Store) -> None:
        heavy: dict[str, Any] = {
            "description": "d" * 20_000,
            "images": [{"url": f"https://example.com/{'a' * 950}{number}", "alt": "a" * 200} for number in range(20)],
            "attributes": {f"{number:02}" + "k" * 58: "v" * 200 for number in range(50)},
        }
        for number in range(20):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"], **heavy)

        first = store.get("/v1/products?limit=100").body

        assert 0 < len(first["items"]) < 20
        rest = store.get(f"/v1/products?limit=100&cursor={first['next_cursor']}").body
        assert [item["title"] for item in first["items"] + rest["items"]] == [f"Tee {n}" for n in range(19, -1, -1)]
        assert rest["next_cursor"] is None

    def test_leaves_out_what_has_no_price_and_still_goes_on(self, store: Store) -> None:
        put_on_sale(store, title="Dollars", skus=["A"])
        put_on_sale(store, product("Euros", skus=["B"]) | {"variants": [variant("B", currency="EUR")]})

        first = store.get("/v1/products?limit=1").body

        assert first["items"] == []
        assert titles(store, f"/v1/products?limit=1&cursor={first['next_cursor']}") == ["Dollars"]


class TestCursors:
    @pytest.fixture
    def cursor(self, store: Store) -> str:
        tees = shelf(store, "Tees")
        for number in range(3):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"], category_ids=[tees["id"]])
        cursor = store.get("/v1/products?limit=1").body["next_cursor"]
        assert isinstance(cursor, str)
        return cursor

    @pytest.mark.parametrize("query", ["category=tees", "currency=EUR", "category=tees&currency=EUR"])
    def test_belong_to_their_list(self, store: Store, cursor: str, query: str) -> None:
        answer = store.get(f"/v1/products?{query}&cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")

    def test_cannot_be_moved(self, store: Store, cursor: str) -> None:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        signature, _, position = text.partition("|")
        moved = base64.urlsafe_b64encode(f"{signature}|9{position[1:]}".encode()).decode().rstrip("=")

        answer = store.get(f"/v1/products?cursor={moved}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")

    def test_hold_no_key_of_a_table(self, cursor: str) -> None:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()

        assert "products#" not in text


class TestBadQueries:
    @pytest.fixture(scope="class")
    @classmethod
    def store(cls) -> Iterator[Store]:
        """One store for all of them: nothing here may change it."""
        with running_store() as running:
            yield running

    @pytest.mark.parametrize(
        "cursor", ["x", "%00", "....", "a" * 1025, "😀", "fHw", "eyJwayI6ICJwcm9kdWN0cyNkcmFmdCJ9"]
    )
    def test_hold_no_made_up_cursor(self, store: Store, cursor: str) -> None:
        answer = store.get(f"/v1/products?cursor={cursor}")

        assert answer.status == 422
        assert answer.headers["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=-1",
            "limit=101",
            "limit=1.5",
            "limit=1e2",
            "limit=abc",
            "limit=",
            f"limit={10**30}",
            "currency=usd",
            "currency=DOLLARS",
            "currency=",
            "category=",
            "category=a%20b",
            "category=%00",
            "category=products%23draft",
            "category=../admin",
        ],
    )
    def test_are_refused_by_name(self, store: Store, query: str) -> None:
        answer = store.get(f"/v1/products?{query}")

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == [query.partition("=")[0]]


class TestListCategories:
    def test_shows_the_tree_in_order_with_one_query(self, store: Store) -> None:
        home = shelf(store, "Home", position=2)
        clothing = shelf(store, "Clothing", description="To wear.", position=1)
        tees = shelf(store, "Tees", parent_id=clothing["id"])
        hats = shelf(store, "Hats", parent_id=clothing["id"])

        with counted(store) as calls:
            answer = store.get("/v1/categories")

        def leaf(category: dict[str, Any]) -> dict[str, Any]:
            return {name: category[name] for name in ("id", "slug", "title", "description")} | {"children": []}

        assert answer.status == 200
        assert answer.headers["Cache-Control"] == FRESH
        assert answer.body == {
            "items": [leaf(clothing) | {"children": [leaf(hats), leaf(tees)]}, leaf(home)],
            "next_cursor": None,
        }
        assert calls == {"Query": 1}


@pytest.mark.parametrize("audience", ["storefront", "admin", "workers"])
class TestUnknownRoute:
    def event(self, **more: Any) -> dict[str, Any]:
        return {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/v1/nothing",
            "rawQueryString": "",
            "headers": {},
            "requestContext": {
                "http": {"method": "GET", "path": "/v1/nothing", "sourceIp": "203.0.113.7"},
                "stage": "$default",
            },
        } | more

    def test_says_so_as_every_problem_does(self, store: Store, audience: str) -> None:
        handler = load(ROOT / "functions" / audience / "edge" / "unknown_route.py").handler

        answer = handler(self.event(), LambdaContext())

        assert answer["statusCode"] == 404
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert '"code":"request.unknown_route"' in answer["body"]
