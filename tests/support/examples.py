"""One valid request to every operation of the OpenAPI document, with all that has to be there first.

    request = EXAMPLES["admin_refund_order"].prepared(scene)
    scene.send(operations()["admin_refund_order"], request, headers)

Each preparation makes a thing of its own, so that two requests to one operation differ in path or body. Tests that are
generated from the document fail by name when an operation has no example.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.scene import CANARY, Scene, Sending

SHOWN_ANEW = frozenset({"version", "updated_at", "timeline"})
"""What may differ between two answers to one request: a repeat shows the thing as it is by then."""


@dataclass(frozen=True, slots=True)
class Request(Sending):
    """A request to an operation whose thing is there.

    :param seen: reads what the request is about.
    :param then: what `seen` returns when the request has had its effect, once.
    """

    seen: Callable[[], object] = lambda: None
    then: object = None


@dataclass(frozen=True, slots=True)
class Example:
    """How to prepare a request, and in which store.

    :param capture: the store's setting that says when a card is charged.
    :param shown_anew: fields that may differ between the answers to one request, at any depth.
    """

    prepared: Callable[[Scene], Request]
    capture: str = "automatic"
    shown_anew: frozenset[str] = SHOWN_ANEW


EXAMPLES: dict[str, Example] = {}
"""The examples by operationId."""


def example(
    operation: str, *, capture: str = "automatic", shown_anew: tuple[str, ...] = ()
) -> Callable[[Callable[[Scene], Request]], Callable[[Scene], Request]]:
    """Make a function the example of an operation."""

    def register(prepared: Callable[[Scene], Request]) -> Callable[[Scene], Request]:
        EXAMPLES[operation] = Example(prepared, capture=capture, shown_anew=SHOWN_ANEW | set(shown_anew))
        return prepared

    return register


def version(thing: dict[str, Any]) -> dict[str, str]:
    """Return the header that names a thing's version."""
    return {"If-Match": f'"{thing["version"]}"'}


# ---- what shoppers do --------------------------------------------------------------------------------------


@example("create_cart")
def create_cart(scene: Scene) -> Request:
    return Request(body={"currency": "USD" if scene.number() % 2 else "EUR"})


@example("get_cart")
@example("list_shipping_options")
def get_cart(scene: Scene) -> Request:
    return Request(values={"cart_id": scene.ready_cart()["id"]})


@example("update_cart")
def update_cart(scene: Scene) -> Request:
    cart, email = scene.ready_cart(), f"{CANARY}-{scene.number()}@example.com"

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return changed["email"], changed["version"]

    then = (email, cart["version"] + 1)
    return Request(values={"cart_id": cart["id"]}, body={"email": email}, headers=version(cart), seen=seen, then=then)


@example("set_cart_line")
def set_cart_line(scene: Scene) -> Request:
    cart = scene.ready_cart()
    quantity = 2 + scene.number()

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return [line["quantity"] for line in changed["lines"]], changed["version"]

    return Request(
        values={"cart_id": cart["id"], "sku": scene.mug},
        body={"quantity": quantity},
        headers=version(cart),
        seen=seen,
        then=([quantity], cart["version"] + 1),
    )


@example("remove_cart_line")
def remove_cart_line(scene: Scene) -> Request:
    cart = scene.ready_cart()

    def seen() -> object:
        changed = scene.read_cart(cart["id"])
        return changed["lines"], changed["version"]

    values = {"cart_id": cart["id"], "sku": scene.mug}
    return Request(values=values, headers=version(cart), seen=seen, then=([], cart["version"] + 1))


@example("begin_checkout")
def begin_checkout(scene: Scene) -> Request:
    cart = scene.ready_cart()
    body = {"expected_total": cart["totals"]["total"], "pricing_hash": cart["pricing_hash"]}
    return Request(
        values={"cart_id": cart["id"]}, body=body, seen=lambda: scene.read_cart(cart["id"])["state"], then="locked"
    )


@example("leave_checkout")
def leave_checkout(scene: Scene) -> Request:
    checkout = scene.ordered(paid=False)
    cart_id = checkout["order"]["cart_id"]

    def seen() -> object:
        intent = scene.intent(checkout)
        return scene.read_cart(cart_id)["state"], scene.order(checkout)["status"], intent["status"]

    return Request(values={"cart_id": cart_id}, seen=seen, then=("open", "canceled", "canceled"))


@example("get_order")
@example("resume_payment")
def resume_payment(scene: Scene) -> Request:
    checkout = scene.ordered(paid=False)
    return Request(
        values={"order_id": checkout["order"]["id"]},
        headers={"Order-Token": checkout["order_token"]},
        seen=lambda: scene.order(checkout)["status"],
        then="pending",
    )


