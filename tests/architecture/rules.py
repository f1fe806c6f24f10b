"""The rules that every stack obeys. Each returns what is wrong, in sentences; nothing wrong is an empty list."""

from collections.abc import Iterator

from tests.architecture.stacks import Function, Stack, Template, in_words, references

MOST_RESOURCES = 450  # CloudFormation takes 500 after translation.
MOST_INTEGRATIONS = 270  # API Gateway takes 300 and raises it for nobody.
SHORTEST_VISIBILITY = 6  # times the function's time-out, as AWS advises for SQS.
LONGEST_ANSWER_SECONDS = 29  # API Gateway waits 30 seconds.

# Types that cost nothing while nobody shops. Everything else is refused until somebody has looked at its price.
FREE_WHILE_IDLE = frozenset({
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudWatch::Alarm",  # ten are free; see too_many_alarms
    "AWS::CloudWatch::Dashboard",  # three are free
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "Custom::PreparedStore",
})  # fmt: skip

# Settings that turn a free type into one that is paid by the hour.
PAID_BY_THE_HOUR = (
    "ProvisionedThroughput",
    "ProvisionedConcurrencyConfig",
    "SnapStart",
    "CacheClusterEnabled",
    "ShardCount",
)

# Logical ids of functions that are paid by the hour to start faster: docs/performance.md says what it costs.
KEPT_READY: frozenset[str] = frozenset()

MARKS_OF_A_SECRET = ("sk_live", "sk_test", "whsec_", "rk_live", "resolve:ssm-secure", "resolve:secretsmanager", "AKIA")
CREDENTIALS_IN_LOGS = ("$context.path", "$context.authorizer", "$context.identity", "header", "querystring", "cookie")


def too_big(stack: Stack) -> list[str]:
    """No stack outgrows CloudFormation, no API its integrations."""
    count = len(stack.translated["Resources"])
    wrong = [f"{stack.name} has {count} resources after translation"] if count > MOST_RESOURCES else []
    for name, api in stack.of_type("AWS::ApiGatewayV2::Api").items():
        routes = sum(len(methods) for methods in api["Properties"]["Body"]["paths"].values())
        if routes > MOST_INTEGRATIONS:
            wrong.append(f"{name} has {routes} integrations")
    return wrong


def costs_while_idle(stack: Stack) -> list[str]:
    """Nothing is paid by the hour."""
    wrong = []
    for name, it in stack.translated["Resources"].items():
        if it["Type"].startswith("AWS::Lambda::") and name.startswith(tuple(KEPT_READY)):
            continue
        if it["Type"] not in FREE_WHILE_IDLE:
            wrong.append(f"{name} is a {it['Type']}: is it free while nobody shops?")
        wrong += [f"{name} sets {key}" for key in PAID_BY_THE_HOUR if key in it.get("Properties", {})]
        if it["Type"] == "AWS::DynamoDB::Table" and it["Properties"].get("BillingMode") != "PAY_PER_REQUEST":
            wrong.append(f"{name} is not PAY_PER_REQUEST")
    return wrong


def too_many_alarms(stack: Stack) -> list[str]:
    """Ten alarms and three dashboards are free; every alarm tells somebody."""
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    wrong = [f"{name} tells nobody" for name, alarm in alarms.items() if not alarm["Properties"].get("AlarmActions")]
    if len(alarms) > 10:
        wrong.append(f"{len(alarms)} alarms")
    if len(stack.of_type("AWS::CloudWatch::Dashboard")) > 1:
        wrong.append("more than one dashboard")
    return wrong


def loses_data(stack: Stack) -> list[str]:
    """Tables and buckets outlive their stack; nested stacks hold none."""
    wrong = []
    kept = stack.of_type("AWS::DynamoDB::Table") | stack.of_type("AWS::S3::Bucket")
    if kept and stack.name != "Root":
        wrong.append(f"{stack.name} holds state: {', '.join(kept)}")
    for name, it in kept.items():
        if it.get("DeletionPolicy") != "RetainExceptOnCreate" or it.get("UpdateReplacePolicy") != "Retain":
            wrong.append(f"{name} is not retained")
        if "TableName" in it["Properties"] or "BucketName" in it["Properties"]:
            wrong.append(f"{name} has a name of its own: a retained one would be in the way of the next deploy")
    for name, it in stack.of_type("AWS::DynamoDB::Table").items():
        wrong += _leaves_a_table_open(name, it["Properties"])
    for name, it in stack.of_type("AWS::S3::Bucket").items():
        if not all(it["Properties"].get("PublicAccessBlockConfiguration", {"none": False}).values()):
            wrong.append(f"{name} may be public")
    return wrong


