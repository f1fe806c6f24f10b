"""Idempotency keys as Stripe documents them."""

import threading
from typing import Any

import httpx
import pytest
import stripe

from tests.unit.local_stripe.shop import DAY, RETURN_URL, Shop, headers_of

PATH = "/v1/payment_intents"
FORM = {"amount": "2000", "currency": "usd"}


def post(shop: Shop, key: str, *, path: str = PATH, form: dict[str, str] | None = None) -> httpx.Response:
    return shop.http.post(path, data=FORM if form is None else form, headers=headers_with(key))


def headers_with(key: str) -> dict[str, str]:
    return {"Authorization": "Bearer sk_test_tradewind_local", "Idempotency-Key": key}


def intents_of(shop: Shop) -> int:
    return len(shop.api.payment_intents.list().data)


class TestReplay:
    def test_gives_the_first_answer_again(self, shop: Shop) -> None:
        first, second = post(shop, "k"), post(shop, "k")

        assert (second.status_code, second.text) == (200, first.text)
        assert "idempotent-replayed" not in first.headers
        assert second.headers["idempotent-replayed"] == "true"
        assert second.headers["original-request"] == first.headers["request-id"]
        assert intents_of(shop) == 1
        assert [call["replayed"] for call in shop.calls()[:2]] == [False, True]

    def test_works_through_the_sdk(self, shop: Shop) -> None:
        params: Any = {"amount": 2000, "currency": "usd", "metadata": {"order_id": "o"}}

        one, two = (shop.api.payment_intents.create(params, {"idempotency_key": "order-o-1"}) for _ in range(2))

        assert one.id == two.id
        assert headers_of(two)["idempotent-replayed"] == "true"
        shop.delivered()
        assert shop.mailbox.events("payment_intent.created")[0].to_dict()["request"]["idempotency_key"] == "order-o-1"

    def test_covers_declines(self, shop: Shop) -> None:
        intent = shop.intent()
        params: Any = {"payment_method": "pm_card_chargeDeclined", "return_url": RETURN_URL}

        for _ in range(2):
            with pytest.raises(stripe.CardError):
                shop.api.payment_intents.confirm(intent.id, params, {"idempotency_key": "c"})

        assert len(shop.api.charges.list({"payment_intent": intent.id}).data) == 1

    def test_covers_refusals_of_an_execution(self, shop: Shop) -> None:
        intent = shop.intent()
        path = f"{PATH}/{intent.id}/capture"

        early, late = post(shop, "c", path=path, form={}), post(shop, "c", path=path, form={})

        assert early.status_code == 400
        assert late.headers["idempotent-replayed"] == "true"

    @pytest.mark.parametrize("mode", ["500_recorded", "500_after"])
    def test_covers_errors_of_stripe_itself(self, shop: Shop, mode: str) -> None:
        shop.control("faults", mode=mode, match={"method": "POST", "path": "^/v1/payment_intents$"})

        first, second, fresh = post(shop, "k"), post(shop, "k"), post(shop, "another")

        assert (first.status_code, second.status_code, fresh.status_code) == (500, 500, 200)
        assert first.json()["error"]["type"] == "api_error"
        assert second.headers["idempotent-replayed"] == "true"
        assert intents_of(shop) == (1 if mode == "500_recorded" else 2)

    def test_forgets_after_a_day(self, shop: Shop) -> None:
        first = post(shop, "k").json()
        shop.later(DAY - 1)
        within = post(shop, "k").json()

        shop.later(DAY + 1)

        assert within["id"] == first["id"]
        assert post(shop, "k").json()["id"] != first["id"]

    def test_does_not_apply_to_reads(self, shop: Shop) -> None:
        headers = {"Authorization": "Bearer sk_test_tradewind_local", "Idempotency-Key": "r"}

        answers = [shop.http.get(PATH, headers=headers) for _ in range(2)]

        assert all("idempotent-replayed" not in answer.headers for answer in answers)


class TestMisuse:
    def test_refuses_other_parameters(self, shop: Shop) -> None:
        post(shop, "k")

        with pytest.raises(stripe.IdempotencyError, match="same parameters") as refused:
            shop.api.payment_intents.create({"amount": 2001, "currency": "usd"}, {"idempotency_key": "k"})

        assert refused.value.http_status == 400

    def test_refuses_another_endpoint(self, shop: Shop) -> None:
        post(shop, "k")

        answer = post(shop, "k", path="/v1/refunds", form={"payment_intent": "pi_1"})

        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "idempotency_error"
        assert "same endpoint" in answer.json()["error"]["message"]

    def test_does_not_keep_what_failed_validation(self, shop: Shop) -> None:
        refused = post(shop, "k", form={"amount": "2000"})
        corrected = post(shop, "k")

        assert (refused.status_code, corrected.status_code) == (400, 200)

    def test_refuses_long_keys(self, shop: Shop) -> None:
        assert post(shop, "k" * 255).status_code == 200
        assert post(shop, "k" * 256).status_code == 400

    def test_refuses_a_key_in_use(self, shop: Shop) -> None:
        shop.control("faults", mode="delay", seconds=0.3, match={"method": "POST", "path": "payment_intents$"})
        answers: list[httpx.Response] = []
        slow = threading.Thread(
            target=lambda: answers.append(
                httpx.post(f"{shop.running.url}{PATH}", data=FORM, headers=headers_with("k")),
            ),
        )
        slow.start()
        while shop.http.get("/_control/info").json()["faults"]:
            pass

        meanwhile = post(shop, "k")
        slow.join()
        afterwards = post(shop, "k")

        assert meanwhile.status_code == 409
        assert meanwhile.json()["error"]["code"] == "idempotency_key_in_use"
        assert answers[0].status_code == 200
        assert afterwards.text == answers[0].text
