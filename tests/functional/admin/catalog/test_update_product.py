"""PATCH /v1/admin/products/{product_id}"""

import json
from typing import Any

import pytest

from commerce.catalog import operations, variants
from commerce.kernel import clock
from commerce.kernel.reads import fetch
from tests.functional.admin.catalog.interleaved import before_the_first_commit
from tests.support.calls import counted
from tests.support.products import product, put_on_sale, shelf, variant
from tests.support.store import Answer, Store


def at(made: dict[str, Any]) -> str:
    return f"/v1/admin/products/{made['id']}"


def stocked(sku: str, available: int, revision: int) -> None:
    operations.record_availability(sku=sku, available=available, revision=revision, now=clock.now())


def sellable(sku: str) -> bool:
    reads = variants.variant_reads(skus=[sku])
    return variants.variants(answers=fetch(reads), skus=[sku])[sku].sellable


def in_shop(store: Store, path: str = "/v1/products") -> list[str]:
    return [item["title"] for item in store.get(path).body["items"]]


class TestUpdateProduct:
    def test_changes_what_is_given_and_leaves_the_rest(self, store: Store) -> None:
        made = put_on_sale(store, description="Soft.", attributes={"Fit": "Loose"})

        answer = store.patch(at(made), {"title": "Dock tee"}, headers={"If-Match": '"1"'})

        assert answer.status == 200
        assert answer.headers["ETag"] == '"2"'
        assert answer.body == made | {"title": "Dock tee", "version": 2, "updated_at": answer.body["updated_at"]}
        assert store.get(at(made)).body == answer.body
        assert store.get("/v1/admin/products").body["items"] == [answer.body]
        assert in_shop(store) == ["Dock tee"]

    def test_announces_it(self, store: Store) -> None:
        made = put_on_sale(store)

        store.patch(at(made), {"status": "archived"})

        event = max(store.items("outbox"), key=lambda item: item["sk"]["S"])
        assert event["type"]["S"] == "catalog.product_updated"
        assert event["sequence"]["N"] == "2"
        assert event["data"]["S"] == (f'{{"product_id": "{made["id"]}", "slug": "harbor-tee", "status": "archived"}}')

    def test_takes_one_read_and_one_transaction(self, store: Store) -> None:
        made = put_on_sale(store)

        with counted(store) as calls:
            store.patch(at(made), {"title": "Dock tee"})

        assert calls == {"GetItem": 1, "TransactWriteItems": 1}

    def test_moves_its_address(self, store: Store) -> None:
        made = put_on_sale(store)

        store.patch(at(made), {"slug": "dock-tee"})

        assert store.get("/v1/products/harbor-tee").status == 404
        assert store.get("/v1/products/dock-tee").body["id"] == made["id"]
        assert put_on_sale(store, skus=["NEXT"])["slug"] == "harbor-tee"

    def test_moves_between_categories_and_those_above_them(self, store: Store) -> None:
        clothing = shelf(store, "Clothing")
        tees = shelf(store, "Tees", parent_id=clothing["id"])
        sale = shelf(store, "Sale")
        made = put_on_sale(store, category_ids=[tees["id"]])

        store.patch(at(made), {"category_ids": [sale["id"], sale["id"]]})

        assert in_shop(store, "/v1/products?category=sale") == ["Harbor tee"]
        assert in_shop(store, "/v1/categories/clothing/products") == []
        assert in_shop(store, "/v1/categories/tees/products") == []

    def test_changes_what_carts_pay(self, store: Store) -> None:
        made = put_on_sale(store)

        store.patch(at(made), {"variants": [variant("TEE", 2500)]})

        reads = variants.variant_reads(skus=["TEE"])
        [seen] = variants.variants(answers=fetch(reads), skus=["TEE"]).values()
        assert str(seen.prices["USD"]) == "25.00 USD"

    @pytest.mark.parametrize("status", ["draft", "archived"])
    def test_takes_it_out_of_the_shop_and_puts_it_back(self, store: Store, status: str) -> None:
        tees = shelf(store, "Tees")
        made = put_on_sale(store, category_ids=[tees["id"]])
        stocked("TEE", 4, 1)

        store.patch(at(made), {"status": status})

        assert in_shop(store) == in_shop(store, "/v1/products?category=tees") == []
        assert store.get("/v1/products/harbor-tee").status == 404
        assert store.get(f"/v1/products/{made['id']}").status == 404
        assert not sellable("TEE")
        assert len(store.get(f"/v1/admin/products?status={status}").body["items"]) == 1
        assert store.get("/v1/admin/products?status=active").body["items"] == []

        store.patch(at(made), {"status": "active"})

        assert in_shop(store) == in_shop(store, "/v1/products?category=tees") == ["Harbor tee"]
        assert store.get("/v1/products/harbor-tee").body["variants"][0]["available"] == 4
        assert sellable("TEE")


