"""From what was seen to what AWS bills, with sums that can be done by hand."""

from pathlib import Path

import pytest

from tests.cost.bill import memory_and_tracing, milliseconds, scaled, total, used_by
from tests.cost.calls import Call
from tests.cost.journey import BROWSE, CART, CHECKOUT, PAGES, Step
from tests.cost.meter import Invocation
from tests.cost.price_table import DEFAULT, PriceTable, Usage
from tests.cost.recorded import Recorded
from tests.cost.report import SERVICES, Bill

TABLE = PriceTable.read()
FUNCTION = "storefront/checkout/begin_checkout"
CLOCKS = (
    "checkout/sweep_orders",
    "checkout/reconcile_stripe",
    "outbox/republish_events",
    "inventory/reproject_movements",
    "inventory/show_availability",
    "invoices/issue_waiting_invoices",
    "giftcards/write_off_gift_cards",
    "catalog/show_prices",
    "prices/fetch_exchange_rates",
)


def checkout() -> Invocation:
    """An invocation that computes for 20 ms, reads 7 units, writes 40, and asks Stripe."""
    calls = [
        Call("dynamodb", "BatchGetItem", read_units=7),
        Call("dynamodb", "TransactWriteItems", write_units=40),
        Call("stripe", "POST /v1/payment_intents"),
        Call("ssm", "GetParameter"),
    ]
    return Invocation(FUNCTION, calls=calls, cpu_seconds=0.020, log_bytes=300, answer_bytes=2_000, status=201)


