"""Nobody waits for somebody who has given up: time-outs x attempts < the function's < those of whoever waits for it."""

import re
from datetime import timedelta

import pytest
import stripe

from commerce.adapters import alerts, aws, bus, carriers, mail, queues, ssm, stripe_payments, stripe_tax, vies
from commerce.checkout import begin, refunds
from commerce.kernel import records, transactions
from commerce.notifications import operations as notifications
from tests.architecture.stacks import Function, functions, stacks
from tests.architecture.test_imports import loaded

API_GATEWAY_SECONDS = 29
EVERY = re.compile(r"rate\((\d+) (minute|hour)s?\)")

DYNAMODB = aws.Patience(
    connect_seconds=records.CONNECT_TIMEOUT_SECONDS,
    read_seconds=records.READ_TIMEOUT_SECONDS,
    attempts=1 + records.RETRY_ATTEMPTS,
)
NEIGHBOURS = (alerts, bus, mail, queues, ssm)
HELPERS = (stripe_tax, vies)


def stripes_longest_seconds() -> float:
    """Return what one call to Stripe takes at most: each attempt, and the SDK's waits between them."""
    client = stripe.HTTPClient
    waits = [
        min(client.INITIAL_DELAY * 2**repeat, client.MAX_DELAY) for repeat in range(stripe_payments.NETWORK_RETRIES)
    ]
    return float(stripe_payments.TIMEOUT_SECONDS * (1 + stripe_payments.NETWORK_RETRIES) + sum(waits))


def calls_stripe(function: Function) -> bool:
    return "STRIPE_SECRET_KEY_NAME" in function.variables and "stripe" in loaded()[function.label]


def batch(function: Function) -> int:
    """Return how many messages an invocation works through; its queue's neighbours wait meanwhile."""
    sizes = [event["Properties"]["BatchSize"] for event in function.events if event["Type"] == "SQS"]
    return max(sizes, default=1)


def named(label: str) -> Function:
    return next(it for it in functions() if it.label == label)


ALL = pytest.mark.parametrize("function", functions(), ids=lambda function: function.label)
THOSE_THAT_CALL_STRIPE = pytest.mark.parametrize(
    "function", [it for it in functions() if "STRIPE_SECRET_KEY_NAME" in it.variables], ids=lambda it: it.label
)


@ALL
class TestFunction:
    def test_outlives_a_call_to_dynamodb_and_a_contended_transaction(self, function: Function) -> None:
        assert transactions.LONGEST_SECONDS + DYNAMODB.longest_seconds < function.properties["Timeout"]

    def test_outlives_a_call_to_each_service_that_it_uses(self, function: Function) -> None:
        modules = loaded()[function.label]
        used = {it.__name__: it.PATIENCE.longest_seconds for it in NEIGHBOURS if it.__name__ in modules}

        assert {name: it for name, it in used.items() if it >= function.properties["Timeout"]} == {}

    def test_outlives_an_answer_of_each_service_that_helps_to_price(self, function: Function) -> None:
        modules = loaded()[function.label]
        used = {it.__name__: it.http().longest_seconds for it in HELPERS if it.__name__ in modules}
        asks = {"STRIPE_API_BASE": stripe_tax.__name__, "VIES_API_BASE": vies.__name__}
        waits = sum(used.get(name, 0) for variable, name in asks.items() if variable in function.variables)

        assert waits + DYNAMODB.longest_seconds < function.properties["Timeout"]

    def test_ends_before_api_gateway_does(self, function: Function) -> None:
        assert not function.routes or function.properties["Timeout"] < API_GATEWAY_SECONDS

    def test_ends_before_its_clock_calls_it_again(self, function: Function) -> None:
        for event in function.events:
            if event["Type"] == "Schedule":
                found = EVERY.fullmatch(event["Properties"]["Schedule"])
                assert found is not None, event
                period = timedelta(**{f"{found[2]}s": int(found[1])})

                assert function.properties["Timeout"] < period.total_seconds()


@THOSE_THAT_CALL_STRIPE
def test_outlives_a_call_to_stripe_for_each_message_of_a_batch(function: Function) -> None:
    if calls_stripe(function):
        assert stripes_longest_seconds() * batch(function) < function.properties["Timeout"]


def test_some_function_calls_stripe_and_none_without_the_key_does() -> None:
    assert "storefront/checkout/begin_checkout" in {it.label for it in functions() if calls_stripe(it)}


def test_those_that_ask_carriers_outlive_the_budget_and_a_call_to_dynamodb_after_it() -> None:
    asking = {it.label: it.properties["Timeout"] for it in functions() if "CARRIER_API_KEY_NAME" in it.variables}

    assert set(asking) == {"storefront/carts/list_shipping_options", "admin/shipping/preview_shipping"}
    assert all(carriers.BUDGET_SECONDS + DYNAMODB.longest_seconds < timeout for timeout in asking.values())


def test_the_mailer_outlives_a_mail_for_each_message_of_a_batch() -> None:
    mailer = named("workers/notifications/deliver_notification")
    longest = max(mail.PATIENCE.longest_seconds, alerts.PATIENCE.longest_seconds)

    assert longest * batch(mailer) < mailer.properties["Timeout"]


def test_a_lease_lasts_until_who_holds_it_is_gone() -> None:
    holders = {
        "storefront/checkout/begin_checkout": begin.LEASE,
        "admin/orders/refund_order": refunds.LEASE,
        "workers/notifications/deliver_notification": notifications.LEASE,
    }

    assert {
        label for label, lease in holders.items() if lease.total_seconds() < named(label).properties["Timeout"]
    } == set()


def test_cloudformation_waits_for_every_attempt_to_prepare_the_store() -> None:
    preparer = named("workers/setup/prepare_store").properties
    prepared = stacks()["Workers"].written["Resources"]["PreparedStore"]["Properties"]
    attempts = 1 + preparer["EventInvokeConfig"]["MaximumRetryAttempts"]

    assert preparer["Timeout"] * attempts < prepared["ServiceTimeout"]
