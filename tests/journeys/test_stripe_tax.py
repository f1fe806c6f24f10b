"""A shop whose taxes Stripe computes, on the real wires: its sales and refunds stand in Stripe's tax reports."""

from collections.abc import Iterator

import pytest

from local.running import running_store
from tests.journeys.shop import Shop
from tests.support.dynamodb_local import require_java

pytestmark = pytest.mark.java


@pytest.fixture
def taxed_shop() -> Iterator[Shop]:
    require_java()
    parameters = {"TaxProvider": "stripe_tax", "PricesIncludeTax": "false"}
    with running_store(parameters=parameters, options=["--patience=0"]) as running:
        shop = Shop(running)
        shop.set_up()
        shop.stripe("tax", rates={"US": [["state", "New Hampshire", "10"]]})
        yield shop
        shop.close()


def reported(shop: Shop) -> list[str]:
    """Return the references of what Stripe's tax reports hold."""
    entries = shop.control.get("/stripe/journal").json()["entries"]
    calls = [entry for entry in entries if entry["kind"] == "call" and "/tax/transactions/" in entry["path"]]
    made = {entry["objects"][0]: entry["params"]["reference"] for entry in calls}
    return list(made.values())


def test_a_sale_and_its_refund_stand_in_stripes_reports(taxed_shop: Shop) -> None:
    shop = taxed_shop
    checkout = shop.check_out(shop.cart(shop.new_product(stock=5, price=2000))).json()
    assert shop.pay(checkout).is_success
    shop.drain()
    order_id = checkout["order"]["id"]

    assert shop.order(checkout)["totals"]["tax"] == {"amount": 250, "currency": "USD"}
    assert reported(shop) == [order_id]

    refund = shop.staff.post(f"/orders/{order_id}/refunds", json={"reason": "a scratch"}).json()
    shop.drain()

    assert refund["tax"] == {"amount": 250, "currency": "USD"}
    assert reported(shop) == [order_id, f"{order_id}-{refund['refund']['id']}"]
