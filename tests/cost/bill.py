"""From invocations to what AWS bills: requests, GB-seconds, units, messages, bytes."""

import math
from collections.abc import Iterable, Mapping
from functools import cache

from tests.architecture.stacks import functions, stacks
from tests.cost.calls import Call
from tests.cost.meter import Invocation
from tests.cost.price_table import PriceTable, Usage

GB = 1e9
HTTP_PIECE = 512 * 1024
EVENT_ENVELOPE_BYTES = 200
"""What EventBridge adds to an event when it archives it."""


@cache
def memory_and_tracing() -> Mapping[str, tuple[int, bool]]:
    """Return each function's memory in MB, and whether X-Ray traces it, by the templates' defaults."""
    default = stacks()["Root"].written["Parameters"]["Tracing"]["Default"]
    return {function.label: (function.properties["MemorySize"], default == "Active") for function in functions()}


def milliseconds(invocation: Invocation, table: PriceTable) -> float:
    """Return how long an invocation would run on Lambda: its CPU at its share of a processor, and what it waits for.

    The share of start-ups that fall upon it is in it.
    """
    memory, _ = memory_and_tracing()[invocation.function]
    speed = min(1.0, memory / table.assumed["vcpu_at_mb"])
    computing = invocation.cpu_seconds * 1000 * table.assumed["lambda_cpu_ratio"] / speed
    waiting = sum(table.latency_ms[_latency(call)] for call in invocation.calls)
    return math.ceil(computing + waiting) + table.assumed["cold_share"] * table.assumed["cold_ms"]


def _latency(call: Call) -> str:
    if call.service != "dynamodb":
        return call.service
    if call.operation == "TransactWriteItems":
        return "dynamodb_transaction"
    return "dynamodb_write" if call.write_units else "dynamodb_read"


def used_by(invocation: Invocation, table: PriceTable) -> Usage:
    """Return all that an invocation is billed for, with the request that came through CloudFront and API Gateway."""
    memory, is_traced = memory_and_tracing()[invocation.function]
    usage: Usage = Usage()
    usage["lambda.request"] += 1
    _add(usage, "lambda.gb_second", memory / 1024 * milliseconds(invocation, table) / 1000)
    _add(usage, "cloudwatch.log_gb", (invocation.log_bytes + table.assumed["platform_log_bytes"]) / GB)
    if is_traced:
        _add(usage, "xray.trace", table.assumed["traced_share"])
    if invocation.status is not None:
        usage["api_gateway.request"] += max(1, math.ceil(invocation.answer_bytes / HTTP_PIECE))
        usage["cloudfront.request"] += 1
        _add(usage, "cloudfront.gb_out", invocation.answer_bytes / GB)
        _add(usage, "cloudwatch.log_gb", table.assumed["access_log_bytes"] / GB)
    for call in invocation.calls:
        _add_call(usage, call)
    return +usage


def _add_call(usage: Usage, call: Call) -> None:
    match call.service:
        case "dynamodb":
            _add(usage, "dynamodb.read_unit", call.read_units)
            _add(usage, "dynamodb.write_unit", call.write_units)
        case "sqs":
            usage["sqs.request"] += call.pieces
        case "events":
            usage["eventbridge.event"] += call.pieces
            _add(usage, "eventbridge.archived_gb", (call.bytes + EVENT_ENVELOPE_BYTES * call.pieces) / GB)
        case "ses":
            usage["ses.mail"] += 1
        case "sns":
            usage["sns.publish"] += call.pieces
            usage["sns.mail"] += 1
        case "ssm":
            usage["kms.request"] += 1


def _add(usage: Usage, name: str, amount: float) -> None:
    usage[name] += amount  # type: ignore[assignment] # typeshed counts in whole numbers only.


def total(usages: Iterable[Usage]) -> Usage:
    """Return the sum of usages."""
    found: Usage = Usage()
    for usage in usages:
        found.update(usage)
    return found


def scaled(usage: Usage, factor: float) -> Usage:
    """Return so many times a usage."""
    found: Usage = Usage()
    for name, amount in usage.items():
        _add(found, name, amount * factor)
    return found
