"""PUT /v1/admin/stock/{sku}/shards, and what staff do with a SKU that is split."""

from typing import Any

import pytest

from commerce.inventory import ledger, operations
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.functional.admin.inventory.conftest import at
from tests.support.calls import counted
from tests.support.store import Answer, Store

STOCK = "/v1/admin/stock/TEE-S"
PATH = f"{STOCK}/shards"


def split(shop: Store, shards: Any, *, key: str | None = None, **more: Any) -> Answer:
    return shop.put(PATH, {"shards": shards, **more}, headers={"Idempotency-Key": key} if key else {})


def parts(shop: Store, location: str = "main") -> dict[int, int]:
    """Return what is available in each shard, as it is stored."""
    rows = [item for item in shop.items("inventory") if item["sk"]["S"].split("#")[:2] == ["level", location]]
    shards = {int(row["sk"]["S"].removeprefix(f"level#{location}").removeprefix("#") or 0): row for row in rows}
    return {shard: int(shards[shard].get("available", {"N": "0"})["N"]) for shard in sorted(shards)}


class TestSplitStock:
    def test_spreads_what_is_available_and_shows_the_sum(self, shop: Store, stocked):
        stocked(available=10, reserved=2)

        answer = split(shop, 4)

        assert (answer.status, at(answer)["shards"]) == (200, 4)
        assert (answer.body["available"], at(answer)["reserved"], at(answer)["received"]) == (10, 2, 12)
        assert parts(shop) == {0: 3, 1: 3, 2: 2, 3: 2}
        assert ledger.differences(with_history=False) == ()

    def test_puts_together_what_was_split(self, shop: Store, stocked):
        stocked(available=10)
        split(shop, 8)

        answer = split(shop, 1)

        assert (at(answer)["shards"], at(answer)["available"], at(answer)["received"]) == (1, 10, 10)
        assert parts(shop) == {0: 10, **dict.fromkeys(range(1, 8), 0)}
        assert all("shards" not in item for item in shop.items("inventory"))
        assert ledger.differences(with_history=False) == ()

    @pytest.mark.parametrize("fewer", [4, 2, 1])
    def test_units_that_come_back_into_a_former_shard_are_sold_again(self, shop: Store, stocked, fewer: int):
        stocked(available=16)
        split(shop, 8)
        moved(Bucket.AVAILABLE, Bucket.RESERVED, shard=7)
        split(shop, fewer)

        moved(Bucket.RESERVED, Bucket.AVAILABLE, shard=7)
        project(shop)

        assert parts(shop)[7] == 0
        assert sum(parts(shop)[shard] for shard in range(fewer)) == 16
        assert ledger.differences() == ()

    def test_works_before_the_first_delivery_and_at_every_location(self, two_places: Store):
        answer = split(two_places, 2)

        assert [level["shards"] for level in answer.body["levels"]] == [2, 2]
        two_places.post(f"{STOCK}/receipts", {"location": "attic", "quantity": 5})
        assert parts(two_places, "attic") == {0: 3, 1: 2}

    def test_the_same_again_changes_nothing(self, shop: Store, stocked):
        stocked(available=10)
        split(shop, 4)

        with counted(shop) as calls:
            split(shop, 4)

        assert calls["TransactWriteItems"] == 0

    def test_the_same_key_splits_once(self, shop: Store, stocked):
        stocked(available=10)

        first, again = split(shop, 4, key="k-1"), split(shop, 4, key="k-1")

        assert again.body == first.body
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_refuses_those_who_saw_another_number(self, shop: Store, stocked):
        stocked(available=10)
        split(shop, 4)

        answer = split(shop, 16, expected_shards=2)

        assert (answer.status, answer.code, answer.body["shards"]) == (409, "inventory.stale_shards", 4)
        assert split(shop, 16, expected_shards=4).status == 200

    @pytest.mark.parametrize("shards", [0, 3, 32, "4", None])
    def test_refuses_other_numbers(self, shop: Store, shards: Any):
        assert split(shop, shards).status == 422

    def test_does_not_know_other_skus(self, shop: Store):
        answer = shop.put("/v1/admin/stock/NO-SUCH/shards", {"shards": 4})

        assert (answer.status, answer.code) == (404, "inventory.unknown_sku")

    def test_history_tells_units_that_changed_shards(self, shop: Store, stocked):
        stocked(available=4)
        split(shop, 2)
        project(shop)

        moves = [item for item in shop.get(f"{STOCK}/movements").body["items"] if item["reason"] == "rebalance"]

        assert sorted((move["shard"], move["from"], move["to"], move["quantity"]) for move in moves) == [
            (0, "available", None, 2),
            (1, None, "available", 2),
        ]


