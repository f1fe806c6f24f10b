"""GET /v1/admin/stock/{sku}."""

import pytest

from tests.support.store import Store


class TestGetStock:
    def test_shows_every_bucket_and_their_sums(self, shop: Store, stocked):
        stocked(available=7, reserved=2, committed=3, dispatched=4, damaged=1, quality_hold=5, written_off=6)

        answer = shop.get("/v1/admin/stock/TEE-S")

        assert answer.status == 200
        assert answer.body == {
            "sku": "TEE-S",
            "available": 7,
            "levels": [
                {
                    "location": "main",
                    "available": 7,
                    "reserved": 2,
                    "committed": 3,
                    "dispatched": 4,
                    "sold": 7,
                    "damaged": 1,
                    "quality_hold": 5,
                    "written_off": 6,
                    "received": 28,
                    "on_hand": 18,
                    "low_stock_threshold": None,
                    "shards": 1,
                }
            ],
        }

    def test_shows_zeros_for_a_sku_that_never_had_stock(self, two_places: Store):
        answer = two_places.get("/v1/admin/stock/TEE-S")

        assert answer.status == 200
        assert [(level["location"], level["available"], level["received"]) for level in answer.body["levels"]] == [
            ("main", 0, 0),
            ("attic", 0, 0),
        ]

    def test_shows_what_is_left_at_a_location_that_no_longer_sells(self, two_places: Store, stocked):
        stocked(available=2)
        stocked(location="closed-shop", available=3)

        answer = two_places.get("/v1/admin/stock/TEE-S")

        assert answer.body["available"] == 2
        assert [level["location"] for level in answer.body["levels"]] == ["main", "attic", "closed-shop"]

    @pytest.mark.parametrize("sku", ["NO-SUCH", "tee-s", "%20", "a" * 101, "TEE-S%23level"])
    def test_does_not_know_other_skus(self, shop: Store, sku: str):
        assert shop.get(f"/v1/admin/stock/{sku}").status == 404

    def test_refuses_a_key_that_may_not_read_stock(self, shop: Store):
        shop.staff_scopes = "catalog:read"

        answer = shop.get("/v1/admin/stock/TEE-S")

        assert (answer.status, answer.code) == (403, "request.forbidden")
