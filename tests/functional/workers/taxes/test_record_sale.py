"""Sales whose taxes Stripe computed stand in Stripe's tax reports once, less what was taken back."""

from collections.abc import Iterator
from typing import Any

import pytest

from commerce.adapters import stripe_tax
from commerce.adapters.json_http import JsonHttp
from commerce.checkout import sales_taxes
from commerce.kernel.errors import Unavailable, WriteConflict
from commerce.taxes import recording, stripe_provider
from commerce.taxes.recording import NotRecorded
from tests.support.gift_cards import cart_with, issue
from tests.support.payments import LocalStripe
from tests.support.shop import bought, check_out, filled_cart, open_shop, staff_order
from tests.support.store import Store, running_store

TRANSACTIONS = "/v1/tax/transactions"
TOTAL, TAX = 4730, 430


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    patient = JsonHttp(seconds=20)
    monkeypatch.setattr(stripe_tax, "http", lambda: patient)
    monkeypatch.setattr(stripe_tax, "patient_http", lambda: patient)
    stripe_provider.forget()
    yield
    stripe_provider.forget()
    patient.close()


def opened(store: Store) -> Store:
    store.stripe.control("tax", rates={"US": [["state", "New Hampshire", "10"]]})
    open_shop(store)
    return store


@pytest.fixture
def shop(stripe_server: LocalStripe) -> Iterator[Store]:
    """A shop at prices without tax, of which Stripe computes ten percent."""
    with running_store(stripe_server, TAX_PROVIDER="stripe_tax", PRICES_INCLUDE_TAX="false") as store:
        yield opened(store)


def transactions_of(store: Store) -> list[tuple[str, str | None]]:
    """Return reference and amount of all that Stripe's reports hold; None: all of it."""
    made = {entry["objects"][0]: entry["params"] for entry in store.stripe.changes(TRANSACTIONS) if entry["objects"]}
    return [(params["reference"], params.get("flat_amount")) for params in made.values()]


def tell(store: Store, order_id: str, kind: str = "orders.placed") -> None:
    """Let the worker hear of an order once more."""
    event = next(it for it in store.pumps.bus if it["type"] == kind and it["data"]["order_id"] == order_id)
    store.invoke("taxes/record_sale", {"source": "tradewind", "detail-type": kind, "detail": event})


def staff(store: Store, order_id: str, what: str, **body: Any) -> dict[str, Any]:
    answer = store.post(f"/v1/admin/orders/{order_id}/{what}", {"reason": "sorry", **body})
    assert answer.status in {200, 201}, answer.body
    store.drain()
    found: dict[str, Any] = answer.body
    return found


def bought_with(store: Store, card: dict[str, Any]) -> dict[str, Any]:
    """Buy something that a gift card pays as far as it can, and return the checkout's answer."""
    checkout: dict[str, Any] = check_out(store, cart_with(store, card)).body
    if checkout["payment"] is not None:
        store.stripe.pay(checkout["payment"]["intent_id"], "pm_card_visa")
    store.drain()
    return checkout


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


