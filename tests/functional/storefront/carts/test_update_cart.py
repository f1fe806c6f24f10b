"""PATCH /v1/carts/{cart_id}."""

from typing import Any

from tests.support.shipping import flat
from tests.support.store import Store

NO_CHANGES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"email": "ann"}, "email"),
    ({"email": "ann@@example.com"}, "email"),
    ({"email": "Ann <ann@example.com>"}, "email"),
    ({"email": "ann@example.com\nBcc: all@example.com"}, "email"),
    ({"email": "a" * 300 + "@example.com"}, "email"),
    ({"email": "änn@example.com"}, "email"),
    ({"email": 7}, "email"),
    ({"currency": "ZZZ"}, "currency"),
    ({"shipping_method": "a b"}, "shipping_method"),
    ({"shipping_method": "x" * 81}, "shipping_method"),
    ({"shipping_address": "Bergen"}, "shipping_address"),
    ({"shipping_address": {}}, "shipping_address.name"),
    ({"state": "ordered"}, "state"),
    ({"totals": {}}, "totals"),
    ({"lines": []}, "lines"),
    ({"hold_used_seconds": 0}, "hold_used_seconds"),
)

NO_ADDRESSES: tuple[dict[str, Any], ...] = (
    {"country": "no"},
    {"country": "NOR"},
    {"country": "XX"},
    {"country": "UK"},
    {"country": ""},
    {"name": ""},
    {"name": "x" * 201},
    {"name": "Ann\u0000"},
    {"line1": "Kaigaten 1\nBergen"},
    {"city": None},
    {"postal_code": 5015},
    {"planet": "Earth"},
)


