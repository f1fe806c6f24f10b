"""Every rule finds the fault that it is for: a template with one planted violation is refused."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.architecture import rules
from tests.architecture.stacks import Function, Stack, passed_to, stack, stacks

VARIABLES = "GetOrderFunction.Properties.Environment"
STREAM = "PublishEventsFunction.Properties.Events.Stream.Properties"
MESSAGES = "OnStripeEventFunction.Properties.Events.Messages.Properties"
SHOP_URL = "Storefront.Properties.Parameters.ShopUrl"
STATEMENT = "GetCartRole.Properties.Policies.1.PolicyDocument.Statement.0"

Resources = dict[str, Any]
Plant = Callable[[Resources], object]


def changed(name: str, plant: Plant) -> Stack:
    original = stacks()[name]
    written = copy.deepcopy(original.written)
    plant(written["Resources"])
    return stack(name, original.path, written)


def add(kind: str, **properties: object) -> Plant:
    return lambda resources: resources.update(Planted={"Type": kind, "Properties": properties})


def put(path: str, value: object) -> Plant:
    """Return a change that sets `Logical.Properties.Key` (or removes it, for None)."""

    def plant(resources: Resources) -> None:
        *parents, last = path.split(".")
        place: Any = resources
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return plant


def function(it: Stack, name: str) -> Function:
    return next(function for function in it.functions() if function.name == name)


def failures(it: Stack) -> list[str]:
    root = it if it.name == "Root" else stacks()["Root"]
    return rules.forgets_failures(it, root, {} if it.name == "Root" else passed_to(it.name))


SNAPSHOTS = {"ApplyOn": "PublishedVersions"}


@pytest.mark.parametrize(
    ("rule", "name", "plant"),
    [
        (rules.costs_while_idle, "Root", add("AWS::EC2::NatGateway", SubnetId="subnet-1")),
        (rules.costs_while_idle, "Root", add("AWS::KMS::Key", KeyPolicy={})),
        (rules.costs_while_idle, "Root", put("CartsTable.Properties.BillingMode", "PROVISIONED")),
        (rules.costs_while_idle, "Admin", put("GetOrderFunction.Properties.SnapStart", SNAPSHOTS)),
        (rules.too_many_alarms, "Root", put("DeadLetterAlarm.Properties.AlarmActions", [])),
        (rules.too_many_alarms, "Root", lambda it: it.update({f"Alarm{n}": it["DeadLetterAlarm"] for n in range(5)})),
        (rules.leans_on_what_forgets, "Root", add("AWS::SQS::Queue", FifoQueue=True)),
        (rules.loses_data, "Root", put("OrdersTable.DeletionPolicy", "Delete")),
        (rules.loses_data, "Root", put("OrdersTable.Properties.TableName", "orders")),
        (rules.loses_data, "Root", put("OrdersTable.Properties.PointInTimeRecoverySpecification", None)),
        (rules.loses_data, "Root", put("OrdersTable.Properties.DeletionProtectionEnabled", value=False)),
        (rules.loses_data, "Root", put("MediaBucket.Properties.PublicAccessBlockConfiguration", None)),
        (rules.loses_data, "Workers", add("AWS::S3::Bucket")),
        (rules.logs_for_ever, "Admin", put("LogGroup.Properties.RetentionInDays", None)),
        (rules.logs_for_ever, "Admin", put("AdminApi.Properties.AccessLogSettings.Format", "$context.path")),
        (rules.logs_for_ever, "Admin", put("AdminApi.Properties.DefaultRouteSettings", None)),
        (rules.logs_for_ever, "Admin", put("GetOrderFunction.Properties.Tracing", "PassThrough")),
        (rules.keeps_secrets_in_sight, "Admin", put(VARIABLES, {"Variables": {"A": "whsec_1"}})),
        (rules.runs_wrong, "Storefront", put("BeginCheckoutFunction.Properties.Timeout", 29)),
        (rules.runs_wrong, "Storefront", put("GetCartFunction.Properties.Architectures", ["x86_64"])),
        (failures, "Workers", put("SweepOrdersFunction.Properties.DeadLetterQueue", None)),
        (failures, "Workers", put("SweepOrdersFunction.Properties.EventInvokeConfig", None)),
        (failures, "Workers", put("SweepOrdersFunction.Properties.Events.Schedule.Properties.RetryPolicy", None)),
        (failures, "Workers", put("OnStripeEventFunction.Properties.Timeout", 61)),
        (failures, "Workers", put(f"{MESSAGES}.ScalingConfig", None)),
        (failures, "Workers", put(f"{MESSAGES}.FunctionResponseTypes", None)),
        (failures, "Workers", put(f"{STREAM}.MaximumRetryAttempts", -1)),
        (failures, "Workers", put(f"{STREAM}.DestinationConfig", None)),
        (failures, "Workers", put("NotificationsRule.Properties.Targets.0.DeadLetterConfig", None)),
        (rules.loses_messages, "Root", put("StripeEventsQueue.Properties.RedrivePolicy.maxReceiveCount", 1)),
        (rules.loses_messages, "Root", put("DeadLetterQueue.Properties.MessageRetentionPeriod", 345600)),
        (rules.loses_messages, "Root", put("NotificationsQueue.Properties.SqsManagedSseEnabled", None)),
        (rules.depends_in_a_circle, "Root", put(SHOP_URL, {"Fn::GetAtt": ["Distribution", "DomainName"]})),
        (rules.depends_in_a_circle, "Workers", put("DeadLetterQueue.DependsOn", "SweepOrdersFunction")),
    ],
)  # fmt: skip
def test_refuses_a_planted_fault(rule: Callable[[Stack], list[str]], name: str, plant: Plant) -> None:
    before, after = rule(stacks()[name]), rule(changed(name, plant))

    assert before == []
    assert after != []


@pytest.mark.parametrize(
    "plant",
    [
        put(f"{STATEMENT}.Action", ["dynamodb:*"]),
        put(f"{STATEMENT}.Action", ["dynamodb:PutItem"]),
        put(f"{STATEMENT}.Resource", "*"),
        put(f"{STATEMENT}.Resource", {"Fn::Sub": "${CartsTableArn}/*"}),
        put("GetCartRole.Properties.ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"]),
        put("GetCartFunction.Properties.Role", {"Fn::GetAtt": ["CreateCartRole", "Arn"]}),
        put("GetCartFunction.Properties.Policies", [{"DynamoDBCrudPolicy": {"TableName": "carts"}}]),
    ],
)
def test_refuses_a_role_that_allows_too_much(plant: Plant) -> None:
    before = rules.allows_too_much(function(stacks()["Storefront"], "GetCartFunction"))
    after = rules.allows_too_much(function(changed("Storefront", plant), "GetCartFunction"))

    assert before == []
    assert after != []


def test_counts_resources_after_translation() -> None:
    def plant(resources: Resources) -> None:
        for number in range(140):
            resources[f"Planted{number}Function"] = copy.deepcopy(resources["UnknownRouteFunction"])
            resources[f"Planted{number}Function"]["Properties"]["Events"] = {
                "Api": {
                    "Type": "HttpApi",
                    "Properties": {"ApiId": {"Ref": "StorefrontApi"}, "Method": "GET", "Path": f"/v1/{number}"},
                }
            }
            resources[f"Planted{number}Role"] = resources["UnknownRouteRole"]

    assert rules.too_big(changed("Storefront", plant)) == [f"Storefront has {58 + 3 * 140} resources after translation"]
