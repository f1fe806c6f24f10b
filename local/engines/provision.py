"""Create in the local services what the templates declare."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.engines.clients import Clients
from local.templates import Application, Queue, Table

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_EXISTS = (
    "ResourceInUseException",
    "BucketAlreadyOwnedByYou",
    "ResourceAlreadyExistsException",
    "AlreadyExistsException",
)


def create_tables(clients: Clients, application: Application) -> list[str]:
    """Create the tables that are missing; return those that are there in another shape."""
    return [table.logical_id for table in application.tables.values() if not _create_table(clients, table)]


def _create_table(clients: Clients, table: Table) -> bool:
    try:
        clients.dynamodb.create_table(**table.create_request())
    except ClientError as error:
        if error.response["Error"]["Code"] not in _EXISTS:
            raise
        return _has_shape(clients, table)
    if table.ttl_attribute:
        clients.dynamodb.update_time_to_live(
            TableName=table.name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": table.ttl_attribute},
        )
    return True


def _has_shape(clients: Clients, table: Table) -> bool:
    found = clients.dynamodb.describe_table(TableName=table.name)["Table"]
    indexes = {index["IndexName"]: index["KeySchema"] for index in found.get("GlobalSecondaryIndexes", [])}
    request = table.create_request()
    wanted = {index["IndexName"]: index["KeySchema"] for index in request.get("GlobalSecondaryIndexes", [])}
    streamed = bool(found.get("StreamSpecification", {}).get("StreamEnabled"))
    return found["KeySchema"] == request["KeySchema"] and indexes == wanted and streamed == bool(table.stream_view)


def create_services(clients: Clients, application: Application) -> None:
    """Create queues, buses, topics, buckets, parameters and mail identities."""
    for queue in application.queues:
        _create_queue(clients, queue)
    for bus in application.buses:
        _unless_there(partial(clients.events.create_event_bus, Name=bus.name))
    for topic in application.topics:
        clients.sns.create_topic(Name=topic.name)
    for subscription in application.subscriptions:
        if subscription.protocol in ("email", "email-json", "sqs"):
            clients.sns.subscribe(
                TopicArn=subscription.topic_arn, Protocol=subscription.protocol, Endpoint=subscription.endpoint
            )
    for bucket in application.buckets:
        _unless_there(partial(clients.s3.create_bucket, Bucket=bucket.name))
    for parameter in application.parameters:
        put_parameter(clients, parameter.name, parameter.value, secure=parameter.kind == "SecureString")
    for identity in application.email_identities:
        verify_sender(clients, identity.identity)


def _create_queue(clients: Clients, queue: Queue) -> None:
    attributes = queue_attributes(queue)
    try:
        clients.sqs.create_queue(QueueName=queue.name, Attributes=attributes)
    except clients.sqs.exceptions.QueueNameExists:
        attributes.pop("FifoQueue", None)
        clients.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=attributes)


def queue_attributes(queue: Queue) -> "dict[QueueAttributeNameType, str]":
    """Build the attributes of a queue as SQS takes them."""
    attributes: dict[QueueAttributeNameType, str] = {
        "VisibilityTimeout": str(queue.visibility_timeout),
        "DelaySeconds": str(queue.delay),
        "MessageRetentionPeriod": str(queue.retention),
    }
    if queue.fifo:
        attributes["FifoQueue"] = "true"
    if queue.dead_letter_arn:
        attributes["RedrivePolicy"] = json.dumps(
            {"deadLetterTargetArn": queue.dead_letter_arn, "maxReceiveCount": queue.max_receives}
        )
    return attributes


def put_parameter(clients: Clients, name: str, value: str, *, secure: bool) -> None:
    """Store an SSM parameter."""
    clients.ssm.put_parameter(Name=name, Value=value, Type="SecureString" if secure else "String", Overwrite=True)


def read_parameters(clients: Clients, names: list[str]) -> Mapping[str, str]:
    """Read SSM parameters; those that are not there are left out."""
    found: dict[str, str] = {}
    for name in names:
        try:
            found[name] = clients.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
    return found


def verify_sender(clients: Clients, address: str) -> None:
    """Let SES send from an address or a domain."""
    _unless_there(partial(clients.ses.create_email_identity, EmailIdentity=address))


def _unless_there(create: Callable[[], object]) -> None:
    try:
        create()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _EXISTS:
            raise
