"""Webhooks: signed, at least once, and disturbed on request."""

import pytest
import stripe

from tests.unit.local_stripe.shop import DAY, NEW_SECRET, OLD_SECRET, Shop, headers_of, open_shop


class TestSignature:
    def test_verifies_with_both_secrets_while_one_is_rolled(self, shop: Shop) -> None:
        shop.intent()
        shop.delivered()
        headers, body = shop.mailbox.received[0]

        for secret in (OLD_SECRET, NEW_SECRET):
            event = stripe.Webhook.construct_event(body, headers["stripe-signature"], secret)
            assert event.type == "payment_intent.created"
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, headers["stripe-signature"], "whsec_other")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body + b" ", headers["stripe-signature"], NEW_SECRET)

    def test_is_dated_by_the_moved_clock(self, shop: Shop) -> None:
        shop.later(DAY)
        intent = shop.intent()
        shop.control("deliver", all=True)

        headers, _ = shop.mailbox.received[0]

        assert headers["stripe-signature"].startswith(f"t={intent.created},")


class TestEvent:
    def test_holds_a_snapshot_of_its_own_time(self, shop: Shop) -> None:
        intent = shop.paid()
        shop.delivered()

        created = shop.mailbox.events("payment_intent.created")[0]
        stored = shop.api.events.retrieve(created.id)

        assert created.data.object["status"] == "requires_payment_method"
        assert stored.data.object["status"] == "requires_payment_method"
        assert shop.read(intent).status == "succeeded"
        assert created.api_version == "2026-10-28.endive"
        assert created.livemode is False

    def test_names_the_request_that_caused_it(self, shop: Shop) -> None:
        intent = shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"idempotency_key": "k1"})
        shop.delivered()

        event = shop.mailbox.events("payment_intent.created")[0]

        assert event.to_dict()["request"] == {"id": headers_of(intent)["request-id"], "idempotency_key": "k1"}

    def test_shows_the_livemode_of_the_account(self, shop: Shop) -> None:
        shop.intent()

        assert all(event.livemode is False for event in shop.api.events.list().data)


class TestDelivery:
    def test_retries_until_the_endpoint_answers_2xx(self, shop: Shop) -> None:
        shop.mailbox.status = 500
        shop.intent()
        shop.control("deliver", all=True)
        undelivered = shop.api.events.list({"delivery_success": False}).data
        shop.mailbox.status = 200

        shop.later(3600)
        shop.control("deliver")

        assert [event.type for event in undelivered] == ["payment_intent.created"]
        assert undelivered[0].pending_webhooks == 1
        assert len(shop.mailbox.received) >= 2
        delivered = shop.api.events.list({"delivery_success": True}).data
        assert delivered[0].pending_webhooks == 0
        attempts = shop.http.get("/_control/attempts", params={"event": delivered[0].id}).json()["attempts"]
        assert (attempts[0]["status"], attempts[-1]["status"]) == (500, 200)

    def test_gives_up_after_three_days(self, shop: Shop) -> None:
        shop.mailbox.status = 404
        shop.intent()
        shop.control("deliver", all=True)

        shop.later(4 * DAY)
        answer = shop.control("deliver", all=True)

        assert answer["pending"] == 0
        assert len(shop.api.events.list({"delivery_success": False}).data) == 1

    def test_survives_an_endpoint_that_is_gone(self, shop: Shop) -> None:
        running = shop.running.service.webhooks
        shop.control("webhooks", hold=True)
        shop.intent()
        address, shop.mailbox.status = running._config, 200
        running._config = type(address)(webhook_url="http://127.0.0.1:9/gone", webhook_timeout_seconds=1)

        try:
            delivered = shop.control("deliver", all=True)["delivered"]
        finally:
            running._config = address

        assert (delivered[0]["status"], delivered[0]["delivered"]) == (0, False)
        assert "ConnectError" in delivered[0]["error"]

    def test_stops_at_a_reset(self, shop: Shop) -> None:
        shop.control("webhooks", hold=True)
        shop.paid()

        shop.control("reset")

        assert shop.control("deliver", all=True) == {"delivered": [], "pending": 0}

    def test_can_be_duplicated(self, shop: Shop) -> None:
        shop.control("webhooks", duplicate=True)

        shop.intent()

        assert shop.delivered() == ["payment_intent.created"] * 2

    def test_can_be_held_and_released(self, shop: Shop) -> None:
        shop.control("webhooks", hold=True)
        shop.paid()
        shop.control("deliver")
        held = shop.mailbox.types()

        shop.control("webhooks", hold=False)
        shop.control("deliver")

        assert held == []
        assert shop.mailbox.types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]

    def test_can_be_shuffled(self, shop: Shop) -> None:
        shop.control("webhooks", hold=True, shuffle=True)
        for _ in range(3):
            shop.paid()

        arrived = shop.delivered()

        assert len(arrived) == 9
        assert arrived != ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"] * 3

    def test_tells_an_endpoint_of_the_types_that_it_enabled(self) -> None:
        with open_shop(enabled_events=("payment_intent.succeeded", "refund.*")) as shop:
            shop.paid()

            assert shop.delivered() == ["payment_intent.succeeded"]
            assert all(event.pending_webhooks == 0 for event in shop.api.events.list().data)

    def test_can_be_late(self, shop: Shop) -> None:
        shop.control("webhooks", delay_seconds=60)
        shop.intent()
        shop.control("deliver")
        early = shop.mailbox.types()

        shop.later(61)
        shop.control("deliver")

        assert (early, shop.mailbox.types()) == ([], ["payment_intent.created"])

    def test_can_be_lost_and_sent_again(self, shop: Shop) -> None:
        shop.control("webhooks", drop_types=["payment_intent.*"])
        shop.paid()
        arrived = shop.delivered()
        lost = shop.api.events.list({"delivery_success": False, "types": ["payment_intent.succeeded"]}).data

        shop.control("webhooks", drop_types=[])
        shop.control("deliver", resend=[lost[0].id])

        assert arrived == ["charge.succeeded"]
        assert shop.mailbox.types() == ["charge.succeeded", "payment_intent.succeeded"]

    def test_sends_everything_again_days_later(self, shop: Shop) -> None:
        shop.paid()
        shop.delivered()

        shop.control("webhooks", hold=True)  # What comes due meanwhile is not on its way already.
        shop.later(3 * DAY - 60)
        shop.control("deliver", resend="all", all=True)

        ids = [body for _, body in shop.mailbox.received]
        assert len(ids) == 7  # Three events twice, and charge.updated, which the clock brought.
