"""The resources of an application, with every intrinsic resolved to a local name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Statement:
    """One IAM statement of a function's role."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """What happens to an asynchronous invocation that fails (Lambda's own queue, not the caller's)."""

    retries: int = 2
    max_age_seconds: int = 21_600
    on_failure_arn: str | None = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function. `name` and `arn` are local and unique over all stacks."""

    logical_id: str
    stack: str
    name: str
    arn: str
    code_dir: Path
    handler: str
    runtime: str
    timeout: int
    memory: int
    environment: Mapping[str, str]
    layers: tuple[Path, ...]
    role: str | None
    statements: tuple[Statement, ...]
    async_config: AsyncConfig
    reserved_concurrency: int | None = None

    @property
    def file(self) -> Path:
        """The handler's source file."""
        return self.code_dir / f"{self.handler.rpartition('.')[0].replace('.', '/')}.py"


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` requests a second, at most `burst` at once."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class Cors:
    """The CORS configuration that the gateway answers by itself."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A Lambda authorizer with payload 2.0 and simple responses."""

    name: str
    function: str
    identity_headers: tuple[str, ...]
    cache_seconds: int


@dataclass(frozen=True, slots=True)
class Api:
    """An HTTP API (API Gateway v2)."""

    logical_id: str
    stack: str
    id: str
    domain: str
    cors: Cors | None
    default_throttle: Throttle | None
    route_throttles: Mapping[str, Throttle]
    access_log_format: str | None
    authorizers: Mapping[str, Authorizer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path of one API. `method` is `ANY` for all; the catch-all's path is `$default`."""

    api: str
    method: str
    path: str
    function: str
    authorizer: Authorizer | None

    @property
    def key(self) -> str:
        """The route key as API Gateway spells it."""
        return "$default" if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Behavior:
    """One path behavior of the CloudFront distribution; `pattern` is `*` for the default one."""

    pattern: str
    origin_domain: str


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index."""

    name: str
    hash_key: str
    range_key: str | None
    projection: str
    non_key_attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table."""

    logical_id: str
    name: str
    arn: str
    attributes: Mapping[str, str]
    hash_key: str
    range_key: str | None
    indexes: tuple[Index, ...]
    stream_view: str | None
    ttl_attribute: str | None

    def create_request(self) -> dict[str, Any]:
        """Build the arguments of boto3's `create_table` (time to live is set apart)."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in self.attributes.items()
            ],
            "KeySchema": _key_schema(self.hash_key, self.range_key),
        }
        if self.indexes:
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index.name,
                    "KeySchema": _key_schema(index.hash_key, index.range_key),
                    "Projection": {"ProjectionType": index.projection}
                    | ({"NonKeyAttributes": list(index.non_key_attributes)} if index.non_key_attributes else {}),
                }
                for index in self.indexes
            ]
        if self.stream_view:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": self.stream_view}
        return request


def _key_schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    schema = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    if range_key:
        schema.append({"AttributeName": range_key, "KeyType": "RANGE"})
    return schema


@dataclass(frozen=True, slots=True)
class Queue:
    """An SQS queue. Times are seconds."""

    logical_id: str
    stack: str
    name: str
    url: str
    arn: str
    visibility_timeout: int
    delay: int
    retention: int
    fifo: bool
    dead_letter_arn: str | None
    max_receives: int | None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long EventBridge tries to hand an event to a target."""

    max_attempts: int = 185
    max_age_seconds: int = 86_400


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rule sends its events; at most one of `input`, `input_path` and `transformer` is set."""

    id: str
    arn: str
    retry: RetryPolicy
    dead_letter_arn: str | None
    input: str | None = None
    input_path: str | None = None
    input_paths: Mapping[str, str] | None = None
    input_template: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An EventBridge rule with an event pattern."""

    name: str
    arn: str
    bus: str
    pattern: Mapping[str, Any]
    targets: tuple[Target, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Bus:
    """An EventBridge bus."""

    logical_id: str
    name: str
    arn: str


@dataclass(frozen=True, slots=True)
class QueueMapping:
    """An event source mapping from a queue to a function."""

    function: str
    queue_arn: str
    batch_size: int = 10
    window_seconds: int = 0
    partial_failures: bool = False
    max_concurrency: int | None = None
    filters: tuple[Mapping[str, Any], ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class StreamMapping:
    """An event source mapping from a table's stream to a function. -1 means no limit, as in AWS."""

    function: str
    table: str
    starting_position: str
    batch_size: int = 100
    window_seconds: int = 0
    partial_failures: bool = False
    bisect: bool = False
    max_retries: int = -1
    max_age_seconds: int = -1
    on_failure_arn: str | None = None
    filters: tuple[Mapping[str, Any], ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function that runs by the clock, from a rule (`rule`) or from EventBridge Scheduler (`scheduler`)."""

    name: str
    arn: str
    kind: Literal["rule", "scheduler"]
    expression: str
    timezone: str
    target_arn: str
    input: str | None
    retry: RetryPolicy
    dead_letter_arn: str | None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription of a topic."""

    topic_arn: str
    protocol: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Topic:
    """An SNS topic."""

    logical_id: str
    name: str
    arn: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """An SSM parameter with a value in the template."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """An S3 bucket."""

    logical_id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class EmailIdentity:
    """An SES identity that may send."""

    identity: str


@dataclass(frozen=True, slots=True)
class CustomResource:
    """A CloudFormation custom resource: a function that runs when the stack is set up."""

    logical_id: str
    stack: str
    kind: str
    service_token: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that the templates declare, over all stacks.

    `functions` and `tables` are keyed by their local (physical) name, `apis` by id.
    """

    root: Path
    template_files: tuple[Path, ...]
    outputs: Mapping[str, Any]
    functions: Mapping[str, Function]
    apis: Mapping[str, Api]
    routes: tuple[Route, ...]
    behaviors: tuple[Behavior, ...]
    tables: Mapping[str, Table]
    queues: tuple[Queue, ...]
    buses: tuple[Bus, ...]
    rules: tuple[Rule, ...]
    queue_mappings: tuple[QueueMapping, ...]
    stream_mappings: tuple[StreamMapping, ...]
    schedules: tuple[Schedule, ...]
    topics: tuple[Topic, ...]
    subscriptions: tuple[Subscription, ...]
    parameters: tuple[Parameter, ...]
    buckets: tuple[Bucket, ...]
    email_identities: tuple[EmailIdentity, ...]
    custom_resources: tuple[CustomResource, ...]

    def function(self, name: str) -> Function:
        """Find a function by local name, ARN, logical id or `domain/handler_module`; raise KeyError."""
        if found := self.functions.get(name):
            return found
        for function in self.functions.values():
            module = f"{function.code_dir.name}/{function.handler.rpartition('.')[0]}"
            if name in (function.arn, function.logical_id, module):
                return function
        raise KeyError(name)

    def table(self, name: str) -> Table:
        """Find a table by local name or logical id; raise KeyError."""
        for table in self.tables.values():
            if name in (table.name, table.logical_id):
                return table
        raise KeyError(name)

    def queue(self, name: str) -> Queue:
        """Find a queue by local name, URL, ARN or logical id; raise KeyError."""
        for queue in self.queues:
            if name in (queue.name, queue.url, queue.arn, queue.logical_id):
                return queue
        raise KeyError(name)