def _leaves_a_table_open(name: str, properties: Template) -> list[str]:
    wrong = []
    if not properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        wrong.append(f"{name} cannot be restored to a point in time")
    if "SSESpecification" not in properties:
        wrong.append(f"{name} does not say how it is encrypted")
    if properties.get("DeletionProtectionEnabled") != {"Fn::If": ["ProtectsData", True, False]}:
        wrong.append(f"{name} ignores ProtectData")
    return wrong


def logs_for_ever(stack: Stack) -> list[str]:
    """Logs end, all functions of a stack share one group, and access logs carry no credentials."""
    groups = stack.of_type("AWS::Logs::LogGroup")
    wrong = [f"{name} keeps logs for ever" for name, it in groups.items() if "RetentionInDays" not in it["Properties"]]
    for name, it in stack.of_type("AWS::Lambda::Function").items():
        if it["Properties"].get("LoggingConfig", {}).get("LogGroup") != {"Ref": "LogGroup"}:
            wrong.append(f"{name} does not log to the stack's group")
        if it["Properties"].get("TracingConfig", {}).get("Mode") != {"Ref": "Tracing"}:
            wrong.append(f"{name} ignores Tracing")
    for name, it in stack.of_type("AWS::ApiGatewayV2::Stage").items():
        settings = it["Properties"].get("AccessLogSettings", {})
        line = settings.get("Format", "")
        if "$context.routeKey" not in line:
            wrong.append(f"{name} has no access log that names the route")
        wrong += [f"{name} logs {what}" for what in CREDENTIALS_IN_LOGS if what in line]
        if not it["Properties"].get("DefaultRouteSettings", {}).get("ThrottlingRateLimit"):
            wrong.append(f"{name} is not throttled")
    return wrong


def keeps_secrets_in_sight(stack: Stack) -> list[str]:
    """Secrets are named, never written: not in a template, not in an environment variable, not in an output."""
    return [f"{stack.name} contains {mark}" for mark in MARKS_OF_A_SECRET if mark in str(stack.written)]


def runs_wrong(stack: Stack) -> list[str]:
    """Every function is arm64 and Python 3.13, and ends before who waits for it."""
    wrong = []
    for function in stack.functions():
        properties = function.properties
        if properties.get("Architectures") != ["arm64"] or properties.get("Runtime") != "python3.13":
            wrong.append(f"{function.name} is not Python 3.13 on arm64")
        if function.routes and properties["Timeout"] >= LONGEST_ANSWER_SECONDS:
            wrong.append(f"{function.name} may outlive API Gateway's patience")
    return wrong


def forgets_failures(stack: Stack, root: Stack, passed: Template) -> list[str]:
    """What is handed over and cannot be done ends in a dead letter queue, after a finite number of tries."""
    wrong = []
    for function in stack.functions():
        if function.is_invoked_asynchronously:
            wrong += _forgets_an_invocation(function)
        for event in function.events:
            match event["Type"]:
                case "SQS":
                    queue = root.of_type("AWS::SQS::Queue")[
                        in_words(event["Properties"]["Queue"], passed).split(".")[0]
                    ]
                    wrong += _forgets_a_message(function, event["Properties"], queue["Properties"])
                case "DynamoDB":
                    wrong += _forgets_a_stream_record(function, event["Properties"])
                case "Schedule" | "ScheduleV2" | "EventBridgeRule":
                    wrong += _lacks(f"{function.name}'s clock", event["Properties"], "RetryPolicy", "DeadLetterConfig")
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            wrong += _lacks(name, target, "RetryPolicy", "DeadLetterConfig")
    return wrong


def _lacks(whose: str, properties: Template, *keys: str) -> list[str]:
    return [f"{whose} has no {key}" for key in keys if not properties.get(key)]


def _forgets_an_invocation(function: Function) -> list[str]:
    wrong = _lacks(function.name, function.properties, "DeadLetterQueue")
    if "MaximumRetryAttempts" not in function.properties.get("EventInvokeConfig", {}):
        wrong.append(f"{function.name} does not say how often it is retried")
    return wrong


def _forgets_a_message(function: Function, mapping: Template, queue: Template) -> list[str]:
    wrong = []
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        wrong.append(f"{function.name} fails whole batches")
    if queue["VisibilityTimeout"] < SHORTEST_VISIBILITY * function.properties["Timeout"]:
        wrong.append(f"{function.name}'s queue shows a message again too early")
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        wrong.append(f"{function.name} may take all of the account's concurrency")
    return wrong


def _forgets_a_stream_record(function: Function, mapping: Template) -> list[str]:
    bounds = ("BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds")
    wrong = _lacks(f"{function.name}'s stream", mapping, *bounds, "DestinationConfig", "FilterCriteria")
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        wrong.append(f"{function.name} fails whole batches")
    if any(mapping.get(key, 0) < 0 for key in bounds):
        wrong.append(f"{function.name}'s stream is retried for ever")
    return wrong


