"""What the stock endpoints cost in calls to DynamoDB."""

from tests.support.calls import counted
from tests.support.store import Store

STOCK = "/v1/admin/stock/TEE-S"
ADJUSTMENT = {"location": "main", "delta": 1, "reason": "counted"}


class TestCalls:
    def test_of_a_sku_with_stock(self, shop: Store, stocked):
        stocked(available=5)

        with counted(shop) as read:
            shop.get(STOCK)
        with counted(shop) as changed:
            shop.post(f"{STOCK}/adjustments", ADJUSTMENT)
        with counted(shop) as changed_once:
            shop.post(f"{STOCK}/adjustments", ADJUSTMENT, headers={"Idempotency-Key": "k-1"})
        with counted(shop) as changed_again:
            shop.post(f"{STOCK}/adjustments", ADJUSTMENT, headers={"Idempotency-Key": "k-1"})
        with counted(shop) as shown:
            shop.post(f"{STOCK}/adjustments?dry_run=true", ADJUSTMENT)
        with counted(shop) as stock_set:
            body = {"available": 9, "expected_available": 7, "reason": "shelf count"}
            shop.put(f"{STOCK}/levels/main", body)
        with counted(shop) as threshold_set:
            shop.put(f"{STOCK}/levels/main/low-stock-threshold", {"threshold": 3})

        # One GetItem each is that of the locations.
        assert read == shown == {"Query": 1, "GetItem": 1}
        assert changed == stock_set == {"Query": 2, "GetItem": 1, "TransactWriteItems": 1}
        assert threshold_set == {"Query": 2, "GetItem": 2, "TransactWriteItems": 1}
        assert changed_once == {"GetItem": 2, "Query": 2, "TransactWriteItems": 1}
        assert changed_again == {"GetItem": 2, "Query": 1}

    def test_of_a_sku_that_never_had_stock_ask_the_catalog_once(self, shop: Store):
        with counted(shop) as read:
            shop.get(STOCK)
        with counted(shop) as listed:
            shop.get(f"{STOCK}/movements")

        assert read == {"Query": 1, "GetItem": 1, "BatchGetItem": 1}
        assert listed == {"Query": 2, "BatchGetItem": 1}
