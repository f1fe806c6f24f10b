"""Buy something from the running store, step by step, and check that each step did what it says.

    python -m local.demo.purchase

The exit code is 0 when all was as expected, 1 when something was not, and 2 when no store runs there.
"""

import argparse
import secrets
import sys
from decimal import Decimal
from typing import Any

from iso4217 import Currency

from local.demo.api import Refused
from local.demo.narration import Narrator, picked
from local.demo.seed import CONTROL_PORT, local_store
from local.demo.walk import Unexpected, Walk

LANTERN = "LANTERN-STORM-BRASS"
MUG = "MUG-ENAMEL-BLUE"
PRODUCT = "storm-lantern"
MOST_LANTERNS = 5
ALERT_AT = 5
ADDRESS = {
    "name": "Ada Keel",
    "line1": "7 Wharf Street",
    "city": "Portland",
    "region": "ME",
    "postal_code": "04101",
    "country": "US",
}


class Purchase:
    """The story. Each chapter goes on where the one before ended."""

    def __init__(self, walk: Walk, tell: Narrator) -> None:
        """Take a shopper of this run's own, so that runs do not share limits or inboxes."""
        self._walk = walk
        self._tell = tell
        self._email = f"ada.{secrets.token_hex(3)}@example.com"
        self._quantity = 1
        self._before: dict[str, Any] = {}

    def run(self) -> None:
        """Tell all of it.

        :raises Unexpected: at the first thing that is not as it should be.
        """
        self._look_around()
        self._look_at_the_stock()
        cart = self._fill_a_cart()
        bought = self._check_out(self._ready(cart))
        self._pay(bought)
        self._see_what_became_of_it(bought)
        self._want_more_than_there_is()
        declined = self._pay_with_a_declined_card()
        self._sum_up(bought, declined)

    def _look_around(self) -> None:
        self._tell.chapter("Look around")
        page = self._walk.shop("GET", "/v1/products?limit=3", show=_titles)
        self._walk.check(len(page["items"]) > 0, "the shop has products")
        product = self._walk.shop("GET", f"/v1/products/{PRODUCT}", show=_product)
        skus = [variant["sku"] for variant in product["variants"]]
        self._walk.check(LANTERN in skus, f"{product['title']} comes in {len(skus)} finishes")

    def _look_at_the_stock(self) -> None:
        self._tell.chapter("What the merchant sees: the stock before")
        level = self._level()
        threshold = level["low_stock_threshold"]
        low_at = ALERT_AT if threshold is None else threshold
        path = f"/v1/admin/stock/{LANTERN}"
        if level["available"] <= low_at:
            self._tell.say("It is low already: take in a few, so that this purchase makes it low again.")
            arrived = {"location": level["location"], "quantity": low_at + 1 - level["available"]}
            self._walk.staff("POST", f"{path}/receipts", arrived, show=_available)
            self._walk.drain()
            level = self._level()
        if threshold is None or level["available"] - low_at > MOST_LANTERNS:
            self._tell.say("Ask to be told as soon as the next one is sold.")
            low_at = level["available"] - 1
            threshold_path = f"{path}/levels/{level['location']}/low-stock-threshold"
            self._walk.staff("PUT", threshold_path, {"threshold": low_at}, show=_available)
        self._quantity = level["available"] - low_at
        self._before = level
        self._tell.fine(f"{level['available']} available; buying {self._quantity} brings it to the threshold, {low_at}")

    def _level(self) -> dict[str, Any]:
        stock = self._walk.staff("GET", f"/v1/admin/stock/{LANTERN}", show=_stock)
        return dict(stock["levels"][0])

    def _fill_a_cart(self) -> str:
        self._tell.chapter("Fill a cart")
        cart = self._walk.shop("POST", "/v1/carts", {"currency": "USD"}, status=201, show=_opened)
        path = f"/v1/carts/{cart['id']}"
        self._walk.shop("PUT", f"{path}/lines/{LANTERN}", {"quantity": self._quantity}, show=_cart)
        cart = self._walk.shop("PUT", f"{path}/lines/{MUG}", {"quantity": 2}, show=_cart)
        problems = [problem["code"] for problem in cart["problems"]]
        self._walk.check(len(cart["lines"]) == 2, f"two lines; the cart says what is missing: {', '.join(problems)}")  # noqa: PLR2004
        return str(path)

    def _ready(self, path: str) -> dict[str, Any]:
        """Say who buys and where it goes, and return the cart."""
        self._tell.chapter("Say who, where to, and how")
        self._walk.shop("PATCH", path, {"email": self._email, "shipping_address": ADDRESS}, show=_missing)
        offered = self._walk.shop("GET", f"{path}/shipping-methods", show=lambda body: body["items"])
        methods = [option["id"] for option in offered["items"]]
        self._walk.check("eu-parcel" not in methods, "the EU parcel shop is not offered to an address in Maine")
        cart = self._walk.shop("PATCH", path, {"shipping_method": "standard"}, show=_cart)
        self._walk.check(cart["problems"] == [], "nothing is missing any more")
        return cart

    def _check_out(self, cart: dict[str, Any]) -> dict[str, Any]:
        self._tell.chapter("Check out: prices are frozen, stock is held, Stripe is asked for a payment")
        answer = self._ordered(cart)
        order = answer["order"]
        self._walk.check(order["status"] == "pending", f"order {order['number']} waits for its payment")
        self._walk.check(order["totals"]["total"] == cart["totals"]["total"], "it costs what the cart said")
        return answer

    def _ordered(self, cart: dict[str, Any]) -> dict[str, Any]:
        agreed = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
        key = {"Idempotency-Key": f"demo-{secrets.token_hex(8)}"}
        path = f"/v1/carts/{cart['id']}/checkout"
        return self._walk.shop("POST", path, agreed, headers=key, status=201, show=_checkout)

    def _pay(self, bought: dict[str, Any]) -> None:
        self._tell.chapter("Pay, as the shopper's browser does with Stripe, and let the webhook arrive")
        paid = {"payment_intent": bought["payment"]["intent_id"], "payment_method": "pm_card_visa"}
        self._walk.control("POST", "/_local/stripe/pay", paid, show=_intent)
        self._tell.say("Stripe now sends a signed webhook; it and all that follows runs by itself. Wait for the end.")
        self._walk.drain(aloud=True)

    def _see_what_became_of_it(self, bought: dict[str, Any]) -> None:
        self._tell.chapter("What became of it")
        order = self._order_once(bought, status="placed")
        self._walk.check(order["payment_status"] == "paid", f"order {order['number']} is placed and paid")
        level = self._level()
        moved = self._before["available"] - level["available"]
        sold = level["sold"] - self._before["sold"]
        self._walk.check(moved == sold == self._quantity, f"{sold} moved from available to sold")
        self._walk.check(level["reserved"] == self._before["reserved"], "the hold is gone: it became a sale")

        self._tell.say("The local inbox: the shopper's confirmation, and the merchant's alert.")
        mails = self._walk.until(
            "/_local/emails",
            found=lambda mail: self._email in mail["to"] or LANTERN in f"{mail['subject']}{mail['text']}",
            show=_mail,
            enough=2,
        )
        numbered = any(order["number"] in f"{mail['subject']}{mail['text']}" for mail in mails)
        self._walk.check(numbered, f"the confirmation went to {self._email}")
        alerted = any(LANTERN in f"{mail['subject']}{mail['text']}" and self._email not in mail["to"] for mail in mails)
        self._walk.check(alerted, f"the merchant was told that {LANTERN} runs low")

        self._tell.say("The events that told everybody: they left with the changes, in the same transactions.")
        events = self._walk.until(
            "/_local/events",
            found=lambda entry: any(name in str(entry) for name in (order["id"], LANTERN)),
            show=_event,
            enough=3,
        )
        kinds = {_event(entry)["type"] for entry in events}
        for kind in ("orders.placed", "inventory.stock_low"):
            self._walk.check(kind in kinds, f"{kind} was announced")

    def _order_once(self, bought: dict[str, Any], *, status: str) -> dict[str, Any]:
        """Return the order when it has come to this status."""
        token = {"Order-Token": bought["order_token"]}
        path = f"/v1/orders/{bought['order']['id']}"
        return self._walk.once(path, headers=token, ready=lambda order: order["status"] == status, show=_order)

    def _want_more_than_there_is(self) -> None:
        self._tell.chapter("On purpose: want more than there is")
        left = self._level()["available"]
        cart = self._walk.shop("POST", "/v1/carts", {"currency": "USD"}, status=201, show=_opened)
        path = f"/v1/carts/{cart['id']}"
        self._walk.shop("PUT", f"{path}/lines/{LANTERN}", {"quantity": left + 1}, show=_cart)
        who = {"email": self._email, "shipping_address": ADDRESS, "shipping_method": "express"}
        cart = self._walk.shop("PATCH", path, who, show=_cart)
        agreed = {"expected_total": cart["totals"]["total"]}
        problem = self._walk.shop("POST", f"{path}/checkout", agreed, status=409, show=_problem)
        named = [fault["param"] for fault in problem["errors"]]
        self._walk.check(named == [f"lines.{LANTERN}.quantity"], "refused with 409, and the line is named")
        self._walk.check(self._level()["available"] == left, "no stock was taken")

    def _pay_with_a_declined_card(self) -> dict[str, Any]:
        self._tell.chapter("On purpose: a declined card, and a second try")
        cart = self._walk.shop("POST", "/v1/carts", {"currency": "USD"}, status=201, show=_opened)
        path = f"/v1/carts/{cart['id']}"
        self._walk.shop("PUT", f"{path}/lines/{MUG}", {"quantity": 1}, show=_cart)
        who = {"email": self._email, "shipping_address": ADDRESS, "shipping_method": "standard"}
        bought = self._ordered(self._walk.shop("PATCH", path, who, show=_cart))
        intent_id = bought["payment"]["intent_id"]
        declined = {"payment_intent": intent_id, "payment_method": "pm_card_chargeDeclined"}
        self._walk.control("POST", "/_local/stripe/pay", declined, status=402, show=_stripe_error)
        self._walk.drain()
        order = self._order_once(bought, status="pending")
        self._walk.check(order["payment_status"] == "pending", "the order waits on: its stock is held for a while")

        self._tell.say("After a reload, the shop asks for the same payment again.")
        resume = f"/v1/orders/{order['id']}/payment"
        again = self._walk.shop("POST", resume, headers={"Order-Token": bought["order_token"]}, show=_checkout)
        self._walk.check(again["payment"]["intent_id"] == intent_id, "it is the same payment: nobody pays twice")
        paid = {"payment_intent": intent_id, "payment_method": "pm_card_visa"}
        self._walk.control("POST", "/_local/stripe/pay", paid, show=_intent)
        self._walk.drain()
        order = self._order_once(bought, status="placed")
        self._walk.check(order["payment_status"] == "paid", f"order {order['number']} is paid at the second try")
        return bought

    def _sum_up(self, *orders: dict[str, Any]) -> None:
        self._tell.chapter("All as it should be")
        for bought in orders:
            order = bought["order"]
            self._tell.fine(f"order {order['number']}: {_price(order['totals']['total'])}, paid")
        self._tell.fine(f"{self._walk.checks} checks held, {self._walk.requests} requests were sent")


