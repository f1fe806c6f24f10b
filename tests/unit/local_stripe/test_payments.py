"""An intent's way from creation to money."""

import pytest
import stripe

from tests.unit.local_stripe.shop import DAY, RETURN_URL, Shop, error_of


class TestCreate:
    def test_starts_an_intent_with_the_payment_methods_of_the_account(self, shop: Shop) -> None:
        intent = shop.intent(metadata={"order_id": "ord_1"}, receipt_email="a@shop.example", description="Order 1")

        assert intent.status == "requires_payment_method"
        assert intent.payment_method_types == ["card", "us_bank_account"]
        assert intent.capture_method == "automatic_async"
        assert intent.metadata["order_id"] == "ord_1"
        assert intent.client_secret.startswith(f"{intent.id}_secret_")
        assert shop.delivered() == ["payment_intent.created"]

    def test_leaves_out_excluded_payment_methods(self, shop: Shop) -> None:
        intent = shop.intent(excluded_payment_method_types=["us_bank_account"])

        assert intent.payment_method_types == ["card"]
        answer = shop.http.post(
            "/_control/pay", json={"payment_intent": intent.id, "payment_method": "pm_usBankAccount_success"}
        )
        assert answer.status_code == 400
        assert "not allowed for this PaymentIntent" in answer.json()["error"]["message"]

    def test_keeps_shipping_and_the_statement_suffix(self, shop: Shop) -> None:
        shipping = {"name": "Ada", "address": {"line1": "1 Way", "city": "Oslo", "country": "NO"}}

        intent = shop.intent(shipping=shipping, statement_descriptor_suffix="ORDER 1", setup_future_usage="off_session")

        assert intent.shipping.address.city == "Oslo"
        assert intent.shipping.address.state is None
        assert intent.statement_descriptor_suffix == "ORDER 1"
        assert intent.setup_future_usage == "off_session"

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"amount": 49}, "amount_too_small"),
            ({"amount": 0}, "parameter_invalid_integer"),
            ({"amount": -5}, "parameter_invalid_integer"),
            ({"amount": 100_000_000}, "amount_too_large"),
            ({"amount": 29, "currency": "gbp"}, "amount_too_small"),
            ({"amount": "12.5"}, "parameter_invalid_integer"),
            ({"amount": 1001, "currency": "kwd"}, None),
            ({"currency": "xyz"}, None),
            ({"currency": ""}, "parameter_invalid_empty"),
            ({"receipt_email": "nobody"}, "email_invalid"),
            ({"capture_method": "later"}, None),
            ({"statement_descriptor": "SHOP"}, None),
            ({"statement_descriptor_suffix": "<1>"}, None),
            ({"return_url": RETURN_URL}, None),
            ({"metadata": {"k" * 41: "v"}}, None),
            ({"metadata": {"k": "v" * 501}}, None),
            ({"shipping": {"name": "Ada"}}, "parameter_missing"),
            ({"customer": "cus_1"}, "parameter_unknown"),
            ({"colour": "red"}, "parameter_unknown"),
            ({"payment_method_options": "card"}, None),
            ({"excluded_payment_method_types": ["card", "us_bank_account"]}, None),
            ({"payment_method": "pm_nobody"}, "resource_missing"),
        ],
    )
    def test_refuses_what_stripe_refuses(self, shop: Shop, params: dict[str, object], code: str | None) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.intent(**params)

        assert refused.value.http_status == 400
        assert refused.value.code == code
        assert shop.api.payment_intents.list().data == []

    def test_takes_yen_and_dinars_in_their_own_units(self, shop: Shop) -> None:
        assert shop.intent(amount=50, currency="JPY").currency == "jpy"
        assert shop.intent(amount=1500, currency="kwd").amount == 1500


