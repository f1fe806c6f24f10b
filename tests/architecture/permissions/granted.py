"""What roles allow and what functions need, in the same words: an action and the parameter that names its resource."""

import re

from tests.architecture.rules import as_list
from tests.architecture.stacks import Function, references
from tests.support.document import QUESTIONS
from tests.support.witness import Observation

Permission = tuple[str, str]

ENDING = re.compile(r"(Arn|Name|Url)$")
POLLS_A_QUEUE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
READS_A_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
EVERY_WRITE = {
    ("dynamodb:GetItem", "IdempotencyTable"),
    ("dynamodb:PutItem", "IdempotencyTable"),
    ("ssm:GetParameter", "SigningKeys"),
}
ALWAYS = {
    ("logs:CreateLogStream", "LogGroup"),
    ("logs:PutLogEvents", "LogGroup"),
    ("xray:PutTelemetryRecords", "*"),
    ("xray:PutTraceSegments", "*"),
}


def named(resource: object) -> str:
    """Return the parameter or resource that an ARN is made of, and its index if it has one."""
    names = {ENDING.sub("", name) for name in references(resource)} or {str(resource)}
    text = str(resource)
    index = text[text.index("/index/") :].rstrip("'}") if "/index/" in text else ""
    return "+".join(sorted(names)) + index


def granted(function: Function) -> set[Permission]:
    """Return what a function's role allows."""
    return {
        (action, named(resource))
        for statement in function.statements
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


def needed(function: Function, seen: set[Observation]) -> set[Permission]:
    """Return all that a function needs."""
    return observed(function, seen) | needed_by_lambda(function) | needed_by_the_edge(function)


def needed_by_lambda(function: Function) -> set[Permission]:
    """Return what Lambda does in a function's name: log, trace, poll, and put away what failed."""
    needed = set(ALWAYS)
    for event in function.events:
        own = event["Properties"]
        if event["Type"] == "SQS":
            needed |= {(action, named(own["Queue"])) for action in POLLS_A_QUEUE}
        if event["Type"] == "DynamoDB":
            needed |= {(action, named(own["Stream"])) for action in READS_A_STREAM}
            needed.add(("sqs:SendMessage", named(own["DestinationConfig"]["OnFailure"]["Destination"])))
    if "DeadLetterQueue" in function.properties:
        needed.add(("sqs:SendMessage", named(function.properties["DeadLetterQueue"]["TargetArn"])))
    return needed


def needed_by_the_edge(function: Function) -> set[Permission]:
    """Return what every write does for its Idempotency-Key, whether a test sends one or not."""
    changing = [path for method, path in function.routes if method in {"POST", "PUT", "PATCH", "DELETE"}]
    writes = any(not path.endswith(QUESTIONS) for path in changing)
    return EVERY_WRITE if writes and function.stack.name != "Workers" else set()


def observed(function: Function, seen: set[Observation]) -> set[Permission]:
    """Return what a function called, as far as the suite saw it."""
    found = set()
    for label, action, variable in seen:
        if label == function.label:
            name, *index = variable.split("/index/")
            resource = named(function.variables[name]) if name in function.variables else f"{name} (no variable of its)"
            found.add((action, "/index/".join([resource, *index])))
    return found
