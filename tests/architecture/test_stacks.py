"""The four stacks obey the rules."""

import pytest

from commerce.kernel.config import Settings
from tests.architecture import rules
from tests.architecture.stacks import Stack, functions, in_words, passed_to, references, stacks

STACKS = pytest.mark.parametrize("name", ["Root", "Storefront", "Admin", "Workers"])

# Read by AWS's and Powertools' own code, not by ours.
READ_BY_OTHERS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "LOG_LEVEL"}

PAYS = {
    "storefront/checkout/begin_checkout",
    "storefront/checkout/leave_checkout",
    "storefront/orders/resume_payment",
    "admin/orders/cancel_order",
    "admin/orders/capture_order",
    "admin/orders/refund_order",
    "workers/checkout/reconcile_stripe",
    "workers/checkout/sweep_orders",
    "workers/payments/on_stripe_event",
    "workers/webhooks/receive_stripe",
}

RENDERS = {
    "storefront/invoices/get_order_invoice_pdf",
    "admin/invoices/get_order_invoice_pdf",
}

# They ask Stripe Tax, over HTTP of our own and not by the SDK.
COMPUTES_TAXES = {
    "admin/taxes/preview_taxes",
    "admin/carts/put_cart_customer_groups",
    "admin/pricing/simulate_price",
    "storefront/carts/add_cart_code",
    "storefront/carts/add_gift_card",
    "storefront/carts/remove_gift_card",
    "storefront/carts/create_cart",
    "storefront/carts/get_cart",
    "storefront/carts/remove_cart_code",
    "storefront/carts/remove_cart_line",
    "storefront/carts/set_cart_line",
    "storefront/carts/update_cart",
    "workers/taxes/record_sale",
}


def passed(stack: Stack) -> dict[str, object]:
    return {} if stack.name == "Root" else passed_to(stack.name)


@STACKS
class TestStack:
    def test_fits_into_cloudformation(self, name: str) -> None:
        assert rules.too_big(stacks()[name]) == []

    def test_costs_nothing_while_nobody_shops(self, name: str) -> None:
        assert rules.costs_while_idle(stacks()[name]) == []
        assert rules.too_many_alarms(stacks()[name]) == []

    def test_keeps_data_when_it_is_deleted(self, name: str) -> None:
        assert rules.loses_data(stacks()[name]) == []

    def test_ends_its_logs_and_keeps_credentials_out_of_them(self, name: str) -> None:
        assert rules.logs_for_ever(stacks()[name]) == []

    def test_names_secrets_and_never_writes_them(self, name: str) -> None:
        assert rules.keeps_secrets_in_sight(stacks()[name]) == []

    def test_runs_every_function_as_lambda_should(self, name: str) -> None:
        assert rules.runs_wrong(stacks()[name]) == []

    def test_keeps_what_failed(self, name: str) -> None:
        stack = stacks()[name]

        assert rules.forgets_failures(stack, stacks()["Root"], passed(stack)) == []
        assert rules.loses_messages(stack) == []

    def test_removes_no_duplicates_on_the_way(self, name: str) -> None:
        assert rules.leans_on_what_forgets(stacks()[name]) == []

    def test_has_no_circle_after_translation(self, name: str) -> None:
        assert rules.depends_in_a_circle(stacks()[name]) == []


class TestTheWholeStore:
    def test_sounds_an_alarm_for_every_dead_letter_queue(self) -> None:
        root = stacks()["Root"]
        watched = str([alarm["Properties"] for alarm in root.of_type("AWS::CloudWatch::Alarm").values()])
        for name, stack in stacks().items():
            for queue in set(rules.dead_letters(stack)) & set(stack.of_type("AWS::SQS::Queue")):
                outputs = stack.translated.get("Outputs", {})
                read_back = [
                    f"Outputs.{key}" for key, it in outputs.items() if f"{queue}.QueueName" in in_words(it["Value"])
                ]
                names = [f"['{queue}', 'QueueName']"] if name == "Root" else [f"['{name}', '{it}']" for it in read_back]

                assert any(it in watched for it in names), f"nobody hears of {queue} of {name}"

    def test_gives_each_nested_stack_exactly_the_parameters_that_it_uses(self) -> None:
        for name, stack in stacks().items():
            if name == "Root":
                continue
            used = set(references([stack.written["Resources"], stack.written["Globals"], stack.written["Outputs"]]))

            assert set(passed_to(name)) == set(stack.written["Parameters"])
            assert set(stack.written["Parameters"]) <= used
            assert len(stack.written["Parameters"]) < 150

    def test_tells_no_nested_stack_the_address_of_the_distribution(self) -> None:
        for name in ("Storefront", "Admin", "Workers"):
            assert "Distribution" not in set(references(passed_to(name)))

    def test_declares_every_variable_that_the_code_reads_and_no_other(self) -> None:
        known = {field.upper() for field in Settings.model_fields}
        set_somewhere = {variable for function in functions() for variable in function.variables}

        assert set_somewhere - READ_BY_OTHERS == known

    def test_attaches_stripe_to_the_functions_that_pay_and_to_no_other(self) -> None:
        with_stripe = {
            function.label for function in functions() if {"Ref": "StripeLayer"} in function.properties["Layers"]
        }

        assert with_stripe == PAYS

    def test_attaches_the_pdf_library_to_the_functions_that_render_and_to_no_other(self) -> None:
        with_documents = {
            function.label for function in functions() if {"Ref": "DocumentsLayer"} in function.properties["Layers"]
        }

        assert with_documents == RENDERS

    def test_lets_only_the_functions_that_pay_read_the_stripe_key(self) -> None:
        readers = {function.label for function in functions() if "StripeSecretKeyName" in str(function.statements)}
        told = {function.label for function in functions() if "STRIPE_SECRET_KEY_NAME" in function.variables}

        # The deploy looks at it once, to refuse a live key on a stage where people play.
        paying = PAYS - {"workers/webhooks/receive_stripe"}
        assert readers == told == paying | COMPUTES_TAXES | {"workers/setup/prepare_store"}

    def test_records_no_sales_at_stripe_tax_for_shops_with_rules_of_their_own(self) -> None:
        workers = stacks()["Workers"].written
        [event] = workers["Resources"]["RecordSaleFunction"]["Properties"]["Events"].values()

        assert event["Properties"]["State"] == {"Fn::If": ["AsksStripeTax", "ENABLED", "DISABLED"]}
        assert workers["Conditions"]["AsksStripeTax"] == {"Fn::Equals": [{"Ref": "TaxProvider"}, "stripe_tax"]}

    def test_lets_in_nobody_to_the_admin_api_unasked(self) -> None:
        api = stacks()["Admin"].of_type("AWS::ApiGatewayV2::Api")["AdminApi"]
        for path, methods in api["Properties"]["Body"]["paths"].items():
            for method in methods.values():
                asks = method["security"] == [{"StaffAuthorizer": []}]

                assert asks or path == "/$default", path

    def test_forgets_what_the_authorizer_said_within_a_minute(self) -> None:
        api = stacks()["Admin"].written["Resources"]["AdminApi"]["Properties"]
        authorizer = api["Auth"]["Authorizers"][api["Auth"]["DefaultAuthorizer"]]

        assert authorizer["EnableFunctionDefaultPermissions"] is True
        assert authorizer["Identity"]["ReauthorizeEvery"] <= 60


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.label)
def test_allows_a_function_only_what_it_names(function: object) -> None:
    assert rules.allows_too_much(function) == []  # type: ignore[arg-type]
