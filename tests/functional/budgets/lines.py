"""A purchase of so many lines, step by step, as the meter sees it."""

import json
from collections.abc import Mapping

from commerce.inventory import operations as inventory
from commerce.inventory.model import Bucket, Move, Reason
from commerce.kernel import clock
from commerce.kernel.call import system_call
from commerce.kernel.transactions import commit
from tests.cost.meter import Invocation
from tests.faults.machine.outside import queue_event
from tests.functional.budgets.shop import Shop
from tests.support.products import put_on_sale


def bought(shop: Shop, lines: int) -> Mapping[str, Invocation]:
    """Let a shopper buy so many articles; return what each step took."""
    cart_id = filled(shop, lines)
    path, web = f"/v1/carts/{cart_id}", shop.scene.web
    steps: dict[str, Invocation] = {}

    def step(name: str, function: str) -> None:
        steps[name] = shop.measured(function)
        shop.forget()

    shop.forget()
    cart = web.get(path).json()
    step("read the cart", "storefront/carts/get_cart")
    assert web.put(f"{path}/lines/{cart['lines'][0]['sku']}", json={"quantity": 2}).is_success
    step("change the cart", "storefront/carts/set_cart_line")
    cart = shop.scene.read_cart(cart_id)
    shop.forget()
    answer = shop.scene.check_out(cart)
    assert answer.is_success, answer.text
    checkout = answer.json()
    step("check out", "storefront/checkout/begin_checkout")
    shop.store.stripe.new_events()
    assert shop.scene.pay(checkout).is_success
    events = {event["type"]: event for event in shop.store.stripe.new_events()}
    steps["settle"] = shop.invoke(
        "payments/on_stripe_event", queue_event(json.dumps(events["payment_intent.succeeded"]))
    )
    shop.forget()
    assert shop.scene.order(checkout)["status"] == "placed"
    step("read the order", "storefront/orders/get_order")
    return steps


def filled(shop: Shop, lines: int) -> str:
    """Put so many articles on sale, all into a cart, and return its id."""
    skus = [f"LINE-{lines}-{number}" for number in range(lines)]
    put_on_sale(shop.store, skus=skus, title=f"Tee of {lines}")
    moves = [Move(sku=sku, location="main", source=None, target=Bucket.AVAILABLE, quantity=9) for sku in skus]
    call = system_call(worker="test", now=clock.now())
    commit(inventory.move(moves=moves, reason=Reason.RECEIVE, reference="", call=call))
    cart: dict[str, str] = shop.scene.cart(skus[0], email=f"lines-{lines}@example.com")
    shop.store.dynamodb.update_item(
        TableName="test-carts",
        Key={"pk": {"S": f"cart#{cart['id']}"}, "sk": {"S": "cart"}},
        UpdateExpression="SET #lines = :lines",
        ExpressionAttributeNames={"#lines": "lines"},
        ExpressionAttributeValues={":lines": {"S": json.dumps([[sku, 1] for sku in skus])}},
    )
    return cart["id"]
