"""What staff may do next: goods and prices, stock, and orders."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st

from tests.faults.machine.cases import Client
from tests.faults.machine.picture import Order
from tests.faults.random_runs.notebook import Place, Shelf, Ware
from tests.faults.random_runs.people import CLIENTS, TROUBLES, Asked, Meanwhile, Trouble
from tests.faults.random_runs.program import step
from tests.faults.random_runs.run import GOODS, LOCATIONS, WHICH, Run, price_list

SKUS = st.sampled_from(list(GOODS))
PLACES = st.tuples(SKUS, st.sampled_from(LOCATIONS))
PRICES = st.sampled_from([0, 30, 700, 1900, 250_000])
PARTS = st.sampled_from(["all", "some", "too much"])
SOLD_OUT = "inventory.insufficient_stock"
STALE = "inventory.stale_quantity"


def _is_placed(order: Order) -> bool:
    return order.status == "placed"


def _can_be_canceled(order: Order) -> bool:
    return order.status in {"pending", "placed"}


def _can_be_captured(order: Order) -> bool:
    return bool(order.payment["authorized"])


def _can_be_sent(order: Order) -> bool:
    return _is_placed(order) and bool(+order.left())


def _has_refundable(order: Order) -> bool:
    return _refundable(order) > 0


def _refundable(order: Order) -> int:
    payment = order.payment
    left: int = payment["captured"] - payment["refunded"] - payment["refund_pending"] - payment["disputed"]
    is_paid = payment["captured"] > 0 or payment["due"] == 0
    on_cards: int = payment["by_cards"] - payment["returned_to_cards"] if is_paid else 0
    return max(0, left) + on_cards


class Staff(Run):
    """Whoever has a staff key."""

    def _ask(self, path: str, body: Any, client: Client, trouble: Trouble, method: str = "POST") -> Asked:
        return self.people.ask(method, f"/v1/admin/{path}", body, client=client, trouble=trouble)

    # ---- goods ----------------------------------------------------------------------------------------------

    @step(sku=SKUS, dollars=PRICES, trouble=TROUBLES)
    def changes_a_price(self, sku: str, dollars: int, trouble: Trouble):
        ware = self.notebook.wares[sku]
        ware.prices["USD"] = dollars
        variant = {"sku": sku, "prices": price_list(ware.prices), "requires_shipping": ware.is_sent}
        path = f"products/{ware.product_id}"
        asked = self._ask(path, {"variants": [variant]}, Client.SAME_KEY, trouble, "PATCH")
        assert asked.came_to == "done", asked

    @step(
        when=lambda self: len(self.notebook.wares) < 5,
        yen=st.sampled_from([60, 980]),
        quantity=st.integers(1, 3),
        trouble=TROUBLES,
    )
    def sells_something_new(self, yen: int, quantity: int, trouble: Trouble):
        sku = f"NEW-{len(self.notebook.wares)}"
        prices = {"USD": 1200, "JPY": yen}
        variant = {"sku": sku, "prices": price_list(prices), "requires_shipping": False}
        product = {"title": sku, "status": "active", "variants": [variant]}
        asked = self._ask("products", product, Client.SAME_KEY, trouble)
        assert asked.came_to == "done", asked
        self.notebook.wares[sku] = Ware(asked.body["id"], prices, is_sent=False)
        self.notebook.shelves |= {(sku, location): Shelf() for location in LOCATIONS}
        self.receives(place=(sku, "main"), quantity=quantity, dry=True, client=Client.SAME_KEY, trouble=None)

    # ---- stock ----------------------------------------------------------------------------------------------

    @step(place=PLACES, quantity=st.integers(1, 3), dry=st.booleans(), client=CLIENTS, trouble=TROUBLES)
    def receives(self, *, place: Place, quantity: int, dry: bool, client: Client, trouble: Trouble):
        """Take units in; `dry`: look first at what that would do, of which nothing comes."""
        sku, location = place
        body = {"location": location, "quantity": quantity}
        if dry:
            self.must(self._ask(f"stock/{sku}/receipts?dry_run=true", body, Client.NO_KEY, None), "done")
        asked = self._ask(f"stock/{sku}/receipts", body, client, trouble)
        self._moved(place, quantity, asked)
        self.must(asked, "done")

    @step(place=PLACES, delta=st.integers(-3, 3).filter(bool), seen=st.sampled_from([0, 0, None, 1]), client=CLIENTS,
          trouble=TROUBLES)  # fmt: skip
    def adjusts(self, place: Place, delta: int, seen: int | None, client: Client, trouble: Trouble):
        """Correct by a difference; `seen` is by how much staff misread what is available, None: did not look."""
        sku, location = place
        available = self._available(place)
        expected = None if seen is None else available + seen
        body = {"location": location, "delta": delta, "reason": "counted", "expected_available": expected}
        asked = self._ask(f"stock/{sku}/adjustments", body, client, trouble)
        self._moved(place, delta, asked)
        self.must(asked, STALE if seen else SOLD_OUT if available + delta < 0 else "done")

    @step(place=PLACES, available=st.integers(0, 5), looked=st.booleans(), client=CLIENTS, trouble=TROUBLES)
    def counts(self, *, place: Place, available: int, looked: bool, client: Client, trouble: Trouble):
        """Say how many there are; who did not look overwrites whatever there is at that moment."""
        if isinstance(trouble, Meanwhile) and not looked:
            trouble = None  # Nobody could say by how much the count changed the stock.
        sku, location = place
        before = self._available(place)
        body = {"available": available, "expected_available": before if looked else None, "reason": "counted"}
        asked = self._ask(f"stock/{sku}/levels/{location}", body, client, trouble, "PUT")
        self._moved(place, available - before, asked)
        self.must(asked, "done")

    @step(place=PLACES, threshold=st.none() | st.integers(0, 4), trouble=TROUBLES)
    def watches_stock(self, place: Place, threshold: int | None, trouble: Trouble):
        path = f"stock/{place[0]}/levels/{place[1]}/low-stock-threshold"
        self.must(self._ask(path, {"threshold": threshold}, Client.SAME_KEY, trouble, "PUT"), "done")

    def _available(self, place: Place) -> int:
        return int(self.world.picture().levels.get(place, {}).get("available", 0))

    def _moved(self, place: Place, units: int, asked: Asked) -> None:
        self.notebook.shelves[place].changed(units, certainly=asked.certainly, perhaps=asked.perhaps)

    # ---- orders ---------------------------------------------------------------------------------------------

    @step(when=lambda self: self.orders(_has_refundable), which=WHICH, part=PARTS, client=CLIENTS, trouble=TROUBLES)
    def refunds(self, which: int, part: str, client: Client, trouble: Trouble):
        order = self.order(which, _has_refundable)
        assert order is not None
        left = _refundable(order)
        amount = {"all": None, "some": max(1, left // 3), "too much": left + 1}[part]
        money = None if amount is None else {"amount": amount, "currency": order.payment["currency"]}
        asked = self._ask(f"orders/{order.id}/refunds", {"amount": money, "reason": "sorry"}, client, trouble)
        self.must(asked, "done" if left and part != "too much" else "payments.refund_too_large")

    @step(
        when=lambda self: self.orders(_can_be_canceled),
        which=WHICH,
        dry=st.booleans(),
        client=CLIENTS,
        trouble=TROUBLES,
    )
    def cancels(self, *, which: int, dry: bool, client: Client, trouble: Trouble):
        order = self.order(which, _can_be_canceled)
        assert order is not None
        if dry:
            self._ask(f"orders/{order.id}/cancel?dry_run=true", {}, Client.NO_KEY, None)
        asked = self._ask(f"orders/{order.id}/cancel", {"reason": "cannot be sent"}, client, trouble)
        self.must(asked, "done" if _can_be_canceled(order) else "orders.not_allowed_now")

    @step(when=lambda self: self.orders(_can_be_captured), which=WHICH, client=CLIENTS, trouble=TROUBLES)
    def captures(self, which: int, client: Client, trouble: Trouble):
        order = self.order(which, _can_be_captured)
        assert order is not None
        asked = self._ask(f"orders/{order.id}/capture", None, client, trouble)
        if not _can_be_captured(order):
            self.must(asked, "orders.not_allowed_now")
        else:
            can_be = self.intent(order)["status"] in {"requires_capture", "succeeded"}
            self.must(asked, "done" if can_be else "payments.provider_refused")

    @step(when=lambda self: self.orders(_can_be_sent), which=WHICH, part=PARTS, client=CLIENTS, trouble=TROUBLES)
    def dispatches(self, which: int, part: str, client: Client, trouble: Trouble):
        order = self.order(which, _can_be_sent)
        assert order is not None
        left = Counter[str]()
        for (ware, _), number in order.left().items():
            left[ware] += number
        sku = max(+left, default="MUG")
        units = {"all": None, "some": 1, "too much": left[sku] + 1}[part]
        body = None if units is None else {"lines": [{"sku": sku, "quantity": units}]}
        asked = self._ask(f"orders/{order.id}/fulfillments", body, client, trouble)
        if not _is_placed(order):
            self.must(asked, "orders.not_allowed_now")
        else:
            self.must(asked, "done" if +left and part != "too much" else "orders.nothing_to_dispatch")

    @step(when=lambda self: self.world.picture().reviews, client=CLIENTS, trouble=TROUBLES)
    def resolves_a_review(self, client: Client, trouble: Trouble):
        review = self.world.picture().reviews[-1]
        asked = self._ask(f"payment-reviews/{review['id']}/resolution", {"note": "done by hand"}, client, trouble)
        self.must(asked, "done" if review["state"] == "open" else "payments.review_already_resolved")

    @step(manual=st.booleans(), slow=st.booleans())
    def deploys(self, *, manual: bool, slow: bool):
        """Capture by hand or not, and take bank debits or not, from now on."""
        self._deployment.close()
        self._deployment.enter_context(
            self.world.with_settings(
                CAPTURE_METHOD="manual" if manual else "automatic", ALLOW_SLOW_PAYMENTS="true" if slow else "false"
            )
        )
