"""GET /v1/admin/products and GET /v1/admin/products/{product_id}"""

import pytest

from tests.support.calls import counted
from tests.support.products import put_on_sale
from tests.support.store import Store

ROUTE = "/v1/admin/products"


class TestListProducts:
    def test_shows_all_or_those_of_one_status_the_newest_first(self, store: Store) -> None:
        made = {
            status: put_on_sale(store, title=status, status=status, skus=[status])
            for status in ("draft", "active", "archived")
        }

        everything = store.get(ROUTE).body

        assert everything == {"items": [made["archived"], made["active"], made["draft"]], "next_cursor": None}
        for status, product in made.items():
            assert store.get(f"{ROUTE}?status={status}").body["items"] == [product]

    def test_goes_on_where_the_page_ended(self, store: Store) -> None:
        for number in range(5):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"])

        first = store.get(f"{ROUTE}?limit=2").body
        second = store.get(f"{ROUTE}?limit=2&cursor={first['next_cursor']}").body
        third = store.get(f"{ROUTE}?limit=2&cursor={second['next_cursor']}").body

        titles = [[item["title"] for item in page["items"]] for page in (first, second, third)]
        assert titles == [["Tee 4", "Tee 3"], ["Tee 2", "Tee 1"], ["Tee 0"]]
        assert third["next_cursor"] is None

    def test_takes_one_query(self, store: Store) -> None:
        put_on_sale(store)

        with counted(store) as calls:
            store.get(f"{ROUTE}?status=active")

        assert calls == {"Query": 1}

    def test_refuses_a_cursor_of_another_list(self, store: Store) -> None:
        for number in range(2):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"])
        cursor = store.get(f"{ROUTE}?limit=1").body["next_cursor"]

        answer = store.get(f"{ROUTE}?limit=1&status=active&cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")

    @pytest.mark.parametrize("query", ["status=gone", "status=", "limit=0", "limit=101", "limit=x", "limit=1&limit=2"])
    def test_refuses(self, store: Store, query: str) -> None:
        answer = store.get(f"{ROUTE}?{query}")

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, query.partition("=")[0])

    @pytest.mark.parametrize("path", [ROUTE, f"{ROUTE}/prod_x"])
    def test_wants_the_scope(self, store: Store, path: str) -> None:
        store.staff_scopes = "orders:read"

        assert store.get(path).code == "request.forbidden"


class TestGetProduct:
    def test_shows_a_draft(self, store: Store) -> None:
        made = put_on_sale(store, status="draft")

        with counted(store) as calls:
            answer = store.get(f"{ROUTE}/{made['id']}")

        assert (answer.status, answer.body, answer.headers["ETag"]) == (200, made, '"1"')
        assert answer.headers["Cache-Control"] == "no-store"
        assert calls == {"GetItem": 1}

    @pytest.mark.parametrize("product_id", ["prod_nothing", "harbor-tee", "%2e%2e", "a%20b", "😀"])
    def test_finds_nothing_else(self, store: Store, product_id: str) -> None:
        put_on_sale(store)

        assert store.get(f"{ROUTE}/{product_id}").status == 404
