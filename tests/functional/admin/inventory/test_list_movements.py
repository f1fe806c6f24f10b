"""GET /v1/admin/stock/{sku}/movements."""

import pytest

from tests.support.store import Store

PATH = "/v1/admin/stock/TEE-S/movements"


def project(shop: Store) -> None:
    """Deliver every movement document as the table's stream does."""
    images = [item for item in shop.items("inventory") if item.get("kind") == {"S": "movement"}]
    records = [
        {"eventID": str(number), "eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "NewImage": image}}
        for number, image in enumerate(images)
    ]
    assert shop.invoke("inventory/project_movements", {"Records": records}) == {"batchItemFailures": []}


def receive(shop: Store, quantity: int) -> str:
    body = {"location": "main", "quantity": quantity, "reference": f"note {quantity}"}
    return str(shop.post("/v1/admin/stock/TEE-S/receipts", body).body["movement_id"])


class TestListMovements:
    def test_tells_the_history_newest_first(self, shop: Store):
        received = receive(shop, 5)
        body = {"location": "main", "delta": -2, "reason": "broken in the window"}
        adjusted = shop.post("/v1/admin/stock/TEE-S/adjustments", body).body["movement_id"]
        project(shop)

        items = shop.get(PATH).body["items"]

        # Two movements of one millisecond have no order between them.
        items = sorted(items, key=lambda item: item["reason"])
        assert [{**item, "occurred_at": "then"} for item in items] == [
            {
                "movement_id": adjusted,
                "location": "main",
                "shard": 0,
                "from": "available",
                "to": None,
                "quantity": 2,
                "reason": "adjust",
                "reference": "broken in the window",
                "actor": "staff:key_test",
                "occurred_at": "then",
            },
            {
                "movement_id": received,
                "location": "main",
                "shard": 0,
                "from": None,
                "to": "available",
                "quantity": 5,
                "reason": "receive",
                "reference": "note 5",
                "actor": "staff:key_test",
                "occurred_at": "then",
            },
        ]

    def test_reads_on_with_the_cursor_without_gap_or_repeat(self, shop: Store):
        received = {receive(shop, quantity) for quantity in range(1, 8)}
        project(shop)

        pages = [shop.get(f"{PATH}?limit=3").body]
        while cursor := pages[-1]["next_cursor"]:
            pages.append(shop.get(f"{PATH}?limit=3&cursor={cursor}").body)

        items = [item for page in pages for item in page["items"]]
        times = [item["occurred_at"] for item in items]
        assert [len(page["items"]) for page in pages] == [3, 3, 1]
        assert {item["movement_id"] for item in items} == received
        assert times == sorted(times, reverse=True)

    def test_is_empty_for_a_sku_that_never_moved(self, shop: Store):
        answer = shop.get(PATH)

        assert (answer.status, answer.body) == (200, {"items": [], "next_cursor": None})

    def test_does_not_know_other_skus(self, shop: Store):
        assert shop.get("/v1/admin/stock/NO-SUCH/movements").code == "inventory.unknown_sku"

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=abc", "limit=1.5", "cursor=%F0%9F%92%A9", "cursor=x"]
    )
    def test_refuses_what_no_page_can_be(self, shop: Store, query: str):
        assert shop.get(f"{PATH}?{query}").status == 422

    def test_refuses_the_cursor_of_another_sku(self, shop: Store):
        for quantity in (1, 2):
            receive(shop, quantity)
        project(shop)
        cursor = shop.get(f"{PATH}?limit=1").body["next_cursor"]

        answer = shop.get(f"/v1/admin/stock/TEE-M/movements?cursor={cursor}")

        assert (answer.status, answer.code) == (422, "request.bad_cursor")
