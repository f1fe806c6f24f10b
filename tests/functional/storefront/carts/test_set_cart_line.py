"""PUT /v1/carts/{cart_id}/lines/{sku}."""

from typing import Any

from commerce.carts import operations
from commerce.kernel.records import connection
from commerce.kernel.transactions import commit
from tests.support.store import Store

NO_QUANTITIES: tuple[object, ...] = (-1, 1.5, 1.0, "1", 1000, 10**12, 10**19, True, None, [1], {})

NO_BODIES = {
    '{"quantity": 1, "quantity": 2}': (400, "body.duplicate_key"),
    '{"quantity": 1': (400, "body.not_json"),
    "[1]": (400, "body.not_an_object"),
    '"1"': (400, "body.not_an_object"),
    '{"quantity": NaN}': (400, "body.not_json"),
    '{"quantity": 1' + "0" * 30 + "}": (400, "body.number_too_long"),
    '{"quantity": ' + "[" * 20 + "]" * 20 + "}": (400, "body.too_deep"),
    '{"quantity": 1, "\\ud800": 1}': (400, "body.not_unicode"),
    "{}": (422, "invalid.missing"),
    '{"quantity": 1, "unit_price": {"amount": 1, "currency": "USD"}}': (422, "invalid.extra_forbidden"),
    '{"quantity": 1, "sku": "MUG"}': (422, "invalid.extra_forbidden"),
}

NO_SKUS = ("x" * 101, "%00", "a%20b", "a%2Fb", "%F0%9F%91%95", "TEE-S'--", "a%0Ab")


