"""One run: a shop to begin with, what holds after every step, and how it ends."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from tests.faults.machine import promises
from tests.faults.machine.picture import Order
from tests.faults.machine.world import HOLD_SECONDS, SWEEP_SECONDS, Saved, World
from tests.faults.random_runs.notebook import OFF, SHIPPING, Notebook, Ware
from tests.faults.random_runs.people import Asked, People
from tests.faults.random_runs.program import Recorded
from tests.faults.random_runs.reached import Reached
from tests.faults.random_runs.seeded import repeatable
from tests.support import gift_cards

GOODS = {
    "MUG": ("Enamel mug", {"USD": 1900, "JPY": 2100}, True, {"main": 5, "attic": 2}),
    "LAMP": ("Storm lamp", {"USD": 4500, "JPY": 5000}, True, {"main": 1, "attic": 1}),
    "MAP": ("Harbor map", {"USD": 800, "JPY": 900}, True, {"main": 60}),
    "STICKER": ("Sticker", {"USD": 0, "JPY": 0}, False, {"main": 40}),
}
"""Title, prices, whether it is sent, and how many are where: few enough to be sold out, and to come from two places."""

LOCATIONS = ("main", "attic")
PROMOTIONS: tuple[tuple[str, dict[str, Any], int | None], ...] = (
    ("few", {"uses": 3, "budget": [{"amount": 700, "currency": "USD"}, {"amount": 700, "currency": "JPY"}]}, None),
    ("once", {"uses_per_customer": 1}, 1),
)
"""Names, limits, and how often their codes work: few enough to be used up, and no part has enough by itself."""

CARDS: tuple[dict[str, Any], ...] = (
    {"amount": 900},
    {"amount": 30_000},
    {"amount": 2500, "kind": "store_credit", "email": "ada@example.com"},
)
"""One that pays a part, one that pays for more than one order until it is empty, and one that only Ada may use."""

WHICH = st.integers(0, 9)
"""Which one of those that fit, the newest first; 9: any other."""

MOST_WAITS = 14
LONG_WAIT = 20 * 3600.0
"""Shorter than the day in which an authorization is captured before it ends."""


class Verdict(StrEnum):
    """What banks decide in the end of what they have not decided yet."""

    GOOD = "for the shop"
    BAD = "against the shop"
    NONE = "nothing: disputes stay open"


@dataclass(frozen=True, slots=True)
class Opening:
    """A shop as each run begins.

    :ivar cards: the codes of its gift cards and store credit.
    """

    saved: Saved
    wares: Mapping[str, Ware]
    cards: Sequence[str]


def opened(world: World) -> Opening:
    """Stock a few goods that are sold in dollars and in yen, and offer one way of shipping."""
    wares = {}
    with repeatable(seed=1):
        world.put_back(world.save())
        for sku, (title, prices, is_sent, stock) in GOODS.items():
            variant = {"sku": sku, "prices": price_list(prices), "requires_shipping": is_sent}
            product = {"title": title, "status": "active", "variants": [variant]}
            created = world.store.post("/v1/admin/products", product)
            assert created.status == 201, created.body
            wares[sku] = Ware(created.body["id"], prices, is_sent)
            for location, quantity in stock.items():
                body = {"location": location, "quantity": quantity}
                receipt = world.store.post(f"/v1/admin/stock/{sku}/receipts", body)
                assert receipt.status == 201, receipt.body
        method = {"title": "Standard", "prices": price_list(SHIPPING)}
        offered = world.store.put("/v1/admin/shipping-methods/standard", method)
        assert offered.status == 200, offered.body
        for name, terms, uses in PROMOTIONS:
            action = {"kind": "amount_off_order", "off": price_list(OFF[name])}
            body = {"title": name, "status": "active", "trigger": "code", "actions": [action], "limits": terms}
            promoted = world.store.put(f"/v1/admin/promotions/{name}", body)
            assert promoted.status == 200, promoted.body
            code = {"code": name.upper(), "uses_at_most": uses}
            assert world.store.post(f"/v1/admin/promotions/{name}/codes", code).status == 201
        cards = [gift_cards.issue(world.store, **card)["code"] for card in CARDS]
        world.drain()
        return Opening(world.save(), wares, cards)


def price_list(prices: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return prices as staff send them."""
    return [{"amount": amount, "currency": currency} for currency, amount in prices.items()]


def picked[T](which: int, fitting: Sequence[T], others: Sequence[T] = ()) -> T | None:
    """Return one of those that fit, the newest first; 9 means one that does not, where there is one."""
    if which == 9 and others:
        return others[-1]
    things = fitting or others
    return things[-1 - which % len(things)] if things else None


