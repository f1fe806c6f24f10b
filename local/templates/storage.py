"""Read tables, queues, topics, buckets, parameters and mail identities."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from local.templates.model import Bucket, EmailIdentity, Index, Parameter, Queue, Table, Topic
from local.templates.stack import Resource


def read_tables(resources: Iterable[Resource]) -> tuple[Table, ...]:
    """Read every DynamoDB table."""
    return tuple(_read_table(resource) for resource in resources if resource.kind == "AWS::DynamoDB::Table")


def _read_table(resource: Resource) -> Table:
    properties = resource.properties
    hash_key, range_key = _keys(properties["KeySchema"])
    ttl = properties.get("TimeToLiveSpecification") or {}
    indexes = []
    for index in properties.get("GlobalSecondaryIndexes") or ():
        index_hash, index_range = _keys(index["KeySchema"])
        projection = index.get("Projection") or {}
        indexes.append(
            Index(
                name=index["IndexName"],
                hash_key=index_hash,
                range_key=index_range,
                projection=projection.get("ProjectionType", "ALL"),
                non_key_attributes=tuple(projection.get("NonKeyAttributes", ())),
            )
        )
    return Table(
        logical_id=resource.logical_id,
        name=resource.identity.ref,
        arn=resource.identity.attributes["Arn"],
        attributes={entry["AttributeName"]: entry["AttributeType"] for entry in properties["AttributeDefinitions"]},
        hash_key=hash_key,
        range_key=range_key,
        indexes=tuple(indexes),
        stream_view=(properties.get("StreamSpecification") or {}).get("StreamViewType"),
        ttl_attribute=ttl.get("AttributeName") if str(ttl.get("Enabled", "")).lower() == "true" else None,
    )


def _keys(schema: list[Mapping[str, str]]) -> tuple[str, str | None]:
    by_kind = {entry["KeyType"]: entry["AttributeName"] for entry in schema}
    return by_kind["HASH"], by_kind.get("RANGE")


def read_queues(resources: Iterable[Resource]) -> tuple[Queue, ...]:
    """Read every SQS queue, those that others dead-letter to first."""
    queues = [_read_queue(resource) for resource in resources if resource.kind == "AWS::SQS::Queue"]
    return tuple(sorted(queues, key=lambda queue: queue.dead_letter_arn is not None))


def _read_queue(resource: Resource) -> Queue:
    properties = resource.properties
    redrive: Any = properties.get("RedrivePolicy") or {}
    if isinstance(redrive, str):
        redrive = json.loads(redrive)
    return Queue(
        logical_id=resource.logical_id,
        stack=resource.stack.path,
        name=resource.identity.attributes["QueueName"],
        url=resource.identity.ref,
        arn=resource.identity.attributes["Arn"],
        visibility_timeout=int(properties.get("VisibilityTimeout", 30)),
        delay=int(properties.get("DelaySeconds", 0)),
        retention=int(properties.get("MessageRetentionPeriod", 345_600)),
        fifo=str(properties.get("FifoQueue", "")).lower() == "true",
        dead_letter_arn=redrive.get("deadLetterTargetArn"),
        max_receives=int(redrive["maxReceiveCount"]) if "maxReceiveCount" in redrive else None,
    )


def read_topics(resources: Iterable[Resource]) -> tuple[Topic, ...]:
    """Read every SNS topic."""
    return tuple(
        Topic(resource.logical_id, resource.identity.attributes["TopicName"], resource.identity.ref)
        for resource in resources
        if resource.kind == "AWS::SNS::Topic"
    )


def read_parameters(resources: Iterable[Resource]) -> tuple[Parameter, ...]:
    """Read every SSM parameter that the templates give a value to."""
    return tuple(
        Parameter(
            resource.identity.ref,
            str(resource.properties.get("Type", "String")),
            str(resource.properties.get("Value", "")),
        )
        for resource in resources
        if resource.kind == "AWS::SSM::Parameter"
    )


def read_buckets(resources: Iterable[Resource]) -> tuple[Bucket, ...]:
    """Read every S3 bucket."""
    return tuple(
        Bucket(resource.logical_id, resource.identity.ref, resource.identity.attributes["RegionalDomainName"])
        for resource in resources
        if resource.kind == "AWS::S3::Bucket"
    )


def read_email_identities(resources: Iterable[Resource]) -> tuple[EmailIdentity, ...]:
    """Read every SES identity."""
    return tuple(
        EmailIdentity(str(resource.properties["EmailIdentity"]))
        for resource in resources
        if resource.kind == "AWS::SES::EmailIdentity"
    )
