"""What shoppers may do next: fill carts, order them, pay, change their minds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from commerce.kernel import clock
from tests.faults.machine.cases import Client
from tests.faults.machine.picture import Document
from tests.faults.machine.wire import Outgoing
from tests.faults.random_runs.notebook import KnownOrder
from tests.faults.random_runs.people import CLIENTS, TROUBLES, Asked, Trouble
from tests.faults.random_runs.program import step
from tests.faults.random_runs.run import WHICH, Run, picked
from tests.faults.random_runs.staff import SKUS
from tests.support.shop import ADDRESS

EMAILS = st.sampled_from(["ada@example.com", "Ada@Example.com ", "bob@example.com"])
"""Few people, so that their limits are reached; Ada writes her address as she likes."""

CURRENCIES = st.sampled_from(["USD", "USD", "JPY"])
QUANTITIES = st.integers(0, 3)
CODES = st.sampled_from([None, "FEW", "ONCE"])
CARDS = st.sampled_from([None, None, 0, 1, 2])
UNUSABLE = ("carts.gift_card_empty", "carts.gift_card_wrong_currency", "carts.gift_card_not_yours")
LINES = st.dictionaries(SKUS, st.integers(1, 3), min_size=1, max_size=2)
GOOD, DECLINED, CHALLENGED = "pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"
SLOW, SLOW_AND_REFUSED = "pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"
DISPUTED, SLOWLY_REFUNDED, REFUND_FAILS = "pm_card_createDispute", "pm_card_pendingRefund", "pm_card_refundFail"
RARE = (DECLINED, SLOW_AND_REFUSED, DISPUTED, SLOWLY_REFUNDED, REFUND_FAILS)
METHODS = st.sampled_from([GOOD, GOOD, GOOD, CHALLENGED, CHALLENGED, SLOW, SLOW, *RARE])
PASSES = st.sampled_from([True, True, False])


@dataclass(frozen=True, slots=True)
class Purchase:
    """One shopper's way from an empty cart to a payment."""

    email: str
    currency: str
    lines: Mapping[str, int]
    method: str
    passes: bool
    arrives: bool
    code: str | None
    card: int | None = None


PURCHASES = st.builds(
    Purchase,
    email=EMAILS,
    currency=CURRENCIES,
    lines=LINES,
    method=METHODS,
    passes=PASSES,
    arrives=st.booleans(),
    code=CODES,
    card=CARDS,
)
MOST_OPEN, MOST_HELD_SECONDS, SHORTEST_HOLD_SECONDS = 3, 3600, 60


