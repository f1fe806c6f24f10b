"""The shop of most steps: mugs, one way to send them, and promotions with a limit of every kind.

The promotions are in every cart that is checked out, so that whatever happens to an order happens to what it used up.
"""

from typing import Any

from tests.faults.machine.world import World
from tests.support import shop

SENDING = 1300
OFF = {"sale": 300, "welcome": 200, "first": 300}
"""What each promotion takes off an order, in cents; together eight dollars."""

CODE = "ONCE"
SALE_USES, SALE_BUDGET = 8, 2400
"""Two uses in each part of the limits, and the money for them."""


def open_shop(world: World, *goods: str, stock: int = 10) -> None:
    """Open a shop whose promotions cost nothing but what they take off: all that is sold costs what it did."""
    shop.open_shop(world.store, *goods, stock=stock)
    method = {"title": "Standard", "prices": [usd(SENDING)]}
    offered = world.store.put("/v1/admin/shipping-methods/standard", method)
    assert offered.status == 200, offered.body
    promote(world, "sale", limits={"uses": SALE_USES, "budget": [usd(SALE_BUDGET)]})
    promote(world, "first", conditions=[{"kind": "first_order"}], limits={"uses_per_customer": 1})
    promote(world, "welcome", code=CODE)


def promote(world: World, promotion_id: str, *, code: str | None = None, **terms: Any) -> None:
    """Take something off all orders, or off those with a code, which works once."""
    action = {"kind": "amount_off_order", "off": [usd(OFF[promotion_id])]}
    trigger = "automatic" if code is None else "code"
    body = {"title": promotion_id.capitalize(), "status": "active", "trigger": trigger, "actions": [action], **terms}
    put = world.store.put(f"/v1/admin/promotions/{promotion_id}", body)
    assert put.status == 200, put.body
    if code is not None:
        made = world.store.post(f"/v1/admin/promotions/{promotion_id}/codes", {"code": code, "uses_at_most": 1})
        assert made.status == 201, made.body


def filled_cart(world: World, lines: dict[str, int] | None = None, *, code: str | None = None, **who: str) -> Any:
    """Return a cart that is ready for checkout, with a code or without."""
    cart = shop.filled_cart(world.store, lines, **who)
    if code is None:
        return cart
    added = world.store.post(f"/v1/carts/{cart['id']}/codes", {"code": code})
    assert added.status == 200, added.body
    return added.body


def usd(amount: int) -> dict[str, Any]:
    """Return an amount of money as requests name it."""
    return {"amount": amount, "currency": "USD"}