class Run(Recorded):
    """A shop, its people, and what they know."""

    def __init__(self, world: World, opening: Opening, reached: Reached) -> None:
        super().__init__()
        self.world = world
        self.reached = reached
        self._context = ExitStack()
        self._context.enter_context(repeatable(seed=2))
        self._deployment = self._context.enter_context(ExitStack())
        world.put_back(opening.saved)
        stock = {(sku, location): goods[3].get(location, 0) for sku, goods in GOODS.items() for location in LOCATIONS}
        self.notebook = Notebook(opening.wares, stock)
        self.people = People(world, self.notebook.hear, reached.went_wrong)
        self.cards = opening.cards
        self.carts: list[str] = []
        self.cancelable: set[str] = set()
        self.past_comes_again = False
        self.verdict = Verdict.GOOD
        self._once: set[str] = set()

    # ---- what holds after every step ------------------------------------------------------------------------

    def check_invariants(self, *_: Any):
        """Look at everything; unlike hypothesis's own invariants, this leaves no line in the program of a failure."""
        self.reached.steps += 1
        self._compare_with_what_people_know()

    def _compare_with_what_people_know(self) -> None:
        received = {place: level.get("received", 0) for place, level in self.world.picture().levels.items()}
        wrong = [
            *self.world.violations,
            *self.notebook.contradictions,
            *self.notebook.stock_contradictions(received),
        ]
        assert not wrong, "; ".join(wrong)
        if not self.world.wire._late:
            self.notebook.settle(received)

    def teardown(self):
        try:
            if sys.exception() is None:
                self._ends()
        finally:
            self._context.close()

    # ---- how it ends ----------------------------------------------------------------------------------------

    def _ends(self) -> None:
        """Let faults be over, everything arrive and all deadlines pass; then every promise holds."""
        self._settle_down()
        self._check()
        if self._work_off_reviews():
            self._check()
        if self.past_comes_again:
            self._let_the_past_come_again()
        self.reached.ended(self.world)

    def _check(self) -> None:
        violations = self.world.check(swept=True)
        assert not violations, "; ".join(violations)
        wrong = list(self._looked_at())
        assert not wrong, "; ".join(wrong)

    def _work_off_reviews(self) -> bool:
        """Let staff close what waits for a person; tell whether there was anything."""
        waiting = self.people.look("/v1/admin/payment-reviews?limit=100")["items"]
        for review in waiting:
            path = f"/v1/admin/payment-reviews/{review['id']}/resolution"
            self.must(self.people.ask("POST", path, {"note": "looked into"}), "done")
        self.world.drain()
        return bool(waiting)

    def _settle_down(self) -> None:
        world = self.world
        world.wire.land()
        self._compare_with_what_people_know()
        world.deliveries.twice = world.deliveries.shuffled = False
        for intent in list(world.stripe.table("payment_intent").values()):
            if intent["status"] == "processing":
                outcome = "fail" if self.verdict is Verdict.BAD else "succeed"
                world.at_stripe("process", payment_intent=intent["id"], outcome=outcome)
        for dispute in list(world.stripe.table("dispute").values()):
            if self.verdict is not Verdict.NONE:
                world.at_stripe("dispute/close", dispute=dispute["id"], won=self.verdict is Verdict.GOOD)
        world.tick(HOLD_SECONDS + 60)
        for _ in range(MOST_WAITS):
            if not self._is_anything_waiting():
                break
            world.tick(LONG_WAIT)
        world.tick(SWEEP_SECONDS)
        world.tick(SWEEP_SECONDS)

    def _is_anything_waiting(self) -> bool:
        picture = self.world.picture()
        return (
            self.world.undelivered > 0
            or any(order.status == "pending" or order.payment["authorized"] for order in picture.orders.values())
            or any(refund["status"] == "pending" for refund in picture.at_stripe("refund"))
        )

    def _looked_at(self) -> Iterator[str]:
        """Read everything as its people do, and compare it with what they know."""
        for status in ("pending", "placed", "expired", "canceled"):
            page = self.people.look(f"/v1/admin/orders?status={status}&limit=100")
            for summary in page["items"]:
                told = self.people.look(f"/v1/admin/orders/{summary['id']}")
                if told["status"] != status:
                    yield f"order {told['number']} is listed as {status}, and is {told['status']}"
        for known in list(self.notebook.orders.values()):
            if known.token is not None:
                self.people.look(f"/v1/orders/{known.id}", headers={"Order-Token": known.token})
        yield from self.notebook.contradictions
        for sku in self.notebook.wares:
            stock = self.people.look(f"/v1/admin/stock/{sku}")
            yield from self.notebook.sales_contradictions(sku, stock["levels"])

    def _let_the_past_come_again(self) -> None:
        before = promises.digest(self.world.picture())
        self.world.redeliver()
        after = promises.digest(self.world.picture())
        assert before == after, f"events that came again changed {before} into {after}"

    # ---- what all rules use ---------------------------------------------------------------------------------

    def must(self, asked: Asked, *endings: str) -> None:
        """Check how a request ended, provided that nothing went wrong and nobody acted meanwhile."""
        code = asked.came_to
        self.reached.answers[code] += 1
        if asked.was_plain:
            assert code in endings, f"the answer should have been {' or '.join(endings)}: {asked.answers[-1]}"

    def is_first(self, what: str) -> bool:
        """Tell whether something costly did not happen in this run yet."""
        return what not in self._once

    def was_first(self, what: str) -> None:
        """Note that it happened."""
        self._once.add(what)

    def orders(self, fits: Callable[[Order], object] = lambda _: True) -> list[Order]:
        """Return the orders of which this holds, oldest first."""
        return [order for order in self.world.picture().orders.values() if fits(order)]

    def order(self, which: int, fits: Callable[[Order], object]) -> Order | None:
        """Return one of the orders that fit; 9 means one that does not."""
        return picked(which, self.orders(fits), self.orders(lambda order: not fits(order)))

    def intent(self, order: Order) -> Mapping[str, Any]:
        """Return an order's PaymentIntent as Stripe has it; empty when there is none."""
        return self.world.stripe.table("payment_intent").get(order.payment["intent_id"] or "", {})