class TestUpdateCart:
    def test_changes_the_given_fields_only(self, store: Store, shop, address):
        cart_id = shop.ready_cart(TEE_S=1)

        answer = store.patch(f"/v1/carts/{cart_id}", {"email": "  Bo@EXAMPLE.com "})

        assert answer.status == 200
        assert answer.body["email"] == "Bo@example.com"
        assert answer.body["shipping_address"]["name"] == address["name"]
        assert answer.body["shipping_method"] == "standard"
        assert answer.body == store.get(f"/v1/carts/{cart_id}").body

    def test_clears_what_is_null(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=1)
        nothing = {"email": None, "shipping_address": None, "shipping_method": None, "billing_address": None}

        answer = store.patch(f"/v1/carts/{cart_id}", nothing)

        assert {name: answer.body[name] for name in nothing} == nothing

    def test_changes_nothing_when_nothing_is_given(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=1)
        before = store.get(f"/v1/carts/{cart_id}").body

        answer = store.patch(f"/v1/carts/{cart_id}", {})

        moving = {"version", "updated_at", "expires_at"}
        assert {name: value for name, value in answer.body.items() if name not in moving} == {
            name: value for name, value in before.items() if name not in moving
        }

    def test_takes_forms_with_empty_optional_fields(self, store: Store, shop, address):
        cart_id = shop.cart()
        form = {**address, "line2": "", "region": " ", "phone": ""}

        answer = store.patch(f"/v1/carts/{cart_id}", {"shipping_address": form, "billing_address": address})

        assert answer.status == 200
        assert answer.body["shipping_address"] == {**address, "line2": None, "region": None, "phone": None}
        assert answer.body["billing_address"]["city"] == address["city"]

    def test_prices_all_anew_in_another_currency(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=2)

        euro = store.patch(f"/v1/carts/{cart_id}", {"currency": "EUR"}).body
        back = store.patch(f"/v1/carts/{cart_id}", {"currency": None}).body

        assert euro["totals"]["due"] == {"amount": 2 * 1899 + 450, "currency": "EUR"}
        assert euro["problems"] == []
        assert back["totals"]["due"] == {"amount": 2 * 1999 + 500, "currency": "USD"}

    def test_tells_what_is_not_sold_in_the_new_currency(self, store: Store, shop):
        cart_id = shop.ready_cart(TEE_S=1, MUG=1)

        body = store.patch(f"/v1/carts/{cart_id}", {"currency": "EUR"}).body

        assert [(problem["code"], problem["param"]) for problem in body["problems"]] == [
            ("carts.line_unavailable", "lines.MUG")
        ]
        assert body["lines"][1]["unit_price"] is None
        assert body["lines"][1]["title"] == "Tide Mug"

    def test_refuses_a_shipping_method_that_is_not_on_offer_and_says_which_are(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1)

        answer = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com", "shipping_method": "drone"})

        assert (answer.status, answer.code) == (422, "carts.shipping_method_unavailable")
        assert answer.body["errors"] == [
            {
                "param": "shipping_method",
                "code": "carts.shipping_method_unavailable",
                "message": "'drone' is not on offer for this cart; on offer: 'standard'.",
            }
        ]
        assert answer.body["shipping_methods"] == [flat("standard", 500)]
        assert store.get(f"/v1/carts/{cart_id}").body["email"] is None

    def test_refuses_a_method_that_does_not_serve_the_new_address(self, store: Store, shop, address):
        shop.ships("local", {"amount": 100, "currency": "USD"}, countries=["NO", "SE"])
        cart_id = shop.cart(TEE_S=1)
        change = {"shipping_method": "local", "shipping_address": {**address, "country": "DE"}}

        refused = store.patch(f"/v1/carts/{cart_id}", change)
        taken = store.patch(f"/v1/carts/{cart_id}", {**change, "shipping_address": address})

        assert refused.code == "carts.shipping_method_unavailable"
        assert taken.body["totals"]["shipping"]["amount"] == 100

    def test_keeps_the_method_and_tells_when_a_later_address_rules_it_out(self, store: Store, shop, address):
        shop.ships("local", {"amount": 100, "currency": "USD"}, countries=["NO"])
        cart_id = shop.cart(TEE_S=1)

        early = store.patch(f"/v1/carts/{cart_id}", {"shipping_method": "local", "email": "ann@example.com"})
        late = store.patch(f"/v1/carts/{cart_id}", {"shipping_address": {**address, "country": "DE"}})

        assert early.status == 200
        assert late.body["shipping_method"] == "local"
        assert [problem["code"] for problem in late.body["problems"]] == ["carts.shipping_method_unavailable"]

    def test_refuses_what_cannot_be_meant(self, store: Store, shop):
        path = f"/v1/carts/{shop.cart()}"

        answers = [store.patch(path, change) for change, _ in NO_CHANGES]

        assert [(answer.status, answer.body["errors"][0]["param"]) for answer in answers] == [
            (422, param) for _, param in NO_CHANGES
        ]
        assert store.get(path).body["version"] == 1

    def test_says_what_is_wrong_with_an_address(self, store: Store, shop, address):
        path = f"/v1/carts/{shop.cart()}"

        answers = [store.patch(path, {"billing_address": address | wrong}) for wrong in NO_ADDRESSES]

        assert [[fault["param"] for fault in answer.body["errors"]] for answer in answers] == [
            [f"billing_address.{field}" for field in wrong] for wrong in NO_ADDRESSES
        ]
        assert {answer.status for answer in answers} == {422}

    def test_does_not_find_another_cart(self, store: Store, shop):
        answer = store.patch("/v1/carts/cart_aaaaaaaaaaaaaaaaaaaaaaaaaa", {"email": "ann@example.com"})

        assert (answer.status, answer.code) == (404, "carts.not_found")

    def test_refuses_a_stale_version(self, store: Store, shop):
        cart_id = shop.cart(TEE_S=1)

        answer = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com"}, headers={"If-Match": '"1"'})

        assert answer.status == 412

    def test_has_its_effect_once_per_key(self, store: Store, shop):
        cart_id, headers = shop.cart(TEE_S=1), {"Idempotency-Key": "patch-1"}

        first = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com"}, headers=headers)
        second = store.patch(f"/v1/carts/{cart_id}", {"email": "ann@example.com"}, headers=headers)

        assert second.body == first.body
        assert second.headers["Idempotent-Replayed"] == "true"
        assert "ann@example.com" not in str(store.items("idempotency"))