class Shoppers(Run):
    """Whoever has a browser."""

    # ---- carts ----------------------------------------------------------------------------------------------

    @step(email=EMAILS, currency=CURRENCIES, lines=LINES, code=CODES, card=CARDS, trouble=TROUBLES)
    def fills_a_cart(
        self,
        email: str,
        currency: str,
        lines: Mapping[str, int],
        trouble: Trouble,
        *,
        code: str | None = None,
        card: int | None = None,
    ):
        asked = self.people.ask("POST", "/v1/carts", {"currency": currency}, trouble=trouble)
        self.must(asked, "done")
        if asked.body is None:
            return
        cart_id = asked.body["id"]
        self.carts.append(cart_id)
        for sku, quantity in lines.items():
            self._sets_a_line(cart_id, sku, quantity)
        change = {"email": email, "shipping_address": ADDRESS, "shipping_method": "standard"}
        self.must(self.people.ask("PATCH", f"/v1/carts/{cart_id}", change), "done")
        if code is not None:
            self.must(self.people.ask("POST", f"/v1/carts/{cart_id}/codes", {"code": code}), "done")
        if card is not None:
            self._adds_a_card(cart_id, card, client=Client.SAME_KEY, trouble=None)

    @step(when=lambda self: self.carts, which=WHICH, card=st.integers(0, 2), client=CLIENTS, trouble=TROUBLES)
    def adds_a_gift_card(self, which: int, card: int, client: Client, trouble: Trouble):
        self._adds_a_card(self._cart(which, "open"), card, client=client, trouble=trouble)

    def _adds_a_card(self, cart_id: str, card: int, *, client: Client, trouble: Trouble) -> None:
        ending = self._ending_of_a_change(cart_id)
        path, body = f"/v1/carts/{cart_id}/gift-cards", {"code": self.cards[card]}
        asked = self.people.ask("POST", path, body, client=client, trouble=trouble)
        self.must(asked, *[ending, *UNUSABLE] if ending == "done" else [ending])

    @step(when=lambda self: self.carts, which=WHICH, sku=SKUS, quantity=QUANTITIES, client=CLIENTS, trouble=TROUBLES)
    def changes_a_line(self, which: int, sku: str, quantity: int, client: Client, trouble: Trouble):
        cart_id = self._cart(which, "open")
        self._sets_a_line(cart_id, sku, quantity, client=client, trouble=trouble)

    @step(when=lambda self: self.carts, which=WHICH, change=st.sampled_from(
        [{"email": "eve@example.com"}, {"email": None}, {"currency": "JPY"}, {"currency": "USD"},
         {"shipping_address": None}, {"shipping_method": None}, {"shipping_method": "standard"}]
    ), client=CLIENTS, trouble=TROUBLES)  # fmt: skip
    def changes_a_cart(self, which: int, change: dict[str, Any], client: Client, trouble: Trouble):
        cart_id = self._cart(which, "open")
        ending = self._ending_of_a_change(cart_id)
        self.must(self.people.ask("PATCH", f"/v1/carts/{cart_id}", change, client=client, trouble=trouble), ending)

    def _sets_a_line(
        self, cart_id: str, sku: str, quantity: int, *, client: Client = Client.SAME_KEY, trouble: Trouble = None
    ) -> None:
        ending = self._ending_of_a_change(cart_id)
        path = f"/v1/carts/{cart_id}/lines/{sku}"
        asked = self.people.ask("PUT", path, {"quantity": quantity}, client=client, trouble=trouble)
        self.must(asked, ending)
        if asked.was_plain and asked.body is not None:
            found = [line["quantity"] for line in asked.body["lines"] if line["sku"] == sku]
            assert found == [quantity] * bool(quantity), f"{quantity} of {sku} were wanted, and the cart has {found}"

    def _ending_of_a_change(self, cart_id: str) -> str:
        cart = self._stored(cart_id)
        if cart is None:
            return "carts.not_found"
        return {"open": "done", "locked": "carts.locked", "ordered": "carts.ordered"}[cart["state"]]

    def _cart(self, which: int, *states: str) -> str:
        stored = {cart_id: self._stored(cart_id) for cart_id in self.carts}
        fitting = [cart_id for cart_id, cart in stored.items() if cart is not None and cart["state"] in states]
        cart_id = picked(which, fitting, [cart_id for cart_id in self.carts if cart_id not in fitting])
        assert cart_id is not None
        return cart_id

    def _stored(self, cart_id: str) -> Document | None:
        """Return a cart as it is stored; None when it is over."""
        cart = self.world.picture().carts.get(cart_id)
        is_over = cart is None or (cart["state"] != "locked" and cart["expires_at"] <= clock.text(self.world.now))
        return None if is_over else cart

    # ---- checkout -------------------------------------------------------------------------------------------

    @step(when=lambda self: self.carts, which=WHICH, off=st.sampled_from([0, 0, 1]), by_hash=st.booleans(),
          at_once=st.booleans(), client=CLIENTS, trouble=TROUBLES)  # fmt: skip
    def checks_out(self, *, which: int, off: int, by_hash: bool, at_once: bool, client: Client, trouble: Trouble):
        """Order a cart for the total that it shows, or for `off` more; `at_once`: pay before the shop answers."""
        cart_id = self._cart(which, "open")
        if self._stored(cart_id) is None:
            self.must(self.people.ask("GET", f"/v1/carts/{cart_id}"), "carts.not_found")
            return
        cart = self.people.look(f"/v1/carts/{cart_id}")
        self._check_price(cart)
        total = cart["totals"]["total"]
        body: dict[str, Any] = {"expected_total": {**total, "amount": total["amount"] + off}}
        if cart["gift_cards"]:
            body["expected_due"] = cart["totals"]["due"]
        if by_hash:
            body["pricing_hash"] = cart["pricing_hash"]
        ending = self._ending_of_a_checkout(cart, body["expected_total"])
        if at_once:
            self.world.during_stripe = self._pays_at_once
        asked = self.people.ask("POST", f"/v1/carts/{cart_id}/checkout", body, client=client, trouble=trouble)
        self.world.during_stripe = None
        self.must(asked, ending)
        self._count_refusal(asked)

    def _check_price(self, cart: Mapping[str, Any]) -> None:
        """Compare the price of an open cart with the list on the wall."""
        if cart["state"] != "open":
            return
        is_sent = cart["requires_shipping"] and cart["shipping_method"] is not None
        applied = [tried["promotion_id"] for tried in cart["promotions"] if tried["applied"]]
        total = self.notebook.total(cart["lines"], currency=cart["currency"], is_sent=is_sent, promotions=applied)
        shown = cart["totals"]["total"]["amount"]
        assert shown == total, f"the cart says {shown}, and its lines cost {total}: {cart['lines']}"

    def _ending_of_a_checkout(self, cart: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
        if cart["state"] != "open":
            known = self.world.picture().orders[cart["order_id"]]
            return "done" if known.header["totals"]["total"] == expected else "checkout.price_changed"
        blocking = {problem["code"] for problem in cart["problems"] if problem["blocking"]}
        if "carts.insufficient_stock" in blocking:
            return "inventory.insufficient_stock"
        if blocking:
            return "checkout.cart_not_ready"
        if expected != cart["totals"]["total"]:
            return "checkout.price_changed"
        if cart["totals"]["due"]["amount"] == 0:
            return "done"
        stored = self._stored(cart["id"])
        assert stored is not None
        if stored["hold_used_seconds"] > MOST_HELD_SECONDS - SHORTEST_HOLD_SECONDS:
            return "checkout.hold_used_up"
        email = cart["email"].casefold()
        mine = self.orders(lambda order: order.status == "pending" and order.header["email"].casefold() == email)
        return "checkout.too_many_open" if len(mine) >= MOST_OPEN else "done"

    def _count_refusal(self, asked: Asked) -> None:
        refusals = {
            "checkout.price_changed": "refused for its price",
            "inventory.insufficient_stock": "refused for stock",
            "checkout.too_many_open": "refused for too many open checkouts",
            "checkout.hold_used_up": "hold of a cart used up",
        }
        self.reached.count(refusals.get(asked.came_to, ""), asked.came_to in refusals)

    def _pays_at_once(self, _: Outgoing) -> None:
        intent_id = next(reversed(self.world.stripe.table("payment_intent")), None)
        if intent_id is not None:
            self.world.pay(intent_id)
            self.world.drain()

    @step(
        when=lambda self: any(cart["state"] == "locked" for cart in self.world.picture().carts.values()),
        which=WHICH,
        client=CLIENTS,
        trouble=TROUBLES,
    )
    def leaves_the_checkout(self, which: int, client: Client, trouble: Trouble):
        cart_id = self._cart(which, "locked")
        ending = self._ending_of_leaving(cart_id)
        asked = self.people.ask("DELETE", f"/v1/carts/{cart_id}/checkout", client=client, trouble=trouble)
        self.must(asked, *ending)

    def _ending_of_leaving(self, cart_id: str) -> tuple[str, ...]:
        cart = self._stored(cart_id)
        if cart is None or cart["state"] == "open":
            return ("carts.not_found",) if cart is None else ("checkout.not_open",)
        order = self.world.picture().orders[cart["order_id"]]
        if cart["state"] == "ordered":
            return ("checkout.already_paid",)
        if order.header["cancel_request"]:
            return "done", "checkout.payment_under_way"
        if order.payment["processing"]:
            return ("checkout.payment_under_way",)
        intent = self.intent(order)
        if intent.get("id") in self.cancelable:
            return "done", "checkout.already_paid"
        endings = {"succeeded": "checkout.already_paid", "processing": "checkout.payment_under_way"}
        return (endings.get(intent.get("status", ""), "done"),)

    # ---- payment --------------------------------------------------------------------------------------------

    @step(when=lambda self: self._tokens(), which=WHICH, client=CLIENTS, trouble=TROUBLES)
    def asks_how_to_pay(self, which: int, client: Client, trouble: Trouble):
        known = self._told(which, "pending")
        order = self.world.picture().orders[known.id]
        is_over = order.header["hold_expires_at"] <= clock.text(self.world.now)
        can_pay = order.status == "placed" or (order.status == "pending" and not is_over)
        path, headers = f"/v1/orders/{known.id}/payment", {"Order-Token": known.token or ""}
        asked = self.people.ask("POST", path, client=client, trouble=trouble, headers=headers)
        self.must(asked, "done" if can_pay else "checkout.not_payable")

    @step(when=lambda self: self._tokens(), which=WHICH, method=METHODS, passes=PASSES)
    def pays(self, *, which: int, method: str, passes: bool):
        """Pay in the browser, whatever the shop thinks of the order by now."""
        known = self._told(which, "pending")
        self.people.look(f"/v1/orders/{known.id}", headers={"Order-Token": known.token or ""})
        self._pays(known, method, passes=passes)

    def _pays(self, known: KnownOrder, method: str, *, passes: bool) -> None:
        """Pay, and pass or fail the bank's challenge if there is one."""
        intent_id = self.world.picture().orders[known.id].payment["intent_id"]
        if intent_id is None:
            return
        self.world.pay(intent_id, method)
        if self.world.stripe.table("payment_intent")[intent_id]["status"] == "requires_action":
            self.world.at_stripe("authenticate", payment_intent=intent_id, success=passes)
            self.reached.count("payment authenticated", passes)

    @step(purchase=PURCHASES, trouble=TROUBLES)
    def buys(self, purchase: Purchase, trouble: Trouble):
        """Go all the way from a new cart to a payment; the webhooks come now or later."""
        self.fills_a_cart(
            purchase.email, purchase.currency, purchase.lines, None, code=purchase.code, card=purchase.card
        )
        self._orders_the_newest_cart(trouble)
        known = next((order for order in self._tokens() if order.cart_id == self.carts[-1]), None)
        if known is not None:
            self._pays(known, purchase.method, passes=purchase.passes)
        if purchase.arrives:
            self.world.drain()

    @step(when=lambda self: self.is_first("looks only"), email=EMAILS, trouble=TROUBLES)
    def looks_only(self, email: str, trouble: Trouble):
        """Begin one checkout after the other, and pay none; the shop does not let anybody have many."""
        self.was_first("looks only")
        for _ in range(MOST_OPEN + 1):
            self.fills_a_cart(email, "USD", {"MAP": 1}, None)
            self._orders_the_newest_cart(trouble)

    @step(when=lambda self: self.is_first("cannot decide"), trouble=TROUBLES)
    def cannot_decide(self, trouble: Trouble):
        """Go to the checkout and back to the cart; the shop lets nobody hold its stock for ever."""
        self.was_first("cannot decide")
        self.fills_a_cart("eve@example.com", "JPY", {"MAP": 1}, None)
        for _ in range(2):
            self._orders_the_newest_cart(None)
            self.leaves_the_checkout(0, Client.SAME_KEY, trouble)
        self._orders_the_newest_cart(None)

    def _orders_the_newest_cart(self, trouble: Trouble) -> None:
        self.checks_out(which=0, off=0, by_hash=True, at_once=False, client=Client.SAME_KEY, trouble=trouble)

    def _tokens(self) -> list[KnownOrder]:
        return [known for known in self.notebook.orders.values() if known.token is not None]

    def _told(self, which: int, status: str) -> KnownOrder:
        orders = self.world.picture().orders
        fitting = [known for known in self._tokens() if orders[known.id].status == status]
        known = picked(which, fitting, [known for known in self._tokens() if known not in fitting])
        assert known is not None
        return known
