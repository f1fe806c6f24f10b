"""What the store costs while nobody shops: every resource of the templates, and what its type is billed while idle.

A type without an entry here fails `tests/unit/cost/test_idle.py`, as one that is not in `FREE_WHILE_IDLE` fails the
templates' own test (docs/adr/0015): somebody has looked at its price.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.architecture.stacks import Stack, Template, in_words, stacks
from tests.cost.bill import scaled, total, used_by
from tests.cost.meter import Invocation
from tests.cost.price_table import PriceTable, Usage

HOURS = 730
"""Of a month."""

POLLERS, WAIT_SECONDS = 5, 20
"""Lambda long-polls an idle queue with five connections, 20 seconds each.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
UNIT_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}

Billed = Callable[[Stack, Template], Usage]


def _nothing(_stack: Stack, _resource: Template) -> Usage:
    return Usage()


def _alarm(_stack: Stack, resource: Template) -> Usage:
    listed = [each for each in resource["Properties"].get("Metrics", []) if "MetricStat" in each]
    return Usage({"cloudwatch.alarm_metric_month": len(listed) or 1})


def _dashboard(_stack: Stack, _resource: Template) -> Usage:
    return Usage({"cloudwatch.dashboard_month": 1})


def _mapping(stack: Stack, resource: Template) -> Usage:
    """Return what Lambda asks a queue. Asking a stream of DynamoDB is free for Lambda."""
    source = in_words(resource["Properties"]["EventSourceArn"])
    if "Stream" in source:
        return Usage()
    assert "Queue" in source, f"{stack.name}: what does Lambda pay for asking {source}?"
    return Usage({"sqs.request": round(POLLERS * HOURS * 3600 / WAIT_SECONDS)})


BILLED: Mapping[str, tuple[str, Billed]] = {
    "AWS::ApiGatewayV2::Api": ("by request", _nothing),
    "AWS::ApiGatewayV2::Stage": ("by request", _nothing),
    "AWS::CloudFormation::Stack": ("nothing", _nothing),
    "AWS::CloudFront::CachePolicy": ("nothing", _nothing),
    "AWS::CloudFront::Distribution": ("by request and byte", _nothing),
    "AWS::CloudFront::OriginAccessControl": ("nothing", _nothing),
    "AWS::CloudWatch::Alarm": ("by the metrics that it watches", _alarm),
    "AWS::CloudWatch::Dashboard": ("by the month", _dashboard),
    "AWS::DynamoDB::Table": ("storage and recovery, by the GB: an empty one nothing", _nothing),
    "AWS::Events::Archive": ("storage, by the GB", _nothing),
    "AWS::Events::EventBus": ("by event", _nothing),
    "AWS::Events::Rule": ("nothing; a clock's runs are its function's", _nothing),
    "AWS::IAM::Role": ("nothing", _nothing),
    "AWS::Lambda::EventInvokeConfig": ("nothing", _nothing),
    "AWS::Lambda::EventSourceMapping": ("requests to the queue that it polls; a stream's are free", _mapping),
    "AWS::Lambda::Function": ("by invocation", _nothing),
    "AWS::Lambda::LayerVersion": ("nothing", _nothing),
    "AWS::Lambda::Permission": ("nothing", _nothing),
    "AWS::Logs::LogGroup": ("storage, by the GB", _nothing),
    "AWS::S3::Bucket": ("storage, by the GB", _nothing),
    "AWS::S3::BucketPolicy": ("nothing", _nothing),
    "AWS::SNS::Topic": ("by message", _nothing),
    "AWS::SQS::Queue": ("by request", _nothing),
    "AWS::SQS::QueuePolicy": ("nothing", _nothing),
    "Custom::PreparedStore": ("nothing", _nothing),
}
"""Each type, by what it is billed, and how much of that an idle month is."""


@dataclass(frozen=True)
class Idle:
    """Something that uses something while nobody shops."""

    what: str
    usage: Usage


def idle_month(clocks: Mapping[str, Invocation], table: PriceTable) -> list[Idle]:
    """Return what bills in a month without a shopper.

    :param clocks: one run of each clock's worker that found nothing to do.
    """
    found = []
    for stack in stacks().values():
        for name, resource in stack.translated["Resources"].items():
            usage = BILLED[resource["Type"]][1](stack, resource)
            if resource["Type"] == "AWS::Events::Rule" and "ScheduleExpression" in resource["Properties"]:
                function = woken_by(stack, resource)
                usage = scaled(used_by(clocks[function], table), runs(resource["Properties"]["ScheduleExpression"]))
            if usage:
                found.append(Idle(name, usage))
    return found


def runs(schedule: str) -> float:
    """Return how often a clock runs in a month."""
    match = RATE.fullmatch(schedule)
    assert match, f"{schedule} is no rate"
    return HOURS / (int(match[1]) * UNIT_HOURS[match[2]])


def woken_by(stack: Stack, rule: Template) -> str:
    """Return the handler that a clock's rule invokes, below functions/."""
    [target] = rule["Properties"]["Targets"]
    logical = in_words(target["Arn"]).partition(".")[0]
    [label] = [function.label for function in stack.functions() if function.name == logical]
    return label


def together(idle: Iterable[Idle]) -> Usage:
    """Return the sum."""
    return total(each.usage for each in idle)
