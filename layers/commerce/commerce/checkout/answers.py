"""How an order is shown after a step: to its shopper, and to staff."""

from commerce.adapters.stripe_facts import IntentFacts
from commerce.checkout.schemas import CheckoutAnswer, PaymentInstructions
from commerce.checkout.state import OrderState
from commerce.kernel.config import settings
from commerce.orders.schemas import OrderView
from commerce.orders.tokens import order_token

AWAITS_SHOPPER = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def for_shopper(state: OrderState, facts: IntentFacts | None) -> CheckoutAnswer:
    """Return what a checkout answers; how to pay stands in it while the order can be paid."""
    return CheckoutAnswer(
        order=OrderView.of(state.order, state.details, state.fulfillments),
        order_token=order_token(state.order),
        payment=_instructions(state, facts),
        hold_expires_at=state.order.hold_expires_at,
    )


def _instructions(state: OrderState, facts: IntentFacts | None) -> PaymentInstructions | None:
    if facts is None or facts.client_secret is None or not state.order.is_open or facts.status not in AWAITS_SHOPPER:
        return None
    return PaymentInstructions(
        intent_id=facts.id,
        client_secret=facts.client_secret,
        publishable_key=settings().stripe_publishable_key,
    )