class TestSetCartLine:
    def test_adds_changes_and_removes_a_line(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1, MUG=2)

        changed = shop.puts(cart_id, "TEE-S", 3)
        removed = shop.puts(cart_id, "TEE-S", 0)

        assert [(line["sku"], line["quantity"]) for line in changed.body["lines"]] == [("TEE-S", 3), ("MUG", 2)]
        assert changed.body["totals"]["subtotal"]["amount"] == 3 * 1999 + 2 * 1200
        assert [line["sku"] for line in removed.body["lines"]] == ["MUG"]
        assert store.get(f"/v1/carts/{cart_id}").body == removed.body

    def test_says_the_whole_quantity_and_not_a_change(self, store: Store, shop):
        cart_id = shop.cart()

        answers = [shop.puts(cart_id, "TEE-S", 2) for _ in range(3)]

        assert [answer.body["lines"][0]["quantity"] for answer in answers] == [2, 2, 2]

    def test_takes_more_than_there_is_and_says_so(self, store: Store, shop):
        cart_id = shop.cart()

        answer = shop.puts(cart_id, "TEE-S", 999)

        assert answer.body["problems"][0]["code"] == "carts.insufficient_stock"
        assert answer.body["problems"][0]["available"] == 5
        assert answer.body["lines"][0]["quantity"] == 999

    def test_refuses_what_is_no_quantity(self, store: Store, shop):
        path = f"/v1/carts/{shop.cart(TEE_S=1)}"

        answers = [store.put(f"{path}/lines/TEE-S", {"quantity": quantity}) for quantity in NO_QUANTITIES]

        seen = [(answer.status, *(fault["param"] for fault in answer.body["errors"])) for answer in answers]
        assert dict(zip(map(repr, NO_QUANTITIES), seen, strict=True)) == dict.fromkeys(
            map(repr, NO_QUANTITIES), (422, "quantity")
        )
        assert all(answer.body["errors"][0]["message"] for answer in answers)
        assert store.get(path).body["version"] == 2

    def test_refuses_what_is_no_such_body(self, store: Store, shop):
        path = f"/v1/carts/{shop.cart()}"

        answers = {raw: store.call("PUT", f"{path}/lines/TEE-S", raw=raw) for raw in NO_BODIES}

        assert {raw: (answer.status, answer.body["errors"][0]["code"]) for raw, answer in answers.items()} == NO_BODIES
        assert store.get(path).body["version"] == 1

    def test_refuses_no_body(self, store: Store, shop):
        cart_id = shop.cart()

        answer = store.put(f"/v1/carts/{cart_id}/lines/TEE-S")

        assert answer.status == 422

    def test_refuses_another_content_type(self, store: Store, shop):
        path = f"/v1/carts/{shop.cart()}/lines/TEE-S"

        answer = store.call("PUT", path, raw="quantity=1", headers={"Content-Type": "text/plain"})

        assert answer.status == 415

    def test_does_not_find_an_unknown_sku(self, store: Store, shop):
        cart_id = shop.cart(MUG=1)

        answer = store.put(f"/v1/carts/{cart_id}/lines/NOPE", {"quantity": 1})

        assert (answer.status, answer.code) == (404, "carts.unknown_sku")
        assert answer.body["errors"] == [
            {"param": "sku", "code": "carts.unknown_sku", "message": "The shop does not sell 'NOPE'."}
        ]
        assert [line["sku"] for line in store.get(f"/v1/carts/{cart_id}").body["lines"]] == ["MUG"]

    def test_shows_no_difference_between_a_draft_and_nothing(self, store: Store, shop):
        shop.sells("DRAFT", {"amount": 100, "currency": "USD"}, status="draft")
        cart_id = shop.cart()

        draft = store.put(f"/v1/carts/{cart_id}/lines/DRAFT", {"quantity": 1})
        nothing = store.put(f"/v1/carts/{cart_id}/lines/NOPED", {"quantity": 1})

        assert draft.status == nothing.status == 404
        assert {name: draft.body[name] for name in ("code", "title", "type")} == {
            name: nothing.body[name] for name in ("code", "title", "type")
        }
        assert draft.body["detail"] == nothing.body["detail"].replace("NOPED", "DRAFT")

    def test_says_in_which_currencies_it_is_sold(self, store: Store, shop):
        cart_id = shop.cart("JPY")

        answer = store.put(f"/v1/carts/{cart_id}/lines/TEE-S", {"quantity": 1})

        assert (answer.status, answer.code) == (422, "carts.not_sold_in_currency")
        assert answer.body["detail"] == "'TEE-S' has no price in JPY; it is sold in EUR, USD."

    def test_does_not_find_a_hostile_sku(self, store: Store, shop):
        path = f"/v1/carts/{shop.cart()}/lines"

        seen = {sku: store.put(f"{path}/{sku}", {"quantity": 1}).status for sku in NO_SKUS}

        assert seen == dict.fromkeys(NO_SKUS, 404)

    def test_does_not_find_a_line_of_a_cart_that_is_not_there(self, store: Store, shop):
        answer = store.put("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa/lines/TEE-S", {"quantity": 1})

        assert (answer.status, answer.code) == (404, "carts.not_found")
        assert store.items("carts") == []

    def test_refuses_a_stale_version(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1)
        path = f"/v1/carts/{cart_id}/lines/TEE-S"

        fresh = store.put(path, {"quantity": 2}, headers={"If-Match": '"2"'})
        stale = store.put(path, {"quantity": 3}, headers={"If-Match": '"2"'})

        assert fresh.status == 200
        assert (stale.status, stale.code) == (412, "request.stale_version")

    def test_has_its_effect_once_per_key(self, store: Store, shop):
        cart_id = shop.cart()
        path, headers = f"/v1/carts/{cart_id}/lines/TEE-S", {"Idempotency-Key": "line-1"}

        first = store.put(path, {"quantity": 2}, headers=headers)
        shop.puts(cart_id, "TEE-S", 4)
        second = store.put(path, {"quantity": 2}, headers=headers)

        assert first.body["lines"][0]["quantity"] == 2
        assert second.headers["Idempotent-Replayed"] == "true"
        assert second.body["lines"][0]["quantity"] == 4

    def test_keeps_both_of_two_changes_at_the_same_moment(self, store: Store, shop, monkeypatch):
        cart_id = shop.cart()

        def overtaken(writes: Any) -> None:
            monkeypatch.setattr(operations, "commit", commit)
            shop.puts(cart_id, "MUG", 1)
            commit(writes)

        monkeypatch.setattr(operations, "commit", overtaken)

        answer = shop.puts(cart_id, "TEE-S", 2)

        assert [(line["sku"], line["quantity"]) for line in answer.body["lines"]] == [("MUG", 1), ("TEE-S", 2)]
        assert answer.body["version"] == 3

    def test_recognizes_its_own_write_when_the_response_was_lost(self, store: Store, shop, monkeypatch):
        cart_id = shop.cart()
        shared = connection()
        dispatch = shared.dispatch

        def sent_twice(operation: str, arguments: dict[str, Any]) -> Any:
            if operation == "PutItem":
                dispatch(operation, arguments)
            return dispatch(operation, arguments)

        monkeypatch.setattr(shared, "dispatch", sent_twice)

        answer = shop.puts(cart_id, "TEE-S", 2)

        assert answer.body["version"] == 2
        assert answer.body == store.get(f"/v1/carts/{cart_id}").body
