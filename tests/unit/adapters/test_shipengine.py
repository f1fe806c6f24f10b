"""What comes of the carriers' answers, and of those that are none."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from commerce.adapters.carriers import CarriersUnavailable, Package, Place, Point, Rate
from commerce.adapters.shipengine import ShipEngine
from tests.support.carriers import KEY, Provider, amount, point, rate, running_provider

ORIGIN = Place("US", "04101", "Portland", "ME")
HOME = Place("US", "78756", "Austin", "TX")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    fresh = Provider()
    for name, value in vars(fresh).items():
        if name != "url":
            setattr(running, name, value)
    return running


def engine(provider: Provider, *, seconds: float = 2.0) -> ShipEngine:
    return ShipEngine(key=KEY, base=provider.url, seconds=seconds)


def rates(provider: Provider, *, package: Package | None = None, seconds: float = 2.0) -> tuple[Rate, ...]:
    asked = engine(provider, seconds=seconds)
    return asked.rates(package=package or Package(1500), origin=ORIGIN, destination=HOME, accounts=["se-123"])


class TestRates:
    def test_asks_what_the_document_says(self, provider: Provider):
        rates(provider, package=Package(1500, (305, 200, 91)))

        [asked] = provider.asked
        assert (asked["path"], asked["key"]) == ("/v1/rates/estimate", KEY)
        assert asked["body"] == {
            "carrier_ids": ["se-123"],
            "from_country_code": "US",
            "from_postal_code": "04101",
            "from_city_locality": "Portland",
            "from_state_province": "ME",
            "to_country_code": "US",
            "to_postal_code": "78756",
            "to_city_locality": "Austin",
            "to_state_province": "TX",
            "weight": {"value": 1500, "unit": "gram"},
            "dimensions": {"unit": "centimeter", "length": 31, "width": 20, "height": 10},
        }

    def test_says_nothing_of_a_size_that_nobody_knows(self, provider: Provider):
        rates(provider)

        assert "dimensions" not in provider.asked[0]["body"]

    def test_adds_up_all_amounts(self, provider: Provider):
        parts: dict[str, Any] = {
            "insurance_amount": amount(1.0),
            "confirmation_amount": amount(0.25),
            "other_amount": amount(0.86),
        }
        provider.rates = [rate("fedex_ground", 15.64, days=5, **parts)]

        assert rates(provider) == (
            Rate(service="fedex_ground", title="Fedex Ground", amount=1775, currency="USD", days=5),
        )

    @pytest.mark.parametrize(
        ("currency", "value", "minor"),
        [
            ("usd", 11.3800, 1138),
            ("usd", 0.1 + 0.2, 30),
            ("usd", 1.005, 101),
            ("jpy", 1234.0, 1234),
            ("kwd", 1.2345, 1230),
        ],
    )
    def test_are_whole_minor_units_of_the_currencys_own_exponent(
        self, provider: Provider, currency: str, value: float, minor: int
    ):
        provider.rates = [rate("ground", round(value, 4), currency=currency)]

        assert [(each.amount, each.currency) for each in rates(provider)] == [(minor, currency.upper())]

    @pytest.mark.parametrize(
        "unusable",
        [
            rate("ground", 5.0, error_messages=["no service to this address"]),
            rate("ground", 5.0, validation_status="invalid"),
            rate("ground", 5.0, other_amount=amount(1.0, "cad")),
            rate("ground", -5.0),
            rate("ground", 5.0, currency="zzz"),
            rate("ground", 9e9),
            rate("ground", 5.0, shipping_amount={"currency": "usd", "amount": "many"}),
            rate("ground", 5.0, shipping_amount=None),
            rate("ground", 5.0, service_code="../../etc"),
            rate("ground", 5.0, delivery_days=-1),
            {},
            None,
            7,
            "rate",
        ],
    )
    def test_leave_out_what_cannot_be_used_and_keep_the_rest(self, provider: Provider, unusable: Any):
        provider.rates = [unusable, rate("good", 7.0)]

        assert [each.service for each in rates(provider)] == ["good"]

    def test_are_none_where_no_carrier_goes(self, provider: Provider):
        assert rates(provider) == ()

    def test_take_the_carriers_words_as_one_line(self, provider: Provider):
        provider.rates = [rate("ground", 7.0, service_type="UPS\nGround\x00® " + "x" * 500)]

        assert rates(provider)[0].title.startswith("UPS Ground ® x")
        assert len(rates(provider)[0].title) == 120


class TestFailures:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "<html>Bad gateway</html>",
            '{"rates": []}',
            "[1,",
            "null",
            "[" * 5000,
            '[{"shipping_amount": {"currency": "usd", "amount": NaN}}]',
            "\x00",
            "1" * 6000,
        ],
    )
    def test_garbage_is_no_answer(self, provider: Provider, text: str):
        provider.text = text

        with pytest.raises(CarriersUnavailable):
            rates(provider)

    def test_an_amount_that_would_fill_the_memory_is_left_out(self, provider: Provider):
        amounts = '"shipping_amount": {"currency": "usd", "amount": 1e999999999}'
        provider.text = f'[{{{amounts}, "service_type": "x", "service_code": "x"}}]'

        assert rates(provider) == ()

    @pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 503])
    def test_only_a_200_is_an_answer(self, provider: Provider, status: int):
        provider.status, provider.headers = status, {"Location": provider.url}

        with pytest.raises(CarriersUnavailable, match=str(status)):
            rates(provider)

        assert len(provider.asked) == 1

    @pytest.mark.parametrize(
        ("retry_after", "seconds"),
        [("27", 27), ("86400", 600), ("", None), ("soon", None), ("-5", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
    )
    def test_a_429_says_when_to_come_back(self, provider: Provider, retry_after: str, seconds: int | None):
        provider.status, provider.headers = 429, {"Retry-After": retry_after}

        with pytest.raises(CarriersUnavailable) as refused:
            rates(provider)

        assert refused.value.again_after_seconds == seconds

    def test_a_late_answer_is_not_waited_for(self, provider: Provider):
        provider.rates, provider.wait_seconds = [rate("ground", 7.0)], 1.5
        began = time.monotonic()

        with pytest.raises(CarriersUnavailable):
            rates(provider, seconds=0.2)

        assert time.monotonic() - began < 1.0

    def test_an_answer_that_drips_is_not_waited_for(self, provider: Provider):
        provider.rates, provider.drip_seconds = [rate("ground", 7.0)], 0.05
        began = time.monotonic()

        with pytest.raises(CarriersUnavailable):
            rates(provider, seconds=0.3)

        assert time.monotonic() - began < 1.2

    def test_an_answer_without_end_is_not_read(self, provider: Provider):
        provider.text = "[" + " " * 2_000_000 + "]"

        with pytest.raises(CarriersUnavailable, match="too long"):
            rates(provider)

    def test_a_broken_connection_is_no_answer(self, provider: Provider):
        provider.hangs_up = True

        with pytest.raises(CarriersUnavailable):
            rates(provider)

    def test_nobody_listening_is_no_answer(self):
        nobody = Provider(url="http://127.0.0.1:1")

        with pytest.raises(CarriersUnavailable):
            rates(nobody)

    def test_all_questions_share_one_budget_of_time(self, provider: Provider):
        provider.wait_seconds = 0.15
        asked = engine(provider, seconds=0.2)
        asked.rates(package=Package(1), origin=ORIGIN, destination=HOME, accounts=["se-1"])

        with pytest.raises(CarriersUnavailable):
            asked.points(near=HOME, accounts=["se-1"])

    def test_an_error_never_shows_the_key(self, provider: Provider):
        provider.status = 401

        with pytest.raises(CarriersUnavailable) as refused:
            rates(provider)

        assert KEY not in repr(refused.value) + str(refused.value.detail)


class TestPoints:
    def test_are_the_nearest_first(self, provider: Provider):
        provider.points = [point(2, metres=900.4), point(1, metres=120.0, services=("ups_access",)), {"odd": True}]

        found = engine(provider).points(near=HOME, accounts=["se-1"])

        assert found == (
            Point("P1", "Kiosk 1", "1 Quay Street", "Portland", "04101", "US", ("ups_access",), 120),
            Point("P2", "Kiosk 2", "2 Quay Street", "Portland", "04101", "US", (), 900),
        )
        assert provider.asked[0]["path"] == "/v1/service_points/list"
        assert provider.asked[0]["body"]["providers"] == [{"carrier_id": "se-1"}]

    def test_are_unknown_when_the_answer_is_garbage(self, provider: Provider):
        provider.text = "[]"

        with pytest.raises(CarriersUnavailable):
            engine(provider).points(near=HOME, accounts=["se-1"])
