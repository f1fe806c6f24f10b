"""PUT /v1/admin/stock/{sku}/levels/{location}."""

from typing import Any

import pytest

from commerce.inventory import ledger
from tests.functional.admin.inventory.conftest import at
from tests.support.store import Answer, Store

PATH = "/v1/admin/stock/TEE-S/levels/main"


def put(shop: Store, available: Any, expected: Any, *, path: str = PATH, key: str | None = None, **more: Any) -> Answer:
    body = {"available": available, "expected_available": expected, "reason": "shelf count", **more}
    return shop.put(path, body, headers={"Idempotency-Key": key} if key else {})


class TestSetStock:
    def test_moves_the_difference_up_and_down(self, shop: Store):
        up = put(shop, 9, 0)
        down = put(shop, 4, 9)

        assert (up.status, at(up)["available"], at(up)["received"]) == (200, 9, 9)
        assert (at(down)["available"], at(down)["received"]) == (4, 4)
        assert ledger.differences(with_history=False) == ()

    def test_leaves_what_is_reserved_and_sold_alone(self, shop: Store, stocked):
        stocked(available=5, reserved=3, committed=2)

        answer = put(shop, 0, 5)

        assert (at(answer)["available"], at(answer)["reserved"], at(answer)["sold"]) == (0, 3, 2)
        assert at(answer)["received"] == 5

    def test_refuses_a_stale_quantity_and_tells_the_present_one(self, shop: Store, stocked):
        stocked(available=7)

        answer = put(shop, 9, 5)

        assert (answer.status, answer.code, answer.body["available"]) == (409, "inventory.stale_quantity", 7)
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 7

    def test_refuses_a_stale_quantity_even_when_the_wish_is_fulfilled(self, shop: Store, stocked):
        stocked(available=9)

        assert put(shop, 9, 5).code == "inventory.stale_quantity"

    def test_overwrites_what_the_caller_does_not_care_about(self, shop: Store, stocked):
        stocked(available=7)

        assert at(put(shop, 9, None))["available"] == 9

    def test_demands_that_the_caller_says_what_they_saw(self, shop: Store):
        answer = shop.put(PATH, {"available": 3, "reason": "shelf count"})

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == ["expected_available"]

    def test_writes_no_history_when_nothing_moves(self, shop: Store, stocked):
        stocked(available=7)
        before = shop.items("inventory")

        answer = put(shop, 7, 7, key="k-1")
        again = put(shop, 7, 7, key="k-1")

        assert (answer.status, answer.body["movement_id"]) == (200, None)
        assert again.body == answer.body
        assert shop.items("inventory") == before

    @pytest.mark.parametrize("available", [-1, 1.5, "1", 10**12, None])
    def test_refuses_what_is_no_number_of_units(self, shop: Store, available: Any):
        answer = put(shop, available, None)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == ["available"]

    def test_refuses_an_unknown_location(self, shop: Store):
        answer = put(shop, 1, None, path="/v1/admin/stock/TEE-S/levels/moon")

        assert (answer.status, answer.code) == (422, "inventory.unknown_location")

    def test_does_not_know_other_skus(self, shop: Store):
        assert put(shop, 1, None, path="/v1/admin/stock/NO-SUCH/levels/main").code == "inventory.unknown_sku"

    def test_the_same_key_sets_once(self, shop: Store, stocked):
        first = put(shop, 9, 0, key="k-1")
        stocked(available=1)

        again = put(shop, 9, 0, key="k-1")

        assert again.body["movement_id"] == first.body["movement_id"]
        assert at(again)["available"] == 10

    def test_a_dry_run_changes_nothing(self, shop: Store):
        answer = put(shop, 5, 0, path=f"{PATH}?dry_run=true")

        assert (at(answer)["available"], answer.body["dry_run"]) == (5, True)
        assert shop.items("inventory") == []