class TestConfirm:
    def test_succeeds_and_settles_a_little_later(self, shop: Shop) -> None:
        intent = shop.paid(amount=1999)

        assert intent.status == "succeeded"
        assert intent.amount_received == 1999
        assert shop.charge(intent).balance_transaction is None
        shop.later(3)
        settled = shop.charge(intent).balance_transaction
        assert isinstance(settled, stripe.BalanceTransaction)
        assert (settled.amount, settled.fee, settled.net) == (1999, 88, 1911)
        assert shop.delivered() == [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "charge.updated",
        ]
        assert shop.mailbox.events("charge.updated")[0].to_dict()["data"]["previous_attributes"] == {
            "balance_transaction": None
        }
        assert shop.mailbox.events("charge.succeeded")[0].data.object["balance_transaction"] is None

    def test_settles_at_once_when_asked_to(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="automatic")

        assert isinstance(shop.charge(intent).balance_transaction, stripe.BalanceTransaction)

    def test_can_be_done_in_one_call_by_the_server(self, shop: Shop) -> None:
        intent = shop.intent(confirm=True, payment_method="pm_card_mastercard", return_url=RETURN_URL)

        assert intent.status == "succeeded"
        assert shop.charge(intent).payment_method_details.card.brand == "mastercard"

    def test_waits_for_a_confirmation_of_an_attached_method(self, shop: Shop) -> None:
        intent = shop.intent(payment_method="pm_card_visa")
        assert intent.status == "requires_confirmation"

        confirmed = shop.api.payment_intents.confirm(intent.id, {"return_url": RETURN_URL})

        assert confirmed.status == "succeeded"

    def test_wants_a_return_url_from_servers_that_accept_redirects(self, shop: Shop) -> None:
        intent = shop.intent()

        with pytest.raises(stripe.InvalidRequestError, match="return_url") as refused:
            shop.api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

        assert refused.value.param == "return_url"

    def test_refuses_without_a_payment_method_and_twice(self, shop: Shop) -> None:
        unpaid, paid = shop.intent(), shop.paid()

        with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
            shop.api.payment_intents.confirm(unpaid.id, {"return_url": RETURN_URL})
        with pytest.raises(stripe.InvalidRequestError, match="already succeeded") as refused:
            shop.api.payment_intents.confirm(paid.id, {"payment_method": "pm_card_visa"})

        assert refused.value.code == "payment_intent_unexpected_state"
        assert error_of(refused.value)["payment_intent"]["id"] == paid.id

    def test_takes_card_numbers(self, shop: Shop) -> None:
        intent = shop.intent()

        paid = shop.control("pay", payment_intent=intent.id, card="5555 5555 5555 4444")

        assert paid["status"] == "succeeded"
        assert shop.charge(intent).payment_method_details.card.last4 == "4444"

    def test_makes_money_available_after_two_days(self, shop: Shop) -> None:
        shop.paid(amount=1999, capture_method="automatic")
        before = shop.api.balance.retrieve()

        shop.later(2 * DAY)

        after = shop.api.balance.retrieve()
        assert (before.pending[0].amount, before.available[0].amount) == (1911, 0)
        assert (after.pending[0].amount, after.available[0].amount) == (0, 1911)