class TestVariants:
    def test_keeps_a_sku_that_was_taken_out(self, store: Store) -> None:
        made = put_on_sale(store, skus=["S", "M"])
        stocked("M", 6, 1)

        store.patch(at(made), {"options": [], "variants": [variant("S")]})

        assert [v["sku"] for v in store.get("/v1/products/harbor-tee").body["variants"]] == ["S"]
        assert not sellable("M")
        taken = store.post("/v1/admin/products", product("Other", skus=["M"]))
        assert (taken.status, taken.code) == (409, "catalog.sku_taken")

    def test_revives_a_sku_with_the_stock_of_today(self, store: Store) -> None:
        made = put_on_sale(store, skus=["S", "M"])
        both = {
            "options": made["options"],
            "variants": [{key: value for key, value in v.items() if key != "available"} for v in made["variants"]],
        }
        store.patch(at(made), {"options": [], "variants": [variant("S")]})
        stocked("M", 6, 1)

        answer = store.patch(at(made), both)

        assert [(v["sku"], v["available"]) for v in answer.body["variants"]] == [("S", 0), ("M", 6)]
        assert sellable("M")

    def test_does_not_touch_the_stock_of_the_others(self, store: Store) -> None:
        made = put_on_sale(store)
        stocked("TEE", 5, 9)

        answer = store.patch(at(made), {"title": "Dock tee", "variants": [variant("TEE", 10)]})
        stocked("TEE", 3, 8)

        assert answer.body["variants"][0]["available"] == 5
        assert store.get("/v1/products").body["items"][0]["variants"][0]["available"] == 5

    def test_checks_the_variants_it_has_against_new_options(self, store: Store) -> None:
        made = put_on_sale(store, skus=["S", "M"])

        answer = store.patch(at(made), {"options": [{"name": "Size", "values": ["S", "L"]}]})

        assert (answer.status, answer.code) == (422, "catalog.invalid_variants")
        assert [error["param"] for error in answer.body["errors"]] == ["variants.1.options.Size"]
        assert store.get(at(made)).body == made

    def test_refuses_to_exchange_more_than_a_transaction_takes(self, store: Store) -> None:
        made = put_on_sale(store, skus=[f"OLD-{number}" for number in range(50)])
        new = product(skus=[f"NEW-{number}" for number in range(50)])

        answer = store.patch(at(made), {"options": new["options"], "variants": new["variants"]})

        assert (answer.status, answer.code) == (409, "request.too_many_writes")
        assert store.get(at(made)).body == made

    def test_refuses_to_grow_past_the_size_of_its_rows(self, store: Store) -> None:
        made = put_on_sale(store, attributes={f"{place}" + "k" * 40: "v" * 200 for place in range(50)})
        pictures = [{"url": f"https://example.com/{'a' * 900}{n}", "alt": "a" * 200} for n in range(20)]
        store.patch(at(made), {"images": pictures})
        options = [{"name": "Size", "values": [f"{n:02}" + "v" * 58 for n in range(50)]}]
        rich = [
            variant(f"S{n}", options={"Size": options[0]["values"][n]}, image=f"https://example.com/{'b' * 400}")
            for n in range(50)
        ]
        store.patch(at(made), {"options": options, "variants": rich})

        answer = store.patch(at(made), raw=json.dumps({"description": "ж" * 20_000}, ensure_ascii=False))

        assert (answer.status, answer.code) == (422, "catalog.product_too_large")
        assert store.get(at(made)).body["description"] == ""


