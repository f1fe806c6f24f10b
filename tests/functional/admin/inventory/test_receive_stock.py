"""POST /v1/admin/stock/{sku}/receipts."""

from typing import Any

import pytest

from commerce.inventory import ledger
from tests.functional.admin.inventory.conftest import at
from tests.support.store import Answer, Store

PATH = "/v1/admin/stock/TEE-S/receipts"


def receive(shop: Store, quantity: Any = 5, *, path: str = PATH, key: str | None = None, **more: Any) -> Answer:
    body = {"location": "main", "quantity": quantity, **more}
    return shop.post(path, body, headers={"Idempotency-Key": key} if key else {})


class TestReceiveStock:
    def test_makes_units_available(self, shop: Store):
        answer = receive(shop, 12, reference="delivery note 17")

        assert answer.status == 201
        assert (at(answer)["available"], at(answer)["received"], at(answer)["on_hand"]) == (12, 12, 12)
        assert ledger.differences(with_history=False) == ()

    def test_sells_from_every_location(self, two_places: Store):
        receive(two_places, 2)

        answer = receive(two_places, 3, location="attic")

        assert (answer.body["available"], at(answer, "main")["available"], at(answer, "attic")["available"]) == (
            5,
            2,
            3,
        )

    def test_refuses_a_stale_quantity(self, shop: Store, stocked):
        stocked(available=2)

        answer = receive(shop, 5, expected_available=0)

        assert (answer.status, answer.code, answer.body["available"]) == (409, "inventory.stale_quantity", 2)

    @pytest.mark.parametrize("quantity", [0, -1, 1.5, "1", 10**12, None])
    def test_refuses_a_quantity_that_is_no_number_of_units(self, shop: Store, quantity: Any):
        answer = receive(shop, quantity)

        assert answer.status == 422
        assert [error["param"] for error in answer.body["errors"]] == ["quantity"]
        assert shop.items("inventory") == []

    def test_refuses_an_unknown_location(self, shop: Store):
        assert receive(shop, 1, location="moon").code == "inventory.unknown_location"

    def test_does_not_know_other_skus(self, shop: Store):
        assert receive(shop, 1, path="/v1/admin/stock/NO-SUCH/receipts").code == "inventory.unknown_sku"

    def test_the_same_key_receives_once(self, shop: Store):
        first = receive(shop, 5, key="k-1")
        again = receive(shop, 5, key="k-1")

        assert (again.status, again.body) == (first.status, first.body)
        assert at(shop.get("/v1/admin/stock/TEE-S"))["available"] == 5

    def test_a_dry_run_changes_nothing(self, shop: Store):
        answer = receive(shop, 5, path=f"{PATH}?dry_run=true")

        assert (at(answer)["available"], answer.body["dry_run"]) == (5, True)
        assert shop.items("inventory") == []
