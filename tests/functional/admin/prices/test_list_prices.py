"""The prices of a SKU in price lists, and all that is known of them."""

from typing import Any

import pytest

from commerce.catalog import sku_prices
from commerce.kernel.transactions import commit
from tests.support.calls import counted
from tests.support.pricing import LISTS, later, money, page_variant, put_list, put_price
from tests.support.products import put_on_sale, variant
from tests.support.store import PROCESS, Store


@pytest.fixture
def shop(store: Store) -> Store:
    put_on_sale(store)
    put_list(store)
    return store


def prices(store: Store, sku: str = "TEE") -> Any:
    answer = store.get(f"/v1/admin/prices/{sku}")
    assert answer.status == 200, answer.body
    return answer.body


def sources(store: Store, sku: str = "TEE") -> list[tuple[str, int]]:
    return [(price["source"], price["price"]["amount"]) for price in prices(store, sku)["now"]]


class TestPutListPrice:
    def test_answers_the_prices_by_quantity(self, shop: Store) -> None:
        answer = put_price(shop, "summer", "TEE", (10, 1200), (1, 1500), compare_at=money(2500))

        assert answer.status == 200
        assert answer.headers["ETag"] == '"1"'
        assert answer.body == {
            "list_id": "summer",
            "sku": "TEE",
            "tiers": [
                {"min_quantity": 1, "amount": money(1500)},
                {"min_quantity": 10, "amount": money(1200)},
            ],
            "compare_at": money(2500),
            "version": 1,
        }
        assert prices(shop)["lists"] == [{name: part for name, part in answer.body.items() if name != "version"}]

    def test_is_shown_on_pages_at_once(self, shop: Store) -> None:
        put_price(shop, "summer", "TEE", (1, 1500))

        found = page_variant(shop)
        assert (found["price"], found["compare_at"]) == (money(1500), money(1900))
        assert found["lowest_price_30_days"] == money(1900)
        [listed] = shop.get("/v1/products").body["items"]
        assert listed["variants"] == [found]

    def test_replaces_and_takes_out(self, shop: Store) -> None:
        put_price(shop, "summer", "TEE", (1, 1500), compare_at=money(2500))
        put_price(shop, "summer", "TEE", (1, 1400))
        changed = page_variant(shop)
        answer = put_price(shop, "summer", "TEE")

        assert (changed["price"], changed["compare_at"]) == (money(1400), money(1900))
        assert (answer.body["tiers"], answer.body["version"]) == ([], 3)
        assert page_variant(shop)["price"] == money(1900)
        assert prices(shop)["lists"] == []

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({}, "tiers"),
            ({"tiers": [{"min_quantity": 0, "amount": money(1)}]}, "tiers.0.min_quantity"),
            ({"tiers": [{"min_quantity": 1000, "amount": money(1)}]}, "tiers.0.min_quantity"),
            ({"tiers": [{"min_quantity": 1, "amount": money(-1)}]}, "body"),
            ({"tiers": [{"min_quantity": 1, "amount": money(100_000_000)}]}, "body"),
            ({"tiers": [{"min_quantity": 1, "amount": money(1)}] * 2}, "body"),
            ({"tiers": [{"min_quantity": n + 1, "amount": money(1)} for n in range(21)]}, "tiers"),
            ({"tiers": [{"min_quantity": 1, "amount": 5}]}, "tiers.0.amount"),
            ({"tiers": [{"min_quantity": 1, "amount": money(1, "EUR")}]}, "tiers.0.amount.currency"),
            (
                {"tiers": [{"min_quantity": 1, "amount": money(1)}], "compare_at": money(1, "EUR")},
                "compare_at.currency",
            ),
            ({"tiers": [], "list_id": "other"}, "list_id"),
        ],
    )
    def test_says_what_is_wrong(self, shop: Store, body: dict[str, Any], param: str) -> None:
        answer = shop.put(f"{LISTS}/summer/prices/TEE", body)

        assert (answer.status, answer.body["errors"][0]["param"]) == (422, param)
        assert prices(shop)["version"] == 0

    def test_does_not_find_what_is_not_there(self, shop: Store) -> None:
        assert put_price(shop, "winter", "TEE", (1, 1)).code == "prices.list_not_found"
        assert put_price(shop, "summer", "MUG", (1, 1)).code == "prices.unknown_sku"
        assert shop.get("/v1/admin/prices/MUG").code == "prices.unknown_sku"

    def test_refuses_a_stale_version(self, shop: Store) -> None:
        put_price(shop, "summer", "TEE", (1, 1500))

        stale = put_price(shop, "summer", "TEE", (1, 1400), headers={"If-Match": '"0"'})
        fresh = put_price(shop, "summer", "TEE", (1, 1300), headers={"If-Match": '"1"'})

        assert (stale.status, fresh.status) == (412, 200)
        assert sources(shop) == [("list:summer", 1300)]

    def test_has_its_effect_once_per_key(self, shop: Store) -> None:
        headers = {"Idempotency-Key": "price-1"}

        first = put_price(shop, "summer", "TEE", (1, 1500), headers=headers)
        second = put_price(shop, "summer", "TEE", (1, 1500), headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert prices(shop)["version"] == 1

    def test_takes_twenty_lists_per_sku(self, shop: Store) -> None:
        for number in range(20):
            put_list(shop, f"list-{number}")
            assert put_price(shop, f"list-{number}", "TEE", (1, 1500)).status == 200

        refused = put_price(shop, "summer", "TEE", (1, 1))
        shop.delete(f"{LISTS}/list-3")

        assert (refused.status, refused.code) == (409, "prices.too_many_lists")
        assert put_price(shop, "summer", "TEE", (1, 1)).status == 200

    def test_is_announced_per_sku(self, shop: Store) -> None:
        put_price(shop, "summer", "TEE", (1, 1500))
        put_price(shop, "summer", "TEE")

        found = [item for item in shop.items("outbox") if item["pk"]["S"] == "sku-prices#TEE"]
        assert [item["type"]["S"] for item in found] == ["catalog.sku_price_put"] * 2
        assert sorted(item["sequence"]["N"] for item in found) == ["1", "2"]

    def test_needs_the_scope(self, shop: Store) -> None:
        shop.staff_scopes = "prices:read catalog:write"

        assert put_price(shop, "summer", "TEE", (1, 1)).status == 403
        shop.staff_scopes = "catalog:read"
        assert shop.get("/v1/admin/prices/TEE").status == 403

    def test_leaves_the_product_and_its_version_alone(self, shop: Store) -> None:
        [before] = shop.get("/v1/admin/products").body["items"]

        put_price(shop, "summer", "TEE", (1, 1500))

        assert shop.get("/v1/admin/products").body["items"] == [before]
        answer = shop.patch(f"/v1/admin/products/{before['id']}", {"title": "Tee"}, headers={"If-Match": '"1"'})
        assert answer.status == 200
        assert page_variant(shop)["price"] == money(1500)


class TestTogether:
    def test_keeps_what_others_did_to_the_product_meanwhile(self, shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        [made] = shop.get("/v1/admin/products").body["items"]

        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(sku_prices, "commit", commit)
            process = PROCESS.set(1)
            shop.patch(f"/v1/admin/products/{made['id']}", {"variants": [variant("TEE", 2500)]})
            put_price(shop, "winter", "TEE", (1, 1700))
            put_list(shop, "spring")
            PROCESS.reset(process)
            commit(writes)

        put_list(shop, "winter", kind="override")
        monkeypatch.setattr(sku_prices, "commit", overtaken)

        answer = put_price(shop, "summer", "TEE", (1, 1500))

        assert (answer.status, answer.body["version"]) == (200, 2)
        assert {entry["list_id"] for entry in prices(shop)["lists"]} == {"summer", "winter"}
        found = page_variant(shop)
        assert (found["price"], found["compare_at"]) == (money(1500), money(2500))

    def test_has_no_price_in_a_list_that_goes_away_meanwhile(
        self, shop: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(sku_prices, "commit", commit)
            shop.delete(f"{LISTS}/summer")
            commit(writes)

        monkeypatch.setattr(sku_prices, "commit", overtaken)

        assert put_price(shop, "summer", "TEE", (1, 1500)).code == "prices.list_not_found"
        assert prices(shop)["version"] == 0

    def test_does_not_revive_prices_of_a_deleted_list(self, shop: Store) -> None:
        put_price(shop, "summer", "TEE", (1, 1500))
        shop.delete(f"{LISTS}/summer")
        put_list(shop)

        assert sources(shop) == [("catalog.price", 1900)]
        assert prices(shop)["lists"] == []


class TestGetPrices:
    def test_tells_everything_with_its_reasons(self, store: Store) -> None:
        body = variant(
            "TEE",
            compare_at=[money(2200)],
            cost=money(700),
            measure={"quantity": 250, "unit": "g"},
        )
        made = put_on_sale(store, {"title": "Harbor tee", "status": "active", "variants": [body]})
        put_list(store, customer_groups=["vip"])
        put_price(store, "summer", "TEE", (1, 1500))

        answer = prices(store)

        assert answer["product_id"] == made["id"]
        assert (answer["prices"], answer["compare_at"], answer["cost"]) == ([money(1900)], [money(2200)], money(700))
        assert answer["measure"] == {"quantity": 250, "unit": "g", "reference": None}
        [now] = answer["now"]
        assert (now["source"], now["price"], now["compare_at"]) == ("catalog.price", money(1900), money(2200))
        assert now["lowest_price_30_days"] is None
        assert [(one["source"], one["reason"]) for one in now["candidates"]] == [
            ("list:summer", "customer_group"),
            ("catalog.price", None),
        ]

    def test_shows_what_it_cost_before(self, shop: Store) -> None:
        [made] = shop.get("/v1/admin/products").body["items"]
        assert prices(shop)["timeline"] == []
        later(shop, days=3)
        shop.patch(f"/v1/admin/products/{made['id']}", {"variants": [variant("TEE", 1700)]})
        later(shop, days=3)
        put_price(shop, "summer", "TEE", (1, 1500))

        catalog, summer = prices(shop)["timeline"]

        assert (catalog["list_id"], catalog["currency"]) == (None, "USD")
        assert [(point["since"], point["amount"]) for point in catalog["points"]] == [
            (made["created_at"], money(1900)),
            (catalog["points"][1]["since"], money(1700)),
        ]
        assert (summer["list_id"], [point["amount"] for point in summer["points"]]) == ("summer", [money(1500)])


class TestCalls:
    def test_of_a_price_are_three_reads_and_one_transaction(self, shop: Store) -> None:
        with counted(shop) as written:
            put_price(shop, "summer", "TEE", (1, 1500))
        with counted(shop) as read:
            prices(shop)

        assert written == {"BatchGetItem": 1, "GetItem": 1, "TransactWriteItems": 1}
        assert read == {"BatchGetItem": 1}