class TestAuthentication:
    @pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
    def test_waits_for_the_shopper(self, shop: Shop, method: str) -> None:
        intent = shop.paid(method)
        assert intent.status == "requires_action"
        assert intent.next_action.redirect_to_url.return_url == RETURN_URL

        shop.control("authenticate", payment_intent=intent.id, success=True)

        assert shop.read(intent).status == "succeeded"
        assert shop.charge(intent).payment_method_details.card.three_d_secure.result == "authenticated"
        assert "payment_intent.requires_action" in shop.delivered()

    def test_sends_the_shopper_back_when_it_fails(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_authenticationRequired")

        shop.control("authenticate", payment_intent=intent.id, success=False)

        failed = shop.read(intent)
        assert failed.status == "requires_payment_method"
        assert failed.last_payment_error.code == "payment_intent_authentication_failure"
        assert failed.latest_charge is None
        assert "payment_intent.payment_failed" in shop.delivered()

    def test_can_be_followed_by_a_decline(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_threeDSecureRequiredChargeDeclined")

        shop.control("authenticate", payment_intent=intent.id, success=True)

        assert shop.read(intent).last_payment_error.decline_code == "generic_decline"

    def test_is_a_decline_when_the_shopper_is_away(self, shop: Shop) -> None:
        with pytest.raises(stripe.CardError) as declined:
            shop.intent(
                confirm=True,
                off_session=True,
                payment_method="pm_card_authenticationRequired",
                return_url=RETURN_URL,
            )

        assert declined.value.code == "authentication_required"

    def test_is_repeated_when_the_amount_changes(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_authenticationRequired")

        changed = shop.api.payment_intents.update(intent.id, {"amount": 2500})

        assert (changed.status, changed.amount) == ("requires_confirmation", 2500)


class TestProcessing:
    def test_takes_days_for_a_bank_debit(self, shop: Shop) -> None:
        intent = shop.paid("pm_usBankAccount_success")
        assert (intent.status, shop.charge(intent).status) == ("processing", "pending")

        shop.later(4 * DAY)

        assert shop.read(intent).status == "succeeded"
        assert shop.delivered()[:3] == ["payment_intent.created", "charge.pending", "payment_intent.processing"]
        assert shop.mailbox.events("payment_intent.succeeded")[0].created == intent.created + 4 * DAY

    def test_may_fail_in_the_end(self, shop: Shop) -> None:
        intent = shop.paid("pm_usBankAccount_accountClosed")

        shop.control("process", payment_intent=intent.id)

        failed = shop.read(intent)
        assert (failed.status, failed.last_payment_error.code) == ("requires_payment_method", "account_closed")
        assert shop.charge(intent).status == "failed"

    def test_ends_when_told(self, shop: Shop) -> None:
        good, bad = shop.paid("pm_usBankAccount_processing"), shop.paid("pm_usBankAccount_processing")

        shop.control("process", payment_intent=good.id, outcome="succeed")
        shop.control("process", payment_intent=bad.id, outcome="fail", code="debit_not_authorized")

        assert shop.read(good).status == "succeeded"
        assert shop.read(bad).last_payment_error.code == "debit_not_authorized"

    def test_can_be_scripted_for_a_card(self, shop: Shop) -> None:
        shop.control("faults", mode="processing", seconds=60, match={"path": "/confirm$"})
        intent = shop.paid()
        assert (intent.status, intent.processing.type) == ("processing", "card")

        shop.later(60)

        assert shop.read(intent).status == "succeeded"


class TestUpdate:
    def test_changes_amount_and_metadata(self, shop: Shop) -> None:
        intent = shop.intent(metadata={"a": "1", "b": "2"})

        changed = shop.api.payment_intents.update(intent.id, {"amount": 2500, "metadata": {"a": "", "c": "3"}})

        assert changed.amount == 2500
        assert changed.metadata.to_dict() == {"b": "2", "c": "3"}

    def test_refuses_another_amount_once_paid_but_takes_metadata(self, shop: Shop) -> None:
        intent = shop.paid()

        with pytest.raises(stripe.InvalidRequestError, match="amount could not be updated") as refused:
            shop.api.payment_intents.update(intent.id, {"amount": 2500})
        noted = shop.api.payment_intents.update(intent.id, {"metadata": {"seen": "yes"}})

        assert refused.value.code == "payment_intent_unexpected_state"
        assert noted.metadata["seen"] == "yes"


class TestCapture:
    def test_holds_the_money_for_seven_days(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")

        assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
        assert intent.payment_method_types == ["card"]
        assert shop.charge(intent).payment_method_details.card.capture_before == intent.created + 7 * DAY
        assert shop.delivered()[1:] == ["charge.succeeded", "payment_intent.amount_capturable_updated"]

    def test_takes_a_part_and_gives_the_rest_back(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")

        captured = shop.api.payment_intents.capture(intent.id, {"amount_to_capture": 1500})

        charge = shop.charge(intent)
        assert (captured.status, captured.amount_received, captured.amount_capturable) == ("succeeded", 1500, 0)
        assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (2000, 1500, 500)
        assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
        assert charge.balance_transaction.amount == 1500
        assert shop.delivered()[-2:] == ["charge.captured", "payment_intent.succeeded"]

    def test_refuses_too_much_and_twice(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")

        with pytest.raises(stripe.InvalidRequestError) as too_much:
            shop.api.payment_intents.capture(intent.id, {"amount_to_capture": 2001})
        shop.api.payment_intents.capture(intent.id)
        with pytest.raises(stripe.InvalidRequestError) as twice:
            shop.api.payment_intents.capture(intent.id)

        assert too_much.value.code == "amount_too_large"
        assert twice.value.code == "payment_intent_unexpected_state"

    def test_expires(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")

        shop.later(7 * DAY)

        expired = shop.read(intent)
        assert (expired.status, expired.cancellation_reason) == ("canceled", "automatic")
        assert shop.delivered()[-2:] == ["charge.expired", "payment_intent.canceled"]


class TestCancel:
    def test_ends_an_unpaid_intent(self, shop: Shop) -> None:
        intent = shop.intent()

        canceled = shop.api.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

        assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
        assert canceled.canceled_at == intent.created
        assert shop.delivered()[-1] == "payment_intent.canceled"

    def test_releases_an_authorization(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")

        shop.api.payment_intents.cancel(intent.id)

        charge = shop.charge(intent)
        assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 2000)
        assert shop.delivered()[-2:] == ["charge.refunded", "payment_intent.canceled"]
        assert shop.api.refunds.list().data == []

    @pytest.mark.parametrize("method", ["pm_card_visa", "pm_usBankAccount_success"])
    def test_refuses_what_is_paid_or_processing(self, shop: Shop, method: str) -> None:
        intent = shop.paid(method)

        with pytest.raises(stripe.InvalidRequestError, match="You cannot cancel") as refused:
            shop.api.payment_intents.cancel(intent.id)

        error = error_of(refused.value)
        assert error["code"] == "payment_intent_unexpected_state"
        assert error["payment_intent"]["status"] == intent.status

    def test_refuses_twice(self, shop: Shop) -> None:
        intent = shop.intent()
        shop.api.payment_intents.cancel(intent.id)

        with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
            shop.api.payment_intents.cancel(intent.id)

    def test_may_be_allowed_while_processing(self, shop: Shop) -> None:
        intent = shop.paid("pm_usBankAccount_success")
        shop.control("process", payment_intent=intent.id, outcome="allow_cancel")

        canceled = shop.api.payment_intents.cancel(intent.id)
        shop.later(5 * DAY)

        assert canceled.status == shop.read(intent).status == "canceled"