class TestMilliseconds:
    def test_are_cpu_at_the_functions_share_and_waits_and_a_share_of_start_ups(self) -> None:
        memory, _ = memory_and_tracing()[FUNCTION]
        computing = 20 * 1769 / memory
        waiting = 4 + 15 + 400 + 15
        start_ups = 0.02 * 450

        assert milliseconds(checkout(), TABLE) == pytest.approx(computing + waiting + start_ups, abs=1)

    def test_more_memory_than_one_processor_has_computes_no_faster(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tests.cost.bill.memory_and_tracing", lambda: {FUNCTION: (3538, True)})

        assert milliseconds(Invocation(FUNCTION, cpu_seconds=0.1), TABLE) == 100 + 9


class TestUsage:
    def test_of_a_request_is_all_that_stands_on_the_bill(self) -> None:
        usage = used_by(checkout(), TABLE)

        assert usage["dynamodb.read_unit"] == 7
        assert usage["dynamodb.write_unit"] == 40
        assert usage["kms.request"] == usage["lambda.request"] == usage["xray.trace"] == 1
        assert usage["api_gateway.request"] == usage["cloudfront.request"] == 1
        assert usage["cloudfront.gb_out"] == pytest.approx(2_000 / 1e9)
        assert usage["cloudwatch.log_gb"] == pytest.approx((300 + 650 + 330) / 1e9)
        assert not [name for name in usage if name.startswith("stripe")]

    def test_of_a_worker_has_no_door(self) -> None:
        usage = used_by(Invocation("workers/outbox/publish_events"), TABLE)

        assert not usage.keys() & {"api_gateway.request", "cloudfront.request"}

    def test_of_a_large_answer_is_two_requests(self) -> None:
        large = Invocation(FUNCTION, status=200, answer_bytes=600 * 1024)

        assert used_by(large, TABLE)["api_gateway.request"] == 2

    def test_of_events_and_mails_is_counted_in_pieces(self) -> None:
        calls = [
            Call("events", "PutEvents", pieces=3, bytes=1_000),
            Call("ses", "SendEmail"),
            Call("sns", "Publish"),
            Call("sqs", "SendMessage", pieces=2),
        ]
        usage = used_by(Invocation("workers/outbox/publish_events", calls=calls), TABLE)

        assert usage["eventbridge.event"] == 3
        assert usage["eventbridge.archived_gb"] == pytest.approx(1_600 / 1e9)
        assert usage["ses.mail"] == usage["sns.publish"] == usage["sns.mail"] == 1
        assert usage["sqs.request"] == 2

    def test_adds_up(self) -> None:
        twice = total([used_by(checkout(), TABLE)] * 2)

        assert TABLE.usd(twice) == pytest.approx(TABLE.usd(scaled(used_by(checkout(), TABLE), 2)))


class TestPrices:
    def test_each_has_a_page_and_a_month(self) -> None:
        for price in TABLE.prices.values():
            assert price.page.startswith("https://aws.amazon.com/")
            assert len(price.as_of) == len("2026-05")
            assert price.usd > 0
            assert price.unit

    def test_are_taken_apart_by_service(self) -> None:
        usage = Usage({"lambda.request": 1_000_000, "dynamodb.write_unit": 2_000_000, "dynamodb.read_unit": 8_000_000})

        assert TABLE.usd_by_service(usage) == pytest.approx({"dynamodb": 2.25, "lambda": 0.20})
        assert TABLE.usd(usage) == pytest.approx(2.45)

    def test_what_is_free_is_taken_off_a_month(self) -> None:
        assert TABLE.usd_beyond_free({"sqs.request": 1_314_000}) == pytest.approx(0.1256)
        assert TABLE.usd_beyond_free({"lambda.request": 900_000}) == 0

    def test_of_another_region_are_another_file(self, tmp_path: Path) -> None:
        text = DEFAULT.read_text(encoding="utf-8").replace("usd = 0.20\n", "usd = 0.40\n")
        other = tmp_path / "mars-north-1.toml"
        other.write_text(text.replace("us-east-1", "mars-north-1"), encoding="utf-8")
        table = PriceTable.read(other)

        assert table.region == "mars-north-1"
        assert table.prices["lambda.request"].each == 2 * TABLE.prices["lambda.request"].each


class TestReport:
    BILL = Bill(
        Recorded(
            steps=(Step(BROWSE, [checkout()] * PAGES), Step(CART, [checkout()]), Step(CHECKOUT, [checkout()] * 2)),
            apart=(Step("warn of low stock", [checkout()]),),
            clocks={f"workers/{name}": Invocation(f"workers/{name}") for name in CLOCKS},
            kept_bytes=10_000,
        ),
        TABLE,
    )

    def test_a_page_is_a_twentieth_of_what_was_browsed(self) -> None:
        one = TABLE.usd(used_by(checkout(), TABLE)) * 100 * 1_000

        assert self.BILL.json()["cents_per_1000_page_views"]["all"] == pytest.approx(one, rel=1e-3)
        assert self.BILL.json()["cents_per_1000_orders"]["all"] == pytest.approx(3 * one, rel=1e-3)

    def test_services_and_steps_add_up_to_the_whole(self) -> None:
        figures = self.BILL.json()
        services = figures["cents_per_1000_orders"]
        steps = figures["steps"]

        assert sum(cents for name, cents in services.items() if name != "all") == pytest.approx(
            services["all"], rel=1e-3
        )
        assert steps[CART]["cents_per_1000"] + steps[CHECKOUT]["cents_per_1000"] == pytest.approx(
            services["all"], rel=1e-3
        )

    def test_keeping_an_order_is_storage_and_recovery(self) -> None:
        assert self.BILL.storage_cents == pytest.approx(10_000 * 1_000 / 1e9 * 45)

    def test_says_all_of_it_in_tables(self) -> None:
        text = self.BILL.markdown()

        for word in ("DynamoDB", "API Gateway", CART, "an idle month", "Stripe's own fee", "1,314,000 requests"):
            assert word in text

    def test_names_every_service_that_has_a_price(self) -> None:
        elsewhere = {"s3"}

        assert {name.partition(".")[0] for name in TABLE.prices} == SERVICES.keys() | elsewhere
