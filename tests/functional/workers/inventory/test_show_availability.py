"""inventory/show_availability: pages follow when locations open, close or keep more back."""

from tests.support.products import put_on_sale
from tests.support.store import Store, running_store

WORKER = "inventory/show_availability"


def available(store: Store) -> int:
    [variant] = store.get("/v1/products/harbor-tee").body["variants"]
    shown: int = variant["available"]
    return shown


def locate(store: Store, location_id: str = "main", **fields: object) -> None:
    assert store.put(f"/v1/admin/locations/{location_id}", {"title": "Main", **fields}).status == 200


def stocked(store: Store, location: str = "main", quantity: int = 5) -> None:
    put_on_sale(store)
    body = {"location": location, "quantity": quantity}
    assert store.post("/v1/admin/stock/TEE/receipts", body).status == 201
    store.drain()


class TestShowAvailability:
    def test_shows_what_is_kept_back_and_what_is_for_sale_again(self, store: Store):
        stocked(store)
        locate(store, buffers={"*": 2})
        before = available(store)

        assert store.invoke(WORKER) == {"seen": 1}
        kept = available(store)
        locate(store)
        store.invoke(WORKER)

        assert (before, kept, available(store)) == (5, 3, 5)

    def test_does_nothing_once_everything_is_shown(self, store: Store):
        stocked(store)
        assert store.invoke(WORKER) == {"seen": 0}
        locate(store)
        store.invoke(WORKER)

        assert store.invoke(WORKER) == {"seen": 0}

    def test_follows_a_location_that_closes(self, store: Store):
        stocked(store)
        locate(store, active=False)

        store.invoke(WORKER)

        assert available(store) == 0

    def test_goes_through_all_products_in_parts(self, store: Store, monkeypatch):
        stocked(store)
        for number in range(3):
            put_on_sale(store, title=f"Tee {number}", skus=[f"TEE-{number}"])
        locate(store)
        monkeypatch.setattr("commerce.inventory.showing.PAGE", 1)
        monkeypatch.setattr("commerce.inventory.showing.MOST_SKUS", 2)

        assert [store.invoke(WORKER)["seen"] for _ in range(3)] == [2, 2, 0]

    def test_begins_anew_when_locations_change_meanwhile(self, store: Store, monkeypatch):
        stocked(store)
        put_on_sale(store, title="Tee 1", skus=["TEE-1"])
        locate(store, buffers={"*": 1})
        monkeypatch.setattr("commerce.inventory.showing.PAGE", 1)
        monkeypatch.setattr("commerce.inventory.showing.MOST_SKUS", 1)
        store.invoke(WORKER)
        locate(store, buffers={"*": 2})

        assert [store.invoke(WORKER)["seen"] for _ in range(3)] == [1, 1, 0]
        assert available(store) == 3

    def test_notices_what_nobody_was_told_of(self, store: Store):
        stocked(store)
        store.put("/v1/admin/stock/TEE/levels/main/low-stock-threshold", {"threshold": 3})
        body = {"location": "main", "delta": -3, "reason": "lost"}
        store.post("/v1/admin/stock/TEE/adjustments", body)
        locate(store, buffers={"*": 1})

        store.invoke(WORKER)

        announced = [item["type"]["S"] for item in store.items("outbox") if item["pk"]["S"].startswith("stock#")]
        assert announced == ["inventory.stock_low"]
        assert available(store) == 1

    def test_what_moves_meanwhile_shows_the_present_locations(self, store: Store):
        stocked(store)
        locate(store, buffers={"*": 2})
        body = {"location": "main", "quantity": 5}
        store.post("/v1/admin/stock/TEE/receipts", body)
        store.drain()

        assert available(store) == 8
        store.invoke(WORKER)
        assert available(store) == 8


class TestChannels:
    def test_see_what_they_are_offered(self, store: Store):
        stocked(store)
        locate(store, buffers={"*": 2, "pos": 0})
        store.invoke(WORKER)

        found = [
            store.get(f"/v1/products/harbor-tee{query}").body["variants"][0]["available"]
            for query in ("", "?channel=pos", "?channel=market")
        ]
        [listed] = store.get("/v1/products?channel=pos").body["items"]

        assert found == [3, 5, 3]
        assert listed["variants"][0]["available"] == 5

    def test_see_the_same_again_once_nothing_sets_them_apart(self, store: Store):
        stocked(store)
        locate(store, buffers={"pos": 2})
        store.invoke(WORKER)
        locate(store)
        store.invoke(WORKER)

        assert store.get("/v1/products/harbor-tee?channel=pos").body["variants"][0]["available"] == 5

    def test_keep_their_numbers_when_the_product_changes(self, store: Store):
        stocked(store)
        locate(store, buffers={"pos": 2})
        store.invoke(WORKER)
        [product] = store.get("/v1/admin/products").body["items"]

        store.patch(f"/v1/admin/products/{product['id']}", {"title": "Other tee"})

        assert product["variants"][0]["available"] == 5
        assert store.get("/v1/products/harbor-tee?channel=pos").body["variants"][0]["available"] == 3


class TestBands:
    def test_say_whether_there_are_few(self):
        with running_store(LOW_STOCK_BAND="3") as store:
            stocked(store, quantity=4)
            seen = [store.get("/v1/products/harbor-tee").body["variants"][0]]
            for quantity in (-1, -3):
                body = {"location": "main", "delta": quantity, "reason": "lost"}
                assert store.post("/v1/admin/stock/TEE/adjustments", body).status == 201
                store.drain()
                seen.append(store.get("/v1/products/harbor-tee").body["variants"][0])

        assert [(variant["stock"], variant["available"]) for variant in seen] == [
            ("in_stock", 4),
            ("low", 3),
            ("out", 0),
        ]

    def test_stand_for_numbers_where_the_shop_wants_that(self):
        with running_store(STOCK_SHOWN_AS="band") as store:
            stocked(store)
            variant = store.get("/v1/products/harbor-tee").body["variants"][0]

        assert (variant["stock"], variant["available"]) == ("low", None)
