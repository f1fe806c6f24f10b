"""The permission witness sees what a handler calls, and the comparison finds both kinds of fault."""

import boto3
from moto import mock_aws

from tests.architecture.permissions.granted import granted, named, needed_by_lambda, observed
from tests.architecture.stacks import ROOT, functions
from tests.support import witness


class TestActions:
    def test_names_a_transaction_by_its_parts(self) -> None:
        call = {"TransactItems": [{"Put": {"TableName": "a"}}, {"ConditionCheck": {"TableName": "b"}}]}

        assert [*witness.actions("dynamodb", "TransactWriteItems", call)] == [
            ("dynamodb:PutItem", "a"),
            ("dynamodb:ConditionCheckItem", "b"),
        ]

    def test_names_a_query_by_its_index(self) -> None:
        call = {"TableName": "a", "IndexName": "gsi1"}

        assert [*witness.actions("dynamodb", "Query", call)] == [("dynamodb:Query", "a/index/gsi1")]

    def test_names_every_table_of_a_batch(self) -> None:
        call: dict[str, object] = {"RequestItems": {"a": {}, "b": {}}}

        assert [*witness.actions("dynamodb", "BatchGetItem", call)] == [
            ("dynamodb:BatchGetItem", "a"),
            ("dynamodb:BatchGetItem", "b"),
        ]


class TestWatched:
    def test_writes_down_what_a_handler_calls_and_nothing_else(self, monkeypatch) -> None:
        seen: set[witness.Observation] = set()
        monkeypatch.setattr(witness, "_observed", seen)
        monkeypatch.setenv("SIGNING_KEYS_NAME", "/planted/keys")
        with mock_aws():
            ssm = boto3.client("ssm", region_name="us-east-1")

            def handler() -> None:
                ssm.get_parameter(Name="/planted/keys", WithDecryption=True)

            ssm.put_parameter(Name="/planted/keys", Value="[]", Type="SecureString")
            witness.watched(ROOT / "functions/storefront/catalog/list_products.py", handler)()

        assert seen == {("storefront/catalog/list_products", "ssm:GetParameter", "SIGNING_KEYS_NAME")}


class TestComparison:
    def test_speaks_of_a_resource_as_the_role_does(self) -> None:
        assert named({"Ref": "CatalogTableArn"}) == named({"Ref": "CatalogTable"}) == "CatalogTable"
        assert named({"Fn::Sub": "${CatalogTableArn}/index/gsi1"}) == "CatalogTable/index/gsi1"

    def test_finds_what_a_role_does_not_allow(self) -> None:
        function = next(it for it in functions() if it.label == "storefront/catalog/list_categories")
        seen = {
            (function.label, "dynamodb:DeleteItem", "CATALOG_TABLE"),
            (function.label, "dynamodb:Query", "CATALOG_TABLE"),
        }

        assert observed(function, seen) - granted(function) == {("dynamodb:DeleteItem", "CatalogTable")}

    def test_finds_what_a_function_never_did(self) -> None:
        function = next(it for it in functions() if it.label == "storefront/catalog/list_categories")

        assert ("dynamodb:Query", "CatalogTable") in granted(function) - observed(function, set()) - needed_by_lambda(
            function
        )

    def test_knows_what_lambda_itself_needs(self) -> None:
        function = next(it for it in functions() if it.label == "workers/payments/on_stripe_event")

        assert ("sqs:ReceiveMessage", "StripeEventsQueue") in needed_by_lambda(function)
        assert needed_by_lambda(function) <= granted(function)
