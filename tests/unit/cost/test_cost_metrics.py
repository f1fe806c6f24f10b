"""What a deployed function tells CloudWatch of its cost: a line in the embedded metric format."""

import json
import secrets
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from commerce.entrypoints import cost
from commerce.entrypoints.cost import PRICES, estimate, idle, metered
from commerce.kernel import usage
from commerce.kernel.config import settings
from tests.cost.shipped import shipped


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A function of 512 MB that tells the cost of each invocation."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("STAGE", "prod")
    monkeypatch.setenv("COST_METRICS_EVERY", "1")
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    settings.cache_clear()
    cost._prices.cache_clear()
    yield monkeypatch
    settings.cache_clear()
    cost._prices.cache_clear()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines that CloudWatch makes metrics of."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]


def works(*uses: str, published: int = 0) -> None:
    """Be a function that uses something and publishes some placed orders."""

    @metered
    def handler(_event: object, _context: object) -> str:
        for price in uses:
            usage.count(price)
        for _ in range(published):
            usage.count_published("orders.placed")
        return "answer"

    assert handler({}, None) == "answer"


class TestLine:
    def test_is_a_metric_of_the_stage_and_of_nothing_else(self, capsys: pytest.CaptureFixture[str]) -> None:
        works("ses.mail")

        [line] = told(capsys)
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Dimensions"] == [["stage"]]
        assert directive["Metrics"] == [{"Name": "EstimatedCost"}]
        assert directive["Namespace"]
        assert line["stage"] == "prod"
        assert line["_aws"]["Timestamp"] > 1_700_000_000_000
        assert 100 < line["EstimatedCost"] < 102, "a mail is 100 millionths of a dollar"

    def test_counts_the_orders_that_were_placed(self, capsys: pytest.CaptureFixture[str]) -> None:
        works(published=2)

        [line] = told(capsys)
        assert line["OrdersPlaced"] == 2
        assert {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]} == {
            "EstimatedCost",
            "OrdersPlaced",
        }

    def test_costs_less_than_the_request_that_it_tells_of(self, capsys: pytest.CaptureFixture[str]) -> None:
        works()

        [line] = told(capsys)
        assert len(json.dumps(line)) / 1e9 * 500_000 < 0.2, "in millionths of a dollar: Lambda's own price of a request"

    def test_forgets_the_invocation_before(self, capsys: pytest.CaptureFixture[str]) -> None:
        works("ses.mail", published=1)
        works()

        *_, last = told(capsys)
        assert "OrdersPlaced" not in last
        assert last["EstimatedCost"] < 2

    def test_is_told_of_a_failure_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        @metered
        def handler(_event: object, _context: object) -> None:
            raise LookupError

        with pytest.raises(LookupError):
            handler({}, None)

        assert len(told(capsys)) == 1


class TestSettings:
    def test_zero_is_silence(self, deployed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        deployed.setenv("COST_METRICS_EVERY", "0")
        settings.cache_clear()

        works("ses.mail", published=1)

        assert told(capsys) == []

    def test_one_in_ten_speaks_for_ten(self, deployed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        deployed.setenv("COST_METRICS_EVERY", "10")
        settings.cache_clear()
        deployed.setattr(secrets, "randbelow", lambda _: 0)

        works("ses.mail")

        [line] = told(capsys)
        assert 1000 < line["EstimatedCost"] < 1020

    def test_the_other_nine_are_silent_but_for_orders(
        self, deployed: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        deployed.setenv("COST_METRICS_EVERY", "10")
        settings.cache_clear()
        deployed.setattr(secrets, "randbelow", lambda _: 5)

        works("ses.mail")
        works("ses.mail", published=3)

        [line] = told(capsys)
        assert line["OrdersPlaced"] == 3
        assert "EstimatedCost" not in line

    def test_a_vain_run_makes_no_metric(self, capsys: pytest.CaptureFixture[str]) -> None:
        @metered
        def handler(_event: object, _context: object) -> None:
            idle()

        handler({}, None)

        assert told(capsys) == []


class TestEstimate:
    def test_is_the_sum_of_what_was_used(self) -> None:
        used = {"dynamodb.read_unit": 7, "dynamodb.write_unit": 40, "api_gateway.request": 1, "cloudfront.request": 1}
        units, requests = 7 * 0.125 + 40 * 0.625, 1 + 1 + 0.2
        computing, lines = 0.5 * 0.1 * 13.3334, (650 + 330) / 1e9 * 500_000

        assert estimate(used, 0.1) == pytest.approx(units + requests + computing + lines)

    def test_counts_a_trace_that_x_ray_takes(self, deployed: pytest.MonkeyPatch) -> None:
        before = estimate({}, 0)
        deployed.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=1;Sampled=1")

        assert estimate({}, 0) - before == pytest.approx(5)

    def test_a_region_that_nobody_priced_is_taken_for_virginia(self, deployed: pytest.MonkeyPatch) -> None:
        before = estimate({"ses.mail": 1}, 1)
        deployed.setenv("AWS_REGION", "mars-north-1")
        cost._prices.cache_clear()

        assert estimate({"ses.mail": 1}, 1) == before


class TestCapacity:
    @pytest.mark.parametrize(
        ("operation", "capacity", "price"),
        [
            ("Query", {"CapacityUnits": 3.5}, "dynamodb.read_unit"),
            ("BatchGetItem", [{"CapacityUnits": 2.0}, {"CapacityUnits": 1.5}], "dynamodb.read_unit"),
            ("PutItem", {"CapacityUnits": 3.5}, "dynamodb.write_unit"),
            ("TransactWriteItems", [{"CapacityUnits": 3.0}, {"CapacityUnits": 0.5}], "dynamodb.write_unit"),
        ],
    )
    def test_is_what_dynamodb_says(self, operation: str, capacity: Any, price: str) -> None:
        usage.begin()

        usage.count_capacity({"ConsumedCapacity": capacity}, SimpleNamespace(name=operation))

        assert dict(usage.used()) == {price: 3.5}

    def test_is_nothing_where_dynamodb_says_nothing(self) -> None:
        usage.begin()

        usage.count_capacity({"Error": {"Code": "ConditionalCheckFailedException"}}, SimpleNamespace(name="PutItem"))

        assert usage.used().get("dynamodb.write_unit", 0) == 0


def test_the_functions_prices_are_those_of_the_price_tables() -> None:
    assert PRICES.read_text(encoding="utf-8") == shipped(), "write them: python -m tests.cost --ship"
