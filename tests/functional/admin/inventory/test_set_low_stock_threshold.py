"""PUT /v1/admin/stock/{sku}/levels/{location}/low-stock-threshold."""

from typing import Any

import pytest

from tests.functional.admin.inventory.conftest import at
from tests.support.store import Answer, Store

PATH = "/v1/admin/stock/TEE-S/levels/main/low-stock-threshold"


def put(shop: Store, threshold: Any, *, path: str = PATH, key: str | None = None) -> Answer:
    return shop.put(path, {"threshold": threshold}, headers={"Idempotency-Key": key} if key else {})


def announced(shop: Store) -> list[tuple[str, str]]:
    events = sorted((item for item in shop.items("outbox") if item["pk"]["S"].startswith("stock#")), key=_sequence)
    return [(item["type"]["S"], item["sk"]["S"]) for item in events]


def _sequence(item: dict[str, Any]) -> str:
    return str(item["sk"]["S"])


class TestSetLowStockThreshold:
    def test_shows_the_threshold_at_the_level(self, shop: Store, stocked):
        stocked(available=10)

        answer = put(shop, 3)

        assert (answer.status, at(answer)["low_stock_threshold"]) == (200, 3)
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 10
        assert announced(shop) == []

    def test_announces_stock_that_is_low_already(self, shop: Store, stocked):
        stocked(available=3)

        put(shop, 3)
        put(shop, 3)

        assert announced(shop) == [("inventory.stock_low", "0000000001")]

    def test_counts_a_sku_without_stock_as_low(self, shop: Store):
        answer = put(shop, 0)

        assert (answer.status, at(answer)["available"]) == (200, 0)
        assert announced(shop) == [("inventory.stock_low", "0000000001")]

    def test_announces_that_it_is_no_longer_low_by_a_lower_threshold(self, shop: Store, stocked):
        stocked(available=3)

        put(shop, 5)
        put(shop, 2)

        assert announced(shop) == [
            ("inventory.stock_low", "0000000001"),
            ("inventory.stock_recovered", "0000000002"),
        ]

    def test_takes_the_threshold_away(self, shop: Store, stocked):
        stocked(available=3)
        put(shop, 5)

        answer = put(shop, None)
        put(shop, 5)

        assert at(answer)["low_stock_threshold"] is None
        assert announced(shop) == [("inventory.stock_low", "0000000001"), ("inventory.stock_low", "0000000002")]

    def test_stock_still_moves_at_a_level_that_began_with_a_threshold(self, shop: Store):
        put(shop, 2)

        answer = shop.post(
            "/v1/admin/stock/TEE-S/adjustments",
            {"location": "main", "delta": 4, "reason": "found", "expected_available": 0},
        )

        assert (at(answer)["available"], at(answer)["low_stock_threshold"]) == (4, 2)

    @pytest.mark.parametrize("threshold", [-1, 1.5, "1", 10**12, False])
    def test_refuses_what_is_no_number_of_units(self, shop: Store, threshold: Any):
        answer = put(shop, threshold)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == ["threshold"]

    def test_demands_a_threshold_or_null(self, shop: Store):
        assert shop.put(PATH, {}).status == 422

    def test_refuses_an_unknown_location(self, shop: Store):
        answer = put(shop, 1, path="/v1/admin/stock/TEE-S/levels/moon/low-stock-threshold")

        assert (answer.status, answer.code) == (422, "inventory.unknown_location")

    def test_does_not_know_other_skus(self, shop: Store):
        answer = put(shop, 1, path="/v1/admin/stock/NO-SUCH/levels/main/low-stock-threshold")

        assert (answer.status, answer.code) == (404, "inventory.unknown_sku")

    def test_the_same_key_sets_and_announces_once(self, shop: Store, stocked):
        stocked(available=3)

        first = put(shop, 3, key="k-1")
        again = put(shop, 3, key="k-1")

        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(announced(shop)) == 1
