"""The template reader: intrinsics, Globals, nested stacks, and every kind of resource."""

import shutil
from pathlib import Path

import pytest

from local.templates import Application, LocalNames, TemplateError, load_application
from tests.unit.local.conftest import TOY_TEMPLATE


def read(folder: Path, text: str, **parameters: str) -> Application:
    file = folder / "template.yaml"
    file.write_text(text)
    return load_application(file, parameters=parameters)


class TestFunctions:
    def test_merges_globals_and_resolves_the_environment(self, toy: Application) -> None:
        function = toy.function("PutThingFunction")

        assert function.timeout == 5
        assert function.memory == 256
        assert function.environment == {
            "THINGS_TABLE": "tradewind-ThingsTable",
            "RECORDS_TABLE": "tradewind-RecordsTable",
            "EVENT_BUS_NAME": "tradewind-bus",
            "JOBS_QUEUE_URL": "http://127.0.0.1:4566/123456789012/tradewind-JobsQueue",
            "ALERTS_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:tradewind-AlertsTopic",
        }

    def test_knows_the_source_file_and_its_layers(self, toy: Application) -> None:
        function = toy.function("things/get_thing")

        assert function.file == TOY_TEMPLATE.parent / "functions/web/things/get_thing.py"
        assert function.file.exists()
        assert function.layers == (TOY_TEMPLATE.parent / "layers/toys",)

    def test_reads_the_statements_of_the_role(self, toy: Application) -> None:
        function = toy.function("GetThingFunction")

        assert function.role == "GetThingRole"
        assert function.statements[0].actions == ("dynamodb:GetItem",)
        assert function.statements[0].resources == (
            "arn:aws:dynamodb:us-east-1:123456789012:table/tradewind-ThingsTable",
        )

    def test_reads_asynchronous_retries_and_destinations(self, toy: Application) -> None:
        config = toy.function("OnThingStoredFunction").async_config

        assert config.retries == 1
        assert config.on_failure_arn == toy.queue("DeadLetterQueue").arn

    def test_unknown_function_raises_a_key_error(self, toy: Application) -> None:
        with pytest.raises(KeyError):
            toy.function("Nobody")


class TestApis:
    def test_reads_routes_with_their_authorizers(self, toy: Application) -> None:
        routes = {(route.key, route.authorizer.name if route.authorizer else None) for route in toy.routes}

        assert ("GET /v1/things/{thing_id}", None) in routes
        assert ("ANY /v1/echo/{proxy+}", None) in routes
        assert ("GET /v1/admin/who", "Staff") in routes
        assert ("GET /v1/admin/open", None) in routes
        assert ("$default", "Staff") in routes

    def test_reads_cors_and_throttling(self, toy: Application) -> None:
        api = next(api for api in toy.apis.values() if api.stack == "Web")

        assert api.cors
        assert api.cors.allow_origins == ("https://shop.example", "https://other.example")
        assert api.cors.max_age == 600
        assert api.default_throttle
        assert api.default_throttle.burst == 40
        assert api.route_throttles["GET /v1/limited"].rate == 1

    def test_reads_the_authorizer(self, toy: Application) -> None:
        api = next(api for api in toy.apis.values() if api.stack == "Admin")

        assert api.authorizers["Staff"].identity_headers == ("authorization",)
        assert api.authorizers["Staff"].cache_seconds == 60
        assert api.authorizers["Staff"].function == toy.function("AuthorizeFunction").name

    def test_reads_the_behaviors_of_the_distribution_in_order(self, toy: Application) -> None:
        admin = next(api for api in toy.apis.values() if api.stack == "Admin")

        assert [behavior.pattern for behavior in toy.behaviors] == ["/v1/admin/*", "/media/*", "*"]
        assert toy.behaviors[0].origin_domain == admin.domain
        assert toy.behaviors[1].origin_domain == toy.buckets[0].domain


