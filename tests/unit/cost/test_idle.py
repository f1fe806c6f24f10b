"""What an idle month costs is derived from the templates: nothing may be forgotten there."""

import pytest

from tests.architecture.rules import FREE_WHILE_IDLE
from tests.architecture.stacks import stacks
from tests.cost.bill import memory_and_tracing
from tests.cost.idle import BILLED, idle_month, runs, together
from tests.cost.meter import Invocation
from tests.cost.price_table import PriceTable

TABLE = PriceTable.read()
CLOCKS = {
    name: Invocation(name)
    for name in (
        "workers/checkout/sweep_orders",
        "workers/checkout/reconcile_stripe",
        "workers/outbox/republish_events",
        "workers/inventory/reproject_movements",
        "workers/inventory/show_availability",
        "workers/invoices/issue_waiting_invoices",
        "workers/giftcards/write_off_gift_cards",
        "workers/catalog/show_prices",
        "workers/prices/fetch_exchange_rates",
    )
}


def test_every_type_of_the_templates_says_what_it_is_billed_by() -> None:
    used = {it["Type"] for stack in stacks().values() for it in stack.translated["Resources"].values()}

    assert used - set(BILLED) == set(), "what do these cost while nobody shops?"


def test_the_two_lists_of_types_are_one() -> None:
    assert set(BILLED) == FREE_WHILE_IDLE


def test_nothing_but_alarms_polling_and_clocks_is_used_by_an_idle_store() -> None:
    kinds = {
        stacks()["Root"].translated["Resources"].get(each.what, {}).get("Type") for each in idle_month(CLOCKS, TABLE)
    }

    assert kinds == {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", None}, "None: clocks and polled queues"
    assert {each.what for each in idle_month(CLOCKS, TABLE) if "Alarm" not in each.what} == {
        "Dashboard",
        "DeliverNotificationFunctionMessages",
        "IssueWaitingInvoicesFunctionSchedule",
        "FetchExchangeRatesFunctionSchedule",
        "OnStripeEventFunctionMessages",
        "ReconcileStripeFunctionSchedule",
        "RepublishEventsFunctionSchedule",
        "ReprojectMovementsFunctionSchedule",
        "ShowAvailabilityFunctionSchedule",
        "ShowPricesFunctionSchedule",
        "SweepOrdersFunctionSchedule",
        "WriteOffGiftCardsFunctionSchedule",
    }


def test_two_queues_are_asked_1_3_million_times_a_month() -> None:
    assert together(idle_month(CLOCKS, TABLE))["sqs.request"] == 2 * 657_000


def test_alarms_and_dashboard_stay_within_what_is_free() -> None:
    usage = together(idle_month(CLOCKS, TABLE))
    watching = {name: amount for name, amount in usage.items() if name.startswith("cloudwatch.") and "log" not in name}

    assert set(watching) == {"cloudwatch.alarm_metric_month", "cloudwatch.dashboard_month"}
    assert TABLE.usd_beyond_free(watching) == 0


def test_a_clock_runs_as_often_as_its_rate_says() -> None:
    assert runs("rate(5 minutes)") == 8760
    assert runs("rate(1 hour)") == 730
    with pytest.raises(AssertionError, match="no rate"):
        runs("cron(0 12 * * ? *)")


def test_every_function_has_its_memory_from_the_templates() -> None:
    assert memory_and_tracing()["storefront/checkout/begin_checkout"][0] >= 512
    assert all(memory >= 128 for memory, _ in memory_and_tracing().values())
