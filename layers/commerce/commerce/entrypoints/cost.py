"""What each invocation costs, told to CloudWatch in a line of its log (docs/adr/0024).

A line in the embedded metric format: two metrics, with the stage as their only dimension.
"""

import functools
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from commerce.kernel import clock, usage
from commerce.kernel.config import settings

COST, ORDERS = "EstimatedCost", "OrdersPlaced"
PLACED = "orders.placed"
PRICES = Path(__file__).with_name("prices.json")
DEFAULT_REGION = "us-east-1"
MEGABYTES = 1024


def metered[**P, R](handler: Callable[P, R]) -> Callable[P, R]:
    """Return a handler that tells what it cost, as often as the settings say."""

    @functools.wraps(handler)
    def metering(*args: P.args, **kwargs: P.kwargs) -> R:
        every = settings().cost_metrics_every
        if not every:
            return handler(*args, **kwargs)
        usage.begin()
        started = time.perf_counter()
        try:
            return handler(*args, **kwargs)
        finally:
            _tell(time.perf_counter() - started, every=every)

    return metering


def idle() -> None:
    """Say that there was nothing to do: a clock's vain runs must not make a metric that is paid for."""
    usage.count("nothing_done")


def _tell(seconds: float, *, every: int) -> None:
    metrics: dict[str, float] = {}
    if orders := usage.published(PLACED):
        metrics[ORDERS] = orders
    if "nothing_done" not in usage.used() and secrets.randbelow(every) == 0:
        # One in `every` speaks for all of them.
        metrics[COST] = round(estimate(usage.used(), seconds) * every, 3)
    if metrics:
        sys.stdout.write(_line(metrics) + "\n")


def estimate(used: Mapping[str, float], seconds: float) -> float:
    """Return what an invocation costs, in millionths of a dollar.

    Start-up, storage, Lambda's polling of queues and what CloudFront answers by itself are not in it.
    """
    prices = _prices()
    memory = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", MEGABYTES)) / MEGABYTES
    lines = prices["platform_log_bytes"] + (prices["access_log_bytes"] if "api_gateway.request" in used else 0)
    amounts = {
        **used,
        "lambda.request": 1,
        "lambda.gb_second": memory * seconds,
        "cloudwatch.log_gb": lines / 1e9,
        "xray.trace": "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", ""),
    }
    return sum(prices[name] * amount for name, amount in amounts.items())


@functools.cache
def _prices() -> Mapping[str, float]:
    """Return the region's prices, in millionths of a dollar per unit; those of us-east-1 where we know no others."""
    regions: dict[str, dict[str, float]] = json.loads(PRICES.read_text(encoding="utf-8"))
    return regions.get(os.environ.get("AWS_REGION", ""), regions[DEFAULT_REGION])


def _line(metrics: Mapping[str, float]) -> str:
    """Return the line: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html."""
    directive = {
        "Namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "Tradewind"),
        "Dimensions": [["stage"]],
        "Metrics": [{"Name": name} for name in metrics],
    }
    line: dict[str, Any] = {
        "_aws": {"Timestamp": round(clock.now().timestamp() * 1000), "CloudWatchMetrics": [directive]},
        "stage": settings().stage,
        "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        **metrics,
    }
    return json.dumps(line, separators=(",", ":"))
