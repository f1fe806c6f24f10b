"""Scripted faults, and the journal that shows what really happened."""

from typing import Any

import pytest
import stripe

from tests.unit.local_stripe.shop import Shop, headers_of

CREATE = {"method": "POST", "path": "^/v1/payment_intents$"}


def intents_of(shop: Shop) -> int:
    return len(shop.api.payment_intents.list().data)


class TestFault:
    @pytest.mark.parametrize(("mode", "effects"), [("drop_before", 0), ("timeout", 0), ("drop_after", 1)])
    def test_hangs_up(self, shop: Shop, mode: str, effects: int) -> None:
        shop.control("faults", mode=mode, match=CREATE)

        with pytest.raises(stripe.APIConnectionError):
            shop.intent()

        assert intents_of(shop) == effects
        call = shop.calls()[0]
        assert (call["answered"], call["faults"]) == (False, [mode])

    def test_lets_a_retry_find_what_a_lost_answer_did(self, shop: Shop) -> None:
        shop.control("faults", mode="drop_after", match=CREATE)
        with pytest.raises(stripe.APIConnectionError):
            shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"idempotency_key": "k"})

        again = shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"idempotency_key": "k"})

        assert headers_of(again)["idempotent-replayed"] == "true"
        assert intents_of(shop) == 1

    def test_hangs_up_under_refusals_and_replays_too(self, shop: Shop) -> None:
        shop.control("faults", mode="drop_after", match=CREATE, times=2)
        options: Any = {"idempotency_key": "k"}

        for _ in range(2):
            with pytest.raises(stripe.APIConnectionError):
                shop.api.payment_intents.create({"amount": 1, "currency": "usd"}, options)

        assert [call["status"] for call in shop.calls()] == [400, 400]
        assert intents_of(shop) == 0

    def test_is_survived_by_the_sdk_that_retries(self, shop: Shop) -> None:
        shop.control("faults", mode="drop_after", match=CREATE)

        intent = shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"max_network_retries": 1})

        assert intent.amount == 900
        assert intents_of(shop) == 1

    def test_answers_429_with_no_effect(self, shop: Shop) -> None:
        shop.control("faults", mode="429", match=CREATE, times=2)

        for _ in range(2):
            with pytest.raises(stripe.RateLimitError):
                shop.intent()

        assert shop.intent().status == "requires_payment_method"
        assert intents_of(shop) == 1

    def test_answers_500_after_the_effect(self, shop: Shop) -> None:
        shop.control("faults", mode="500_after", match=CREATE)

        with pytest.raises(stripe.APIError):
            shop.intent()

        assert intents_of(shop) == 1

    def test_hits_the_matching_calls_only_and_can_be_cleared(self, shop: Shop) -> None:
        shop.control("faults", mode="429", match={"method": "GET", "path": "refunds"}, times=None)

        shop.intent()
        with pytest.raises(stripe.RateLimitError):
            shop.api.refunds.list()
        shop.http.delete("/_control/faults")

        assert shop.api.refunds.list().data == []

    def test_takes_a_list(self, shop: Shop) -> None:
        answer = shop.http.post("/_control/faults", json=[{"mode": "429"}, {"mode": "delay", "seconds": 0.01}])

        assert [fault["mode"] for fault in answer.json()["faults"]] == ["429", "delay"]

    @pytest.mark.parametrize(
        "fault",
        [
            {"mode": "503"},
            {"mode": "429", "times": 0},
            {"mode": "delay", "seconds": -1},
            {"mode": "card_declined", "code": "bad_mood"},
            {"mode": "429", "match": {"path": "("}},
            {"mode": "429", "match": {"verb": "GET"}},
            {"mode": "429", "when": "now"},
            "429",
        ],
    )
    def test_refuses_what_is_no_fault(self, shop: Shop, fault: object) -> None:
        answer = shop.http.post("/_control/faults", json=fault)

        assert answer.status_code == 400
        assert shop.http.get("/_control/faults").json() == {"faults": []}


class TestJournal:
    def test_shows_calls_and_webhooks_in_order(self, shop: Shop) -> None:
        intent = shop.api.payment_intents.create(
            {"amount": 900, "currency": "usd", "metadata": {"order_id": "o"}, "expand": ["latest_charge"]},
            {"idempotency_key": "k"},
        )
        with pytest.raises(stripe.InvalidRequestError):
            shop.api.payment_intents.capture(intent.id)
        shop.delivered()

        entries = shop.journal()
        created, refused = (entry for entry in entries if entry["kind"] == "call")
        webhook = next(entry for entry in entries if entry["kind"] == "webhook")

        assert (created["method"], created["path"], created["status"]) == ("POST", "/v1/payment_intents", 200)
        assert created["params"]["metadata"] == {"order_id": "o"}
        assert created["params"]["expand"] == ["latest_charge"]
        assert (created["idempotency_key"], created["objects"]) == ("k", [intent.id])
        assert (refused["status"], refused["error_code"]) == (400, "payment_intent_unexpected_state")
        assert (webhook["type"], webhook["attempt"], webhook["status"]) == ("payment_intent.created", 1, 200)
        numbers = [entry["n"] for entry in entries]
        assert numbers == sorted(numbers)
        assert shop.journal(since=numbers[0])[0]["n"] == numbers[1]

    def test_tells_browsers_from_servers_and_hides_card_numbers(self, shop: Shop) -> None:
        intent = shop.intent()

        shop.control("pay", payment_intent=intent.id, card="4242424242424242")

        created, confirmed = shop.calls()
        assert (created["caller"], confirmed["caller"]) == ("server", "browser")
        assert confirmed["params"]["payment_method_data"]["card"]["number"] == "...4242"
        assert intent.client_secret not in str(shop.journal())
