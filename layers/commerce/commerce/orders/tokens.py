"""Order tokens: who holds one may read that order. They are never stored."""

from commerce.adapters.ssm import signing_keys
from commerce.orders.model import Order

PURPOSE = "order-token"


def order_token(order: Order) -> str:
    """Return the token of an order; raising `token_epoch` makes all earlier ones void."""
    return signing_keys().sign(PURPOSE, f"{order.id}\n{order.token_epoch}")


def opens(order: Order, token: str) -> bool:
    """Tell whether the token is this order's."""
    return signing_keys().verifies(PURPOSE, f"{order.id}\n{order.token_epoch}", token)