def dead_letters(stack: Stack) -> Iterator[str]:
    """Return the queues of a stack that take what failed."""
    for it in stack.translated["Resources"].values():
        properties = it.get("Properties", {})
        ends = [
            properties.get("RedrivePolicy"),
            properties.get("DeadLetterConfig"),
            properties.get("DestinationConfig"),
        ]
        ends += [target.get("DeadLetterConfig") for target in properties.get("Targets", [])]
        for end in ends:
            yield from references(end or {})


def loses_messages(stack: Stack) -> list[str]:
    """A queue is encrypted, tries five times or more, and its dead letters live longer than its messages."""
    wrong = []
    queues = stack.of_type("AWS::SQS::Queue")
    dead = set(dead_letters(stack))
    for name, it in queues.items():
        properties = it["Properties"]
        if not properties.get("SqsManagedSseEnabled"):
            wrong.append(f"{name} is not encrypted")
        if name in dead:
            continue
        redrive = properties.get("RedrivePolicy")
        if not redrive or redrive["maxReceiveCount"] < 5:
            wrong.append(f"{name} gives up too early, or never")
            continue
        target = queues[next(iter(references(redrive)))]["Properties"]
        if target["MessageRetentionPeriod"] <= properties["MessageRetentionPeriod"]:
            wrong.append(f"{name}'s dead letters do not outlive its messages")
    return wrong


def leans_on_what_forgets(stack: Stack) -> list[str]:
    """No queue or topic removes duplicates: it would for five minutes, and consumers would come to lean on it."""
    return [
        f"{name} is FIFO"
        for kind in ("AWS::SQS::Queue", "AWS::SNS::Topic")
        for name, found in stack.of_type(kind).items()
        if {"FifoQueue", "FifoTopic", "ContentBasedDeduplication"} & found.get("Properties", {}).keys()
    ]


KEEPS_WHAT_IT_ASKED = {"ListShippingOptionsFunction": {"dynamodb:PutItem"}}
"""Reads that may write, and why: carriers' offers are kept, so that what was shown can be ordered."""


def allows_too_much(function: Function) -> list[str]:
    """A function has a role of its own which names actions and resources; reads cannot write."""
    wrong = []
    name = function.name.removesuffix("Function")
    role = function.stack.written["Resources"].get(f"{name}Role")
    if function.properties.get("Role") != {"Fn::GetAtt": [f"{name}Role", "Arn"]} or role is None:
        return [f"{function.name} has no role of its own, {name}Role"]
    if "ManagedPolicyArns" in role["Properties"] or "Policies" in function.properties:
        wrong.append(f"{name}Role holds policies that are not written out")
    for statement in function.statements:
        actions, resources = as_list(statement["Action"]), as_list(statement["Resource"])
        traces = all(action.startswith("xray:") for action in actions)
        if any("*" in action for action in actions) or "NotAction" in statement or "NotResource" in statement:
            wrong.append(f"{name}Role allows {actions}")
        if any("*" in in_words(resource) for resource in resources) and not traces:
            wrong.append(f"{name}Role allows {actions} on {resources}")
        if actions != sorted(actions):
            wrong.append(f"{name}Role does not sort {actions}")
    reads = bool(function.routes) and all(method == "GET" for method, _ in function.routes)
    writes = [
        a for a in granted(function) if a.split(":")[1].startswith(("Put", "Update", "Delete", "Send", "Publish"))
    ]
    writes = [action for action in writes if action not in KEEPS_WHAT_IT_ASKED.get(function.name, ())]
    if reads and (
        changing := [action for action in writes if action.startswith(("dynamodb:", "ssm:", "sqs:", "events:"))]
    ):
        wrong.append(f"{function.name} only reads, and may {', '.join(changing)}")
    return wrong


def granted(function: Function) -> set[str]:
    """Return the actions that a function's role names."""
    return {action for statement in function.statements for action in as_list(statement["Action"])}


def as_list(value: object) -> list[str]:
    """Return what IAM takes as one or as many, as many."""
    return [*value] if isinstance(value, list) else [value]  # type: ignore[list-item]


def depends_in_a_circle(stack: Stack) -> list[str]:
    """No resource needs itself. The root's parameters for a nested stack and what it reads back count."""
    resources = stack.translated["Resources"]
    needs = {name: {other for other in references(it) if other in resources} for name, it in resources.items()}
    done: set[str] = set()

    def circle(name: str, path: tuple[str, ...]) -> list[str]:
        if name in path:
            return [f"{stack.name}: " + " -> ".join([*path[path.index(name) :], name])]
        if name in done:
            return []
        found = [it for other in sorted(needs[name]) for it in circle(other, (*path, name))]
        done.add(name)
        return found

    return [it for name in sorted(needs) for it in circle(name, ())]
