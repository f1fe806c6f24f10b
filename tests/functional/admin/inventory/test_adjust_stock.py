"""POST /v1/admin/stock/{sku}/adjustments."""

from typing import Any

import pytest

from commerce.inventory import ledger
from tests.functional.admin.inventory.conftest import at
from tests.support.store import Answer, Store

PATH = "/v1/admin/stock/TEE-S/adjustments"


def adjust(shop: Store, delta: Any = 5, *, path: str = PATH, key: str | None = None, **more: Any) -> Answer:
    body = {"location": "main", "delta": delta, "reason": "counted", **more}
    return shop.post(path, body, headers={"Idempotency-Key": key} if key else {})


class TestAdjustStock:
    def test_adds_units_that_were_found(self, shop: Store):
        answer = adjust(shop, 5)

        assert answer.status == 201
        assert (at(answer)["available"], at(answer)["received"], answer.body["available"]) == (5, 5, 5)
        assert answer.body["movement_id"].startswith("mov_")
        assert ledger.differences(with_history=False) == ()

    def test_takes_units_that_were_lost(self, shop: Store, stocked):
        stocked(available=5, reserved=2)

        answer = adjust(shop, -5)

        assert (at(answer)["available"], at(answer)["reserved"], at(answer)["received"]) == (0, 2, 2)
        assert ledger.differences(with_history=False) == ()

    def test_two_adjustments_add_up(self, shop: Store):
        adjust(shop, 5)

        assert at(adjust(shop, 5))["available"] == 10

    def test_accepts_the_quantity_that_was_seen(self, shop: Store, stocked):
        assert at(adjust(shop, 5, expected_available=0))["available"] == 5
        assert at(adjust(shop, -1, expected_available=5))["available"] == 4

    def test_refuses_a_stale_quantity_and_tells_the_present_one(self, shop: Store, stocked):
        stocked(available=7)

        answer = adjust(shop, 1, expected_available=5)

        assert (answer.status, answer.code) == (409, "inventory.stale_quantity")
        assert answer.body["available"] == 7
        assert answer.body["errors"][0]["param"] == "expected_available"
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 7

    def test_refuses_to_go_below_zero(self, shop: Store, stocked):
        stocked(available=3, reserved=9)

        answer = adjust(shop, -4)

        assert (answer.status, answer.code) == (409, "inventory.insufficient_stock")
        assert answer.body["errors"] == [
            {
                "param": "delta",
                "code": "inventory.insufficient_stock",
                "message": "Only 3 of TEE-S are left; 4 are needed.",
            }
        ]
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 3

    @pytest.mark.parametrize("delta", [0, 1.5, "1", 10**12, -(10**12), True, None, [], 1e2])
    def test_refuses_a_delta_that_is_no_change_in_units(self, shop: Store, delta: Any):
        answer = adjust(shop, delta)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == ["delta"]
        assert shop.items("inventory") == []

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"reason": ""}, "reason"),
            ({"reason": "a\nb"}, "reason"),
            ({"reason": "x" * 201}, "reason"),
            ({"location": "#"}, "location"),
            ({"expected_available": -1}, "expected_available"),
            ({"expected_available": "3"}, "expected_available"),
            ({"actor": "me"}, "actor"),
        ],
    )
    def test_refuses_a_malformed_field(self, shop: Store, more: dict[str, Any], param: str):
        answer = adjust(shop, 1, **more)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == [param]

    def test_refuses_an_unknown_location(self, shop: Store):
        answer = adjust(shop, 1, location="moon")

        assert (answer.status, answer.code) == (422, "inventory.unknown_location")
        assert answer.body["errors"][0]["param"] == "location"
        assert shop.items("inventory") == []

    def test_empties_a_location_that_no_longer_sells(self, shop: Store, stocked):
        stocked(location="closed-shop", available=3)

        answer = adjust(shop, -3, location="closed-shop")

        assert at(answer, "closed-shop")["available"] == 0

    def test_does_not_know_other_skus(self, shop: Store):
        answer = adjust(shop, 1, path="/v1/admin/stock/NO-SUCH/adjustments")

        assert (answer.status, answer.code) == (404, "inventory.unknown_sku")
        assert shop.items("inventory") == []

    def test_refuses_a_key_that_may_only_read(self, shop: Store):
        shop.staff_scopes = "inventory:read"

        assert adjust(shop, 1).status == 403


class TestReplay:
    def test_the_same_key_moves_units_once_and_gives_the_first_answer(self, shop: Store):
        first = adjust(shop, 5, key="k-1")
        again = adjust(shop, 5, key="k-1")

        assert (again.status, again.body) == (first.status, first.body)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 5

    def test_refuses_the_same_key_for_another_change(self, shop: Store):
        adjust(shop, 5, key="k-1")

        answer = adjust(shop, 6, key="k-1")

        assert (answer.status, answer.code) == (422, "idempotency.key_reused")
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 5

    def test_a_refused_change_leaves_the_key_unused(self, shop: Store, stocked):
        assert adjust(shop, -1, key="k-1").status == 409
        stocked(available=1)

        assert adjust(shop, -1, key="k-1").status == 201


class TestDryRun:
    def test_shows_what_would_be_and_changes_nothing(self, shop: Store, stocked):
        stocked(available=5)
        before = shop.items("inventory")

        answer = adjust(shop, -2, path=f"{PATH}?dry_run=true", key="k-1")

        assert answer.status == 201
        assert (at(answer)["available"], at(answer)["received"]) == (3, 3)
        assert (answer.body["dry_run"], answer.body["movement_id"]) == (True, None)
        assert shop.items("inventory") == before
        assert shop.items("idempotency") == []

    def test_shows_what_would_be_refused(self, shop: Store, stocked):
        stocked(available=1)

        assert adjust(shop, -2, path=f"{PATH}?dry_run=true").code == "inventory.insufficient_stock"