def _price(money: dict[str, Any]) -> str:
    places = Currency(money["currency"]).exponent or 0
    return f"{Decimal(money['amount']).scaleb(-places)} {money['currency']}"


def _titles(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [picked(product, "slug", "title") for product in body["items"]]


def _product(body: dict[str, Any]) -> dict[str, Any]:
    variants = [picked(variant, "sku", "title", "price", "available") for variant in body["variants"]]
    return picked(body, "id", "slug", "title") | {"variants": variants}


def _stock(body: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("location", "available", "reserved", "committed", "sold", "received", "low_stock_threshold")
    return [picked(level, *names) for level in body["levels"]]


def _available(body: dict[str, Any]) -> dict[str, Any]:
    return picked(body, "sku", "available")


def _cart(body: dict[str, Any]) -> dict[str, Any]:
    lines = [picked(line, "sku", "quantity", "total") for line in body["lines"]]
    totals = picked(body["totals"], "subtotal", "shipping", "total")
    return picked(body, "id") | {"lines": lines, "totals": totals, **_missing(body)}


def _opened(body: dict[str, Any]) -> dict[str, Any]:
    return picked(body, "id", "currency")


def _missing(body: dict[str, Any]) -> dict[str, Any]:
    return {"problems": [problem["message"] for problem in body["problems"]]}


def _order(body: dict[str, Any]) -> dict[str, Any]:
    total = body["totals"]["total"]
    return picked(body, "id", "number", "status", "payment_status", "fulfillment_status") | {"total": total}


def _checkout(body: dict[str, Any]) -> dict[str, Any]:
    return {"order": _order(body["order"]), **picked(body, "order_token", "payment", "hold_expires_at")}


def _intent(body: dict[str, Any]) -> dict[str, Any]:
    return picked(body, "id", "status", "amount", "currency")


def _stripe_error(body: dict[str, Any]) -> dict[str, Any]:
    return picked(body["error"], "type", "code", "decline_code", "message")


def _problem(body: dict[str, Any]) -> dict[str, Any]:
    return picked(body, "code", "detail", "errors", "retryable")


def _mail(mail: dict[str, Any]) -> dict[str, Any]:
    return picked(mail, "to", "subject") | {"text": " ".join(str(mail["text"]).split())[:160]}


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {"type": event["detail-type"], **picked(event["detail"], "aggregate", "sequence", "data")}


def main(arguments: list[str] | None = None) -> int:
    """Walk through the running store."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.purchase", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--control-port", type=int, default=CONTROL_PORT, help="the local store's control surface")
    parser.add_argument("--control-url", help="the same, as an address; it tells all the rest")
    parser.add_argument("--store-url", help="the store's address, when it is not the one that the local store tells")
    given = parser.parse_args(arguments)
    control_url = (given.control_url or f"http://127.0.0.1:{given.control_port}").removesuffix("/")
    control_url = control_url.removesuffix("/_local/info")
    tell = Narrator()
    try:
        info = local_store(control_url)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    store_url = given.store_url or info["store_url"]
    with Walk(store_url=store_url, control_url=control_url, staff_key=info["staff_key"], tell=tell) as walk:
        try:
            Purchase(walk, tell).run()
        except Unexpected as difference:
            tell.failed(str(difference))
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
