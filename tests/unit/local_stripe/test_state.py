"""Keeping the account between runs, and running it by itself."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import stripe

from local.stripe import Ledger, StripeConfig, start_in_loop
from tests.unit.local_stripe.shop import Shop, open_shop


class TestSnapshot:
    def test_restores_everything_that_matters(self, shop: Shop) -> None:
        shop.control("webhooks", hold=True)
        intent = shop.paid(capture_method="manual")
        snapshot = json.loads(json.dumps(shop.running.service.ledger.snapshot()))

        other = Ledger(StripeConfig())
        other.restore(snapshot)

        assert other.find("payment_intent", intent.id)["status"] == "requires_capture"
        assert [timer.action for timer in other.timers] == ["expire_authorization"]
        assert len(other.deliveries) == 3
        assert other.snapshot() == snapshot

    def test_is_kept_in_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "state" / "stripe.json"
        with open_shop(state_file=file) as shop:
            intent = shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"idempotency_key": "k"})

        with open_shop(state_file=file) as shop:
            again = shop.api.payment_intents.create({"amount": 900, "currency": "usd"}, {"idempotency_key": "k"})
            another = shop.intent()

        assert again.id == intent.id
        assert another.id != intent.id
        assert [path.name for path in file.parent.iterdir()] == ["stripe.json"]

    def test_is_gone_after_a_reset(self, shop: Shop) -> None:
        shop.paid()

        shop.control("reset")

        assert shop.api.payment_intents.list().data == []
        assert shop.api.events.list().data == []


class TestCommand:
    def test_runs_by_itself(self) -> None:
        command = [sys.executable, "-m", "local.stripe", "--port", "0", "--secret-key", "sk_test_x"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                url = next(word for word in process.stdout.readline().split() if word.startswith("http://127.0.0.1:"))
                info = httpx.get(f"{url}/_control/info").json()
                process.send_signal(signal.SIGINT)
                process.wait(10)
            finally:
                process.kill()  # Where interrupts are ignored the test fails, and does not wait for ever.

        assert info["secret_key"] == "sk_test_x"
        assert info["webhook_url"] is None
        assert process.returncode == 0


class TestEmbedding:
    def test_shares_an_event_loop(self) -> None:
        async def status() -> int:
            async with start_in_loop(StripeConfig()) as running, httpx.AsyncClient() as client:
                return (await client.get(f"{running.url}/_control/info")).status_code

        assert asyncio.run(status()) == 200


class TestClock:
    def test_is_the_one_that_was_given(self) -> None:
        with open_shop(livemode=True) as shop:
            intent = shop.intent()

            shop.later(500)

            assert shop.intent().created == intent.created + 500
            assert intent.livemode is True
            assert isinstance(intent, stripe.PaymentIntent)
