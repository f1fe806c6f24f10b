"""Cards that are refused, and what the shopper may do next."""

import pytest
import stripe

from tests.unit.local_stripe.shop import RETURN_URL, Shop, error_of


class TestDecline:
    @pytest.mark.parametrize(
        ("method", "code", "decline_code"),
        [
            ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
            ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
            ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
            ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
            ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
            ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
            ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
            ("pm_card_radarBlock", "card_declined", "fraudulent"),
            ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ],
    )
    def test_answers_402_and_sends_the_intent_back(self, shop: Shop, method: str, code: str, decline_code: str) -> None:
        intent = shop.intent()

        with pytest.raises(stripe.CardError) as declined:
            shop.api.payment_intents.confirm(intent.id, {"payment_method": method, "return_url": RETURN_URL})

        error = error_of(declined.value)
        assert (declined.value.http_status, error["type"]) == (402, "card_error")
        assert (error["code"], error["decline_code"]) == (code, decline_code)
        assert error["payment_intent"]["status"] == "requires_payment_method"
        refused = shop.read(intent)
        assert refused.payment_method is None
        assert (refused.last_payment_error.code, refused.last_payment_error.charge) == (code, error["charge"])
        charge = shop.charge(refused)
        assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
        assert shop.delivered()[1:] == ["charge.failed", "payment_intent.payment_failed"]

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("4000 0000 0000 0002", "card_declined"),
            ("4000000000009995", "card_declined"),
            ("4000000000000069", "expired_card"),
            ("4111111111111111", "card_declined"),
            ("4242424242424241", "incorrect_number"),
            ("not a number", "incorrect_number"),
        ],
    )
    def test_follows_from_the_card_number(self, shop: Shop, number: str, code: str) -> None:
        intent = shop.intent()

        answer = shop.http.post("/_control/pay", json={"payment_intent": intent.id, "card": number})

        assert answer.status_code == 402
        assert answer.json()["error"]["code"] == code

    def test_may_be_followed_by_a_better_card(self, shop: Shop) -> None:
        intent = shop.intent()
        shop.http.post("/_control/pay", json={"payment_intent": intent.id, "card": "4000000000000002"})

        paid = shop.control("pay", payment_intent=intent.id, card="4242424242424242")

        assert (paid["status"], paid["last_payment_error"]) == ("succeeded", None)
        charges = shop.api.charges.list({"payment_intent": intent.id})
        assert [charge.status for charge in charges.data] == ["succeeded", "failed"]

    def test_keeps_the_intent_of_a_call_that_creates_and_confirms(self, shop: Shop) -> None:
        with pytest.raises(stripe.CardError) as declined:
            shop.intent(confirm=True, payment_method="pm_card_chargeDeclined", return_url=RETURN_URL)

        intent_id = error_of(declined.value)["payment_intent"]["id"]
        assert shop.api.payment_intents.retrieve(intent_id).status == "requires_payment_method"

    def test_can_be_scripted(self, shop: Shop) -> None:
        shop.control("faults", mode="card_declined", code="do_not_honor", match={"path": "/confirm$"})
        intent = shop.intent()

        first = shop.http.post("/_control/pay", json={"payment_intent": intent.id, "payment_method": "pm_card_visa"})
        second = shop.control("pay", payment_intent=intent.id, payment_method="pm_card_visa")

        assert first.json()["error"]["decline_code"] == "do_not_honor"
        assert second["status"] == "succeeded"
