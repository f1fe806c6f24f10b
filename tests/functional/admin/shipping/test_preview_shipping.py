"""What staff see when they try their rates out."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import aws
from tests.support.calls import counted
from tests.support.carriers import KEY, Provider, rate, running_provider
from tests.support.shipping import flat, money
from tests.support.store import Answer, Store, running_store

PATH = "/v1/admin/shipping/preview"
ORIGIN = {"name": "Quay shop", "line1": "1 Quay", "city": "Portland", "postal_code": "04101", "country": "US"}


def sells(store: Store, sku: str = "LAMP", **variant: Any) -> None:
    fields = {"sku": sku, "prices": [money(4500), money(700, "JPY")], "weight_grams": 1200, **variant}
    added = store.post("/v1/admin/products", {"title": sku, "status": "draft", "variants": [fields]})
    assert added.status == 201, added.body


def ships(store: Store, method_id: str = "standard", **fields: Any) -> None:
    body = {"title": method_id.capitalize(), "prices": [money(500)], **fields}
    assert store.put(f"/v1/admin/shipping-methods/{method_id}", body).status == 200


def look(store: Store, *lines: tuple[str, int], **fields: Any) -> Answer:
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines or (("LAMP", 2),)]
    return store.post(PATH, {"lines": wanted, "destination": {"country": "DE"}, **fields})


@pytest.fixture
def shop(store: Store) -> Store:
    sells(store, length_mm=200, width_mm=400, height_mm=300)
    return store


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


class TestPreview:
    def test_shows_what_is_there_and_why_the_rest_is_not(self, shop: Store):
        ships(shop, position=1)
        ships(shop, "paused", active=False)
        ships(shop, "nordic", countries=["NO"])
        ships(shop, "yen", prices=[money(700, "JPY")])
        ships(shop, "light", conditions={"max_weight_grams": 2000})

        answer = look(shop)

        assert answer.status == 200
        assert answer.body == {
            "parcel": {"quantity": 2, "weight_grams": 2400, "volume_mm3": 48_000_000, "amount": money(9000)},
            "zones": [],
            "items": [flat("standard", 500)],
            "refused": [
                {"id": "light", "title": "Light", "reason": "weight"},
                {"id": "nordic", "title": "Nordic", "reason": "country"},
                {"id": "paused", "title": "Paused", "reason": "inactive"},
                {"id": "yen", "title": "Yen", "reason": "currency"},
            ],
            "carriers": "not_asked",
        }

    def test_names_the_zones_the_closest_first(self, shop: Store):
        codes = [{"first": "25849", "last": "25869"}]
        areas = [{"country": "DE", "postal_codes": codes}]
        zones = [
            {"id": "de", "title": "DE", "areas": [{"country": "DE"}]},
            {"id": "sylt", "title": "S", "areas": areas},
        ]
        shop.put("/v1/admin/shipping-zones", {"items": zones})
        ships(shop, surcharges=[{"title": "Island", "prices": [money(1400)], "zones": ["sylt"]}])

        answer = look(shop, destination={"country": "DE", "postal_code": "25863"})

        assert answer.body["zones"] == ["sylt", "de"]
        assert answer.body["items"][0]["price"] == money(1900)
        assert [part["title"] for part in answer.body["items"][0]["parts"]] == ["Standard", "Island"]

    def test_takes_another_amount_currency_and_moment(self, shop: Store):
        shop.put("/v1/admin/shipping-calendar", {"time_zone": "Asia/Tokyo", "cut_off": "15:00"})
        transits = [{"min_days": 1, "max_days": 2}]
        ships(shop, prices=[money(700, "JPY")], free_over=[money(9000, "JPY")], transits=transits)

        [before] = look(shop, currency="JPY", amount=8999, at="2026-03-02T05:59:00Z").body["items"]
        [after] = look(shop, currency="JPY", amount=9000, at="2026-03-02T15:00:00+09:00").body["items"]

        assert (before["price"], after["price"]) == (money(700, "JPY"), money(0, "JPY"))
        assert before["promise"] == {"earliest": "2026-03-03", "latest": "2026-03-04"}
        assert after["promise"] == {"earliest": "2026-03-04", "latest": "2026-03-05"}

    def test_says_that_a_price_waits_for_the_destination(self, shop: Store):
        shop.put("/v1/admin/shipping-zones", {"items": [{"id": "de", "title": "DE", "areas": [{"country": "DE"}]}]})
        ships(shop, tables=[{"zones": ["de"], "by": "weight", "bands": [{"prices": [money(300)]}]}])

        [unknown] = look(shop, destination=None).body["items"]
        [known] = look(shop).body["items"]
        [elsewhere] = look(shop, destination={"country": "FR"}).body["items"]

        assert (unknown["price"], unknown["estimated"]) == (money(300), True)
        assert (known["price"], known["estimated"]) == (money(300), False)
        assert elsewhere["price"] == money(500)

    def test_names_skus_that_are_not_sold(self, shop: Store):
        answer = look(shop, ("LAMP", 1), ("NONE", 1))
        in_euros = look(shop, currency="EUR")

        assert (answer.status, answer.code) == (422, "shipping.not_sold")
        assert answer.body["errors"][0]["param"] == "lines.1.sku"
        assert in_euros.code == "shipping.not_sold"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lines": []},
            {"lines": [{"sku": "LAMP", "quantity": 0}]},
            {"lines": [{"sku": "LAMP", "quantity": 1}] * 2},
            {"lines": [{"sku": "LAMP", "quantity": 1, "price": 1}]},
            {"destination": {"country": "XX"}},
            {"destination": "DE"},
            {"currency": "ZZZ"},
            {"amount": -1},
            {"at": "2026-03-02T09:00:00"},
            {"at": "1999-01-01T00:00:00Z"},
            {"at": "9999-12-31T23:59:59Z"},
            {"at": "tomorrow"},
            {"unknown": 1},
        ],
    )
    def test_says_what_is_wrong(self, shop: Store, wrong: dict[str, Any]):
        assert look(shop, **wrong).status == 422

    def test_needs_a_body_and_the_scope(self, shop: Store):
        assert shop.post(PATH).status == 422
        shop.staff_scopes = "catalog:read"
        assert look(shop).status == 403

    def test_takes_one_read_and_keeps_nothing(self, shop: Store):
        ships(shop)

        with counted(shop) as calls:
            look(shop)

        assert calls == {"BatchGetItem": 1}


class TestCarriers:
    @pytest.fixture
    def shop(self, provider: Provider) -> Iterator[Store]:
        settings = {"CARRIER_RATES": "shipengine", "CARRIER_API_KEY_NAME": "/tradewind/carrier-api-key"}
        with running_store(None, **settings, CARRIER_API_BASE=provider.url) as store:
            aws.client("ssm").put_parameter(Name="/tradewind/carrier-api-key", Value=KEY, Type="SecureString")
            sells(store)
            ships(store, "ups", kind="carrier", carrier={"origin": ORIGIN, "accounts": ["se-123"]})
            yield store

    def test_are_asked_and_nothing_is_kept(self, shop: Store, provider: Provider):
        provider.rates, before = [rate("ground", 7.5)], shop.items("shipping")

        body = look(shop).body

        assert body["carriers"] == "answered"
        assert [(each["title"], each["price"], each["method_id"]) for each in body["items"]] == [
            ("Ground", money(750), "ups")
        ]
        assert shop.items("shipping") == before

    def test_are_left_alone_when_staff_say_so(self, shop: Store, provider: Provider):
        provider.asked.clear()

        body = look(shop, ask_carriers=False).body

        assert body["carriers"] == "not_asked"
        assert [each["id"] for each in body["items"]] == ["ups"]
        assert provider.asked == []

    def test_that_do_not_answer_leave_the_methods_own_rates(self, shop: Store, provider: Provider):
        provider.status = 503

        body = look(shop).body

        provider.status = 200
        assert body["carriers"] == "no_answer"
        assert [(each["id"], each["price"]) for each in body["items"]] == [("ups", money(500))]
