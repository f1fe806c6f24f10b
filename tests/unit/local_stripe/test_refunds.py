"""Money that goes back, by the shop, the dashboard or the bank."""

import pytest
import stripe

from tests.unit.local_stripe.shop import Shop


class TestRefund:
    def test_gives_a_part_and_then_the_rest(self, shop: Shop) -> None:
        intent = shop.paid(amount=2000)

        part = shop.api.refunds.create(
            {
                "payment_intent": intent.id,
                "amount": 500,
                "reason": "requested_by_customer",
                "metadata": {"refund_id": "r1"},
                "expand": ["balance_transaction"],
            },
        )
        rest = shop.api.refunds.create({"charge": str(intent.latest_charge)})

        assert (part.status, part.amount, part.reason, part.to_dict()["metadata"]["refund_id"]) == (
            "succeeded",
            500,
            "requested_by_customer",
            "r1",
        )
        assert isinstance(part.balance_transaction, stripe.BalanceTransaction)
        assert (part.balance_transaction.net, part.balance_transaction.fee) == (-500, 0)
        assert rest.amount == 1500
        charge = shop.charge(intent)
        assert (charge.amount_refunded, charge.refunded) == (2000, True)
        assert [each.id for each in shop.api.refunds.list({"payment_intent": intent.id}).data] == [
            rest.id,
            part.id,
        ]
        assert shop.delivered()[-4:] == ["refund.created", "charge.refunded", "refund.created", "charge.refunded"]
        assert shop.mailbox.events("charge.refunded")[0].data.previous_attributes.to_dict() == {"amount_refunded": 0}

    def test_refuses_more_than_is_left(self, shop: Shop) -> None:
        intent = shop.paid(amount=2000)
        shop.api.refunds.create({"payment_intent": intent.id, "amount": 1500})

        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.api.refunds.create({"payment_intent": intent.id, "amount": 501})

        assert refused.value.param == "amount"
        assert "greater than unrefunded amount on charge ($5.00 usd)" in str(refused.value)
        assert shop.charge(intent).amount_refunded == 1500

    def test_refuses_a_second_full_refund(self, shop: Shop) -> None:
        intent = shop.paid()
        shop.api.refunds.create({"payment_intent": intent.id})

        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.api.refunds.create({"payment_intent": intent.id})

        assert refused.value.code == "charge_already_refunded"

    def test_never_exceeds_a_partial_capture(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="manual")
        shop.api.payment_intents.capture(intent.id, {"amount_to_capture": 800})

        with pytest.raises(stripe.InvalidRequestError):
            shop.api.refunds.create({"payment_intent": intent.id, "amount": 801})

        assert shop.api.refunds.create({"payment_intent": intent.id}).amount == 800

    def test_refuses_what_was_never_paid_or_only_authorized(self, shop: Shop) -> None:
        unpaid, held = shop.intent(), shop.paid(capture_method="manual")

        for intent, why in ((unpaid, "does not have a successful charge"), (held, "must cancel the PaymentIntent")):
            with pytest.raises(stripe.InvalidRequestError, match=why):
                shop.api.refunds.create({"payment_intent": intent.id})

    @pytest.mark.parametrize(
        "params",
        [{}, {"amount": 0}, {"payment_intent": "pi_nobody"}, {"charge": "ch_nobody"}, {"reason": "whim"}],
    )
    def test_refuses_what_names_no_payment(self, shop: Shop, params: dict[str, object]) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.api.refunds.create(params)  # type: ignore[arg-type]

        assert refused.value.http_status == 400

    def test_may_be_pending_first(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_pendingRefund")
        refund = shop.api.refunds.create({"payment_intent": intent.id})
        assert refund.status == "pending"

        shop.later(60)

        assert shop.api.refunds.retrieve(refund.id).status == "succeeded"
        assert "refund.updated" in shop.delivered()

    def test_may_fail_later_and_gives_its_amount_back(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_refundFail")
        refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 700})
        assert refund.status == "succeeded"

        shop.later(60)

        failed = shop.api.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
        assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
        assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
        assert failed.failure_balance_transaction.amount == 700
        assert shop.charge(intent).amount_refunded == 0
        assert {"refund.failed", "refund.updated", "charge.refund.updated"} <= set(shop.delivered())

    def test_fails_on_request(self, shop: Shop) -> None:
        intent = shop.paid()
        refund = shop.api.refunds.create({"payment_intent": intent.id})

        shop.control("refund/fail", refund=refund.id, failure_reason="lost_or_stolen_card")

        assert shop.api.refunds.retrieve(refund.id).failure_reason == "lost_or_stolen_card"
        assert shop.charge(intent).refunded is False

    def test_comes_from_the_dashboard_without_our_metadata(self, shop: Shop) -> None:
        intent = shop.paid(metadata={"order_id": "o"})

        refund = shop.control("dashboard_refund", payment_intent=intent.id, amount=300)

        assert (refund["amount"], refund["metadata"]) == (300, {})
        shop.delivered()
        assert shop.mailbox.events("refund.created")[0].to_dict()["request"] == {"id": None, "idempotency_key": None}

    def test_takes_metadata_later(self, shop: Shop) -> None:
        refund = shop.api.refunds.create({"payment_intent": shop.paid().id})

        assert shop.api.refunds.update(refund.id, {"metadata": {"a": "1"}}).to_dict()["metadata"] == {"a": "1"}

    def test_is_canceled_only_while_it_waits_for_the_shopper(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_pendingRefund")
        refund = shop.api.refunds.create({"payment_intent": intent.id})
        with pytest.raises(stripe.InvalidRequestError, match="only cancel a refund that requires action"):
            shop.api.refunds.cancel(refund.id)

        shop.control("refund/require_action", refund=refund.id)
        canceled = shop.api.refunds.cancel(refund.id)

        assert canceled.status == "canceled"
        assert shop.charge(intent).amount_refunded == 0


class TestDispute:
    def test_takes_the_money_and_a_fee(self, shop: Shop) -> None:
        intent = shop.paid()

        dispute = shop.control("dispute", payment_intent=intent.id, reason="product_not_received")

        assert (dispute["amount"], dispute["status"], dispute["reason"]) == (
            2000,
            "needs_response",
            "product_not_received",
        )
        assert dispute["balance_transactions"][0]["net"] == -3500
        assert shop.charge(intent).disputed is True
        assert shop.delivered()[-3:] == [
            "charge.dispute.created",
            "charge.updated",
            "charge.dispute.funds_withdrawn",
        ]
        assert shop.api.disputes.list({"payment_intent": intent.id}).data[0].id == dispute["id"]

    def test_blocks_refunds(self, shop: Shop) -> None:
        intent = shop.paid()
        shop.control("dispute", payment_intent=intent.id)

        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.api.refunds.create({"payment_intent": intent.id})

        assert refused.value.code == "charge_disputed"

    def test_gives_the_money_back_when_won(self, shop: Shop) -> None:
        intent = shop.paid()
        dispute = shop.control("dispute", payment_intent=intent.id, amount=900)

        shop.control("dispute/close", dispute=dispute["id"], won=True)

        won = shop.api.disputes.retrieve(dispute["id"])
        assert won.status == "won"
        assert sum(each.amount for each in won.balance_transactions) == 0
        assert shop.delivered()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]
        assert shop.api.refunds.create({"payment_intent": intent.id}).status == "succeeded"

    def test_keeps_the_money_when_lost(self, shop: Shop) -> None:
        dispute = shop.control("dispute", payment_intent=shop.paid().id)

        shop.control("dispute/close", dispute=dispute["id"], won=False)

        assert shop.api.disputes.retrieve(dispute["id"]).status == "lost"
        assert shop.delivered()[-2:] == ["charge.dispute.updated", "charge.dispute.closed"]
        again = shop.http.post("/_control/dispute/close", json={"dispute": dispute["id"], "won": True})
        assert again.status_code == 400

    @pytest.mark.parametrize(
        ("method", "status", "reason"),
        [
            ("pm_card_createDispute", "needs_response", "fraudulent"),
            ("pm_card_createDisputeProductNotReceived", "needs_response", "product_not_received"),
            ("pm_card_createDisputeInquiry", "warning_needs_response", "general"),
        ],
    )
    def test_follows_from_the_card(self, shop: Shop, method: str, status: str, reason: str) -> None:
        intent = shop.paid(method)

        dispute = shop.api.disputes.list({"payment_intent": intent.id}).data[0]

        assert (dispute.status, dispute.reason) == (status, reason)

    def test_leaves_an_inquiry_refundable(self, shop: Shop) -> None:
        intent = shop.paid()
        dispute = shop.control("dispute", payment_intent=intent.id, inquiry=True)

        refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 100})
        shop.control("dispute/close", dispute=dispute["id"], won=True)

        assert refund.status == "succeeded"
        assert shop.api.disputes.retrieve(dispute["id"]).status == "warning_closed"

    def test_fails_a_refund_that_is_still_pending(self, shop: Shop) -> None:
        intent = shop.paid("pm_card_pendingRefund")
        refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 100})

        shop.control("dispute", payment_intent=intent.id)

        assert shop.api.refunds.retrieve(refund.id).failure_reason == "charge_for_pending_refund_disputed"

    def test_meets_a_paid_refund_as_a_double_loss(self, shop: Shop) -> None:
        intent = shop.paid(amount=2000, capture_method="automatic")
        shop.api.refunds.create({"payment_intent": intent.id})

        shop.control("dispute", payment_intent=intent.id)

        moved = shop.api.balance_transactions.list().data
        assert [each.amount for each in moved] == [-2000, -2000, 2000]
