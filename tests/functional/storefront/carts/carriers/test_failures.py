"""Whatever keeps carriers from answering stops nobody from buying."""

import json
from typing import Any

import pytest

from tests.support import aws
from tests.support.carrier_shop import (
    FALLBACK,
    MINUTE,
    OFFERED,
    SETTINGS,
    carries,
    cart,
    choose,
    codes,
    listed,
    shown,
)
from tests.support.carriers import KEY, Provider, rate
from tests.support.shipping import money
from tests.support.store import Store


class TestFailures:
    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 500},
            {"status": 429, "headers": {"Retry-After": "30"}},
            {"text": "<html>"},
            {"text": "{}"},
            {"hangs_up": True},
            {"rates": [rate("ups_ground", 7.5, currency="cad")]},
        ],
    )
    def test_leave_the_methods_own_rates(self, shop: Store, provider: Provider, fault: dict[str, Any]):
        for name, value in fault.items():
            setattr(provider, name, value)
        cart_id = cart(shop)

        items = listed(shop, cart_id)
        chosen = choose(shop, cart_id, "ups")

        assert shown(items) == FALLBACK
        assert (chosen.status, chosen.body["totals"]["shipping"]) == (200, money(990))
        assert codes(shop, cart_id) == []

    def test_take_no_longer_than_two_seconds(self, shop: Store, provider: Provider, monkeypatch):
        monkeypatch.setattr("commerce.adapters.carriers.BUDGET_SECONDS", 0.2)
        provider.wait_seconds = 1.0

        assert shown(listed(shop, cart(shop))) == FALLBACK

    def test_make_nobody_wait_for_the_next_minute(self, shop: Store, provider: Provider):
        provider.status = 503
        cart_id = cart(shop)
        listed(shop, cart_id)
        listed(shop, cart_id)

        assert len(provider.asked) == 1

        provider.status = 200
        shop.tick(MINUTE)

        assert shown(listed(shop, cart_id)) == OFFERED

    def test_last_as_long_as_the_provider_says(self, shop: Store, provider: Provider):
        provider.status, provider.headers = 429, {"Retry-After": "200"}
        cart_id = cart(shop)
        listed(shop, cart_id)
        provider.status = 200
        shop.tick(3 * MINUTE)

        assert shown(listed(shop, cart_id)) == FALLBACK
        shop.tick(MINUTE)
        assert shown(listed(shop, cart_id)) == OFFERED

    def test_leave_offers_that_still_hold(self, shop: Store, provider: Provider):
        cart_id = cart(shop)
        listed(shop, cart_id)
        shop.tick(20 * MINUTE)
        provider.status = 503

        assert shown(listed(shop, cart_id)) == OFFERED

    def test_without_rates_of_its_own_leave_a_method_out(self, shop: Store, provider: Provider):
        carries(shop, prices=None)
        provider.status = 503

        assert shown(listed(shop, cart(shop))) == [("Standard", 500)]

    def test_of_a_missing_key_are_no_other(self, shop: Store):
        aws.client("ssm").delete_parameter(Name=SETTINGS["CARRIER_API_KEY_NAME"])
        aws.forget_answers()

        assert shown(listed(shop, cart(shop))) == FALLBACK

    def test_never_show_the_key(self, shop: Store, provider: Provider, capfd):
        provider.status = 401
        listed(shop, cart(shop))

        assert KEY not in "".join(capfd.readouterr())
        assert KEY not in json.dumps(shop.items("shipping"))

    def test_do_not_let_a_shopper_take_the_own_rates_while_there_are_offers(self, shop: Store):
        cart_id = cart(shop)

        before = choose(shop, cart_id, "ups")
        listed(shop, cart_id)
        after = choose(shop, cart_id, "ups")

        assert (before.status, before.code) == (422, "carts.shipping_method_unavailable")
        assert shown(before.body["shipping_methods"]) == [("Standard", 500)]
        assert after.status == 422
        assert shown(after.body["shipping_methods"]) == OFFERED