class TestStockOfASplitSku:
    @pytest.fixture(autouse=True)
    def _hot(self, shop: Store, stocked):
        stocked(available=10)
        split(shop, 4)

    def test_receipts_are_poured_over_the_shards(self, shop: Store):
        shop.post(f"{STOCK}/adjustments", {"location": "main", "delta": -3, "reason": "broken"})
        answer = shop.post(f"{STOCK}/receipts", {"location": "main", "quantity": 13, "expected_available": 7})

        assert (answer.status, at(answer)["available"]) == (201, 20)
        assert parts(shop) == dict.fromkeys(range(4), 5)

    def test_adjustments_take_from_as_many_shards_as_they_need(self, shop: Store):
        answer = shop.post(
            f"{STOCK}/adjustments", {"location": "main", "delta": -9, "reason": "gone", "expected_available": 10}
        )

        assert (answer.status, at(answer)["available"], sum(parts(shop).values())) == (201, 1, 1)
        assert ledger.differences(with_history=False) == ()

    def test_more_than_all_shards_have_is_refused_with_their_sum(self, shop: Store):
        answer = shop.post(f"{STOCK}/adjustments", {"location": "main", "delta": -11, "reason": "gone"})

        assert (answer.status, answer.code) == (409, "inventory.insufficient_stock")
        assert answer.body["errors"][0]["message"] == "Only 10 of TEE-S are left; 11 are needed."

    @pytest.mark.parametrize(
        ("path", "method", "body"),
        [
            ("adjustments", "POST", {"location": "main", "delta": 1, "reason": "found"}),
            ("receipts", "POST", {"location": "main", "quantity": 1}),
            ("levels/main", "PUT", {"available": 11, "reason": "counted"}),
        ],
    )
    def test_what_was_seen_is_compared_with_the_sum(self, shop: Store, path: str, method: str, body: dict[str, Any]):
        stale = shop.call(method, f"{STOCK}/{path}", body | {"expected_available": 9})
        fresh = shop.call(method, f"{STOCK}/{path}", body | {"expected_available": 10})

        assert (stale.status, stale.code, stale.body["available"]) == (409, "inventory.stale_quantity", 10)
        assert (fresh.status < 300, at(fresh)["available"]) == (True, 11)

    def test_is_set_whatever_there_was(self, shop: Store):
        body = {"available": 3, "expected_available": None, "reason": "counted"}

        assert at(shop.put(f"{STOCK}/levels/main", body))["available"] == 3

    def test_a_threshold_is_about_the_sum(self, shop: Store):
        path = f"{STOCK}/levels/main/low-stock-threshold"

        shop.put(path, {"threshold": 9})
        assert announced(shop) == []
        shop.put(path, {"threshold": 10})
        shop.put(path, {"threshold": 3})

        assert announced(shop) == ["inventory.stock_low", "inventory.stock_recovered"]
        assert at(shop.put(path, {"threshold": None}))["low_stock_threshold"] is None

    def test_costs_as_many_calls_as_any_other(self, shop: Store):
        with counted(shop) as read:
            shop.get(STOCK)
        with counted(shop) as changed:
            shop.post(f"{STOCK}/receipts", {"location": "main", "quantity": 4})

        assert read == {"Query": 1, "GetItem": 1}
        assert changed == {"Query": 2, "GetItem": 1, "TransactWriteItems": 1}


def announced(shop: Store) -> list[str]:
    items = [item for item in shop.items("outbox") if item["pk"]["S"].startswith("stock#")]
    return [item["type"]["S"] for item in sorted(items, key=lambda item: str(item["sk"]["S"]))]


def moved(source: Bucket, target: Bucket, *, shard: int) -> None:
    """Move a unit as orders do that hold it."""
    call = system_call(worker="test", now=clock.now())
    moves = [Move("TEE-S", "main", source, target, 1, shard)]
    commit(operations.move(moves=moves, reason=Reason.COUNT, reference="test", call=call))


def project(shop: Store) -> None:
    """Deliver every movement as the stream does, and those that follow from them."""
    for _ in range(2):
        images = [item for item in shop.items("inventory") if item.get("kind") == {"S": "movement"}]
        records = [
            {"eventID": f"{number}", "eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{number}", "NewImage": it}}
            for number, it in enumerate(images)
        ]
        assert shop.invoke("inventory/project_movements", {"Records": records}) == {"batchItemFailures": []}
