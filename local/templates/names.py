"""The local names, ARNs and URLs that stand for what CloudFormation would create."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class LocalNames:
    """Where the stack pretends to be: its name, region, account and the SQS endpoint of its queue URLs."""

    stack: str = "tradewind"
    region: str = REGION
    account: str = ACCOUNT
    queue_endpoint: str = "http://127.0.0.1:4566"

    def arn(self, service: str, resource: str) -> str:
        """Build an ARN in the local account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True)
class Identity:
    """What `Ref` and `Fn::GetAtt` answer for one resource."""

    ref: str
    attributes: Mapping[str, str]


def identify(*, names: LocalNames, stack: str, logical_id: str, kind: str, properties: Mapping[str, Any]) -> Identity:
    """Name a resource; a name that the template gives wins over the generated one."""
    maker = _MAKERS.get(kind, _generic)
    return maker(names, f"{stack}-{logical_id}", properties)


def _table(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("TableName", default)
    arn = names.arn("dynamodb", f"table/{name}")
    return Identity(name, {"Arn": arn, "StreamArn": f"{arn}/stream/local"})


def _queue(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    fifo = str(properties.get("FifoQueue", "")).lower() == "true"
    name = properties.get("QueueName", f"{default}.fifo" if fifo else default)
    url = f"{names.queue_endpoint}/{names.account}/{name}"
    return Identity(url, {"Arn": names.arn("sqs", name), "QueueName": name, "QueueUrl": url})


def _bus(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("Name", default)
    return Identity(name, {"Arn": names.arn("events", f"event-bus/{name}"), "Name": name})


def _rule(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("Name", default)
    return Identity(name, {"Arn": names.arn("events", f"rule/{name}")})


def _schedule(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("Name", default)
    return Identity(name, {"Arn": names.arn("scheduler", f"schedule/default/{name}")})


def _topic(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("TopicName", default)
    arn = names.arn("sns", name)
    return Identity(arn, {"TopicArn": arn, "TopicName": name})


def _function(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("FunctionName", default)
    return Identity(name, {"Arn": names.arn("lambda", f"function:{name}")})


def _layer(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("LayerName", default)
    return Identity(names.arn("lambda", f"layer:{name}:1"), {})


def _api(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    del properties
    api_id = hashlib.sha256(default.encode()).hexdigest()[:10]
    return Identity(
        api_id, {"ApiEndpoint": f"https://{api_id}.execute-api.{names.region}.amazonaws.com", "ApiId": api_id}
    )


def _bucket(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("BucketName", re.sub(r"[^a-z0-9.-]", "-", default.lower()))
    attributes = {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{names.region}.amazonaws.com",
    }
    return Identity(name, attributes)


def _parameter(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    del names
    return Identity(
        properties.get("Name", default),
        {"Type": str(properties.get("Type", "String")), "Value": str(properties.get("Value", ""))},
    )


def _role(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("RoleName", default)
    return Identity(name, {"Arn": f"arn:aws:iam::{names.account}:role/{name}", "RoleId": name})


def _log_group(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    name = properties.get("LogGroupName", default)
    return Identity(name, {"Arn": names.arn("logs", f"log-group:{name}:*")})


def _generic(names: LocalNames, default: str, properties: Mapping[str, Any]) -> Identity:
    del properties
    return Identity(default, {"Arn": names.arn("local", default), "Id": default, "DomainName": f"{default}.local"})


_MAKERS: dict[str, Callable[[LocalNames, str, Mapping[str, Any]], Identity]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::SQS::Queue": _queue,
    "AWS::Events::EventBus": _bus,
    "AWS::Events::Rule": _rule,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::SNS::Topic": _topic,
    "AWS::Serverless::Function": _function,
    "AWS::Lambda::Function": _function,
    "AWS::Serverless::LayerVersion": _layer,
    "AWS::Serverless::HttpApi": _api,
    "AWS::S3::Bucket": _bucket,
    "AWS::SSM::Parameter": _parameter,
    "AWS::IAM::Role": _role,
    "AWS::Logs::LogGroup": _log_group,
}
