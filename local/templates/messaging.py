"""Read what calls functions by itself: buses and rules, mappings, schedules, subscriptions."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from local.templates.functions import FUNCTION
from local.templates.model import (
    Bus,
    QueueMapping,
    RetryPolicy,
    Rule,
    Schedule,
    StreamMapping,
    Subscription,
    Target,
)
from local.templates.stack import Resource

type Properties = Mapping[str, Any]


def read_buses(resources: Iterable[Resource]) -> tuple[Bus, ...]:
    """Read every custom bus; the default bus always exists."""
    return tuple(
        Bus(resource.logical_id, resource.identity.ref, resource.identity.attributes["Arn"])
        for resource in resources
        if resource.kind == "AWS::Events::EventBus"
    )


def _events(resources: Iterable[Resource], *kinds: str) -> Iterator[tuple[Resource, str, str, Properties]]:
    for resource in resources:
        if resource.kind == FUNCTION:
            for name, event in (resource.properties.get("Events") or {}).items():
                if event["Type"] in kinds:
                    yield resource, name, event["Type"], event.get("Properties") or {}


def read_rules(resources: Iterable[Resource]) -> tuple[Rule, ...]:
    """Read rules with a pattern, both raw ones and those of function events."""
    everything = tuple(resources)
    rules = [
        Rule(
            name=resource.identity.ref,
            arn=resource.identity.attributes["Arn"],
            bus=_bus_name(resource.properties.get("EventBusName")),
            pattern=_mapping(resource.properties["EventPattern"]),
            targets=tuple(_read_target(target) for target in resource.properties.get("Targets") or ()),
            enabled=_enabled(resource.properties),
        )
        for resource in everything
        if resource.kind == "AWS::Events::Rule" and "EventPattern" in resource.properties
    ]
    for resource, name, _kind, event in _events(everything, "EventBridgeRule", "CloudWatchEvent"):
        rule = f"{resource.identity.ref}{name}"
        target = {**event, "Id": f"{name}Target", "Arn": resource.identity.attributes["Arn"]}
        rules.append(
            Rule(
                name=rule,
                arn=resource.stack.names.arn("events", f"rule/{rule}"),
                bus=_bus_name(event.get("EventBusName")),
                pattern=_mapping(event.get("Pattern") or event.get("EventPattern") or {}),
                targets=(_read_target(target),),
                enabled=_enabled(event),
            )
        )
    return tuple(rules)


def _bus_name(value: object) -> str:
    return "default" if value is None else str(value).rpartition("/")[2]


def _enabled(properties: Properties) -> bool:
    return str(properties.get("State", "ENABLED")) != "DISABLED" and str(properties.get("Enabled", True)) != "False"


def _mapping(value: Any) -> Properties:
    parsed: Properties = json.loads(value) if isinstance(value, str) else value
    return parsed


def _read_target(target: Properties) -> Target:
    transformer = target.get("InputTransformer") or {}
    value = target.get("Input")
    return Target(
        id=str(target.get("Id", "Target")),
        arn=str(target["Arn"]),
        retry=_retry(target),
        dead_letter_arn=_dead_letter(target),
        input=value if value is None or isinstance(value, str) else json.dumps(value),
        input_path=target.get("InputPath"),
        input_paths=transformer.get("InputPathsMap"),
        input_template=transformer.get("InputTemplate"),
    )


def _retry(properties: Properties) -> RetryPolicy:
    policy = properties.get("RetryPolicy") or {}
    return RetryPolicy(
        max_attempts=int(policy.get("MaximumRetryAttempts", 185)),
        max_age_seconds=int(policy.get("MaximumEventAgeInSeconds", 86_400)),
    )


def _dead_letter(properties: Properties) -> str | None:
    arn = (properties.get("DeadLetterConfig") or {}).get("Arn")
    return None if arn is None else str(arn)


def read_queue_mappings(resources: Iterable[Resource]) -> tuple[QueueMapping, ...]:
    """Read event source mappings of queues."""
    everything = tuple(resources)
    found = [(resource.identity.ref, event["Queue"], event) for resource, _, _, event in _events(everything, "SQS")]
    found += [
        (_function_name(raw), str(raw["EventSourceArn"]), raw)
        for raw in _raw_mappings(everything)
        if ":sqs:" in str(raw.get("EventSourceArn"))
    ]
    return tuple(
        QueueMapping(
            function=function,
            queue_arn=str(arn),
            batch_size=int(event.get("BatchSize", 10)),
            window_seconds=int(event.get("MaximumBatchingWindowInSeconds", 0)),
            partial_failures="ReportBatchItemFailures" in (event.get("FunctionResponseTypes") or ()),
            max_concurrency=_optional((event.get("ScalingConfig") or {}).get("MaximumConcurrency")),
            filters=_filters(event),
            enabled=_enabled(event),
        )
        for function, arn, event in found
    )


def read_stream_mappings(resources: Iterable[Resource]) -> tuple[StreamMapping, ...]:
    """Read event source mappings of DynamoDB streams."""
    everything = tuple(resources)
    found = [
        (resource.identity.ref, event["Stream"], event) for resource, _, _, event in _events(everything, "DynamoDB")
    ]
    found += [
        (_function_name(raw), str(raw["EventSourceArn"]), raw)
        for raw in _raw_mappings(everything)
        if ":dynamodb:" in str(raw.get("EventSourceArn"))
    ]
    return tuple(
        StreamMapping(
            function=function,
            table=str(arn).partition(":table/")[2].partition("/stream/")[0],
            starting_position=str(event.get("StartingPosition", "LATEST")),
            batch_size=int(event.get("BatchSize", 100)),
            window_seconds=int(event.get("MaximumBatchingWindowInSeconds", 0)),
            partial_failures="ReportBatchItemFailures" in (event.get("FunctionResponseTypes") or ()),
            bisect=str(event.get("BisectBatchOnFunctionError", False)).lower() == "true",
            max_retries=int(event.get("MaximumRetryAttempts", -1)),
            max_age_seconds=int(event.get("MaximumRecordAgeInSeconds", -1)),
            on_failure_arn=((event.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination"),
            filters=_filters(event),
            enabled=_enabled(event),
        )
        for function, arn, event in found
    )


def _raw_mappings(resources: Iterable[Resource]) -> Iterator[Properties]:
    for resource in resources:
        if resource.kind == "AWS::Lambda::EventSourceMapping":
            yield resource.properties


def _function_name(properties: Properties) -> str:
    return str(properties["FunctionName"]).rpartition(":")[2]


def _filters(event: Properties) -> tuple[Properties, ...]:
    criteria = (event.get("FilterCriteria") or {}).get("Filters") or ()
    return tuple(_mapping(entry["Pattern"]) for entry in criteria)


def _optional(value: object) -> int | None:
    return None if value is None else int(str(value))


def read_schedules(resources: Iterable[Resource]) -> tuple[Schedule, ...]:
    """Read schedules: function events, EventBridge Scheduler schedules, and rules with an expression."""
    everything = tuple(resources)
    schedules = []
    for resource, name, event_kind, event in _events(everything, "Schedule", "ScheduleV2"):
        kind: Literal["rule", "scheduler"] = "scheduler" if event_kind == "ScheduleV2" else "rule"
        own = str(event.get("Name", f"{resource.identity.ref}{name}"))
        service, path = ("scheduler", "schedule/default") if kind == "scheduler" else ("events", "rule")
        expression = str(event.get("Schedule") or event["ScheduleExpression"])
        target = {**event, "Arn": resource.identity.attributes["Arn"]}
        arn = resource.stack.names.arn(service, f"{path}/{own}")
        schedules.append(_schedule(own, arn, kind, expression, event, target))
    for resource in everything:
        if resource.kind == "AWS::Scheduler::Schedule":
            arn = resource.identity.attributes["Arn"]
            expression = str(resource.properties["ScheduleExpression"])
            target = resource.properties["Target"]
            schedules.append(
                _schedule(resource.identity.ref, arn, "scheduler", expression, resource.properties, target)
            )
        elif resource.kind == "AWS::Events::Rule" and "ScheduleExpression" in resource.properties:
            arn = resource.identity.attributes["Arn"]
            expression = str(resource.properties["ScheduleExpression"])
            schedules += [
                _schedule(resource.identity.ref, arn, "rule", expression, resource.properties, target)
                for target in resource.properties.get("Targets") or ()
            ]
    return tuple(schedules)


def _schedule(
    name: str,
    arn: str,
    kind: Literal["rule", "scheduler"],
    expression: str,
    event: Properties,
    target: Properties,
) -> Schedule:
    value = target.get("Input")
    return Schedule(
        name=name,
        arn=arn,
        kind=kind,
        expression=expression,
        timezone=str(event.get("ScheduleExpressionTimezone", "UTC")),
        target_arn=str(target["Arn"]),
        input=value if value is None or isinstance(value, str) else json.dumps(value),
        retry=_retry(target),
        dead_letter_arn=_dead_letter(target),
        enabled=_enabled(event),
    )


def read_subscriptions(resources: Iterable[Resource]) -> tuple[Subscription, ...]:
    """Read subscriptions of topics: inside the topic, on their own, and of function events."""
    everything = tuple(resources)
    found = []
    for resource in everything:
        properties = resource.properties
        if resource.kind == "AWS::SNS::Topic":
            found += [
                Subscription(resource.identity.ref, str(entry["Protocol"]), str(entry["Endpoint"]))
                for entry in properties.get("Subscription") or ()
            ]
        elif resource.kind == "AWS::SNS::Subscription":
            found.append(
                Subscription(
                    str(properties["TopicArn"]), str(properties["Protocol"]), str(properties.get("Endpoint", ""))
                )
            )
    found += [
        Subscription(str(event["Topic"]), "lambda", resource.identity.attributes["Arn"])
        for resource, _, _, event in _events(everything, "SNS")
    ]
    return tuple(found)