class TestState:
    def test_reads_a_table_as_boto3_creates_it(self, toy: Application) -> None:
        request = toy.table("ThingsTable").create_request()

        assert request["TableName"] == "tradewind-ThingsTable"
        assert request["KeySchema"] == [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ]
        assert request["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
        assert request["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        assert toy.table("ThingsTable").ttl_attribute == "expires_ttl"

    def test_reads_queues_with_their_redrive(self, toy: Application) -> None:
        queue = toy.queue("JobsQueue")

        assert queue.visibility_timeout == 60
        assert queue.max_receives == 3
        assert queue.dead_letter_arn == toy.queue("DeadLetterQueue").arn
        assert toy.queues[0].logical_id == "DeadLetterQueue"

    def test_leaves_out_resources_whose_condition_is_false(self, toy: Application) -> None:
        everything = load_application(TOY_TEMPLATE, parameters={"SecretName": "/s", "Stage": "dev"})

        assert "tradewind-DevTable" not in toy.tables
        assert "tradewind-DevTable" in everything.tables
        assert everything.outputs["DevTableName"] == "tradewind-DevTable"
        assert "DevTableName" not in toy.outputs

    def test_reads_topics_parameters_and_subscriptions(self, toy: Application) -> None:
        assert toy.parameters[0].name == "/tradewind/greeting"
        assert toy.subscriptions[0].topic_arn == toy.topics[0].arn
        assert toy.subscriptions[0].endpoint == "alerts@example.com"


class TestMessaging:
    def test_reads_rules_of_functions_and_raw_ones(self, toy: Application) -> None:
        rules = {rule.name: rule for rule in toy.rules}
        to_queue = rules["tradewind-LargeThingsToQueue"]
        to_function = rules["tradewind-Workers-OnThingStoredFunctionStored"]

        assert to_queue.bus == "tradewind-bus"
        assert to_queue.targets[0].input_paths == {"id": "$.detail.id", "size": "$.detail.size"}
        assert to_function.targets[0].retry.max_attempts == 4
        assert to_function.targets[0].dead_letter_arn == toy.queue("DeadLetterQueue").arn

    def test_reads_event_source_mappings(self, toy: Application) -> None:
        queue, stream = toy.queue_mappings[0], toy.stream_mappings[0]

        assert (queue.batch_size, queue.partial_failures, queue.max_concurrency) == (5, True, 2)
        assert (stream.table, stream.bisect, stream.max_retries) == ("tradewind-ThingsTable", True, 2)
        assert stream.filters[0]["eventName"] == ["INSERT"]

    def test_reads_schedules_of_both_kinds(self, toy: Application) -> None:
        schedules = {schedule.expression: schedule for schedule in toy.schedules}

        assert schedules["rate(5 minutes)"].kind == "rule"
        assert schedules["cron(30 2 * * ? *)"].kind == "scheduler"
        assert schedules["cron(30 2 * * ? *)"].input == '{"daily": true}'

    def test_reads_custom_resources(self, toy: Application) -> None:
        assert toy.custom_resources[0].service_token == toy.function("SetupFunction").arn
        assert toy.custom_resources[0].properties["Greeting"] == "hello"


class TestIntrinsics:
    TEMPLATE = """
Parameters:
  Name: {{Type: String, Default: shop}}
  Places: {{Type: CommaDelimitedList, Default: "a, b"}}
Conditions:
  IsShop: !Equals [!Ref Name, shop]
  Neither: !And [!Condition IsShop, !Not [!Condition IsShop]]
Mappings:
  Regions: {{us-east-1: {{Zone: z1}}}}
Resources:
  Holder:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /holder
      Type: String
      Value: {value}
"""

    @pytest.mark.parametrize(
        ("value", "resolved"),
        [
            ("!Ref Name", "shop"),
            ("!Sub '${Name}-${AWS::Region}-${!Literal}'", "shop-us-east-1-${Literal}"),
            ("!Sub ['${Name}/${Own}', {Own: !Select [1, !Ref Places]}]", "shop/b"),
            ("!Join ['+', !Ref Places]", "a+b"),
            ("!Select [2, !Split ['/', 'https://host/x']]", "host"),
            ("!If [IsShop, yes-it-is, no]", "yes-it-is"),
            ("!If [Neither, wrong, right]", "right"),
            ("!FindInMap [Regions, !Ref AWS::Region, Zone]", "z1"),
            ("!Sub '${AWS::AccountId}:${AWS::Partition}:${AWS::StackName}'", "123456789012:aws:tradewind"),
        ],
    )
    def test_resolves(self, tmp_path: Path, value: str, resolved: str) -> None:
        application = read(tmp_path, self.TEMPLATE.format(value=value))

        assert application.parameters[0].value == resolved

    def test_no_value_removes_the_property(self, tmp_path: Path) -> None:
        application = read(tmp_path, self.TEMPLATE.format(value="!If [Neither, x, !Ref AWS::NoValue]"))

        assert application.parameters[0].value == ""

    def test_refuses_what_it_does_not_know(self, tmp_path: Path) -> None:
        with pytest.raises(TemplateError, match="no resource or parameter Missing"):
            read(tmp_path, self.TEMPLATE.format(value="!Ref Missing"))

    def test_refuses_a_missing_parameter(self) -> None:
        with pytest.raises(TemplateError, match="SecretName has no default"):
            load_application(TOY_TEMPLATE)

    def test_refuses_a_file_that_is_no_template(self, tmp_path: Path) -> None:
        with pytest.raises(TemplateError, match="not a template"):
            read(tmp_path, "- a list")


class TestNames:
    def test_names_follow_the_stack(self, tmp_path: Path) -> None:
        names = LocalNames(stack="other", queue_endpoint="http://127.0.0.1:1")
        application = load_application(TOY_TEMPLATE, names=names, parameters={"SecretName": "/s"})

        assert application.table("ThingsTable").name == "other-ThingsTable"
        assert application.queue("JobsQueue").url == "http://127.0.0.1:1/123456789012/other-JobsQueue"

    def test_the_folder_may_be_anywhere(self, tmp_path: Path) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(TOY_TEMPLATE.parent, copy)

        application = load_application(copy / "template.yaml", parameters={"SecretName": "/s"})

        assert application.function("EchoFunction").file.is_relative_to(copy)
        assert len(application.template_files) == 4
