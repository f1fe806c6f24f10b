"""The bill in words: cents per 1,000 page views and per 1,000 orders, by service and by step, and the idle month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cost.bill import milliseconds, scaled, total, used_by
from tests.cost.idle import Idle, idle_month, together
from tests.cost.journey import PAGES, Step
from tests.cost.price_table import PriceTable, Usage
from tests.cost.recorded import Recorded

CENTS, THOUSAND = 100, 1000
METRICS = 2
"""EstimatedCost and OrdersPlaced."""

SERVICES = {
    "api_gateway": "API Gateway",
    "cloudfront": "CloudFront",
    "cloudwatch": "CloudWatch logs",
    "dynamodb": "DynamoDB",
    "eventbridge": "EventBridge",
    "kms": "KMS, for secrets",
    "lambda": "Lambda",
    "ses": "SES",
    "sns": "SNS",
    "sqs": "SQS",
    "xray": "X-Ray",
}


@dataclass(frozen=True)
class Bill:
    """What was recorded, with a price table beside it."""

    recorded: Recorded
    table: PriceTable

    def usage(self, steps: Iterable[Step]) -> Usage:
        """Return all that these steps use."""
        return total(
            usage
            for step in steps
            for usage in (step.beside, *(used_by(invocation, self.table) for invocation in step.invocations))
        )

    @property
    def page(self) -> Usage:
        """Return what 1,000 page views use."""
        return scaled(self.usage(self.recorded.steps[:1]), THOUSAND / PAGES)

    @property
    def order(self) -> Usage:
        """Return what 1,000 orders use."""
        return scaled(self.usage(self.recorded.steps[1:]), THOUSAND)

    @property
    def idle(self) -> list[Idle]:
        """Return what bills in a month in which nobody comes."""
        return idle_month(self.recorded.clocks, self.table)

    def cents(self, usage: Mapping[str, float]) -> float:
        """Return a usage's list price in cents."""
        return self.table.usd(usage) * CENTS

    @property
    def storage_cents(self) -> float:
        """Return what 1,000 orders cost a month to keep, recovery included."""
        price = self.table.prices["dynamodb.gb_month"].each + self.table.prices["dynamodb.pitr_gb_month"].each
        return self.recorded.kept_bytes * THOUSAND / 1e9 * price * CENTS

    def json(self) -> dict[str, Any]:
        """Return all figures for programs."""
        return {
            "region": self.table.region,
            "cents_per_1000_page_views": _rounded(self.table, self.page),
            "cents_per_1000_orders": _rounded(self.table, self.order),
            "cents_per_month_to_keep_1000_orders": round(self.storage_cents, 4),
            "steps": {
                step.name: step.totals | {"milliseconds": self._milliseconds(step), "cents_per_1000": self._each(step)}
                for step in (*self.recorded.steps, *self.recorded.apart)
            },
            "idle_usd_per_month": {
                "list": round(self.table.usd(together(self.idle)), 4),
                "beyond_the_free_tier": round(self.table.usd_beyond_free(together(self.idle)), 4),
            },
        }

    def _milliseconds(self, step: Step) -> int:
        return round(sum(milliseconds(invocation, self.table) for invocation in step.invocations))

    def _each(self, step: Step) -> float:
        return round(self.cents(self.usage([step])) * THOUSAND, 2)

    # ---- for people -----------------------------------------------------------------------------------------

    def markdown(self) -> str:
        """Return the tables for docs/performance.md."""
        page, order = self.cents(self.page), self.cents(self.order)
        where = f"List prices of {self.table.region}, no free tier."
        head = f"{where} **1,000 page views: {page:.2f} cents. 1,000 orders: {order:.1f} cents.**"
        return f"{head}\n\n{self._services()}\n\n{self._steps()}\n\n{self._others()}\n\n{self._idle()}"

    def _services(self) -> str:
        page, order = (self.table.usd_by_service(usage) for usage in (self.page, self.order))
        names = sorted(page.keys() | order.keys(), key=lambda name: -order.get(name, 0))
        rows = [
            (SERVICES[name], f"{page.get(name, 0) * CENTS:.3f}", f"{order.get(name, 0) * CENTS:.2f}") for name in names
        ]
        rows.append(("**all**", f"**{sum(page.values()) * CENTS:.3f}**", f"**{sum(order.values()) * CENTS:.2f}**"))
        return _table(("service", "cents per 1,000 page views", "cents per 1,000 orders"), rows)

    def _steps(self) -> str:
        rows = []
        for step in (*self.recorded.steps, *self.recorded.apart):
            figures = step.totals
            rows.append(
                (
                    step.name,
                    f"{figures['invocations']:g}",
                    f"{figures['calls']:g}",
                    f"{figures['read_units']:g}",
                    f"{figures['write_units']:g}",
                    f"{self._milliseconds(step)}",
                    f"{self._each(step):.2f}",
                )
            )
        head = ("step", "invocations", "calls", "read units", "write units", "ms billed", "cents per 1,000")
        return _table(head, rows)

    def _others(self) -> str:
        traces = (
            self.table.usd_by_service(self.order).get("xray", 0),
            self.table.usd_by_service(self.page).get("xray", 0),
        )
        percent, fixed = self.table.stripe["percent"], self.table.stripe["fixed_usd"]
        metric = METRICS * self.table.prices["cloudwatch.metric_month"].each
        rows = [
            ("with `Tracing=PassThrough`: 1,000 page views", f"{self.cents(self.page) - traces[1] * CENTS:.2f}"),
            ("with `Tracing=PassThrough`: 1,000 orders", f"{self.cents(self.order) - traces[0] * CENTS:.1f}"),
            ("to keep 1,000 orders for a month", f"{self.storage_cents:.3f}"),
            (
                "the two metrics of cost per order, a month in which something is sold each hour",
                f"{metric * CENTS:.0f}",
            ),
            (
                f"Stripe's own fee on 1,000 orders of 50 dollars ({percent} % and {fixed:.2f})",
                f"{THOUSAND * (50 * percent / 100 + fixed) * CENTS:,.0f}",
            ),
        ]
        return _table(("beside it", "cents"), rows)

    def _idle(self) -> str:
        groups = {
            "alarms and dashboard": Usage(),
            "queues, asked by Lambda": Usage(),
            "clocks that find nothing": Usage(),
        }
        for each in self.idle:
            if "sqs.request" in each.usage:
                name = "queues, asked by Lambda"
            else:
                watching = any(key.startswith("cloudwatch.") and "log" not in key for key in each.usage)
                name = "alarms and dashboard" if watching else "clocks that find nothing"
            groups[name].update(each.usage)
        everything = together(self.idle)
        rows = [
            (name, _amounts(usage), f"{self.table.usd(usage):.2f}", self._beyond(usage, everything))
            for name, usage in groups.items()
        ]
        rows.append(
            (
                "storage",
                f"empty tables, logs, archive and bucket: 0 GB; each GB of tables {self._gb():.2f}",
                "0.00",
                "0.00",
            )
        )
        rows.append(
            (
                "**all**",
                "",
                f"**{self.table.usd(everything):.2f}**",
                f"**{self.table.usd_beyond_free(everything):.2f}**",
            )
        )
        head = ("an idle month", "uses", "dollars at list price", "beyond the free tier")
        return _table(head, rows)

    def _gb(self) -> float:
        return sum(self.table.prices[name].each for name in ("dynamodb.gb_month", "dynamodb.pitr_gb_month"))

    def _beyond(self, usage: Usage, everything: Usage) -> str:
        """Return a part's share of what is beyond the free tier."""
        usd = 0.0
        for name, amount in usage.items():
            price = self.table.prices[name]
            beyond = max(0, everything[name] - price.free)
            usd += price.each * beyond * amount / everything[name]
        return f"{usd:.2f}"


def _amounts(usage: Usage) -> str:
    words = {
        "cloudwatch.alarm_metric_month": "{:.0f} metrics of alarms",
        "cloudwatch.dashboard_month": "{:.0f} dashboard",
        "sqs.request": "{:,.0f} requests",
        "lambda.request": "{:,.0f} invocations",
        "dynamodb.read_unit": "{:,.0f} read units",
        "xray.trace": "{:,.0f} traces",
    }
    return ", ".join(words[name].format(amount) for name, amount in usage.items() if name in words)


def _rounded(table: PriceTable, usage: Usage) -> dict[str, float]:
    services = {name: round(usd * CENTS, 4) for name, usd in table.usd_by_service(usage).items()}
    return {"all": round(table.usd(usage) * CENTS, 4), **services}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
