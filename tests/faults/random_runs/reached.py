"""How far the runs came. A run that reaches nothing proves nothing, so what must be reached is counted and demanded."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.faults.machine.picture import Order, Picture
from tests.faults.machine.wire import Watch
from tests.faults.machine.world import World

WANTED = (
    "order placed",
    "order expired",
    "order canceled",
    "order free of charge",
    "order in a currency without decimals",
    "order with a code",
    "order that cards paid in part",
    "order that cards paid in full",
    "refund onto a card",
    "order dispatched in part",
    "order dispatched in full",
    "payment declined",
    "payment authenticated",
    "payment processing",
    "payment authorized",
    "authorization captured",
    "authorization lost",
    "refund by staff",
    "refund by cancellation",
    "refund at the dashboard",
    "refund failed",
    "dispute open",
    "dispute won",
    "dispute lost",
    "review opened",
    "review resolved",
    "refused for its price",
    "refused for stock",
    "refused for too many open checkouts",
    "hold of a cart used up",
    "fault struck",
    "others acted meanwhile",
)
"""What long runs have to reach."""

SOON_REACHED = (
    "order placed",
    "order expired",
    "order canceled",
    "refund by staff",
    "refused for stock",
    "fault struck",
)
"""What a few short runs reach too."""


class Reached:
    """What all runs together reached, and how their requests were answered.

    :ivar endings: of each run, all requests with what was answered, and all items that are stored in the end.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.endings: list[list[str]] = []
        self.steps = 0
        self.runs = 0

    def count(self, what: str, times: int = 1) -> None:
        """Count something."""
        if times:
            self.counts[what] += times

    def went_wrong(self, watch: Watch, interruptions: int) -> None:
        """Count the faults that found their call, and how often others acted in the middle of a request."""
        self.count("others acted meanwhile", interruptions)
        for call, mode in watch.struck:
            self.count("fault struck")
            self.faults[f"{call.service}: {mode}"] += 1

    def ended(self, world: World) -> None:
        """Count what a run left behind."""
        picture = world.picture()
        self.runs += 1
        told = [f"{told.method} {told.path} {told.answer and told.answer.status}" for told in world.history]
        self.endings.append([*told, *(f"{key} {item}" for key, item in sorted(world.mirror.raw.items()))])
        for order in picture.orders.values():
            for what in _of_order(order, picture):
                self.count(what)
        for refund in picture.at_stripe("refund"):
            self.count("refund failed", refund["status"] == "failed")
        for dispute in picture.at_stripe("dispute"):
            self.count(f"dispute {_ending(dispute['status'])}")
        for review in picture.reviews:
            self.count("review opened")
            self.count("review resolved", review["state"] == "resolved")

    def missing(self, *, is_long: bool) -> list[str]:
        """Return what was never reached and should have been."""
        return [what for what in (WANTED if is_long else SOON_REACHED) if not self.counts[what]]

    def share(self, ending: str) -> float:
        """Return the share of requests that ended so."""
        found = sum(number for code, number in self.answers.items() if code.endswith(ending))
        return found / max(1, self.answers.total())

    def table(self) -> Iterator[str]:
        """Return the statistics, line by line."""
        yield f"{self.runs} runs of {self.steps} steps, {self.answers.total()} requests"
        for title, counts in (("reached", self.counts), ("faults", self.faults), ("answers", self.answers)):
            yield f"  {title}: " + ", ".join(f"{name} {number}" for name, number in counts.most_common())


def _ending(status: str) -> str:
    endings = {"won": "won", "warning_closed": "won", "lost": "lost"}
    return endings.get(status, "open")


def _of_order(order: Order, picture: Picture) -> Iterator[str]:
    yield f"order {order.status}"
    payment, status = order.payment, order.header["fulfillment_status"]
    intents = picture.intents_of(order)
    facts: Mapping[str, bool] = {
        "order free of charge": order.status == "placed" and payment["due"] + payment["by_cards"] == 0,
        "order in a currency without decimals": order.status == "placed" and payment["currency"] == "JPY",
        "order with a code": any(tried["applied"] for tried in order.details.get("promotions", [])),
        "order that cards paid in part": order.status == "placed" and payment["by_cards"] > 0 and payment["due"] > 0,
        "order that cards paid in full": order.status == "placed" and payment["by_cards"] > 0 and payment["due"] == 0,
        "refund onto a card": payment["returned_to_cards"] > 0,
        "order dispatched in part": status == "partial",
        "order dispatched in full": status == "fulfilled",
        "payment declined": payment["declines"] > 0,
        "authorization captured": payment["capture_method"] == "manual" and payment["captured"] > 0,
    }
    yield from (what for what, holds in facts.items() if holds)
    types = {row["type"] for row in picture.announced.get(f"order#{order.id}", [])}
    if "orders.payment_processing" in types:
        yield "payment processing"
    was_authorized = any(intent["capture_method"] == "manual" and intent["latest_charge"] for intent in intents)
    if was_authorized and order.header["placed_at"]:
        yield "payment authorized"
        if payment["canceled"]:
            yield "authorization lost"
    origins = {
        "staff": "refund by staff",
        "cancellation": "refund by cancellation",
        "late_money": "refund of late money",
        "provider": "refund at the dashboard",
    }
    yield from (origins[refund["origin"]] for refund in order.refunds if refund["origin"] in origins)