class TestConcurrency:
    def test_refuses_a_stale_version(self, store: Store) -> None:
        made = put_on_sale(store)
        store.patch(at(made), {"title": "Dock tee"}, headers={"If-Match": '"1"'})

        answer = store.patch(at(made), {"title": "Pier tee"}, headers={"If-Match": '"1"'})

        assert (answer.status, answer.code) == (412, "request.stale_version")
        assert in_shop(store) == ["Dock tee"]

    def test_refuses_the_slower_of_two_that_saw_the_same(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        made = put_on_sale(store)
        headers = {"If-Match": '"1"'}
        fast = before_the_first_commit(
            monkeypatch, lambda: store.patch(at(made), {"title": "Dock tee"}, headers=headers)
        )

        slow = store.patch(at(made), {"description": "Soft."}, headers=headers)

        assert (fast[0].status, slow.status) == (200, 412)
        assert store.get(at(made)).body == fast[0].body

    def test_keeps_both_changes_when_nobody_named_a_version(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = put_on_sale(store)
        before_the_first_commit(monkeypatch, lambda: store.patch(at(made), {"title": "Dock tee"}))

        answer = store.patch(at(made), {"description": "Soft."})

        assert (answer.body["title"], answer.body["description"], answer.body["version"]) == ("Dock tee", "Soft.", 3)

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": "Dock tee"},
            {"status": "active"},
            {
                "variants": [
                    variant("TEE", 5),
                ]
            },
        ],
    )
    def test_never_shows_the_stock_of_yesterday(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
    ) -> None:
        made = put_on_sale(store)
        stocked("TEE", 5, 1)
        before_the_first_commit(monkeypatch, lambda: stocked("TEE", 2, 2))

        answer = store.patch(at(made), changes)

        assert (answer.status, answer.body["version"]) == (200, 2)
        assert answer.body["variants"][0]["available"] == 2
        assert store.get("/v1/products").body["items"][0]["variants"][0]["available"] == 2

    def test_takes_up_stock_that_came_before_the_sku(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        made = put_on_sale(store)
        stocked("NEW", 3, 1)
        before_the_first_commit(monkeypatch, lambda: stocked("NEW", 8, 2))

        answer = store.patch(at(made), {"variants": [variant("NEW")]})

        assert answer.body["variants"][0]["available"] == 8


class TestRepeat:
    def test_gives_the_product_again(self, store: Store) -> None:
        made = put_on_sale(store)
        headers = {"Idempotency-Key": "k1", "If-Match": '"1"'}
        first = store.patch(at(made), {"title": "Dock tee"}, headers=headers)

        again = store.patch(at(made), {"title": "Dock tee"}, headers=headers)

        assert (again.status, again.body) == (200, first.body)
        assert again.headers["Idempotent-Replayed"] == "true"


class TestBadInput:
    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"title": None}, "title"),
            ({"title": ""}, "title"),
            ({"description": None}, "description"),
            ({"status": "gone"}, "status"),
            ({"id": "prod_2"}, "id"),
            ({"variants": []}, "variants"),
            ({"category_ids": ["cat_unknown"]}, "category_ids.0"),
            ({"slug": ""}, "slug"),
        ],
    )
    def test_says_which_field_and_changes_nothing(self, store: Store, body: dict[str, Any], param: str) -> None:
        made = put_on_sale(store)

        answer = store.patch(at(made), body)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == [param]
        assert store.get(at(made)).body == made

    def test_refuses_a_slug_that_is_taken(self, store: Store) -> None:
        put_on_sale(store, title="Dock tee", skus=["DOCK"])
        made = put_on_sale(store)

        answer = store.patch(at(made), {"slug": "dock-tee"})

        assert (answer.status, answer.code) == (409, "catalog.slug_taken")
        assert store.get("/v1/products/harbor-tee").status == 200

    @pytest.mark.parametrize("product_id", ["prod_nothing", "x", "..%2F..", "%00", "a" * 200])
    def test_knows_no_other_products(self, store: Store, product_id: str) -> None:
        answer: Answer = store.patch(f"/v1/admin/products/{product_id}", {"title": "x"})

        assert answer.status == 404

    def test_refuses_an_etag_that_is_none(self, store: Store) -> None:
        made = put_on_sale(store)

        answer = store.patch(at(made), {"title": "x"}, headers={"If-Match": "1"})

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, "If-Match")