@example("list_products")
@example("list_categories")
def list_products(_: Scene) -> Request:
    return Request()


@example("get_product")
def get_product(scene: Scene) -> Request:
    return Request(values={"slug_or_id": f"mug-{scene.mug.lower()}"})


@example("list_category_products")
def list_category_products(scene: Scene) -> Request:
    return Request(values={"slug": scene.new_category()["slug"]})


@example("receive_stripe")
def receive_stripe(scene: Scene) -> Request:
    scene.stripe("webhooks", drop_types=["payment_intent.succeeded"])
    checkout = scene.ordered(paid=True)
    scene.stripe("webhooks", drop_types=[])
    payload = scene.event(scene.intent(checkout), "payment_intent.succeeded")

    def seen() -> object:
        types = [entry["type"] for entry in scene.staff_order(checkout)["timeline"]]
        return types.count("orders.placed"), scene.order(checkout)["payment_status"]

    return Request(raw=payload, headers=scene.signed(payload), seen=seen, then=(1, "paid"))


# ---- what staff do with orders and money -------------------------------------------------------------------


@example("admin_list_orders")
@example("admin_list_reviews")
def list_orders(scene: Scene) -> Request:
    scene.open_review()
    return Request()


@example("admin_get_order")
def admin_get_order(scene: Scene) -> Request:
    return Request(values={"order_id": scene.ordered(paid=True)["order"]["id"]})


@example("admin_refund_order", shown_anew=("order",))
def refund_order(scene: Scene) -> Request:
    checkout, amount = scene.ordered(paid=True), 100 + scene.number()

    def seen() -> object:
        payment = scene.staff_order(checkout)["payment"]
        at_stripe = [refund["amount"] for refund in scene.refunds_at_stripe(checkout)]
        return payment["refunded"]["amount"], payment["refund_pending"]["amount"], at_stripe

    return Request(
        values={"order_id": checkout["order"]["id"]},
        body={"amount": {"amount": amount, "currency": "USD"}, "reason": "scratched"},
        headers=version(scene.staff_order(checkout)),
        seen=seen,
        then=(amount, 0, [amount]),
    )


@example("admin_cancel_order", shown_anew=("payment", "payment_status", "refunds", "refund"))
def cancel_order(scene: Scene) -> Request:
    checkout = scene.ordered(paid=True)

    def seen() -> object:
        order = scene.staff_order(checkout)
        at_stripe = [refund["amount"] for refund in scene.refunds_at_stripe(checkout)]
        return order["status"], order["payment_status"], at_stripe

    return Request(
        values={"order_id": checkout["order"]["id"]},
        body={"reason": f"cannot deliver {scene.number()}"},
        headers=version(scene.staff_order(checkout)),
        seen=seen,
        then=("canceled", "refunded", [checkout["order"]["totals"]["due"]["amount"]]),
    )


@example("admin_capture_order", capture="manual", shown_anew=("fee",))
def capture_order(scene: Scene) -> Request:
    checkout = scene.ordered(paid=True)
    due = checkout["order"]["totals"]["due"]["amount"]

    def seen() -> object:
        payment = scene.staff_order(checkout)["payment"]
        return payment["authorized"]["amount"], payment["captured"]["amount"], scene.intent(checkout)["amount_received"]

    return Request(
        values={"order_id": checkout["order"]["id"]},
        headers=version(scene.staff_order(checkout)),
        seen=seen,
        then=(0, due, due),
    )


@example("admin_dispatch_order")
def dispatch_order(scene: Scene) -> Request:
    checkout = scene.ordered(paid=True, quantity=3)

    def seen() -> object:
        order = scene.staff_order(checkout)
        return [parcel["lines"][0]["quantity"] for parcel in order["fulfillments"]], order["fulfillment_status"]

    return Request(
        values={"order_id": checkout["order"]["id"]},
        body={"lines": [{"sku": scene.mug, "quantity": 1}], "tracking_number": f"T{scene.number()}"},
        headers=version(scene.staff_order(checkout)),
        seen=seen,
        then=([1], "partial"),
    )


@example("admin_resolve_review")
def resolve_review(scene: Scene) -> Request:
    review, note = scene.open_review(), f"sent back by hand, {scene.number()}"

    def seen() -> object:
        left = scene.listed("/payment-reviews?limit=100", id=review["id"])
        resolved = scene.listed("/payment-reviews?limit=100&state=resolved", id=review["id"])
        order = scene.staff_get(f"/orders/{review['order_id']}")
        return left, [each["note"] for each in resolved], order["payment"]["reviews_open"]

    return Request(values={"review_id": review["id"]}, body={"note": note}, seen=seen, then=([], [note], 0))


# ---- what staff do with goods ------------------------------------------------------------------------------