class TestSale:
    def test_is_recorded_once_it_is_placed(self, shop: Store) -> None:
        checkout = bought(shop)

        assert checkout["order"]["totals"]["tax"] == usd(TAX)
        assert transactions_of(shop) == [(checkout["order"]["id"], None)]

    def test_is_not_recorded_before(self, shop: Store) -> None:
        check_out(shop, filled_cart(shop))
        shop.tick(3600)

        assert transactions_of(shop) == []

    def test_is_recorded_once_however_often_it_is_told(self, shop: Store) -> None:
        order_id = bought(shop)["order"]["id"]

        for _ in range(3):
            tell(shop, order_id)

        assert len(shop.stripe.changes(TRANSACTIONS)) == 1

    def test_is_recorded_once_although_the_answer_was_lost(self, shop: Store) -> None:
        shop.stripe.fault("POST", "create_from_calculation", "drop_after")
        with pytest.raises(NotRecorded):
            bought(shop)
        shop.drain()
        order_id = next(it["data"]["order_id"] for it in shop.pumps.bus if it["type"] == "orders.placed")

        tell(shop, order_id)

        assert transactions_of(shop) == [(order_id, None)]

    def test_is_recorded_although_stripe_repeats_a_failure_of_its_own(self, shop: Store) -> None:
        shop.stripe.fault("POST", "create_from_calculation", "500_recorded")

        order_id = bought(shop)["order"]["id"]

        assert transactions_of(shop) == [(order_id, None)]
        assert shop.stripe.changes(TRANSACTIONS)[-1]["idempotency_key"] == f"tax:{order_id}:2"

    def test_is_not_forgotten_while_others_hold_its_row(self, shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        def held(_writes: object) -> None:
            raise WriteConflict

        with monkeypatch.context() as patch:
            patch.setattr(recording, "commit", held)
            with pytest.raises(NotRecorded):
                bought(shop)
        shop.drain()
        order_id = next(it["data"]["order_id"] for it in shop.pumps.bus if it["type"] == "orders.placed")

        tell(shop, order_id)
        refund = staff(shop, order_id, "refunds")["refund"]["id"]

        assert transactions_of(shop) == [(order_id, None), (f"{order_id}-{refund}", None)]

    def test_is_recorded_once_although_the_worker_died_before_it_remembered(
        self, shop: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(_writes: object) -> None:
            raise Unavailable

        with monkeypatch.context() as patch:
            patch.setattr(recording, "commit", dies)
            with pytest.raises(Unavailable):
                bought(shop)
        shop.drain()
        order_id = next(it["data"]["order_id"] for it in shop.pumps.bus if it["type"] == "orders.placed")

        tell(shop, order_id)

        assert transactions_of(shop) == [(order_id, None)]

    def test_that_the_rules_computed_is_not_recorded(self, shop: Store) -> None:
        shop.stripe.fault("POST", "/v1/tax/calculations", "429", times=9)

        order_id = bought(shop)["order"]["id"]
        tell(shop, order_id)

        assert transactions_of(shop) == []


class TestRefund:
    def test_of_all_takes_the_sale_back(self, shop: Store) -> None:
        order_id = bought(shop)["order"]["id"]

        refund = staff(shop, order_id, "refunds")

        assert refund["tax"] == usd(TAX)
        assert transactions_of(shop) == [(order_id, None), (f"{order_id}-{refund['refund']['id']}", None)]

    def test_of_a_part_takes_that_part_back_with_its_tax(self, shop: Store) -> None:
        order_id = bought(shop)["order"]["id"]

        first = staff(shop, order_id, "refunds", amount=usd(1000))
        tell(shop, order_id, "orders.refunded")
        rest = staff(shop, order_id, "refunds")

        assert [each["tax"]["amount"] for each in (first, rest)] == [91, TAX - 91]
        assert transactions_of(shop) == [
            (order_id, None),
            (f"{order_id}-{first['refund']['id']}", "-1000"),
            (f"{order_id}-{rest['refund']['id']}", "-3730"),
        ]

    def test_is_shown_with_its_tax_before_it_is_made(self, shop: Store) -> None:
        order_id = bought(shop)["order"]["id"]

        answer = shop.post(f"/v1/admin/orders/{order_id}/refunds?dry_run=true", {"reason": "x", "amount": usd(473)})

        assert (answer.body["dry_run"], answer.body["tax"]) == (True, usd(43))
        assert len(transactions_of(shop)) == 1

    def test_told_before_the_sale_records_both(self, shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(sales_taxes, "recorded", lambda *_, **__: None)
            order_id = bought(shop)["order"]["id"]
            refund = staff(shop, order_id, "refunds")["refund"]["id"]
        assert transactions_of(shop) == []

        tell(shop, order_id, "orders.refunded")
        tell(shop, order_id)

        assert transactions_of(shop) == [(order_id, None), (f"{order_id}-{refund}", None)]


class TestCancellation:
    def test_takes_back_what_it_refunds(self, shop: Store) -> None:
        order_id = bought(shop)["order"]["id"]

        refund = staff(shop, order_id, "cancel", refund_amount=usd(4000))["refund"]

        assert transactions_of(shop)[1:] == [(f"{order_id}-{refund['id']}", "-4000")]

    def test_of_what_was_only_authorized_takes_all_back(self, stripe_server: LocalStripe) -> None:
        environment = {"TAX_PROVIDER": "stripe_tax", "PRICES_INCLUDE_TAX": "false", "CAPTURE_METHOD": "manual"}
        with running_store(stripe_server, **environment) as store:
            order_id = bought(opened(store))["order"]["id"]
            staff(store, order_id, "cancel")

            assert transactions_of(store) == [(order_id, None), (f"{order_id}-canceled", None)]


class TestGiftCards:
    """What cards pay is taxed like any other money: reports know totals, not who paid."""

    def test_that_pay_a_part_leave_the_sale_whole(self, shop: Store) -> None:
        checkout = bought_with(shop, issue(shop, 1000))

        refund = staff(shop, checkout["order"]["id"], "refunds")

        order_id = checkout["order"]["id"]
        assert refund["tax"] == usd(TAX)
        assert transactions_of(shop) == [(order_id, None), (f"{order_id}-{refund['refund']['id']}", None)]

    def test_that_paid_all_get_what_a_cancellation_leaves_of_it(self, shop: Store) -> None:
        order_id = bought_with(shop, issue(shop, TOTAL))["order"]["id"]
        part = staff(shop, order_id, "refunds", amount=usd(1000))["refund"]["id"]

        rest = staff(shop, order_id, "cancel")["refund"]["id"]

        assert transactions_of(shop) == [
            (order_id, None),
            (f"{order_id}-{part}", "-1000"),
            (f"{order_id}-{rest}", "-3730"),
        ]

    def test_beside_an_authorization_that_is_canceled_take_the_sale_back_once(self, stripe_server: LocalStripe) -> None:
        environment = {"TAX_PROVIDER": "stripe_tax", "PRICES_INCLUDE_TAX": "false", "CAPTURE_METHOD": "manual"}
        with running_store(stripe_server, **environment) as store:
            order_id = bought_with(opened(store), issue(store, 1000))["order"]["id"]
            staff(store, order_id, "cancel")

            assert transactions_of(store) == [(order_id, None), (f"{order_id}-canceled", None)]


class TestShopWithRulesOfItsOwn:
    def test_records_nothing_at_stripe(self, paying_store: Store) -> None:
        open_shop(paying_store)
        order_id = bought(paying_store)["order"]["id"]

        tell(paying_store, order_id)

        assert transactions_of(paying_store) == []
        assert paying_store.items("taxes") == []


class TestTaxOfRefunds:
    def test_says_how_the_order_was_rounded(self, stripe_server: LocalStripe) -> None:
        environment = {"TAX_PROVIDER": "stripe_tax", "PRICES_INCLUDE_TAX": "false", "ROUNDING_MODE": "down"}
        with running_store(stripe_server, **environment) as store:
            checkout = bought(opened(store))
            refund = staff(store, checkout["order"]["id"], "refunds", amount=usd(999))

            assert staff_order(store, checkout)["rounding_mode"] == "down"
            assert refund["tax"] == usd(90)