@example("admin_list_categories")
@example("admin_list_products")
@example("admin_list_shipping_methods")
@example("admin_list_staff_keys")
def list_all(_: Scene) -> Request:
    return Request()


@example("admin_create_category")
def create_category(scene: Scene) -> Request:
    slug = f"shelf-{scene.number()}"
    return Request(
        body={"title": "Shelf", "slug": slug}, seen=lambda: len(scene.listed("/categories", slug=slug)), then=1
    )


@example("admin_update_category")
def update_category(scene: Scene) -> Request:
    category, title = scene.new_category(), f"Renamed {scene.number()}"

    def seen() -> object:
        [found] = scene.listed("/categories", id=category["id"])
        return found["title"], found["version"]

    values, body = {"category_id": category["id"]}, {"title": title}
    return Request(values=values, body=body, headers=version(category), seen=seen, then=(title, 2))


@example("admin_create_product")
def create_product(scene: Scene) -> Request:
    body = scene.draft()
    return Request(body=body, seen=lambda: len(scene.listed("/products?limit=100", slug=body["slug"])), then=1)


@example("admin_get_product")
def admin_get_product(scene: Scene) -> Request:
    return Request(values={"product_id": scene.new_draft()["id"]})


@example("admin_update_product")
def update_product(scene: Scene) -> Request:
    product, title = scene.new_draft(), f"{CANARY} {scene.number()}"

    def seen() -> object:
        found = scene.staff_get(f"/products/{product['id']}")
        return found["title"], found["version"]

    values, body = {"product_id": product["id"]}, {"title": title}
    return Request(values=values, body=body, headers=version(product), seen=seen, then=(title, 2))


def stocked(scene: Scene, **body: Any) -> Request:
    """Return a change of a fresh SKU's stock of ten that ends in fifteen."""
    sku = scene.new_product(stock=10)

    def seen() -> object:
        level = scene.level(sku)
        return level["available"], level["received"], len(scene.staff_get(f"/stock/{sku}/movements")["items"])

    return Request(values={"sku": sku}, body=body, seen=seen, then=(15, 15, 2))


@example("admin_get_stock")
@example("admin_list_movements")
def get_stock(scene: Scene) -> Request:
    return Request(values={"sku": scene.mug})


@example("admin_adjust_stock")
def adjust_stock(scene: Scene) -> Request:
    return stocked(scene, location="main", delta=5, reason=f"counted {scene.number()}", expected_available=10)


@example("admin_receive_stock")
def receive_stock(scene: Scene) -> Request:
    return stocked(scene, location="main", quantity=5, reference=f"delivery {scene.number()}")


@example("admin_set_stock")
def set_stock(scene: Scene) -> Request:
    change = stocked(scene, available=15, expected_available=10, reason=f"counted {scene.number()}")
    values = {**change.values, "location": "main"}
    return Request(values=values, body=change.body, seen=change.seen, then=change.then)


@example("admin_set_low_stock_threshold")
def set_low_stock_threshold(scene: Scene) -> Request:
    sku, threshold = scene.new_product(stock=10_000), scene.number()
    return Request(
        values={"sku": sku, "location": "main"},
        body={"threshold": threshold},
        seen=lambda: scene.level(sku)["low_stock_threshold"],
        then=threshold,
    )


@example("admin_split_stock")
def split_stock(scene: Scene) -> Request:
    sku = scene.new_product(stock=10)

    def seen() -> object:
        level = scene.level(sku)
        return level["shards"], level["available"]

    return Request(values={"sku": sku}, body={"shards": 2, "expected_shards": 1}, seen=seen, then=(2, 10))


# ---- what staff do with the shop itself --------------------------------------------------------------------


@example("admin_create_staff_key", shown_anew=("token", "notice"))
def create_staff_key(scene: Scene) -> Request:
    name = f"Laptop {scene.number()}"
    return Request(
        body={"name": name, "scopes": ["staff:write"]},
        seen=lambda: len(scene.listed("/staff-keys?limit=100", name=name)),
        then=1,
    )


@example("admin_revoke_staff_key")
def revoke_staff_key(scene: Scene) -> Request:
    key = scene.staff_key("catalog:read")

    def seen() -> object:
        [found] = scene.listed("/staff-keys?limit=100", id=key["id"])
        return found["status"], found["version"]

    return Request(values={"key_id": key["id"]}, headers=version(key), seen=seen, then=("revoked", 2))


# Files of examples by domain, which register themselves. They need what stands above.
from tests.support import (  # noqa: E402, F401
    examples_of_gift_cards,
    examples_of_taxes,
    invoice_examples,
    location_examples,
    price_examples,
    promotion_examples,
    shipping_examples,
)
